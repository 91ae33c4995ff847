"""A patch of cells as edits of the file's text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from modlint.diagnostics import Patch, Position
from modlint.notebook.cell import Cell, ModuleFile, editor_lines


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace the text from ``start`` to before ``end`` by ``content``."""

    content: str
    start: Position
    end: Position


def patched(file: ModuleFile, patch: Patch) -> tuple[Cell, ...]:
    """The cells of ``file`` with those of ``patch`` in their place; rows are not renumbered."""
    cells: list[Cell] = []
    for index, cell in enumerate(file.cells):
        cells.extend(patch.get(index, (cell,)))
    return tuple(cells)


def text_edits(file: ModuleFile, patch: Patch) -> Iterator[TextEdit]:
    """The whole lines that ``patch`` changes, in order."""
    for index in sorted(patch):
        cell = file.cells[index]
        old = _lines((cell,))
        new = _lines(patch[index])
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                row = cell.marker_row
                yield TextEdit("".join(new[j1:j2]), Position(row + i1), Position(row + i2))


def _lines(cells: tuple[Cell, ...]) -> list[str]:
    """Lines as editors count them: a form feed ends none."""
    text = "".join((cell.marker or "") + cell.source for cell in cells)
    return editor_lines(text)
