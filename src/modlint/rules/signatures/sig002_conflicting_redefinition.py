"""SIG002: a function replaces another of the same name that is called or answers differently."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.facts import facts_of
from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.returns import decorator_names, returned_values
from modlint.analysis.scopes import names_of
from modlint.analysis.signatures import Function, functions_of, signature_text
from modlint.analysis.types import accepts, literal_type, normal
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import Rule, cell_at, place_of

#: Decorators that make several definitions of one name belong together.
_TOGETHER = frozenset({"overload", "register", "dispatch", "setter", "getter", "deleter"})


class ConflictingRedefinition(Rule):
    """A second function of the same name, called in another way or with another result.

    One name, defined twice at module level with different parameters or result.
    """

    code = "SIG002"
    name = "conflicting-redefinition"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic at each later definition that conflicts with the one it replaces."""
        by_node = {id(f.node): f for f in functions_of(module)}
        for name, definitions in module.definitions.items():
            if name == "_" or len(definitions) < 2:
                continue
            if name in module.variables or name in module.imports:
                continue  # bound anew or deleted in between: the older one is not lost in silence
            previous: Function | None = None
            for definition in definitions:
                current = by_node.get(id(definition.node))
                if current is None or definition.conditional or _belongs(current):
                    previous = None
                    continue
                if (
                    previous is not None
                    and not _wraps(module, previous, current)
                    and (why := _conflict(module, previous, current))
                ):
                    yield self._report(module, previous, current, why)
                previous = current

    def _report(self, module: Module, old: Function, new: Function, why: str) -> Diagnostic:
        start = new.unit.start(new.node)
        body = new.node.body[-1]
        place = place_of(module, old.unit, old.node)
        signatures = f"{signature_text(new.node)} replaces {signature_text(old.node)}"
        message = f"{signatures} of {place}: {why}"
        fix = _ways_out(module, old, new)
        return self.diagnostic(
            cell_at(new.unit, start.row), start, new.unit.end(body), message, fix
        )


def _belongs(function: Function) -> bool:
    return bool(decorator_names(function.node) & _TOGETHER)


def _wraps(module: Module, old: Function, new: Function) -> bool:
    """Whether the new function itself calls the old one, kept under another name."""
    kept = {
        target.id
        for unit in module.parsed_units
        for node in (unit.tree.body if unit.tree else [])
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Name)
        and node.value.id == old.node.name
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return bool(kept & names_of([new.node]).deferred)


def _conflict(module: Module, old: Function, new: Function) -> str:
    """What differs; empty where the two can be called and used alike."""
    differs = []
    if _shape(old.node) != _shape(new.node):
        differs.append("parameters")
    before, after = _result(module, old), _result(module, new)
    if before and after and not _overlap(before, after):
        differs.append("result")
    if type(old.node) is not type(new.node):
        differs.append("kind: one is async")
    return f"different {' and '.join(differs)}" if differs else ""


def _overlap(before: frozenset[str], after: frozenset[str]) -> bool:
    """Whether a value may be of both: ``dict`` is a ``Dict[str, int]``, an int is a float."""
    if before & after:
        return True
    bare = [{part.split("[")[0] for part in types} for types in (before, after)]
    loose = any("[" not in part for types in (before, after) for part in types)
    if loose and bare[0] & bare[1]:
        return True
    return any(accepts(a, b) or accepts(b, a) for a in bare[0] for b in bare[1])


def _shape(node: FunctionNode) -> list[tuple[str, str, str]]:
    """The parameters: how each is given, its name, what it is when left out."""
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    shape = [
        ("positional" if i < len(args.posonlyargs) else "any", a.arg, _text(default))
        for i, (a, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    shape += [
        ("keyword", a.arg, _text(default))
        for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    shape += [("*", a.arg, "") for a in (args.vararg, args.kwarg) if a is not None]
    return shape


def _text(default: ast.expr | None) -> str:
    return "" if default is None else ast.unparse(default)


def _result(module: Module, function: Function) -> frozenset[str]:
    """The types that a function may return; empty where nothing can be told.

    One that only forwards to a method returns what the method does.
    """
    if function.annotation is not None:
        types = normal(function.annotation, facts_of(module))
        return frozenset() if types & {"Any", "object"} else types
    forwarded = _forwarded(module, function)
    if forwarded is not None:
        return _result(module, forwarded)
    if function.returns.never_gives_value:
        return frozenset({"None"})
    values = returned_values(function.node, function.returns)
    kinds = {literal_type(value) for _, value in values}
    if None in kinds or function.returns.gives_none:
        return frozenset()
    return frozenset(kind for kind in kinds if kind)


def _forwarded(module: Module, function: Function) -> Function | None:
    """The method that ``return Class.method(…)`` hands the call on to."""
    if len(function.returns.values) != 1:
        return None
    call = function.returns.values[0].value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    owner = call.func.value.func if isinstance(call.func.value, ast.Call) else call.func.value
    for candidate in functions_of(module):
        if (
            candidate.owner is not None
            and candidate is not function
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
    first, second = (place_of(module, f.unit, f.node) for f in (old, new))
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
        f"Keep both: give the one of {second} a name of its own",
        renamed,
        Change.ANYTHING,
        (
            way(
                f"Make the one of {second} like that of {first}",
                lambda: alike(new, old),
            ),
            way(
                f"Make the one of {first} like that of {second}",
                lambda: alike(old, new),
            ),
        ),
    )
