"""SIG003: the functions ``any`` and ``callable`` stand where a type is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement
from modlint.analysis.scopes import local_names, names_of
from modlint.analysis.syntax import Candidate, annotations_in, cst
from modlint.analysis.trees import walk
from modlint.analysis.vocabulary import MEANT_TYPES
from modlint.diagnostics import Applicability, Change, Fix, Patch, Severity
from modlint.rules.base import StatementRule
from modlint.rules.signatures._readers import any_is_read

WORD = re.compile(r"(?<![\w.])(any|callable)\b")
#: The same words, each by itself: a search that begins with a letter is many times faster.
_WORDS = tuple(re.compile(rf"{name}\b(?<![\w.]{name})") for name in MEANT_TYPES)


class BuiltinAsType(StatementRule):
    """``any`` or ``callable`` in an annotation."""

    code = "SIG003"
    name = "builtin-as-type"
    severity = Severity.WARNING

    def __init__(self) -> None:
        super().__init__()
        self._places: list[_Place] = []
        self._scopes = [_Scope(frozenset(), frozenset())]
        self._bodies: dict[cst.BaseSuite, _Scope] = {}

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[Statement]:
        """The statements one of whose annotations names such a function."""
        if not any(word.search(unit.text) for word in _WORDS):
            return
        named = [number for number, line in enumerate(unit.lines, 1) if WORD.search(line)]
        for statement in unit.block:
            if any(statement.first_line <= number <= statement.last_line for number in named):
                parts = (part for node in statement.nodes for part in walk(node))
                if any(map(_may_name, annotations_in(parts))):
                    yield statement

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """The header belongs to the scope around, and methods do not see the class."""
        function = self.candidate.same_in_ast(node)
        assert isinstance(function, FunctionNode)
        inherited = self._scopes[-1].inherited | local_names(function)
        self._bodies[node.body] = _Scope(inherited, inherited)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """A class hides builtins from what stands right in it."""
        made = self.candidate.same_in_ast(node)
        assert isinstance(made, ast.ClassDef)
        inherited = self._scopes[-1].inherited
        self._bodies[node.body] = _Scope(inherited | names_of(made.body).binds, inherited)

    def visit_IndentedBlock(self, node: cst.BaseSuite) -> None:
        """A body is a scope of its own."""
        if node in self._bodies:
            self._scopes.append(self._bodies[node])

    def leave_IndentedBlock(self, node: cst.BaseSuite) -> None:
        """Its end."""
        if node in self._bodies:
            self._scopes.pop()

    visit_SimpleStatementSuite = visit_IndentedBlock
    leave_SimpleStatementSuite = leave_IndentedBlock

    def visit_Annotation(self, node: cst.Annotation) -> None:
        """An annotation of a parameter, a result or a variable."""
        own = self.module.definitions.keys() | self.module.imports.keys() | self.module.variables
        annotation = self.candidate.same_in_ast(node)
        assert isinstance(annotation, ast.expr)
        for name, part in _types_in(node.annotation):
            if name in MEANT_TYPES and name not in own:
                is_hidden = name in self._scopes[-1].hidden
                self._places.append(_Place(name, part, self.candidate, annotation, is_hidden))

    def leave_cell(self) -> None:
        """One diagnostic for each place; those of one cell share a fix."""
        places = [place for place in self._places if not place.is_hidden]
        # Where one of the names is another one's, they are not rewritten alike.
        fix = _fix(self.module, self.unit, places) if places == self._places != [] else None
        self._places = []
        for place in places:
            message = f"{place.name} is a function, not a type; {MEANT_TYPES[place.name]} is meant"
            self.candidate = place.candidate
            self.report(place.node, message, fix)


class _Scope(NamedTuple):
    """The names that are bound for what stands right in a scope, and for functions inside it."""

    hidden: frozenset[str]
    inherited: frozenset[str]


class _Place(NamedTuple):
    """One of the functions in an annotation; ``is_hidden``: an inner scope binds the name."""

    name: str
    node: cst.BaseExpression
    candidate: Candidate
    annotation: ast.expr
    is_hidden: bool


def _may_name(annotation: ast.expr) -> bool:
    """Whether one of the functions is named in an annotation, by itself or in a string."""
    return any(
        part.id in MEANT_TYPES
        if isinstance(part, ast.Name)
        else isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and WORD.search(part.value)
        for part in walk(annotation)
    )


def _types_in(node: cst.BaseExpression) -> Iterator[tuple[str, cst.BaseExpression]]:
    """The names that an annotation is made of, each with the node that holds it.

    Strings are read as types where they are types: not in ``Literal`` and not
    behind the first argument of ``Annotated``.
    """
    if isinstance(node, cst.Name):
        yield node.value, node
    elif isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        text = node.evaluated_value
        try:
            inside = cst.parse_expression(text.strip() if isinstance(text, str) else "0")
        except cst.ParserSyntaxError:
            return
        yield from ((name, node) for name, _ in _types_in(inside))
    elif isinstance(node, cst.Subscript):
        base = node.value
        name = base.attr.value if isinstance(base, cst.Attribute) else getattr(base, "value", "")
        if name == "Annotated" and len(node.slice) > 1:
            yield from _types_in_slice(node.slice[0])
        elif name != "Literal":
            yield from _types_in(base)
            for element in node.slice:
                yield from _types_in_slice(element)
    elif isinstance(node, cst.BinaryOperation):
        yield from _types_in(node.left)
        yield from _types_in(node.right)
    elif isinstance(node, cst.Tuple | cst.List):
        for part in node.elements:
            yield from _types_in(part.value)


def _types_in_slice(element: cst.SubscriptElement) -> Iterator[tuple[str, cst.BaseExpression]]:
    if isinstance(element.slice, cst.Index):
        yield from _types_in(element.slice.value)


#: Where the types come from.
_HOMES = ("typing", "typing_extensions", "collections.abc")


def _is_taken(module: Module, name: str) -> bool:
    """Whether a module calls something else by the name of a type: an import would replace it."""
    return (
        name in module.definitions
        or name in module.variables
        or any(
            (found.module not in _HOMES or found.original != name)
            for found in module.imports.get(name, ())
        )
    )


def _fix(module: Module, unit: CodeUnit, places: list[_Place]) -> Fix | None:
    if not unit.is_one_cell:
        return None
    wanted = sorted({MEANT_TYPES[place.name] for place in places})
    if any(_is_taken(module, name) for name in wanted):
        return None

    def rewrite() -> Patch:
        from modlint.rules.signatures._annotations import with_types

        return with_types(module, unit, [place.annotation for place in places], wanted)

    message = f"Write {' and '.join(wanted)}, imported from typing"
    assert unit.tree is not None
    is_read = any_is_read(module, unit.tree, [place.annotation for place in places])
    trust = Applicability.UNSAFE if is_read else Applicability.SAFE
    return Fix(trust, message, rewrite, Change.ANNOTATIONS)
