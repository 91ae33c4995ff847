"""The fix of the IMP rules: put a run under a guard, or make it a demo function."""

from __future__ import annotations

from dataclasses import replace

from modlint.analysis.fragment import fragment_of, indent_of
from modlint.analysis.module import Module
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run
from modlint.codemods.base import CodemodContext
from modlint.codemods.demo_function import ExtractDemoFunction
from modlint.codemods.main_guard import PutUnderGuard
from modlint.diagnostics import Patch
from modlint.rules.imports._lines import span_of
from modlint.rules.imports._names import demo_names


def guard_run(module: Module, run: Run) -> Patch:
    """The cell of ``run`` with the run kept from acting at import."""
    unit, context = run.unit, CodemodContext()
    indent = indent_of(unit)
    command: PutUnderGuard | ExtractDemoFunction
    if wants_function(module, run):
        name = demo_names(module)[id(run)]
        is_first = unit.block[0] is run.steps[0].statement
        command = ExtractDemoFunction(context, name, indent=indent, is_first=is_first)
    else:
        command = PutUnderGuard(context, indent=indent)
    source = fragment_of(unit, *span_of(run)).rewritten(command)
    return Patch({unit.index: (replace(unit.cell, source=source),)})
