"""What a fix changes, as a unified diff."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Any

import click

from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.magics import unmasked
from modlint.output.text import printable

_COLOURS = {"+++": "white", "---": "white", "@@": "cyan", "+": "green", "-": "red"}


def render(path: str, old: str, new: str) -> str:
    """The diff from ``old`` to ``new``; empty where they are the same."""
    return _diff(printable(path), printable(path), old, new)


def render_files(path: str, old: ModuleFile, new: ModuleFile, origins: Sequence[int | None]) -> str:
    """The diff between two states of a module file; that of a notebook is told cell by cell.

    JSON is no text that anybody reads: a cell's text and, where that changes, what is
    stored beside it are compared apart, under the name and the number of the cell.
    ``origins`` is the index of each new cell in ``old``, None for a cell that is new.
    """
    if old.store is None:
        return render(path, old.text, new.text)
    pieces = []
    for number, (cell, origin) in enumerate(zip(new.cells, origins, strict=True), 1):
        label = f"{printable(path)}:cell {number}"
        if origin is None:
            before, was = None, "/dev/null"
        else:
            before, was = old.cells[origin], f"{printable(path)}:cell {origin + 1}"
        pieces.append(_diff(was, label, _text(before) if before else "", _text(cell)))
        beside = [json.dumps(part, indent=2, ensure_ascii=False) for part in _beside(before, cell)]
        if beside[0] != beside[1]:
            was, label = was + " metadata" * bool(before), f"{label} metadata"
            pieces.append(_diff(was, label, *(f"{part}\n".replace("{}\n", "") for part in beside)))
    return "".join(pieces)


def _text(cell: Cell) -> str:
    """What the cell shows, with a line ending at its end: that of a notebook has none."""
    text = unmasked(cell.source) if cell.kind is CellKind.CODE else cell.source
    return text if not text or text.endswith("\n") else f"{text}\n"


def _beside(old: Cell | None, new: Cell) -> tuple[dict[str, Any], dict[str, Any]]:
    """The metadata before and after, and of the other members those that a fix changes."""
    if old is None:
        return {}, dict(new.metadata)
    keys = dict.fromkeys((*old.members, *new.members))
    changed = [key for key in keys if old.members.get(key, ...) != new.members.get(key, ...)]
    before, after = (
        {key: cell.members[key] for key in changed if key in cell.members} | dict(cell.metadata)
        for cell in (old, new)
    )
    return before, after


def _diff(was: str, label: str, old: str, new: str) -> str:
    lines = unified_diff(_lines(old), _lines(new), was, label, lineterm="\n")
    return "".join(coloured(line) for line in lines)


def _lines(text: str) -> list[str]:
    """Lines that end at line feeds only, as ``diff`` and git count them."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def coloured(line: str) -> str:
    """A line of a diff as a terminal shows it."""
    body = line.rstrip("\r\n")
    shown = "".join(_pieces(body))
    if not line.endswith(("\n", "\r")):
        shown += "\n\\ No newline at end of file"
    colour = next((c for start, c in _COLOURS.items() if body.startswith(start)), None)
    return (click.style(shown, fg=colour) if colour else shown) + "\n"


def _pieces(body: str) -> Iterator[str]:
    """The line with control characters other than tabs escaped."""
    for index, part in enumerate(body.split("\t")):
        yield ("\t" if index else "") + printable(part)
