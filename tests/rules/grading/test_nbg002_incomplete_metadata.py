"""NBG002: what the page and the agreement with nbgrader do not show."""

from __future__ import annotations

from exporting import fixed, found
from modlint.notebook.grading import grading_of
from modlint.notebook.reading import read

CELL = '# %% nbgrader={"grade": true, "points": 1}\ndef test_relu():\n    pass\n\n'


def test_ids_made_in_one_pass_are_not_the_same() -> None:
    cells = read(fixed(CELL + CELL, "NBG002").encode()).cells
    assert [grading_of(cell)["grade_id"] for cell in cells] == ["test-relu", "test-relu-2"]


def test_an_id_that_is_there_stays_and_makes_no_other_longer() -> None:
    own = CELL.replace('"points"', '"grade_id": "mine", "points"')
    cells = read(fixed(own + CELL, "NBG002").encode()).cells
    assert [grading_of(cell)["grade_id"] for cell in cells] == ["mine", "test-relu"]


def test_complete_metadata_is_silent() -> None:
    assert found(fixed(CELL, "NBG002"), "NBG002") == []
