"""What solution regions hide, and where it can be read all the same.

Code is compared as statements of labels (``_labels.py``). The thresholds were set on the
modules of a real course, among pairs that were read.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode, Module, fact
from modlint.analysis.trees import blocks_of, compounds, walk
from modlint.notebook.directives import is_exported
from modlint.notebook.grading import is_solution
from modlint.notebook.regions import RegionKind, is_shown
from modlint.rules.grading._labels import (
    SMALL,
    SMALL_SIZE,
    Line,
    Shape,
    line_of,
    shape_of,
    size_of,
    statements,
    write_pairs,
)
from modlint.rules.grading._regions import structure_of

#: From this size on (labels), the body of a function says something.
_OF_THAT_NAME = 8
#: From this size on, code is known again under another name.
_OF_ANY_NAME = 25
#: How much alike are two functions of one name that do the same, in other words.
_ALIKE = 0.45
#: How much of an answer's statements must stand elsewhere, in their order.
_COPIED = 0.8

#: Lines of a unit: the first and the last of a region, delimiters included.
_Lines = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Code:
    """The statements of a function, or those at the top level of a cell (no ``function``).

    ``owner`` is the class of a method; ``is_inner``: the function stands in another.
    ``body`` are the statements that count. Names that are bound in ``scope``, or are
    ``known``, are all alike. Labels are written when they are wanted.
    """

    unit: CodeUnit
    body: list[ast.stmt]
    scope: list[ast.stmt]
    known: Set[str] = frozenset()
    function: FunctionNode | None = None
    owner: str = ""
    is_inner: bool = False

    @property
    def name(self) -> str:
        """The name by which people know the code; empty at the top level of a cell."""
        name = self.function.name if self.function is not None else ""
        return f"{self.owner}.{name}" if self.owner else name

    @cached_property
    def _nodes(self) -> list[ast.stmt]:
        return list(statements(self.body))

    @cached_property
    def plain_name(self) -> str:
        """The name of a function that is in no other; else empty."""
        return "" if self.function is None or self.is_inner else self.function.name

    @cached_property
    def _own(self) -> Set[str]:
        return self.known | _own_names(self.scope)

    @cached_property
    def lines(self) -> list[Line]:
        """The statements, and those of the blocks in them, where they do something."""
        return [line_of(node, self._own) for node in self._nodes]

    @cached_property
    def _shapes(self) -> list[Shape]:
        return [shape_of(node) for node in self._nodes]

    @cached_property
    def shapes(self) -> set[Shape]:
        """What can be told of the statements at a glance."""
        return set(self._shapes)

    @cached_property
    def telling(self) -> set[Shape]:
        """Shapes of which other code must have one to hold ``_COPIED`` of this."""
        large = [shape for shape in self._shapes if shape not in SMALL]
        most = SMALL_SIZE * (len(self._shapes) - len(large))
        return set(large) if most < _COPIED * (most + len(large)) else self.shapes

    @cached_property
    def sizes(self) -> dict[Shape, int]:
        """For each shape, how many labels its statements have."""
        found: dict[Shape, int] = {}
        for shape, node in zip(self._shapes, self._nodes, strict=True):
            found[shape] = found.get(shape, 0) + size_of(node)
        return found

    @cached_property
    def size(self) -> int:
        """How many labels the code has."""
        return sum(self.sizes.values())

    @cached_property
    def says_something(self) -> bool:
        """Whether the code is of the least size that is looked at."""
        size = 0
        for node in self._nodes:
            size += size_of(node)
            if size >= _OF_THAT_NAME:
                return True
        return False

    @cached_property
    def texts(self) -> set[str]:
        """The statements, as labels."""
        return {line.text for line in self.lines}

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How often each label stands below each other one."""
        pairs: list[tuple[str, str]] = []
        for node in self._nodes:
            write_pairs(node, "", self._own, pairs)
        return Counter(pairs)

    @property
    def first_row(self) -> int:
        """The row of the file where the function, or else the code, begins."""
        return self.unit.start(self.function or self.lines[0].node).row

    def nodes_like(self, other: Code) -> list[ast.stmt]:
        """The statements that stand in ``other`` too, in the same order."""
        from difflib import SequenceMatcher

        mine, theirs = [[line.text for line in code.lines] for code in (self, other)]
        blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
        return [line.node for b in blocks for line in self.lines[b.a : b.a + b.size]]


class Answer(NamedTuple):
    """Code that students are to write; ``has_region`` is False where its cell is still wiped."""

    code: Code
    has_region: bool


@fact
def answers(module: Module) -> list[Answer]:
    """What the regions of the module hide; and what an exported cell without one will."""
    return [
        Answer(code, bool(regions))
        for unit in module.parsed_units
        if is_solution(unit.cell)
        for regions in [_regions(module, unit, RegionKind.SOLUTION)]
        if regions or (is_exported(unit.cell) and not module.grader.is_staged)
        for code in _codes(module, unit, regions or _whole(unit), hidden=True)
    ]


@fact
def released(module: Module, unit: CodeUnit) -> list[Code]:
    """The code of a unit that no region hides: functions, and what stands at the top level."""
    kinds = (RegionKind.SOLUTION, RegionKind.HIDDEN_TESTS)
    regions = [lines for kind in kinds for lines in _regions(module, unit, kind)]
    return list(_codes(module, unit, regions, hidden=False))


def answer_shown(code: Code, among: Iterable[Answer]) -> Answer | None:
    """The answer that can be read in ``code``, which students receive."""
    best, most = None, 0.0
    for answer in among:  # what is quick to tell comes first: all answers are looked at
        other = answer.code
        is_namesake = other.plain_name == code.plain_name != "" and _share_owner(other, code)
        is_like = not other.telling.isdisjoint(code.shapes)
        if not (is_namesake or is_like) or not code.says_something:
            continue
        alike = copied = 0.0
        if is_namesake and other.size >= _OF_THAT_NAME:
            alike = _alike(other, code)
        if is_like and other.size >= _OF_ANY_NAME:
            common = other.sizes.keys() & code.shapes
            if sum(map(other.sizes.__getitem__, common)) >= _COPIED * other.size:
                copied = _copied(other, code)
        degree = max(alike if alike >= _ALIKE else 0.0, copied if copied >= _COPIED else 0.0)
        if degree > most:
            best, most = answer, degree
    return best


def _share_owner(one: Code, other: Code) -> bool:
    """Whether two functions of one name may be the same: methods, only in a class of that name."""
    return one.owner == other.owner or not one.owner or not other.owner


def _alike(one: Code, other: Code) -> float:
    """How many pairs of labels are common to both."""
    return 2 * (one.pairs & other.pairs).total() / (one.size + other.size)


def _copied(answer: Code, code: Code) -> float:
    """The part of the answer whose statements stand in ``code``, in their order."""
    if answer.texts.isdisjoint(code.texts):
        return 0.0
    common = sum(line.size for line in answer.lines if line.text in code.texts)
    if common < _COPIED * answer.size:
        return 0.0
    found = {id(node) for node in answer.nodes_like(code)}
    return sum(line.size for line in answer.lines if id(line.node) in found) / answer.size


# --- the code of a cell -----------------------------------------------------------------------


def _regions(module: Module, unit: CodeUnit, kind: RegionKind) -> list[_Lines]:
    """The regions of a kind that students do not receive."""
    found = structure_of(unit.text, kind, {}, module.grader).regions
    if kind is not RegionKind.SOLUTION or not module.grader.is_staged:
        return found
    lines = unit.text.split("\n")
    return [pair for pair in found if not is_shown(lines[pair[0] - 1], module.grader)]


def _whole(unit: CodeUnit) -> list[_Lines]:
    """All lines of a unit, as if delimiters stood above and below."""
    return [(0, unit.text.count("\n") + 2)]


def _codes(
    module: Module, unit: CodeUnit, regions: list[_Lines], *, hidden: bool
) -> Iterator[Code]:
    """The code that ``regions`` hide, or that which they leave alone."""
    assert unit.tree is not None
    top = [node for node in unit.tree.body if not isinstance(node, FunctionNode | ast.ClassDef)]
    yield Code(unit, chosen(top, regions, hidden=hidden), top, module.variables)
    for owner, function, is_inner in _functions(unit.tree.body):
        if not hidden and _touched(function, regions):
            continue
        body = chosen(function.body, regions, hidden=hidden)
        yield Code(unit, body, [function], frozenset(), function, owner, is_inner)


def chosen(body: list[ast.stmt], regions: list[_Lines], *, hidden: bool) -> list[ast.stmt]:
    """The statements of a block (and of the blocks in it) inside the regions, or outside."""
    if not regions:
        return [] if hidden else body
    found: list[ast.stmt] = []
    for node in body:
        touched = _touched(node, regions)
        if not touched:
            found += [] if hidden else [node]
        elif any(begin < node.lineno and (node.end_lineno or 0) < end for begin, end in touched):
            found += [node] if hidden else []
        elif not isinstance(node, FunctionNode | ast.ClassDef):
            for block in blocks_of(node):
                found += chosen(block, regions, hidden=hidden)
    return found


def _touched(node: ast.stmt, regions: list[_Lines]) -> list[_Lines]:
    """The regions in which a line of ``node`` stands."""
    first, last = node.lineno, node.end_lineno or node.lineno
    return [lines for lines in regions if lines[0] <= last and first <= lines[1]]


def _functions(
    body: list[ast.stmt], owner: str = "", is_inner: bool = False
) -> Iterator[tuple[str, FunctionNode, bool]]:
    """Every function in ``body``, however deep: its class, and whether it is in a function."""
    for node in compounds(body):
        if isinstance(node, FunctionNode):
            yield owner, node, is_inner
            yield from _functions(node.body, "", True)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, node.name, is_inner)
        else:
            for block in blocks_of(node):
                yield from _functions(block, owner, is_inner)


def _own_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of parameters and of what is assigned to in ``nodes``."""
    found: set[str] = set()
    for node in nodes:
        for part in walk(node):
            kind = part.__class__
            if kind is ast.Name and not isinstance(part.ctx, ast.Load):  # type: ignore[attr-defined]
                found.add(part.id)  # type: ignore[attr-defined]
            elif kind is ast.arg:
                found.add(part.arg)  # type: ignore[attr-defined]
    return found
