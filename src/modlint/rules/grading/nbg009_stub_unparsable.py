"""NBG009: what the student receives of a cell cannot be run."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.magics import cell_magic
from modlint.rules.base import CellRule
from modlint.rules.grading._regions import span_of, stub_problem


class StubUnparsable(CellRule):
    """A region whose stub leaves a cell that Python refuses, or falls out of its function."""

    code = "NBG009"
    name = "stub-unparsable"
    severity = Severity.ERROR
    checks = ("solution-regions",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each cell, at the region at fault."""
        if not module.file.is_notebook:
            return
        magic = cell_magic(cell)
        if magic is not None and not magic.is_python:
            return
        problem = stub_problem(cell, module.grader)
        if problem is None:
            return
        start, _ = span_of(cell, problem.begin)
        _, end = span_of(cell, problem.end)
        message = "the stub falls out of its function: running the released cell raises"
        if problem.message:
            what = f"{problem.message} (line {problem.line} of it)"
            message = f"the released cell does not parse: {what}"
        yield self.diagnostic(index, start, end, message)
