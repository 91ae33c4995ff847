"""Walks over ``ast`` trees, as ``ast`` has them and several times faster.

``ast.walk`` asks every field of every node what it holds. Which fields of a class hold
nodes is known beforehand, and rules walk the same functions again and again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, TypeVar

_T = TypeVar("_T")

#: Fields that hold no nodes, or (``ctx``) none that anybody looks at.
_PLAIN = frozenset(
    "ctx id attr arg asname module level kind type_comment type_ignores tag conversion simple "
    "is_async rest kwd_attrs".split()
)
#: Classes whose other fields are plain, too.
_LEAVES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton, ast.alias)

#: Statements that hold blocks.
COMPOUND = (
    ast.FunctionDef, ast.If, ast.For, ast.With, ast.ClassDef, ast.Try, ast.While, ast.Match,
    ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.TryStar,
)  # fmt: skip


_COMPOUND = frozenset(COMPOUND)

_REMEMBERED: list[_lru_cache_wrapper[Any]] = []


def remembered(function: Callable[..., _T]) -> _lru_cache_wrapper[_T]:
    """Remember what ``function`` tells of trees, and the trees with it, until :func:`forget`."""
    kept = lru_cache(maxsize=4096)(function)
    _REMEMBERED.append(kept)
    return kept


def forget() -> None:
    """Let go of all trees."""
    for kept in _REMEMBERED:
        kept.cache_clear()


class _Parts(dict[type[ast.AST], tuple[str, ...]]):
    """For each class of node the fields that may hold nodes, in their order."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if issubclass(kind, _LEAVES) else kind._fields
        self[kind] = found = tuple(name for name in names if name not in _PLAIN)
        return found


#: By class of node.
PARTS = _Parts()


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below ``node``, in the order of its fields; no ``Load`` and its like."""
    found: list[ast.AST] = []
    for name in PARTS[node.__class__]:
        part = getattr(node, name, None)
        if part.__class__ is list:
            # `{**x}` has a key that is None.
            found += part if None not in part else [p for p in part if p is not None]
        elif part is not None and part.__class__ is not str:
            found.append(part)
    return found


CLOSED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_CLOSED = frozenset(CLOSED)


def own_nodes(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """The nodes of a body in the order of the text, without what stands inside its functions and
    classes: of them only the node itself.
    """
    found: list[ast.AST] = []
    pending = [*nodes][::-1]
    while pending:
        node = pending.pop()
        found.append(node)
        if node.__class__ in _CLOSED:
            continue
        for name in PARTS[node.__class__][::-1]:
            part = getattr(node, name, None)
            if part.__class__ is list:
                pending += [p for p in part[::-1] if p is not None]
            elif part is not None and part.__class__ is not str:
                pending.append(part)
    return found


def below(node: ast.AST) -> list[ast.AST]:
    """``node`` and all nodes below it in the order of ``ast.walk``; no ``Load`` and its like."""
    nodes = [node]
    for parent in nodes:  # which grows meanwhile
        for name in PARTS[parent.__class__]:
            part = getattr(parent, name, None)
            if part.__class__ is list:
                nodes += part if None not in part else [p for p in part if p is not None]
            elif part is not None and part.__class__ is not str:
                nodes.append(part)
    return nodes


@remembered
def walk(node: ast.AST) -> tuple[ast.AST, ...]:
    """The same, remembered: the rules ask for the same statements again and again, and no tree
    is ever changed.
    """
    return tuple(below(node))


def compounds(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a block that hold blocks themselves, definitions included."""
    return [node for node in body if node.__class__ in _COMPOUND]


def blocks_of(node: ast.stmt) -> list[list[ast.stmt]]:
    """The statement lists in a compound statement, a definition included, from top to bottom."""
    if node.__class__ not in _COMPOUND:
        return []
    found: list[list[ast.stmt]] = [getattr(node, "body", [])]
    found += [part.body for name in ("handlers", "cases") for part in getattr(node, name, ())]
    found += [getattr(node, name, []) for name in ("orelse", "finalbody")]
    return [block for block in found if block]


def first_line(node: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(d.lineno for d in decorators)]))


def last_line(node: ast.stmt) -> int:
    """The last line of a statement."""
    return node.end_lineno or node.lineno


def dotted(node: ast.expr) -> str:
    """``ast.unparse`` of an expression, quick where it is a dotted path."""
    if node.__class__ is ast.Name:  # as most are
        return node.id
    names: list[str] = []
    part = node
    while isinstance(part, ast.Attribute):
        names.append(part.attr)
        part = part.value
    if not isinstance(part, ast.Name):
        return ast.unparse(node)
    names.append(part.id)
    return ".".join(reversed(names))
