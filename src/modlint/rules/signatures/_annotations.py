"""The codemods of the SIG rules: rewrite a function's header, and import what it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import libcst as cst

from modlint.analysis.exports import is_meant_for_export
from modlint.analysis.fragment import Fragment
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.parsing import concrete, parse
from modlint.analysis.trees import first_line, last_line
from modlint.diagnostics import Patch
from modlint.notebook.cell import editor_lines

#: Lines that stay at the top of a cell: blank ones, directives, a shebang, a coding line.
_LEADS = re.compile(r"\s*(#\s*\|.*|#!.*|#.*coding[:=].*)?$")

Rewrite = Callable[[cst.FunctionDef], cst.FunctionDef]


def rewritten_function(
    module: Module,
    unit: CodeUnit,
    node: FunctionNode,
    rewrite: Rewrite,
    imports: Iterable[str] = (),
) -> Patch:
    """The cells with the function ``node`` rewritten, and ``imports`` from typing."""
    fragment = _fragment(unit, node)
    source = fragment.replaced([rewrite(_function(fragment))], fragment.footer)
    return with_typing_imports(module, unit, source, imports, node.lineno)


def function_syntax(unit: CodeUnit, node: FunctionNode) -> cst.FunctionDef:
    """The LibCST node of a function."""
    return _function(_fragment(unit, node))


def _fragment(unit: CodeUnit, node: FunctionNode) -> Fragment:
    return Fragment(unit, first_line(node), last_line(node))


def _function(fragment: Fragment) -> cst.FunctionDef:
    (function,) = fragment.body
    return cst.ensure_type(function, cst.FunctionDef)


def with_typing_imports(
    module: Module, unit: CodeUnit, source: str, names: Iterable[str], line: int
) -> Patch:
    """The cells with ``source`` as the text of ``unit``, and ``names`` imported from typing.

    ``line`` is the first line of the unit that needs them.
    """
    texts = {unit.index: source}
    missing = [name for name in names if not _is_there(module, unit, name, line)]
    if missing:
        target = _typing_import(module, unit, line)
        if target is None:
            texts[unit.index] = _with_import_line(source, missing)
        else:
            text = texts.get(target.index, target.text)
            texts[target.index] = _with_import_aliases(text, missing)
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


def _typing_import(module: Module, unit: CodeUnit, line: int) -> CodeUnit | None:
    """The last cell whose ``from typing import …`` can take another name."""
    found = None
    for other in module.parsed_units:
        if other.index > unit.index or not other.is_one_cell or other.tree is None:
            continue
        first = next((node for node in other.tree.body if _is_typing(node)), None)
        if first is not None and _serves(module, other, first, unit, line):
            found = other
    return found


def _is_typing(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "typing"
        and node.level == 0
        and all(alias.name != "*" for alias in node.names)
    )


def _with_import_aliases(source: str, names: list[str]) -> str:
    """``source`` with ``names`` added to its first ``from typing import …`` of the top level."""
    tree = concrete(source)
    for line in tree.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for small in line.body:
            module = getattr(small, "module", None)
            if (
                isinstance(small, cst.ImportFrom)
                and isinstance(module, cst.Name)
                and module.value == "typing"
                and not small.relative
                and not isinstance(small.names, cst.ImportStar)
            ):
                return cst.ensure_type(
                    tree.deep_replace(small, _with_names(small, names)), cst.Module
                ).code
    return source


def _with_names(node: cst.ImportFrom, names: list[str]) -> cst.ImportFrom:
    assert not isinstance(node.names, cst.ImportStar)
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    *others, last = node.names
    ending = last.comma
    added = [cst.ImportAlias(cst.Name(name), comma=comma) for name in names]
    added[-1] = added[-1].with_changes(comma=ending)
    return node.with_changes(names=[*others, last.with_changes(comma=comma), *added])


def _with_import_line(source: str, names: list[str]) -> str:
    """``source`` with an import below what must lead it: directives, docstring, future imports."""
    lines = editor_lines(source)
    at = 0
    while at < len(lines) and _LEADS.match(lines[at]):
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
    line = f"from typing import {', '.join(names)}{ending}"
    return "".join([*lines[:at], line, ending, *lines[at:]])


def annotated(text: str) -> Rewrite:
    """A rewrite that makes ``text`` the return annotation."""

    def rewrite(function: cst.FunctionDef) -> cst.FunctionDef:
        new = cst.parse_expression(text)
        if function.returns is None:
            return function.with_changes(returns=cst.Annotation(new))
        return function.with_changes(returns=function.returns.with_changes(annotation=new))

    return rewrite
