"""SIG003: the functions ``any`` and ``callable`` stand where a type is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import Rule, cell_at

#: The builtin function → the type that was meant.
MEANT = {"any": "Any", "callable": "Callable"}
_WORD = re.compile(r"(?<![\w.])(any|callable)\b")


class BuiltinAsType(Rule):
    """``any`` or ``callable`` in an annotation."""

    code = "SIG003"
    name = "builtin-as-type"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each place; those of one cell share a fix."""
        for unit in module.parsed_units:
            if not _WORD.search(unit.text) or unit.tree is None:
                continue
            places = list(_places(module, unit.tree))
            fix = _fix(module, unit, [name for name, _ in places]) if places else None
            for name, node in places:
                start, end = unit.start(node), unit.end(node)
                message = f"{name} is a function, not a type; {MEANT[name]} is meant"
                yield self.diagnostic(cell_at(unit, start.row), start, end, message, fix)


def _places(module: Module, tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for annotation in _annotations(tree):
        for node in ast.walk(annotation):
            names: list[str] = []
            if isinstance(node, ast.Name):
                names = [node.id] if node.id in MEANT else []
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names = _WORD.findall(node.value)
            for name in names:
                if name not in module.definitions and name not in module.imports:
                    assert isinstance(node, ast.expr)
                    yield name, node


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Every annotation: of parameters, results and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, FunctionNode) and node.returns is not None:
            yield node.returns


def _fix(module: Module, unit: CodeUnit, names: list[str]) -> Fix | None:
    if not unit.is_one_cell:
        return None
    wanted = sorted({MEANT[name] for name in names})

    def rewrite() -> Patch:
        from modlint.rules.signatures._annotations import with_typing_imports
        from modlint.rules.signatures._builtins import renamed

        return with_typing_imports(module, unit, renamed(unit.syntax).code, wanted)

    message = f"Write {' and '.join(wanted)}, imported from typing"
    return Fix(Applicability.SAFE, message, rewrite, Change.ANNOTATIONS)
