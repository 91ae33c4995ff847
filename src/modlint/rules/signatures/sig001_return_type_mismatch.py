"""SIG001: a function's return annotation contradicts its body."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modlint.analysis.facts import Facts, facts_of
from modlint.analysis.module import CodeUnit, DefinitionNode, FunctionNode, Module, fact
from modlint.analysis.returns import Look, decorator_names, returned_values
from modlint.analysis.signatures import Function, functions_of
from modlint.analysis.syntax import cst
from modlint.analysis.types import (
    accepts,
    is_none,
    known_type,
    last_name,
    literal_type,
    members,
    tuple_arity,
)
from modlint.diagnostics import Applicability, Change, Fix, Patch, Severity
from modlint.rules.base import StatementRule
from modlint.rules.signatures._readers import result_is_read

#: Types of typing and collections.abc that None is surely none of.
_NEVER_NONE = frozenset(
    "Callable Iterable Iterator Sequence MutableSequence Mapping MutableMapping Generator "
    "Collection Type Deque DefaultDict OrderedDict Counter ndarray".split()
)
_ENDLESS = frozenset({"NoReturn", "Never"})
_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager", "fixture"})


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """What is wrong; ``annotation`` is what the body decides instead, if it does."""

    message: str
    annotation: str | None = None
    applicability: Applicability = Applicability.SAFE


class ReturnTypeMismatch(StatementRule):
    """``-> None`` that returns a value, a value promised and none given, a wrong literal."""

    code = "SIG001"
    name = "return-type-mismatch"
    severity = Severity.WARNING

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[DefinitionNode]:
        """The headers of functions whose statements alone speak against the annotation."""
        for node, function in _functions(module).get(unit.index, {}).items():
            if node.returns is not None and _mismatch(module, function.at(Look.FIRST)) is not None:
                yield node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """One diagnostic for each function whose annotation its body contradicts."""
        same = self.candidate.same_in_ast(node)
        assert isinstance(same, FunctionNode)
        function = _functions(self.module)[self.unit.index][same].at(Look.CLOSE)
        found = _mismatch(self.module, function) if node.returns is not None else None
        if found is not None:
            assert node.returns is not None
            fix = _fix(self.module, function, found)
            self.report(node.returns.annotation, found.message, fix)


@fact
def _functions(module: Module) -> dict[int, dict[FunctionNode, Function]]:
    """The functions of the module, by cell and node."""
    found: dict[int, dict[FunctionNode, Function]] = {}
    for function in functions_of(module):
        found.setdefault(function.unit.index, {})[function.node] = function
    return found


def _mismatch(module: Module, function: Function) -> _Mismatch | None:
    annotation = function.annotation
    if annotation is None or function.returns.is_stub:
        return None
    facts = facts_of(module)
    parts = members(annotation, facts)
    text = ast.unparse(annotation)
    name = f"{function.node.name}()"
    returns = function.returns
    if returns.is_generator:
        plain = all(is_none(p) or known_type(p, facts) for p in parts)
        if plain and not decorator_names(function.node) & _CONTEXT_MANAGERS:
            return _Mismatch(f"{name} promises {text} but is a generator")
        return None
    if all(facts.special(p) in _ENDLESS for p in parts):
        if returns.gives_value or returns.nones:  # what a last call does cannot be told
            return _Mismatch(f"{name} promises never to return but does")
        return None
    if all(is_none(p) for p in parts):
        return _value_for_none(module, function)
    return (
        _none_for_value(module, function, parts, text)
        or _wrong_literal(module, function, parts, text)
        or _wrong_arity(facts, function, parts, text)
    )


def _value_for_none(module: Module, function: Function) -> _Mismatch | None:
    values = returned_values(function.node, function.returns)
    sure = [returned for returned, value in values if _is_surely_a_value(module, value)]
    if not sure:
        return None
    row = function.unit.start(sure[0]).row
    message = f"{function.node.name}() promises None but returns a value on line {row}"
    kinds = {literal_type(value) for _, value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None:
        return _Mismatch(message)
    if function.returns.gives_none:
        return _Mismatch(message, f"Optional[{kind}]", Applicability.UNSAFE)
    return _Mismatch(message, kind)


def _is_surely_a_value(module: Module, value: ast.expr) -> bool:
    """Whether a returned expression cannot be None for all that the text tells.

    A call, a name or a part of something may hand on None; only what is computed
    or built here is sure.
    """
    if isinstance(value, ast.IfExp):
        return _is_surely_a_value(module, value.body) or _is_surely_a_value(module, value.orelse)
    if isinstance(value, ast.Constant):
        return value.value is not None
    if isinstance(value, ast.Call):
        called = value.func.id if isinstance(value.func, ast.Name) else ""
        definitions = module.definitions.get(called, ())
        return bool(definitions) and all(isinstance(d.node, ast.ClassDef) for d in definitions)
    return literal_type(value) is not None or isinstance(
        value, ast.BinOp | ast.Compare | ast.UnaryOp | ast.Lambda | ast.GeneratorExp
    )


def _none_for_value(
    module: Module, function: Function, parts: list[ast.expr], text: str
) -> _Mismatch | None:
    returns = function.returns
    if not returns.gives_none or not all(_is_never_none(module, part) for part in parts):
        return None
    name = f"{function.node.name}()"
    if not returns.gives_value:
        message = f"{name} promises {text} but never returns a value"
        return _Mismatch(message, "None", Applicability.UNSAFE)
    written = function.node.returns
    assert written is not None
    optional = f"Optional[{ast.unparse(written)}]"  # quotes kept: the name may not exist yet
    if returns.nones:
        row = function.unit.start(returns.nones[0]).row
        message = f"{name} promises {text} but returns None on line {row}"
        explicit = all(r.value is not None for r in returns.nones) and not returns.falls_through
        trust = Applicability.SAFE if explicit else Applicability.UNSAFE
        return _Mismatch(message, optional, trust)
    message = f"{name} promises {text} but can end without returning anything"
    return _Mismatch(message, optional, Applicability.UNSAFE)


def _is_never_none(module: Module, part: ast.expr) -> bool:
    """Whether None surely is no value of this type: aliases and type variables may be anything."""
    facts = facts_of(module)
    if known_type(part, facts) is not None:
        return True
    base = part.value if isinstance(part, ast.Subscript) else part
    name = last_name(base)
    is_own = isinstance(base, ast.Name) and name in module.definitions
    if name in _NEVER_NONE and not is_own:
        return True
    if isinstance(base, ast.Attribute) or name in module.variables:
        return False  # `t.Any` is none of the module's own names
    definitions = module.definitions.get(name, ())
    if definitions:
        return all(
            isinstance(d.node, ast.ClassDef)
            and "Protocol" not in {last_name(base) for base in d.node.bases}
            for d in definitions
        )
    imported = module.imports.get(name, ())
    return bool(imported) and all(
        i.original is not None
        and i.original[:1].isupper()
        and not i.original.isupper()
        and module.settings.is_first_party(i.module)
        for i in imported
    )


def _wrong_literal(
    module: Module, function: Function, parts: list[ast.expr], text: str
) -> _Mismatch | None:
    facts = facts_of(module)
    promised = [known_type(p, facts) for p in parts if not is_none(p)]
    own = [p for p in parts if known_type(p, facts) is None and not is_none(p)]
    if not all(_is_own_plain_class(module, p) for p in own):
        return None
    values = returned_values(function.node, function.returns)
    for returned, value in values:
        given = literal_type(value)
        if given is None or any(p and accepts(p, given) for p in promised):
            continue
        row = function.unit.start(returned).row
        kinds = {literal_type(v) for _, v in values}
        decided = given if kinds == {given} and not function.returns.gives_none else None
        if given == "int" and "bool" in promised:
            decided = None  # 0 and 1 may be meant for False and True
        message = f"{function.node.name}() promises {text} but returns {_a(given)} on line {row}"
        return _Mismatch(message, decided)
    return None


def _is_own_plain_class(module: Module, part: ast.expr) -> bool:
    """Whether a type is a class of this module that no literal can be an instance of."""
    definitions = module.definitions.get(last_name(part), ()) if isinstance(part, ast.Name) else ()
    return bool(definitions) and all(
        isinstance(d.node, ast.ClassDef) and not d.node.bases for d in definitions
    )


def _wrong_arity(
    facts: Facts, function: Function, parts: list[ast.expr], text: str
) -> _Mismatch | None:
    sizes = {tuple_arity(p, facts) for p in parts if not is_none(p)}
    if None in sizes:
        return None
    for returned in function.returns.values:
        value = returned.value
        if not isinstance(value, ast.Tuple) or any(isinstance(e, ast.Starred) for e in value.elts):
            continue
        if len(value.elts) not in sizes:
            row = function.unit.start(value).row
            count = len(value.elts)
            return _Mismatch(
                f"{function.node.name}() promises {text} but returns {count} values on line {row}"
            )
    return None


def _fix(module: Module, function: Function, found: _Mismatch) -> Fix | None:
    if found.annotation is None or not function.unit.is_one_cell:
        return None
    text = found.annotation
    own = module.definitions.keys() | module.variables
    if "Optional" in own if text.startswith("Optional[") else text in own:
        return None  # the name means something else here
    imports = ["Optional"] if text.startswith("Optional[") else []
    node: FunctionNode = function.node

    def rewrite() -> Patch:
        from modlint.rules.signatures._annotations import annotated

        return annotated(module, function.unit, node, text, imports)

    is_read = result_is_read(module, node, function.owner)
    trust = Applicability.UNSAFE if is_read else found.applicability
    return Fix(trust, f"Annotate the result as {text}", rewrite, Change.ANNOTATIONS)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
