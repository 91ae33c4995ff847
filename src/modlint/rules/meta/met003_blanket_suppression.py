"""MET003: a suppression that names no rule."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.meta._family import SuppressionRule, reach, renamed


class BlanketSuppression(SuppressionRule):
    """``# modlint: ignore`` without codes: it hides what comes later, too."""

    code = "MET003"
    name = "blanket-suppression"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each suppression that hides something and names nothing."""
        for suppression in module.suppressions.found:
            if suppression.fault or suppression.codes or not suppression.used:
                continue  # MET001 speaks of what hides nothing
            codes = sorted(suppression.used)
            named = ", ".join(codes)
            message = (
                f"names no rule: it hides {named} {reach(suppression)}, and whatever comes later"
            )
            fix = renamed(module, suppression, codes, f"Write `{suppression.scope}[{named}]`")
            yield self.on(suppression, message, fix)
