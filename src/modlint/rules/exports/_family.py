"""What the EXP rules share: places of directives, and cells with a directive more."""

from __future__ import annotations

from dataclasses import replace

from modlint.diagnostics import Position
from modlint.notebook.cell import Cell
from modlint.notebook.directives import Directive, with_directive


def span_of(cell: Cell, directive: Directive) -> tuple[Position, Position]:
    """Where a directive begins and ends in the file; one of the metadata stands at the marker."""
    if directive.is_metadata:
        start = Position(cell.marker_row)
        return start, Position(start.row, len((cell.marker or "").rstrip("\r\n")) + 1)
    row = cell.row + directive.line - 1
    return Position(row, directive.column), Position(row, len(directive.text.rstrip()) + 1)


def exported(cell: Cell) -> Cell:
    """``cell`` with ``#| export`` among the directives that lead it."""
    return replace(cell, source=with_directive(cell, cell.source, "#| export"))
