"""What a module file is made of: cells, whatever the file format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

_ENDING = r"\r\n|\r|\n"
_LINE = re.compile(rf"[^\r\n]*(?:{_ENDING})|[^\r\n]+\Z")


def editor_lines(text: str) -> list[str]:
    """The lines of a text with their endings, as editors and Python count them.

    ``str.splitlines`` would also end a line at a form feed.
    """
    if "\r" in text:
        return _LINE.findall(text)
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def line_starts(text: str) -> list[int]:
    """Where each line of a text begins, and where one more would behind its last line ending."""
    return [0, *(found.end() for found in re.finditer(_ENDING if "\r" in text else "\n", text))]


def indentation(line: str) -> str:
    """The white space before what stands on a line."""
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def end_of_block(lines: list[str], end: int, indent: str) -> int:
    """The end of a compound statement with the comments at the end of its blocks.

    Its last line is ``end`` (counted from 1) without them, and its own indentation ``indent``.
    """
    for number in range(end, len(lines)):
        text = lines[number].strip()
        if text.startswith("#") and len(indentation(lines[number])) > len(indent):
            end = number + 1
        elif text:
            break
    return end


def line_ending(text: str) -> str:
    """The first line ending of a text; ``\\n`` where it has none."""
    found = re.search(_ENDING, text)
    return found.group() if found else "\n"


class CellKind(StrEnum):
    """The three kinds of cell that nbformat knows."""

    CODE = "code"
    MARKDOWN = "markdown"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a module file.

    ``source`` is the text as the file stores it: for percent text, every
    character between the end of the marker line and the next marker, blank
    lines and line endings included. ``marker`` is the marker line with its line
    ending, or None for text above the first marker (and for notebook cells).
    ``metadata`` is what jupytext reads from the marker. ``row`` is the 1-based
    row, in the file, of the first line of ``source``.

    In a notebook file ``row`` is 1: rows are those of the cell. ``origin`` is the
    place of the stored cell that this one was read from (None for a cell that a fix
    has made), ``members`` what is stored of it beside type, source and metadata:
    ``id``, ``outputs``, ``execution_count``, ``attachments``.
    """

    kind: CellKind
    source: str
    row: int
    marker: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    origin: int | None = None

    @property
    def is_unmarked(self) -> bool:
        """Whether the cell is the text above the first marker of a percent file."""
        return self.marker is None and self.origin is None

    @property
    def line_ending(self) -> str:
        """The line ending of the cell, for lines that are added to it."""
        return line_ending((self.marker or "") + self.source)

    @property
    def marker_row(self) -> int:
        """The row a reader looks at for the cell as a whole: its marker, if it has one."""
        # A marker that is the end of the file, or that a form feed ends, ends no row.
        ends_row = self.marker is not None and self.marker.endswith(("\n", "\r"))
        return self.row - 1 if ends_row else self.row


class Store(Protocol):
    """A notebook file as it was read: knows how to write cells into it."""

    @property
    def text(self) -> str:
        """The text of the file as it was read."""

    @property
    def raw(self) -> Mapping[str, Any]:
        """The parsed JSON."""

    @property
    def nbformat(self) -> tuple[int, int]:
        """The version of the format."""

    def settled(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """``cells`` as they will be read back: new ones with all that the format asks for."""

    def text_with(self, cells: tuple[Cell, ...]) -> str:
        """The text of the file with these (settled) cells, all else as it was."""

    def source(self, cell: int) -> str:
        """The text of the stored cell of this index, as it stands in the file."""

    def offset(self, cell: int, index: int, *, ends: bool = False) -> int:
        """Where in :attr:`text` the character of this index in the cell's text begins.

        ``ends``: where that before it ends, which may be in another string.
        """


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """The cells of one module file and what is needed to write them back.

    ``prefix`` is the text that belongs to no cell (the jupytext header), without
    a byte order mark; ``encoding`` is a Python codec name (``utf-8-sig`` where
    the file has a byte order mark). ``is_notebook`` is False for a plain Python
    file: no marker, no jupytext header, one cell. ``store`` is there for notebook
    files (.ipynb) alone.
    """

    cells: tuple[Cell, ...]
    prefix: str = ""
    encoding: str = "utf-8"
    is_notebook: bool = True
    store: Store | None = None

    @property
    def text(self) -> str:
        """The whole file as text, byte order mark excluded."""
        if self.store is not None:
            return self.store.text_with(self.cells)
        parts = [self.prefix]
        for cell in self.cells:
            parts.append(cell.marker or "")
            parts.append(cell.source)
        return "".join(parts)

    def where(self, cell: int, row: int | None = None) -> str:
        """A place in words: ``line 12``, and in a notebook file ``cell 3`` or ``cell 3, line 12``.

        ``cell`` is the 0-based index; without a ``row`` the cell as a whole is meant.
        """
        if self.store is None:
            return f"line {self.cells[cell].marker_row if row is None else row}"
        return f"cell {cell + 1}" if row is None else f"cell {cell + 1}, line {row}"

    def cell_name(self, cell: int) -> str:
        """A cell in words: ``the cell of line 12``, and in a notebook file ``cell 3``."""
        return f"the cell of {self.where(cell)}" if self.store is None else self.where(cell)

    def to_bytes(self) -> bytes:
        """The whole file as it stands on disk."""
        return self.text.encode(self.encoding)
