"""COV001: no test touches what a student writes."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.coverage import coverage_of
from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.coverage._family import TestRule, header, of_test
from modlint.rules.evidence import Evidence


class UntestedSolution(TestRule):
    """A solution that no test calls, neither directly nor through other code."""

    code = "COV001"
    name = "untested-solution"
    severity = Severity.WARNING
    lack = "no test touches {}, nor any other solution of the module"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests, with the solutions that they touch."""
        for covered in coverage_of(module):
            names = [s.name for s in solutions_of(module) if covered.covers(s.node)]
            if names:
                yield of_test(covered, f"{covered.test.name or 'a cell'} tests {', '.join(names)}")

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each solution that no test touches."""
        tests = coverage_of(module)
        for solution in solutions_of(module):
            if not any(covered.covers(solution.node) for covered in tests):
                place = header(solution, "")
                message = f"no test touches {solution.name}: a wrong answer passes"
                yield self.diagnostic(place.cell, place.start, place.end, message)
