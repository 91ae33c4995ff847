"""SIG003: the functions ``any`` and ``callable`` stand where a type is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.trees import children, walk
from modlint.analysis.types import last_name
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import Rule, cell_at

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
            places = list(_places(module, unit.tree))
            fix = _fix(module, unit, places) if places else None
            for name, node in places:
                start, end = unit.start(node), unit.end(node)
                message = f"{name} is a function, not a type; {MEANT[name]} is meant"
                yield self.diagnostic(cell_at(unit, start.row), start, end, message, fix)


def _places(module: Module, tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    own = module.definitions.keys() | module.imports.keys() | module.variables
    for annotation in _annotations(tree):
        for name, node in _types_in(annotation):
            if name in MEANT and name not in own:
                yield name, node


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


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Every annotation: of parameters, results and variables."""
    for node in walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, FunctionNode) and node.returns is not None:
            yield node.returns


def _fix(module: Module, unit: CodeUnit, places: list[tuple[str, ast.expr]]) -> Fix | None:
    if not unit.is_one_cell:
        return None
    wanted = sorted({MEANT[name] for name, _ in places})
    line = min(node.lineno for _, node in places)

    def rewrite() -> Patch:
        from modlint.rules.signatures._annotations import with_typing_imports
        from modlint.rules.signatures._builtins import renamed

        return with_typing_imports(module, unit, renamed(unit.syntax).code, wanted, line)

    message = f"Write {' and '.join(wanted)}, imported from typing"
    return Fix(Applicability.SAFE, message, rewrite, Change.ANNOTATIONS)
