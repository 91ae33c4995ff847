"""What the rules on regions share: how a cell's delimiters pair up, what the student receives."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from modlint.analysis.module import FunctionNode, SyntaxProblem, parse
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grading import is_graded, is_solution
from modlint.notebook.percent import markdown_text
from modlint.notebook.regions import (
    Delimiter,
    NearMiss,
    RegionKind,
    delimiters,
    near_miss,
    release,
)

_COMPILE_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_MAYBE_NEAR = re.compile(r"#[^\n]*\b(?:b|e)", re.IGNORECASE)


class Flaw(Enum):
    """What is wrong with a delimiter."""

    NESTED = "nested"
    OPEN = "open"
    ONE_LINE = "one line"
    END_ALONE = "end alone"


@dataclass(frozen=True, slots=True)
class Fault:
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


def text_of(cell: Cell) -> str:
    """The text in which nbgrader looks for delimiters; line 1 is the cell's first row."""
    return cell.source if cell.kind is CellKind.CODE else markdown_text(cell)


def structure_of(text: str, kind: RegionKind, near: Mapping[int, NearMiss]) -> Structure:
    """How the delimiters of ``kind`` pair up, with the lines ``near`` read as they are meant."""
    found = Structure()
    marks = [(d.line, d.begins, d.text) for d in delimiters(text) if d.kind is kind]
    marks += [(line, miss.begins, "") for line, miss in near.items() if miss.kind is kind]
    begin = 0
    for line, begins, words in sorted(marks):
        if begins and f"END {kind}" in words:
            found.faults.append(Fault(Flaw.ONE_LINE, kind, line))
            begin = 0
        elif begins and begin:
            found.faults.append(Fault(Flaw.NESTED, kind, line, begin))
        elif begins:
            begin = line
        elif begin:
            found.regions.append((begin, line))
            begin = 0
        elif not any(f.flaw in (Flaw.ONE_LINE, Flaw.NESTED) for f in found.faults):
            found.faults.append(Fault(Flaw.END_ALONE, kind, line))
    if begin and not found.faults:
        found.faults.append(Fault(Flaw.OPEN, kind, begin))
    return found


def near_misses(cell: Cell, kind: RegionKind) -> dict[int, NearMiss]:
    """Comments that were meant as delimiters and cost the cell a region, by line.

    Empty where nothing comes of them: the cell has its regions without them, or they
    begin none.
    """
    if cell.kind is not CellKind.CODE or not _MAYBE_NEAR.search(cell.source):
        return {}
    lines = cell.source.split("\n")
    found = {n: miss for n, line in enumerate(lines, 1) if (miss := near_miss(line.rstrip("\r")))}
    found = {n: miss for n, miss in found.items() if miss.kind is kind}
    if found:
        where = Places(cell)
        found = {n: miss for n, miss in found.items() if where.is_comment(n)}
    if not found or structure_of(cell.source, kind, {}).is_sound:
        return {}
    meant = structure_of(cell.source, kind, found)
    if meant.is_sound:
        return found
    begins = any(miss.begins for miss in found.values()) or any(
        d.kind is kind and d.begins for d in delimiters(cell.source)
    )
    role = is_graded if kind is RegionKind.HIDDEN_TESTS else is_solution
    return found if begins and role(cell) and kind is not RegionKind.MARK_SCHEME else {}


class Places:
    """Where in a code cell a line stands: in a string, behind code, or as a comment."""

    def __init__(self, cell: Cell) -> None:
        self._comments: dict[int, int] = {}
        self._strings: set[int] = set()
        if cell.kind is not CellKind.CODE:
            return
        readline = io.StringIO(cell.source, newline="").readline
        try:
            for token in tokenize.generate_tokens(readline):
                if token.type == tokenize.COMMENT:
                    ahead = token.line[: token.start[1]].strip()
                    self._comments[token.start[0]] = len(ahead)
                elif token.type == tokenize.STRING:
                    self._strings.update(range(token.start[0], token.end[0] + 1))
        except (tokenize.TokenError, SyntaxError):
            pass  # what was read so far is right

    def is_comment(self, line: int) -> bool:
        """Whether the line is a comment and nothing else."""
        return self._comments.get(line) == 0

    def is_behind_code(self, line: int) -> bool:
        """Whether the line is code with a comment behind it."""
        return self._comments.get(line, 0) > 0

    def is_string(self, line: int) -> bool:
        """Whether (a part of) a string stands on the line, and no comment."""
        return line in self._strings and line not in self._comments


@dataclass(frozen=True, slots=True)
class StubProblem:
    """Why what the student receives of a cell cannot be run.

    ``begin`` and ``end`` are the lines of the region at fault (1-based in the cell),
    ``line`` the line of the released text.
    """

    begin: int
    end: int
    line: int
    message: str


def stub_problem(cell: Cell) -> StubProblem | None:
    """What is wrong with the release of a code cell that is itself valid Python."""
    if cell.kind is not CellKind.CODE:
        return None
    pairs = sorted(
        pair
        for kind in (RegionKind.SOLUTION, RegionKind.HIDDEN_TESTS)
        for pair in structure_of(cell.source, kind, {}).regions
    )
    if not pairs:
        return None
    before, released = parse(cell.source), release(cell)
    if isinstance(before, SyntaxProblem) or released.refusal or released.is_wiped:
        return None
    after = parse(released.source)
    problem = _syntax_problem(before, after)
    if problem is not None:
        begin, end = _at_fault(cell.source, pairs, problem.line)
        return StubProblem(begin, end, problem.line, problem.message)
    for begin, end in structure_of(cell.source, RegionKind.SOLUTION, {}).regions:
        if _falls_out(cell.source, before, begin):
            line = next(n for n, row in enumerate(_rows(cell.source), 1) if row == begin) + 1
            return StubProblem(begin, end, line, "")
    return None


def _syntax_problem(before: ast.Module, after: ast.Module | SyntaxProblem) -> SyntaxProblem | None:
    """Python's objection to the released text, where it has none to the cell."""
    if isinstance(after, SyntaxProblem):
        return after
    problem = _compile_problem(after)
    return problem if problem is not None and _compile_problem(before) is None else None


def _compile_problem(tree: ast.Module) -> SyntaxProblem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<cell>", "exec", flags=_COMPILE_FLAGS, dont_inherit=True)
    except SyntaxError as error:
        return SyntaxProblem(error.msg or "invalid syntax", error.lineno or 1, error.offset or 1)
    except (ValueError, RecursionError):
        return None
    return None


def _at_fault(source: str, pairs: list[tuple[int, int]], line: int) -> tuple[int, int]:
    """The region whose stub stands on, or right above, a line of the release."""
    rows = list(_rows(source))
    row = rows[min(line, len(rows)) - 1]
    return next((pair for pair in reversed(pairs) if pair[0] <= row), pairs[0])


def _rows(source: str) -> Iterator[int]:
    """For each line of the release, the line of the cell that it comes from."""
    inside: dict[RegionKind, bool] = {}
    marks: dict[int, Delimiter] = {d.line: d for d in delimiters(source)}
    for number in range(1, source.count("\n") + 2):
        mark = marks.get(number)
        if mark is not None:
            inside[mark.kind] = mark.begins
            if mark.begins and mark.kind is RegionKind.SOLUTION:
                yield number
                yield number
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
        for node in ast.walk(tree)
        if isinstance(node, FunctionNode)
    )
