"""A text as an editor has it: places in its units, and its changes.

An editor counts lines from 0, and in a line the units of the encoding that was agreed upon:
those of UTF-16 unless it says otherwise. modlint counts from 1, in characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lsprotocol import types

from modlint.diagnostics import Position
from modlint.notebook.cell import editor_lines

_BOM = "\ufeff"


@dataclass(frozen=True)
class Text:
    """One text document; ``encoding`` is the one whose units the editor counts."""

    uri: str
    text: str
    version: int | None = None
    language: str = "python"
    encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their endings; no line stands behind the last ending."""
        return editor_lines(self.text)

    @property
    def mark(self) -> str:
        """The byte order mark at the top, where it is part of the text."""
        return _BOM if self.text.startswith(_BOM) else ""

    def line(self, number: int) -> str:
        """Line ``number`` (0-based) without its ending; empty beyond the last one."""
        return self.lines[number].rstrip("\r\n") if number < len(self.lines) else ""

    def position(self, place: Position) -> types.Position:
        """A place as the editor counts; one beyond the end is the end."""
        number = place.row - 1
        if number >= len(self.lines):
            number = len(self.lines)
            if self.lines and not self.lines[-1].endswith(("\n", "\r")):
                number -= 1
            return types.Position(number, self._units(self.line(number)))
        column = place.column - 1 + (len(self.mark) if number == 0 else 0)
        return types.Position(number, self._units(self.line(number)[:column]))

    def range(self, start: Position, end: Position) -> types.Range:
        """From ``start`` to before ``end``."""
        return types.Range(self.position(start), self.position(end))

    def row(self, number: int) -> types.Range:
        """All of a row (1-based)."""
        return self.range(Position(number), Position(number, len(self.line(number - 1)) + 1))

    def column(self, position: types.Position) -> int:
        """How many characters stand before a position in its line."""
        line = self.line(position.line)
        if line.isascii():
            return min(position.character, len(line))
        used = 0
        for number, char in enumerate(line):
            if used >= position.character:
                return number
            used += self._units(char)
        return len(line)

    def changed(
        self, changes: Sequence[types.TextDocumentContentChangeEvent], version: int | None
    ) -> Text:
        """The text after an editor's changes, each of which counts on those before it."""
        new = self
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = new._offset(change.range.start), new._offset(change.range.end)
                body = new.text[:start] + change.text + new.text[max(start, end) :]
            else:
                body = change.text
            new = replace(new, text=body)
        return replace(new, version=version)

    def _offset(self, position: types.Position) -> int:
        if position.line >= len(self.lines):
            return len(self.text)
        return sum(map(len, self.lines[: position.line])) + self.column(position)

    def _units(self, text: str) -> int:
        if self.encoding == types.PositionEncodingKind.Utf32 or text.isascii():
            return len(text)
        if self.encoding == types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
