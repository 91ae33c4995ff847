"""EXP005: an exported cell holds what is no Python in the package."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.futures import WHY, late_in_package
from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.diagnostics import Diagnostic, Position, Severity
from modlint.notebook.cell import editor_lines
from modlint.notebook.directives import export_of, lead_length
from modlint.notebook.header import uncomments
from modlint.notebook.kinds import Kind
from modlint.notebook.magics import is_masked, unmasked
from modlint.notebook.uncommented import uncommented_in
from modlint.rules.base import ModuleRule
from modlint.rules.cells.cel003_comment_becomes_magic import CommentBecomesMagic
from modlint.rules.exports._family import span_of

_CONSEQUENCE = (
    "the cell's names are missing from `__all__`, and `nbdev_export` stops with a SyntaxError "
    "that names no notebook"
)


class ExportUnparsable(ModuleRule):
    """A syntax error or a command of IPython in a cell that nbdev copies into the package."""

    code = "EXP005"
    name = "export-unparsable"
    severity = Severity.ERROR
    kinds = frozenset((Kind.MODULE, Kind.PLAIN, Kind.RELEASE, Kind.SUBMISSION))

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each cell: at its first command, or at the directive."""
        if not module.file.is_notebook:
            return
        for unit in module.units:
            directive = export_of(unit.cell)
            if directive is None:
                continue
            problem = unit.problem or _torn(unit)
            if problem is not None:
                start, end = span_of(unit.cell, directive)
                place = module.where(unit.index, unit.row + problem.line - 1)
                message = f"this exported cell does not parse ({place}): {_CONSEQUENCE}"
                yield self.diagnostic(unit.index, start, end, message)
            else:
                yield from self._commands(module, unit)
        for late in late_in_package(module):
            above = "what the module has already"
            if late.cell is not None:
                above = f"other exported code ({module.where(late.cell, late.above)})"
            message = f"this goes below {above}: importing the package is a SyntaxError: {WHY}"
            start, end = late.unit.start(late.node), late.unit.end(late.node)
            yield self.diagnostic(late.unit.index, start, end, message)

    def _commands(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        for line, text in _command_lines(module, unit):
            row = unit.row + line - 1
            message = f"`{text.strip()}` is no Python, and nbdev exports it: {_CONSEQUENCE}"
            end = Position(row, len(text.rstrip()) + 1)
            yield self.diagnostic(unit.index, Position(row, 1), end, message)
            return


def _torn(unit: CodeUnit) -> SyntaxProblem | None:
    """What is wrong with the part of a cell that an indented marker leaves above it."""
    result = None if unit.is_one_cell else parse(unit.cell.source)
    return result if isinstance(result, SyntaxProblem) else None


def _command_lines(module: Module, unit: CodeUnit) -> Iterator[tuple[int, str]]:
    """The lines that are commands of IPython in the notebook, as they stand there."""
    source = unit.cell.source
    if module.file.store is not None:
        for number, line in enumerate(editor_lines(source), 1):
            if is_masked(line):
                yield number, unmasked(line)
        return
    found = uncommented_in(source)
    if not found or not uncomments(module.file):
        return
    leads = lead_length(editor_lines(source), is_percent=True)
    # A comment that merely looks like a command is CEL003's, unless it leads an exported cell.
    prose = {d.start.row for d in CommentBecomesMagic().check(module) if d.cell == unit.index}
    for number, (_, text) in found.items():
        if number < leads or unit.row + number not in prose:
            yield number + 1, text
