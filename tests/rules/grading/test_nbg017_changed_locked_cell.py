"""NBG017: nbgrader's own checksum says which locked cell was changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grading import GradedCell, role
from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.reading import read
from modlint.rules.grading.nbg017_changed_locked_cell import checksum_of
from modlint.settings import Settings
from real_tools.releasing import Release, notebook_of

CELLS: list[GradedCell] = [
    ("markdown", role(locked=True, grade_id="task"), "Write `half`: é.\n"),
    ("code", role(solution=True, grade_id="half"), "def half(x):\n    ### BEGIN SOLUTION\n"
     "    return x / 2\n    ### END SOLUTION\n"),
    ("code", role(grade=True, points=4, grade_id="test"), "assert half(4) == 2\n"
     "### BEGIN HIDDEN TESTS\nassert half(2) == 1\n### END HIDDEN TESTS\n"),
    ("code", role(grade=True, locked=True, points=2.5, grade_id="more"),
     "%matplotlib inline\n!ls\nassert half(8) == 4"),
    ("markdown", role(grade=True, solution=True, points=3, grade_id="why"), "Why?\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What nbgrader releases, with its checksums."""
    notebook = Release(tmp_path_factory.mktemp("release")).released(notebook_of(CELLS))
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text


def found(text: str, kind: Kind = Kind.SUBMISSION) -> list[Diagnostic]:
    settings = Settings(select=("NBG017",), purpose=Purpose(kind))
    return lint(read(text.encode(), "half.ipynb"), settings)


def changed(text: str, index: int, **values: Any) -> str:
    whole = json.loads(text)
    whole["cells"][index].update(values)
    return json.dumps(whole)


def test_the_checksum_is_that_of_nbgrader(released: str) -> None:
    file = read(released.encode(), "half.ipynb")
    notebook: NotebookNode = nbformat.reads(released, 4)  # type: ignore[no-untyped-call]
    assert file.store is not None
    for cell, theirs in zip(file.cells, notebook.cells, strict=True):
        wanted = theirs.metadata.nbgrader.checksum
        assert checksum_of(cell, file.store) == compute_checksum(theirs) == wanted


@pytest.mark.parametrize("kind", [Kind.RELEASE, Kind.SUBMISSION])
def test_what_nobody_touched_is_no_problem(released: str, kind: Kind) -> None:
    assert found(released, kind) == []


@pytest.mark.parametrize(
    ("index", "values", "what"),
    [
        (0, {"source": "Write `double`.\n"}, "read-only"),
        (2, {"source": "assert True\n"}, "test"),
        (2, {"source": "assert half(4) == 2 \n"}, "test"),
        (3, {"source": []}, "test"),
    ],
)
def test_a_locked_cell_that_was_changed(
    released: str, index: int, values: dict[str, Any], what: str
) -> None:
    (diagnostic,) = found(changed(released, index, **values))
    assert (diagnostic.cell, diagnostic.severity, diagnostic.fix) == (index, "error", None)
    assert diagnostic.message.startswith(f"this {what} cell was changed after nbgrader released")


@pytest.mark.parametrize("index", [1, 4])
def test_students_change_their_answers(released: str, index: int) -> None:
    assert found(changed(released, index, source="x = 2\n")) == []


def test_points_that_were_changed(released: str) -> None:
    whole = json.loads(released)
    whole["cells"][3]["metadata"]["nbgrader"]["points"] = 100
    assert [d.cell for d in found(json.dumps(whole))] == [3]


@pytest.mark.parametrize("kind", [Kind.MODULE, Kind.ASSIGNMENT])
def test_in_a_source_a_checksum_is_a_leftover(released: str, kind: Kind) -> None:
    assert found(changed(released, 2, source="assert True\n"), kind) == []


def test_a_cell_without_a_checksum_or_with_odd_metadata_says_nothing(
    released: str, tmp_path: Path
) -> None:
    for key, value in (("checksum", None), ("points", "four"), ("schema_version", 2)):
        whole = json.loads(changed(released, 2, source="assert True\n"))
        grading = whole["cells"][2]["metadata"]["nbgrader"]
        if value is None:
            del grading[key]
        else:
            grading[key] = value
        assert found(json.dumps(whole)) == []
