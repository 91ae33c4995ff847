"""STR005: the mathematics behind the code is missing."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import prose_of
from modlint.rules.evidence import Evidence, of_block
from modlint.rules.structure._headings import HeadingRule


class Mathematics(HeadingRule):
    """Neither a section on the mathematics nor an equation."""

    code = "STR005"
    name = "mathematics"
    checks = ("mathematics",)
    words = ("math*", "formula*", "equation*", "derivation*", "foundations", "theory")
    lack = "no mathematical foundations: neither a section nor an equation"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The sections, then every block that holds an equation."""
        yield from super().evidence(module)
        for block in prose_of(module).blocks:
            if block.is_formula:
                yield of_block(module, block, "an equation")
