"""The ways through a function: which statements can run, and whether its end can be reached.

What the author wrote under a condition is taken to run. What is left when all conditions
are done (the end of a chain of ``elif``, its ``else``) is reached only by values that no
condition took, as far as annotations tell which values there are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from modlint.analysis.atoms import Atoms, all_gone
from modlint.analysis.context import Context
from modlint.analysis.endings import Endings
from modlint.analysis.module import FunctionNode
from modlint.analysis.narrowing import (
    Narrowing,
    Sides,
    State,
    forget,
    is_sequence,
    joined,
    key_of,
    lengths_taken,
    takes_everything,
)
from modlint.analysis.scopes import bound_unnamed
from modlint.analysis.trees import below

#: How many calls deep a function is looked for that never ends.
_DEPTH = 3
#: The last statements of functions that may never end.
_MAY_END = (
    ast.Raise, ast.Expr, ast.Assert, ast.If, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match,
)  # fmt: skip
#: Where a test or its like stands in a node.
_ASKING: dict[type[ast.AST], str] = {
    ast.If: "test", ast.While: "test", ast.Assert: "test", ast.Match: "subject",
    ast.match_case: "guard", ast.withitem: "context_expr",
}  # fmt: skip
_CLOSED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Ways:
    """One walk through a function; ``returns`` are the return statements that can run."""

    def __init__(self, context: Context, depth: int = _DEPTH) -> None:
        self.context = context
        self.narrowing = Narrowing(context)
        self.returns: list[ast.Return] = []
        self._depth = depth
        self._breaks: list[list[State]] = []
        self._asked_for: frozenset[str] = frozenset()
        self._prepare()
        self.reaches_end = self._run(context.node.body, {}) is not None

    def _prepare(self) -> None:
        self._endings = Endings(self.context, self._runs_to_no_end)
        self._asked_for = _asked_for(self.context, self._endings.candidates)

    def _runs_to_no_end(self, function: FunctionNode) -> bool:
        """Whether a function of the module surely ends with an exception, or not at all.

        What it calls is looked at in the same way, a few calls deep.
        """
        known = self.context.facts.endless
        key = (function, self._depth)
        if key not in known:
            known[key] = self._depth > 0 and self._has_no_end(function)
        return known[key]

    def _has_no_end(self, function: FunctionNode) -> bool:
        if not isinstance(function.body[-1], _MAY_END) or any(
            isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) for node in below(function)
        ):
            return False
        facts = self.context.facts
        owner = next((c for c in facts.classes.values() if function in c.body), None)
        outer = self.context if owner is None and function not in facts.functions.values() else None
        return not Ways(Context(facts, function, owner, outer), self._depth - 1).reaches_end

    def _run(self, body: list[ast.stmt], state: State | None) -> State | None:
        """What is known after ``body``; None where nothing can come after it."""
        for node in body:
            if state is None:
                return None
            state = self._statement(node, state)
        return state

    def _statement(self, node: ast.stmt, state: State) -> State | None:
        if isinstance(node, ast.If):
            return self._if(node, state)
        if isinstance(node, ast.Match):
            return self._match(node, state)
        if isinstance(node, ast.For | ast.AsyncFor):
            return None if self._never(node.iter) else self._for(node, state)
        if isinstance(node, ast.While):
            return self._while(node, state)
        if isinstance(node, ast.With | ast.AsyncWith):
            return self._with(node, state)
        if isinstance(node, ast.Try | ast.TryStar):
            return self._try(node, state)
        if isinstance(node, ast.Return):
            self.returns.append(node)
            return None
        if isinstance(node, ast.Raise | ast.Continue):
            return None
        if isinstance(node, ast.Break):
            if self._breaks:
                self._breaks[-1].append(state)
            return None
        if isinstance(node, _CLOSED):
            return forget(state, (node.name,))
        return self._simple(node, state)

    def _simple(self, node: ast.stmt, state: State) -> State | None:
        if isinstance(node, ast.Assert):
            yes, _ = self._split(node.test, state)
            fails = isinstance(node.test, ast.Constant) or self._never(node.test)
            return None if yes is None and fails else state if yes is None else yes
        value: ast.expr | None = getattr(node, "value", None)
        if value is not None and self._never(value):
            return None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                if target.id in self._asked_for:
                    return self.narrowing.bound(state, target.id, node.value)
                return forget(state, (target.id,))
        return _forget_bound(state, (node,))

    def _never(self, node: ast.expr) -> bool:
        return self._endings.never_returns(node)

    def _split(self, test: ast.expr, state: State) -> Sides:
        return self.narrowing.split(test, state)

    def _swallows(self, node: ast.With | ast.AsyncWith) -> bool:
        return self._endings.swallows(node)

    def _values(self, node: ast.Match, state: State) -> Atoms | None:
        return self.narrowing.subject(node.subject, node.cases, state)

    def _if(self, node: ast.If, state: State) -> State | None:
        ends: list[State | None] = []
        current: State | None = state
        while current is not None:
            if self._never(node.test):
                break
            yes, no = self._split(node.test, current)
            if yes is None and not _is_constant(node.test):
                yes = current  # it is written for something
            ends.append(self._run(node.body, yes))
            current = no
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]  # a chain may be longer than Python can nest calls
                continue
            ends.append(self._run(node.orelse, current))
            break
        return joined(ends)

    def _while(self, node: ast.While, state: State) -> State | None:
        head = _forget_bound(state, node.body)
        if self._never(node.test):
            return None
        yes, no = self._split(node.test, head)
        if no is None and not _is_constant(node.test):
            no = head  # a loop is written to end
        return self._loop(node, head if yes is None else yes, no)

    def _for(self, node: ast.For | ast.AsyncFor, state: State) -> State | None:
        head = _forget_bound(state, (*node.body, node.target))
        inside = head
        if isinstance(node.target, ast.Name):
            path = self.context.facts.path(node.iter)
            if self.context.facts.members(path):
                inside = self.narrowing.bound(head, node.target.id, ast.Call(node.iter, [], []))
        return self._loop(node, inside, head)

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, inside: State, after: State | None
    ) -> State | None:
        self._breaks.append([])
        self._run(node.body, inside)
        breaks = self._breaks.pop()
        return joined([self._run(node.orelse, after), *breaks])

    def _with(self, node: ast.With | ast.AsyncWith, state: State) -> State | None:
        if any(self._never(item.context_expr) for item in node.items):
            return None
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                state = forget(state, (item.optional_vars.id,))
        through = self._run(node.body, state)
        if not self._swallows(node):
            return through
        return joined([through, _forget_bound(state, node.body)])

    def _try(self, node: ast.Try | ast.TryStar, state: State) -> State | None:
        failed = _forget_bound(state, node.body)
        ends = [self._run(node.orelse, self._run(node.body, state))]
        for handler in node.handlers:
            ends.append(self._run(handler.body, forget(failed, (handler.name or "",))))
        after = joined(ends)
        if not node.finalbody:
            return after
        last = self._run(node.finalbody, failed if after is None else after)
        return None if after is None else last

    def _match(self, node: ast.Match, state: State) -> State | None:
        if self._never(node.subject):
            return None
        subject = node.subject
        if isinstance(subject, ast.NamedExpr):
            state = self.narrowing.bound(state, subject.target.id, subject.value)
        key = key_of(subject)
        atoms = self._values(node, state)
        ends: list[State | None] = []
        if atoms is None:
            for case in node.cases:
                ends.append(self._run(case.body, _forget_bound(state, (case.pattern,))))
            closed = any(c.guard is None and takes_everything(c.pattern) for c in node.cases)
            return joined([*ends, None if closed else state])
        for case in node.cases:
            taken, left = self.narrowing.case(case.pattern, atoms)
            if all_gone(atoms) and takes_everything(case.pattern):
                break
            inside = _forget_bound(state, (case.pattern,))
            names = [name for name in (key, _captured(case.pattern)) if name]
            if taken:
                inside = {**inside, **dict.fromkeys(names, taken)}
            if case.guard is not None:
                inside, left = self._guarded(case.guard, inside, names, left, taken)
            ends.append(self._run(case.body, inside))
            atoms = left
        if lengths_taken(node.cases):
            atoms = frozenset(atom for atom in atoms if not is_sequence(atom))
        if all_gone(atoms):
            return joined(ends)
        return joined([*ends, {**state, key: atoms} if key else state])

    def _guarded(
        self,
        guard: ast.expr,
        inside: State,
        names: list[str],
        left: Atoms,
        taken: Atoms,
    ) -> tuple[State, Atoms]:
        """What is known where a guard holds, and what is left of the values where it does not."""
        yes, no = self.narrowing.split(guard, inside)
        refused = taken
        if no is None:
            refused = frozenset()
        else:
            for name in names:
                refused &= no.get(name, taken)
        return (inside if yes is None else yes), left | refused


class FirstLook(Ways):
    """The ways as the statements alone tell them: all of :class:`Ways`, and maybe others.

    Most functions end in a ``return``, whatever names and types mean.
    """

    def _prepare(self) -> None:
        pass

    def _never(self, node: ast.expr) -> bool:
        return False

    def _split(self, test: ast.expr, state: State) -> Sides:
        if isinstance(test, ast.Constant):
            return (state, None) if test.value else (None, state)
        return state, state

    def _swallows(self, node: ast.With | ast.AsyncWith) -> bool:
        return True

    def _values(self, node: ast.Match, state: State) -> Atoms | None:
        return None


def _asked_for(context: Context, calls: list[ast.Call]) -> frozenset[str]:
    """The names that tests, patterns, ``with`` and ``calls`` are about."""
    found: set[str] = set()
    parts: list[ast.expr] = [call.func for call in calls]
    for node in context.nodes:
        name = _ASKING.get(node.__class__)
        part = getattr(node, name) if name is not None else None
        if part is not None:
            parts.append(part)
    for part in parts:
        found |= {node.id for node in below(part) if isinstance(node, ast.Name)}
    return frozenset(found)


def _forget_bound(state: State, nodes: Iterable[ast.AST]) -> State:
    """``state`` after ``nodes``, which may bind anything in them."""
    return forget(state, _bound(nodes)) if state else state


def _captured(pattern: ast.pattern) -> str:
    """The name that a pattern gives to all that it takes."""
    return pattern.name or "" if isinstance(pattern, ast.MatchAs) else ""


def _is_constant(test: ast.expr) -> bool:
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return isinstance(test, ast.Constant)


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """The names and attributes that something is bound to, functions in between included."""
    found: set[str] = set()
    for top in nodes:
        for node in below(top):
            if isinstance(node, ast.Name | ast.Attribute):
                if not isinstance(node.ctx, ast.Load) and (key := key_of(node)):
                    found.add(key)
            else:
                found.update(filter(None, bound_unnamed(node)))
    return found
