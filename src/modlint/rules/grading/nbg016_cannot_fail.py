"""NBG016: a check of a graded cell that nbgrader never hears of."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, Module
from modlint.diagnostics import Change, Diagnostic, Severity
from modlint.notebook.grading import is_graded, is_solution
from modlint.rules.base import CellRule, cell_at
from modlint.rules.grading._tests import worth
from modlint.rules.grading._verdicts import Verdicts


class CannotFail(CellRule):
    """A swallowed failure, a verdict that nobody looks at, an assert that is always true."""

    code = "NBG016"
    name = "cannot-fail"
    severity = Severity.ERROR
    # A new graded cell, or a test that is called at last: it had no score to fail.
    revealed_by = frozenset((Change.CELLS, Change.CALLS))

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each such check; the message says whether the cell has others."""
        if not module.file.is_notebook:
            return
        if not is_graded(unit.cell) or is_solution(unit.cell):
            return
        verdicts = Verdicts(module, unit)
        for lost in verdicts.lost:
            if verdicts.has_others:
                end = f"the score of the cell ({worth(unit.cell)}) does not depend on it"
            else:
                end = f"a wrong answer scores what a right one does ({worth(unit.cell)})"
            start = unit.start(lost.node)
            where = cell_at(unit, start.row)
            yield self.diagnostic(where, start, unit.end(lost.node), f"{lost.why}; {end}")
