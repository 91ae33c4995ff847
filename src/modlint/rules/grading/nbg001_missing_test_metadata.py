"""NBG001: a test stands in a cell that nbgrader does not grade."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from modlint.analysis.module import CodeUnit, DefinitionNode, FunctionNode, Module, fact
from modlint.analysis.scopes import names_of
from modlint.analysis.syntax import cst
from modlint.analysis.testing import is_test
from modlint.analysis.trees import blocks_of
from modlint.diagnostics import Applicability, Change, Fix, Severity
from modlint.notebook.grading import is_graded, is_solution
from modlint.notebook.kinds import Kind
from modlint.rules.base import StatementRule


def _with_blocks(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those in blocks of theirs that are no function and no class."""
    left = [*body][::-1]  # no generator in a generator: they may be nested a thousand times
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef):
            for block in reversed(blocks_of(node)):
                left += block[::-1]


def _is_reported(module: Module, unit: CodeUnit, node: ast.stmt) -> bool:
    return is_test(node, module) and _grades(module, unit, node)


def _grades(module: Module, unit: CodeUnit, test: ast.stmt) -> bool:
    """Whether a test says something of an answer, as all do where the module is the students'.

    In an assignment, students write solution cells alone: a test of what stands elsewhere passes
    on an empty submission, and its points would be a gift.
    """
    if module.settings.purpose.kind is not Kind.ASSIGNMENT or is_solution(unit.cell):
        return True
    given = dict(_given(module))
    for statement in unit.block:  # what stands beside the test is what it meets
        given.update(dict.fromkeys(statement.names.binds, frozenset(statement.names.uses)))
    waiting, seen = set(names_of([test]).uses), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in given:
            return True
        if name not in seen:
            seen.add(name)
            waiting |= given[name]
    return False


@fact
def _given(module: Module) -> dict[str, frozenset[str]]:
    """What the students find and do not write, and the names that each of it reads.

    A name of a solution cell, or of none (the cell is a blank page), is missing.
    """
    found: dict[str, set[str]] = {name: set() for name in dir(builtins)}
    written: set[str] = set()
    for unit in module.parsed_units:
        for statement in unit.block:
            names = statement.names
            for name in names.binds:
                found.setdefault(name, set()).update(names.uses)
            if is_solution(unit.cell):
                written |= names.binds
    return {name: frozenset(uses) for name, uses in found.items() if name not in written}


class MissingTestMetadata(StatementRule):
    """Tests that nbgrader does not grade: their cells have no test metadata.

    A test function, or a class of tests, outside any graded cell. In an assignment, only tests
    of what the students write.
    """

    code = "NBG001"
    name = "missing-test-metadata"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[DefinitionNode]:
        """The headers of the tests in a cell that is not graded."""
        if _is_asked(module, unit) and unit.tree is not None:
            for node in _with_blocks(unit.tree.body):
                if isinstance(node, DefinitionNode) and _is_reported(module, unit, node):
                    yield node

    def visit_FunctionDef(self, node: cst.FunctionDef | cst.ClassDef) -> bool:
        """One diagnostic for each test; those of one cell share a fix that splits it."""
        test = self.candidate.same_in_ast(node)
        assert isinstance(test, DefinitionNode)
        if _is_asked(self.module, self.unit) and _is_reported(self.module, self.unit, test):
            # In a block, only the author knows.
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

    body = unit.tree.body if unit.tree else []
    tests = [node for node in body if _is_reported(module, unit, node)]
    split = split_tests(module, unit, tests)
    if split is None:
        return None
    points = ", ".join(f"{p:g}" for p in split.points)
    what = "a graded cell" if len(split.points) == 1 else "graded cells"
    message = f"Make {what} of it ({points} points)"
    return Fix(Applicability.SAFE, message, split.rewrite, Change.CELLS)
