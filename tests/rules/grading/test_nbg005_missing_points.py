"""NBG005: points of the settings where there are none, and never 0 out of nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grading import FORMATS, GradedCell, role
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings

TEST = role(grade=True, locked=True)
ONE = "def test_unit_a():\n    assert 1\n"
TWO = ONE + "\n\ndef test_module():\n    assert 2\n"

by_format = pytest.mark.parametrize("form", FORMATS)


def settings(points: Mapping[str, float] | None = None, *codes: str) -> Settings:
    return Settings(select=codes or ("NBG005",), points=points or Settings().points)


def found(file: ModuleFile) -> list[Diagnostic]:
    return lint(file, settings())


def fixed(file: ModuleFile, chosen: Settings, *, unsafe: bool = True) -> list[Any]:
    """The nbgrader metadata of every cell after the fixes."""
    outcome = fix(file, lint(file, chosen), chosen, unsafe=unsafe)
    assert outcome.fault == ""
    return [cell.metadata.get("nbgrader") for cell in outcome.file.cells]


@by_format
@pytest.mark.parametrize(
    ("cell", "what"),
    [
        (("code", TEST, ONE), "graded cell"),
        (("markdown", role(grade=True, solution=True), "Why?\n"), "graded cell"),
        (("markdown", role(locked=True, task=True), "Why?\n"), "task"),
        (("code", {"grade": True}, ONE), "graded cell"),
        (("code", {**TEST, "grade": "true"}, ONE), "graded cell"),
    ],
)
def test_what_is_graded_needs_points(form: Any, cell: GradedCell, what: str) -> None:
    (diagnostic,) = found(form([cell]))
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.severity) == (0, 1, "error")
    assert diagnostic.message.startswith(f"{what} without points")
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability is Applicability.UNSAFE


@by_format
@pytest.mark.parametrize(
    "metadata",
    [
        {**TEST, "points": 0},
        {**TEST, "points": None},
        {**TEST, "points": "5"},
        role(solution=True),
        role(locked=True),
        role(),
        role(task=False),
        {**TEST, "grade": "false"},
        {},
        "yes",
    ],
    ids=repr,
)
def test_what_has_points_or_needs_none(form: Any, metadata: object) -> None:
    assert found(form([("code", metadata, ONE)])) == []


@by_format
@pytest.mark.parametrize(
    ("text", "points", "worth"),
    [
        (ONE, None, 5),
        (TWO, None, 25),
        (TWO, {"test_unit_*": 1.5, "*": 2}, 3.5),
        ("class TestAll:\n    def test_one(self):\n        pass\n", {"TestAll": 7, "*": 1}, 7),
        ("def test_close(a, b):\n    return a == b\n", {"test_*": 9, "*": 4}, 4),
        ("x = 1\n", {"*": 3, "test_*": 5}, 3),
        ("def test_(:\n", None, 5),
        ("x = 1\n", {"*": 0}, 0),
    ],
)
def test_the_points_are_those_of_the_settings(
    form: Any, text: str, points: Mapping[str, float] | None, worth: float
) -> None:
    file, chosen = form([("code", TEST, text)]), settings(points)
    (diagnostic,) = (d for d in lint(file, chosen) if d.code == "NBG005")
    assert diagnostic.fix is not None
    assert diagnostic.fix.message == f"Set points to {worth}"
    assert fixed(file, chosen) == [{**TEST, "points": worth}]
    assert fixed(file, chosen, unsafe=False) == [TEST]


@by_format
@pytest.mark.parametrize(
    ("text", "points"), [("x = 1\n", {"test_*": 5}), (TWO, {"test_module": 20})]
)
def test_no_points_are_made_up_where_the_settings_have_none(
    form: Any, text: str, points: Mapping[str, float]
) -> None:
    file, chosen = form([("code", TEST, text)]), settings(points)
    (diagnostic,) = (d for d in lint(file, chosen) if d.code == "NBG005")
    assert diagnostic.fix is None


@by_format
def test_missing_keys_and_points_are_filled_in_one_run(form: Any) -> None:
    chosen = settings(None, "NBG002", "NBG003", "NBG005")
    assert fixed(form([("code", {"grade": "true", "grade_id": "t"}, TWO)]), chosen) == [
        {**TEST, "points": 25}
    ]
