"""A diagnostic followed through the changes of a file: where it was, and whether it is the same."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from modlint.diagnostics import Diagnostic
from modlint.notebook.cell import ModuleFile, editor_lines


def words(file: ModuleFile, diagnostic: Diagnostic) -> tuple[str, ...]:
    """What is said of which line, wherever that stands."""
    cell = file.cells[diagnostic.cell]
    lines = editor_lines((cell.marker or "") + cell.source)
    row = diagnostic.start.row - cell.marker_row
    line = lines[row].strip() if 0 <= row < len(lines) else ""
    return diagnostic.code, diagnostic.message, line


def carried(
    old: Sequence[tuple[str, ...]], flags: Sequence[bool], new: Sequence[tuple[str, ...]]
) -> list[bool]:
    """The flags of the old diagnostics, given to those of the new ones that are the same.

    A fix moves lines and takes some diagnostics away: the same words in the same order are
    the same diagnostics.
    """
    found = [False] * len(new)
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        found[block.b : block.b + block.size] = flags[block.a : block.a + block.size]
    return found
