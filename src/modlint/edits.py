"""A patch of cells as edits of the file's text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from modlint.diagnostics import Patch, Position
from modlint.notebook.cell import Cell, ModuleFile, editor_lines
from modlint.notebook.magics import unmasked

#: The most characters that the edits of a notebook file may write: one that stands on a single
#: line would be told whole, with its pictures, for each fix.
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace the text from ``start`` to before ``end`` by ``content``."""

    content: str
    start: Position
    end: Position


def patched(file: ModuleFile, patch: Patch) -> ModuleFile:
    """``file`` with the cells of ``patch`` in their place; rows are not renumbered."""
    cells: list[Cell] = []
    for index, cell in enumerate(file.cells):
        cells.extend(patch.cells.get(index, (cell,)))
    settled = file.store.settled(tuple(cells)) if file.store is not None else tuple(cells)
    prefix = file.prefix if patch.header is None else patch.header
    return replace(file, cells=settled, prefix=prefix)


def text_edits(file: ModuleFile, patch: Patch) -> Iterator[TextEdit]:
    """The whole lines that ``patch`` changes, in order; no two edits meet."""
    last: TextEdit | None = None
    for edit in _edits(file, patch):
        if last is not None and last.end == edit.start:
            last = TextEdit(last.content + edit.content, last.start, edit.end)
            continue
        if last is not None:
            yield last
        last = edit
    if last is not None:
        yield last


def changes(file: ModuleFile, patch: Patch) -> dict[str, Any]:
    """What ``patch`` changes, as data: ``edits`` of the text, in a notebook file ``cells``.

    Of a notebook file, ``file_edits`` are those of its JSON.
    """
    if file.store is not None:
        # Metadata and new cells are no rows of a cell: what takes the place of which cell.
        edits = _told(_file_edits(file, patch))
        return {"edits": [], "cells": list(_cells(file, patch)), "file_edits": edits}
    return {"edits": _told(text_edits(file, patch))}


def _told(edits: Iterable[TextEdit]) -> list[dict[str, Any]]:
    return [
        {"content": e.content, "location": e.start.data, "end_location": e.end.data} for e in edits
    ]


def _file_edits(file: ModuleFile, patch: Patch) -> list[TextEdit]:
    """The whole lines of a notebook file that ``patch`` changes; none where they are too long."""
    assert file.store is not None
    old, new = editor_lines(file.store.text), editor_lines(patched(file, patch).text)
    head = _alike(zip(old, new, strict=False))
    tail = _alike(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    edits = list(line_edits(old, new, head + 1))
    return edits if sum(len(edit.content) for edit in edits) <= _MOST else []


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs from the first on are of equal lines."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _cells(file: ModuleFile, patch: Patch) -> Iterator[dict[str, Any]]:
    """For each cell of a notebook that a patch changes: the cells that take its place."""
    for index in sorted(patch.cells):
        settled = file.store.settled(patch.cells[index]) if file.store else ()
        yield {
            "cell": index + 1,
            "content": [
                {
                    "cell_type": str(cell.kind),
                    "metadata": dict(cell.metadata),
                    "source": unmasked(cell.source),
                }
                for cell in settled
            ],
        }


def _edits(file: ModuleFile, patch: Patch) -> Iterator[TextEdit]:
    if patch.header is not None:
        yield from line_edits(editor_lines(file.prefix), editor_lines(patch.header), 1)
    for index in sorted(patch.cells):
        cell = file.cells[index]
        yield from line_edits(_lines((cell,)), _lines(patch.cells[index]), cell.marker_row)


def line_edits(old: list[str], new: list[str], row: int) -> Iterator[TextEdit]:
    """The lines that change from ``old``, which begins on ``row``, to ``new``."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            end = Position(row + i2)
            if i1 < i2 == len(old) and not old[-1].endswith(("\n", "\r")):
                end = Position(row + i2 - 1, len(old[-1]) + 1)  # there is no next row
            yield TextEdit("".join(new[j1:j2]), Position(row + i1), end)


def _lines(cells: tuple[Cell, ...]) -> list[str]:
    """Lines as editors count them: a form feed ends none."""
    text = "".join((cell.marker or "") + cell.source for cell in cells)
    return editor_lines(text)
