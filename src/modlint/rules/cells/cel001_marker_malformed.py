"""CEL001: a marker line that jupytext does not read as it was meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Position, Severity
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.marker import parse_marker, split_line_end
from modlint.notebook.percent import glued_markers
from modlint.notebook.repair import repaired_marker
from modlint.rules.base import ModuleRule


class MarkerMalformed(ModuleRule):
    """Text glued to ``# %%``, ``[Markdown]``, a type behind the metadata, commas between keys."""

    code = "CEL001"
    name = "marker-malformed"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each near miss of a marker; notebook files have none."""
        if module.file.store is not None:
            return
        for index, cell in enumerate(module.file.cells):
            if cell.marker is None:
                continue
            mended = repaired_marker(cell.marker)
            if mended is not None:
                meant = split_line_end(mended)[0]
                message = f"this marker is not read as it was meant: `{meant}`"
                yield self.on_marker(module, index, message, _remarked(index, cell, mended))
        for index, row, line in glued_markers(module.file):
            text = split_line_end(line)[0]
            message = "this line is no marker: a blank is missing behind `%%`"
            end = Position(row, len(text) + 1)
            fix = _unglued(module, index, row, line)
            yield self.diagnostic(index, Position(row), end, message, fix)


def _remarked(index: int, cell: Cell, line: str) -> Fix:
    marker = parse_marker(line)
    assert marker is not None

    def rewrite() -> Patch:
        return Patch(
            {index: (replace(cell, marker=line, kind=marker.kind, metadata=marker.metadata),)}
        )

    return Fix(Applicability.SAFE, "Write the marker as it was meant", rewrite, Change.MARKER)


def _unglued(module: Module, index: int, row: int, line: str) -> Fix | None:
    """The fix of a line that jupytext takes for a cell magic: a cell begins there."""
    cell = module.file.cells[index]
    lines = editor_lines(cell.source)
    number = row - cell.row
    mended = repaired_marker(line)
    marker = parse_marker(mended) if mended else None
    if mended is None or marker is None or cell.kind is not CellKind.CODE:
        return None

    def rewrite() -> Patch:
        ending = lines[number][len(lines[number].rstrip("\r\n")) :]
        before, after = "".join(lines[:number]), "".join(lines[number + 1 :])
        new = Cell(marker.kind, after, row + 1, mended + ending, marker.metadata)
        return Patch({index: (replace(cell, source=before), new)})

    return Fix(Applicability.SAFE, "Put a blank behind `%%`", rewrite, Change.MARKER)
