"""The fix of NBG001: give each test of a cell a graded cell of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, fact
from modlint.analysis.nominate import may_act
from modlint.analysis.scopes import names_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Patch
from modlint.notebook.cell import Cell, editor_lines
from modlint.notebook.directives import EXPORTS, inert, is_exported
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import (
    grading_of,
    is_solution,
    slug,
    test_metadata,
    unique,
)
from modlint.notebook.marker import INCORRECT
from modlint.notebook.regions import RegionKind, delimiters, is_delimiter
from modlint.rules.grading._family import grade_ids, with_metadata

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


_DIRECTIVE = re.compile(r"\s*(#\s*\|.*)?$")
#: Decorators that do nothing but wrap.
_QUIET_DECORATORS = frozenset(
    {"property", "staticmethod", "classmethod", "dataclass", "dataclasses.dataclass", "cache"}
)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """A statement's text with the comments above it, and the tests it belongs to.

    A test belongs to itself; anything else to the tests that it calls. ``lines`` are those of the
    cell.
    """

    text: str
    lines: tuple[int, int]
    statement: Statement
    tests: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it belongs to no test."""
        return not self.tests

    @property
    def only_defines(self) -> bool:
        """Whether nothing but a definition happens: no decorator, no class body that acts."""
        node = self.statement.first
        if not isinstance(node, FunctionNode | ast.ClassDef) or may_act(node):
            return False
        return all(ast.unparse(d) in _QUIET_DECORATORS for d in node.decorator_list)


@dataclass(slots=True, eq=False)
class _Part:
    """What becomes one cell: with ``tests`` a graded one, without a plain one."""

    tests: tuple[str, ...] = ()
    pieces: list[_Piece] = field(default_factory=list)
    lead: str = ""  # lines of the top of the cell that are another part's
    skip: str = ""  # what another part has taken as its lead

    @property
    def text(self) -> str:
        """What comes into the cell."""
        return self.lead + "".join(piece.text for piece in self.pieces)[len(self.skip) :]

    @property
    def lines(self) -> list[tuple[int, int]]:
        """The lines of the old cell that it is made of."""
        found = [(1, len(editor_lines(self.lead)))] if self.lead else []
        skipped = len(editor_lines(self.skip))
        return [*found, *((max(a, skipped + 1), b) for a, b in (p.lines for p in self.pieces))]


@dataclass(frozen=True, slots=True)
class Split:
    """How a cell is split. ``points`` are those of its graded cells, in order.

    Several ``cells`` have all but their texts, which ``parts`` say.
    """

    unit: CodeUnit
    cells: tuple[Cell, ...]
    parts: list[_Part]
    points: tuple[float, ...]

    def rewrite(self) -> Patch:
        """The new cells in place of the old one."""
        if len(self.cells) == 1:
            return Patch({self.unit.index: self.cells})
        from modlint.rules.grading._cells import texts_of  # and with it LibCST

        texts = texts_of(self.unit, [part.lines for part in self.parts])
        cells = [replace(c, source=text) for c, text in zip(self.cells, texts, strict=True)]
        return Patch({self.unit.index: tuple(cells)})


def split_tests(module: Module, unit: CodeUnit, tests: list[ast.stmt]) -> Split | None:
    """The cells that ``unit`` becomes; None where only the author can tell how to split it."""
    if not unit.is_one_cell or unit.cell.is_unmarked or INCORRECT in unit.cell.metadata:
        return None
    parts = _parts(module.grader, unit, tests)
    if not parts:
        return None
    graded = [part for part in parts if part.tests]
    if any(is_delimiter(part.text, module.grader) for part in graded):
        return None  # the student is to write (part of) the test
    ids = _planned_ids(module)
    cells: list[Cell] = []
    points: list[float] = []
    for position, part in enumerate(parts):
        cell = _cell(unit.cell, part.text, first=position == 0)
        if part.tests:
            worth = sum(module.settings.points_of(test) for test in part.tests)
            points.append(worth)
            grade_id = ids[unit.index, part.tests[0]]
            if len(parts) == 1:
                grade_id = _kept_id(module, unit.cell) or grade_id
            cell = with_metadata(cell, test_metadata(grade_id, worth))
        cells.append(cell)
    if any(_comes_to_count(unit.cell, cell) for cell in cells):
        return None
    return Split(unit, tuple(cells), parts, tuple(points))


def _comes_to_count(before: Cell, after: Cell) -> bool:
    """Whether an export directive below code matters in a part of a cell, and in that did not.

    It comes to lead the part; or the cell was exported anyway, by another one above.
    """
    if is_exported(after):
        return not is_exported(before)
    return is_exported(before) and bool(inert(after, lambda found: found.name in EXPORTS))


def _kept_id(module: Module, cell: Cell) -> str | None:
    """The id that the cell has already, where it is a good one and nobody else's."""
    found = grading_of(cell).get("grade_id")
    ids = [grading_of(other).get("grade_id") for other in module.file.cells]
    if not isinstance(found, str) or not found or slug(found) != found or ids.count(found) > 1:
        return None
    return found


@fact
def _planned_ids(module: Module) -> dict[tuple[int, str], str]:
    """A grade_id for each test, by cell and name: ``test_unit_relu`` → ``test-relu``."""
    taken = grade_ids(module)
    ids: dict[tuple[int, str], str] = {}
    for name, definitions in module.definitions.items():
        if module.settings.is_test_name(name) or name.startswith("Test"):
            plain = re.sub(r"^(test_unit_|test_|Test)", "", name) or name
            wanted = slug("test-" + plain.lower().replace("_", "-"))
            for index in dict.fromkeys(d.unit.index for d in definitions):
                ids[index, name] = unique(wanted, taken)
    return ids


def _cell(original: Cell, text: str, *, first: bool) -> Cell:
    if first:
        return replace(original, source=text)
    return Cell(original.kind, text, original.row, f"# %%{original.line_ending}")


def _parts(by: GraderConfig, unit: CodeUnit, tests: list[ast.stmt]) -> list[_Part]:
    """The cells to make, in order; empty where only the author can tell."""
    pieces = list(_distributed(_pieces(by, unit, tests)))
    if any(_is_inside_region(by, unit, test) for test in tests):
        return []
    if len(tests) == 1 and (not any(p.is_plain for p in pieces) or _is_prelude(unit, pieces)):
        return [_Part((_name(tests[0]),), pieces)]
    pinned = _is_pinned(by, unit, pieces)
    for parts in (_one_cell_each(pieces, pinned), _one_cell_for_all(pieces)):
        if not parts:
            continue
        parts = _with_directives(unit, pieces, parts)
        if _keeps_meaning(pieces, parts) and not (pinned and _loses_role(by, unit, parts)):
            return parts
    return []


def _one_cell_each(pieces: list[_Piece], pinned: bool) -> list[_Part]:
    """A part for each test, and plain parts between; empty where that cannot be.

    Where the rest is ``pinned`` to the old cell, its definitions go up into that
    cell; what is no definition stays below the test that it follows.
    """
    head = _Part()
    parts: list[_Part] = []
    for piece in pieces:
        if piece.tests:
            same = [part for part in parts if set(part.tests) & set(piece.tests)]
            if len(same) > 1:
                return []  # one statement runs several tests: they belong together
            if same:
                same[-1].pieces.append(piece)
            else:
                parts.append(_Part(piece.tests, [piece]))
        elif not parts:
            head.pieces.append(piece)
        elif not pinned:
            if parts[-1].tests:
                parts.append(_Part())
            parts[-1].pieces.append(piece)
        elif piece.only_defines or isinstance(piece.statement.first, ast.Import | ast.ImportFrom):
            head.pieces.append(piece)
        else:
            parts[-1].pieces.append(piece)
    return [head, *parts] if head.pieces else parts


def _one_cell_for_all(pieces: list[_Piece]) -> list[_Part]:
    """One graded cell from the first test to the last statement that calls one."""
    owned = [i for i, piece in enumerate(pieces) if piece.tests]
    first, last = owned[0], owned[-1] + 1
    names = tuple(dict.fromkeys(name for piece in pieces for name in piece.tests))
    parts = [
        _Part((), pieces[:first]),
        _Part(names, pieces[first:last]),
        _Part((), pieces[last:]),
    ]
    return [part for part in parts if part.pieces]


def _with_directives(unit: CodeUnit, pieces: list[_Piece], parts: list[_Part]) -> list[_Part]:
    """``parts`` with the directives of an exported cell left to what is not a test."""
    first = pieces[0]
    rest = [part for part in parts if not part.tests]
    if not (first.tests and rest and is_exported(unit.cell)):
        return parts
    lines = editor_lines(first.text)
    count = next((i for i, line in enumerate(lines) if not _DIRECTIVE.match(line)), len(lines))
    lead = "".join(lines[:count])
    owner = next(part for part in parts if first in part.pieces)
    owner.skip = lead
    if parts[0].tests:
        return [_Part(lead=lead), *parts]
    parts[0].lead = lead
    return parts


def _is_inside_region(by: GraderConfig, unit: CodeUnit, test: ast.stmt) -> bool:
    """Whether a test stands in a solution region, so that the student is to write it."""
    above = "".join(editor_lines(unit.text)[: test.lineno - 1])
    marks = [mark for mark in delimiters(above, by) if mark.kind is RegionKind.SOLUTION]
    return 2 * sum(mark.begins for mark in marks) > len(marks)


def _keeps_meaning(before: list[_Piece], parts: list[_Part]) -> bool:
    """Whether everything still means and does the same in its new order."""
    places = {id(piece): n for n, piece in enumerate(p for part in parts for p in part.pieces)}
    if len(places) != len(before) or any(id(piece) not in places for piece in before):
        return False
    for number, early in enumerate(before):
        for late in before[number + 1 :]:
            overtaken = places[id(late)] < places[id(early)]
            if overtaken and _disturbs(early, late, before):
                return False
    return True


def _disturbs(early: _Piece, late: _Piece, pieces: list[_Piece]) -> bool:
    """Whether ``late`` may not run before ``early``."""
    if not early.only_defines and not late.only_defines:
        return True
    ours, theirs = early.statement.names, late.statement.names
    used = set(ours.uses)
    for piece in pieces:  # a call of a test uses what the test uses
        if piece.only_defines and set(piece.tests) & set(early.tests):
            used |= piece.statement.names.deferred
    needed = set(theirs.loads)
    for piece in pieces:
        if not late.only_defines and set(piece.tests) & set(late.tests):
            needed |= piece.statement.names.deferred
    return bool(theirs.binds & (used | ours.binds) or ours.binds & needed)


def _loses_role(by: GraderConfig, unit: CodeUnit, parts: list[_Part]) -> bool:
    """Whether something that nbdev exports, or a student solves, would leave its cell."""
    own = parts[0]
    moved = [p for part in parts for p in part.pieces if part is not own and p.is_plain]
    if is_exported(unit.cell) and any(piece.statement.names.binds for piece in moved):
        return True
    return any(isinstance(piece.statement.first, _DEFINITIONS) for piece in moved) or any(
        is_delimiter(piece.text, by) for piece in moved
    )


def _is_prelude(unit: CodeUnit, pieces: list[_Piece]) -> bool:
    """Whether what is no test only serves it: imports, in a cell that is no solution."""
    imports = (ast.Import, ast.ImportFrom)
    return not is_solution(unit.cell) and all(
        piece.tests or isinstance(piece.statement.first, imports) for piece in pieces
    )


def _is_pinned(by: GraderConfig, unit: CodeUnit, pieces: list[_Piece]) -> bool:
    """Whether what is no test depends on the cell's role, so that it must stay in it."""
    if is_solution(unit.cell) or is_exported(unit.cell):
        return True
    return any(is_delimiter(p.text, by) for p in pieces if p.is_plain)


def _pieces(by: GraderConfig, unit: CodeUnit, tests: list[ast.stmt]) -> Iterator[_Piece]:
    """The statements of the cell, each with the tests it belongs to."""
    names = {_name(test) for test in tests}
    defined: set[str] = set()
    for text, lines, statement in _chunks(by, unit):
        node = statement.first
        if any(node is test for test in tests):
            defined.add(_name(node))
            yield _Piece(text, lines, statement, (_name(node),))
        else:
            yield _Piece(text, lines, statement, tuple(_calls_of(statement, names & defined)))


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
        lines = editor_lines(piece.text)
        start = guard.lineno - piece.lines[0]
        end = piece.statement.last_line - piece.lines[0] + 1
        if end - start != len(piece.tests) + 1 or any("#" in x for x in lines[start : end - 1]):
            yield piece
            continue
        first, last = piece.lines
        for number, test in enumerate(piece.tests):
            row = guard.lineno + 1 + number
            own = (first, row if number < len(piece.tests) - 1 else last)
            text = "".join(lines[own[0] - piece.lines[0] : own[1] - piece.lines[0] + 1])
            one = ast.If(guard.test, [guard.body[number]], [])
            yield _Piece(text, own, Statement((one,), names_of([one])), (test,))
            first = row + 1


def _is_plain_call(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and not node.value.args
        and not node.value.keywords
    )


def _calls_of(statement: Statement, names: set[str]) -> list[str]:
    """The tests that a statement outside any definition calls, or hands on to be called."""
    if isinstance(statement.first, _DEFINITIONS):
        return []
    named = [
        part
        for node in statement.nodes
        for part in walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in names
    ]
    if any("unittest.main(" in ast.unparse(node) for node in statement.nodes):
        return sorted(name for name in names if name.startswith("Test"))
    named.sort(key=lambda part: (part.lineno, part.col_offset))
    return list(dict.fromkeys(part.id for part in named))


def _name(node: ast.stmt) -> str:
    assert isinstance(node, FunctionNode | ast.ClassDef)
    return node.name


def _chunks(by: GraderConfig, unit: CodeUnit) -> Iterator[tuple[str, tuple[int, int], Statement]]:
    """Each statement's lines with the comments above it; nothing of the cell is left out."""
    lines = editor_lines(unit.text)
    start = 0
    block = unit.block
    for position, statement in enumerate(block):
        last = position == len(block) - 1
        end = (
            len(lines)
            if last
            else _cut(by, lines, statement.last_line, block[position + 1].first_line)
        )
        yield "".join(lines[start:end]), (start + 1, end), statement
        start = end


def _cut(by: GraderConfig, lines: list[str], above: int, below: int) -> int:
    """Where the text of the statement that ends on line ``above`` gives way to the next one's.

    Indented comments, region delimiters and comments that touch the upper one, with a
    blank line below them, still belong to it.
    """
    cut = above
    touches = True  # no blank line so far: a comment here is about what is above it
    for number in range(above, below - 1):
        line = lines[number]
        touches = touches and bool(line.strip())
        if line.strip() and (line[:1] in " \t" or is_delimiter(line, by)):
            cut = number + 1
    if touches or cut > above:
        return cut
    while lines[cut].strip():
        cut += 1
    return cut
