"""SIG003: the functions ``any`` and ``callable`` stand where a type is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.scopes import local_names, names_of
from modlint.analysis.trees import COMPOUND, blocks_of, children
from modlint.analysis.types import last_name
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import Rule, cell_at
from modlint.rules.signatures._readers import any_is_read

#: The builtin function → the type that was meant.
MEANT = {"any": "Any", "callable": "Callable"}
WORD = re.compile(r"(?<![\w.])(any|callable)\b")
#: The same words, each by itself: a search that begins with a letter is many times faster.
_WORDS = tuple(re.compile(rf"{name}\b(?<![\w.]{name})") for name in MEANT)


class BuiltinAsType(Rule):
    """``any`` or ``callable`` in an annotation."""

    code = "SIG003"
    name = "builtin-as-type"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each place; those of one cell share a fix."""
        for unit in module.parsed_units:
            if unit.tree is None or not any(word.search(unit.text) for word in _WORDS):
                continue
            named = sorted(_places(module, unit.tree), key=lambda place: place.order)
            places = [place for place in named if not place.is_hidden]
            # Where one of the names is another one's, they are not rewritten alike.
            fix = _fix(module, unit, places) if places == named != [] else None
            for name, node, _, _ in places:
                start, end = unit.start(node), unit.end(node)
                message = f"{name} is a function, not a type; {MEANT[name]} is meant"
                yield self.diagnostic(cell_at(unit, start.row), start, end, message, fix)


class _Place(NamedTuple):
    """One of the functions in an annotation; ``is_hidden``: an inner scope binds the name."""

    name: str
    node: ast.expr
    annotation: ast.expr
    is_hidden: bool

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands."""
        return self.node.lineno, self.node.col_offset


def _places(module: Module, tree: ast.Module) -> Iterator[_Place]:
    own = module.definitions.keys() | module.imports.keys() | module.variables
    for annotation, hidden in _annotations(tree):
        for name, node in _types_in(annotation):
            if name in MEANT and name not in own:
                yield _Place(name, node, annotation, name in hidden)


def _types_in(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names that an annotation is made of, each with the node that holds it.

    Strings are read as types where they are types: not in ``Literal`` and not
    behind the first argument of ``Annotated``.
    """
    if isinstance(node, ast.Name):
        yield node.id, node
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            inside = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return
        yield from ((name, node) for name, _ in _types_in(inside))
    elif isinstance(node, ast.Subscript):
        name = last_name(node.value)
        if name == "Annotated" and isinstance(node.slice, ast.Tuple):
            yield from _types_in(node.slice.elts[0])
        elif name != "Literal":
            yield from _types_in(node.value)
            yield from _types_in(node.slice)
    elif isinstance(node, ast.BinOp | ast.Tuple | ast.List | ast.Starred):
        for child in children(node):
            if isinstance(child, ast.expr):
                yield from _types_in(child)


def _annotations(tree: ast.Module) -> Iterator[tuple[ast.expr, frozenset[str]]]:
    """Every annotation, of parameters, results and variables, with the names that hide builtins.

    A class hides them from what stands right in it, a function from all that is inside.
    """
    pending: list[tuple[ast.AST, frozenset[str], frozenset[str]]] = [
        (tree, frozenset(), frozenset())
    ]
    while pending:
        node, hidden, inherited = pending.pop()
        if isinstance(node, ast.AnnAssign):
            yield node.annotation, hidden
        elif isinstance(node, FunctionNode):
            if node.returns is not None:
                yield node.returns, hidden
            # The header belongs to the scope around, and methods do not see the class.
            inherited |= local_names(node)
            pending += [(part, hidden, inherited) for part in (*node.decorator_list, node.args)]
            pending += [(part, inherited, inherited) for part in node.body]
            continue
        elif isinstance(node, ast.ClassDef):
            inside = inherited | names_of(node.body).binds
            pending += [(part, inside, inherited) for part in node.body]
            continue
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield node.annotation, hidden
        parts = children(node) if isinstance(node, ast.arguments) else _inside(node)
        pending += [(part, hidden, inherited) for part in parts]


def _inside(node: ast.AST) -> list[ast.stmt]:
    """The statements right inside a module or a statement: elsewhere nothing is annotated."""
    if isinstance(node, ast.Module):
        return node.body
    return [*chain(*blocks_of(node))] if isinstance(node, COMPOUND) else []


def _fix(module: Module, unit: CodeUnit, places: list[_Place]) -> Fix | None:
    if not unit.is_one_cell:
        return None
    wanted = sorted({MEANT[place.name] for place in places})
    line = min(place.node.lineno for place in places)

    def rewrite() -> Patch:
        from modlint.rules.signatures._annotations import with_typing_imports
        from modlint.rules.signatures._builtins import renamed

        return with_typing_imports(module, unit, renamed(unit.syntax).code, wanted, line)

    message = f"Write {' and '.join(wanted)}, imported from typing"
    assert unit.tree is not None
    is_read = any_is_read(module, unit.tree, [place.annotation for place in places])
    trust = Applicability.UNSAFE if is_read else Applicability.SAFE
    return Fix(trust, message, rewrite, Change.ANNOTATIONS)
