"""CEL006: Python code stands in a cell that jupytext takes for Markdown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.analysis.parsing import SyntaxProblem, is_prose, parse
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Position, Severity
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.rules.base import CellRule


class CodeInMarkdown(CellRule):
    """Statements below the text of a Markdown cell: Python runs them, the notebook shows them."""

    code = "CEL006"
    name = "code-in-markdown"
    severity = Severity.ERROR
    checks = ("markdown-format",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each Markdown cell of a percent file that holds code."""
        if cell.kind is not CellKind.MARKDOWN or cell.marker is None or is_prose(cell.source):
            return
        tree = parse(cell.source)
        if isinstance(tree, SyntaxProblem):
            return
        code = [node for node in tree.body if not _is_text(node)]
        if not code:
            return
        first, last = code[0], code[-1]
        start = Position(cell.row + first.lineno - 1, first.col_offset + 1)
        end_row = cell.row + (last.end_lineno or last.lineno) - 1
        end = Position(end_row, (last.end_col_offset or 0) + 1)
        message = "this code stands in a Markdown cell: it runs, but the notebook shows it as text"
        fix = _fix(index, cell, tree, first)
        yield self.diagnostic(index, start, end, message, fix)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _fix(index: int, cell: Cell, tree: ast.Module, first: ast.stmt) -> Fix | None:
    """A marker above the code, where nothing but text stands before it."""
    before = [node for node in tree.body if node.lineno < first.lineno]
    if not before or not all(_is_text(node) for node in before):
        return None
    cut = before[-1].end_lineno or before[-1].lineno
    if cut >= first.lineno:  # on the line of the closing quotes
        return None

    def rewrite() -> Patch:
        lines = editor_lines(cell.source)
        ending = re.sub(r"[^\r\n]", "", lines[0])
        text, code = "".join(lines[:cut]), "".join(lines[cut:]).lstrip("\r\n")
        marker = f"# %%{ending}"
        new = Cell(CellKind.CODE, code, cell.row + cut + 2, marker)
        return Patch({index: (replace(cell, source=text + ending), new)})

    message = "Put a `# %%` above the code"
    return Fix(Applicability.SAFE, message, rewrite, Change.MARKER)
