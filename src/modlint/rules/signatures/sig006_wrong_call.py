"""SIG006: a call that does not fit the function it meets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement
from modlint.analysis.trees import children, dotted
from modlint.analysis.types import last_name
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.tags import may_raise
from modlint.rules.base import ModuleRule, cell_at, place_of
from modlint.rules.signatures._targets import Target, Targets

#: What a test of a wrong call waits for.
_CATCHES = frozenset({"TypeError", "Exception", "BaseException"})


class WrongCall(ModuleRule):
    """A call of a function, class or method of the module that raises a TypeError."""

    code = "SIG006"
    name = "wrong-call"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each call that cannot be made."""
        known = Targets(module)
        for unit in module.parsed_units:
            for statement in [] if may_raise(unit.cell) else unit.block:
                for call in filter(known.may_refuse, statement.names.calls):
                    found = _found(known, unit, statement, call)
                    if found is not None:
                        yield self._report(module, unit, call, *found)

    def _report(
        self, module: Module, unit: CodeUnit, call: ast.Call, target: Target, why: str
    ) -> Diagnostic:
        start, end = unit.start(call), unit.end(call)
        met = target.function or target.definition.node
        place = place_of(module, target.definition.unit, met)
        message = f"{dotted(call.func)}() of {place} {why}"
        return self.diagnostic(cell_at(unit, start.row), start, end, message)


def _found(
    known: Targets, unit: CodeUnit, statement: Statement, call: ast.Call
) -> tuple[Target, str] | None:
    """What refuses ``call``, and why, where the names around it leave no doubt."""
    assert unit.tree is not None
    around = [unit.tree, *next(filter(None, (_path_to(n, call) for n in statement.nodes)))]
    if _is_expected(around, call):
        return None
    targets = known.of(call, around)
    if not any(isinstance(node, FunctionNode | ast.Lambda) for node in around):
        # It runs where it stands: it meets the definition that stands last above it.
        here = (unit.index, call.lineno)
        before = [t for t in targets if (t.definition.unit.index, t.definition.node.lineno) < here]
        targets = before[-1:]
    refusals = [target.refuses(call) for target in targets]
    return (targets[-1], refusals[-1]) if refusals and all(refusals) else None


def _path_to(top: ast.stmt, target: ast.Call) -> list[ast.AST]:
    """The nodes around ``target``, from ``top`` in; empty where it is not below ``top``."""
    parents: dict[ast.AST, ast.AST] = {}
    nodes: list[ast.AST] = [top]
    for node in nodes:  # which grows meanwhile
        if target in parents:
            break
        parts = children(node)
        parents.update(dict.fromkeys(parts, node))
        nodes += parts
    path: list[ast.AST] = [target]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    return path[:0:-1]


def _is_expected(around: list[ast.AST], call: ast.Call) -> bool:
    """Whether the TypeError is what somebody waits for."""
    for outer, inner in zip(around, [*around[1:], call], strict=True):
        if isinstance(outer, ast.With | ast.AsyncWith) and any(
            word in ast.unparse(item.context_expr)
            for item in outer.items
            for word in ("raises", "assertRaises", "suppress")
        ):
            return True
        if isinstance(outer, ast.Try | ast.TryStar) and inner in outer.body:
            caught = [name for handler in outer.handlers for name in _caught(handler)]
            if _CATCHES & set(caught):
                return True
    return False


def _caught(handler: ast.ExceptHandler) -> list[str]:
    if handler.type is None:
        return ["BaseException"]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [last_name(kind) for kind in kinds]
