"""COV007: the module teaches mixed precision, and no test mixes it."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.prose import BlockKind, prose_of
from modlint.analysis.signatures import functions_of
from modlint.analysis.solutions import solutions_of
from modlint.analysis.words import phrases
from modlint.diagnostics import Severity
from modlint.rules.coverage._family import TestRule, of_test, testing, words_of
from modlint.rules.evidence import Evidence, of_block, of_node

_MIXED = phrases(("mixed precision",))


class NoMixedPrecision(TestRule):
    """No test of layers of different precision side by side."""

    code = "COV007"
    name = "no-mixed-precision"
    severity = Severity.WARNING
    words = ("mixed precision*", "mix* precisions")
    lack = "teaches mixed precision ({}), and no test mixes precisions"

    def subject(self, module: Module) -> Evidence | None:
        """What teaches it: a section, a labelled paragraph or a function of that name.

        A word in passing, in a question or a list, teaches nothing.
        """
        if not solutions_of(module):
            return None
        for function in functions_of(module):
            if _MIXED.search(function.node.name):
                return of_node(function.unit, function.node, function.node.name)
        for block in prose_of(module).blocks:
            is_heading = block.kind is BlockKind.HEADING
            title = block.text if is_heading else block.label
            if block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH) and _MIXED.search(title):
                return of_block(module, block, title)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests that run a solution and have the words: name, comment, variable, message."""
        for covered in testing(module):
            word = self.matches(module, words_of(covered))
            if word:
                yield of_test(covered, f"{covered.test.name}: {word}")
