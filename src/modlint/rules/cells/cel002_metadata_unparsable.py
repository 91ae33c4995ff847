"""CEL002: metadata on a marker that jupytext cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.marker import INCORRECT, parse_marker
from modlint.notebook.repair import repaired_marker, with_repaired_metadata
from modlint.rules import is_in_force
from modlint.rules.base import CellRule
from modlint.rules.cells.cel001_marker_malformed import MarkerMalformed


class MetadataUnparsable(CellRule):
    """Metadata that is neither JSON nor Python: jupytext files it away as text, silently."""

    code = "CEL002"
    name = "metadata-unparsable"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each marker with metadata that cannot be read."""
        if cell.marker is None or INCORRECT not in cell.metadata:
            return
        if not _is_of_the_marker(module, cell.marker):
            message = "this metadata cannot be read, so the cell has none"
            yield self.on_marker(module, index, message, _fix(index, cell))


def _is_of_the_marker(module: Module, marker: str) -> bool:
    """Whether the line as it was meant has metadata that can be read: CEL001 reports it."""
    mended = repaired_marker(marker) if is_in_force(MarkerMalformed.code, module.settings) else None
    meant = parse_marker(mended) if mended is not None else None
    return meant is not None and INCORRECT not in meant.metadata


def _fix(index: int, cell: Cell) -> Fix | None:
    """The one way to read the metadata, if there is one."""
    line = with_repaired_metadata(cell.marker or "")
    read = parse_marker(line) if line is not None else None
    if line is None or read is None or INCORRECT in read.metadata or read.kind is not cell.kind:
        return None

    def rewrite() -> Patch:
        return Patch({index: (replace(cell, marker=line, metadata=read.metadata),)})

    return Fix(Applicability.SAFE, "Write the metadata as JSON", rewrite, Change.MARKER)
