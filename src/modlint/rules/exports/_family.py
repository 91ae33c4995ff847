"""What the EXP rules share: places of directives, and cells with a directive more."""

from __future__ import annotations

from dataclasses import replace

from modlint.diagnostics import Position
from modlint.notebook.cell import Cell
from modlint.notebook.directives import Directive, with_directive


def span_of(cell: Cell, directive: Directive) -> tuple[Position, Position]:
    """Where a directive begins and ends in the file."""
    row = cell.row + directive.line - 1
    return Position(row, directive.column), Position(row, len(directive.text.rstrip()) + 1)


def exported(cell: Cell) -> Cell:
    """``cell`` with ``#| export`` among the directives that lead it."""
    return replace(cell, source=with_directive(cell.source, "#| export", cell.line_ending))
