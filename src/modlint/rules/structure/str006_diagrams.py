"""STR006: no picture in the whole module."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import Block, prose_of
from modlint.diagnostics import Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_block


class Diagrams(EvidenceRule):
    """No diagram: none drawn with characters, none in Mermaid, no image."""

    code = "STR006"
    name = "diagrams"
    severity = Severity.WARNING
    checks = ("diagrams",)
    lack = "no diagram: nothing shows the data or the flow as a picture"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """Every diagram, with the heading that it stands under."""
        heading: Block | None = None
        for block in prose_of(module).blocks:
            if block.level:
                heading = block
            elif block.is_diagram:
                yield of_block(module, block, heading.text if heading else "a diagram")
