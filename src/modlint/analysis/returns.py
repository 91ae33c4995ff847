"""What a function gives back, read from its body.

Nested functions and lambdas have returns of their own. A body of only a
docstring, ``pass``, ``...``, ``raise`` or an empty solution region says nothing.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple

from modlint.analysis.context import Context
from modlint.analysis.facts import NO_FACTS
from modlint.analysis.module import FunctionNode
from modlint.analysis.scopes import bound_unnamed, is_generator, parameters
from modlint.analysis.trees import CLOSED, dotted, own_nodes, walk
from modlint.analysis.ways import FirstLook, Ways

_ABSTRACT = frozenset({"abstractmethod", "overload", "abstractproperty"})


class Returns(NamedTuple):
    """The ways out of a function.

    ``values``: the expressions it returns, ``None`` constants aside; ``nones``:
    explicit ``return None`` and bare ``return``; ``falls_through``: the end of
    the body can be reached; ``is_generator``: it yields; ``is_stub``: the body
    is no evidence.
    """

    values: tuple[ast.Return, ...]
    nones: tuple[ast.Return, ...]
    falls_through: bool
    is_generator: bool
    is_stub: bool

    @property
    def gives_value(self) -> bool:
        """Whether some path returns a value."""
        return bool(self.values)

    @property
    def gives_none(self) -> bool:
        """Whether some path returns None."""
        return bool(self.nones) or self.falls_through

    @property
    def never_gives_value(self) -> bool:
        """Whether a call surely gives None: real work is done, and nothing is returned."""
        return not (self.is_stub or self.is_generator or self.values) and self.gives_none


class Look(Enum):
    """How closely the ways through a function are looked at.

    ``FIRST`` goes by its statements alone, and finds all that the others find; ``CLOSE`` leaves
    out what names and types say is never reached; ``USUAL`` does so where a first look finds
    that the function may give None.
    """

    FIRST = "first"
    USUAL = "usual"
    CLOSE = "close"


def returns_of(
    function: FunctionNode, context: Context | None = None, look: Look = Look.USUAL
) -> Returns:
    """How ``function`` can end; ``context`` says where it stands, or nothing is known of that."""
    context = context or Context(NO_FACTS, function)
    ways: Ways = FirstLook(context)
    may_give_none = ways.reaches_end or any(_gives_none(node) for node in ways.returns)
    if look is Look.CLOSE or (look is Look.USUAL and may_give_none):
        ways = Ways(context)
    values: list[ast.Return] = []
    nones: list[ast.Return] = []
    for node in ways.returns:
        (nones if _gives_none(node) else values).append(node)
    return Returns(
        tuple(values),
        tuple(nones),
        ways.reaches_end,
        is_generator(function),
        is_stub(function),
    )


def _gives_none(node: ast.Return) -> bool:
    constant = isinstance(node.value, ast.Constant) and node.value.value is None
    return node.value is None or constant


def single_value(function: FunctionNode, name: str) -> ast.expr | None:
    """What a local is bound to, where it is bound exactly once, by a plain assignment."""
    if name in parameters(function):
        return None
    bound: list[ast.expr | None] = []
    stores = 0
    for node in own_nodes(function.body):
        if isinstance(node, ast.Name):
            stores += node.id == name and not isinstance(node.ctx, ast.Load)
        elif (
            (isinstance(node, ast.Global | ast.Nonlocal) and name in node.names)
            or (isinstance(node, CLOSED) and _binds_outside(node, name))
            or name in bound_unnamed(node)
        ):
            return None
        elif isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            bound.append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and (
            isinstance(node.target, ast.Name) and node.target.id == name
        ):
            bound.append(node.value if isinstance(node, ast.AnnAssign) else None)
    return bound[0] if len(bound) == 1 and stores == 1 else None


def _binds_outside(node: ast.AST, name: str) -> bool:
    """Whether an inner function binds a name of the function around it."""
    return any(isinstance(part, ast.Nonlocal) and name in part.names for part in walk(node))


def returned_values(function: FunctionNode, returns: Returns) -> list[tuple[ast.Return, ast.expr]]:
    """What a function returns, and where; a local bound once is read as what it is bound to."""
    found: list[tuple[ast.Return, ast.expr]] = []
    for returned in returns.values:
        value = returned.value
        assert value is not None
        if isinstance(value, ast.Name):
            value = single_value(function, value.id) or value
        found.append((returned, value))
    return found


def decorator_names(function: FunctionNode) -> set[str]:
    """The last names of the decorators: ``abc.abstractmethod`` → ``abstractmethod``."""
    names = set()
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute):
            names.add(target.attr)
        elif isinstance(target, ast.Name):
            names.add(target.id)
    return names


def is_stub(function: FunctionNode) -> bool:
    """Whether the body says nothing about what the function returns."""
    if decorator_names(function) & _ABSTRACT:
        return True
    body = [node for node in function.body if not _says_nothing(node)]
    return not body or all(isinstance(node, ast.Raise) for node in body) or _is_todo(body)


def _is_todo(body: list[ast.stmt]) -> bool:
    """Whether all that is there is a message that something is still to be written."""
    only_prints = all(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func) == "print"
        for node in body
    )
    return only_prints and any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and "TODO" in part.value
        for node in body
        for part in walk(node)
    )


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
