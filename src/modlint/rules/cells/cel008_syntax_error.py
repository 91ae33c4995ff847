"""CEL008: a cell is not valid Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.futures import WHY, late_in_script
from modlint.analysis.module import Module, has_indented_marker
from modlint.analysis.parsing import SyntaxProblem, is_prose, parse, refusal
from modlint.diagnostics import Diagnostic, Position, Priority, Severity
from modlint.notebook.cell import CellKind
from modlint.notebook.kinds import WRITTEN, Kind
from modlint.notebook.tags import may_raise
from modlint.rules.base import ModuleRule

#: A line that Python names beside the one where it stops.
_LINE = re.compile(r"(?<=\bon line )\d+")


class SyntaxErrorInCell(ModuleRule):
    """A cell that Python cannot read: no other rule can look into it, and the file cannot run."""

    code = "CEL008"
    name = "syntax-error"
    severity = Severity.ERROR
    kinds = WRITTEN | {Kind.RELEASE, Kind.SUBMISSION}
    priority = Priority.P1

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each such cell, or statement of it, at the place that Python names."""
        cells = module.file.cells
        for unit in module.units:
            following = unit.index + len(unit.cells)
            if following < len(cells) and has_indented_marker(cells[following]):
                continue  # a cell torn apart by an indented marker is CEL004's
            # Jupyter shows a SyntaxError as any other exception; a script does not even start.
            is_shown = module.file.store is not None and may_raise(unit.cell)
            if not is_shown and not has_indented_marker(unit.cell):
                for problem in [unit.problem] if unit.problem else _refusals(unit.tree):
                    yield self._report(unit.index, unit.row, problem, "does not parse")
        for late in late_in_script(module):
            message = (
                f"cell {late.unit.index + 1} cannot stand below line {late.above}, "
                f"so the file cannot run: {WHY}"
            )
            start, end = late.unit.start(late.node), late.unit.end(late.node)
            yield self.diagnostic(late.unit.index, start, end, message)
        for index, cell in enumerate(cells):
            torn = any(has_indented_marker(c) for c in cells[index : index + 2])
            is_text = cell.kind is not CellKind.CODE and cell.marker is not None
            if is_text and not torn and not is_prose(cell.source):
                text = parse(cell.source)
                what = f"is {cell.kind} that Python cannot read, so the file cannot run"
                for problem in [text] if isinstance(text, SyntaxProblem) else _refusals(text):
                    yield self._report(index, cell.row, problem, what)

    def _report(self, index: int, row: int, problem: SyntaxProblem, what: str) -> Diagnostic:
        start = Position(row + problem.line - 1, max(problem.column, 1))
        end = Position(start.row, start.column + 1)
        # Python counts the lines of what it was given, which is the cell.
        said = _LINE.sub(lambda line: str(row + int(line[0]) - 1), problem.message)
        message = f"cell {index + 1} {what}: {said}"
        return self.diagnostic(index, start, end, message)


def _refusals(tree: ast.Module | None) -> list[SyntaxProblem]:
    """What Python refuses although it parses.

    Python names the first; each statement is asked, for what else is to be mended.
    """
    first = refusal(tree) if tree else None
    if tree is None or first is None:
        return []
    alone = [refusal(ast.Module([node], [])) for node in tree.body]
    found = [problem for problem in alone if problem is not None]
    if first in found:
        return found
    # Alone, a statement may be refused for another reason at the same place.
    place = first.line, first.column
    return [first, *(p for p in found if (p.line, p.column) != place)]
