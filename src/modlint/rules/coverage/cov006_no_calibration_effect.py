"""COV006: the module calibrates, and no test shows that it helps."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import Covered, coverage_of
from modlint.analysis.module import Module
from modlint.analysis.solutions import Solution, solutions_of
from modlint.analysis.trees import walk
from modlint.analysis.words import phrases
from modlint.diagnostics import Severity
from modlint.rules.coverage._family import TestRule, header, of_test, parts_of, title_of
from modlint.rules.evidence import Evidence

_CALIBRATION = phrases(("calibrat*",))


class NoCalibrationEffect(TestRule):
    """No test compares results with calibration and without, or with good samples and bad."""

    code = "COV006"
    name = "no-calibration-effect"
    severity = Severity.WARNING
    words = (
        "test calibrat*", "test unit calibrat*", "calibration effect*", "effect of calibration",
        "calibration improve*", "calibration help*", "calibrated and uncalibrated",
        "with and without calibration",
    )  # fmt: skip
    lack = "no test compares results with and without the calibration of {}"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution that calibrates, by its name or by a parameter's."""
        for solution in _calibrating(module):
            return header(solution, solution.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests about calibration that run it and compare two computed results."""
        nodes = [solution.node for solution in _calibrating(module)]
        for covered in coverage_of(module):
            word = self.matches(module, title_of(covered))
            if word and any(covered.covers(n) for n in nodes) and _compares(covered):
                yield of_test(covered, f"{covered.test.name}: {word}")


def _calibrating(module: Module) -> list[Solution]:
    return [
        solution
        for solution in solutions_of(module)
        if any(
            _CALIBRATION.search(name)
            for name in (solution.node.name, *(a.arg for a in _parameters(solution)))
        )
    ]


def _parameters(solution: Solution) -> list[ast.arg]:
    args = solution.node.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs]


def _compares(covered: Covered) -> bool:
    """Whether the test asserts that one computed value is less, more or other than a second."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.NotEq)
        and not any(isinstance(part, ast.Constant) for part in (node.left, *node.comparators))
        for check in parts_of(covered)
        if isinstance(check, ast.Assert)
        for node in walk(check.test)
    )
