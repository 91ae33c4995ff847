"""NBG006: nbgrader replaces a whole solution cell by its stub."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.diagnostics import Diagnostic, Fix, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.directives import leading
from modlint.notebook.grading import is_graded, is_solution
from modlint.notebook.regions import RegionKind, delimiters, release, text_of
from modlint.rules.base import CellRule
from modlint.rules.grading._regions import near_misses

#: What is told of what is lost, before "and N more".
_SHOWN = 3
#: In a text cell: signs that it asks, rather than answers.
_ASKS = re.compile(
    r"\?|^#+ |^\W*Question\b|\b(?:TODO|Your (?:answer|response|task))\b",
    re.MULTILINE | re.IGNORECASE,
)
#: Where a question mark asks nothing.
_ADDRESS = re.compile(r"\w+://\S+|(?<=\])\([^)\s]*\)")
_PLACEHOLDER = re.compile(r"\W*your (?:answer|response|text)(?: goes)? here\W*", re.IGNORECASE)
#: A line of a blank page, in whatever language: nothing, a comment, or what stands for code.
_BLANK = re.compile(
    r"\s*(?:(?:#(?!\s*\|)|//|--|;|/\*|\*|\(\*|%(?![%\w])).*|pass|\.\.\.|NULL|nothing|"
    r"raise NotImplementedError\b.*|fail\(.*\)|(?:stop|error)\(.*\)|throw\b.*)?[;\s]*"
)


class SolutionWiped(CellRule):
    """A solution cell in which no region says what the answer is."""

    code = "NBG006"
    name = "solution-wiped"
    severity = Severity.ERROR
    checks = ("solution-regions",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each cell that would lose something."""
        if not is_solution(cell) or not release(cell, module.grader).is_wiped:
            return
        unit = module.unit_at.get(index)
        if cell.kind is CellKind.CODE and is_graded(cell) and not leading(cell):
            return  # a person grades what students write on the blank page
        lost = _lost_code(cell, unit) if cell.kind is CellKind.CODE else _lost_text(cell)
        if not lost or near_misses(cell, RegionKind.SOLUTION, module.grader):
            return
        message = f"no solution region: nbgrader wipes the cell, silently (exit 0); {lost}"
        marks = delimiters(text_of(cell), module.grader)
        end = next((mark for mark in marks if mark.kind is RegionKind.SOLUTION), None)
        if end is not None:
            place = module.where(index, cell.row + end.line - 1)
            message += f" (the END SOLUTION of {place} has no BEGIN)"
        fix = _fix(module, unit) if unit is not None else None
        yield self.on_marker(module, index, message, fix)


def _fix(module: Module, unit: CodeUnit) -> Fix | None:
    from modlint.rules.grading._wiped import fix_of

    return fix_of(module, unit)


def _lost_text(cell: Cell) -> str:
    """What a Markdown cell loses; nothing where it is a model answer, or empty."""
    text = text_of(cell).strip()
    if not text or _PLACEHOLDER.fullmatch(text) or not _ASKS.search(_ADDRESS.sub(" ", text)):
        return ""
    return "the question is lost"


def _is_blank(cell: Cell) -> bool:
    return all(map(_BLANK.fullmatch, cell.source.splitlines()))


def _is_idle(node: ast.stmt) -> bool:
    """Whether a statement stands where the answer is to come: ``...``, ``pass``, a docstring."""
    if isinstance(node, ast.Raise):
        return "NotImplementedError" in ast.unparse(node)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and (node.value.value is ... or isinstance(node.value.value, str))
    )


def _lost_code(cell: Cell, unit: CodeUnit | None) -> str:
    """What a code cell loses, in words; nothing where it is the student's blank page."""
    body = unit.tree.body if unit is not None and unit.tree is not None else []
    is_blank = _is_blank(cell) or (body != [] and all(map(_is_idle, body)))
    if is_blank and not leading(cell):
        return ""
    lost = [
        f"`{directive.text.strip()}`" for directive in leading(cell) if not directive.is_metadata
    ]
    imports = sum(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
    if imports:
        lost.append(f"{imports} import" + "s" * (imports != 1))
    names = [node.name for node in body if isinstance(node, FunctionNode | ast.ClassDef)]
    lost += names
    if not lost:
        return "its text is lost" if not body else "its code is lost"
    shown = lost[:_SHOWN] if len(lost) > _SHOWN + 1 else lost
    more = len(lost) - len(shown)
    tail = f" and {more} more" if more else ""
    return f"lost: {', '.join(shown)}{tail}"
