"""CEL004: a marker stands inside an indented block and tears it apart."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module, has_indented_marker
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import Cell
from modlint.rules.base import CellRule


class IndentedMarker(CellRule):
    """An indented ``# %%``: jupytext begins a new cell there, in the middle of the block."""

    code = "CEL004"
    name = "indented-marker"
    severity = Severity.ERROR

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each indented marker; only the author knows what it was to be."""
        if has_indented_marker(cell):
            message = "this indented marker begins a new cell inside the block around it"
            yield self.on_marker(module, index, message)
