"""Candidates → the visitors of all rules, each statement parsed and walked once.

A visitor of LibCST's own that only looks still makes every node again, and ten of them ten times:
one dispatch table for all rules, and a plain walk, take a fraction of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from modlint.analysis.module import CodeUnit, DefinitionNode, Module, Statement
from modlint.rules.base import FAILURES, StatementRule

if TYPE_CHECKING:
    import libcst as cst

    from modlint.analysis.syntax import Candidate
    from modlint.linting.asking import Turn

_Method = tuple["Turn", StatementRule, Callable[[Any], object]]


def visit(module: Module, unit: CodeUnit, turns: Sequence[Turn], *, everywhere: bool) -> None:
    """Let the rules of ``turns`` visit the statements of a cell that they want to see."""
    wanted: dict[Statement | DefinitionNode, list[tuple[Turn, StatementRule]]] = {}
    for turn in turns:
        rule = turn.rule
        if turn.is_over or not isinstance(rule, StatementRule):
            continue
        rule.module, rule.unit = module, unit
        try:
            for statement in unit.block if everywhere else rule.candidates(module, unit):
                wanted.setdefault(statement, []).append((turn, rule))
        except FAILURES as error:
            turn.fail(error, unit.index)
    if not wanted:
        return
    from modlint.analysis.syntax import Candidate  # and with it LibCST

    for what, rules in wanted.items():
        try:
            candidate = Candidate(unit, what)
        except (ValueError, RecursionError) as error:  # that LibCST cannot read what Python can
            for turn, _ in rules:
                turn.note(error, unit.index)
            continue
        _walk(candidate, rules)
    for turn, rule in dict.fromkeys(pair for pairs in wanted.values() for pair in pairs):
        try:
            if not turn.is_over:
                rule.leave_cell()
        except FAILURES as error:
            turn.fail(error, unit.index)


def _walk(candidate: Candidate, rules: list[tuple[Turn, StatementRule]]) -> None:
    """Enter and leave each node of a candidate, in the order of the text, for all rules."""
    from modlint.analysis.syntax import parts_of

    enter: dict[str, list[_Method]] = {}
    leave: dict[str, list[_Method]] = {}
    for turn, rule in rules:
        rule.candidate = candidate
        for table, prefix in ((enter, "visit_"), (leave, "leave_")):
            for kind in _kinds(type(rule), prefix):
                table.setdefault(kind, []).append((turn, rule, getattr(rule, prefix + kind)))
    #: The rules that want to see nothing of what is inside a node, until it is left.
    away: dict[StatementRule, cst.CSTNode] = {}
    pending: list[tuple[cst.CSTNode, bool]] = [(candidate.root, False)]
    while pending:
        node, is_left = pending.pop()
        kind = node.__class__.__name__
        if is_left:
            for rule in [rule for rule, top in away.items() if top is node]:
                del away[rule]
            _call(leave.get(kind, ()), away, node)
            continue
        left_out = _call(enter.get(kind, ()), away, node)
        away |= dict.fromkeys(left_out, node)
        if left_out or kind in leave:
            pending.append((node, True))
        if len(away) < len(rules):
            pending += [(part, False) for part in parts_of(node)]


def _call(
    methods: Sequence[_Method], away: dict[StatementRule, cst.CSTNode], node: cst.CSTNode
) -> list[StatementRule]:
    """Call the methods with a node; the rules that want to see nothing of what is inside."""
    left_out = []
    for turn, rule, method in methods:
        if rule in away or turn.is_over:
            continue
        try:
            if method(node) is False:
                left_out.append(rule)
        except FAILURES as error:
            turn.fail(error, rule.unit.index)
    return left_out


@cache
def _kinds(rule: type[StatementRule], prefix: str) -> tuple[str, ...]:
    """The classes of nodes for which a rule has methods that begin with ``prefix``."""
    return tuple(name.removeprefix(prefix) for name in dir(rule) if name.startswith(prefix))
