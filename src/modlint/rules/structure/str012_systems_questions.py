"""STR012: no questions to think about."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind, Section
from modlint.diagnostics import Diagnostic
from modlint.rules.evidence import Evidence
from modlint.rules.structure._headings import HeadingRule

_ENOUGH = 2


class SystemsQuestions(HeadingRule):
    """No section of questions on systems thinking, or one that asks hardly anything."""

    code = "STR012"
    name = "systems-questions"
    checks = ("questions",)
    words = (
        "systems thinking", "systems question*", "thinking question*", "reflection",
        "reflection question*", "questions",
    )  # fmt: skip
    lack = "no systems-thinking questions at the end"

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """A section that asks hardly anything."""
        sections = list(self.at_sections(module))
        if sections and all(_questions(section) < _ENOUGH for section, _ in sections):
            place = sections[0][1]
            message = "the section on systems thinking asks fewer than two questions"
            yield self.diagnostic(place.cell, place.start, place.end, message)


def _questions(section: Section) -> int:
    """How much is asked: question marks, and blanks to fill in."""
    texts = [block.text for block in section.blocks if block.kind is not BlockKind.CODE]
    return sum(text.count("?") + text.count("_____") for text in texts)
