"""The module of the review, from the fix to the grade and to the package, by the real tools.

modlint fixes it, jupytext makes a notebook of it, nbgrader releases and grades that, nbdev
exports it, and Python imports the package.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from modlint.modules import Checked, check_path
from modlint.notebook.cell import CellKind
from modlint.settings import Settings
from real_tools.course import Course, Refused, Score, answers_shown, converted, hidden_answers
from real_tools.package import exported
from sharing import Shared
from support import REFERENCE, ROOT, Run

MODULE = "quantization"
#: Five unit tests at 5 points each, and ``test_module`` at 20.
POINTS = {
    "test-quantize-int8": 5,
    "test-dequantize-int8": 5,
    "test-quantized-linear": 5,
    "test-quantize-model": 5,
    "test-compare-model-sizes": 5,
    "test-module": 20,
}
#: The cells of which a student writes a part.
ANSWERS = {
    "quantize-int8",
    "dequantize-int8",
    "quantized-linear",
    "quantize-model",
    "compare-model-sizes",
}
#: The answer of one cell, and the only points that it earns.
ONE_ANSWER = "quantize-int8"
ITS_POINTS = {"test-quantize-int8": 5}


@dataclass(frozen=True)
class Graded:
    """The fixed module, and a course in which it was released and graded."""

    module: Path
    course: Course
    released: NotebookNode

    def score(self, student: str) -> Score:
        return self.course.score(MODULE, student)


@pytest.fixture(scope="session")
def graded(shared: Shared) -> Graded:
    return shared.made("reference", _graded)


def _graded(folder: Path) -> Graded:
    module = folder / REFERENCE.name
    shutil.copy(REFERENCE, module)
    command = [sys.executable, "-m", "modlint", "fix", "--apply", "--unsafe-fixes", str(module)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert "not fixed" not in done.stderr
    course = Course(folder / "course", pythonpath=[ROOT / "fixtures"])
    course.add(MODULE, module)
    released = course.release(MODULE)
    answers = course.answers(MODULE)
    course.submit(MODULE, "empty")
    course.submit(MODULE, "one", {ONE_ANSWER: answers[ONE_ANSWER]})
    course.submit(MODULE, "all", answers)
    course.autograde(MODULE)
    return Graded(module, course, released)


def test_nbgrader_refuses_the_module_as_it_was(tmp_path: Path) -> None:
    course = Course(tmp_path / "course")
    course.add(MODULE, REFERENCE)
    with pytest.raises(Refused, match="Outdated schema version: 0") as refusal:
        course.release(MODULE)
    assert "nbgrader update" in refusal.value.log


def test_the_points_are_those_of_the_review(graded: Graded) -> None:
    assert dict(graded.score("all").maximum) == POINTS


def test_an_empty_submission_gets_nothing(graded: Graded) -> None:
    assert dict(graded.score("empty").points) == dict.fromkeys(POINTS, 0)


def test_the_right_answers_get_everything(graded: Graded) -> None:
    assert dict(graded.score("all").points) == POINTS
    assert graded.score("all").total == 45


def test_one_right_answer_gets_the_points_of_its_test(graded: Graded) -> None:
    assert dict(graded.score("one").points) == {**dict.fromkeys(POINTS, 0), **ITS_POINTS}


def test_the_release_shows_no_answer(graded: Graded) -> None:
    source = converted(graded.module)
    answers = hidden_answers(source)
    assert {grade_id for grade_id, _ in answers} == ANSWERS
    assert {grade_id for grade_id, _ in answers_shown(answers, source)} == ANSWERS
    assert answers_shown(answers, graded.released, least=2) == []


def test_the_release_changes_the_cells_of_the_answers_alone(graded: Graded) -> None:
    source = converted(graded.module)
    changed = {
        before.metadata.nbgrader.grade_id
        for before, after in zip(source.cells, graded.released.cells, strict=True)
        if before.source != after.source
    }
    assert changed == ANSWERS


def test_nbgrader_validates_the_source(graded: Graded) -> None:
    said = graded.course.validate(graded.course.source(MODULE))
    assert said.strip() == "Success! Your notebook passes all the tests."


def test_the_package_of_nbdev_imports_in_silence(graded: Graded, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "tinytorch", tmp_path / "tinytorch")
    package = exported(tmp_path, graded.module.read_text("utf-8"))
    assert package.run("import course.optimization.quantization") == (0, "")
    names = (
        "from course.optimization.quantization import QuantizationComplete as q; print(q.__name__)"
    )
    assert package.run(names) == (0, "QuantizationComplete")


def test_the_package_of_the_module_as_it_was_prints(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "tinytorch", tmp_path / "tinytorch")
    package = exported(tmp_path, REFERENCE.read_text("utf-8"))
    code, line = package.run("import course.optimization.quantization")
    assert code == 0
    assert "everything that quantization needs is imported" in line


def test_the_safe_fixes_alone_give_valid_metadata(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    notebook = converted(reference)
    MetadataValidator().validate_nb(notebook)
    roles = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert {r["grade_id"]: r["points"] for r in roles if r["grade"]} == POINTS
    assert {r["grade_id"] for r in roles if r["solution"]} == ANSWERS


def test_jupytext_reads_the_cells_that_the_fix_meant(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    checked = check_path(str(reference), Settings())
    assert isinstance(checked, Checked)
    theirs = converted(reference).cells
    ours = [(str(c.kind), c.metadata.get("nbgrader")) for c in checked.file.cells]
    assert ours == [(c.cell_type, c.metadata.get("nbgrader")) for c in theirs]
    for cell, other in zip(checked.file.cells, theirs, strict=True):
        if cell.kind is CellKind.CODE:
            assert cell.source.strip("\n") == other.source.strip("\n")
