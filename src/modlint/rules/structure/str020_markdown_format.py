"""STR020: Markdown that is not shown as it was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind, prose_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text
from modlint.rules.evidence import Evidence, EvidenceRule, rows

_GLUED = re.compile(r" {0,3}#{1,6}[A-Z0-9]")


class MarkdownFormat(EvidenceRule):
    """Markdown that is not shown as it was meant: open fences, glued headings, empty cells."""

    code = "STR020"
    name = "markdown-format"
    severity = Severity.WARNING
    checks = ("markdown-format",)
    lack = "no Markdown cell: the module explains nothing"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The Markdown cells in which nothing is wrong, by their first heading."""
        for index, cell in enumerate(module.file.cells):
            blocks = [b for b in prose_of(module).blocks if b.cell == index]
            if cell.kind is CellKind.MARKDOWN and blocks and not list(_faults(module, index)):
                title = next((b.text for b in blocks if b.kind is BlockKind.HEADING), "text")
                yield rows(module, index, blocks[0].first, blocks[-1].last, title)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each fault of a Markdown cell."""
        return self._diagnostics(module)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """Each fault, also where no cell is without one."""
        found = list(super().check(module))
        faults = list(self._diagnostics(module)) if module.file.is_notebook else []
        yield from faults or found

    def _diagnostics(self, module: Module) -> Iterator[Diagnostic]:
        for index, cell in enumerate(module.file.cells):
            if cell.kind is CellKind.MARKDOWN:
                for row, message in _faults(module, index):
                    place = rows(module, index, row, row, "")
                    yield self.diagnostic(index, place.start, place.end, message)


def _faults(module: Module, index: int) -> Iterator[tuple[int, str]]:
    """Row and message of each fault of a Markdown cell."""
    cell = module.file.cells[index]
    blocks = [b for b in prose_of(module).blocks if b.cell == index]
    if not markdown_text(cell).strip():
        yield cell.marker_row, "this Markdown cell is empty"
    for block in blocks:
        if block.is_open:
            yield block.first, "this fence is never closed: the rest of the cell is shown as code"
        if block.kind is BlockKind.PARAGRAPH:
            for offset, line in enumerate(block.text.split("\n")):
                if _GLUED.match(line):
                    row = block.first + offset
                    yield row, "this heading is shown as text: a space is missing behind the #"
