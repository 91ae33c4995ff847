"""EXP001: a directive that nbdev does not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.exports import obstacle
from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.unread import Unread, default_exps, unread
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import editor_lines
from modlint.notebook.directives import (
    DEFAULT_EXP,
    EXPORTS,
    is_exported,
    with_directive,
    without_line,
)
from modlint.notebook.regions import release
from modlint.rules.base import CellRule
from modlint.rules.exports._family import span_of


class DirectiveNotLeading(CellRule):
    """A directive below code, misspelt, or in the spelling of nbdev 1: a mere comment."""

    code = "EXP001"
    name = "directive-not-leading"
    severity = Severity.ERROR

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each line that is meant as a directive and is none."""
        if not module.file.is_notebook:
            return
        for found in unread(module, unit):
            start, end = span_of(unit.cell, found.directive)
            fix = _fix(module, unit, found)
            yield self.diagnostic(unit.index, start, end, _message(found), fix)


def _message(found: Unread) -> str:
    name = found.directive.name
    written = found.directive.text.strip()
    if found.is_below:
        what = f"`{written}` does not lead its cell, so nbdev does not read it"
    elif found.directive.has_colon and not found.directive.arguments:
        return f"`{written}` ends with a colon: nbdev makes a comment of the first line of code"
    else:
        what = f"`{written}` is no directive of nbdev, `{found.meant}` is"
    if name in EXPORTS:
        return f"{what}: the cell is silently not exported"
    if name == DEFAULT_EXP:
        return f"{what}: it names no module of the package"
    return f"{what}: it has no effect"


def _may_name(module: Module, unit: CodeUnit, found: Unread) -> bool:
    """Whether a ``default_exp`` that is read at last is right: the only one, and no path."""
    if len(found.directive.arguments) != 1 or found.directive.arguments[0].endswith(".py"):
        return False
    return not default_exps(module) and not release(unit.cell, module.grader).is_wiped


def _fix(module: Module, unit: CodeUnit, found: Unread) -> Fix | None:
    """The directive as meant, among those that lead; None where exporting would do harm."""
    cell, line = unit.cell, found.directive.line
    if not unit.is_one_cell:
        return None
    exports = found.directive.name in EXPORTS and not is_exported(cell)
    if exports and obstacle(module, unit) is not None:
        return None
    if found.directive.name == DEFAULT_EXP and not _may_name(module, unit, found):
        return None

    def rewrite() -> Patch:
        lines = editor_lines(cell.source)
        old = lines[line - 1]
        if found.is_below:
            source = without_line(cell.source, line)
            source = with_directive(cell, source, found.meant)
        else:
            lines[line - 1] = found.meant + old[len(old.rstrip("\r\n")) :]
            source = "".join(lines)
        return Patch({unit.index: (replace(cell, source=source),)})

    message = "Move it to the top" if found.is_below else f"Write `{found.meant}`"
    return Fix(Applicability.UNSAFE, message, rewrite, Change.DIRECTIVES)
