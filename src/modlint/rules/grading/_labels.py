"""Statements as labels: names of locals are all one label, and so are all strings.

Docstrings, prints, raises and imports are left out. The shape of a statement is what can be
told of it without its labels; it is the same in all statements of the same labels.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import NamedTuple

from modlint.analysis.trees import COMPOUND, below, blocks_of, children, dotted
from modlint.analysis.vocabulary import PRINTERS
from modlint.patterns import matches

_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Statements that are no part of an answer.
_SILENT = (ast.Pass, ast.Raise, ast.Import, ast.ImportFrom)
#: The shapes of ``x = y``, ``return x`` and ``return``, and the most labels that they have.
SMALL = frozenset(((ast.Assign, None, None), (ast.Return, None, None)))
SMALL_SIZE = 3
#: The field that says most of a statement, where it is not the value.
_MAIN = {ast.If: "test", ast.While: "test", ast.Assert: "test", ast.For: "iter"}
#: What has lines of its own.
_IN_BLOCKS = (ast.stmt, ast.excepthandler)
#: What statements have in common at a glance.
Shape = tuple[object, ...]


class Line(NamedTuple):
    """One statement, the blocks in it left out: its labels, and how many they are."""

    node: ast.stmt
    text: str
    size: int


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of the blocks in it, where they do something."""
    for node in body:
        if isinstance(node, _DEFINITION) or _says_nothing(node):
            continue
        yield node
        for block in blocks_of(node):
            yield from statements(block)


def _says_nothing(node: ast.stmt) -> bool:
    """Whether a statement is no part of an answer: a docstring, a print, a complaint."""
    if isinstance(node, ast.Expr):
        value = node.value
        prints = isinstance(value, ast.Call) and matches(dotted(value.func), PRINTERS)
        return prints or isinstance(value, ast.Constant)
    return isinstance(node, _SILENT)


def shape_of(node: ast.stmt) -> Shape:
    """What is the same in all statements of the same labels, and is told without them."""
    kind = node.__class__
    target: Shape | None = None
    if isinstance(node, ast.Assign):
        many = len(node.targets)
        target = _outline(node.targets[0], 1) if many == 1 else (many,)
    elif isinstance(node, ast.AugAssign):
        target = (node.op.__class__,)
    return (kind, target, _outline(getattr(node, _MAIN.get(kind, "value"), None), 2))


def _outline(node: ast.AST | None, depth: int) -> Shape | None:
    """The same of an expression, down to some depth; None where it holds no other.

    The label of what holds nothing may be that of a name, which is spelled so.
    """
    kind = node.__class__
    if node is None or kind is ast.Name or kind is ast.Constant:
        return None
    first: ast.AST | None = None
    said: Shape = ()
    if isinstance(node, ast.Call):
        said = (len(node.args), len(node.keywords))
        first = node.func
    elif isinstance(node, ast.Attribute):
        said = (node.attr,)
        first = node.value
    elif isinstance(node, ast.BinOp):
        said = (node.op.__class__,)
        first = node.left
    elif isinstance(node, ast.Compare):
        said = (*[op.__class__ for op in node.ops], _outline(node.comparators[0], 0))
        first = node.left
    elif isinstance(node, ast.Subscript):
        first = node.value
    elif not children(node):
        return None
    return (kind, said, _outline(first, depth - 1) if depth else None)


def size_of(node: ast.stmt) -> int:
    """How many labels a statement has."""
    if not isinstance(node, COMPOUND):
        return len(below(node))
    parts: list[ast.AST] = [node]
    for part in parts:  # which grows meanwhile
        parts += [p for p in children(part) if not isinstance(p, _IN_BLOCKS)]
    return len(parts)


def line_of(node: ast.stmt, own: Set[str]) -> Line:
    """The labels of a statement, from the top of its tree down, each with what is below it.

    Statements below it stand in its blocks, which have lines of their own.
    """
    words: list[str] = []
    _write(node, own, words)
    return Line(node, " ".join(words), len(words) // 2)


def _write(node: ast.AST, own: Set[str], words: list[str]) -> None:
    words.append(_label(node, own))
    if node.__class__ is not ast.Name and node.__class__ is not ast.Constant:
        for part in children(node):
            if not isinstance(part, _IN_BLOCKS):
                _write(part, own, words)
    words.append(")")


def write_pairs(node: ast.AST, above: str, own: Set[str], pairs: list[tuple[str, str]]) -> None:
    """Write each label of a statement with the one above it."""
    label = _label(node, own)
    pairs.append((above, label))
    for part in children(node):
        if not isinstance(part, _IN_BLOCKS):
            write_pairs(part, label, own, pairs)


def _label(node: ast.AST, own: Set[str]) -> str:
    if isinstance(node, ast.Name):
        return "_" if node.id in own else node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return "str" if isinstance(node.value, str) else repr(node.value)
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    return node.__class__.__name__
