"""IMP004: a demo runs whenever its module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.runs import Run
from modlint.diagnostics import Diagnostic, Priority, Severity
from modlint.rules.imports._family import ImportRule


class ImportTimeDemo(ImportRule):
    """A demo in the open, which runs whenever the module is imported.

    Neighbouring statements that do work at import, reported once, first line to last.
    """

    code = "IMP004"
    name = "import-time-demo"
    severity = Severity.ERROR
    lowers = ("main-block",)
    checks = ("silent-demos",)
    priority = Priority.P1

    def report(self, module: Module, run: Run) -> Iterator[Diagnostic]:
        """One diagnostic for the whole run, calls at its ends left to their own rules."""
        mine = [i for i, step in enumerate(run.steps) if run.code_of(step) == self.code]
        acting = [i for i in mine if run.steps[i].acts]
        if not run.is_demo or not acting:
            return
        # What leads up to the first act belongs to it, unless a call of another code comes first.
        calls = [i for i, step in enumerate(run.steps) if step.acts and i not in mine]
        start = acting[0] if calls and calls[0] < acting[0] else 0
        steps = run.steps[start : acting[-1] + 1]
        count = sum(len(step.statement.nodes) for step in steps)
        what = "a demo" if count == 1 else f"a demo of {count} statements"
        first, last = steps[0].statement.first, steps[-1].statement.nodes[-1]
        yield self.on(module, run, first, last, f"{what} runs on import")
