"""NBG015: metadata without a role goes, since it protects nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporting import fixed as fixed_text
from grading import FORMATS, role
from modlint.diagnostics import Applicability
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.notebook.grading import grading_of
from modlint.settings import Settings
from real_tools.course import Course

NBG015 = Settings(select=("NBG015",))
by_format = pytest.mark.parametrize("form", FORMATS)

NOOP = [
    role(),
    role(task=False),
    role(points=5),
    role(checksum="0" * 32),
    {"grade": False, "grade_id": "imports", "solution": False},
    {"grade_id": "imports"},
    {"grade": "false", "grade_id": "imports", "locked": "0"},
]


def fixed(file: ModuleFile, settings: Settings) -> ModuleFile:
    outcome = fix(file, lint(file, settings), settings)
    assert outcome.fault == ""
    assert outcome.remaining == []
    return outcome.file


@by_format
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
@pytest.mark.parametrize("metadata", NOOP, ids=repr)
def test_metadata_without_a_role_is_reported_and_removed(
    form: Any, kind: str, metadata: Any
) -> None:
    file = form([(kind, metadata, "x = 1\n")])
    (diagnostic,) = lint(file, NBG015)
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.severity) == (0, 1, "warning")
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability is Applicability.SAFE
    (cell,) = fixed(file, NBG015).cells
    assert "nbgrader" not in cell.metadata
    assert cell.source == file.cells[0].source


@by_format
@pytest.mark.parametrize(
    "metadata",
    [
        role(locked=True),
        role(solution=True),
        role(grade=True),
        role(task=True),
        role(grade="true"),
        role(grade=None),
        role(locked="perhaps"),
        {},
        [],
        None,
    ],
    ids=repr,
)
def test_a_role_or_what_may_be_one_is_not_reported(form: Any, metadata: Any) -> None:
    assert lint(form([("code", metadata, "x = 1\n")]), NBG015) == []


def test_a_cell_without_metadata_is_not_reported() -> None:
    assert fixed_text("# %% Title\nx = 1\n", "NBG015") == "# %% Title\nx = 1\n"


def test_the_rest_of_the_marker_stays() -> None:
    text = '# %% Title nbgrader={"grade": false} tags=["x"]\nx = 1\n'
    assert fixed_text(text, "NBG015") == '# %% Title tags=["x"]\nx = 1\n'


@by_format
@pytest.mark.parametrize("metadata", NOOP, ids=repr)
@pytest.mark.parametrize(
    ("codes", "is_kept"),
    [(("NBG002", "NBG003"), True), (("NBG002", "NBG003", "NBG015"), False), (("NBG015",), False)],
)
def test_nothing_is_left_whichever_rules_are_in_force(
    form: Any, metadata: Any, codes: tuple[str, ...], is_kept: bool
) -> None:
    (cell,) = fixed(form([("code", metadata, "x = 1\n")]), Settings(select=codes)).cells
    assert bool(grading_of(cell)) == is_kept


IMPORTS = """\
# %% nbgrader={{"grade": false, "grade_id": "imports", "locked": {}, "schema_version": 3, "solution": false}}
import math

# %% nbgrader={{"grade": true, "grade_id": "test-floor", "locked": true, "points": 5, "schema_version": 3, "solution": false}}
def test_floor():
    assert math.floor(2.5) == 2


test_floor()
"""  # noqa: E501


def test_only_a_locked_cell_is_given_back_to_a_student_who_deleted_its_text(tmp_path: Path) -> None:
    course = Course(tmp_path / "course")
    for name, locked in (("noop", "false"), ("kept", "true")):
        course.add(name, IMPORTS.format(locked))
        course.release(name)
        course.submit(name, "student", {"imports": ""})
    course.autograde("*")
    earned = {name: course.score(name, "student").points for name in ("noop", "kept")}
    assert earned == {"noop": {"test-floor": 0}, "kept": {"test-floor": 5}}
