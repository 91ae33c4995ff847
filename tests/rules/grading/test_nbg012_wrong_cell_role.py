"""NBG012: roles that do not fit the kind of the cell, held against nbgrader's preprocessors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grading import FORMATS, PLAIN, GradedCell, percent, role
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings
from real_tools.releasing import Release, notebook_of

NBG012 = Settings(select=("NBG012",))
ASKED = "Why?\n"
ANSWERED = "Why?\n\n### BEGIN SOLUTION\nSo.\n### END SOLUTION\n"
TEST = role(grade=True, locked=True, points=5)
ANSWER = role(grade=True, solution=True, points=5)
TASK = role(locked=True, points=5, task=True)

by_format = pytest.mark.parametrize("form", FORMATS)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder: Path = tmp_path_factory.mktemp("release")
    return Release(folder)


def found(file: ModuleFile) -> list[Diagnostic]:
    return lint(file, NBG012)


def fixed(file: ModuleFile, *, unsafe: bool = True, settings: Settings = NBG012) -> list[Any]:
    """The nbgrader metadata of every cell after the fixes."""
    outcome = fix(file, lint(file, settings), settings, unsafe=unsafe)
    assert outcome.fault == ""
    return [cell.metadata.get("nbgrader") for cell in outcome.file.cells]


# --- what nbgrader refuses --------------------------------------------------------------------


@by_format
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            ("markdown", role(grade=True, points=5), ASKED),
            "Markdown that is graded but no solution",
        ),
        (("markdown", TEST, ASKED), "Markdown that is graded but no solution"),
        (("markdown", role(solution=True), ASKED), "Markdown that is a solution but not graded"),
        (("code", TASK, "x = 1\n"), "a task in a code cell"),
        (("code", {**TEST, "task": True}, "x = 1\n"), "a task in a code cell"),
        (("raw", TASK, ASKED), "a task in a raw cell"),
        (("raw", TEST, ASKED), "a raw cell that is graded, a solution or locked"),
        (("raw", role(solution=True), ASKED), "a raw cell that is graded, a solution or locked"),
        (("raw", role(locked=True), ASKED), "a raw cell that is graded, a solution or locked"),
    ],
)
def test_a_role_that_nbgrader_refuses(
    release: Release, form: Any, cell: GradedCell, message: str
) -> None:
    (diagnostic,) = found(form([cell]))
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.severity) == (0, 1, "error")
    assert diagnostic.message == f"nbgrader refuses {message}"
    assert release.refusal(notebook_of([cell])) != ""


@by_format
@pytest.mark.parametrize(
    "cell",
    [
        ("code", TEST, "x = 1\n"),
        ("code", ANSWER, "x = 1\n"),
        ("code", role(solution=True), "x = 1\n"),
        ("code", role(solution=True, points=5), "x = 1\n"),
        ("code", role(locked=True), "x = 1\n"),
        ("markdown", ANSWER, ASKED),
        ("markdown", role(locked=True), ASKED),
        ("markdown", TASK, ASKED),
        ("markdown", {**TASK, "locked": False}, ASKED),
        ("markdown", {**TASK, "solution": True}, ANSWERED),
        ("raw", role(), ASKED),
        ("raw", role(points=5), ASKED),
    ],
)
def test_a_role_that_nbgrader_takes(release: Release, form: Any, cell: GradedCell) -> None:
    assert found(form([cell])) == []
    assert release.refusal(notebook_of([cell])) == ""


@by_format
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
@pytest.mark.parametrize(
    "metadata",
    [{**TEST, "grade": None}, {**TASK, "task": "perhaps"}, {**TEST, "locked": "no"}, {}, []],
    ids=repr,
)
def test_a_role_that_cannot_be_told_is_left_to_nbg003(form: Any, kind: str, metadata: Any) -> None:
    assert found(form([(kind, metadata, "")])) == []


@by_format
@pytest.mark.parametrize("role", [{"grade": True}, {"solution": True}], ids=repr)
def test_a_missing_lock_is_left_to_nbg002(form: Any, role: dict[str, bool]) -> None:
    assert found(form([("code", {"grade_id": "t", "points": 5, **role}, "")])) == []


def test_a_code_cell_that_jupytext_makes_raw_cannot_be_graded() -> None:
    (diagnostic,) = found(percent([('raw] active="py', TEST, "x = 1\n")]))
    assert "raw cell" in diagnostic.message


# --- the ways out -----------------------------------------------------------------------------


@by_format
@pytest.mark.parametrize(
    ("metadata", "text", "points"),
    [
        (role(solution=True), ASKED, 5),
        (role(solution=True), ANSWERED, 5),
        (role(solution=True, points=8), ANSWERED, 8),
        (role(solution=True, locked=True), ANSWERED, 5),
        (role(grade=True, points=3), ANSWERED, 3),
        (role(grade=True), ANSWERED, 5),
    ],
)
def test_an_answer_in_words_is_graded_by_a_person(
    release: Release, form: Any, metadata: Any, text: str, points: float
) -> None:
    file = form([("markdown", metadata, text)])
    (diagnostic,) = found(file)
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability is Applicability.UNSAFE
    assert f"({points} points)" in diagnostic.fix.message
    after = fixed(file)
    assert after == [{**ANSWER, "points": points}]
    assert release.refusal(notebook_of([("markdown", after[0], text)])) == ""
    assert fixed(file, unsafe=False) == [metadata]


@by_format
def test_a_graded_question_may_be_either_and_both_ways_are_accepted(
    release: Release, form: Any
) -> None:
    (diagnostic,) = found(form([("markdown", TEST, ASKED)]))
    first = diagnostic.fix
    assert first is not None
    ways = (first, *first.alternatives)
    assert [way.applicability for way in ways] == [Applicability.DISPLAY] * 2
    shown = [way.rewrite().cells[0][0].metadata["nbgrader"] for way in ways]
    assert shown == [ANSWER, TASK]
    for metadata in shown:
        assert release.refusal(notebook_of([("markdown", metadata, ASKED)])) == ""


@by_format
def test_no_points_are_made_up_where_the_settings_have_none(form: Any) -> None:
    settings = Settings(select=("NBG012",), points={"test_*": 5})
    (diagnostic,) = lint(form([("markdown", role(solution=True), ANSWERED)]), settings)
    assert diagnostic.fix is None


@by_format
@pytest.mark.parametrize(
    ("metadata", "moved"),
    [
        (TASK, TASK),
        ({**TASK, "grade": True}, TASK),
        ({**TASK, "grade": True, "solution": True}, ANSWER),
    ],
    ids=["task", "graded", "answer"],
)
def test_the_task_of_an_empty_cell_moves_to_the_text_below(
    release: Release, form: Any, metadata: Any, moved: Any
) -> None:
    file = form([("code", metadata, ""), ("markdown", PLAIN, ANSWERED)])
    assert fixed(file) == [None, moved]
    assert fixed(file, unsafe=False) == [metadata, None]
    text = ANSWERED if moved is ANSWER else ASKED
    assert release.refusal(notebook_of([("markdown", moved, text)])) == ""


@by_format
@pytest.mark.parametrize(
    "cells",
    [
        [("code", TASK, "x = 1\n"), ("markdown", PLAIN, ASKED)],
        [("code", TASK, ""), ("code", PLAIN, "x = 1\n")],
        [("code", TASK, ""), ("markdown", role(locked=True, grade_id="u"), ASKED)],
        [("code", {**TASK, "name": "x"}, ""), ("markdown", PLAIN, ASKED)],
        [("code", TASK, "")],
        [("raw", TASK, ""), ("markdown", PLAIN, ASKED)],
        [("raw", TEST, "x = 1\n")],
    ],
    ids=["not empty", "code", "its own", "faulty", "last", "raw task", "raw test"],
)
def test_what_only_the_author_can_mend(form: Any, cells: list[GradedCell]) -> None:
    (diagnostic,) = found(form(cells))
    assert (diagnostic.cell, diagnostic.fix) == (0, None)


# --- what nbgrader takes ----------------------------------------------------------------------


@by_format
@pytest.mark.parametrize(
    "metadata",
    [role(solution=True, locked=True), {**ANSWER, "locked": True}, role(solution=True, locked=1)],
)
def test_an_ignored_lock_gets_the_form_of_the_role(form: Any, metadata: Any) -> None:
    file = form([("code", metadata, "x = 1\n")])
    (diagnostic,) = found(file)
    assert diagnostic.severity == "warning"
    assert "locked is ignored" in diagnostic.message
    assert "solution cell" in diagnostic.message
    assert "refuses" not in diagnostic.message
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability is Applicability.SAFE
    assert fixed(file, unsafe=False) == [{**metadata, "locked": False}]


@by_format
@pytest.mark.parametrize("metadata", [TEST, {**TEST, "locked": False}, {**TEST, "locked": 0}])
def test_the_lock_of_a_test_may_say_what_it_likes(form: Any, metadata: Any) -> None:
    assert found(form([("code", metadata, "x = 1\n")])) == []


@pytest.mark.parametrize("metadata", [TEST, role(solution=True), ANSWER], ids=repr)
def test_nbgrader_releases_the_same_cell_whatever_the_ignored_lock_says(
    release: Release, metadata: dict[str, Any]
) -> None:
    released = []
    for locked in (True, False):
        notebook = notebook_of([("code", {**metadata, "locked": locked}, "x = 1\n")])
        cell = release.released(notebook).cells[0]
        del cell.metadata.nbgrader["locked"]
        released.append((cell.source, cell.metadata))
    assert released[0] == released[1]  # checksum, deletable and editable


@by_format
@pytest.mark.parametrize(
    ("metadata", "one"),
    [
        ({**TASK, "grade": True}, TASK),
        ({**TASK, "grade": True, "locked": False}, {**TASK, "locked": False}),
        ({**TASK, "grade": True, "solution": True}, ANSWER),
    ],
    ids=["task", "open task", "answer"],
)
def test_a_task_that_is_graded_counts_twice(
    release: Release, form: Any, metadata: Any, one: Any
) -> None:
    file = form([("markdown", metadata, ASKED)])
    (diagnostic,) = found(file)
    assert (diagnostic.severity, "counts its points twice" in diagnostic.message) == (
        "warning",
        True,
    )
    assert fixed(file) == [one]
    assert fixed(file, unsafe=False) == [metadata]
    worth = []
    for found_in in (metadata, one):
        release.released(notebook_of([("markdown", found_in, ASKED)]))
        worth.append(release.worth)
    assert worth == [10, 5]


@by_format
def test_a_role_is_mended_together_with_its_missing_keys(form: Any) -> None:
    settings = Settings(select=("NBG002", "NBG005", "NBG012"))
    file = form([("markdown", {"grade_id": "t", "schema_version": 3, "solution": True}, ANSWERED)])
    assert {d.code for d in lint(file, settings)} == {"NBG002", "NBG012"}
    assert fixed(file, settings=settings) == [ANSWER]
