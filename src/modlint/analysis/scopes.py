"""Which names a statement binds and reads in the module's namespace.

Python's own scope rules decide, not spelling: a function's local of the same
name is no use of a module's name (Language Reference, section 4.2).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Calls that can read or write any name of the namespace they stand in.
_DYNAMIC_CALLS = frozenset({"globals", "locals", "vars", "dir", "exec", "eval", "get_ipython"})

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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

    ``exposed``: names read before the run has surely bound them; ``certain``:
    names bound whatever branch is taken.
    """

    exposed: set[str] = field(default_factory=set)
    certain: set[str] = field(default_factory=set)


def flow_of(body: Iterable[ast.stmt]) -> Flow:
    """The flow of names through the statements ``body``, run in order at module level."""
    flow = Flow()
    for node in body:
        part = _statement_flow(node)
        flow.exposed |= part.exposed - flow.certain
        flow.certain |= part.certain
    return flow


def _statement_flow(node: ast.stmt) -> Flow:
    if isinstance(node, ast.If):
        return _either(_reads(node.test), [flow_of(node.body), flow_of(node.orelse)])
    if isinstance(node, ast.Match):
        return _either(_reads(node), [])
    if isinstance(node, ast.For | ast.AsyncFor):
        target = names_of([node.target]).binds
        body = flow_of([*node.body, *node.orelse])
        return Flow(_reads(node.iter) | (body.exposed - target))
    if isinstance(node, ast.While):
        return Flow(_reads(node.test) | flow_of([*node.body, *node.orelse]).exposed)
    if isinstance(node, ast.With | ast.AsyncWith):
        items = names_of(node.items)
        body = flow_of(node.body)
        return Flow(items.loads | (body.exposed - items.binds), items.binds | body.certain)
    if isinstance(node, ast.Try | ast.TryStar):
        return _try_flow(node)
    names = names_of([node])
    return Flow(names.loads, names.binds)


def _try_flow(node: ast.Try | ast.TryStar) -> Flow:
    body = flow_of([*node.body, *node.orelse])
    handlers = [flow_of(handler.body) for handler in node.handlers]
    for handler, part in zip(node.handlers, handlers, strict=True):
        part.exposed |= _reads(handler.type) if handler.type else set()
        part.exposed -= {handler.name} if handler.name else set()
    whole = _either(set(), [body, *handlers])
    final = flow_of(node.finalbody)
    return Flow(whole.exposed | (final.exposed - whole.certain), whole.certain | final.certain)


def _either(reads: set[str], branches: list[Flow]) -> Flow:
    exposed = set(reads).union(*(b.exposed for b in branches))
    certain = set.intersection(*(b.certain for b in branches)) if branches else set()
    return Flow(exposed, certain)


def _reads(node: ast.AST) -> set[str]:
    return names_of([node]).loads


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """The names of all parameters, in order."""
    args = function.args
    found = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    found += [a.arg for a in (args.vararg, args.kwarg) if a is not None]
    return found


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The names that are local to ``function``: parameters and what its body binds."""
    scope = _function_scope(function)
    return scope.names.binds - scope.outer


def _function_scope(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Scope:
    scope = _Scope()
    scope.names.binds.update(parameters(function))
    for node in function.body if isinstance(function.body, list) else [function.body]:
        scope.visit(node)
    return scope


class _Scope(ast.NodeVisitor):
    """Collects the names of one scope; nested scopes are folded in by Python's rules."""

    def __init__(self) -> None:
        self.names = Names()
        self.outer: set[str] = set()  # declared global or nonlocal here

    def visit_Name(self, node: ast.Name) -> None:
        (self.names.loads if isinstance(node.ctx, ast.Load) else self.names.binds).add(node.id)

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
        if node.name:
            self.names.binds.add(node.name)
        self.generic_visit(node)

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
        if isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC_CALLS:
            self.names.dynamic = True
        self.generic_visit(node)

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
