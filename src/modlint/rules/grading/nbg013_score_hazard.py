"""NBG013: what a graded cell puts out changes its points, whatever its tests say."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.trees import dotted, walk
from modlint.diagnostics import Change, Diagnostic, Severity
from modlint.notebook.grading import grading_of, is_graded, is_solution
from modlint.rules.base import CellRule, cell_at
from modlint.rules.grading._stderr import Output, may_write, writes
from modlint.rules.grading._tests import KernelRun, running
from modlint.rules.grading._values import Kind, kinds_of

#: How much of an expression a message shows.
_SHOWN = 40


class ScoreHazard(CellRule):
    """A last value that nbgrader takes for points, a failure that it never sees, or stderr."""

    code = "NBG013"
    name = "score-hazard"
    severity = Severity.WARNING
    # A new graded cell scores; before there was nothing to score.
    revealed_by = frozenset((Change.CELLS,))

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each last value, and for each call that writes on stderr."""
        if is_graded(unit.cell) and not is_solution(unit.cell):
            yield from self._value(module, unit)
            yield from self._stderr(module, unit)

    def _value(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        assert unit.tree is not None
        last = unit.tree.body[-1] if unit.tree.body else None
        if not isinstance(last, ast.Expr) or _is_quiet(unit, last):
            return
        kinds = kinds_of(last.value, module, unit.tree)
        shown = ast.unparse(last.value)
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        if Kind.NUMBER in kinds:
            points = grading_of(unit.cell).get("points")
            most = f" (0 to {points:g})" if isinstance(points, int | float) else ""
            message = f"nbgrader takes the value of `{shown}` for the points of the cell{most}"
        elif Kind.TRUTH in kinds and not _is_other_call(last.value, module):
            message = f"nbgrader gives full points even if `{shown}` is False"
        else:
            return
        yield self._at(unit, last, message)

    def _stderr(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        if not may_write(unit.text):
            return
        output = Output.of(module)
        for call in writes(_run_by(module, unit), output, module):
            message = f"`{dotted(call.func)}` writes on stderr: 0 points though the tests pass"
            yield self._at(unit, call, message)

    def _at(self, unit: CodeUnit, node: ast.stmt | ast.expr, message: str) -> Diagnostic:
        start = unit.start(node)
        return self.diagnostic(cell_at(unit, start.row), start, unit.end(node), message)


def _is_other_call(value: ast.expr, module: Module) -> bool:
    """Whether a function of the module is called that is no test: its result is not asked for."""
    path = dotted(value.func) if isinstance(value, ast.Call) else ""
    return path in module.definitions and not module.settings.is_test_name(path)


def _run_by(module: Module, unit: CodeUnit) -> Iterator[ast.AST]:
    """The statements of a cell that a kernel runs, those of the functions it calls included."""
    yield from running(unit.tree.body if unit.tree else [])
    run = KernelRun(module, unit)
    for name, definitions in module.definitions.items():
        if run.reaches_all or name in run.reached:
            for definition in definitions:
                if definition.unit is unit:
                    inner = walk(definition.node)
                    functions = (part for part in inner if isinstance(part, FunctionNode))
                    yield from (statement for f in functions for statement in f.body)


def _is_quiet(unit: CodeUnit, last: ast.Expr) -> bool:
    """Whether a semicolon at its end keeps the kernel from showing a value."""
    lines = unit.text.split("\n")
    end = last.end_lineno or last.lineno
    rest = lines[end - 1].encode()[last.end_col_offset or 0 :].decode()
    return rest.lstrip().startswith(";")
