"""STR022: the module does not say where its subject meets the world."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule

_CELLS = 3


class RealWorldContext(EvidenceRule):
    """Real systems, devices and uses are named nowhere, or in one or two cells only."""

    code = "STR022"
    name = "real-world-context"
    severity = Severity.INFO
    checks = ("real-world",)
    words = (
        "real world", "phone*", "smartphone*", "mobile", "edge device*", "device*", "server*",
        "cloud", "battery", "customer*", "user*", "app", "apps", "data center*", "datacenter*",
        "GPU*", "TPU*", "PyTorch", "TensorFlow", "JAX", "BERT*", "GPT*", "ChatGPT", "LLaMA*",
        "ResNet*", "ImageNet", "MobileNet*", "Tesla", "Google", "OpenAI", "Meta", "Netflix",
        "self-driving", "autonomous", "medical", "recommendation*",
    )  # fmt: skip
    lack = "no real-world context: no system, device or use outside the course is named"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The passages."""
        return self.at_text(module)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Passages in one or two cells only."""
        cells = {evidence.cell for evidence in found}
        if len(cells) < _CELLS:
            place = found[0]
            message = f"the real world appears in {len(cells)} cell(s) only, not throughout"
            yield self.diagnostic(place.cell, place.start, place.end, message)
