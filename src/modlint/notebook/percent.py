"""Percent files: bytes to cells and back, without the loss of a byte.

Cells are cut where jupytext cuts them, since its notebook is what students get:
that includes its way to follow strings (which is not Python's) and its lines
(``str.splitlines``, so that a form feed ends one). Row numbers are those of an
editor: only ``\\n``, ``\\r\\n`` and ``\\r`` end a row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.marker import (
    INCORRECT,
    Marker,
    Option,
    option_span,
    parse_marker,
    split_line_end,
    with_nbgrader,
)
from modlint.notebook.repair import (
    glued_marker,
    repaired_marker,
    repaired_metadata,
    with_repaired_metadata,
)

__all__ = [
    "INCORRECT",
    "Marker",
    "Option",
    "decode",
    "encoded",
    "glued_markers",
    "markdown_text",
    "option_span",
    "parse_marker",
    "read_text",
    "repaired_marker",
    "repaired_metadata",
    "with_nbgrader",
    "with_repaired_metadata",
]

_BOM = b"\xef\xbb\xbf"
#: Codecs of domain names, which take hours for a long text.
_SLOW = ("idna", "punycode")
_CODING = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*[-_.a-zA-Z0-9]+")
_RULE = re.compile(r"---\s*$")
_JUPYTER = re.compile(r"jupyter\s*:\s*$")
_STRING_OR_COMMENT = re.compile(r"[\"'#]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
# What makes jupytext take a file for a percent file: a marker that is not indented.
_PERCENT_FILE = re.compile(r"#(?: ?%%(?:\s|$)| <codecell>| In\[[0-9 ]*\])")


def decode(data: bytes) -> tuple[str, str]:
    """The text of a percent file (or a plain Python file), and its encoding.

    That is found as Python finds it. Raises UnreadableModule for bytes that are no text
    in it, and where the text could not be written back to the same bytes.
    """
    nul = data.find(b"\0")
    if nul >= 0:
        raise UnreadableModule("the file has a NUL byte: it is not a text file", _row(data, nul))
    encoding = _encoding(data)
    if encoding in _SLOW:
        raise UnreadableModule(f"the file cannot be read as {encoding}")
    try:
        text = data.decode(encoding)
        if not encoding.startswith("utf-8") and text.encode(encoding) != data:
            raise UnreadableModule(f"the file cannot be written back unchanged as {encoding}")
    except UnicodeDecodeError as error:
        # A codec with a byte order mark counts from behind the mark.
        start = error.start + (len(_BOM) if encoding == "utf-8-sig" else 0)
        raise UnreadableModule(f"the file is not {encoding} text", _row(data, start)) from error
    except (UnicodeError, LookupError) as error:
        raise UnreadableModule(f"the file cannot be read as {encoding}") from error
    return text, encoding


def encoded(text: str) -> bytes:
    """The bytes of a text that stands in an editor: in UTF-8, or as its coding line says.

    Raises UnreadableModule where that is no encoding, or has no way to write the text.
    """
    data = text.encode("utf-8", "surrogatepass")
    encoding = _encoding(data)
    if encoding.startswith("utf-8"):
        return data
    try:
        if encoding not in _SLOW:
            return text.encode(encoding)
    except (UnicodeError, LookupError):
        pass
    raise UnreadableModule(f"the text cannot be written as {encoding}")


def _encoding(data: bytes) -> str:
    """The codec of the file: byte order mark, then coding line, then UTF-8."""
    first_lines = data[:4096].splitlines(keepends=True)[:2]
    if not any(b"coding" in line for line in first_lines):
        return "utf-8-sig" if data.startswith(_BOM) else "utf-8"
    from tokenize import detect_encoding

    try:
        return detect_encoding(iter(first_lines).__next__)[0]
    except SyntaxError as error:
        message = "the coding line does not name the encoding of the file"
        raise UnreadableModule(message, 1 if b"coding" in first_lines[0] else 2) from error


def _row(data: bytes, position: int) -> int:
    before = data[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _rows(text: str) -> int:
    """How many rows end in this text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def read_text(text: str) -> ModuleFile:
    """Split the text of a file into cells; ``.text`` of the result is the text again.

    A text without a marker at the left edge and without a jupytext header is one
    code cell, and no notebook.
    """
    lines = text.splitlines(keepends=True)
    header = _read_header(lines)
    markers = _find_markers(lines, header.end)
    if not header.is_jupyter and not (markers and _is_percent(lines, markers)):
        return ModuleFile((Cell(CellKind.CODE, text, 1),), is_notebook=False)
    prefix = "".join(lines[: header.end])
    first = markers[0][0] if markers else len(lines)
    above = "".join(lines[header.end : first])
    cells: list[Cell] = []
    if above.isspace():
        prefix += above
    row = 1 + _rows(prefix)
    if above and not above.isspace():
        cells.append(Cell(CellKind.CODE, above, row))
        row += _rows(above)
    stops = [*(at for at, _ in markers[1:]), len(lines)]
    for (at, marker), stop in zip(markers, stops, strict=False):
        source = "".join(lines[at + 1 : stop])
        row += _rows(lines[at])
        cells.append(Cell(marker.kind, source, row, lines[at], marker.metadata))
        row += _rows(source)
    return ModuleFile(tuple(cells), prefix)


def _is_percent(lines: list[str], markers: list[tuple[int, Marker]]) -> bool:
    """Does jupytext take a file without a header for a percent file?

    It counts signs where it does not cut too: in fenced blocks, and on the line
    that ends a string. So all lines are asked where no real marker is such a sign.
    """
    if any(_PERCENT_FILE.match(lines[at]) for at, _ in markers):
        return True
    quote: str | None = None
    for line in lines:
        quote = open_string(line, quote)
        if quote is None and _PERCENT_FILE.match(line):
            return True
    return False


class _Header(NamedTuple):
    """How many lines belong to the header, and whether it has a ``jupyter:`` section."""

    end: int
    is_jupyter: bool


def _read_header(lines: list[str]) -> _Header:
    """Find what jupytext takes as header: script line, coding line, YAML between rules."""
    start = 0
    started = is_jupyter = False
    for at, text in enumerate(lines):
        if at == 0 and text.startswith("#!"):
            start = 1
        elif at < 2 and _CODING.match(text) and not (at == 1 and _CODING.match(lines[0])):
            start = at + 1
        elif not text.startswith("#"):
            break
        elif _RULE.match(line := _uncommented(text)):
            if started:
                return _Header(_after_header(lines, at + 1), is_jupyter)
            started = True
        elif not started and line.strip():
            break
        elif _JUPYTER.match(line):
            is_jupyter = True
    return _Header(start, False)


def _after_header(lines: list[str], end: int) -> int:
    """One blank line below the header belongs to the header."""
    return end + 1 if end < len(lines) and not _uncommented(lines[end]).strip() else end


def _uncommented(line: str) -> str:
    if line.startswith("# "):
        return line[2:]
    return line.removeprefix("#")


def _find_markers(lines: list[str], start: int) -> list[tuple[int, Marker]]:
    """The lines that start a cell, from line ``start`` on, with what they say."""
    found: list[tuple[int, Marker]] = []
    quote: str | None = None
    fence: tuple[str, int] | None = None
    closings: _Closings | None = None
    in_prose = False
    for at in range(start, len(lines)):
        line = lines[at]
        if quote is not None:
            if quote in line:
                quote = open_string(line, quote)
            continue
        if '"""' in line or "'''" in line:
            quote = open_string(line, None)
        if in_prose:
            if fence is not None:
                if _closes(line, fence):
                    fence = None
                continue
            if "```" in line or "~~~" in line:
                closings = closings or _Closings(lines)
                fence = _opened_fence(line)
                if fence is not None and closings.after(at, fence):
                    continue
                fence = None
        if "%%" in line or "In[" in line or "<codecell>" in line:
            marker = parse_marker(line)
            if marker is not None:
                found.append((at, marker))
                in_prose = marker.kind is not CellKind.CODE
    return found


def open_string(line: str, quote: str | None) -> str | None:
    """The triple quote that is open after this line, given the one open before it.

    This is how jupytext sees strings, not how Python does: a quote after a
    backslash never counts, whatever the backslash itself is.
    """
    at = 0
    # Where the third quote of a triple may stand: no quote counts for two triples.
    earliest = 2
    while True:
        if quote is not None:
            start = line.find(quote, at)
            if start < 0:
                return quote
            quote, at, earliest = None, start + 3, start + 5
        found = _STRING_OR_COMMENT.search(line, at)
        if found is None or found[0] == "#":
            return None
        at = found.start()
        mark = found[0]
        if at > 0 and line[at - 1] == "\\":
            at += 1
        elif at >= earliest and line.startswith(mark * 3, at - 2):
            quote = mark * 3
            at += 1
        else:
            end = line.find(mark, at + 1)
            while end > 0 and line[end - 1] == "\\":
                end = line.find(mark, end + 1)
            if end < 0:
                return None
            at = end + 1


def _opened_fence(line: str) -> tuple[str, int] | None:
    """The sign and length of the Markdown fence that this line may open."""
    match = _FENCE.match(split_line_end(_uncommented(line))[0])
    if match is None or (match[1][0] == "`" and "`" in match[2]):
        return None
    return match[1][0], len(match[1])


def _closing_fence(line: str) -> tuple[str, int] | None:
    """The sign and length of the Markdown fence that this line may close."""
    match = _FENCE.match(split_line_end(_uncommented(line))[0])
    return (match[1][0], len(match[1])) if match and not match[2].strip() else None


def _closes(line: str, fence: tuple[str, int]) -> bool:
    closing = _closing_fence(line) if fence[0] * 3 in line else None
    return closing is not None and closing[0] == fence[0] and closing[1] >= fence[1]


class _Closings:
    """All lines of a file that may close a fence.

    A fence counts only if a line below closes it, in the same cell or not. To
    look through the rest of the file for each fence would take quadratic time.
    """

    def __init__(self, lines: list[str]) -> None:
        self._at: dict[str, list[int]] = {"`": [], "~": []}
        self._longest: dict[str, list[int]] = {"`": [], "~": []}
        for at in range(len(lines) - 1, -1, -1):
            closing = None
            if "```" in lines[at] or "~~~" in lines[at]:
                closing = _closing_fence(lines[at])
            if closing is not None:
                sign, length = closing
                longest = self._longest[sign]
                self._at[sign].append(at)
                longest.append(max(length, longest[-1] if longest else 0))
        for sign in self._at:
            self._at[sign].reverse()
            self._longest[sign].reverse()

    def after(self, at: int, fence: tuple[str, int]) -> bool:
        """Can any line below line ``at`` close this fence?"""
        sign, length = fence
        index = bisect_right(self._at[sign], at)
        longest = self._longest[sign]
        return index < len(longest) and longest[index] >= length


def glued_markers(module: ModuleFile) -> list[tuple[int, int, str]]:
    """Lines that lack only the blank after ``%%`` to start a cell (``# %%[markdown]``).

    Each one as cell index, row and line without its ending. Lines in strings do
    not count.
    """
    found: list[tuple[int, int, str]] = []
    for index, cell in enumerate(module.cells):
        if "%%" not in cell.source:
            continue
        quote: str | None = None
        row = cell.row
        for line in cell.source.splitlines(keepends=True):
            if quote is None and "%%" in line and glued_marker(line):
                found.append((index, row, split_line_end(line)[0]))
            if '"""' in line or "'''" in line:
                quote = open_string(line, quote)
            row += _rows(line)
    return found


def markdown_text(cell: Cell) -> str:
    """The Markdown (or raw) text of a cell that is not code.

    It has as many lines as the source has: its first line is row ``cell.row`` of
    the file, the next one ``cell.row + 1`` and so on, in both forms of a text
    cell (one triple-quoted string, whose quotes become blank text, or comment
    lines); all rows end in ``\\n``. A cell without a marker comes from a notebook
    file and is Markdown as it stands. Escapes in strings stay as they are, as in jupytext.
    """
    return cell.source if cell.marker is None else _without_signs(cell.source)


@lru_cache(maxsize=1024)
def _without_signs(source: str) -> str:
    """A text cell of a percent file without quotes or signs of comments; remembered."""
    # With "\n" alone, taking out a sign between "\r" and "\n" cannot make one row of two.
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    text = source.strip()
    for opening in ('"""', "'''", 'r"""', "r'''", 'R"""', "R'''"):
        closing = opening[-3:]
        if (
            text.startswith(opening)
            and text.endswith(closing)
            and len(text) >= len(opening) + len(closing)
        ):
            start = source.index(opening)
            end = source.rindex(closing)
            return source[:start] + source[start + len(opening) : end] + source[end + 3 :]
    return "".join(_uncommented(line) for line in source.splitlines(keepends=True))
