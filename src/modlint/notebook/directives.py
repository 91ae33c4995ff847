"""What nbdev reads from a cell: the directives that lead it.

Seen in nbdev 2.4 (``process.extract_directives``): only the leading run of blank
lines, ``#|`` lines and ``%%`` lines counts. Below it, ``#| export`` is a comment.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.magics import is_masked, unmasked

#: Directives that copy a cell into the package.
EXPORTS = ("export", "exports", "exporti")
#: The directive that names the module of the package.
DEFAULT_EXP = "default_exp"
_DIRECTIVE = re.compile(r"\s*#\s*\|")
_ANY_DIRECTIVE = re.compile(r"#\s*\|")
_CELL_MAGIC = re.compile(r"\s*%%\w")


class Directive(NamedTuple):
    """One ``#|`` line; ``line`` is 1-based in the cell, ``text`` is the line without its ending.

    ``name`` keeps the colon of a Quarto option (``eval:``), as nbdev does.
    """

    name: str
    arguments: tuple[str, ...]
    line: int
    text: str

    @property
    def column(self) -> int:
        """The 1-based column where it begins."""
        return len(self.text) - len(self.text.lstrip()) + 1

    @property
    def has_colon(self) -> bool:
        """Whether the line ends with a colon, which nbdev takes off."""
        return self.text.rstrip().endswith(":")


def leading(cell: Cell) -> list[Directive]:
    """The directives that count: those in the leading run of the cell."""
    return list(_leading(cell.source))


@lru_cache(maxsize=1024)
def _leading(source: str) -> tuple[Directive, ...]:
    """The same of a cell's text; remembered, since most rules ask whether it is exported."""
    if "|" not in source:
        return ()
    lines = editor_lines(source)
    return tuple(_parsed(lines[: lead_length(lines)], 0))


def inert(cell: Cell, is_wanted: Callable[[Directive], bool]) -> list[Directive]:
    """The ``#|`` lines below the leading run, strings left out: comments to nbdev.

    Only those that are wanted: a table in ASCII has many. A comment behind code is none of them.
    """
    if not _ANY_DIRECTIVE.search(cell.source):
        return []
    lines = editor_lines(cell.source)
    start = lead_length(lines)
    found = [directive for directive in _parsed(lines[start:], start) if is_wanted(directive)]
    comments = _comment_lines(cell.source) if found else ()
    return [directive for directive in found if directive.line in comments]


def lead_length(lines: list[str]) -> int:
    """How many of a cell's lines are the run in which nbdev looks for directives."""
    for number, line in enumerate(lines):
        is_magic = _CELL_MAGIC.match(unmasked(line) if is_masked(line) else line)
        if line.strip() and not _DIRECTIVE.match(line) and not is_magic:
            return number
    return len(lines)


def export_of(cell: Cell) -> Directive | None:
    """The directive by which nbdev copies the cell into the package, if it has one."""
    if cell.kind is not CellKind.CODE:
        return None
    return next((d for d in leading(cell) if d.name in EXPORTS), None)


def is_exported(cell: Cell) -> bool:
    """Whether nbdev copies the cell into the package."""
    return export_of(cell) is not None


def with_directive(source: str, text: str, ending: str) -> str:
    """``source`` with the directive ``text`` as the last line of its leading directives."""
    lines = editor_lines(source)
    lead = lines[: lead_length(lines)]
    at = max((n for n, line in enumerate(lead, 1) if line.strip()), default=0)
    if at and not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += ending
    return "".join([*lines[:at], text + ending, *lines[at:]])


def without_line(source: str, line: int) -> str:
    """``source`` without one of its lines (1-based)."""
    lines = editor_lines(source)
    return "".join(lines[: line - 1] + lines[line:])


def _parsed(lines: list[str], above: int) -> Iterator[Directive]:
    for number, line in enumerate(lines, above + 1):
        start = _DIRECTIVE.match(line)
        if start is None:
            continue
        words = line[start.end() :].strip()
        if words.endswith(":"):
            words = words.replace(":", "")
        name, *arguments = words.replace(":", ": ").split() or [""]
        if name:
            yield Directive(name, tuple(arguments), number, line.rstrip("\r\n"))


def _comment_lines(source: str) -> set[int]:
    """The lines (1-based) on which a comment stands, strings left out."""
    readline = io.StringIO(source, newline="").readline
    found: set[int] = set()
    try:
        for token in tokenize.generate_tokens(readline):
            if token.type == tokenize.COMMENT:
                found.add(token.start[0])
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read so far is right
    return found
