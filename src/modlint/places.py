"""Where a diagnostic stands in the file itself, and what stands there."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import ModuleFile
from modlint.reports import Place

_ENDING = re.compile(r"\r\n|\r|\n")
#: How many lines are shown above and below the place.
_AROUND = 2
#: The most lines of a place that are shown whole; of a longer one its first and its last.
_WHOLE = 9
_FIRST, _LAST = 4, 2
_BLOCK = 4096


class Places:
    """The places of the diagnostics of one file, as it was read."""

    def __init__(self, file: ModuleFile) -> None:
        self.file = file
        self._cells: dict[int, _Text] = {}

    def of(self, diagnostic: Diagnostic) -> Place:
        """The place of a diagnostic of this file."""
        cell, store = diagnostic.cell, self.file.store
        if store is None:
            shown = whole = self._whole
            start, end = (whole.offset(p) for p in (diagnostic.start, diagnostic.end))
        else:
            if cell not in self._cells:
                self._cells[cell] = _Text(store.source(cell))
            shown, whole = self._cells[cell], self._whole
            start = store.offset(cell, shown.offset(diagnostic.start))
            end = store.offset(cell, shown.offset(diagnostic.end), ends=True)
        end = max(start, end)
        return Place(
            whole.position(start),
            whole.position(end),
            (whole.byte(start), whole.byte(end)),
            shown.excerpt(diagnostic.start, diagnostic.end),
        )

    @cached_property
    def _whole(self) -> _Text:
        return _Text(self.file.text if self.file.store is None else self.file.store.text)


class _Text:
    """A text and its lines, as editors count them."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = list(_ENDING.finditer(text))
        self.starts = [0, *(ending.end() for ending in found)]
        self.ends = [*(ending.start() for ending in found), len(text)]
        self._lines: dict[int, str] = {}

    def offset(self, place: Position) -> int:
        """Where a row and a column are in the text; the nearest that there is."""
        row = min(place.row, len(self.starts)) - 1
        return min(self.starts[row] + place.column - 1, self.ends[row])

    def position(self, offset: int) -> Position:
        """The row and the column of a place in the text."""
        row = bisect_right(self.starts, offset)
        return Position(row, offset - self.starts[row - 1] + 1)

    def byte(self, offset: int) -> int:
        """The column, counted in bytes of UTF-8."""
        start = self.starts[bisect_right(self.starts, offset) - 1]
        return self._bytes(offset) - self._bytes(start) + 1

    def _bytes(self, offset: int) -> int:
        """How many bytes the text before ``offset`` has."""
        block, rest = divmod(offset, _BLOCK)
        return self._blocks[block] + _size(self.text[offset - rest : offset])

    @cached_property
    def _blocks(self) -> list[int]:
        """How many bytes stand before each block: a line may be as long as its file."""
        blocks = range(0, len(self.text), _BLOCK)
        return list(accumulate((_size(self.text[at : at + _BLOCK]) for at in blocks), initial=0))

    def excerpt(self, start: Position, end: Position) -> tuple[tuple[int, str], ...]:
        """The rows from ``start`` to ``end`` with some around them, and the text of each."""
        first = min(start.row, len(self.starts))
        last = min(max(first, end.row - (end.column == 1 and end.row > first)), len(self.starts))
        rows = set(range(first, last + 1))
        if len(rows) > _WHOLE:
            rows = {*range(first, first + _FIRST), *range(last - _LAST + 1, last + 1)}
        rows |= {*range(first - _AROUND, first), *range(last + 1, last + _AROUND + 1)}
        # What follows the last line ending is no line where it is empty.
        most = len(self.starts) - (self.starts[-1] == len(self.text) and last < len(self.starts))
        return tuple((row, self._line(row)) for row in sorted(rows) if 1 <= row <= most)

    def _line(self, row: int) -> str:
        """The text of a row; one string for all who ask, though they are many and it is long."""
        if row not in self._lines:
            self._lines[row] = self.text[self.starts[row - 1] : self.ends[row - 1]]
        return self._lines[row]


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
