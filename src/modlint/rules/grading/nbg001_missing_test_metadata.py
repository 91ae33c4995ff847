"""NBG001: a test stands in a cell that nbgrader does not grade."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.testing import is_test
from modlint.analysis.trees import blocks_of
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Severity
from modlint.notebook.grading import is_graded
from modlint.rules.base import Rule


def _with_blocks(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those in blocks of theirs that are no function and no class."""
    for node in body:
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef):
            for block in blocks_of(node):
                yield from _with_blocks(block)


class MissingTestMetadata(Rule):
    """Tests that nbgrader does not grade: their cells have no test metadata.

    A test function, or a class of tests, outside any graded cell.
    """

    code = "NBG001"
    name = "missing-test-metadata"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each test; those of one cell share a fix that splits it."""
        if not module.file.is_notebook:
            return
        for unit in module.parsed_units:
            if is_graded(unit.cell) or unit.tree is None:
                continue
            tests = [n for n in unit.tree.body if is_test(n, module)]
            fix = self._fix(module, unit, tests) if tests else None
            for node in _with_blocks(unit.tree.body):
                if is_test(node, module):
                    assert isinstance(node, FunctionNode | ast.ClassDef)
                    message = f"{node.name} is not graded: its cell has no test metadata"
                    own = fix if node in tests else None  # in a block, only the author can tell
                    start, end = unit.start(node), unit.end(node)
                    yield self.diagnostic(unit.index, start, end, message, own)

    @staticmethod
    def _fix(module: Module, unit: CodeUnit, tests: list[ast.stmt]) -> Fix | None:
        from modlint.rules.grading._split import split_tests

        split = split_tests(module, unit, tests)
        if split is None:
            return None
        points = ", ".join(f"{p:g}" for p in split.points)
        what = "a graded cell" if len(split.points) == 1 else "graded cells"
        message = f"Make {what} of it ({points} points)"
        return Fix(Applicability.SAFE, message, split.rewrite, Change.CELLS)
