"""The fixes of the IMP rules: put statements under a guard, or make them a demo function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from modlint.analysis.fragment import Fragment, keep_blank, leading, with_leading
from modlint.analysis.module import Module
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run
from modlint.analysis.suppressions import SIGN
from modlint.diagnostics import Patch
from modlint.notebook.regions import is_delimiter
from modlint.rules.imports._lines import span_of
from modlint.rules.imports._names import demo_names

_IS_SCRIPT = '__name__ == "__main__"'
_BLANK = cst.EmptyLine(indent=False)


def guard_run(module: Module, run: Run) -> Patch:
    """The cell of ``run`` with the run kept from acting at import."""
    fragment = Fragment(run.unit, *span_of(run))
    first, *others = fragment.body
    lead = leading(first)
    stays = _stays(lead)
    moved = [with_leading(first, lead[stays:]), *others]
    body = cst.IndentedBlock(moved, indent=fragment.indent, footer=fragment.footer)
    keep_blank(body)
    if wants_function(module, run):
        name = demo_names(module)[id(run)]
        call = cst.SimpleStatementLine([cst.Expr(cst.Call(cst.Name(name)))])
        calls = cst.IndentedBlock([call], indent=fragment.indent)
        define = cst.FunctionDef(cst.Name(name), cst.Parameters(), body)
        new = [define, with_leading(_guard(calls), [_BLANK, _BLANK])]
        is_first = run.unit.block[0] is run.steps[0].statement
        blank = [] if is_first or any(map(_is_blank, lead)) else [_BLANK, _BLANK]
    else:
        new, blank = [_guard(body)], []
    new[0] = with_leading(new[0], [*blank, *lead[:stays]])
    source = fragment.replaced(new)
    return Patch({run.unit.index: (replace(run.unit.cell, source=source),)})


def _guard(body: cst.IndentedBlock) -> cst.If:
    return cst.If(cst.parse_expression(_IS_SCRIPT), body)


def _stays(lines: Sequence[cst.EmptyLine]) -> int:
    """How many of the lines above a run stay above its guard.

    A suppression goes with the statement that it speaks of, and what stands between them, unless
    a region of nbgrader begins or ends there.
    """
    stays = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        comment = lines[number].comment
        if comment is None or is_delimiter(comment.value):
            break
        if SIGN in comment.value:
            stays = number
    return stays


def _is_blank(line: cst.EmptyLine) -> bool:
    return line.comment is None
