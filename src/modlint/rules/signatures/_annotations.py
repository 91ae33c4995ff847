"""The fixes of the SIG rules: rewrite a function's header, and import what it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import replace

from modlint.analysis.exports import is_meant_for_export
from modlint.analysis.module import CodeUnit, Module, parse
from modlint.diagnostics import Patch
from modlint.notebook.cell import editor_lines

#: Lines that stay at the top of a cell: blank ones, directives, a shebang, a coding line.
_LEADS = re.compile(r"\s*(#\s*\|.*|#!.*|#.*coding[:=].*)?$")


def rewritten(
    module: Module,
    unit: CodeUnit,
    changes: Iterable[tuple[slice, str]],
    line: int,
    imports: Iterable[str] = (),
) -> Patch:
    """The cells with other texts in place of parts of ``unit``, and ``imports`` from typing.

    ``line`` is the first line that needs the imports.
    """
    source = unit.text
    for part, text in sorted(changes, key=lambda change: change[0].start, reverse=True):
        source = source[: part.start] + text + source[part.stop :]
    return with_typing_imports(module, unit, source, imports, line)


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
    tree = parse(source)
    assert isinstance(tree, ast.Module)
    found = next(node for node in tree.body if _is_typing(node))
    last = found.names[-1]  # type: ignore[attr-defined]
    lines = editor_lines(source)
    line = lines[last.end_lineno - 1].encode()
    added = "".join(f", {name}" for name in names).encode()
    end = last.end_col_offset
    lines[last.end_lineno - 1] = (line[:end] + added + line[end:]).decode()
    return "".join(lines)


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
