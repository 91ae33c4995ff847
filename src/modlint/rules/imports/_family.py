"""What the IMP rules share: each reports its own part of the same runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import Module, fact
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run, runs_of
from modlint.analysis.uses import Use
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch
from modlint.notebook.kinds import Kind
from modlint.rules.base import ModuleRule, cell_at, place_of


class ImportRule(ModuleRule):
    """A rule about something that happens when the module is imported."""

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """Report the acts of each run that carry this rule's code."""
        for run in runs_of(module):
            yield from self.report(module, run)

    def report(self, module: Module, run: Run) -> Iterator[Diagnostic]:
        """One diagnostic for each act of the run that this rule names."""
        for step in run.steps:
            if step.acts and run.code_of(step) == self.code:
                for act in step.acts:
                    if step.kind is act.kind:
                        yield self.on(module, run, act.node, act.node, self.message(act.label))

    def message(self, label: str) -> str:
        """What to say about one act."""
        return f"{label} runs on import"

    def on(
        self, module: Module, run: Run, first: ast.stmt, last: ast.stmt, message: str
    ) -> Diagnostic:
        """A diagnostic from statement ``first`` to ``last``, with the run's fix if it has one."""
        start, end = run.unit.start(first), run.unit.end(last)
        fix = _fix(module, run)
        if run.blocked is not None:
            message += f"; it cannot be guarded while {_need(module, run.blocked)}"
        elif run.barred:
            message += f"; {run.barred}"
        elif run.unsafe and fix is not None:
            message += f"; {run.unsafe}"
        purpose = module.settings.purpose
        if purpose.kind is Kind.GENERATED:
            made = f"was made from {purpose.source}: change that one"
            message += f"; the file {made if purpose.source else 'is generated'}"
        if importers := purpose.importers:
            are = "other files import" if importers > 1 else "other file imports"
            message += f"; {importers} {are} this module"
        return self.diagnostic(cell_at(run.unit, start.row), start, end, message, fix)


@fact
def _fix(module: Module, run: Run) -> Fix | None:
    """The fix of a whole run, the same for each of its diagnostics."""
    if not run.can_be_guarded:
        return None
    what = "Move into a demo function, called" if wants_function(module, run) else "Put"
    return Fix(
        Applicability.UNSAFE if run.unsafe else Applicability.SAFE,
        f'{what} under `if __name__ == "__main__":`',
        lambda: _guarded(module, run),
        Change.GUARDS,
    )


def _guarded(module: Module, run: Run) -> Patch:
    from modlint.rules.imports._guard import guard_run  # and with it LibCST

    return guard_run(module, run)


def _need(module: Module, use: Use) -> str:
    """Who needs what, in words."""
    if use.imported:
        return f"another file imports {use.name}"
    if use.node is None:
        return f"cell {use.unit.index + 1}, which does not parse, may need {use.name}"
    return f"{place_of(module, use.unit, use.node)} needs {use.name}"
