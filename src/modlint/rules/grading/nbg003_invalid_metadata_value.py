"""NBG003: nbgrader metadata holds a value that nbgrader refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Diagnostic, Fix, Severity
from modlint.notebook.grading import DROP, Problem, grading_of, problems_of, unique
from modlint.rules.base import ModuleRule
from modlint.rules.grading._family import grade_ids, metadata_fix


class InvalidMetadataValue(ModuleRule):
    """A value of the wrong type, an unknown key, a bad id, negative points."""

    code = "NBG003"
    name = "invalid-metadata-value"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each refused value."""
        taken = grade_ids(module)  # each invented id is new to those before it as well
        for index, cell in enumerate(module.file.cells):
            if "nbgrader" not in cell.metadata:
                continue
            for problem in problems_of(cell):
                if not problem.missing:
                    fix = self._fix(module, index, problem, taken)
                    severity = None if problem.refused else Severity.WARNING
                    yield self.on_marker(module, index, problem.message, fix, severity)

    @staticmethod
    def _fix(module: Module, index: int, problem: Problem, taken: set[str]) -> Fix | None:
        if problem.repair is None:
            return None
        if problem.key == "nbgrader":
            return metadata_fix(module, index, None, "Remove the empty nbgrader metadata")
        mended: dict[str, Any] = dict(grading_of(module.file.cells[index]))
        if problem.repair is DROP:
            del mended[problem.key]
            message = f"Remove {problem.key}"
        else:
            value = problem.repair
            if problem.key == "grade_id":
                value = unique(str(value), taken)
            mended[problem.key] = value
            message = f"Set {problem.key} to {value!r}"
        trust = Applicability.SAFE if problem.certain else Applicability.UNSAFE
        return metadata_fix(module, index, mended, message, trust)
