"""The codemod of NBG001: give each test of a cell a graded cell of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement
from modlint.diagnostics import Patch
from modlint.notebook.cell import Cell
from modlint.notebook.directives import is_exported
from modlint.notebook.grading import (
    grading_of,
    is_delimiter,
    is_solution,
    slug,
    test_metadata,
    unique,
)
from modlint.rules.grading._family import grade_ids, with_metadata

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement's text with the comments above it, and the tests it belongs to.

    A test belongs to itself; anything else to the tests that it calls.
    """

    text: str
    statement: Statement
    tests: tuple[str, ...]

    @property
    def defines(self) -> bool:
        return isinstance(self.statement.first, _DEFINITIONS) and not self.tests


@dataclass(slots=True)
class _Part:
    """Consecutive text of the cell: with ``tests`` a graded cell, without a plain one."""

    tests: list[str] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.chunks)


@dataclass(frozen=True, slots=True)
class Split:
    """How a cell is split. ``points`` are those of its graded cells, in order."""

    index: int
    cells: tuple[Cell, ...]
    points: tuple[float, ...]

    def rewrite(self) -> Patch:
        """The new cells in place of the old one."""
        return {self.index: self.cells}


def split_tests(module: Module, unit: CodeUnit, tests: list[ast.stmt]) -> Split | None:
    """The cells that ``unit`` becomes; None where only the author can tell how to split it."""
    if not unit.is_one_cell or unit.cell.marker is None:
        return None
    parts = _parts(unit, tests)
    if not parts:
        return None
    graded = [part for part in parts if part.tests]
    if any(is_delimiter(line) for part in graded for line in part.text.split("\n")):
        return None  # the student is to write (part of) the test
    ids = _planned_ids(module)
    cells: list[Cell] = []
    points: list[float] = []
    for position, part in enumerate(parts):
        cell = _cell(unit.cell, part, first=position == 0, last=position == len(parts) - 1)
        if part.tests:
            worth = sum(module.settings.points_of(test) for test in part.tests)
            points.append(worth)
            grade_id = ids[unit.index, part.tests[0]]
            if len(parts) == 1:
                grade_id = _kept_id(module, unit.cell) or grade_id
            cell = with_metadata(cell, test_metadata(grade_id, worth))
        cells.append(cell)
    return Split(unit.index, tuple(cells), tuple(points))


def _kept_id(module: Module, cell: Cell) -> str | None:
    """The id that the cell has already, where it is a good one and nobody else's."""
    found = grading_of(cell).get("grade_id")
    ids = [grading_of(other).get("grade_id") for other in module.file.cells]
    if not isinstance(found, str) or not found or slug(found) != found or ids.count(found) > 1:
        return None
    return found


def _planned_ids(module: Module) -> dict[tuple[int, str], str]:
    """A grade_id for each test, by cell and name: ``test_unit_relu`` → ``test-relu``."""
    if "planned ids" not in module.cache:
        taken = grade_ids(module)
        ids: dict[tuple[int, str], str] = {}
        module.cache["planned ids"] = ids
        for name, definitions in module.definitions.items():
            if module.settings.is_test_name(name) or name.startswith("Test"):
                plain = re.sub(r"^(test_unit_|test_|Test)", "", name) or name
                wanted = slug("test-" + plain.lower().replace("_", "-"))
                for definition in definitions:
                    ids[definition.unit.index, name] = unique(wanted, taken)
    return cast("dict[tuple[int, str], str]", module.cache["planned ids"])


def _cell(original: Cell, part: _Part, *, first: bool, last: bool) -> Cell:
    ending = _line_ending(original)
    text = part.text
    if not first:
        text = re.sub(r"\A(?:[ \t]*(?:\r\n|\r|\n))+", "", text)
    if not last:
        # One blank line stands between a cell and the next marker.
        text = text.rstrip() + ending * 2
    if first:
        return replace(original, source=text)
    return Cell(original.kind, text, original.row, f"# %%{ending}")


def _line_ending(cell: Cell) -> str:
    found = re.search(r"\r\n|\r|\n", (cell.marker or "") + cell.source)
    return found.group() if found else "\n"


def _parts(unit: CodeUnit, tests: list[ast.stmt]) -> list[_Part]:
    """The cells to make, in order; empty where only the author can tell."""
    pieces = list(_distributed(_pieces(unit, tests)))
    if len(tests) == 1 and (all(p.tests for p in pieces) or _is_prelude(unit, pieces)):
        return [_Part([_name(tests[0])], [p.text for p in pieces])]
    keeps_definitions = _must_keep_definitions(unit, pieces)
    apart = _one_cell_each(pieces, keeps_definitions)
    return apart or _one_cell_for_all(pieces, keeps_definitions)


def _one_cell_each(pieces: list[_Piece], keeps_definitions: bool) -> list[_Part]:
    """A part for each test; empty where that would change the order in which things run."""
    head = _Part()
    parts: list[_Part] = []
    places: list[int] = []  # of what is no definition, which must not overtake one another
    for piece in pieces:
        if len(piece.tests) > 1:
            return []
        if piece.tests:
            part = next((p for p in parts if tuple(p.tests) == piece.tests), None)
            if part is None:
                part = _Part(list(piece.tests))
                parts.append(part)
        elif not parts:
            part = head
        elif not keeps_definitions:
            if parts[-1].tests:
                parts.append(_Part())
            part = parts[-1]
        elif piece.defines:
            part = head
        else:
            part = next(p for p in reversed(parts) if p.tests)
        part.chunks.append(piece.text)
        if not piece.defines:
            places.append(-1 if part is head else parts.index(part))
    if places != sorted(places):
        return []
    return [head, *parts] if head.chunks else parts


def _one_cell_for_all(pieces: list[_Piece], keeps_definitions: bool) -> list[_Part]:
    """One graded cell from the first test to the last statement that calls one."""
    owned = [i for i, piece in enumerate(pieces) if piece.tests]
    first, last = owned[0], owned[-1]
    names = list(dict.fromkeys(name for piece in pieces for name in piece.tests))
    parts = [
        _Part([], [p.text for p in pieces[:first]]),
        _Part(names, [p.text for p in pieces[first : last + 1]]),
        _Part([], [p.text for p in pieces[last + 1 :]]),
    ]
    inside = [p for p in pieces[first:] if p.defines and not p.tests]
    if keeps_definitions and (inside or parts[2].chunks):
        return []
    return [part for part in parts if part.chunks]


def _is_prelude(unit: CodeUnit, pieces: list[_Piece]) -> bool:
    """Whether what is no test only serves it: imports above it, in a cell that is no solution."""
    imports = (ast.Import, ast.ImportFrom)
    return not is_solution(unit.cell) and all(
        piece.tests or isinstance(piece.statement.first, imports) for piece in pieces
    )


def _must_keep_definitions(unit: CodeUnit, pieces: list[_Piece]) -> bool:
    """Whether definitions below a test depend on the cell's role, so that they must stay in it."""
    if unit.cell.metadata or is_exported(unit.cell):
        return True
    first = next(i for i, piece in enumerate(pieces) if piece.tests)
    below = [piece.text for piece in pieces[first:] if not piece.tests]
    return any(is_delimiter(line) for text in below for line in text.split("\n"))


def _pieces(unit: CodeUnit, tests: list[ast.stmt]) -> Iterator[_Piece]:
    """The statements of the cell, each with the tests it belongs to."""
    names = {_name(test) for test in tests}
    defined: set[str] = set()
    for text, statement in _chunks(unit):
        node = statement.first
        if any(node is test for test in tests):
            defined.add(_name(node))
            yield _Piece(text, statement, (_name(node),))
        else:
            yield _Piece(text, statement, tuple(_calls_of(statement, names & defined)))


def _distributed(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """A guard that only calls several tests becomes a guard for each."""
    for piece in pieces:
        guard = piece.statement.first
        if (
            len(piece.tests) < 2
            or not (isinstance(guard, ast.If) and is_main_guard(guard) and not guard.orelse)
            or not all(_is_plain_call(node) for node in guard.body)
            or len(guard.body) != len(piece.tests)
        ):
            yield piece
            continue
        lines = _LINES.findall(piece.text)
        size = piece.statement.last_line - guard.lineno + 1
        lead, body = lines[: len(lines) - size], lines[len(lines) - size :]
        if size != len(piece.tests) + 1 or any("#" in line for line in body[:-1]):
            yield piece
            continue
        for number, test in enumerate(piece.tests):
            text = "".join(lead if not number else []) + body[0] + body[number + 1]
            yield _Piece(text, piece.statement, (test,))


def _is_plain_call(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and not node.value.args
        and not node.value.keywords
    )


def _calls_of(statement: Statement, names: set[str]) -> list[str]:
    """The tests that a statement outside any definition calls, in order."""
    if isinstance(statement.first, _DEFINITIONS):
        return []
    found: list[str] = []
    for node in statement.nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                callee = part.func
                while isinstance(callee, ast.Attribute | ast.Call):
                    callee = callee.value if isinstance(callee, ast.Attribute) else callee.func
                if isinstance(callee, ast.Name) and callee.id in names and callee.id not in found:
                    found.append(callee.id)
    return found


def _name(node: ast.stmt) -> str:
    assert isinstance(node, FunctionNode | ast.ClassDef)
    return node.name


def _chunks(unit: CodeUnit) -> Iterator[tuple[str, Statement]]:
    """Each statement's text with the comments above it; nothing of the cell is left out."""
    lines = _LINES.findall(unit.text)
    start = 0
    block = unit.block
    for position, statement in enumerate(block):
        last = position == len(block) - 1
        end = (
            len(lines) if last else _cut(lines, statement.last_line, block[position + 1].first_line)
        )
        yield "".join(lines[start:end]), statement
        start = end


def _cut(lines: list[str], above: int, below: int) -> int:
    """Where the text of the statement that ends on line ``above`` gives way to the next one's.

    Indented comments and region delimiters in between still belong to the upper one.
    """
    cut = above
    for number in range(above, below - 1):
        line = lines[number]
        if line.strip() and (line[:1] in " \t" or is_delimiter(line)):
            cut = number + 1
    return cut
