"""NBG002: what the page and the agreement with nbgrader do not show."""

from __future__ import annotations

from typing import Any

import pytest
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooOldError

from exporting import fixed, found
from grading import FORMATS, role
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.grading import grading_of
from modlint.notebook.reading import read
from modlint.settings import Settings
from real_tools.releasing import notebook_of

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


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("version", [1, 2])
def test_an_older_schema_is_named_as_such(form: Any, version: int) -> None:
    old = role(locked=True, schema_version=version)
    with pytest.raises(SchemaTooOldError):
        MetadataValidator().validate_nb(notebook_of([("code", old, "x = 1\n")]))
    settings = Settings(select=("NBG002", "NBG015"))
    (diagnostic,) = lint(form([("code", old, "x = 1\n")]), settings)
    words = f"schema_version is {version}, nbgrader wants 3: run `nbgrader update`"
    assert diagnostic.message == words
    without = {key: value for key, value in old.items() if key != "locked"}
    (diagnostic,) = lint(form([("code", without, "x = 1\n")]), settings)
    assert diagnostic.message == f"{words}; nbgrader metadata lacks locked"
    noop = form([("code", {**old, "locked": False}, "x = 1\n")])
    (diagnostic,) = lint(noop, settings)
    assert diagnostic.code == "NBG002"
    outcome = fix(noop, [diagnostic], settings)
    assert outcome.fault == ""
    assert "nbgrader" not in outcome.file.cells[0].metadata
