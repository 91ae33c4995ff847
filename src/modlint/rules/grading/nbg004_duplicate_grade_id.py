"""NBG004: two cells share one grade_id."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.grading import grading_of, has_flag, needs_id
from modlint.rules.base import ModuleRule


class DuplicateGradeId(ModuleRule):
    """nbgrader keeps one cell of each id; cells without any role do not count."""

    code = "NBG004"
    name = "duplicate-grade-id"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each cell after the first with the same id."""
        first: dict[str, int] = {}
        refusable: set[str] = set()  # the validator passes over tasks that are not locked
        for index, cell in enumerate(module.file.cells):
            grading = grading_of(cell)
            grade_id = grading.get("grade_id")
            if not isinstance(grade_id, str) or not needs_id(grading):
                continue
            if grade_id in first:
                other = module.file.cell_name(first[grade_id])
                message = f'grade_id "{grade_id}" is taken by {other}'
                refused = has_flag(grading) and grade_id in refusable
                severity = None if refused else Severity.WARNING
                yield self.on_marker(module, index, message, severity=severity)
            else:
                first[grade_id] = index
            if has_flag(grading):
                refusable.add(grade_id)
