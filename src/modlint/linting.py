"""Cells → diagnostics: every rule in one pass over a module file."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Diagnostic
from modlint.notebook.cell import ModuleFile
from modlint.rules import rules_in_force
from modlint.settings import Settings


def lint(file: ModuleFile, settings: Settings, twin: Twin | None = None) -> list[Diagnostic]:
    """Every diagnostic of a module file, from its top to its end.

    What the rules ask of a cell (its syntax tree, its names, what it does at
    import) is computed once, when the first of them asks, and shared.
    """
    with uncollected():
        return judged(Module(file, settings, twin))


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of garbage away: trees are many objects, and none of them is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def judged(module: Module) -> list[Diagnostic]:
    """What the rules in force find in ``module``: those of RUN, if it ran; else the others."""
    ran = module.observed is not None
    rules = [rule for rule in rules_in_force(module.settings) if rule.executes is ran]
    found: list[Diagnostic] = []
    for rule in sorted(rules, key=lambda rule: rule.judges_suppressions):
        found += module.suppressions.kept(rule.check(module))
    if module.file.store is not None:
        # Rows of one cell say nothing of another's; what is said of a cell as a whole, which
        # in a percent file stands on its marker, comes before what is said of its text.
        return sorted(found, key=lambda d: (d.cell, d.start, d.start != d.end, d.sort_key))
    return sorted(found, key=lambda diagnostic: diagnostic.sort_key)
