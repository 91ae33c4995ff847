"""NBG012: a role that does not fit the kind of the cell, or a flag that says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grading import (
    FLAGS,
    flag_of,
    grading_of,
    has_flag,
    is_set,
    problems_of,
)
from modlint.notebook.regions import RegionKind, delimiters, text_of
from modlint.rules.base import CellRule
from modlint.rules.grading._family import metadata_fix, points_for, with_metadata


class WrongCellRole(CellRule):
    """Text that is half an answer, tasks that are no text, raw cells, and flags in vain."""

    code = "NBG012"
    name = "wrong-cell-role"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """At most one diagnostic for each cell; a warning where nbgrader takes the role."""
        grading = grading_of(cell)
        if any(flag_of(grading, flag) is None for flag in (*FLAGS, "task")):
            return  # NBG003 says so; what role is meant is unclear
        if (why := _refusal(cell.kind, grading)) is not None:
            yield self.on_marker(module, index, why, _role_fix(module, index))
        elif _counts_twice(grading):
            message = "a task that is graded besides counts its points twice"
            role = "an answer that a person grades" if is_set(grading, "solution") else "a task"
            fix = metadata_fix(
                module, index, _one_role(grading), f"Make it {role}", Applicability.UNSAFE
            )
            yield self.on_marker(module, index, message, fix, Severity.WARNING)
        elif (why := _idle_lock(grading)) is not None:
            unlocked = {**grading, "locked": False}
            fix = metadata_fix(module, index, unlocked, "Set locked to false")
            yield self.on_marker(module, index, why, fix, Severity.WARNING)


def _refusal(kind: CellKind, grading: Mapping[str, Any]) -> str | None:
    """Why nbgrader refuses the role in a cell of this kind; None where it takes it.

    Seen in nbgrader 0.9: a task may be graded or a solution besides, in Markdown alone.
    """
    if is_set(grading, "task"):
        return None if kind is CellKind.MARKDOWN else f"nbgrader refuses a task in a {kind} cell"
    if kind is CellKind.RAW and has_flag(grading):
        return "nbgrader refuses a raw cell that is graded, a solution or locked"
    graded, solution = is_set(grading, "grade"), is_set(grading, "solution")
    if kind is CellKind.MARKDOWN and graded != solution:
        half = "is graded but no solution" if graded else "is a solution but not graded"
        return f"nbgrader refuses Markdown that {half}"
    return None


def _idle_lock(grading: Mapping[str, Any]) -> str | None:
    """What nbgrader makes of a lock that differs from what the role has; None where none does.

    A test cell is locked whatever it says, and nbgrader's own notebooks say false: that harms
    nobody.
    """
    if "locked" not in grading or is_set(grading, "task"):
        return None
    if is_set(grading, "solution") and is_set(grading, "locked"):
        return "locked is ignored: a solution cell is never locked"
    return None


def _counts_twice(grading: Mapping[str, Any]) -> bool:
    """Whether the gradebook gets the points of a cell twice: as a graded cell and as a task."""
    return is_set(grading, "task") and is_set(grading, "grade")


# --- the ways out -----------------------------------------------------------------------------


def _one_role(grading: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata with one role instead of two: an answer where it is a solution, or else a task.

    Other metadata stays as it is.
    """
    if not _counts_twice(grading):
        return dict(grading)
    if not is_set(grading, "solution"):
        return {**grading, "grade": False}
    return {**{k: v for k, v in grading.items() if k != "task"}, "locked": False}


def _role_fix(module: Module, index: int) -> Fix | None:
    """The way out of a role that nbgrader refuses; None where only the author knows it."""
    cell = module.file.cells[index]
    if cell.kind is CellKind.MARKDOWN:
        return _text_fix(module, index)
    if cell.kind is CellKind.CODE and not cell.source.strip():
        return _move_fix(module, index)
    return None


def _text_fix(module: Module, index: int) -> Fix | None:
    """A fix that makes text an answer that a person grades, or else a task that stays to be read.

    nbgrader replaces the whole text of an answer that holds no region. Where the metadata
    does not say that the text is an answer, that is for the author to choose.
    """
    cell = module.file.cells[index]
    grading = grading_of(cell)
    worth = grading.get("points", points_for(module, index))
    if worth is None:
        return None
    shown = f"({worth} points)"
    kept = {**grading, "points": worth}
    answer = metadata_fix(
        module,
        index,
        {**kept, "grade": True, "locked": False, "solution": True},
        f"Make it an answer that a person grades {shown}",
        Applicability.UNSAFE,
    )
    if is_set(grading, "solution") or _has_region(module, cell):
        return answer
    task = metadata_fix(
        module,
        index,
        {**kept, "grade": False, "locked": True, "solution": False, "task": True},
        f"Make it a task, whose text stays {shown}",
        Applicability.DISPLAY,
    )
    return replace(answer, applicability=Applicability.DISPLAY, alternatives=(task,))


def _has_region(module: Module, cell: Cell) -> bool:
    found = delimiters(text_of(cell), module.grader)
    return any(mark.kind is RegionKind.SOLUTION for mark in found)


def _move_fix(module: Module, index: int) -> Fix | None:
    """A fix that gives the metadata of an empty code cell to the text right below it."""
    cells = module.file.cells
    if index + 1 >= len(cells) or problems_of(cells[index]):
        return None
    cell, below = cells[index], cells[index + 1]
    if below.kind is not CellKind.MARKDOWN or "nbgrader" in below.metadata:
        return None

    def rewrite() -> Patch:
        return Patch(
            {
                index: (with_metadata(cell, None),),
                index + 1: (with_metadata(below, _one_role(grading_of(cell))),),
            }
        )

    message = "Move the metadata to the Markdown cell below"
    return Fix(Applicability.UNSAFE, message, rewrite, Change.METADATA)
