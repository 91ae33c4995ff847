"""What an author has told modlint to leave alone: ``# modlint: ignore[IMP001] reason``.

Three words, each with codes in brackets and an optional reason behind them:

``ignore``
    The statement on whose line (or lines) it stands, with the comments directly above; on a
    line of its own, the statement directly below. Of a compound statement that is the head,
    decorators included.
``ignore-cell``
    The whole cell, what is said of its marker and metadata included; on a line of its own.
``ignore-file``
    The whole file; on a line of its own.

In a Markdown cell the last two are written ``<!-- modlint: ignore-cell[NBG012] reason -->``.
A comment above a marker line belongs to another cell in the notebook, so it says nothing of
the marker: the same words mean the same in a ``.py`` and in a notebook.
"""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, Module, cell_at
from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import Cell, CellKind, ModuleFile, editor_lines
from modlint.notebook.percent import markdown_text

#: What every suppression has in it; most files are done after a look for this.
SIGN = "modlint:"
_WORDS = r"(?P<word>[A-Za-z][\w-]*)\s*(?:\[(?P<codes>[^\]\n#]*)\])?"
# A reason ends where the next remark to a tool begins, as in "… a reason  # type: ignore".
_COMMENT = re.compile(rf"(?:^|(?<=\s))#\s*modlint:\s*{_WORDS}(?P<rest>(?:(?!\s#\s).)*)")
_MARKDOWN = re.compile(rf"[ \t]*<!--\s*modlint:\s*{_WORDS}(?P<rest>.*?)-->[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
#: How like `ignore-file` a word must be to be taken for it: `ignore-flie` is, `ignore-line` not.
_ALIKE = 0.9
_BARE_CODE = re.compile(r"\s*[A-Za-z]{3}\d+\b")


class Scope(StrEnum):
    """How far a suppression reaches; the word that says so."""

    LINE = "ignore"
    CELL = "ignore-cell"
    FILE = "ignore-file"


@dataclass(slots=True)
class Stretch:
    """What some suppressions speak of together: a statement, a cell, the file.

    ``named`` are the codes that they name; ``is_blanket``: one of them names none. ``used``
    are the codes that they have suppressed so far.
    """

    named: set[str] = field(default_factory=set)
    is_blanket: bool = False
    used: set[str] = field(default_factory=set)

    def hides(self, code: str, *, by_name: bool = False) -> bool:
        """Whether the rule ``code`` is suppressed; ``by_name``: not where no rule is named."""
        return code in self.named or (self.is_blanket and not by_name)


_NOWHERE = Position(1)
#: A statement (its cell and row), a cell, the file: what a stretch is found by.
_Key = tuple[int, int] | int | None


@dataclass(eq=False)
class Suppression:
    """One suppression as it is written.

    ``cell`` is the index of its cell, ``start`` and ``end`` its place there, ``codes`` what it
    names (nothing: it suppresses all), in capitals. ``block`` tells for ``Scope.LINE`` where
    the statement, with the comments above it, begins that it speaks of: the cell in which its
    code begins, and the row. ``fault`` says why it counts for nothing.
    """

    scope: Scope
    codes: tuple[str, ...] = ()
    fault: str = ""
    cell: int = 0
    start: Position = _NOWHERE
    end: Position = _NOWHERE
    block: tuple[int, int] = (0, 0)
    stretch: Stretch = field(default_factory=Stretch)

    @property
    def key(self) -> _Key:
        """What it speaks of."""
        if self.scope is Scope.LINE:
            return self.block
        return self.cell if self.scope is Scope.CELL else None

    @property
    def used(self) -> set[str]:
        """The codes that it has suppressed so far."""
        return self.stretch.used & set(self.codes) if self.codes else self.stretch.used


class Suppressions:
    """All suppressions of a module. A look-up takes no longer where there are many."""

    def __init__(self, module: Module) -> None:
        self._module = module
        #: Cell → the cell where its code begins, the first and the last rows of the blocks.
        self._blocks: dict[int, tuple[int, list[int], list[int]]] = {}
        self._stretches: dict[_Key, Stretch] = {}
        #: What was found so far, and is suppressed.
        self.hidden: list[Diagnostic] = []
        self.found = list(self._read())
        for suppression in self.found:
            if not suppression.fault:
                stretch = self._stretches.setdefault(suppression.key, Stretch())
                stretch.named.update(suppression.codes)
                stretch.is_blanket = stretch.is_blanket or not suppression.codes
                suppression.stretch = stretch

    def hides(self, code: str, cell: int, row: int, *, line_only: bool = False) -> bool:
        """Whether a diagnostic of ``code`` at that place is suppressed (by its line alone)."""
        return bool(self.found) and any(
            stretch.hides(code) for stretch in self._at(cell, row, line_only=line_only)
        )

    def kept(self, diagnostics: Iterable[Diagnostic], *, by_name: bool = False) -> list[Diagnostic]:
        """What is not suppressed; what suppresses the others is now in use.

        ``by_name``: these are about suppressions themselves, and must be named.
        """
        if not self.found:
            return list(diagnostics)
        return [d for d in diagnostics if not self._take(d, by_name)]

    def _take(self, diagnostic: Diagnostic, by_name: bool) -> bool:
        row = None if is_about_cell(self._module.file, diagnostic) else diagnostic.start.row
        hiding = [
            s for s in self._at(diagnostic.cell, row) if s.hides(diagnostic.code, by_name=by_name)
        ]
        for stretch in hiding:
            stretch.used.add(diagnostic.code)
        if hiding:
            self.hidden.append(diagnostic)
        return bool(hiding)

    def _at(self, cell: int, row: int | None, *, line_only: bool = False) -> Iterator[Stretch]:
        """What speaks of a row of a cell; of the cell as a whole where that is None."""
        keys: list[_Key] = [] if line_only else [cell, None]
        if row is not None and cell in self._blocks:
            first_cell, starts, ends = self._blocks[cell]
            at = bisect_right(starts, row) - 1
            if at >= 0 and row <= ends[at]:
                keys.append((first_cell, starts[at]))
        return (self._stretches[key] for key in keys if key in self._stretches)

    def _read(self) -> Iterator[Suppression]:
        for unit in self._module.units:
            if SIGN in unit.text:
                yield from self._in_code(unit)
        for index, cell in enumerate(self._module.file.cells):
            if cell.kind is CellKind.MARKDOWN and SIGN in cell.source:
                yield from _in_markdown(index, cell)
            if cell.marker and SIGN in cell.marker:
                yield from _on_marker(index, cell, cell.marker.rstrip())

    def _in_code(self, unit: CodeUnit) -> Iterator[Suppression]:
        layout = layout_of(unit.text)
        starts = [unit.row + first - 1 for first, _ in layout.blocks]
        ends = [unit.row + last - 1 for _, last in layout.blocks]
        for offset in range(len(unit.cells)):
            self._blocks[unit.index + offset] = unit.index, starts, ends
        for comment in layout.comments:
            row = unit.row + comment.line - 1
            for match in _COMMENT.finditer(comment.text):
                read = _understood(match, own_line=comment.own_line)
                if read is not None:
                    read.cell = cell_at(unit, row)
                    read.start = Position(row, comment.column + match.start() + 1)
                    read.end = Position(row, read.start.column + len(match.group().rstrip()))
                    read.block = unit.index, starts[bisect_right(starts, row) - 1]
                    yield read


def is_about_cell(file: ModuleFile, diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic is about a cell as a whole, its marker or the header above."""
    return diagnostic.start.row < file.cells[diagnostic.cell].row or (
        diagnostic.start == diagnostic.end  # a notebook has no marker to point at
    )


# --- reading ----------------------------------------------------------------------------------


def _understood(match: re.Match[str], *, own_line: bool) -> Suppression | None:
    """What was written, without its place; None for words that are prose."""
    word, listed, rest = match["word"], match["codes"], match["rest"]
    if word not in list(Scope):
        near = _near(word)
        if not near and listed is None:
            return None
        hint = f"; did you mean `{near}`?" if near else ""
        return Suppression(Scope.LINE, fault=f"`modlint: {word}` is no suppression{hint}")
    scope = Scope(word)
    codes = tuple(c.strip().upper() for c in (listed or "").split(",") if c.strip())
    fault = ""
    if listed is None and rest.startswith("["):
        fault = "the bracket is not closed: nothing is suppressed"
    elif listed is None and _BARE_CODE.match(rest):
        fault = f"the codes are not in brackets: `{word}[IMP001]` suppresses IMP001"
    elif listed is not None and not codes:
        fault = "the brackets are empty: nothing is suppressed"
    elif scope is not Scope.LINE and not own_line:
        fault = f"`{word}` stands behind code: it counts on a line of its own"
    return Suppression(scope, codes, fault)


@lru_cache(maxsize=256)
def _near(word: str) -> str:
    """The word that was meant; one that hides more only where hardly another can be meant."""
    from difflib import get_close_matches

    near = get_close_matches(word, [Scope.CELL, Scope.FILE], 1, _ALIKE)
    if not near and word.startswith(Scope.LINE):
        return Scope.LINE
    return next(iter(near or get_close_matches(word, [Scope.LINE], 1)), "")


def _on_marker(index: int, cell: Cell, marker: str) -> Iterator[Suppression]:
    """What jupytext takes for the cell's title."""
    for match in _COMMENT.finditer(marker):
        start = Position(cell.marker_row, match.start() + 1)
        fault = "stands on a marker line: write it into the cell, as `ignore-cell`"
        end = Position(start.row, len(marker) + 1)
        yield Suppression(Scope.CELL, (), fault, index, start, end)


def _in_markdown(index: int, cell: Cell) -> Iterator[Suppression]:
    fence = ""
    originals = editor_lines(cell.source)
    for number, line in enumerate(markdown_text(cell).split("\n")):
        if opening := _FENCE.match(line):
            sign = opening[1][:3]
            fence = "" if fence == sign else fence or sign
            continue
        match = _MARKDOWN.match(line.rstrip("\r")) if not fence else None
        read = _understood(match, own_line=True) if match else None
        if read is None:
            continue
        if read.scope is Scope.LINE and not read.fault:
            read.fault = "`ignore` is for code: in Markdown, `ignore-cell` is for the cell"
        text = originals[number].rstrip()
        row = cell.row + number
        read.cell = index
        read.start = Position(row, text.index("<!--") + 1)
        read.end = Position(row, len(text) + 1)
        yield read


class Comment(NamedTuple):
    """A comment of code: 1-based line, 0-based column."""

    line: int
    column: int
    text: str
    own_line: bool


@dataclass(slots=True)
class Layout:
    """What a suppression may speak of in a text, line by line.

    A block is a logical line with the decorators and the comments directly above it, or
    comments that lead none: its first and its last line. ``heads`` are the first line
    (decorators included) and the last one of each logical line.
    """

    comments: list[Comment] = field(default_factory=list)
    blocks: list[tuple[int, int]] = field(default_factory=list)
    heads: list[tuple[int, int]] = field(default_factory=list)


_NO_CODE = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def layout_of(text: str) -> Layout:
    """The comments and blocks of Python code; of faulty code, what was read before the fault."""
    found = Layout()
    first = last = 0  # the lines of the block so far
    code = code_end = 0  # the first line of code in it; the last line of any code
    is_open = is_decorator = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            line = token.start[0]
            if token.type == tokenize.NEWLINE:
                is_open = False
                found.heads.append((code, last))
                if not is_decorator:
                    found.blocks.append((first, last))
                    first = code = 0
                continue
            if token.type in _NO_CODE:
                continue
            if first and line > last + 1 and not is_open and not is_decorator:
                found.blocks.append((first, last))  # comments that a blank line cuts off
                first = 0
            if token.type == tokenize.COMMENT:
                own_line = line > code_end
                found.comments.append(Comment(*token.start, token.string, own_line))
            else:
                code, code_end = code or line, token.end[0]
                if not is_open:
                    is_open, is_decorator = True, token.string == "@"
            first, last = first or line, token.end[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    if first:
        found.blocks.append((first, last))
    return found


# --- writing ----------------------------------------------------------------------------------


def without_suppressions(cell: Cell) -> str:
    """The text of a cell with all suppressions taken out, to compare what else is in it."""
    kept = []
    for line in editor_lines(cell.source):
        body = line.rstrip("\r\n")
        bare = _MARKDOWN.sub("", body.removeprefix("# ")) if cell.kind is not CellKind.CODE else ""
        if cell.kind is CellKind.CODE:
            # What stood behind the suppression may stand in its place.
            bare = re.sub(r"\s+", " ", _COMMENT.sub("", body)).strip()
        elif bare:
            bare = body
        if bare.strip() or not body.strip():
            kept.append(bare)
    return "\n".join(kept).rstrip("\n")


def with_codes(cell: Cell, suppression: Suppression, codes: Iterable[str]) -> Cell:
    """``cell`` with ``suppression`` naming ``codes``; without it, where there are none."""
    lines = editor_lines(cell.source)
    at = suppression.start.row - cell.row
    line = lines[at]
    body = line.rstrip("\r\n")
    start, end = suppression.start.column - 1, suppression.end.column - 1
    written = body[start:end]
    if named := ", ".join(codes):
        head, word, tail = written.partition(suppression.scope)
        tail = tail.lstrip().partition("]")[2] if tail.lstrip().startswith("[") else tail
        lines[at] = body[:start] + f"{head}{word}[{named}]{tail}" + body[end:] + line[len(body) :]
        return replace(cell, source="".join(lines))
    before, after = body[:start], body[end:].lstrip()
    if not after:
        before = before.rstrip()
    if (before + after).strip(" \t#" if cell.kind is not CellKind.CODE else " \t"):
        lines[at] = before + after + line[len(body) :]
    else:
        del lines[at]
        if at == len(lines) and at and line == body:  # the last line of a notebook's cell
            lines[-1] = lines[-1].rstrip("\r\n")
    return replace(cell, source="".join(lines))
