"""Which names a statement binds and reads in the module's namespace.

Python's own scope rules decide, not spelling: a function's local of the same
name is no use of a module's name (Language Reference, section 4.2).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from modlint.analysis.trees import children, remembered, walk


@dataclass(slots=True)
class Names:
    """What one scope's statements do with the names of that scope.

    ``binds``: names bound when the statements run; ``loads``: names read when
    they run; ``deferred``: names that functions and lambdas defined in them read
    when they are called; ``rebinds``: names such functions rebind through
    ``global``; ``dynamic``: something that may touch any name (a star import,
    ``globals()``, ``exec``); ``awaits``: an ``await`` outside any function.
    """

    binds: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    rebinds: set[str] = field(default_factory=set)
    dynamic: bool = False
    reads_any: bool = False
    awaits: bool = False

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


def names_of(nodes: Iterable[ast.AST]) -> Names:
    """What ``nodes``, run one after another in a module's scope, do with its names."""
    visitor = _Scope()
    for node in nodes:
        visitor.visit(node)
    visitor.names.rebinds |= visitor.names.binds & visitor.outer
    return visitor.names


@dataclass(slots=True)
class Flow:
    """What a run of statements needs from before it, and what it surely leaves behind.

    ``exposed``: names read, now or by a function made here, before the run has
    surely bound them; ``certain``: names bound whatever branch is taken;
    ``killed``: names that may be unbound again.
    """

    exposed: set[str] = field(default_factory=set)
    certain: set[str] = field(default_factory=set)
    killed: set[str] = field(default_factory=set)


def flow_of(body: Iterable[ast.stmt]) -> Flow:
    """The flow of names through the statements ``body``, run in order at module level."""
    flow = Flow()
    for node in body:
        part = _statement_flow(node)
        flow.exposed |= part.exposed - flow.certain
        flow.killed |= part.killed
        flow.certain = (flow.certain - part.killed) | part.certain
    return flow


@remembered
def _statement_flow(node: ast.stmt) -> Flow:
    """The flow through one statement, remembered: each run of acts asks for that of all others."""
    flow = _compound_flow(node) or _simple_flow(node)
    flow.killed |= {
        part.id
        for part in walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del)
    }
    flow.exposed |= flow.killed & names_of([node]).binds if isinstance(node, ast.Delete) else set()
    return flow


def _simple_flow(node: ast.stmt) -> Flow:
    names = names_of([node])
    certain: set[str] = set()
    if isinstance(node, ast.Import | ast.ImportFrom | ast.AugAssign):
        certain = names.binds
    elif isinstance(node, ast.Assign):
        certain = names_of(node.targets).binds
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        certain = names_of([node.target]).binds
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return Flow(names.loads | (names.deferred - {node.name}), {node.name})
    return Flow(names.uses, certain)


def _compound_flow(node: ast.stmt) -> Flow | None:
    if isinstance(node, ast.If):
        return _either(_reads(node.test), [flow_of(node.body), flow_of(node.orelse)])
    if isinstance(node, ast.Match):
        return Flow(_reads(node))
    if isinstance(node, ast.For | ast.AsyncFor):
        target = names_of([node.target]).binds
        body = flow_of(node.body).exposed - target
        return Flow(_reads(node.iter) | body | flow_of(node.orelse).exposed)
    if isinstance(node, ast.While):
        blocks = flow_of(node.body).exposed | flow_of(node.orelse).exposed
        return Flow(_reads(node.test) | blocks)
    if isinstance(node, ast.With | ast.AsyncWith):
        items = names_of(node.items)
        # The manager may swallow an exception, and the rest of the body with it.
        return Flow(items.uses | (flow_of(node.body).exposed - items.binds), items.binds)
    if isinstance(node, ast.Try | ast.TryStar):
        return _try_flow(node)
    return None


def _try_flow(node: ast.Try | ast.TryStar) -> Flow:
    body = flow_of([*node.body, *node.orelse])
    handlers = [flow_of(handler.body) for handler in node.handlers]
    for handler, part in zip(node.handlers, handlers, strict=True):
        part.exposed -= {handler.name} if handler.name else set()
        part.exposed |= _reads(handler.type) if handler.type else set()
    # A handler that raises leaves nothing behind that anybody could miss.
    ends = [part for part, h in zip(handlers, node.handlers, strict=True) if not _raises(h.body)]
    whole = _either(set(), [body, *ends])
    whole.exposed |= set().union(*(part.exposed for part in handlers))
    final = flow_of(node.finalbody)  # runs when nothing was bound, too
    return Flow(whole.exposed | final.exposed, whole.certain | final.certain)


def _raises(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Raise)


def _either(reads: set[str], branches: list[Flow]) -> Flow:
    exposed = set(reads).union(*(b.exposed for b in branches))
    return Flow(exposed, set.intersection(*(b.certain for b in branches)))


def _reads(node: ast.AST) -> set[str]:
    return names_of([node]).uses


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """The names of all parameters, in order."""
    args = function.args
    collecting = filter(None, (args.vararg, args.kwarg))
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, *collecting)]


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The names that are local to ``function``: parameters and what its body binds."""
    scope = _function_scope(function)
    return scope.names.binds - scope.outer


@remembered
def _function_scope(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Scope:
    """The scope of a function's body, remembered: nobody changes it any more."""
    scope = _Scope()
    scope.names.binds.update(parameters(function))
    for node in function.body if isinstance(function.body, list) else [function.body]:
        scope.visit(node)
    return scope


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_namespace(node: ast.expr) -> bool:
    """Whether ``node`` is a call that gives all names: ``globals()`` and its like."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("globals", "locals", "vars", "dir")
        and not node.args
    )


def _asks_for(function: ast.expr) -> bool:
    """``globals().get`` and its like."""
    return isinstance(function, ast.Attribute) and _is_namespace(function.value)


class _Scope:
    """Collects the names of one scope; nested scopes are folded in by Python's rules.

    A visitor in the manner of ``ast.NodeVisitor``, which would look up the name of its
    method anew for each node.
    """

    def __init__(self) -> None:
        self.names = Names()
        self.outer: set[str] = set()  # declared global or nonlocal here

    def visit(self, node: ast.AST) -> None:
        """Take in what ``node`` does."""
        method = _METHODS.get(node.__class__)
        if method is not None:
            method(self, node)
        else:
            self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Take in what the parts of ``node`` do."""
        for child in children(node):
            kind = child.__class__
            if kind is ast.Name and child.ctx.__class__ is ast.Load:  # type: ignore[attr-defined]
                self.names.loads.add(child.id)  # type: ignore[attr-defined]  # most nodes are this
            elif kind is not ast.Constant:
                method = _METHODS.get(kind)
                if method is not None:
                    method(self, child)
                else:
                    self.generic_visit(child)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Store):
            self.names.loads.add(node.id)  # `del x` needs an x as well
        if not isinstance(node.ctx, ast.Load):
            self.names.binds.add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.names.loads.add(node.target.id)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.outer.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.outer.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.names.binds.add(alias.asname or alias.name.split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.names.dynamic = True
            else:
                self.names.binds.add(alias.asname or alias.name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        inner = _Scope()
        inner.generic_visit(node)
        if node.name:  # unbound again when the handler ends
            for names in (inner.names.binds, inner.names.loads, inner.names.deferred):
                names.discard(node.name)
        self.names.add(inner.names)
        self.outer |= inner.outer

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.names.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.names.binds.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.names.binds.add(node.rest)
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        self.names.awaits = True
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.names.awaits = True
        self.generic_visit(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self.names.awaits = True
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if _is_namespace(node):
            self.names.dynamic = self.names.reads_any = True
        elif isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval", "get_ipython"):
            self.names.dynamic = True
            self.names.reads_any |= not all(_is_text(a) for a in node.args)
        elif _asks_for(node.func) and node.args and _is_text(node.args[0]):
            self._visit_lookup(node, node.args)
            return
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if _is_text(node.left) and all(_is_namespace(c) for c in node.comparators):
            self._visit_lookup(node, [])  # `'X' in globals()`
        else:
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _is_namespace(node.value) and _is_text(node.slice):
            self._visit_lookup(node, [])  # `globals()['X']`
        else:
            self.generic_visit(node)

    def _visit_lookup(self, node: ast.AST, rest: list[ast.expr]) -> None:
        """A namespace is asked for one name that the text mentions."""
        self.names.dynamic = True
        for part in rest:
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.names.binds.add(node.name)
        for part in (*node.decorator_list, node.args, node.returns):
            if part is not None:
                self.visit(part)
        self._defer(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._defer(node)

    def _defer(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        inner = _function_scope(node)
        local = inner.names.binds - inner.outer
        self.names.deferred |= inner.names.uses - local
        self.names.rebinds |= (inner.names.rebinds - local) | (inner.names.binds & inner.outer)
        self.names.dynamic |= inner.names.dynamic
        self.names.reads_any |= inner.names.reads_any

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.binds.add(node.name)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        body = _Scope()
        for statement in node.body:
            body.visit(statement)
        # A class body runs at once; its methods do not see its names.
        self.names.loads |= body.names.loads - body.names.binds
        self.names.deferred |= body.names.deferred
        self.names.rebinds |= body.names.rebinds
        self.names.dynamic |= body.names.dynamic
        self.names.reads_any |= body.names.reads_any
        self.names.awaits |= body.names.awaits

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        inner = _Scope()
        targets = _Scope()
        for generator in node.generators:
            targets.visit(generator.target)
            inner.visit(generator.iter)
            for condition in generator.ifs:
                inner.visit(condition)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            inner.visit(part)
        local = targets.names.binds
        inner.names.loads -= local
        inner.names.deferred -= local
        self.names.add(inner.names)  # an assignment expression inside binds out here

    visit_ListComp = _visit_comprehension
    visit_SetComp = _visit_comprehension
    visit_GeneratorExp = _visit_comprehension
    visit_DictComp = _visit_comprehension


#: The methods of :class:`_Scope` by the class of node that they are for.
_METHODS: dict[type[ast.AST], Callable[[_Scope, Any], None]] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(_Scope).items()
    if name.startswith("visit_")
}
