"""What nbdev reads from a cell: the directives that lead it.

Seen in nbdev 2.4 (``process.extract_directives``) and 3.3 (``NbCell.directives``): only the
leading run of blank lines, ``#|`` lines and ``%%`` lines counts. Below it, ``#| export`` is a
comment. nbdev 3 reads the member ``nbdev`` of a cell's metadata too (``{"export": "true"}``), and
that of the notebook's for its first code cell; what a comment says wins.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from modlint.notebook.cell import Cell, CellKind, ModuleFile, editor_lines
from modlint.notebook.header import header_of
from modlint.notebook.magics import is_masked, unmasked

#: Directives that copy a cell into the package.
EXPORTS = ("export", "exports", "exporti")
#: The directive that names the module of the package.
DEFAULT_EXP = "default_exp"
_DIRECTIVE = re.compile(r"\s*#\s*\|")
_ANY_DIRECTIVE = re.compile(r"#\s*\|")
_CELL_MAGIC = re.compile(r"\s*%%\w")
#: The same in a percent file, where jupytext takes the sign of the comment off.
_PERCENT_MAGIC = re.compile(r"\s*(?:# |#)?%%[a-zA-Z]")


class Directive(NamedTuple):
    """One ``#|`` line; ``line`` is 1-based in the cell, ``text`` is the line without its ending.

    ``name`` keeps the colon of a Quarto option (``eval:``), as nbdev does. ``line`` is 0 for a
    directive in the metadata.
    """

    name: str
    arguments: tuple[str, ...]
    line: int
    text: str

    @property
    def is_metadata(self) -> bool:
        """Whether it stands in the metadata, not in the text."""
        return self.line == 0

    @property
    def column(self) -> int:
        """The 1-based column where it begins."""
        return len(self.text) - len(self.text.lstrip()) + 1

    @property
    def has_colon(self) -> bool:
        """Whether the line ends with a colon, which nbdev takes off."""
        return self.text.rstrip().endswith(":")


def leading(cell: Cell) -> list[Directive]:
    """The directives that count: those in the leading run of the cell, then its metadata's."""
    found = list(_leading(cell.source, cell.origin is None))
    if "nbdev" in cell.metadata:
        names = {directive.name for directive in found}
        found += (d for d in _in_metadata(cell.metadata) if d.name not in names)
    return found


def notebook_directives(file: ModuleFile) -> list[Directive]:
    """The directives in the metadata of the notebook, or in the header that becomes it.

    nbdev 3 gives them to the first code cell, but for those that a cell has itself.
    """
    if file.store is not None:
        metadata = file.store.raw.get("metadata")
    elif "nbdev" in file.prefix and (header := header_of(file)):
        metadata = header.jupyter
    else:
        return []
    found = list(_in_metadata(metadata)) if isinstance(metadata, dict) else []
    if not found:
        return []
    names = {d.name for cell in file.cells if cell.kind is CellKind.CODE for d in leading(cell)}
    return [directive for directive in found if directive.name not in names]


def _in_metadata(metadata: Mapping[str, Any]) -> Iterator[Directive]:
    own = metadata.get("nbdev")
    for name, value in own.items() if isinstance(own, dict) else ():
        if isinstance(value, str):
            words = "" if value == "true" else value
            text = f"#| {name} {words}".rstrip()
            yield Directive(name, tuple(words.split()), 0, text)


@lru_cache(maxsize=1024)
def _leading(source: str, is_percent: bool) -> tuple[Directive, ...]:
    """The same of a cell's text; remembered, since most rules ask whether it is exported."""
    if "|" not in source:
        return ()
    lines = editor_lines(unmasked(source))
    return tuple(_parsed(lines[: lead_length(lines, is_percent)], 0))


def inert(cell: Cell, is_wanted: Callable[[Directive], bool]) -> list[Directive]:
    """The ``#|`` lines below the leading run, strings left out: comments to nbdev.

    Only those that are wanted: a table in ASCII has many. A comment behind code is none of them.
    """
    if not _ANY_DIRECTIVE.search(cell.source):
        return []
    lines = editor_lines(cell.source)
    start = lead_length(lines, cell.origin is None)
    found = [directive for directive in _parsed(lines[start:], start) if is_wanted(directive)]
    comments = _comment_lines(cell.source) if found else ()
    return [directive for directive in found if directive.line in comments]


def lead_length(lines: list[str], is_percent: bool) -> int:
    """How many of a cell's lines are the run in which nbdev looks for directives.

    ``is_percent``: the lines are those of a percent file, where a magic is a comment.
    """
    magic = _PERCENT_MAGIC if is_percent else _CELL_MAGIC
    for number, text in enumerate(lines):
        line = unmasked(text) if is_masked(text) else text
        is_magic = magic.match(line)
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


def with_directive(cell: Cell, source: str, text: str) -> str:
    """``source``, a text of ``cell``, with ``text`` as the last of its leading directives."""
    lines, ending = editor_lines(source), cell.line_ending
    lead = lines[: lead_length(lines, cell.origin is None)]
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
