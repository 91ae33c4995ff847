"""NBG015: nbgrader metadata that gives a cell no role."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.grading import grading_of, has_no_role, old_schema_of
from modlint.rules.base import CellRule
from modlint.rules.grading._family import metadata_fix


class NoopMetadata(CellRule):
    """Every flag is false: not graded, not the student's, not protected."""

    code = "NBG015"
    name = "noop-metadata"
    severity = Severity.WARNING
    checks = ("cell-metadata",)
    is_unnecessary = True

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each cell; a missing flag is false, as NBG002 fills it in."""
        if module.grader.is_staged:
            return  # the course's own command locks such a cell
        message = "no flag is true: nbgrader neither grades nor protects the cell"
        grading = grading_of(cell)
        if old_schema_of(grading) is not None:
            return  # NBG002 reports it: `nbgrader update` raises the schema, and cleans up
        if grading and has_no_role(grading):
            fix = metadata_fix(module, index, None, "Remove the nbgrader metadata")
            yield self.on_marker(module, index, message, fix)
