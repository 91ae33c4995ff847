"""Places of a notebook's cells in the JSON that the notebook is stored as."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import editor_lines
from modlint.notebook.jsontext import Node, root_of

#: What stands for one character in a JSON string.
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.S
)


class Places:
    """Finds in the ``text`` of a notebook file what is said of its cells."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *accumulate(len(line) for line in editor_lines(text))]
        root = root_of(text)
        names = {item.name for item in root.items}
        sheets = [root]
        if "cells" not in names:  # nbformat 3
            sheets = [item.value for item in root.member("worksheets").items]
        self._cells = [item.value for sheet in sheets for item in sheet.member("cells").items]

    def of(self, diagnostic: Diagnostic) -> tuple[Position, Position]:
        """Where a diagnostic stands; what is about a cell as a whole, on its first line."""
        if not self._cells:
            return Position(1), Position(1, 2)
        cell = self._cells[diagnostic.cell]
        pieces = _pieces(cell)
        text = "".join(piece.value for piece in pieces)
        lines = editor_lines(text)
        if not lines:
            return self._position(cell.start), self._position(cell.start + 1)
        start, end = diagnostic.start, diagnostic.end
        if start == end:
            end = Position(end.row, len(lines[0].rstrip("\r\n")) + 1)
        return (
            self._position(_offset(pieces, lines, start)),
            self._position(_offset(pieces, lines, end)),
        )

    def _position(self, offset: int) -> Position:
        row = bisect_right(self._starts, offset)
        return Position(row, offset - self._starts[row - 1] + 1)


def _pieces(cell: Node) -> list[Node]:
    """The strings that hold the text of a cell."""
    names = [item.name for item in cell.items]
    source = cell.member("source" if "source" in names else "input")
    return [source] if isinstance(source.value, str) else [item.value for item in source.items]


def _offset(pieces: list[Node], lines: list[str], place: Position) -> int:
    """Where a place of the text of a cell stands in the file."""
    line = lines[place.row - 1].rstrip("\r\n") if place.row <= len(lines) else ""
    left = sum(map(len, lines[: place.row - 1])) + min(place.column - 1, len(line))
    for piece in pieces:
        length = len(piece.value)
        if left < length:
            found = _CHARACTER.finditer(piece.text, piece.start + 1, piece.end - 1)
            return next(match.start() for number, match in enumerate(found) if number == left)
        left -= length
    return pieces[-1].end - 1
