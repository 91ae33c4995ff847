"""NBG011: the answer that a region hides stands in another place, which students receive."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, Module
from modlint.diagnostics import Change, Diagnostic, Position, Severity
from modlint.notebook.regions import release
from modlint.rules.base import CellRule, cell_at
from modlint.rules.grading._answers import Answer, Code, answer_shown, answers, released


class SolutionLeak(CellRule):
    """Released code that does what a solution region hides, under the same or another name."""

    code = "NBG011"
    name = "solution-leak"
    severity = Severity.ERROR
    # While the whole cell was wiped, or refused, there was nothing to say of it.
    revealed_by = frozenset((Change.REGIONS,))

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each function, or top level of a cell, that shows an answer."""
        hidden = [answer for answer in answers(module) if answer.has_region]
        if not hidden or release(unit.cell, module.grader).is_wiped:
            return
        for code in released(module, unit):
            answer = answer_shown(code, hidden)
            if answer is not None:
                yield self._leak(module, unit, code, answer)

    def _leak(self, module: Module, unit: CodeUnit, code: Code, answer: Answer) -> Diagnostic:
        row = answer.code.first_row
        place = module.where(cell_at(answer.code.unit, row), row)
        what = f"the answer to {answer.code.name} ({place})" if answer.code.name else ""
        what = what or f"the answer of {place}"
        start, end = _span(unit, code, answer)
        message = f"{code.name or 'this code'} shows {what}: students receive it"
        return self.diagnostic(unit.index, start, end, message)


def _span(unit: CodeUnit, code: Code, answer: Answer) -> tuple[Position, Position]:
    """The function; at the top level of a cell, the statements that are the answer."""
    if code.function is not None:
        return unit.start(code.function), unit.end(code.function)
    nodes = code.nodes_like(answer.code)
    last = max(nodes, key=lambda node: node.end_lineno or node.lineno)
    return unit.start(nodes[0]), unit.end(last)
