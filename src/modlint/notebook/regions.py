"""Solution regions: the lines that nbgrader looks for, and what it makes of them for the release.

Seen in nbgrader 0.9: ``ClearSolutions``, ``ClearHiddenTests``, ``ClearMarkScheme``. A
delimiter is a plain substring of a line, upper case, in strings, docstrings and
Markdown too. The course's configuration can name others: everything here goes ``by`` one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grader_config import DEFAULT, GraderConfig, Marks
from modlint.notebook.grading import is_graded, is_solution, is_task
from modlint.notebook.percent import markdown_text

_LONE_RETURN = re.compile(r"\r(?!\n)")
_DELIMITER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


class RegionKind(StrEnum):
    """What a region holds; the value is the word that delimits it."""

    SOLUTION = "SOLUTION"
    HIDDEN_TESTS = "HIDDEN TESTS"
    MARK_SCHEME = "MARK SCHEME"


KINDS = tuple(RegionKind)
_OWN = Marks()
#: The step of nbgrader that takes the regions of a kind away.
_STEPS = dict(zip(KINDS, ("ClearSolutions", "ClearHiddenTests", "ClearMarkScheme"), strict=True))


def begin_of(kind: RegionKind, marks: Marks = _OWN) -> str:
    """What begins a region of ``kind``: ``BEGIN SOLUTION``."""
    return marks[2 * KINDS.index(kind)]


def end_of(kind: RegionKind, marks: Marks = _OWN) -> str:
    """What ends a region of ``kind``: ``END SOLUTION``."""
    return marks[2 * KINDS.index(kind) + 1]


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
_FIRST_LETTERS = (
    r"[^A-Za-z\n]*(?:[Bb][EeGg]|[Ee][NnDd]|[Ss][TtOo]|[Ff][Ii]|[Cc][Ll]|[Oo][Pp]|[Hh][Ii]|[Mm][Aa])"
)
_MAY_BE_MEANT = re.compile(rf"\n[^\S\n]*#{_FIRST_LETTERS}")
_TEXT_MAY_BE_MEANT = re.compile(rf"\n{_FIRST_LETTERS}")
#: The same where the configuration names other delimiters: they may begin with anything.
_ANY_COMMENT = re.compile(r"\n[^\S\n]*#")
_ANY_TEXT = re.compile(r"\n[^\S\n]*\S")
_SPELLINGS = {
    RegionKind.SOLUTION: "SOLUTION",
    RegionKind.HIDDEN_TESTS: r"HIDDEN[\W_]*TEST",
    RegionKind.MARK_SCHEME: r"MARK(?:ING)?[\W_]*SCHEME",
}
_SPELLED = {
    kind: re.compile(rf"(\s*#[\W\d_]*)(BEGIN|END)[\W_]*{words}S?\b(.*)", re.IGNORECASE)
    for kind, words in _SPELLINGS.items()
}
_BEGINS = r"(?P<{}>BEGIN(?:S|NING)?|START(?:S|ING)?|OPEN(?:S|ING)?)"
_ENDS = r"(?:END(?:S|ING)?|STOPS?|FINISH(?:ES)?|CLOS(?:E|ES|ING))"
#: The same in other words: nothing else may stand on the line, or it would be prose.
_REWORDED = {
    kind: re.compile(
        rf"(?P<lead>\s*#[\W\d_]*)(?:(?:{_BEGINS.format('first')}|{_ENDS})(?:[\W_]+OF)?"
        rf"(?:[\W_]+THE)?[\W_]+{words}S?|{words}S?[\W_]+(?:{_BEGINS.format('last')}|{_ENDS}))"
        r"(?P<tail>[\W\d_]*)",
        re.IGNORECASE,
    )
    for kind, words in _SPELLINGS.items()
}
_NEAR = 0.9  # one letter wrong, missing or doubled


def near_miss(line: str, by: GraderConfig = DEFAULT) -> NearMiss | None:
    """What a line that is only a comment is meant as: ``# begin solution``, ``# START SOLUTION``.

    None for a line that nbgrader reads, and for one that says anything else.
    """
    return _near_miss(line, by.marks)


def _near_miss(line: str, marks: Marks) -> NearMiss | None:
    is_own = marks == _OWN
    may_be = _MAY_BE_MEANT if is_own else _ANY_COMMENT
    if not may_be.match(f"\n{line}") or _pattern(marks).search(line):
        return None
    for kind, spelling in _SPELLED.items():
        if match := spelling.fullmatch(line):
            begins = match[2].upper() == "BEGIN"
            return _meant(kind, begins, match[1], match[3], marks)
    for kind, wording in _REWORDED.items():
        if match := wording.fullmatch(line):
            begins = bool(match["first"] or match["last"])
            return _meant(kind, begins, match["lead"], match["tail"], marks)
    if not is_own and (miss := _like_a_mark(line, marks)) is not None:
        return miss
    match = _WORDS.fullmatch(line)
    if match is None:
        return None
    words = re.findall("[A-Z]+", match[2].upper())
    for kind in KINDS:
        for first in ("BEGIN", "END"):
            meant = f"{first} {kind}"
            if len(words) == len(meant.split()) and _is_near(words, meant):
                return _meant(kind, first == "BEGIN", match[1], match[3], marks)
    return None


def _meant(kind: RegionKind, begins: bool, lead: str, tail: str, marks: Marks) -> NearMiss:
    """The near miss of a line that stands between ``lead`` and ``tail`` of a comment."""
    mark = begin_of(kind, marks) if begins else end_of(kind, marks)
    if mark.lstrip().startswith("#"):
        lead = lead[: len(lead) - len(lead.lstrip())]
    return NearMiss(kind, begins, lead + mark + tail)


def _like_a_mark(line: str, marks: Marks) -> NearMiss | None:
    """What a line is meant as that is a delimiter of the configuration, but for a slip."""
    from difflib import SequenceMatcher

    written = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    for index, mark in enumerate(marks):
        matcher = SequenceMatcher(None, written.upper(), mark.strip().upper())
        if matcher.quick_ratio() >= _NEAR and matcher.ratio() >= _NEAR:
            kind = KINDS[index // 2]
            sign = "" if mark.lstrip().startswith("#") or not written.startswith("#") else "# "
            return NearMiss(kind, index % 2 == 0, indent + sign + mark)
    return None


def text_near_miss(line: str, by: GraderConfig = DEFAULT) -> NearMiss | None:
    """The same of a line of Markdown, where a delimiter needs no sign of a comment."""
    return _text_near_miss(line, by.marks)


def _text_near_miss(line: str, marks: Marks) -> NearMiss | None:
    miss = _near_miss(f"#{line}", marks)
    if miss is None or not miss.mended.startswith("#"):
        return None
    is_signed = any(mark.startswith("#") and mark in miss.mended for mark in marks)
    return miss if is_signed else miss._replace(mended=miss.mended[1:])


def near_misses_in(text: str, *, is_code: bool, by: GraderConfig = DEFAULT) -> dict[int, NearMiss]:
    """The lines of a cell's text that are near misses, by number."""
    return _near_misses_in(text, is_code, by.marks)


@lru_cache(maxsize=1024)
def _near_misses_in(text: str, is_code: bool, marks: Marks) -> dict[int, NearMiss]:
    if marks == _OWN:
        may_be = _MAY_BE_MEANT if is_code else _TEXT_MAY_BE_MEANT
    else:
        may_be = _ANY_COMMENT if is_code else _ANY_TEXT
    read = _near_miss if is_code else _text_near_miss
    found: dict[int, NearMiss] = {}
    for begin in may_be.finditer(f"\n{text}"):
        start = begin.start()  # in the text, which has one character less
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else None]
        if miss := read(line.rstrip("\r"), marks):
            found[text.count("\n", 0, start) + 1] = miss
    return found


def _is_near(words: list[str], meant: str) -> bool:
    """Whether two or three words are ``meant`` but for a slip of the keyboard."""
    from difflib import SequenceMatcher

    first = meant.split()[0]
    starts_alike = words[0][:2] in (first[:2], first[0] + first[2])
    return starts_alike and SequenceMatcher(None, " ".join(words), meant).ratio() >= _NEAR


def as_comment(mark: str) -> str:
    """A line of code that holds a delimiter and nothing else."""
    return mark if mark.lstrip().startswith("#") else f"### {mark}"


def is_delimiter(line: str, by: GraderConfig = DEFAULT) -> bool:
    """Whether nbgrader takes the line for the begin or the end of a region."""
    if by.marks is _OWN or by.marks == _OWN:
        return ("BEGIN " in line or "END " in line) and bool(_DELIMITER.search(line))
    return any(mark in line for mark in by.marks)


def delimiters(source: str, by: GraderConfig = DEFAULT) -> tuple[Delimiter, ...]:
    """The delimiters of a cell's text as nbgrader reads them; BEGIN counts before END on a line.

    Remembered: several rules ask for those of each cell.
    """
    return _delimiters(source, by.marks) if is_delimiter(source, by) else ()


@lru_cache(maxsize=8)
def _pattern(marks: Marks) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, marks)))


@lru_cache(maxsize=1024)
def _delimiters(source: str, marks: Marks) -> tuple[Delimiter, ...]:
    found: list[Delimiter] = []
    number, stop = 1, 0
    pattern = _pattern(marks)
    while mark := pattern.search(source, stop):
        begin, end = source.rfind("\n", 0, mark.start()) + 1, source.find("\n", mark.end())
        number += source.count("\n", stop, begin)
        line = source[begin : end if end >= 0 else None]
        for index, kind in enumerate(KINDS):
            if marks[2 * index] in line:
                found.append(Delimiter(kind, True, number, line))
            elif marks[2 * index + 1] in line:
                found.append(Delimiter(kind, False, number, line))
        if end < 0:
            break
        number += 1
        stop = end + 1
    return tuple(found)


def crosses_region(cell: Cell, first: int, last: int, by: GraderConfig = DEFAULT) -> bool:
    """Whether a region begins or ends between two lines (1-based) of a cell's text, or on them.

    Statements of such lines cannot be put under one guard, or into one function: nbgrader would
    take some of them away, and leave the rest without its head or its call.
    """
    return is_delimiter(cell.source, by) and any(
        first <= mark.line <= last for mark in delimiters(text_of(cell), by)
    )


def text_of(cell: Cell) -> str:
    """The text in which nbgrader looks for delimiters; line 1 is the cell's first row.

    Reading a ``.py``, jupytext takes a lone carriage return for the end of a line.
    """
    if cell.kind is not CellKind.CODE:
        return markdown_text(cell)
    if cell.origin is not None or "\r" not in cell.source:
        return cell.source
    return _LONE_RETURN.sub("\n", cell.source)


def release(cell: Cell, by: GraderConfig = DEFAULT) -> Release:
    """What nbgrader makes of a cell for the release.

    In a course that is staged, a solution cell without a region is locked before nbgrader runs.
    """
    is_code = cell.kind is CellKind.CODE
    shown = shown_by_course(text_of(cell), by)
    for kind in KINDS:
        if _STEPS[kind] in by.skips:
            continue
        stub: tuple[str, ...] = ()
        if kind is RegionKind.SOLUTION:
            stub = by.code_lines if is_code else by.text_lines
        cleared = _without(shown, kind, stub, by.marks)
        if cleared.refusal:
            return Release("", refusal=cleared.refusal)
        is_answer = kind is RegionKind.SOLUTION and is_solution(cell) and not by.is_staged
        if is_answer and not cleared.has_region:
            return Release("\n".join(stub), is_wiped=True)
        if cleared.has_region and not may_hold(cell, kind, by):
            return Release("", refusal=_MISPLACED[kind])
        shown = cleared.source
    return Release(shown)


def may_hold(cell: Cell, kind: RegionKind, by: GraderConfig = DEFAULT) -> bool:
    """Whether nbgrader accepts a region of ``kind`` in a cell of this role."""
    if _STEPS[kind] in by.tolerates or _STEPS[kind] in by.skips:
        return True
    if kind is RegionKind.SOLUTION:
        return is_solution(cell)
    return is_graded(cell) if kind is RegionKind.HIDDEN_TESTS else is_task(cell)


def refusal_of(text: str, kind: RegionKind, by: GraderConfig = DEFAULT) -> str | None:
    """nbgrader's words where the regions of ``kind`` in a text are such that it stops."""
    return None if _STEPS[kind] in by.skips else _without(text, kind, (), by.marks).refusal


def outside(text: str, kind: RegionKind, by: GraderConfig = DEFAULT) -> str:
    """``text`` with the regions of ``kind``, and every delimiter of it, as blank lines."""
    return _outside(text, kind, by.marks)


@lru_cache(maxsize=1024)
def _outside(text: str, kind: RegionKind, marks: Marks) -> str:
    first, last = begin_of(kind, marks), end_of(kind, marks)
    if first not in text and last not in text:
        return text
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines):
        begins, ends = first in line, last in line
        if begins or ends or inside:
            lines[number] = ""
        inside = begins or (inside and not ends)
    return "\n".join(lines)


# --- what the course's own command makes of roles, before nbgrader sees a cell ----------------

#: ``### BEGIN SOLUTION role="scaffold"``: students keep these two, and never see the third.
_ROLE = re.compile(r"""\brole\s*=\s*["']?(\w+)""")
_SHOWN_ROLES = ("scaffold", "challenge")
_HIDDEN_ROLE = "instructor"


def role_of(line: str) -> str:
    """The role of the region that a line begins: ``core`` where it names none."""
    found = _ROLE.search(line)
    return found[1].lower() if found else "core"


def is_shown(line: str, by: GraderConfig = DEFAULT) -> bool:
    """Whether students receive what stands in the solution region that ``line`` begins."""
    return by.is_staged and role_of(line) in _SHOWN_ROLES


def shown_by_course(text: str, by: GraderConfig = DEFAULT) -> str:
    """``text`` as the course's own command hands it to nbgrader; as it is where there is none.

    Of regions that students keep, the lines that delimit them are blank; of those that they
    never see, all lines are: the lines keep their numbers.
    """
    return _by_roles(text, by.marks) if by.is_staged and "role" in text else text


@lru_cache(maxsize=1024)
def _by_roles(text: str, marks: Marks) -> str:
    lines = text.split("\n")
    role = ""
    for number, line in enumerate(lines):
        if marks.begin_solution in line and not role:
            role = role_of(line)
            ends = False
        elif role and marks.end_solution in line:
            ends = True
        elif role != _HIDDEN_ROLE:
            continue
        else:
            ends = False
        if role == _HIDDEN_ROLE or role in _SHOWN_ROLES:
            lines[number] = ""
        role = "" if ends else role
    return "\n".join(lines)


# --- nbgrader's steps -------------------------------------------------------------------------

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
def _without(source: str, kind: RegionKind, stub: tuple[str, ...], marks: Marks) -> _Cleared:
    begin, end = begin_of(kind, marks), end_of(kind, marks)
    if begin not in source and end not in source:
        return _Cleared(source)
    kept: list[str] = []
    inside = has_region = False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                return _Cleared("", refusal=_NESTED[kind])
            inside = has_region = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part for part in stub]
        elif end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        return _Cleared("", refusal=_OPEN[kind])
    return _Cleared("\n".join(kept), has_region)
