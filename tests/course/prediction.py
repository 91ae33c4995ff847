"""What modlint's diagnostics say that the real tools will make of a module."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modlint.diagnostics import Diagnostic, Severity
from modlint.modules import Checked, check_path
from modlint.notebook.cell import Cell
from modlint.notebook.grading import grading_of
from modlint.settings import Settings

#: Rules whose every error means that ``generate_assignment`` refuses the module.
_REFUSING = ("NBG002", "NBG003", "NBG004", "NBG005", "NBG008")
#: Rules that refuse in some cases, and the words with which they say so.
_PERHAPS = {"NBG007": "refuses", "NBG012": "refuses"}


class CannotCheck(Exception):
    """modlint, or a checkout, is not what this command needs."""


@dataclass(frozen=True)
class Prediction:
    """The prediction for one module; ``uncalled`` holds points by grade_id.

    ``refusal`` is the reason for which nbgrader refuses, "" where it accepts.
    """

    refusal: str
    wiped: frozenset[str]
    uncalled: Mapping[str, float]
    unimportable: bool


def predict(path: Path) -> Prediction:
    """What the diagnostics of ``path`` predict; ``CannotCheck`` where it cannot be read."""
    checked = check_path(str(path), Settings())
    if not isinstance(checked, Checked):
        raise CannotCheck(f"{path}: {checked}")
    found = [(d, grading_of(_cell_at(checked, d))) for d in checked.diagnostics]
    return Prediction(
        next(filter(None, (_refusal(d, grading) for d, grading in found)), ""),
        frozenset(str(g.get("grade_id")) for d, g in found if d.code == "NBG006"),
        {str(g["grade_id"]): g["points"] for d, g in found if d.code == "NBG010"},
        any(d.code == "EXP003" and "cannot be imported" in d.message for d, _ in found),
    )


def _cell_at(checked: Checked, diagnostic: Diagnostic) -> Cell:
    """The cell that a diagnostic of a percent file is about; its marker belongs to it."""
    cells = checked.file.cells
    first = [cell.row - (cell.marker is not None) for cell in cells]
    return cells[max(0, bisect_right(first, diagnostic.start.row) - 1)]


def _refusal(diagnostic: Diagnostic, grading: Mapping[str, object]) -> str:
    """nbgrader's own words where they are known, else those of the diagnostic."""
    code, message = diagnostic.code, diagnostic.message
    if code == "NBG002":
        if not grading.get("schema_version"):
            return "Outdated schema version: 0 (expected 3)"
        return "is a required property"
    if code in _PERHAPS:
        refuses = _PERHAPS[code] in message
    else:
        refuses = code in _REFUSING and diagnostic.severity is Severity.ERROR
    return f"{code} {message}" if refuses else ""
