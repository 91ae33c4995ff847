"""STR011: nothing says how this is done in production."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Severity
from modlint.rules.evidence import Evidence, EvidenceRule


class ProductionContext(EvidenceRule):
    """No section, and no passage, on production and deployment."""

    code = "STR011"
    name = "production-context"
    severity = Severity.WARNING
    checks = ("production",)
    words = ("production", "deploy*", "in industry", "at scale")
    lack = "no production context: nothing says how this is done outside the course"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The sections, then the passages."""
        yield from self.at_headings(module)
        yield from self.at_text(module)
