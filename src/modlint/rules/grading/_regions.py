"""What the rules on regions share: how a cell's delimiters pair up, what the student receives."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from modlint.analysis.module import FunctionNode
from modlint.analysis.parsing import SyntaxProblem, parse, refusal
from modlint.analysis.trees import blocks_of, first_line, last_line, walk
from modlint.diagnostics import Position
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.grader_config import DEFAULT, GraderConfig
from modlint.notebook.grading import is_solution
from modlint.notebook.regions import (
    KINDS,
    Delimiter,
    NearMiss,
    RegionKind,
    begin_of,
    delimiters,
    end_of,
    is_delimiter,
    may_hold,
    near_misses_in,
    outside,
    refusal_of,
    release,
    shown_by_course,
    text_of,
)

_CODE_TOKENS = (tokenize.NAME, tokenize.NUMBER, tokenize.OP)
#: What a statement far from a hidden one may mind; and lines that Python counts in another way.
_REACHES_FURTHER = ("nonlocal", "global", "__future__", ":=", "\r", "\f")


class Flaw(Enum):
    """What is wrong with a delimiter."""

    NESTED = "nested"
    OPEN = "open"
    ONE_LINE = "one line"
    END_ALONE = "end alone"


class Fault(NamedTuple):
    """One flaw of a cell's regions; ``line`` is 1-based in the cell.

    ``above`` is the line of the region that is open at a nested one.
    """

    flaw: Flaw
    kind: RegionKind
    line: int
    above: int = 0


@dataclass(slots=True)
class Structure:
    """How the delimiters of one kind pair up in a cell: lines of BEGIN and END, and faults."""

    regions: list[tuple[int, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether there is a region, and nothing wrong."""
        return bool(self.regions) and not self.faults


def texts(cell: Cell, by: GraderConfig = DEFAULT) -> Iterator[tuple[RegionKind, str]]:
    """For each kind the text in which nbgrader looks for its regions, in nbgrader's order.

    What it took away before are blank lines here, so that the lines keep their numbers;
    where it replaces the whole cell, the later kinds are not there.
    """
    text = shown_by_course(text_of(cell), by)
    for kind in KINDS:
        yield kind, text
        if kind is RegionKind.SOLUTION and is_wiped(cell, by):
            return
        if refusal_of(text, kind, by) is None:
            text = outside(text, kind, by)


def rows_of(cell: Cell) -> list[str]:
    """The rows of a cell with their endings, as :func:`text_of` counts its lines."""
    return list(_rows_in(cell.source, cell.origin is None))


@lru_cache(maxsize=8)
def _rows_in(source: str, is_percent: bool) -> tuple[str, ...]:
    """Remembered, because each of a cell's faults asks for the place of its line."""
    if is_percent:
        return tuple(editor_lines(source))
    return tuple(re.findall(r"[^\n]*\n|[^\n]+\Z", source))


def span_of(cell: Cell, line: int) -> tuple[Position, Position]:
    """Where the words of a line of the cell begin and end in the file."""
    row = _rows_in(cell.source, cell.origin is None)[line - 1]
    number = cell.row + line - 1
    return (
        Position(number, len(row) - len(row.lstrip()) + 1),
        Position(number, len(row.rstrip()) + 1),
    )


def structure_of(
    text: str, kind: RegionKind, near: Mapping[int, NearMiss], by: GraderConfig = DEFAULT
) -> Structure:
    """How the delimiters of ``kind`` pair up, with the lines ``near`` read as they are meant."""
    found = Structure()
    marks = [(d.line, d.begins, d.text) for d in delimiters(text, by) if d.kind is kind]
    marks += [(line, miss.begins, "") for line, miss in near.items() if miss.kind is kind]
    begin = 0
    is_told = False  # what is wrong above explains an END that stands alone
    for line, begins, words in sorted(marks):
        if begins and end_of(kind, by.marks) in words.replace(begin_of(kind, by.marks), ""):
            found.faults.append(Fault(Flaw.ONE_LINE, kind, line))
            begin, is_told = 0, True
        elif begins and begin:
            found.faults.append(Fault(Flaw.NESTED, kind, line, begin))
            is_told = True
        elif begins:
            begin = line
        elif begin:
            found.regions.append((begin, line))
            begin = 0
        elif not is_told:
            found.faults.append(Fault(Flaw.END_ALONE, kind, line))
    if begin and not is_told:
        found.faults.append(Fault(Flaw.OPEN, kind, begin))
    return found


def misses_of(cell: Cell, by: GraderConfig = DEFAULT) -> dict[int, NearMiss]:
    """The lines of a cell that are all but delimiters, by line, whatever comes of them."""
    return near_misses_in(text_of(cell), is_code=cell.kind is CellKind.CODE, by=by)


def near_misses(cell: Cell, kind: RegionKind, by: GraderConfig = DEFAULT) -> dict[int, NearMiss]:
    """Lines that were meant as delimiters and cost the cell a region, by line.

    Empty where nothing comes of them: the cell has its regions without them, or they
    begin none. In code only a comment can be meant; in text, only a line that makes
    regions which the cell may hold.
    """
    text = text_of(cell)
    is_code = cell.kind is CellKind.CODE
    found = {n: miss for n, miss in misses_of(cell, by).items() if miss.kind is kind}
    if found and is_code:
        where = Places(cell)
        found = {n: miss for n, miss in found.items() if where.is_comment(n)}
    if not found or structure_of(text, kind, {}, by).is_sound:
        return {}
    if structure_of(text, kind, found, by).is_sound:
        return found if is_code or may_hold(cell, kind, by) else {}
    begins = any(miss.begins for miss in found.values()) or begin_of(kind, by.marks) in text
    return found if begins and is_code and may_hold(cell, kind, by) else {}


def is_wiped(cell: Cell, by: GraderConfig = DEFAULT) -> bool:
    """Whether nbgrader replaces the whole cell: a solution without a region."""
    is_answer = is_solution(cell) and not by.is_staged and "ClearSolutions" not in by.skips
    return is_answer and by.marks.begin_solution not in text_of(cell)


class Places:
    """Which lines of a code cell are comments, and which hold code."""

    def __init__(self, cell: Cell) -> None:
        self.comments: dict[int, str] = {}
        self._code: set[int] = set()
        if cell.kind is not CellKind.CODE:
            return
        readline = io.StringIO(text_of(cell), newline="").readline
        try:
            for token in tokenize.generate_tokens(readline):
                if token.type == tokenize.COMMENT:
                    self.comments[token.start[0]] = token.string
                elif token.type in _CODE_TOKENS:
                    self._code.add(token.start[0])
        except (tokenize.TokenError, SyntaxError):
            pass  # what was read so far is right

    def is_comment(self, line: int) -> bool:
        """Whether the line is a comment and nothing else."""
        return line in self.comments and line not in self._code

    def holds_code(self, line: int) -> bool:
        """Whether the line holds more code than a string, or a part of one."""
        return line in self._code


class StubProblem(NamedTuple):
    """Why what the student receives of a cell cannot be run.

    ``begin`` and ``end`` are the lines of the region at fault (1-based in the cell),
    ``line`` the line of the released text.
    """

    begin: int
    end: int
    line: int
    message: str


def stub_problem(cell: Cell, by: GraderConfig = DEFAULT) -> StubProblem | None:
    """What is wrong with the release of a code cell that is itself valid Python."""
    whole = text_of(cell)
    if cell.kind is not CellKind.CODE or not is_delimiter(whole, by):
        return None
    text = shown_by_course(whole, by)
    solutions = structure_of(text, RegionKind.SOLUTION, {}, by).regions
    pairs = sorted([*solutions, *structure_of(text, RegionKind.HIDDEN_TESTS, {}, by).regions])
    if not pairs:
        return None
    before, released = parse(text), release(cell, by)
    if isinstance(before, SyntaxProblem) or released.refusal or released.is_wiped:
        return None
    if len(delimiters(text, by)) == 2 * len(solutions) and _hide_statements(
        text, before, solutions
    ):
        return None
    problem = _syntax_problem(before, parse(released.source))
    if problem is not None:
        begin, end = _at_fault(text, pairs, problem.line, by)
        return StubProblem(begin, end, problem.line, problem.message)
    for begin, end in solutions:
        if _falls_out(text, before, begin):
            line = next(n for n, row in enumerate(_rows(text, by), 1) if row == begin) + 1
            return StubProblem(begin, end, line, "")
    return None


def _hide_statements(text: str, tree: ast.Module, regions: list[tuple[int, int]]) -> bool:
    """Whether every region hides whole statements of one block, as far in as its stub stands.

    What is left then surely is valid Python, as the cell is: there is no need to compile it.
    """
    if any(sign in text for sign in _REACHES_FURTHER):
        return False
    lines = text.split("\n")
    return all(_hides_statements(lines, tree, begin, end) for begin, end in regions)


def _hides_statements(lines: list[str], tree: ast.Module, begin: int, end: int) -> bool:
    line = lines[begin - 1]
    indent = line[: len(line) - len(line.lstrip())]
    if not line.startswith("#", len(indent)) or not lines[end - 1].lstrip().startswith("#"):
        return False
    block = _block_around(tree.body, begin, end)
    hidden = [node for node in block if begin < first_line(node) < end]
    next_line = begin + 1
    for node in hidden:
        start, last = first_line(node), last_line(node)
        if last >= end or lines[start - 1][: node.col_offset] != indent:
            return False
        if not all(map(_is_idle, lines[next_line - 1 : start - 1])):
            return False
        next_line = last + 1
    return bool(hidden) and all(map(_is_idle, lines[next_line - 1 : end - 1]))


def _block_around(body: list[ast.stmt], begin: int, end: int) -> list[ast.stmt]:
    """The innermost block that holds the first statement below line ``begin``."""
    for node in body:
        if first_line(node) > begin:
            break
        if last_line(node) >= begin:
            # One without blocks would be cut by the region.
            inner = [block for block in blocks_of(node) if last_line(block[-1]) >= begin]
            return _block_around(inner[0], begin, end) if inner else []
    return body


def _is_idle(line: str) -> bool:
    """Whether a line between statements is blank or a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def _syntax_problem(before: ast.Module, after: ast.Module | SyntaxProblem) -> SyntaxProblem | None:
    """Python's objection to the released text, where it has none to the cell."""
    if isinstance(after, SyntaxProblem):
        return after
    problem = refusal(after)
    return problem if problem is not None and refusal(before) is None else None


def _at_fault(
    source: str, pairs: list[tuple[int, int]], line: int, by: GraderConfig
) -> tuple[int, int]:
    """The region whose stub stands on, or right above, a line of the release."""
    rows = list(_rows(source, by))
    row = rows[min(line, len(rows)) - 1]
    return next((pair for pair in reversed(pairs) if pair[0] <= row), pairs[0])


def _rows(source: str, by: GraderConfig) -> Iterator[int]:
    """For each line of the release, the line of the cell that it comes from."""
    inside: dict[RegionKind, bool] = {}
    marks: dict[int, Delimiter] = {d.line: d for d in delimiters(source, by)}
    for number in range(1, source.count("\n") + 2):
        mark = marks.get(number)
        if mark is not None:
            inside[mark.kind] = mark.begins
            if mark.begins and mark.kind is RegionKind.SOLUTION:
                yield from (number for _ in by.code_lines)
        elif not any(inside.values()):
            yield number


def _falls_out(source: str, tree: ast.Module, begin: int) -> bool:
    """Whether the stub of a region in a function's body stands further out than the body."""
    line = source.split("\n")[begin - 1]
    indent = len(line) - len(line.lstrip())
    return any(
        node.body[0].lineno > node.lineno
        and node.lineno < begin <= (node.end_lineno or node.lineno)
        and indent < node.body[0].col_offset
        for node in walk(tree)
        if isinstance(node, FunctionNode)
    )
