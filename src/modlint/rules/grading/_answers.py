"""What solution regions hide, and where it can be read all the same.

Code is compared as statements of labels: names of locals are all one label, and so
are all strings; docstrings, prints and raises are left out. The thresholds were set on the
modules of a real course, among pairs that were read.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.trees import COMPOUND, children, dotted, walk
from modlint.analysis.vocabulary import PRINTERS, matches
from modlint.notebook.directives import is_exported
from modlint.notebook.grading import is_solution
from modlint.notebook.regions import RegionKind
from modlint.rules.grading._regions import structure_of

#: From this size on (labels), the body of a function says something.
_OF_THAT_NAME = 8
#: From this size on, code is known again under another name.
_OF_ANY_NAME = 25
#: How much alike are two functions of one name that do the same, in other words.
_ALIKE = 0.45
#: How much of an answer's statements must stand elsewhere, in their order.
_COPIED = 0.8

_PLACES_OF_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
#: Lines of a unit: the first and the last of a region, delimiters included.
_Lines = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Line:
    """One statement, the blocks in it left out: its labels, and each with the one above it."""

    node: ast.stmt
    text: str
    pairs: list[tuple[str, str]]

    @property
    def size(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True, eq=False)
class Code:
    """The statements of a function, or those at the top level of a cell (no ``function``).

    ``owner`` is the class of a method; ``is_inner``: the function stands in another.
    """

    unit: CodeUnit
    lines: list[_Line]
    function: FunctionNode | None = None
    owner: str = ""
    is_inner: bool = False

    @property
    def name(self) -> str:
        """The name by which people know the code; empty at the top level of a cell."""
        name = self.function.name if self.function is not None else ""
        return f"{self.owner}.{name}" if self.owner else name

    @cached_property
    def size(self) -> int:
        """How many labels the code has."""
        return sum(line.size for line in self.lines)

    @cached_property
    def texts(self) -> set[str]:
        """The statements, as labels."""
        return {line.text for line in self.lines}

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How often each label stands below each other one."""
        return Counter(pair for line in self.lines for pair in line.pairs)

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


@dataclass(frozen=True, slots=True)
class Answer:
    """Code that students are to write; ``has_region`` is False where its cell is still wiped."""

    code: Code
    has_region: bool


def answers(module: Module) -> list[Answer]:
    """What the regions of the module hide; and what an exported cell without one will."""
    if "answers" not in module.cache:
        found = [
            Answer(code, bool(regions))
            for unit in module.parsed_units
            if is_solution(unit.cell)
            for regions in [_regions(unit, RegionKind.SOLUTION)]
            if regions or is_exported(unit.cell)
            for code in _codes(module, unit, regions or _whole(unit), hidden=True)
            if code.size >= _OF_THAT_NAME
        ]
        module.cache["answers"] = found
    return cast("list[Answer]", module.cache["answers"])


def released(module: Module, unit: CodeUnit) -> list[Code]:
    """The code of a unit that no region hides: functions, and what stands at the top level."""
    found = cast("dict[int, list[Code]]", module.cache.setdefault("released", {}))
    if unit.index not in found:
        kinds = (RegionKind.SOLUTION, RegionKind.HIDDEN_TESTS)
        regions = [lines for kind in kinds for lines in _regions(unit, kind)]
        codes = _codes(module, unit, regions, hidden=False)
        found[unit.index] = [code for code in codes if code.size >= _OF_THAT_NAME]
    return found[unit.index]


def answer_shown(code: Code, among: Iterable[Answer]) -> Answer | None:
    """The answer that can be read in ``code``, which students receive."""
    degrees = [(_degree(answer.code, code), answer) for answer in among]
    best = max(degrees, key=lambda found: found[0], default=None)
    return best[1] if best is not None and best[0] else None


def _degree(answer: Code, code: Code) -> float:
    """How much of an answer the code shows, up to 1; 0 where that is too little."""
    alike = _alike(answer, code) if _is_namesake(answer, code) else 0.0
    copied = _copied(answer, code) if answer.size >= _OF_ANY_NAME else 0.0
    return max(alike if alike >= _ALIKE else 0.0, copied if copied >= _COPIED else 0.0)


def _is_namesake(answer: Code, code: Code) -> bool:
    """Whether the code is meant as the same function: methods, only in a class of that name."""
    if answer.function is None or code.function is None or answer.is_inner or code.is_inner:
        return False
    same_owner = answer.owner == code.owner or not answer.owner or not code.owner
    return answer.function.name == code.function.name and same_owner


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


def _regions(unit: CodeUnit, kind: RegionKind) -> list[_Lines]:
    return structure_of(unit.text, kind, {}).regions


def _whole(unit: CodeUnit) -> list[_Lines]:
    """All lines of a unit, as if delimiters stood above and below."""
    return [(0, unit.text.count("\n") + 2)]


def _codes(
    module: Module, unit: CodeUnit, regions: list[_Lines], *, hidden: bool
) -> Iterator[Code]:
    """The code that ``regions`` hide, or that which they leave alone."""
    assert unit.tree is not None
    top = [node for node in unit.tree.body if not isinstance(node, FunctionNode | ast.ClassDef)]
    chosen = _chosen(top, regions, hidden=hidden)
    yield Code(unit, list(_lines(chosen, module.variables | _own_names(top))))
    for owner, function, is_inner in _functions(unit.tree.body):
        if not hidden and _touches(function, regions):
            continue
        body = _chosen(function.body, regions, hidden=hidden)
        lines = list(_lines(body, _own_names([function])))
        yield Code(unit, lines, function, owner, is_inner)


def _chosen(body: list[ast.stmt], regions: list[_Lines], *, hidden: bool) -> list[ast.stmt]:
    """The statements of a block (and of the blocks in it) inside the regions, or outside."""
    found: list[ast.stmt] = []
    for node in body:
        if not _touches(node, regions):
            found += [] if hidden else [node]
        elif any(begin < node.lineno and _end(node) < end for begin, end in regions):
            found += [node] if hidden else []
        elif not isinstance(node, FunctionNode | ast.ClassDef):
            for block in _blocks(node):
                found += _chosen(block, regions, hidden=hidden)
    return found


def _touches(node: ast.stmt, regions: list[_Lines]) -> bool:
    return any(begin <= _end(node) and node.lineno <= end for begin, end in regions)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _functions(
    body: list[ast.stmt], owner: str = "", is_inner: bool = False
) -> Iterator[tuple[str, FunctionNode, bool]]:
    """Every function in ``body``, however deep: its class, and whether it is in a function."""
    for node in body:
        if isinstance(node, FunctionNode):
            yield owner, node, is_inner
            yield from _functions(node.body, "", True)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, node.name, is_inner)
        else:
            for block in _blocks(node):
                yield from _functions(block, owner, is_inner)


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    """The statement lists in a compound statement."""
    if not isinstance(node, COMPOUND):
        return []
    found: list[list[ast.stmt]] = []
    for place in _PLACES_OF_BLOCKS:
        part = getattr(node, place, None)
        if isinstance(part, list) and place in ("handlers", "cases"):
            found += [inner.body for inner in part]
        elif isinstance(part, list):
            found.append(part)
    return found


def _own_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of parameters and of what is assigned to in ``nodes``."""
    found: set[str] = set()
    for node in nodes:
        for part in walk(node):
            if isinstance(part, ast.Name):
                if not isinstance(part.ctx, ast.Load):
                    found.add(part.id)
            elif isinstance(part, ast.arg):
                found.add(part.arg)
    return found


# --- statements as labels ---------------------------------------------------------------------


def _lines(body: list[ast.stmt], own: set[str]) -> Iterator[_Line]:
    """The statements of a block and of the blocks in it, where they do something."""
    for node in body:
        if isinstance(node, FunctionNode | ast.ClassDef) or _says_nothing(node):
            continue
        words: list[str] = []
        pairs: list[tuple[str, str]] = []
        _take(node, "", own, words, pairs)
        yield _Line(node, " ".join(words), pairs)
        for block in _blocks(node):
            yield from _lines(block, own)


def _says_nothing(node: ast.stmt) -> bool:
    """Whether a statement is no part of an answer: a docstring, a print, a complaint."""
    if isinstance(node, ast.Expr):
        value = node.value
        prints = isinstance(value, ast.Call) and matches(dotted(value.func), PRINTERS)
        return prints or isinstance(value, ast.Constant)
    return isinstance(node, ast.Pass | ast.Raise | ast.Import | ast.ImportFrom)


def _take(
    node: ast.AST,
    above: str,
    own: set[str],
    words: list[str],
    pairs: list[tuple[str, str]],
) -> None:
    """Write the labels of ``node`` to ``words`` and ``pairs``, from the top of its tree down.

    Statements below it stand in its blocks, which have lines of their own.
    """
    label = _label(node, own)
    words.append(label)
    pairs.append((above, label))
    for part in children(node):
        if not isinstance(part, ast.stmt | ast.excepthandler):
            _take(part, label, own, words, pairs)
    words.append(")")


def _label(node: ast.AST, own: set[str]) -> str:
    if isinstance(node, ast.Name):
        return "_" if node.id in own else node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return "str" if isinstance(node.value, str) else repr(node.value)
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    return type(node).__name__
