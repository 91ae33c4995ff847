"""The fixes of the SIG rules: rewrite a function's header, and import what it names."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from modlint.analysis.exports import is_meant_for_export
from modlint.analysis.fragment import Fragment, fragment_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement
from modlint.analysis.trees import first_line, last_line
from modlint.codemods.base import CodemodCommand, CodemodContext
from modlint.codemods.builtin_types import ReplaceBuiltinTypes
from modlint.codemods.rename_function import RenameFunction
from modlint.codemods.return_annotation import ChangeReturnAnnotation
from modlint.codemods.same_signature import CopySignature
from modlint.codemods.typing_imports import AddTypingImports
from modlint.diagnostics import Patch


def annotated(
    module: Module, unit: CodeUnit, node: FunctionNode, annotation: str, imports: Iterable[str]
) -> Patch:
    """The cells with ``annotation`` as what ``node`` returns, and ``imports`` from typing."""
    source = _rewritten(unit, node, ChangeReturnAnnotation(CodemodContext(), annotation))
    return _with_typing_imports(module, unit, source, imports, node.lineno)


def renamed(unit: CodeUnit, node: FunctionNode, name: str) -> Patch:
    """The cell with the function ``node`` called ``name``."""
    source = _rewritten(unit, node, RenameFunction(CodemodContext(), name))
    return Patch({unit.index: (replace(unit.cell, source=source),)})


def alike(unit: CodeUnit, node: FunctionNode, model_unit: CodeUnit, model: FunctionNode) -> Patch:
    """The cell with the signature of ``model`` for ``node``."""
    statement = _fragment(model_unit, model).tree.body[0]
    header = cst.ensure_type(statement, cst.FunctionDef)
    source = _rewritten(unit, node, CopySignature(CodemodContext(), header))
    return Patch({unit.index: (replace(unit.cell, source=source),)})


def with_types(
    module: Module, unit: CodeUnit, places: Iterable[ast.expr], imports: Iterable[str]
) -> Patch:
    """The cells with types in place of builtin functions, and ``imports`` from typing.

    ``places`` are where such functions stand in annotations: all of their statements.
    """
    lines = [place.lineno for place in places]
    concerned = [s for s in unit.block if any(s.first_line <= n <= s.last_line for n in lines)]
    fragment = fragment_of(unit, concerned[0].first_line, concerned[-1].last_line)
    source = fragment.rewritten(ReplaceBuiltinTypes(CodemodContext()))
    return _with_typing_imports(module, unit, source, imports, min(lines))


def _rewritten(unit: CodeUnit, node: FunctionNode, command: CodemodCommand) -> str:
    return _fragment(unit, node).rewritten(command)


def _fragment(unit: CodeUnit, node: FunctionNode) -> Fragment:
    return fragment_of(unit, first_line(node), last_line(node))


def _with_typing_imports(
    module: Module, unit: CodeUnit, source: str, names: Iterable[str], line: int
) -> Patch:
    """The cells with ``source`` as the text of ``unit``, and ``names`` imported from typing.

    ``line`` is the first line of the unit that needs them.
    """
    texts = {unit.index: source}
    missing = [name for name in names if not _is_there(module, unit, name, line)]
    if missing:
        target, first, last = _typing_import(module, unit, line) or (unit, 1, _lead(unit))
        text = texts.get(target.index, target.text)
        fragment = Fragment(text, first, last, target.cell.line_ending)
        texts[target.index] = fragment.rewritten(AddTypingImports(CodemodContext(), missing))
    return Patch({i: (replace(module.file.cells[i], source=text),) for i, text in texts.items()})


def _is_there(module: Module, unit: CodeUnit, name: str, line: int) -> bool:
    """Whether ``name`` is surely bound at ``line`` of ``unit``, in the package too."""
    return any(
        not found.conditional and _serves(module, found.unit, found.node, unit, line)
        for found in module.imports.get(name, ())
    )


def _serves(module: Module, other: CodeUnit, node: ast.stmt, unit: CodeUnit, line: int) -> bool:
    """Whether what ``node`` imports is there for ``line`` of ``unit``."""
    if is_meant_for_export(module, unit) and not is_meant_for_export(module, other):
        return False  # the package would not have it
    if other is unit:
        return (node.end_lineno or node.lineno) < line
    return other.index < unit.index


def _typing_import(module: Module, unit: CodeUnit, line: int) -> tuple[CodeUnit, int, int] | None:
    """The last ``from typing import …`` that can take another name: its cell and its lines."""
    found = None
    for other in module.parsed_units:
        if other.index > unit.index or not other.is_one_cell:
            continue
        lines = [(node, s) for s in other.block for node in s.nodes if _is_typing(node)]
        for node, statement in lines[:1]:
            if _serves(module, other, node, unit, line):
                found = other, statement.first_line, statement.last_line
    return found


def _is_typing(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "typing"
        and node.level == 0
        and all(alias.name != "*" for alias in node.names)
    )


def _lead(unit: CodeUnit) -> int:
    """How many lines stand above the first statement over which an import may stand."""
    block = enumerate(unit.block)
    first = next(statement for at, statement in block if not _must_lead(statement, at))
    return first.first_line - 1


def _must_lead(statement: Statement, position: int) -> bool:
    """Whether a statement is a docstring or an import from the future."""
    node = statement.first
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return position == 0 and isinstance(node.value.value, str)
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
