"""Cells → diagnostics: every rule in one pass over a module file."""

from __future__ import annotations

from dataclasses import replace

from modlint.analysis.depth import with_room
from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Change, Diagnostic
from modlint.linting.asking import found_by
from modlint.memory import uncollected
from modlint.notebook.cell import ModuleFile
from modlint.notebook.magics import has_cell_magic
from modlint.rules import rules_in_force
from modlint.settings import Settings

#: Changes that leave the text of a cell as it is.
_BESIDE_THE_TEXT = (Change.METADATA, Change.MARKER, Change.STRUCTURE, Change.HEADER)


def lint(file: ModuleFile, settings: Settings, twin: Twin | None = None) -> list[Diagnostic]:
    """Every diagnostic of a module file, from its top to its end.

    What the rules ask of a cell (its syntax tree, its names, what it does at
    import) is computed once, when the first of them asks, and shared.
    """
    return with_room(lambda: lint_module(Module(file, settings, twin)))


def lint_module(module: Module) -> list[Diagnostic]:
    """The same of a module, which is told of the rules that failed on it."""
    with uncollected():
        return judged(module)


def judged(module: Module) -> list[Diagnostic]:
    """What the rules in force find in ``module``: those of RUN, if it ran; else the others."""
    ran = module.observed is not None
    rules = rules_in_force(module.settings, executes=ran)
    if module.settings.local.may_run:
        from modlint.rules.local import not_loaded

        module.faults += not_loaded(module.settings)
    found: list[Diagnostic] = []
    for are_last in (False, True):  # those about suppressions ask what the others have found
        asked = [rule for rule in rules if rule.judges_suppressions is are_last]
        found += module.suppressions.kept(found_by(asked, module), by_name=are_last)
    found = [_without_rewriting(diagnostic, module.file) for diagnostic in found]
    if not module.settings.purpose.is_fixed:
        # It stands as it was generated, handed out or handed in: a fix is none there.
        found = [replace(d, fix=None) if d.fix is not None else d for d in found]
    if module.file.store is not None:
        # Rows of one cell say nothing of another's; what is said of a cell as a whole, which
        # in a percent file stands on its marker, comes before what is said of its text.
        return sorted(found, key=lambda d: (d.cell, d.start, d.start != d.end, d.sort_key))
    return sorted(found, key=lambda diagnostic: diagnostic.sort_key)


def _without_rewriting(diagnostic: Diagnostic, file: ModuleFile) -> Diagnostic:
    """The diagnostic without a fix that would rewrite what stands below a cell magic.

    The magic gets the text, and does with it what it likes: it is timed, written to a file, hidden.
    """
    fix = diagnostic.fix
    if fix is None or fix.change in _BESIDE_THE_TEXT:
        return diagnostic
    if not has_cell_magic(file.cells[diagnostic.cell]):
        return diagnostic
    return replace(diagnostic, fix=None)
