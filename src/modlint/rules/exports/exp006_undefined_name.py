"""EXP006: no cell of the module binds a name that it uses."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.exports import undefined
from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.kinds import WRITTEN, Kind
from modlint.rules.base import ModuleRule


class UndefinedName(ModuleRule):
    """A name that no cell defines, assigns or imports, and neither Python nor IPython gives."""

    code = "EXP006"
    name = "undefined-name"
    severity = Severity.ERROR
    kinds = WRITTEN | {Kind.RELEASE, Kind.SUBMISSION}
    checks = ("imports",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each name, at its first use."""
        if not module.file.is_notebook:
            return
        for uses in undefined(module):
            first = uses[0]
            when = "when this runs" if first.at_import else "when this is called"
            count = len({(use.unit.index, use.place) for use in uses}) - 1
            more = f" (and in {count} more place{'s' if count > 1 else ''})" if count else ""
            message = f"no cell defines or imports {first.name}: NameError {when}{more}"
            unit = first.unit
            yield self.diagnostic(unit.index, unit.start(first.node), unit.end(first.node), message)
