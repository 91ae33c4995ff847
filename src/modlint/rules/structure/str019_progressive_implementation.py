"""STR019: two things to write in a row, and no word between them."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.prose import Block, BlockKind, prose_of
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_block, top_of


class ProgressiveImplementation(EvidenceRule):
    """A cell that a student fills in, with no explanation of its own above it."""

    code = "STR019"
    name = "progressive-implementation"
    severity = Severity.INFO
    checks = ("progressive",)
    lack = "no explanation stands above any of the cells that students fill in"

    def subject(self, module: Module) -> Evidence | None:
        """The module, where students have something to fill in."""
        return top_of(module) if solutions_of(module) else None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The headings under which the solutions stand, step by step."""
        for unit, names, explained in _steps(module):
            if explained is not None:
                yield of_block(module, explained, f"{explained.text or unit.index} → {names}")

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each cell to fill in that follows another with no Markdown cell between them."""
        for unit, names, explained in _steps(module):
            if explained is None:
                message = f"no explanation stands between {names} and the solution above"
                yield self.on_marker(module, unit.index, message)


def _steps(module: Module) -> Iterator[tuple[CodeUnit, str, Block | None]]:
    """Each solution cell, what it defines, and the heading (or text) that leads up to it."""
    above = -1
    cells = {unit.index: unit for unit in (s.unit for s in solutions_of(module))}
    for index, unit in cells.items():
        between = [b for b in prose_of(module).blocks if above < b.cell < index]
        headings = [b for b in between if b.kind is BlockKind.HEADING]
        names = dict.fromkeys(s.top.name for s in solutions_of(module) if s.unit is unit)
        yield unit, ", ".join(names), next(reversed(headings or between), None)
        above = index
