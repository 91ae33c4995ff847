"""Solution regions: the lines that nbgrader looks for, and what it makes of them for the release.

Seen in nbgrader 0.9: ``ClearSolutions``, ``ClearHiddenTests``, ``ClearMarkScheme``. A
delimiter is a plain substring of a line, upper case, in strings, docstrings and
Markdown too.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grading import is_graded, is_solution, is_task
from modlint.notebook.percent import markdown_text

_CODE_STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
_TEXT_STUB = ("YOUR ANSWER HERE",)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_DELIMITER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


class RegionKind(StrEnum):
    """What a region holds; the value is the word that delimits it."""

    SOLUTION = "SOLUTION"
    HIDDEN_TESTS = "HIDDEN TESTS"
    MARK_SCHEME = "MARK SCHEME"


_BEGIN = {kind: f"BEGIN {kind}" for kind in RegionKind}
_END = {kind: f"END {kind}" for kind in RegionKind}


class Delimiter(NamedTuple):
    """A line that begins or ends a region; ``line`` is 1-based in the cell."""

    kind: RegionKind
    begins: bool
    line: int
    text: str


class Release(NamedTuple):
    """What students receive of a cell.

    ``refusal`` is nbgrader's own error text where it stops at this cell (``source``
    is empty then). ``is_wiped``: a solution cell without a region, whose whole text
    was replaced by the stub.
    """

    source: str
    is_wiped: bool = False
    refusal: str | None = None


class NearMiss(NamedTuple):
    """A line that is meant as a delimiter; ``mended`` is the line as nbgrader reads it."""

    kind: RegionKind
    begins: bool
    mended: str


#: The words of a comment, between what may decorate it.
_WORDS = re.compile(r"(\s*#[\W\d_]*)([A-Za-z](?:[A-Za-z \t_\-/.:]*[A-Za-z])?)([\W\d_]*)")
#: How every near miss of a comment begins, behind the end of the line above; in text, the sign
#: of a comment is not needed.
_FIRST_LETTERS = r"[^A-Za-z\n]*(?:[Bb][EeGg]|[Ee][NnDd])"
_MAY_BE_MEANT = re.compile(rf"\n[^\S\n]*#{_FIRST_LETTERS}")
_TEXT_MAY_BE_MEANT = re.compile(rf"\n{_FIRST_LETTERS}")
_SPELLINGS = {
    RegionKind.SOLUTION: "SOLUTION",
    RegionKind.HIDDEN_TESTS: r"HIDDEN[\W_]*TEST",
    RegionKind.MARK_SCHEME: r"MARK[\W_]*SCHEME",
}
_SPELLED = {
    kind: re.compile(rf"(\s*#[\W\d_]*)(BEGIN|END)[\W_]*{words}S?\b(.*)", re.IGNORECASE)
    for kind, words in _SPELLINGS.items()
}
_NEAR = 0.9  # one letter wrong, missing or doubled


def near_miss(line: str) -> NearMiss | None:
    """What a line that is only a comment is meant as: ``# begin solution``, ``# END_SOLUTION``.

    None for a line that nbgrader reads, and for one that says anything else.
    """
    if not _MAY_BE_MEANT.match(f"\n{line}") or is_delimiter(line):
        return None
    for kind, spelling in _SPELLED.items():
        if match := spelling.fullmatch(line):
            first = match[2].upper()
            return NearMiss(kind, first == "BEGIN", f"{match[1]}{first} {kind}{match[3]}")
    match = _WORDS.fullmatch(line)
    if match is None:
        return None
    words = re.findall("[A-Z]+", match[2].upper())
    for kind in RegionKind:
        for first in ("BEGIN", "END"):
            meant = f"{first} {kind}"
            if len(words) == len(meant.split()) and _is_near(words, meant):
                return NearMiss(kind, first == "BEGIN", match[1] + meant + match[3])
    return None


def text_near_miss(line: str) -> NearMiss | None:
    """The same of a line of Markdown, where a delimiter needs no sign of a comment."""
    miss = near_miss(f"#{line}")
    return miss._replace(mended=miss.mended[1:]) if miss is not None else None


@lru_cache(maxsize=1024)
def near_misses_in(text: str, *, is_code: bool) -> dict[int, NearMiss]:
    """The lines of a cell's text that are near misses, by number; remembered."""
    may_be, read = (_MAY_BE_MEANT, near_miss) if is_code else (_TEXT_MAY_BE_MEANT, text_near_miss)
    found: dict[int, NearMiss] = {}
    for begin in may_be.finditer(f"\n{text}"):
        start = begin.start()  # in the text, which has one character less
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else None]
        if miss := read(line.rstrip("\r")):
            found[text.count("\n", 0, start) + 1] = miss
    return found


def _is_near(words: list[str], meant: str) -> bool:
    """Whether two or three words are ``meant`` but for a slip of the keyboard."""
    from difflib import SequenceMatcher

    first = meant.split()[0]
    starts_alike = words[0][:2] in (first[:2], first[0] + first[2])
    return starts_alike and SequenceMatcher(None, " ".join(words), meant).ratio() >= _NEAR


def is_delimiter(line: str) -> bool:
    """Whether nbgrader takes the line for the begin or the end of a region."""
    return ("BEGIN " in line or "END " in line) and bool(_DELIMITER.search(line))


@lru_cache(maxsize=1024)
def delimiters(source: str) -> tuple[Delimiter, ...]:
    """The delimiters of a cell's text as nbgrader reads them; BEGIN counts before END on a line.

    Remembered: several rules ask for those of each cell.
    """
    if not is_delimiter(source):
        return ()
    found: list[Delimiter] = []
    number, stop = 1, 0
    while mark := _DELIMITER.search(source, stop):
        begin, end = source.rfind("\n", 0, mark.start()) + 1, source.find("\n", mark.end())
        number += source.count("\n", stop, begin)
        line = source[begin : end if end >= 0 else None]
        for kind in RegionKind:
            if _BEGIN[kind] in line:
                found.append(Delimiter(kind, True, number, line))
            elif _END[kind] in line:
                found.append(Delimiter(kind, False, number, line))
        stop = begin + len(line)
    return tuple(found)


def text_of(cell: Cell) -> str:
    """The text in which nbgrader looks for delimiters; line 1 is the cell's first row.

    Reading a ``.py``, jupytext takes a lone carriage return for the end of a line.
    """
    if cell.kind is not CellKind.CODE:
        return markdown_text(cell)
    if cell.origin is not None or "\r" not in cell.source:
        return cell.source
    return _LONE_RETURN.sub("\n", cell.source)


def release(cell: Cell) -> Release:
    """What nbgrader makes of a cell for the release."""
    stub = _CODE_STUB if cell.kind is CellKind.CODE else _TEXT_STUB
    cleared = _without(text_of(cell), RegionKind.SOLUTION, stub)
    if cleared.refusal:
        return Release("", refusal=cleared.refusal)
    if is_solution(cell) and not cleared.has_region:
        return Release("\n".join(stub), is_wiped=True)
    if cleared.has_region and not may_hold(cell, RegionKind.SOLUTION):
        return Release("", refusal=_MISPLACED[RegionKind.SOLUTION])
    shown = cleared.source
    for kind in (RegionKind.HIDDEN_TESTS, RegionKind.MARK_SCHEME):
        cleared = _without(shown, kind, ())
        if cleared.refusal:
            return Release("", refusal=cleared.refusal)
        if cleared.has_region and not may_hold(cell, kind):
            return Release("", refusal=_MISPLACED[kind])
        shown = cleared.source
    return Release(shown)


def may_hold(cell: Cell, kind: RegionKind) -> bool:
    """Whether nbgrader accepts a region of ``kind`` in a cell of this role."""
    if kind is RegionKind.SOLUTION:
        return is_solution(cell)
    return is_graded(cell) if kind is RegionKind.HIDDEN_TESTS else is_task(cell)


def refusal_of(text: str, kind: RegionKind) -> str | None:
    """nbgrader's words where the regions of ``kind`` in a text are such that it stops."""
    return _without(text, kind, ()).refusal


@lru_cache(maxsize=1024)
def outside(text: str, kind: RegionKind) -> str:
    """``text`` with the regions of ``kind``, and every delimiter of it, as blank lines."""
    if _BEGIN[kind] not in text and _END[kind] not in text:
        return text
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines):
        begins, ends = _BEGIN[kind] in line, _END[kind] in line
        if begins or ends or inside:
            lines[number] = ""
        inside = begins or (inside and not ends)
    return "\n".join(lines)


_MISPLACED = {
    RegionKind.SOLUTION: "Solution region detected in a non-solution cell",
    RegionKind.HIDDEN_TESTS: "Hidden test region detected in a non-grade cell",
    RegionKind.MARK_SCHEME: "Mark scheme region detected in a non-grade cell",
}
_NESTED = {
    RegionKind.SOLUTION: "encountered nested begin solution statements",
    RegionKind.HIDDEN_TESTS: "Encountered nested begin hidden tests statements",
    RegionKind.MARK_SCHEME: "Encountered nested begin mark scheme statements",
}
_OPEN = {
    RegionKind.SOLUTION: "no end solution statement found",
    RegionKind.HIDDEN_TESTS: "No end hidden tests statement found",
    RegionKind.MARK_SCHEME: "No end mark scheme tests statement found",
}


class _Cleared(NamedTuple):
    source: str
    has_region: bool = False
    refusal: str | None = None


@lru_cache(maxsize=1024)
def _without(source: str, kind: RegionKind, stub: tuple[str, ...]) -> _Cleared:
    if _BEGIN[kind] not in source and _END[kind] not in source:
        return _Cleared(source)
    kept: list[str] = []
    inside = has_region = False
    for line in source.split("\n"):
        if _BEGIN[kind] in line:
            if inside:
                return _Cleared("", refusal=_NESTED[kind])
            inside = has_region = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part for part in stub]
        elif _END[kind] in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        return _Cleared("", refusal=_OPEN[kind])
    return _Cleared("\n".join(kept), has_region)
