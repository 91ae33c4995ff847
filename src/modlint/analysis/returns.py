"""What a function gives back, read from its body.

Nested functions and lambdas have returns of their own. A body of only a
docstring, ``pass``, ``...``, ``raise`` or an empty solution region says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from modlint.analysis.guards import Truth, truth_on_import
from modlint.analysis.module import FunctionNode
from modlint.analysis.scopes import is_generator, parameters
from modlint.analysis.trees import COMPOUND, children, dotted, walk

#: Calls that do not come back.
_ENDINGS = frozenset(
    "sys.exit exit quit os._exit os.abort assert_never typing.assert_never parser.error "
    "self.fail pytest.fail pytest.skip pytest.exit".split()
)
#: Statements after which the next one runs, and those after which it does not.
_GOES_ON = frozenset(
    (ast.AnnAssign, ast.Assign, ast.AsyncFunctionDef, ast.AugAssign, ast.ClassDef, ast.Delete,
     ast.FunctionDef, ast.Global, ast.Import, ast.ImportFrom, ast.Nonlocal, ast.Pass)
)  # fmt: skip
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_CLOSED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
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


def returns_of(function: FunctionNode, never_returns: Callable[[str], bool]) -> Returns:
    """How ``function`` can end; ``never_returns`` knows the calls that do not come back."""
    values: list[ast.Return] = []
    nones: list[ast.Return] = []
    for node in _reachable(function.body, never_returns):
        if isinstance(node, ast.Return):
            constant = isinstance(node.value, ast.Constant) and node.value.value is None
            (nones if node.value is None or constant else values).append(node)
    return Returns(
        tuple(values),
        tuple(nones),
        _reaches_end(function.body, never_returns),
        is_generator(function),
        is_stub(function),
    )


def _reachable(body: list[ast.stmt], never_returns: Callable[[str], bool]) -> Iterator[ast.stmt]:
    """The statements of ``body`` and its blocks that can run at all, definitions left closed."""
    for node in body:
        yield node
        if node.__class__ in _GOES_ON:
            continue
        for block in _blocks(node):
            yield from _reachable(block, never_returns)
        if not _continues(node, never_returns):
            return


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    if not isinstance(node, COMPOUND) or isinstance(node, FunctionNode | ast.ClassDef):
        return []
    if isinstance(node, ast.If) and isinstance(node.test, ast.Constant):
        return [node.body if node.test.value else node.orelse]
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    return blocks + [
        part.body for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    ]


def single_value(function: FunctionNode, name: str) -> ast.expr | None:
    """What a local is bound to, where it is bound exactly once, by a plain assignment."""
    if name in parameters(function):
        return None
    bound: list[ast.expr | None] = []
    stores = 0
    for node in own_nodes(function):
        if isinstance(node, ast.Name):
            stores += node.id == name and not isinstance(node.ctx, ast.Load)
        elif isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
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


def own_nodes(scope: FunctionNode | ast.Module) -> Iterator[ast.AST]:
    """The nodes of a body, without those of functions and classes inside it."""
    stack: list[ast.AST] = list(reversed(scope.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _CLOSED):
            stack += reversed(children(node))


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


def _reaches_end(body: list[ast.stmt], never_returns: Callable[[str], bool]) -> bool:
    """Whether control can run off the end of ``body``."""
    return all(_continues(node, never_returns) for node in body)


def _continues(node: ast.stmt, never_returns: Callable[[str], bool]) -> bool:
    """Whether the statement after ``node`` can be reached."""
    if node.__class__ in _GOES_ON:
        return True
    if isinstance(node, _LEAVES):
        return False
    if isinstance(node, ast.Assert):
        return not (isinstance(node.test, ast.Constant) and not node.test.value)
    if isinstance(node, ast.Expr):
        return not _never_comes_back(node.value, never_returns)
    if isinstance(node, ast.If):
        return _if_continues(node, never_returns)
    if isinstance(node, ast.While):
        if truth_on_import(node.test) is Truth.TRUE and isinstance(node.test, ast.Constant):
            return _breaks(node.body)
        return not node.orelse or _reaches_end(node.orelse, never_returns) or _breaks(node.body)
    if isinstance(node, ast.For | ast.AsyncFor):
        return not node.orelse or _reaches_end(node.orelse, never_returns) or _breaks(node.body)
    if isinstance(node, ast.With | ast.AsyncWith):
        return _reaches_end(node.body, never_returns) or _may_swallow(node)
    if isinstance(node, ast.Try | ast.TryStar):
        if node.finalbody and not _reaches_end(node.finalbody, never_returns):
            return False
        through = _reaches_end([*node.body, *node.orelse], never_returns)
        return through or any(_reaches_end(h.body, never_returns) for h in node.handlers)
    if isinstance(node, ast.Match):
        return not _is_exhaustive(node) or any(
            _reaches_end(c.body, never_returns) for c in node.cases
        )
    return True


def _is_exhaustive(node: ast.Match) -> bool:
    """Whether some case surely matches; one for each member of an enumeration is taken for all."""
    plain = [case.pattern for case in node.cases if case.guard is None]
    if any(_matches_all(pattern) for pattern in plain):
        return True
    members = {
        ast.unparse(p.value.value)
        for p in plain
        if isinstance(p, ast.MatchValue) and isinstance(p.value, ast.Attribute)
    }
    return len(members) == 1 and all(isinstance(p, ast.MatchValue) for p in plain)


def _matches_all(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return any(_matches_all(part) for part in pattern.patterns)
    return isinstance(pattern, ast.MatchAs) and (
        pattern.pattern is None or _matches_all(pattern.pattern)
    )


def _if_continues(node: ast.If, never_returns: Callable[[str], bool]) -> bool:
    if isinstance(node.test, ast.Constant):
        return _reaches_end(node.body if node.test.value else node.orelse, never_returns)
    return _reaches_end(node.body, never_returns) or _reaches_end(node.orelse, never_returns)


def _never_comes_back(node: ast.expr, never_returns: Callable[[str], bool]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    path = dotted(node.func)
    return path in _ENDINGS or never_returns(path)


def _may_swallow(node: ast.With | ast.AsyncWith) -> bool:
    """Whether a context manager may end an exception: ``suppress`` and its like."""
    return any(
        word in ast.unparse(item.context_expr)
        for item in node.items
        for word in ("suppress", "raises")
    )


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a loop over ``body`` has a ``break`` of its own."""
    for node in body:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            if _breaks(node.orelse):
                return True
        elif not isinstance(node, FunctionNode | ast.ClassDef):
            parts = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
            parts += [h.body for h in getattr(node, "handlers", [])]
            parts += [c.body for c in getattr(node, "cases", [])]
            if any(_breaks(part) for part in parts):
                return True
    return False
