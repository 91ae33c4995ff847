"""What the MET rules about suppressions share."""

from __future__ import annotations

from collections.abc import Iterable

from modlint.analysis.module import Module
from modlint.analysis.suppressions import Scope, Suppression, with_codes
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch
from modlint.rules.base import ModuleRule


class SuppressionRule(ModuleRule):
    """A rule about suppressions, which runs when the others have found what they find."""

    judges_suppressions = True

    def on(self, suppression: Suppression, message: str, fix: Fix | None) -> Diagnostic:
        """A diagnostic at a suppression."""
        where = suppression.cell, suppression.start, suppression.end
        return self.diagnostic(*where, message, fix)


def renamed(
    module: Module, suppression: Suppression, codes: Iterable[str], message: str
) -> Fix | None:
    """A fix that makes a suppression name ``codes``; that takes it out, where there are none.

    None in a cell that an indented marker tears apart: by itself it is no Python.
    """
    for unit in module.units:
        if not unit.is_one_cell and 0 <= suppression.cell - unit.index < len(unit.cells):
            return None

    def rewrite() -> Patch:
        cell = module.file.cells[suppression.cell]
        return Patch({suppression.cell: (with_codes(cell, suppression, codes),)})

    return Fix(Applicability.SAFE, message, rewrite, Change.SUPPRESSIONS)


def reach(suppression: Suppression) -> str:
    """Where a suppression counts, in words."""
    return {Scope.LINE: "here", Scope.CELL: "in this cell", Scope.FILE: "in this file"}[
        suppression.scope
    ]
