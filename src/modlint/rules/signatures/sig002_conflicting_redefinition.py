"""SIG002: a function replaces another of the same name that is called or answers differently."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.facts import facts_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.returns import decorator_names, returned_values
from modlint.analysis.scopes import names_of
from modlint.analysis.signatures import Function, functions_of, signature_text
from modlint.analysis.trees import children, walk
from modlint.analysis.types import accepts, last_name, literal_type, members, normal
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.kinds import Kind
from modlint.rules.base import ModuleRule, cell_at, place_of
from modlint.rules.signatures._binding import misfit

#: Decorators that make several definitions of one name belong together.
_TOGETHER = frozenset(
    "overload register dispatch typedispatch multimethod multidispatch "
    "setter getter deleter".split()
)
#: Files whose cells are read and run one after another; nobody imports what stands last.
_LECTURES = frozenset({Kind.NOTEBOOK, Kind.ASSIGNMENT})


class ConflictingRedefinition(ModuleRule):
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
            earlier: list[Function] = []
            for definition in definitions:
                current = by_node.get(id(definition.node))
                if current is None or definition.conditional or _belongs(current):
                    earlier = []
                    continue
                previous = next((old for old in reversed(earlier) if _meet(old, current)), None)
                if (
                    previous is not None
                    and not _wraps(module, previous, current)
                    and (why := _conflict(module, previous, current))
                ):
                    yield from self._judged(module, previous, current, why)
                earlier.append(current)

    def _judged(
        self, module: Module, old: Function, new: Function, why: str
    ) -> Iterator[Diagnostic]:
        """The diagnostic, or in a lecture, which shows one version after the other, a hint at most.

        There it is for a call that only the earlier version takes. What is not exported of a
        notebook that exports other cells is a lecture, too.
        """
        if module.kind not in _LECTURES and (
            module.is_importable(old.unit) or module.is_importable(new.unit)
        ):
            yield self._report(module, old, new, why, self.severity)
            return
        call = _broken_call(module, old, new)
        if call is not None:
            why += f"; the call on {place_of(module, *call)} fits the earlier one only"
            yield self._report(module, old, new, why, Severity.INFO)

    def _report(
        self, module: Module, old: Function, new: Function, why: str, severity: Severity
    ) -> Diagnostic:
        start = new.unit.start(new.node)
        body = new.node.body[-1]
        place = place_of(module, old.unit, old.node)
        signatures = f"{signature_text(new.node)} replaces {signature_text(old.node)}"
        message = f"{signatures} of {place}: {why}"
        fix = _ways_out(module, old, new)
        return self.diagnostic(
            cell_at(new.unit, start.row), start, new.unit.end(body), message, fix, severity
        )


def _belongs(function: Function) -> bool:
    return bool(decorator_names(function.node) & _TOGETHER)


def _meet(old: Function, new: Function) -> bool:
    """Whether the later function takes the place of the earlier one.

    fastcore's ``@patch`` gives it to a class. What is registered under another name
    (``@app.get("/a")``) stays there.
    """
    classes = [_patched_classes(function.node) for function in (old, new)]
    if any(classes):
        return bool(classes[0] & classes[1])
    given = [_registered(function.node) for function in (old, new)]
    return not any(given[0][name] != given[1][name] for name in given[0].keys() & given[1].keys())


def _patched_classes(node: FunctionNode) -> frozenset[str]:
    """The classes that a function becomes a method of by ``@patch`` or ``@patch_to``."""
    for decorator in node.decorator_list:
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = last_name(callee)
        if name == "patch_to" and isinstance(decorator, ast.Call) and decorator.args:
            wanted = decorator.args[0]
            parts = wanted.elts if isinstance(wanted, ast.Tuple | ast.List) else [wanted]
            return frozenset(map(ast.unparse, parts))
        if name == "patch":
            args = [*node.args.posonlyargs, *node.args.args]
            first = args[0].annotation if args else None
            parts = members(first) if first is not None else []
            parts = [p for part in parts for p in getattr(part, "elts", [part])]
            return frozenset(map(ast.unparse, parts))
    return frozenset()


def _registered(node: FunctionNode) -> dict[str, str]:
    """The decorators that are called, with what they are given."""
    return {
        ast.unparse(d.func): ast.unparse(d) for d in node.decorator_list if isinstance(d, ast.Call)
    }


def _broken_call(module: Module, old: Function, new: Function) -> tuple[CodeUnit, ast.Call] | None:
    """A call that meets the later function and is refused, though the earlier one takes it.

    That is one behind it, or one in a function, which may run when the later one is there.
    """
    here = (new.unit.index, new.node.lineno)
    inside = {id(call) for f in (old, new) for call in walk(f.node)}
    for unit in module.parsed_units:
        for statement in unit.block:
            at_once = {id(c) for node in statement.nodes for c in _run_at_once(node)}
            for call in statement.names.calls:
                if not (isinstance(call.func, ast.Name) and call.func.id == new.node.name):
                    continue
                is_met = (unit.index, call.lineno) > here or id(call) not in at_once
                refused = misfit(new.node.args, call) and not misfit(old.node.args, call)
                if is_met and refused and id(call) not in inside:
                    return unit, call
    return None


def _run_at_once(node: ast.stmt) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop()
        yield part
        if not isinstance(part, FunctionNode | ast.Lambda):
            pending += children(part)


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

    def named() -> Patch:
        from modlint.rules.signatures._annotations import renamed

        return renamed(new.unit, new.node, other)

    def like(changed: Function, model: Function) -> Patch:
        from modlint.rules.signatures._annotations import alike

        return alike(changed.unit, changed.node, model.unit, model.node)

    def way(message: str, rewrite: object) -> Fix:
        return Fix(Applicability.DISPLAY, message, rewrite, Change.ANYTHING)  # type: ignore[arg-type]

    return Fix(
        Applicability.DISPLAY,
        f"Keep both: give the one of {second} a name of its own",
        named,
        Change.ANYTHING,
        (
            way(
                f"Make the one of {second} like that of {first}",
                lambda: like(new, old),
            ),
            way(
                f"Make the one of {first} like that of {second}",
                lambda: like(old, new),
            ),
        ),
    )
