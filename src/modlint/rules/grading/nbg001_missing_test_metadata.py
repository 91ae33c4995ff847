"""NBG001: a test stands in a cell that nbgrader does not grade."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from modlint.analysis.module import CodeUnit, DefinitionNode, FunctionNode, Module, fact
from modlint.analysis.syntax import cst
from modlint.analysis.testing import is_test
from modlint.analysis.trees import blocks_of
from modlint.diagnostics import Applicability, Change, Fix, Severity
from modlint.notebook.grading import is_graded
from modlint.rules.base import StatementRule


def _with_blocks(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those in blocks of theirs that are no function and no class."""
    for node in body:
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef):
            for block in blocks_of(node):
                yield from _with_blocks(block)


class MissingTestMetadata(StatementRule):
    """Tests that nbgrader does not grade: their cells have no test metadata.

    A test function, or a class of tests, outside any graded cell.
    """

    code = "NBG001"
    name = "missing-test-metadata"
    severity = Severity.ERROR

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[DefinitionNode]:
        """The headers of the tests in a cell that is not graded."""
        if _is_asked(module, unit) and unit.tree is not None:
            for node in _with_blocks(unit.tree.body):
                if isinstance(node, DefinitionNode) and is_test(node, module):
                    yield node

    def visit_FunctionDef(self, node: cst.FunctionDef | cst.ClassDef) -> bool:
        """One diagnostic for each test; those of one cell share a fix that splits it."""
        test = self.candidate.same_in_ast(node)
        assert isinstance(test, DefinitionNode)
        if _is_asked(self.module, self.unit) and is_test(test, self.module):
            # In a block, only the author can tell.
            is_top = self.unit.tree is not None and test in self.unit.tree.body
            fix = _fix(self.module, self.unit) if is_top else None
            self.report(node, f"{test.name} is not graded: its cell has no test metadata", fix)
        return False

    visit_ClassDef = visit_FunctionDef


def _is_asked(module: Module, unit: CodeUnit) -> bool:
    return module.file.is_notebook and not is_graded(unit.cell)


@fact
def _fix(module: Module, unit: CodeUnit) -> Fix | None:
    """The fix of all tests of a cell."""
    from modlint.rules.grading._split import split_tests

    tests = [node for node in unit.tree.body if is_test(node, module)] if unit.tree else []
    split = split_tests(module, unit, tests)
    if split is None:
        return None
    points = ", ".join(f"{p:g}" for p in split.points)
    what = "a graded cell" if len(split.points) == 1 else "graded cells"
    message = f"Make {what} of it ({points} points)"
    return Fix(Applicability.SAFE, message, split.rewrite, Change.CELLS)
