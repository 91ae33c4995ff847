"""The walk over a module: every rule is asked about each cell, each statement, and the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from modlint.analysis.depth import has_room
from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic
from modlint.linting.visiting import visit
from modlint.rules.base import FAILURES, CellRule, ModuleRule, Rule, StatementRule


@dataclass(slots=True, eq=False)
class Turn:
    """The part of one rule in the walk; a rule that failed has found nothing, and is not asked."""

    rule: Rule
    module: Module
    found: list[Diagnostic] = field(default_factory=list)
    is_over: bool = False

    def fail(self, error: BaseException, cell: int | None) -> None:
        """Note that the rule failed in ``cell``, and ask it no more."""
        self.note(error, cell)
        self.found, self.is_over = [], True

    def note(self, error: BaseException, cell: int | None) -> None:
        """Note what stood in the rule's way; a lack of room on the stack is not its fault."""
        if isinstance(error, RecursionError | MemoryError) and not (self.rule.folder or has_room()):
            raise error
        from modlint.rules.failing import fault_of

        self.module.faults.append(fault_of(self.rule, self.module, error, cell))


def found_by(
    rules: Iterable[Rule], module: Module, *, everywhere: bool = False
) -> list[Diagnostic]:
    """What ``rules`` find in ``module``, in one walk over it: cell by cell, then the whole.

    A rule that fails finds nothing: ``module.faults`` has why, and the others go on.
    ``everywhere``: statement rules visit all statements, and not only their candidates.
    """
    turns = [_turn_of(rule, module) for rule in rules]
    of_cells = [
        (turn, turn.rule)
        for turn in turns
        if isinstance(turn.rule, CellRule) and type(turn.rule).check_cell is not CellRule.check_cell
    ]
    of_code = [
        (turn, turn.rule)
        for turn in turns
        if isinstance(turn.rule, CellRule) and type(turn.rule).check_code is not CellRule.check_code
    ]
    for index, cell in enumerate(module.file.cells):
        for turn, rule in of_cells:
            try:
                turn.found += () if turn.is_over else rule.check_cell(module, index, cell)
            except FAILURES as error:
                turn.fail(error, index)
    visiting = [turn for turn in turns if isinstance(turn.rule, StatementRule)]
    for unit in module.parsed_units:
        for turn, rule in of_code:
            try:
                turn.found += () if turn.is_over else rule.check_code(module, unit)
            except FAILURES as error:
                turn.fail(error, unit.index)
        if visiting:
            visit(module, unit, visiting, everywhere=everywhere)
    for turn in turns:
        _end(turn)
    return [diagnostic for turn in turns for diagnostic in turn.found]


def _turn_of(rule: Rule, module: Module) -> Turn:
    """The turn of a rule, which for a visitor begins with an instance for this module alone."""
    turn = Turn(rule, module)
    if isinstance(rule, StatementRule):
        try:
            turn.rule = own = type(rule)()
            own.found = []  # whether or not its class asks the base to do that
        except FAILURES as error:
            turn.fail(error, None)
    return turn


def _end(turn: Turn) -> None:
    """Ask a rule about the whole, and hold what a course's own rule has found to its contract."""
    rule = turn.rule
    try:
        if isinstance(rule, ModuleRule):
            turn.found += rule.check(turn.module)
        elif isinstance(rule, StatementRule) and not turn.is_over:
            turn.found += rule.found
        if rule.folder:
            from modlint.rules.local import held

            turn.found = list(held(rule, turn.module, turn.found))
    except FAILURES as error:
        turn.fail(error, None)
