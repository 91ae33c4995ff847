"""NBG010: a graded cell defines a test and never calls it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.scopes import is_generator
from modlint.analysis.testing import is_test
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.grading import is_graded, is_solution
from modlint.notebook.regions import is_delimiter
from modlint.rules.base import CellRule
from modlint.rules.grading._tests import KernelRun, worth

#: Of a new guard.
_INDENT = "    "


class GradedTestNotCalled(CellRule):
    """A test that nbgrader only sees defined: it cannot fail, so its cell gives full points."""

    code = "NBG010"
    name = "graded-test-not-called"
    severity = Severity.ERROR
    # A new graded cell scores; before there was nothing to score.
    revealed_by = frozenset((Change.CELLS,))

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each test; those of one cell share a fix that calls them."""
        if not module.file.is_notebook:
            return
        if is_graded(unit.cell) and not is_solution(unit.cell):
            yield from self._in_cell(module, unit)

    def _in_cell(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        assert unit.tree is not None
        definitions = [n for n in unit.tree.body if isinstance(n, FunctionNode | ast.ClassDef)]
        tests = {n.name: n for n in definitions if _may_be_test(n, module)}
        run = KernelRun(module, unit) if tests else None
        if run is None or run.reaches_all:
            return
        silent = [
            node
            for name, node in tests.items()
            if name not in run.reached and not _is_autotested(module, unit, name)
        ]
        if run.checks:  # beside what checks, a class or what takes arguments may be a helper
            silent = [n for n in silent if isinstance(n, FunctionNode) and is_test(n, module)]
        calls = [node.name for node in silent if _can_be_called(node, module)]
        # Behind the call of a test that does not exist, nothing runs any more.
        is_open = calls and _is_open(module, unit) and not run.missing_tests
        fix = _fix(unit, calls) if is_open else None
        for node in silent:
            message = f"{node.name} is never called in its cell{_consequence(unit.cell, run)}"
            own = fix if node.name in calls else None
            yield self.diagnostic(unit.index, unit.start(node), unit.end(node), message, own)


def _may_be_test(node: FunctionNode | ast.ClassDef, module: Module) -> bool:
    """Whether ``node`` defines a test, one that asks for arguments (fixtures) included."""
    if isinstance(node, FunctionNode):
        return module.settings.is_test_name(node.name)
    return is_test(node, module) or any("TestCase" in ast.unparse(base) for base in node.bases)


def _can_be_called(node: FunctionNode | ast.ClassDef, module: Module) -> bool:
    """Whether a bare call runs the test: no arguments, nothing to await or to iterate over."""
    return isinstance(node, ast.FunctionDef) and is_test(node, module) and not is_generator(node)


def _is_autotested(module: Module, unit: CodeUnit, name: str) -> bool:
    """Whether a test that nbgrader writes itself names ``name``."""
    word = module.grader.autotest
    lines = unit.text.split("\n") if word in unit.text else []
    return any(re.search(rf"{re.escape(word)}.*\b{name}\b", line) for line in lines)


def _consequence(cell: Cell, run: KernelRun) -> str:
    if run.missing_tests:
        return f", which calls {run.missing_tests[0]} instead: there is no such test"
    amount = worth(cell)
    if run.checks:
        return f": the score of the cell ({amount}) does not depend on it"
    return f": {amount} for an empty submission"


def _is_open(module: Module, unit: CodeUnit) -> bool:
    """Whether a call at the end of the cell would see in the release what it sees here."""
    return unit.is_one_cell and not is_delimiter(unit.text, module.grader)


def _fix(unit: CodeUnit, tests: list[str]) -> Fix:
    calls = ", ".join(f"{name}()" for name in tests)

    def rewrite() -> Patch:
        cell = replace(unit.cell, source=_with_calls(unit, tests))
        return Patch({unit.index: (cell,)})

    return Fix(Applicability.UNSAFE, f"Call {calls} under a guard", rewrite, Change.CALLS)


def _with_calls(unit: CodeUnit, tests: list[str]) -> str:
    """The text of the cell with guarded calls of ``tests`` at its end; blank lines below stay."""
    from modlint.analysis.fragment import fragment_of  # and with it LibCST
    from modlint.codemods.base import CodemodContext
    from modlint.codemods.guarded_call import AppendGuardedCall

    end = fragment_of(unit, unit.block[-1].first_line, len(unit.lines))
    return end.rewritten(AppendGuardedCall(CodemodContext(), tests, indent=_INDENT))
