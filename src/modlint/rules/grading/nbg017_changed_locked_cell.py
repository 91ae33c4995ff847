"""NBG017: a cell that nbgrader released locked is not as it was."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import Cell, Store
from modlint.notebook.grading import SCHEMA_VERSION, grading_of, problems_of
from modlint.notebook.kinds import Kind
from modlint.rules.base import CellRule


class ChangedLockedCell(CellRule):
    """A locked cell of a release or a submission whose checksum is that of another text."""

    code = "NBG017"
    name = "changed-locked-cell"
    severity = Severity.ERROR
    kinds = frozenset((Kind.RELEASE, Kind.SUBMISSION))

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each such cell; a percent file is no release."""
        if module.file.store is None or not module.settings.purpose.is_released:
            return
        grading = grading_of(cell)
        if "checksum" not in grading or not _is_locked(cell) or problems_of(cell):
            return
        if grading.get("schema_version") == SCHEMA_VERSION and (
            checksum_of(cell, module.file.store) != grading["checksum"]
        ):
            what = "test" if grading.get("grade") else "read-only"
            message = (
                f"this {what} cell was changed after nbgrader released it: "
                "`nbgrader autograde` puts the released text back"
            )
            yield self.on_marker(module, index, message)


def _is_locked(cell: Cell) -> bool:
    """Whether nbgrader restores the cell: what ``locked`` says of a test counts for nothing."""
    grading = grading_of(cell)
    if grading.get("solution") or grading.get("task"):
        return False
    return bool(grading.get("grade") or grading.get("locked"))


def checksum_of(cell: Cell, store: Store) -> str:
    """What nbgrader writes as the checksum of a cell: its text, its kind, its role, its worth.

    The text is the stored one: in that of the cell, magics are put into other words.
    """
    grading = grading_of(cell)
    solution, grade = grading.get("solution", False), grading.get("grade", False)
    locked = grade or grading.get("locked", False)
    parts = [store.source(cell.origin or 0), str(cell.kind), str(grade), str(solution)]
    parts += [str(not solution and locked), str(grading["grade_id"])]
    if grade:
        parts.append(str(float(grading.get("points", 0))))
    return md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
