"""The lines that belong to a run: its statements and the comments that lead or end them."""

from __future__ import annotations

from modlint.analysis.runs import Run
from modlint.analysis.trees import COMPOUND
from modlint.notebook.cell import editor_lines, end_of_block, indentation


def span_of(run: Run) -> tuple[int, int]:
    """The first and the last line of ``run`` with its comments, in its cell, counted from 1."""
    lines = editor_lines(run.unit.text)
    first = run.steps[0].statement.first_line
    last = run.steps[-1].statement.last_line
    indent = indentation(lines[first - 1])
    top = max((s.last_line for s in run.unit.block if s.last_line < first), default=0)
    start = first
    while start - 1 > top and _leads(lines[start - 2], indent):
        start -= 1
    if isinstance(run.steps[-1].statement.first, COMPOUND):
        last = end_of_block(lines, last, indent)
    return start, last


def comments_above(run: Run) -> list[str]:
    """The comments that lead the run, from the top of the cell where it is the first there."""
    start, _ = span_of(run)
    if run.unit.block[0] is run.steps[0].statement:
        start = 1
    lines = editor_lines(run.unit.text)[start - 1 : run.steps[0].statement.first_line - 1]
    return [line.strip() for line in lines if line.strip()]


def _leads(line: str, indent: str) -> bool:
    """Whether a line above a statement is blank, or a comment that stands in no block above."""
    text = line.strip()
    return not text or (text.startswith("#") and len(indentation(line)) <= len(indent))
