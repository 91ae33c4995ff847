"""Cells → diagnostics: every rule in one pass over a module file."""

from __future__ import annotations

from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Diagnostic
from modlint.memory import uncollected
from modlint.notebook.cell import ModuleFile
from modlint.rules import rules_in_force
from modlint.settings import Settings


def lint(file: ModuleFile, settings: Settings, twin: Twin | None = None) -> list[Diagnostic]:
    """Every diagnostic of a module file, from its top to its end.

    What the rules ask of a cell (its syntax tree, its names, what it does at
    import) is computed once, when the first of them asks, and shared.
    """
    return lint_module(Module(file, settings, twin))


def lint_module(module: Module) -> list[Diagnostic]:
    """The same of a module, which is told of the rules that failed on it."""
    with uncollected():
        return judged(module)


def judged(module: Module) -> list[Diagnostic]:
    """What the rules in force find in ``module``: those of RUN, if it ran; else the others."""
    ran = module.observed is not None
    rules = rules_in_force(module.settings, executes=ran)
    if module.settings.local.may_run:
        from modlint.rules.local import asked, not_loaded

        module.faults += not_loaded(module.settings)
    found: list[Diagnostic] = []
    for rule in sorted(rules, key=lambda rule: rule.judges_suppressions):
        diagnostics = asked(rule, module) if rule.folder else rule.check(module)
        found += module.suppressions.kept(diagnostics)
    if module.file.store is not None:
        # Rows of one cell say nothing of another's; what is said of a cell as a whole, which
        # in a percent file stands on its marker, comes before what is said of its text.
        return sorted(found, key=lambda d: (d.cell, d.start, d.start != d.end, d.sort_key))
    return sorted(found, key=lambda diagnostic: diagnostic.sort_key)
