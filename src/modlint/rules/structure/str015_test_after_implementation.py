"""STR015: a solution is tested, but not right after it was written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import Covered, coverage_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.base import place_of
from modlint.rules.evidence import Evidence, EvidenceRule, of_node


class FollowedByTest(EvidenceRule):
    """A solution that the tests right below it do not touch."""

    code = "STR015"
    name = "test-after-implementation"
    severity = Severity.INFO
    lack = "no test follows {}: a mistake in it shows up far from where it was made"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution; a module without any needs no test."""
        for unit, node in _implementations(module):
            return of_node(unit, node, node.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """Each test that directly follows a solution and covers it."""
        for unit, node in _implementations(module):
            own = next((c for c in _following(module, unit, node) if c.covers(node)), None)
            if own is not None:
                what = f"{own.test.name or 'the graded cell'} follows {node.name}"
                yield of_node(own.test.unit, own.test.nodes[0], what)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each solution that only a later test covers; one without any test is COV001's."""
        for unit, node in _implementations(module):
            if any(c.covers(node) for c in _following(module, unit, node)):
                continue
            later = next((c for c in coverage_of(module) if c.covers(node)), None)
            if later is not None:
                place = place_of(module, later.test.unit, later.test.nodes[0])
                name = later.test.name or "the graded cell"
                message = f"{node.name} is not tested before {name} ({place})"
                yield self.at(unit, node, message)


def _implementations(module: Module) -> Iterator[tuple[CodeUnit, FunctionNode | ast.ClassDef]]:
    """The functions and classes at the top level that students write."""
    seen: set[ast.AST] = set()
    for solution in solutions_of(module):
        if solution.top not in seen:
            seen.add(solution.top)
            yield solution.unit, solution.top


def _following(
    module: Module, unit: CodeUnit, node: FunctionNode | ast.ClassDef
) -> Iterator[Covered]:
    """The first tests below ``node``, up to the next solution behind them."""
    own = (unit.index, node.lineno)
    below = [c for c in coverage_of(module) if _place(c.test.unit, c.test.nodes[0]) > own]
    if not below:
        return
    first = _place(below[0].test.unit, below[0].test.nodes[0])
    solutions = [_place(u, n) for u, n in _implementations(module)]
    end = min((place for place in solutions if place > first), default=(len(module.units) * 2, 0))
    end = max(end, first)
    for covered in below:
        place = _place(covered.test.unit, covered.test.nodes[0])
        if place < end or place == first:
            yield covered


def _place(unit: CodeUnit, node: ast.stmt) -> tuple[int, int]:
    return unit.index, node.lineno
