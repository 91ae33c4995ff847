"""STR018: nothing helps a student whose code does not work."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence
from modlint.rules.structure._headings import HeadingRule

_STEPS = frozenset({BlockKind.ITEM, BlockKind.TABLE, BlockKind.CODE})


class DebuggingChecklist(HeadingRule):
    """No section lists what goes wrong and where to look."""

    code = "STR018"
    name = "debugging-checklist"
    severity = Severity.INFO
    words = (
        "debug*", "troubleshoot*", "common mistake*", "common pitfall*", "pitfalls",
        "common issue*", "common problem*", "common error*", "when it does not work",
    )  # fmt: skip
    lack = "no debugging checklist: nothing says what usually goes wrong and where to look"

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """A section without a list."""
        sections = list(self.at_sections(module))
        if sections and not any(b.kind in _STEPS for s, _ in sections for b in s.blocks):
            place = sections[0][1]
            message = "the section on debugging is no list that could be gone through"
            yield self.diagnostic(place.cell, place.start, place.end, message)
