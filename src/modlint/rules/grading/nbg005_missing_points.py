"""NBG005: a graded cell or a task without points."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Diagnostic, Fix, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.grading import grading_of, is_set, needs_points
from modlint.rules.base import CellRule
from modlint.rules.grading._family import metadata_fix, points_for


class MissingPoints(CellRule):
    """nbgrader gives points for the cell, and nothing says how many."""

    code = "NBG005"
    name = "missing-points"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each cell; the points of the fix are those of the settings."""
        grading = grading_of(cell)
        if needs_points(grading) and "points" not in grading:
            what = "graded cell" if is_set(grading, "grade") else "task"
            message = f"{what} without points: nbgrader does not release the module"
            yield self.on_marker(module, index, message, self._fix(module, index))

    @staticmethod
    def _fix(module: Module, index: int) -> Fix | None:
        worth = points_for(module, index)
        if worth is None:
            return None
        full = {**grading_of(module.file.cells[index]), "points": worth}
        return metadata_fix(module, index, full, f"Set points to {worth}", Applicability.UNSAFE)
