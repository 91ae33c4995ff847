"""SIG002: a function replaces another of the same name that is called or answers differently."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.returns import decorator_names
from modlint.analysis.signatures import Function, functions_of, signature_text
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import Rule, cell_at

#: Decorators that make several definitions of one name belong together.
_TOGETHER = frozenset({"overload", "register", "dispatch", "setter", "getter", "deleter"})


class ConflictingRedefinition(Rule):
    """One name, defined twice at module level with different parameters or result."""

    code = "SIG002"
    name = "conflicting-redefinition"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic at each later definition that conflicts with the one it replaces."""
        by_node = {id(f.node): f for f in functions_of(module)}
        for name, definitions in module.definitions.items():
            if name == "_" or len(definitions) < 2:
                continue
            previous: Function | None = None
            for definition in definitions:
                current = by_node.get(id(definition.node))
                if current is None or definition.conditional or _belongs(current):
                    previous = None
                    continue
                if previous is not None and (why := _conflict(module, previous, current)):
                    yield self._report(module, previous, current, why)
                previous = current

    def _report(self, module: Module, old: Function, new: Function, why: str) -> Diagnostic:
        start = new.unit.start(new.node)
        body = new.node.body[-1]
        row = old.unit.start(old.node).row
        message = (
            f"{signature_text(new.node)} replaces {signature_text(old.node)} of line {row}: {why}"
        )
        fix = _ways_out(module, old, new)
        return self.diagnostic(
            cell_at(new.unit, start.row), start, new.unit.end(body), message, fix
        )


def _belongs(function: Function) -> bool:
    return bool(decorator_names(function.node) & _TOGETHER)


def _conflict(module: Module, old: Function, new: Function) -> str:
    """What differs; empty where the two can be called and used alike."""
    differs = []
    if _shape(old.node) != _shape(new.node):
        differs.append("parameters")
    if {_result(module, old), _result(module, new)} not in ({None}, set()):
        before, after = _result(module, old), _result(module, new)
        if before is not None and after is not None and before != after:
            differs.append("result")
    if not differs:
        return ""
    return f"different {' and '.join(differs)}"


def _shape(node: FunctionNode) -> list[tuple[str, str, bool]]:
    """The parameters: how each is given, its name, whether it may be left out."""
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    required = len(positional) - len(args.defaults)
    shape = [
        ("positional" if i < len(args.posonlyargs) else "any", a.arg, i >= required)
        for i, a in enumerate(positional)
    ]
    shape += [
        ("keyword", a.arg, default is not None)
        for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    shape += [("*", a.arg, True) for a in (args.vararg, args.kwarg) if a is not None]
    return shape


def _result(module: Module, function: Function) -> str | None:
    """What a function says it returns, or None where nothing can be told.

    One that only forwards to a method says what the method says.
    """
    if function.node.returns is not None:
        return ast.unparse(function.node.returns).strip("'\"")
    forwarded = _forwarded(module, function)
    if forwarded is not None and forwarded.node.returns is not None:
        return ast.unparse(forwarded.node.returns).strip("'\"")
    return "None" if function.returns.never_gives_value else None


def _forwarded(module: Module, function: Function) -> Function | None:
    """The method that ``return Class.method(…)`` hands the call on to."""
    if len(function.returns.values) != 1:
        return None
    call = function.returns.values[0].value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    owner = call.func.value
    for candidate in functions_of(module):
        if (
            candidate.owner is not None
            and candidate.node.name == call.func.attr
            and isinstance(owner, ast.Name)
            and candidate.owner.name == owner.id
        ):
            return candidate
    return None


def _ways_out(module: Module, old: Function, new: Function) -> Fix | None:
    """A display-only diff for each way out: only the author can choose."""
    if not (old.unit.is_one_cell and new.unit.is_one_cell):
        return None
    rows = old.unit.start(old.node).row, new.unit.start(new.node).row
    other = f"{new.node.name}_2"

    def renamed() -> Patch:
        import libcst as cst

        from modlint.rules.signatures._annotations import rewritten_function

        return rewritten_function(
            module, new.unit, new.node, lambda f: f.with_changes(name=cst.Name(other))
        )

    def alike(changed: Function, model: Function) -> Patch:
        from modlint.rules.signatures._annotations import function_syntax, rewritten_function

        header = function_syntax(model.unit, model.node)
        return rewritten_function(
            module,
            changed.unit,
            changed.node,
            lambda f: f.with_changes(params=header.params, returns=header.returns),
        )

    def way(message: str, rewrite: object) -> Fix:
        return Fix(Applicability.DISPLAY, message, rewrite, Change.ANYTHING)  # type: ignore[arg-type]

    return Fix(
        Applicability.DISPLAY,
        f"Keep both: give the one of line {rows[1]} a name of its own",
        renamed,
        Change.ANYTHING,
        (
            way(
                f"Make the one of line {rows[1]} like that of line {rows[0]}",
                lambda: alike(new, old),
            ),
            way(
                f"Make the one of line {rows[0]} like that of line {rows[1]}",
                lambda: alike(old, new),
            ),
        ),
    )
