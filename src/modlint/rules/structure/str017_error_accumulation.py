"""STR017: no worked example of how rounding errors accumulate."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind, prose_of
from modlint.analysis.words import phrases
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_block

#: What makes a module one about numbers that are rounded: it teaches the rounding itself.
_ROUNDED = phrases(("rounding error*", "quantization error*", "quantisation error*"))
_WORKED = frozenset({BlockKind.CODE, BlockKind.TABLE})


class ErrorAccumulation(EvidenceRule):
    """No example, in numbers, of rounding errors that accumulate from step to step."""

    code = "STR017"
    name = "error-accumulation"
    severity = Severity.INFO
    words = (
        "accumulat*", "errors add up", "error adds up", "errors grow", "error grows",
        "error propagat*", "propagation of error*", "errors compound", "error compounds",
    )  # fmt: skip
    lack = "the module speaks of a {}, and no worked example shows how such errors accumulate"

    def subject(self, module: Module) -> Evidence | None:
        """The first mention of a rounding error; other modules need no such example."""
        for block in prose_of(module).blocks:
            match = _ROUNDED.search(block.text)
            if match:
                return of_block(module, block, match[0].lower())
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The sections on it."""
        return self.at_headings(module)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Sections that tell of it without a table, a computation or a picture."""
        sections = list(self.at_sections(module))
        if sections and not any(b.kind in _WORKED for s, _ in sections for b in s.blocks):
            place = sections[0][1]
            message = "the section on accumulated errors shows no example in numbers"
            yield self.diagnostic(place.cell, place.start, place.end, message)
