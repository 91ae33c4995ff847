"""STR001: nothing introduces the module."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind, prose_of
from modlint.rules.evidence import Evidence, rows
from modlint.rules.structure._headings import HeadingRule


class Introduction(HeadingRule):
    """Neither a title with a paragraph under it nor a section that introduces or motivates."""

    code = "STR001"
    name = "introduction"
    checks = ("introduction",)
    words = ("introduction", "motivation", "module overview")
    lack = "no introduction: neither a title with a paragraph under it nor a section of its own"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The title with the paragraphs that follow it, then the sections."""
        blocks = prose_of(module).blocks
        if len(blocks) > 1 and blocks[0].kind is BlockKind.HEADING and blocks[0].level == 1:
            title, last = blocks[0], blocks[0]
            for block in blocks[1:]:
                if block.cell != title.cell or block.kind is BlockKind.HEADING:
                    break
                last = block
            if last.kind is not BlockKind.HEADING:
                yield rows(module, title.cell, title.first, last.last, title.text)
        yield from super().evidence(module)
