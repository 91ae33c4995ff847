"""EXP004: a test is shipped with the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.testing import is_test
from modlint.analysis.trees import walk
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.directives import (
    EXPORTS,
    Directive,
    export_of,
    inert,
    is_exported,
    leading,
    without_line,
)
from modlint.rules.base import CellRule


class ExportedTest(CellRule):
    """A test in a cell that nbdev copies into the package."""

    code = "EXP004"
    name = "exported-test"
    severity = Severity.WARNING

    def check_code(self, module: Module, unit: CodeUnit) -> Iterator[Diagnostic]:
        """One diagnostic for each test; those of one cell share its fix."""
        if not module.file.is_notebook:
            return
        directive = export_of(unit.cell)
        if directive is None or unit.tree is None:
            return
        tests = [node for node in unit.tree.body if is_test(node, module)]
        fix = _fix(module, unit, tests) if tests else None
        also = "" if directive.name == "exporti" else " and listed in its `__all__`"
        for node in tests:
            assert isinstance(node, FunctionNode | ast.ClassDef)
            message = f"{node.name} is shipped with the package{also}, where nothing runs it"
            yield self.diagnostic(unit.index, unit.start(node), unit.end(node), message, fix)


def _fix(module: Module, unit: CodeUnit, tests: list[ast.stmt]) -> Fix | None:
    """Without its directive, a cell of nothing but tests is exported no more.

    A test beside other code gets its own cell from NBG001.
    """
    if not unit.is_one_cell or not all(_serves(node, tests) for node in _body(unit)):
        return None
    others = [u for u in module.parsed_units if u is not unit and is_exported(u.cell)]
    used = set().union(*(s.names.uses for u in others for s in u.block))
    if used & unit.binds:
        return None
    cell = unit.cell
    if any(directive.is_metadata and _exports(directive) for directive in leading(cell)):
        return None

    def rewrite() -> Patch:
        source = cell.source
        # Below code, a second one would then be reported: it reads as if the cell were exported.
        for directive in reversed([*leading(cell), *inert(cell, _exports)]):
            if _exports(directive):
                source = without_line(source, directive.line)
        return Patch({unit.index: (replace(cell, source=source),)})

    return Fix(Applicability.UNSAFE, "Do not export the cell", rewrite, Change.DIRECTIVES)


def _exports(directive: Directive) -> bool:
    return directive.name in EXPORTS


def _body(unit: CodeUnit) -> list[ast.stmt]:
    return unit.tree.body if unit.tree else []


def _serves(node: ast.stmt, tests: list[ast.stmt]) -> bool:
    """Whether a statement is a test, calls it, or may stand beside it in a cell of tests."""
    if node in tests or isinstance(node, ast.Import | ast.ImportFrom) or is_main_guard(node):
        return True
    names = {test.name for test in tests if isinstance(test, FunctionNode | ast.ClassDef)}
    return isinstance(node, ast.Expr) and (
        isinstance(node.value, ast.Constant)
        or any(isinstance(part, ast.Name) and part.id in names for part in walk(node))
    )
