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
    """A solution without a test of its own right below it."""

    code = "STR015"
    name = "test-after-implementation"
    severity = Severity.INFO
    checks = ("immediate-tests",)
    lack = "no test follows {}: a mistake in it shows up far from where it was made"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution; a module without any needs no test."""
        for unit, node in _implementations(module):
            return of_node(unit, node, node.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """Each test that directly follows a solution and covers it."""
        for unit, node in _implementations(module):
            own = _own_test(module, unit, node)
            if own is not None:
                what = f"{own.test.name or 'the graded cell'} follows {node.name}"
                yield of_node(own.test.unit, own.test.nodes[0], what)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each solution that only a later test covers; one without any test is COV001's."""
        for unit, node in _implementations(module):
            if _own_test(module, unit, node) is not None:
                continue
            others = [c.test for c in coverage_of(module) if c.covers(node)]
            if others:
                below = [test for test in others if test.unit.index >= unit.index]
                test = (below or others)[0]
                name = test.name or "a graded cell"
                place = place_of(module, test.unit, test.nodes[0])
                message = f"no test of its own follows {node.name}; {name} ({place}) reaches it"
                yield self.at(unit, node, message)


def _implementations(module: Module) -> Iterator[tuple[CodeUnit, FunctionNode | ast.ClassDef]]:
    """The functions and classes at the top level that students write."""
    seen: set[ast.AST] = set()
    for solution in solutions_of(module):
        if solution.top not in seen:
            seen.add(solution.top)
            yield solution.unit, solution.top


def _own_test(module: Module, unit: CodeUnit, node: FunctionNode | ast.ClassDef) -> Covered | None:
    """The test of ``node`` among the first tests below it, up to the next solution.

    Where another solution stands between the two, the test must name ``node`` itself:
    that it reaches it through the other one is no test of its own.
    """
    place = (unit.index, node.lineno)
    solutions = [(u.index, n.lineno) for u, n in _implementations(module)]
    first: tuple[int, int] | None = None
    for covered in coverage_of(module):
        test = (covered.test.unit.index, covered.test.nodes[0].lineno)
        if test < place:
            continue
        first = first or test
        if any(first < other < test for other in solutions):
            return None
        is_shared = any(place < other < first for other in solutions)
        if covered.covers(node) and (not is_shared or node in covered.reach.direct):
            return covered
    return None
