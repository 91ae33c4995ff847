"""What nbdev reads from a cell: the directives that lead it."""

from __future__ import annotations

import re

from modlint.notebook.cell import Cell

_DIRECTIVE = re.compile(r"\s*#\s*\|\s*(\w+)")
_EXPORTS = frozenset({"export", "exports", "exporti"})


def directives(cell: Cell) -> list[str]:
    """The names of the directives in the cell's leading run of blank and ``#|`` lines."""
    found: list[str] = []
    for line in cell.source.splitlines():
        match = _DIRECTIVE.match(line)
        if match:
            found.append(match.group(1))
        elif line.strip():
            break
    return found


def is_exported(cell: Cell) -> bool:
    """Whether nbdev copies the cell into the package."""
    return not _EXPORTS.isdisjoint(directives(cell))
