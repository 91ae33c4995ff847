"""Where a diagnostic stands in the file itself, and what stands there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import ModuleFile, line_starts
from modlint.reports import Place

#: How many lines are shown above and below the place.
_AROUND = 2
#: The most lines of a place that are shown whole; of a longer one its first and its last.
_WHOLE = 9
_FIRST, _LAST = 4, 2
#: How many characters are counted at once.
_PIECE = 4096


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
        first, last = whole.position(start), whole.position(end)
        return Place(
            (first.row, last.row),
            (first.column, last.column),
            (whole.byte(start), whole.byte(end)),
            tuple(shown.blocks(diagnostic.start, diagnostic.end)),
        )

    @cached_property
    def _whole(self) -> _Text:
        return _Text(self.file.text if self.file.store is None else self.file.store.text)


class _Text:
    """A text and its lines, as editors count them."""

    def __init__(self, text: str) -> None:
        self.text = text  # not its lines: they would be a second copy of a notebook's pictures
        self.starts = line_starts(text)
        self._blocks_of: dict[tuple[int, int], str] = {}

    def offset(self, place: Position) -> int:
        """Where a row and a column are in the text; the nearest that there is."""
        row = min(place.row, len(self.starts)) - 1
        return self.starts[row] + min(place.column - 1, len(self._line(row)))

    def position(self, offset: int) -> Position:
        """The row and the column of a place in the text."""
        row = bisect_right(self.starts, offset)
        return Position(row, offset - self.starts[row - 1] + 1)

    def byte(self, offset: int) -> int:
        """The column, counted in bytes of UTF-8."""
        start = self.starts[bisect_right(self.starts, offset) - 1]
        if offset - start < _PIECE:
            return _size(self.text[start:offset]) + 1
        return self._bytes(offset) - self._bytes(start) + 1

    def _bytes(self, offset: int) -> int:
        """How many bytes the text before ``offset`` has."""
        piece, rest = divmod(offset, _PIECE)
        return self._sizes[piece] + _size(self.text[offset - rest : offset])

    @cached_property
    def _sizes(self) -> list[int]:
        """How many bytes stand before each piece: a line may be as long as its file."""
        pieces = range(0, len(self.text), _PIECE)
        return list(accumulate((_size(self.text[at : at + _PIECE]) for at in pieces), initial=0))

    def blocks(self, start: Position, end: Position) -> Iterator[tuple[int, str]]:
        """The rows from ``start`` to ``end``, with some around them: the first and the text."""
        # What follows the last line ending is no line where it is empty.
        most = max(len(self.starts) - (self.starts[-1] == len(self.text)), 1)
        first = min(start.row, most)
        last = max(first, min(end.row - (end.column == 1), most))
        top, bottom = max(first - _AROUND, 1), min(last + _AROUND, most)
        if last - first < _WHOLE:
            yield top, self._block(top, bottom)
        else:
            yield top, self._block(top, first + _FIRST - 1)
            yield last - _LAST + 1, self._block(last - _LAST + 1, bottom)

    def _block(self, first: int, last: int) -> str:
        """The text of some rows; one string for all who ask, though they may be many."""
        if (first, last) not in self._blocks_of:
            self._blocks_of[first, last] = "\n".join(map(self._line, range(first - 1, last)))
        return self._blocks_of[first, last]

    def _line(self, row: int) -> str:
        """A line (counted from 0) without its ending."""
        start, *following = self.starts[row : row + 2]
        return self.text[start : following[0] if following else None].rstrip("\r\n")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
