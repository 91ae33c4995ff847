"""EXP002: nbdev is not told, or told wrongly, which module of the package to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.exports import is_meant_for_export, package_module
from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.unread import default_exps, unread
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.directives import DEFAULT_EXP, Directive, export_of, without_line
from modlint.notebook.percent import markdown_text
from modlint.notebook.regions import release
from modlint.rules.base import ModuleRule
from modlint.rules.exports._family import span_of

_IN_TEXT = re.compile(r"^[ \t]*#[ \t]*\|[ \t]*default_exp[ \t]+[\w./]+[ \t]*$", re.M)


class DefaultExp(ModuleRule):
    """``#| default_exp`` is missing, contradicts itself, or is lost on the way."""

    code = "EXP002"
    name = "default-exp"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """The faults of each ``default_exp``; one diagnostic where there is none."""
        if not module.file.is_notebook:
            return
        exporting = [unit for unit in module.units if is_meant_for_export(module, unit)]
        found = default_exps(module)
        if not exporting:
            return
        if not found and not _is_unread_somewhere(module):
            yield self._missing(module, exporting[0])
        for index, directive in found:
            start, end = span_of(module.file.cells[index], directive)
            fault = _fault(module, index, directive)
            if fault is not None:
                message, fix = fault
                yield self.diagnostic(index, start, end, message, fix)

    def _missing(self, module: Module, first: CodeUnit) -> Diagnostic:
        directive = export_of(first.cell) or unread(module, first)[0].directive
        start, end = span_of(first.cell, directive)
        place = next(
            (
                f"; that of {module.where(index)} stands in a Markdown cell, which nbdev ignores"
                for index, other in enumerate(module.file.cells)
                if other.kind is CellKind.MARKDOWN and _IN_TEXT.search(markdown_text(other))
            ),
            "",
        )
        message = f"no code cell holds `#| default_exp`: nbdev exports nothing, exit 0{place}"
        return self.diagnostic(first.index, start, end, message)


def _is_unread_somewhere(module: Module) -> bool:
    """Whether a ``default_exp`` stands where nbdev does not read it, which EXP001 reports."""
    return any(
        found.directive.name == DEFAULT_EXP
        for unit in module.parsed_units
        for found in unread(module, unit)
    )


def _fault(module: Module, index: int, directive: Directive) -> tuple[str, Fix | None] | None:
    """What is wrong with one ``default_exp``, and its repair."""
    count = len(directive.arguments)
    if count != 1:
        what = "names no module" if not count else "names more than one module"
        return f"`{directive.text.strip()}` {what}: nbdev stops with a TypeError", None
    value = directive.arguments[0]
    effective = package_module(module)
    if value != effective:
        return f"`#| default_exp {value}` does not count: `{effective}` comes later and wins", None
    if value.endswith(".py"):
        meant = value.removesuffix(".py").replace("/", ".")
        message = (
            f"`#| default_exp {value}` is a path, not a module: "
            f"nbdev writes `{value.replace('.', '/')}.py`"
        )
        return message, _respelt(module, index, directive, meant)
    if not directive.is_metadata and not any(
        _is_released(module, i) for i, d in default_exps(module) if value in d.arguments
    ):
        message = (
            f"`#| default_exp {value}` is lost in the release: "
            "nbgrader replaces the text of this solution cell"
        )
        return message, _own_cell(module, index, directive)
    return None


def _is_released(module: Module, index: int) -> bool:
    return not release(module.file.cells[index], module.grader).is_wiped


def _respelt(module: Module, index: int, directive: Directive, meant: str) -> Fix | None:
    if directive.is_metadata or not re.fullmatch(r"\w+(\.\w+)*", meant):
        return None
    cell = module.file.cells[index]

    def rewrite() -> Patch:
        lines = editor_lines(cell.source)
        old = lines[directive.line - 1]
        lines[directive.line - 1] = old.replace(directive.arguments[0], meant, 1)
        return Patch({index: (replace(cell, source="".join(lines)),)})

    return Fix(Applicability.UNSAFE, f"Write `{meant}`", rewrite, Change.DIRECTIVES)


def _own_cell(module: Module, index: int, directive: Directive) -> Fix | None:
    """The directive in a cell of its own above; None where the old cell would be left empty."""
    cell = module.file.cells[index]
    rest = without_line(cell.source, directive.line)
    if not rest.strip():
        return None

    def rewrite() -> Patch:
        ending = cell.line_ending
        text = directive.text.strip() + ending * 2
        own = Cell(CellKind.CODE, text, cell.row, marker=f"# %%{ending}")
        return Patch({index: (own, replace(cell, source=rest))})

    return Fix(Applicability.UNSAFE, "Give it a cell of its own", rewrite, Change.DIRECTIVES)
