"""NBG014: guidance for the student stands where the student never sees it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.analysis.trees import walk
from modlint.diagnostics import Change, Diagnostic, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.regions import RegionKind, is_delimiter, is_shown, release, text_of
from modlint.rules.base import CellRule
from modlint.rules.grading._regions import Places, span_of, structure_of

#: A line of guidance begins with one of these words, in capitals or with a colon.
_LABEL = re.compile(r"[\W\d_]*(?:(TODO|HINTS?|APPROACH)\b|((?i:hints?))(?:\s+\d+)?\s*:)")
#: What stands in every line that begins so.
_MAY_GUIDE = re.compile(r"TODO|APPROACH|[Hh].[Nn][Tt]")


class HintInSolution(CellRule):
    """TODO, APPROACH or HINTS in a comment or docstring of a solution region."""

    code = "NBG014"
    name = "hint-in-solution"
    severity = Severity.WARNING
    checks = ("hints-outside",)
    # While the whole cell was wiped, or refused, there was nothing to say of it.
    revealed_by = frozenset((Change.REGIONS,))

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each region, at the first such word in it."""
        if not module.file.is_notebook:
            return
        if cell.kind is not CellKind.CODE or not is_delimiter(cell.source, module.grader):
            return
        if release(cell, module.grader).refusal:
            return  # NBG007 or NBG008 comes first
        text = text_of(cell)
        lines = text.split("\n")
        regions = [
            (begin, end)
            for begin, end in structure_of(text, RegionKind.SOLUTION, {}, module.grader).regions
            if not is_shown(lines[begin - 1], module.grader)
            and any(map(_MAY_GUIDE.search, lines[begin : end - 1]))
        ]
        labels = _labels(cell) if regions else {}
        for begin, end in regions:
            inside = {line: word for line, word in labels.items() if begin < line < end}
            if inside:
                words = ", ".join(dict.fromkeys(inside.values()))
                message = f"{words} inside the solution region: the student never sees it"
                yield self.diagnostic(index, *span_of(cell, min(inside)), message)


def _labels(cell: Cell) -> dict[int, str]:
    """The words of guidance in a cell's comments and docstrings, by line, from top to bottom."""
    lines = Places(cell).comments
    text = text_of(cell)
    tree = parse(text)
    if not isinstance(tree, SyntaxProblem):
        rows = dict(enumerate(text.split("\n"), 1))
        for node in walk(tree):
            if isinstance(node, ast.Expr) and _is_text(node.value):
                span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                lines.update({line: rows[line] for line in span if line in rows})
    found = {line: _LABEL.match(lines[line]) for line in sorted(lines)}
    return {line: match[1] or match[2] for line, match in found.items() if match}


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
