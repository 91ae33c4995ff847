"""The exemplary module, as it is, from the grade to the package, by the real tools.

jupytext makes a notebook of it, nbgrader releases and grades that, nbdev exports it into the
package that it names, and Python imports and uses the package.
"""

from __future__ import annotations

import ast
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from real_tools.course import Course, Score, answers_shown, converted, hidden_answers
from real_tools.package import Package, exported, nbdev_export
from sharing import Shared
from support import EXEMPLARY, ROOT

MODULE = "quantization"
#: The cells of which a student writes a part, and the tests beside those of the same name.
ANSWERS = {
    "choose-grid",
    "quantize-with-grid",
    "quantize-int8",
    "dequantize-int8",
    "quantize-per-channel",
    "int8-matmul",
    "quantized-linear",
    "quantize-model",
    "measure-sensitivity",
    "compare-model-sizes",
    "fake-quantize",
    "train-quantization-aware",
}
FURTHER = {"extreme-values", "calibration", "large-batch", "mixed-precision"}
#: Every unit test at 5 points, and ``test_module`` at 20.
POINTS = {f"test-{name}": 5 for name in ANSWERS | FURTHER} | {"test-module": 20}
#: The names that the package offers.
OFFERED = {
    "INT8_LOWEST", "INT8_HIGHEST", "MAX_TERMS", "finite_values", "valid_zero_point",
    "relative_error", "choose_grid", "quantize_with_grid", "quantize_int8", "dequantize_int8",
    "quantize_per_channel", "int8_matmul", "QuantizedLinear", "quantize_model",
    "measure_sensitivity", "compare_model_sizes", "fake_quantize", "quantized_loss",
    "train_quantization_aware", "QuantizationComplete",
}  # fmt: skip

#: Uses the package without its tests: exit code 0 only if all of it works.
USE = """
import numpy as np
from tinytorch.core.activations import ReLU
from tinytorch.core.layers import Linear
from tinytorch.core.tensor import Tensor
from tinytorch.models.sequential import Sequential
from tinytorch.optimization.quantization import (
    QuantizationComplete, measure_sensitivity, quantized_loss, relative_error,
    train_quantization_aware,
)
np.random.seed(0)
model = Sequential(Linear(16, 32), ReLU(), Linear(32, 4))
original, x = Sequential(*model.layers), Tensor(np.random.randn(50, 16))
assert sorted(measure_sensitivity(model, [x], x)) == [0, 2]
QuantizationComplete.quantize_model(model, [x], keep_fp32=[2])
assert 0.0 < relative_error(model.forward(x), original.forward(x)) < 0.03
assert QuantizationComplete.compare_models(original, model)["compression_ratio"] > 1.5
weight = Tensor(np.random.randn(16, 2))
y = x.matmul(weight)
trained = train_quantization_aware(weight, x, y, bits=3)
assert quantized_loss(trained, x, y, 3) < quantized_loss(weight, x, y, 3)
"""


@dataclass(frozen=True)
class Graded:
    """A course in which the module was released and graded."""

    course: Course
    released: NotebookNode

    def score(self, student: str) -> Score:
        return self.course.score(MODULE, student)


@pytest.fixture(scope="session")
def graded(shared: Shared) -> Graded:
    return shared.made("exemplary", _graded)


def _graded(folder: Path) -> Graded:
    course = Course(folder, pythonpath=[ROOT / "fixtures"])
    course.add(MODULE, EXEMPLARY)
    released = course.release(MODULE)
    course.submit(MODULE, "empty")
    course.submit(MODULE, "all", course.answers(MODULE))
    course.autograde(MODULE)
    return Graded(course, released)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The module where it says that it belongs: beside the runtime that it imports."""
    folder = tmp_path_factory.mktemp("package")
    package = exported(folder, EXEMPLARY.read_text("utf-8"), name="tinytorch")
    shutil.copytree(ROOT / "fixtures" / "tinytorch", folder / "tinytorch", dirs_exist_ok=True)
    return package


def test_jupytext_reads_the_cells_that_are_meant() -> None:
    notebook = converted(EXEMPLARY)
    MetadataValidator().validate_nb(notebook)
    text = EXEMPLARY.read_text("utf-8")
    for cell in notebook.cells:
        assert "incorrectly_encoded_metadata" not in cell.metadata
        if cell.cell_type == "code":
            assert cell.source in text, "a comment became a magic"
    roles = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert {r.grade_id for r in roles if r.solution} == ANSWERS
    assert {r.grade_id: r.points for r in roles if r.grade} == POINTS


def test_an_empty_submission_gets_nothing(graded: Graded) -> None:
    assert dict(graded.score("empty").points) == dict.fromkeys(POINTS, 0)


def test_the_right_answers_get_everything(graded: Graded) -> None:
    assert dict(graded.score("all").points) == POINTS
    assert graded.score("all").total == 100


def test_the_right_answers_leave_no_error_and_no_warning(graded: Graded) -> None:
    for cell in graded.course.outputs(MODULE, "all").cells:
        for output in cell.get("outputs", []):
            assert output.output_type == "stream", output
            assert output.name == "stdout", output


def test_the_release_shows_no_answer(graded: Graded) -> None:
    source = converted(EXEMPLARY)
    answers = hidden_answers(source)
    assert {grade_id for grade_id, _ in answers} == ANSWERS
    assert {grade_id for grade_id, _ in answers_shown(answers, source, least=1)} == ANSWERS
    assert answers_shown(answers, graded.released, least=1) == []


def test_the_release_changes_the_cells_of_the_answers_alone(graded: Graded) -> None:
    cells = zip(converted(EXEMPLARY).cells, graded.released.cells, strict=True)
    changed = {b.metadata.nbgrader.grade_id for b, a in cells if b.source != a.source}
    assert changed == ANSWERS
    for cell in graded.released.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)


def test_nbgrader_validates_the_source(graded: Graded) -> None:
    said = graded.course.validate(graded.course.source(MODULE))
    assert said.strip() == "Success! Your notebook passes all the tests."


def test_nbdev_exports_all_that_the_package_offers(package: Package) -> None:
    assert package.warnings == ()
    tree = ast.parse(package.text("optimization.quantization"))
    offered = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert set(offered) == OFFERED


def test_the_package_imports_in_silence_and_works(package: Package) -> None:
    assert package.run("import tinytorch.optimization.quantization") == (0, "")
    assert package.run(USE) == (0, "")


def test_the_console_script_of_nbdev_accepts_the_module(tmp_path: Path) -> None:
    code, said = nbdev_export(tmp_path, EXEMPLARY.read_text("utf-8"))
    assert code == 0, said
