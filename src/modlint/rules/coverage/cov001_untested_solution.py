"""COV001: no test touches what a student writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import coverage_of
from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.coverage._family import TestRule, header, of_header, of_test
from modlint.rules.evidence import Evidence


class UntestedSolution(TestRule):
    """A solution that no test calls, neither directly nor through other code."""

    code = "COV001"
    name = "untested-solution"
    severity = Severity.WARNING
    lowers = ("immediate-tests",)
    lack = "no test touches {}, nor any other solution of the module"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests, with the solutions that they touch."""
        for covered in coverage_of(module):
            names = [s.name for s in solutions_of(module) if covered.covers(s.node)]
            if names:
                yield of_test(covered, f"{covered.test.name or 'a cell'} tests {', '.join(names)}")

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each solution that no test touches; a class that none touches is reported once."""
        tests = coverage_of(module)
        reported: set[ast.AST] = set()
        for solution in solutions_of(module):
            whole, part = solution.top, solution.node
            if whole in reported or any(covered.covers(part) for covered in tests):
                continue
            name, place = solution.name, header(solution, "")
            if not any(covered.covers(whole) for covered in tests):
                reported.add(whole)
                name, place = whole.name, of_header(solution.unit, whole, "")
            message = f"no test touches {name}: a wrong answer passes"
            yield self.diagnostic(place.cell, place.start, place.end, message)
