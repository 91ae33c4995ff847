"""The codemods of the SIG rules: rewrite a function's header, and import what it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from modlint.analysis.module import CodeUnit, FunctionNode, Module, parse
from modlint.diagnostics import Patch
from modlint.notebook.directives import is_exported

Rewrite = Callable[[cst.FunctionDef], cst.FunctionDef]


def rewritten_function(
    module: Module,
    unit: CodeUnit,
    node: FunctionNode,
    rewrite: Rewrite,
    imports: Iterable[str] = (),
) -> Patch:
    """The cells with the function ``node`` rewritten, and ``imports`` from typing."""
    tree, target = _located(unit, node)
    new = tree.deep_replace(target, rewrite(target))
    return with_typing_imports(module, unit, cst.ensure_type(new, cst.Module).code, imports)


def function_syntax(unit: CodeUnit, node: FunctionNode) -> cst.FunctionDef:
    """The LibCST node of a function."""
    return _located(unit, node)[1]


def _located(unit: CodeUnit, node: FunctionNode) -> tuple[cst.Module, cst.FunctionDef]:
    """A copy of the cell's tree and the function in it."""
    wrapper = MetadataWrapper(unit.syntax)
    places = wrapper.resolve(PositionProvider)
    return wrapper.module, next(
        found
        for found in places
        if isinstance(found, cst.FunctionDef)
        and found.name.value == node.name
        and places[found.name].start.line == node.lineno
    )


def with_typing_imports(module: Module, unit: CodeUnit, source: str, names: Iterable[str]) -> Patch:
    """The cells with ``source`` as the text of ``unit``, and ``names`` imported from typing."""
    texts = {unit.index: source}
    for name in names:
        if any(i.unit.index <= unit.index for i in module.imports.get(name, ())):
            continue
        target = _typing_import(module, unit)
        if target is None:
            texts[unit.index] = _with_import_line(texts[unit.index], name)
        else:
            text = texts.get(target.index, target.text)
            texts[target.index] = _with_import_alias(text, name)
    return {i: (replace(module.file.cells[i], source=text),) for i, text in texts.items()}


def _typing_import(module: Module, unit: CodeUnit) -> CodeUnit | None:
    """The last cell, up to ``unit``, whose ``from typing import …`` can take another name."""
    found = None
    for other in module.parsed_units:
        if other.index > unit.index or not other.is_one_cell or other.tree is None:
            continue
        if is_exported(unit.cell) and not is_exported(other.cell):
            continue  # the package would not have it
        if any(_is_typing(node) for node in other.tree.body):
            found = other
    return found


def _is_typing(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "typing"
        and node.level == 0
        and all(alias.name != "*" for alias in node.names)
    )


def _with_import_alias(source: str, name: str) -> str:
    class AddName(cst.CSTTransformer):
        done = False

        def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
            return False

        def leave_ImportFrom(
            self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
        ) -> cst.ImportFrom:
            module = original_node.module
            if self.done or not (isinstance(module, cst.Name) and module.value == "typing"):
                return updated_node
            if isinstance(updated_node.names, cst.ImportStar):
                return updated_node
            self.done = True
            last = updated_node.names[-1]
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            ending = last.comma
            aliases = [
                *updated_node.names[:-1],
                last.with_changes(comma=comma),
                cst.ImportAlias(cst.Name(name), comma=ending),
            ]
            return updated_node.with_changes(names=aliases)

    return cst.parse_module(source).visit(AddName()).code


def _with_import_line(source: str, name: str) -> str:
    """``source`` with an import below its directives, docstring and future imports."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", source)
    at = 0
    while at < len(lines) and re.match(r"\s*(#\s*\|.*)?$", lines[at]):
        at += 1
    tree = parse(source)
    if isinstance(tree, ast.Module):
        for position, node in enumerate(tree.body):
            docstring = position == 0 and isinstance(node, ast.Expr)
            docstring = docstring and isinstance(node.value, ast.Constant)  # type: ignore[attr-defined]
            future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            if not (docstring or future):
                break
            at = node.end_lineno or at
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    return "".join([*lines[:at], f"from typing import {name}{ending}{ending}", *lines[at:]])


def annotated(text: str) -> Rewrite:
    """A rewrite that makes ``text`` the return annotation."""

    def rewrite(function: cst.FunctionDef) -> cst.FunctionDef:
        new = cst.parse_expression(text)
        if function.returns is None:
            return function.with_changes(returns=cst.Annotation(new))
        return function.with_changes(returns=function.returns.with_changes(annotation=new))

    return rewrite
