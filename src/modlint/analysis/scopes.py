"""Which names a statement binds and reads in the module's namespace.

Python's own scope rules decide, not spelling: a function's local of the same
name is no use of a module's name (Language Reference, section 4.2). The same walk notes
what else rules ask of all nodes: the calls, and what Python may refuse to compile.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from modlint.analysis.trees import PARTS, children, remembered


@dataclass(slots=True)
class Names:
    """What one scope's statements do with the names of that scope.

    ``binds``: names bound when the statements run; ``loads``: names read when
    they run; ``deferred``: names that functions and lambdas defined in them read
    when they are called; ``rebinds``: names such functions rebind through
    ``global``; ``dynamic``: something that may touch any name (a star import,
    ``globals()``, ``exec``); ``awaits``: an ``await`` outside any function;
    ``yields``: a ``yield`` of the scope itself; ``doubtful``: Python may refuse to
    compile them, though they parse; ``calls``: the calls in them, in any order.
    """

    binds: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    dynamic: bool = False
    reads_any: bool = False
    awaits: bool = False
    yields: bool = False
    doubtful: bool = False
    calls: list[ast.Call] = field(default_factory=list)

    @property
    def uses(self) -> set[str]:
        """Every name read, now or later."""
        return self.loads | self.deferred

    def add(self, other: Names) -> None:
        """Take in what ``other`` does."""
        self.binds |= other.binds
        self.loads |= other.loads
        self.deferred |= other.deferred
        self.rebinds |= other.rebinds
        self.dynamic |= other.dynamic
        self.reads_any |= other.reads_any
        self.awaits |= other.awaits
        self.yields |= other.yields
        self.doubtful |= other.doubtful
        self.calls += other.calls


def names_of(nodes: Iterable[ast.AST]) -> Names:
    """What ``nodes``, run one after another in a module's scope, do with its names."""
    visitor = _Scope()
    visitor.visit_all([*nodes])
    visitor.names.rebinds |= visitor.names.binds & visitor.outer
    return visitor.names


@remembered
def names_in(node: ast.AST) -> Names:
    """The same of one node, remembered: it is not to be changed.

    An ``elif`` stands inside the one above it: what is known of it is taken from there.
    """
    links = [node]
    while len(links) < _LINKS and (below := _elif_of(links[-1])) is not None:
        links.append(below)
    if not links[1:]:
        return names_of([node])
    for link in reversed(links[1:]):  # from below, so that each finds the next one known
        inner: Names = names_in(link)
    assert isinstance(node, ast.If)
    found = names_of([node.test, *node.body])
    found.add(inner)
    return found


def _elif_of(node: ast.AST) -> ast.If | None:
    """The ``elif`` of an ``if``, if it has one."""
    below = node.orelse if isinstance(node, ast.If) else []
    return below[0] if len(below) == 1 and isinstance(below[0], ast.If) else None


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """The names of all parameters, in order."""
    args = function.args
    collecting = filter(None, (args.vararg, args.kwarg))
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, *collecting)]


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The names that are local to ``function``: parameters and what its body binds."""
    scope = _function_scope(function)
    return scope.names.binds - scope.outer


def bound_unnamed(node: ast.AST) -> tuple[str | None, ...]:
    """The names that a node binds without a node for the name."""
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return (node.name,)
    if isinstance(node, ast.MatchMapping):
        return (node.rest,)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.split(".")[0],)
    return ()


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Whether a call of ``function`` only makes a generator."""
    return _function_scope(function).names.yields


@remembered
def _function_scope(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Scope:
    """The scope of a function's body, remembered: nobody changes it any more."""
    scope = _Scope(is_function=True)
    names = parameters(function)
    scope.names.binds.update(names)
    scope.names.doubtful = len(scope.names.binds) < len(names) or _READ_ONLY in names
    scope.visit_all([*function.body] if isinstance(function.body, list) else [function.body])
    return scope


#: How many links of a chain are looked at from below at once.
_LINKS = 50
#: A name that Python lets nobody bind.
_READ_ONLY = "__debug__"
#: Blocks of one function that may be in one another: Python compiles no more than 20.
_NESTED = 18
#: What Python compiles wherever it parses, if its parts are compiled. Of what is not here and
#: has no method in :class:`_Scope`, a later version of Python may say anything.
_COMPILES = (
    ast.AnnAssign, ast.Assert, ast.Assign, ast.BinOp, ast.BoolOp, ast.Delete, ast.Dict, ast.Expr,
    ast.FormattedValue, ast.If, ast.IfExp, ast.JoinedStr, ast.List, ast.Pass, ast.Raise, ast.Set,
    ast.Slice, ast.Tuple, ast.UnaryOp, ast.arg, ast.arguments, ast.keyword, ast.withitem,
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
#: Calls that give all names, where they are asked for none; and calls that run text.
_NAMESPACES = frozenset({"globals", "locals", "vars", "dir"})
_EVALUATORS = frozenset({"exec", "eval", "get_ipython"})


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_namespace(node: ast.expr) -> bool:
    """Whether ``node`` is a call that gives all names: ``globals()`` and its like."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _NAMESPACES
        and not node.args
    )


def _asks_for(function: ast.expr) -> bool:
    """``globals().get`` and its like."""
    return isinstance(function, ast.Attribute) and is_namespace(function.value)


class _Scope:
    """Collects the names of one scope; nested scopes are folded in by Python's rules.

    A visitor in the manner of ``ast.NodeVisitor``, which would look up the name of its
    method anew for each node. What Python refuses when it compiles (Language Reference, and
    CPython's ``symtable.c`` and ``compile.c``) is not told, but where it may be.
    """

    def __init__(self, *, is_function: bool = False) -> None:
        self.names = Names()
        self.outer: set[str] = set()  # declared global or nonlocal here
        self.is_function = is_function
        self.blocks = 0  # that may be in one another

    def visit_all(self, pending: list[ast.AST]) -> None:
        """Take in what ``pending`` do, in any order: what is noted of them are sets."""
        loads = self.names.loads
        name_class, load, constant, attribute = ast.Name, ast.Load, ast.Constant, ast.Attribute
        while pending:
            node = pending.pop()
            kind = node.__class__
            # Most nodes are one of these three.
            if kind is name_class and node.ctx.__class__ is load:  # type: ignore[attr-defined]
                loads.add(node.id)  # type: ignore[attr-defined]
                continue
            if kind is constant:
                continue
            if kind is attribute and node.ctx.__class__ is load:  # type: ignore[attr-defined]
                pending.append(node.value)  # type: ignore[attr-defined]
                continue
            method = _METHODS[kind]
            if method is not None and not method(self, node):
                continue
            for name in PARTS[kind]:
                part = getattr(node, name, None)
                if part.__class__ is list:
                    # `{**x}` has a key that is None.
                    pending += part if None not in part else [p for p in part if p is not None]
                elif part is not None and part.__class__ is not str:
                    pending.append(part)

    def _bind(self, name: str) -> None:
        self.names.binds.add(name)
        self.names.doubtful |= name == _READ_ONLY

    def _nest(self, blocks: int) -> bool:
        self.blocks += blocks
        self.names.doubtful |= self.blocks > _NESTED
        return True

    # Each method says whether the parts of the node are still to be taken in.

    def visit_others(self, _: ast.AST) -> bool:
        """Take in what Python may refuse."""
        self.names.doubtful = True
        return True

    def visit_Name(self, node: ast.Name) -> bool:
        if not isinstance(node.ctx, ast.Store):
            self.names.loads.add(node.id)  # `del x` needs an x as well
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)
        return False

    def visit_Attribute(self, node: ast.Attribute) -> bool:
        self.names.doubtful |= node.attr == _READ_ONLY
        return True

    def visit_AugAssign(self, node: ast.AugAssign) -> bool:
        if isinstance(node.target, ast.Name):
            self.names.loads.add(node.target.id)
        return True

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> bool:
        self.outer.update(node.names)
        return self.visit_others(node)

    visit_Nonlocal = visit_Global

    def visit_Import(self, node: ast.Import) -> bool:
        for alias in node.names:
            self._bind(alias.asname or alias.name.split(".")[0])
        return False

    def visit_ImportFrom(self, node: ast.ImportFrom) -> bool:
        self.names.doubtful |= node.module == "__future__"
        for alias in node.names:
            if alias.name == "*":
                self.names.dynamic = self.names.doubtful = True
            else:
                self._bind(alias.asname or alias.name)
        return False

    def visit_Return(self, _: ast.Return) -> bool:
        self.names.doubtful |= not self.is_function
        return True

    def visit_For(self, _: ast.For | ast.While) -> bool:
        return self._nest(1)

    visit_While = visit_For

    def visit_With(self, node: ast.With) -> bool:
        return self._nest(len(node.items))

    def visit_Try(self, node: ast.Try) -> bool:
        self.names.doubtful |= any(handler.type is None for handler in node.handlers[:-1])
        return self._nest(4)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> bool:
        if not node.name:
            return True
        inner = _Scope(is_function=self.is_function)
        inner.visit_all(children(node))
        inner._bind(node.name)
        self._nest(inner.blocks)
        # Unbound again when the handler ends.
        for names in (inner.names.binds, inner.names.loads, inner.names.deferred):
            names.discard(node.name)
        self.names.add(inner.names)
        self.outer |= inner.outer
        return False

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> bool:
        if node.name:
            self.names.binds.add(node.name)
        return self.visit_others(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> bool:
        if node.rest:
            self.names.binds.add(node.rest)
        return self.visit_others(node)

    def visit_Await(self, node: ast.AST) -> bool:
        self.names.awaits = True
        return self.visit_others(node)

    visit_AsyncFor = visit_AsyncWith = visit_Await

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> bool:
        self.names.yields = True
        return self.visit_others(node)

    visit_YieldFrom = visit_Yield

    def visit_Call(self, node: ast.Call) -> bool:
        function = node.func
        self.names.calls.append(node)
        self._name_once(node.keywords)
        if isinstance(function, ast.Name):
            if function.id in _NAMESPACES and not node.args:
                self.names.dynamic = self.names.reads_any = True
            elif function.id in _EVALUATORS:
                self.names.dynamic = True
                self.names.reads_any |= not all(_is_text(a) for a in node.args)
        elif _asks_for(function) and node.args and _is_text(node.args[0]):
            self.names.dynamic = True
            self.visit_all([*node.args])
            return False
        return True

    def _name_once(self, keywords: list[ast.keyword]) -> None:
        if keywords:
            names = {keyword.arg for keyword in keywords}
            self.names.doubtful |= len(names) < len(keywords) or _READ_ONLY in names

    def visit_Compare(self, node: ast.Compare) -> bool:
        if _is_text(node.left) and all(is_namespace(c) for c in node.comparators):
            self.names.dynamic = True  # `'X' in globals()` mentions the one name it asks for
            return False
        return True

    def visit_Subscript(self, node: ast.Subscript) -> bool:
        if is_namespace(node.value) and _is_text(node.slice):
            self.names.dynamic = True  # `globals()['X']`
            return False
        return True

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        self._bind(node.name)
        self.names.doubtful |= bool(getattr(node, "type_params", ()))
        parts = (*node.decorator_list, node.args, node.returns)
        self.visit_all([part for part in parts if part is not None])
        self._defer(node)
        return False

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> bool:
        self.visit_others(node)
        return self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> bool:
        self.visit_all([node.args])
        self._defer(node)
        return False

    def _defer(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        inner = _function_scope(node)
        local = inner.names.binds - inner.outer
        self.names.deferred |= inner.names.uses - local
        self.names.rebinds |= (inner.names.rebinds - local) | (inner.names.binds & inner.outer)
        self.names.dynamic |= inner.names.dynamic
        self.names.reads_any |= inner.names.reads_any
        self.names.doubtful |= inner.names.doubtful
        self.names.calls += inner.names.calls

    def visit_ClassDef(self, node: ast.ClassDef) -> bool:
        self._bind(node.name)
        self._name_once(node.keywords)
        self.names.doubtful |= bool(getattr(node, "type_params", ()))
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords])
        body = _Scope()
        body.visit_all([*node.body])
        # A class body runs at once; its methods do not see its names.
        self.names.loads |= body.names.loads - body.names.binds
        self.names.deferred |= body.names.deferred
        self.names.rebinds |= body.names.rebinds
        self.names.dynamic |= body.names.dynamic
        self.names.reads_any |= body.names.reads_any
        self.names.awaits |= body.names.awaits
        self.names.doubtful |= body.names.doubtful
        self.names.calls += body.names.calls
        return False

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> bool:
        inner = _Scope()
        targets = _Scope()
        for generator in node.generators:
            targets.visit_all([generator.target])
            inner.visit_all([generator.iter, *generator.ifs])
            inner.names.doubtful |= bool(generator.is_async)
        inner.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        local = targets.names.binds
        inner.names.doubtful |= targets.names.doubtful
        inner.names.calls += targets.names.calls
        self._nest(1 + inner.blocks)
        inner.names.loads -= local
        inner.names.deferred -= local
        self.names.add(inner.names)  # an assignment expression inside binds out here
        return False

    visit_ListComp = _visit_comprehension
    visit_SetComp = _visit_comprehension
    visit_GeneratorExp = _visit_comprehension
    visit_DictComp = _visit_comprehension


class _Methods(dict[type[ast.AST], Callable[[_Scope, Any], bool] | None]):
    """The methods of :class:`_Scope` by the class of node that they are for; None for most."""

    def __missing__(self, kind: type[ast.AST]) -> Callable[[_Scope, Any], bool] | None:
        other = None if issubclass(kind, _COMPILES) else _Scope.visit_others
        self[kind] = method = getattr(_Scope, f"visit_{kind.__name__}", other)
        return method


_METHODS = _Methods()
