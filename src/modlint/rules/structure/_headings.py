"""What the STR rules share that look for a section by its heading."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Severity
from modlint.rules.evidence import Evidence, EvidenceRule


class HeadingRule(EvidenceRule):
    """A rule that wants a section: its heading, or the bold label of a paragraph, has the words."""

    severity = Severity.WARNING

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The sections and the labelled paragraphs."""
        return self.at_headings(module)
