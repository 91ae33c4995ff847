"""Promise 4, grading: the release runs what it ran, and each graded cell has the value it had.

What nbgrader makes of a cell for the release is worked out for the cell before and after the fix.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.analysis.showing import Values
from modlint.analysis.trees import first_line
from modlint.diagnostics import Applicability, Change, Fix
from modlint.fixing.proof.comments import comments
from modlint.fixing.proof.notebook import value_objection
from modlint.fixing.proof.statements import (
    Code,
    functions_in,
    has_new_demo,
    is_typing_import,
    opened,
    statement_rows,
    statements_objection,
    written_lines,
)
from modlint.notebook.cell import Cell, CellKind, editor_lines
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import is_graded, is_solution, is_task, problems_of
from modlint.notebook.percent import markdown_text
from modlint.notebook.regions import delimiters, is_delimiter, release, text_near_miss


def metadata_objection(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> str | None:
    """Why nbgrader would take the metadata, or the regions, no longer."""
    allowed = len(problems_of(old))
    if sum(len(problems_of(cell)) for cell in new) > allowed:
        return "would leave metadata that nbgrader refuses"
    if _releases(old, by) and not all(_releases(cell, by) for cell in new):
        return "would leave a cell that nbgrader cannot release"
    return None


def _releases(cell: Cell, by: GraderConfig) -> bool:
    """Whether what nbgrader makes of a code cell for the release is valid Python."""
    if cell.kind is not CellKind.CODE:
        return True
    released = release(cell, by)
    return not released.refusal and not isinstance(parse(released.source), SyntaxProblem)


def region_objection(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> str | None:
    """Of comments only delimiters may come; a cell may get the role of its region, if it had none.

    The cell stays one, and what it is worth stays.
    """
    if len(new) != 1:
        return "changes more than regions"
    (cell,) = new
    if not all(is_delimiter(c, by) for c in comments(cell.source) - comments(old.source)):
        return "would add a comment that is no delimiter"
    gained = {key for key in cell.metadata if cell.metadata[key] != old.metadata.get(key)}
    if not gained and len(cell.metadata) == len(old.metadata):
        return None
    is_answer = is_solution(cell) and not (is_graded(cell) or is_task(cell))
    has_region = is_delimiter(cell.source, by) and not release(cell, by).refusal
    fits = gained == {"nbgrader"} and "nbgrader" not in old.metadata and is_answer and has_region
    return None if fits else "changes more than regions"


def is_respelt(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> bool:
    """Whether a text cell is the same but for lines that were meant as delimiters, and now are."""
    if len(new) != 1 or replace(new[0], source=old.source) != old:
        return False
    before, after = markdown_text(old).split("\n"), markdown_text(new[0]).split("\n")
    return len(before) == len(after) and all(
        was == now or ((miss := text_near_miss(was, by)) is not None and miss.mended == now)
        for was, now in zip(before, after, strict=True)
    )


def grading_objection(
    old: Cell, new: tuple[Cell, ...], fix: Fix, values: Values, by: GraderConfig
) -> str | None:
    """Why a code cell may not become others: its release, or its value, would be another.

    ``values`` know the file. What a fix declares to be unsafe may change the value.
    """
    before = parse(old.source)
    after = [(cell.source, parse(cell.source)) for cell in new if cell.kind is CellKind.CODE]
    trees = [tree for _, tree in after if isinstance(tree, ast.Module)]
    if not isinstance(before, ast.Module) or len(trees) < len(after):
        return None
    known = functions_in(before)
    if is_graded(old) and any(has_new_demo(tree, known) for tree in trees):
        return "would put the tests of a graded cell into a function"
    released: list[Code] = []
    if is_delimiter(old.source, by):
        if (
            _places(old, new, before, known, by)
            if fix.change is Change.CELLS
            else _order(old, before, known, fix, by) != _order(new[0], trees[0], known, fix, by)
        ):
            return "would put a statement across a region delimiter"
        released = _released((old,), by)
        if (why := _release_objection(released, _released(new, by), fix)) is not None:
            return why
    if fix.applicability is not Applicability.SAFE:
        return None
    why = value_objection(values, (old.source, before), _parsed(new))
    if why is None and is_graded(old) and released:
        why = value_objection(values, released[0], _released(new, by))
    return why


def _parsed(cells: tuple[Cell, ...]) -> list[Code]:
    """Each code cell that parses: its text and its tree."""
    found = [(c.source, parse(c.source)) for c in cells if c.kind is CellKind.CODE]
    return [(text, tree) for text, tree in found if isinstance(tree, ast.Module)]


def _released(cells: tuple[Cell, ...], by: GraderConfig) -> list[Code]:
    """What students receive of the cells, where that is Python, and not a stub alone."""
    found = [release(cell, by) for cell in cells if cell.kind is CellKind.CODE]
    parsed = [(r.source, parse(r.source)) for r in found if not (r.refusal or r.is_wiped)]
    return [(text, tree) for text, tree in parsed if isinstance(tree, ast.Module)]


def _release_objection(before: list[Code], after: list[Code], fix: Fix) -> str | None:
    """Why the release would be another: it would not run the statements that it runs."""
    if not before or not after:
        return None  # there is none, or a stub alone; a new one that is no Python is seen elsewhere
    ((text, tree),) = before
    texts, trees = [t for t, _ in after], [t for _, t in after]
    if statements_objection(text, tree, texts, trees, fix) is not None:
        return "would change what the release runs"
    return None


def _order(
    cell: Cell, tree: ast.Module, known: set[str], fix: Fix, by: GraderConfig
) -> list[tuple[object, ...]]:
    """The delimiters of a cell, and before each the number of statements that begin above it.

    Imports of types, where the fix may add one, do not count.
    """
    body = tree.body
    if fix.change is Change.ANNOTATIONS:
        body = [node for node in body if not is_typing_import(node)]
    rows = sorted(statement_rows(body, known))
    return [(d.kind, d.begins, bisect_left(rows, d.line)) for d in delimiters(cell.source, by)]


def _places(
    old: Cell, new: tuple[Cell, ...], before: ast.Module, known: set[str], by: GraderConfig
) -> bool:
    """Whether a statement that moves to another cell comes into a region, or out of one."""
    was = Counter(_in_regions(old, before, known, by))
    now = Counter(
        place
        for cell in new
        for tree in [parse(cell.source)]
        if isinstance(tree, ast.Module) and cell.kind is CellKind.CODE
        for place in _in_regions(cell, tree, known, by)
    )
    return was != now


def _in_regions(
    cell: Cell, tree: ast.Module, known: set[str], by: GraderConfig
) -> Iterator[tuple[str, frozenset[str]]]:
    """Each statement at the top level, with the regions that it begins in."""
    marks = delimiters(cell.source, by)
    lines = editor_lines(cell.source)
    for node, _ in opened(tree.body, known):
        row = first_line(node)
        above = [mark for mark in marks if mark.line < row]
        last = {mark.kind: mark.begins for mark in above}
        yield written_lines(lines, node), frozenset(kind for kind, begins in last.items() if begins)
