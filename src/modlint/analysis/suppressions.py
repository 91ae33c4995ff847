"""What an author has told modlint to leave alone: ``# modlint: ignore[IMP001] reason``.

Three words, each with codes in brackets and an optional reason behind them:

``ignore``
    The statement on whose line (or lines) it stands; on a line of its own, the comments and
    the statement directly below. Of a compound statement that is the head, decorators included.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from modlint.analysis.module import CodeUnit, Module, cell_at
from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.percent import markdown_text

#: What every suppression has in it; most files are done after a look for this.
SIGN = "modlint:"
#: The rules about suppressions themselves.
ABOUT_SUPPRESSIONS = ("MET001", "MET003")
_WORDS = r"(?P<word>[A-Za-z][\w-]*)\s*(?:\[(?P<codes>[^\]\n]*)\])?"
# A reason ends where the next remark to a tool begins, as in "… a reason  # type: ignore".
_COMMENT = re.compile(rf"(?:^|(?<=\s))#\s*modlint:\s*{_WORDS}(?P<rest>(?:(?!\s#\s).)*)")
_MARKDOWN = re.compile(rf"[ \t]*<!--\s*modlint:\s*{_WORDS}(?P<rest>.*?)-->[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BARE_CODE = re.compile(r"\s*[A-Za-z]{3}\d+\b")


class Scope(StrEnum):
    """How far a suppression reaches; the word that says so."""

    LINE = "ignore"
    CELL = "ignore-cell"
    FILE = "ignore-file"


@dataclass(eq=False)
class Suppression:
    """One suppression as it is written.

    ``cell`` is the index of its cell, ``start`` and ``end`` its place there, ``codes`` what it
    names (nothing: it suppresses all), in capitals. ``cells`` and ``rows`` are where a
    diagnostic must be for ``Scope.LINE``. ``fault`` says why it counts for nothing. ``used``
    are the codes that it has suppressed so far.
    """

    cell: int
    scope: Scope
    codes: tuple[str, ...]
    start: Position
    end: Position
    cells: range = range(0)
    rows: range = range(0)
    fault: str = ""
    used: set[str] = field(default_factory=set)

    def reaches(self, cell: int, row: int | None) -> bool:
        """Whether it speaks of a row of a cell; of the cell as a whole where that is None."""
        if self.scope is Scope.LINE:
            return cell in self.cells and row in self.rows
        return self.scope is Scope.FILE or cell == self.cell

    def names(self, code: str) -> bool:
        """Whether it is about the rule ``code``; those about suppressions must be named."""
        if self.fault:
            return False
        return code in self.codes if self.codes else code not in ABOUT_SUPPRESSIONS


class Suppressions:
    """All suppressions of a module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.found = list(_found(module))

    def hides(self, code: str, cell: int, row: int | None, *, line_only: bool = False) -> bool:
        """Whether a diagnostic of ``code`` at that place is suppressed (by its line alone)."""
        return any(
            s.names(code) and s.reaches(cell, row) and not (line_only and s.scope is not Scope.LINE)
            for s in self.found
        )

    def kept(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """What is not suppressed; what suppresses the others is now in use."""
        if not self.found:
            return list(diagnostics)
        return [d for d in diagnostics if not self._take(d)]

    def _take(self, diagnostic: Diagnostic) -> bool:
        row = None if is_about_cell(self._module, diagnostic) else diagnostic.start.row
        taken = False
        for suppression in self.found:
            if suppression.names(diagnostic.code) and suppression.reaches(diagnostic.cell, row):
                suppression.used.add(diagnostic.code)
                taken = True
        return taken


def is_about_cell(module: Module, diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic is about a cell as a whole, its marker or the header above."""
    return diagnostic.start.row < module.file.cells[diagnostic.cell].row or (
        diagnostic.start == diagnostic.end  # a notebook has no marker to point at
    )


# --- reading ----------------------------------------------------------------------------------


def _found(module: Module) -> Iterator[Suppression]:
    for unit in module.units:
        if SIGN in unit.text:
            yield from _in_code(unit)
    for index, cell in enumerate(module.file.cells):
        if cell.kind is CellKind.MARKDOWN and SIGN in cell.source:
            yield from _in_markdown(index, cell)
        if cell.marker and SIGN in cell.marker:
            yield from _on_marker(index, cell, cell.marker.rstrip())


def _in_code(unit: CodeUnit) -> Iterator[Suppression]:
    comments, heads = _comments_and_heads(unit.text)
    lines = [line.rstrip("\r\n") for line in editor_lines(unit.text)]
    for line, column, text in comments:
        for match in _COMMENT.finditer(text):
            own_line = not lines[line - 1][:column].strip()
            read = _read(match, own_line=own_line)
            if read is None:
                continue
            row = unit.row + line - 1
            cell = cell_at(unit, row)
            stop = column + match.start() + len(match.group().rstrip())
            place = Position(row, column + match.start() + 1), Position(row, stop + 1)
            first, last = _covered(line, heads, lines)
            yield replace(
                read,
                cell=cell,
                start=place[0],
                end=place[1],
                cells=range(unit.index, unit.index + len(unit.cells)),
                rows=range(unit.row + first - 1, unit.row + last),
            )


def _read(match: re.Match[str], *, own_line: bool) -> Suppression | None:
    """What was written, without its place; None for words that are prose."""
    word, listed, rest = match["word"], match["codes"], match["rest"]
    nowhere = Position(1)
    if word not in list(Scope):
        from difflib import get_close_matches

        near = get_close_matches(word, list(Scope), 1)
        if not near and listed is None:
            return None
        hint = f"; did you mean `{near[0]}`?" if near else ""
        fault = f"`modlint: {word}` is no suppression{hint}"
        return Suppression(0, Scope.LINE, (), nowhere, nowhere, fault=fault)
    scope = Scope(word)
    codes = tuple(c.strip().upper() for c in (listed or "").split(",") if c.strip())
    fault = ""
    if listed is None and (rest.startswith("[") or _BARE_CODE.match(rest)):
        fault = f"the codes are not in brackets: `{word}[IMP001]` suppresses IMP001"
    elif listed is not None and not codes:
        fault = "the brackets are empty"
    elif scope is not Scope.LINE and not own_line:
        fault = f"`{word}` stands behind code: it counts on a line of its own"
    return Suppression(0, scope, codes, nowhere, nowhere, fault=fault)


def _on_marker(index: int, cell: Cell, marker: str) -> Iterator[Suppression]:
    """What jupytext takes for the cell's title."""
    for match in _COMMENT.finditer(marker):
        start = Position(cell.marker_row, match.start() + 1)
        fault = "stands on a marker line: write it into the cell, as `ignore-cell`"
        end = Position(start.row, len(marker) + 1)
        yield Suppression(index, Scope.CELL, (), start, end, fault=fault)


def _in_markdown(index: int, cell: Cell) -> Iterator[Suppression]:
    fence = ""
    originals = editor_lines(cell.source)
    for number, line in enumerate(markdown_text(cell).split("\n")):
        if opening := _FENCE.match(line):
            sign = opening[1][:3]
            fence = "" if fence == sign else fence or sign
            continue
        match = _MARKDOWN.match(line.rstrip("\r")) if not fence else None
        read = _read(match, own_line=True) if match else None
        if read is None:
            continue
        if read.scope is Scope.LINE and not read.fault:
            read.fault = "`ignore` is for code: in Markdown, `ignore-cell` is for the cell"
        text = originals[number].rstrip()
        row = cell.row + number
        start, end = Position(row, text.index("<!--") + 1), Position(row, len(text) + 1)
        yield replace(read, cell=index, start=start, end=end)


_Head = tuple[int, int]
_LAYOUT = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def _comments_and_heads(text: str) -> tuple[list[tuple[int, int, str]], list[_Head]]:
    """The comments (line, column, text), and the first and last line of each logical line.

    Decorators belong to the head that they decorate. A text that does not parse gives
    what was read before the fault.
    """
    comments: list[tuple[int, int, str]] = []
    heads: list[_Head] = []
    first = last = 0
    decorates = opens = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                comments.append((*token.start, token.string))
            elif token.type == tokenize.NEWLINE:
                if not decorates:
                    heads.append((first, last))
                    first = 0
                opens = decorates = False
            elif token.type not in _LAYOUT:
                if not opens:
                    opens, decorates = True, token.string == "@"
                first, last = first or token.start[0], token.end[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    if first:
        heads.append((first, last))
    return comments, heads


def _covered(line: int, heads: list[_Head], lines: list[str]) -> _Head:
    """The lines that a suppression on ``line`` speaks of."""
    head = next((h for h in heads if h[1] >= line), None)
    if head is not None and head[0] <= line:
        return head
    below = line
    while below < len(lines) and lines[below].strip().startswith("#"):
        below += 1  # comments directly below
    if head is not None and head[0] == below + 1:
        return line, head[1]
    return line, below


# --- writing ----------------------------------------------------------------------------------


def without_suppressions(cell: Cell) -> str:
    """The text of a cell with all suppressions taken out, to compare what else is in it."""
    kept = []
    for line in editor_lines(cell.source):
        body = line.rstrip("\r\n")
        bare = _MARKDOWN.sub("", body.removeprefix("# ")) if cell.kind is not CellKind.CODE else ""
        if cell.kind is CellKind.CODE:
            bare = re.sub(r"\s+", " ", _COMMENT.sub("", body)).rstrip()
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
