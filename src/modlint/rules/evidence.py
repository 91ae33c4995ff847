"""Rules that look for something good: what they find is evidence, what is missing a diagnostic."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from modlint.analysis.module import CodeUnit, Module, fact
from modlint.analysis.prose import Block, BlockKind, Section, prose_of
from modlint.analysis.words import phrases
from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import editor_lines
from modlint.rules.base import ModuleRule, cell_at


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in a module that shows something, and what it shows.

    ``cell`` is the 0-based index of the cell; rows are those of the file, in a
    notebook those of the cell. ``what`` is a heading, a name, a few words.
    """

    cell: int
    start: Position
    end: Position
    what: str


class EvidenceRule(ModuleRule):
    """A rule that is content when it finds evidence.

    ``words``: phrases that count as evidence, unless the settings name others under
    the rule's name (see :func:`modlint.analysis.words.phrases`); ``lack``: the
    message where there is no evidence at all.
    """

    words: ClassVar[tuple[str, ...]] = ()
    lack: ClassVar[str]

    @abstractmethod
    def evidence(self, module: Module) -> Iterator[Evidence]:
        """Everything in the module that shows what the rule asks for, the best of a place first."""

    def subject(self, module: Module) -> Evidence | None:
        """Where a lack is reported, with what it is about; None where the rule does not apply."""
        return top_of(module)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterable[Diagnostic]:
        """Where the evidence is there and falls short."""
        return ()

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic where there is no evidence, else one for each shortfall."""
        subject = self.subject(module) if module.file.is_notebook else None
        if subject is None:
            return
        found = self.found(module)
        if found:
            yield from self.shortfalls(module, found)
        else:
            message = self.lack.format(subject.what)
            yield self.diagnostic(subject.cell, subject.start, subject.end, message)

    def found(self, module: Module) -> list[Evidence]:
        """The evidence from top to end, one for each place; looked for once a module."""
        return _found(module, self)

    def matches(self, module: Module, text: str) -> str:
        """The first of the rule's words in ``text``, as it is written there; else empty."""
        words = module.settings.evidence.get(self.name, self.words)
        found = phrases(tuple(words)).search(text)
        return found[0] if found else ""

    def at_sections(self, module: Module) -> Iterator[tuple[Section, Evidence]]:
        """The sections whose heading has the rule's words."""
        for section in prose_of(module).sections:
            heading = section.heading
            if self.matches(module, heading.text):
                last = section.last
                yield section, rows(module, heading.cell, heading.first, last, heading.text)

    def at_headings(self, module: Module) -> Iterator[Evidence]:
        """The sections whose heading, and the paragraphs whose bold label, has the words."""
        yield from (evidence for _, evidence in self.at_sections(module))
        for block in prose_of(module).blocks:
            if block.label and self.matches(module, block.label):
                yield of_block(module, block, block.label)

    def at_text(self, module: Module) -> Iterator[Evidence]:
        """The blocks of Markdown, code and pictures aside, that have the words."""
        for block in prose_of(module).blocks:
            word = "" if block.kind is BlockKind.CODE else self.matches(module, block.text)
            if word:
                yield of_block(module, block, word)

    def at(
        self, unit: CodeUnit, first: ast.stmt | ast.arg, message: str, last: ast.stmt | None = None
    ) -> Diagnostic:
        """A diagnostic on a statement (a definition: on its header) or a parameter."""
        found = of_node(unit, first, "")
        end = unit.end(last) if last is not None else found.end
        return self.diagnostic(found.cell, found.start, end, message)


@fact
def _found(module: Module, rule: EvidenceRule) -> list[Evidence]:
    places: dict[tuple[int, Position], Evidence] = {}
    for evidence in rule.evidence(module) if module.file.is_notebook else ():
        places.setdefault((evidence.cell, evidence.start), evidence)
    return [places[place] for place in sorted(places)]


def of_node(unit: CodeUnit, node: ast.stmt | ast.expr | ast.arg, what: str) -> Evidence:
    """Evidence from the first to the last row of ``node``."""
    start = unit.start(node)
    return Evidence(cell_at(unit, start.row), start, unit.end(node), what)


def of_block(module: Module, block: Block, what: str) -> Evidence:
    """Evidence that is a block of Markdown."""
    return rows(module, block.cell, block.first, block.last, what)


def rows(module: Module, cell: int, first: int, last: int, what: str) -> Evidence:
    """Evidence from the row ``first`` to the row ``last`` of a cell."""
    found = module.file.cells[cell]
    lines = editor_lines(found.source)
    index = last - found.row
    text = lines[index].rstrip("\r\n") if 0 <= index < len(lines) else ""
    return Evidence(cell, Position(first, 1), Position(last, len(text) + 1), what)


def top_of(module: Module) -> Evidence | None:
    """The first line of the first cell: what a module lacks as a whole is reported there."""
    if not module.file.cells:
        return None
    cell = module.file.cells[0]
    marker = (cell.marker or "").rstrip("\r\n")
    start = Position(cell.marker_row, 1)
    return Evidence(0, start, Position(start.row, len(marker) + 1), "the module")
