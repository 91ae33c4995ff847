"""How names flow through statements that run one after another at module level."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from modlint.analysis.scopes import names_in, names_of
from modlint.analysis.trees import remembered, walk


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
    flow.exposed |= flow.killed & names_in(node).binds if isinstance(node, ast.Delete) else set()
    return flow


def _simple_flow(node: ast.stmt) -> Flow:
    names = names_in(node)
    certain: set[str] = set()
    if isinstance(node, ast.Import | ast.ImportFrom | ast.AugAssign):
        certain = names.binds
    elif isinstance(node, ast.Assign):
        certain = names_of(node.targets).binds
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        certain = names_in(node.target).binds
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return Flow(names.loads | (names.deferred - {node.name}), {node.name})
    return Flow(names.uses, certain)


def _compound_flow(node: ast.stmt) -> Flow | None:
    if isinstance(node, ast.If):
        return _either(_reads(node.test), [flow_of(node.body), flow_of(node.orelse)])
    if isinstance(node, ast.Match):
        return Flow(_reads(node))
    if isinstance(node, ast.For | ast.AsyncFor):
        target = names_in(node.target).binds
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
    return names_in(node).uses
