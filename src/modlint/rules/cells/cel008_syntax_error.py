"""CEL008: a code cell is not valid Python."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module, has_indented_marker
from modlint.diagnostics import Diagnostic, Position, Severity
from modlint.rules.base import Rule


class SyntaxErrorInCell(Rule):
    """A code cell that Python cannot parse: no other rule can look into it."""

    code = "CEL008"
    name = "syntax-error"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each such cell, at the place that Python names."""
        for unit in module.units:
            if unit.problem is None or has_indented_marker(unit.cell):
                continue  # a cell torn off by an indented marker is CEL004's
            following = unit.index + len(unit.cells)
            cells = module.file.cells
            if following < len(cells) and has_indented_marker(cells[following]):
                continue
            row = unit.row + unit.problem.line - 1
            start = Position(row, max(unit.problem.column, 1))
            message = f"cell {unit.index + 1} does not parse: {unit.problem.message}"
            yield self.diagnostic(unit.index, start, Position(row, start.column + 1), message)
