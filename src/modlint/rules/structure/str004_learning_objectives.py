"""STR004: nothing says what a student will be able to do."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind
from modlint.diagnostics import Diagnostic
from modlint.rules.evidence import Evidence
from modlint.rules.structure._headings import HeadingRule


class LearningObjectives(HeadingRule):
    """No section of objectives, or one that is no list."""

    code = "STR004"
    name = "learning-objectives"
    checks = ("objectives",)
    words = (
        "learning objective*", "learning goal*", "learning outcome*", "objectives",
        "what you will learn", "what you'll learn",
    )  # fmt: skip
    lack = "no learning objectives: students cannot tell what they are to learn"

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Objectives that are no list of at least two."""
        sections = list(self.at_sections(module))
        lists = [
            [block for block in section.blocks if block.kind is BlockKind.ITEM]
            for section, _ in sections
        ]
        if sections and all(len(items) < 2 for items in lists):
            place = sections[0][1]
            message = "the learning objectives are no list, so none can be ticked off"
            yield self.diagnostic(place.cell, place.start, place.end, message)
