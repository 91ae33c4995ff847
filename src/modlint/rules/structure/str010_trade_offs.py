"""STR010: nothing is weighed against anything."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Severity
from modlint.rules.evidence import Evidence, EvidenceRule


class TradeOffs(EvidenceRule):
    """No section, and no passage, weighs two ways against each other."""

    code = "STR010"
    name = "trade-offs"
    severity = Severity.WARNING
    checks = ("trade-offs",)
    words = (
        "trade-off*", "tradeoff*", "trades", "for it", "against it", "pros", "cons", "versus",
        "vs", "advantage*", "disadvantage*", "drawback*", "at the cost of", "at the price of",
    )  # fmt: skip
    lack = "no trade-off is discussed: nothing is weighed against anything"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The sections, then the passages."""
        yield from self.at_headings(module)
        yield from self.at_text(module)
