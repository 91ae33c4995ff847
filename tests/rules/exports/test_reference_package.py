"""The real nbdev on the reference module: a package whose calls fail, and the fixed one."""

from __future__ import annotations

import shutil
from pathlib import Path

from exporting import found
from real_tools.package import Package, exported
from support import ROOT, Run

CALL = """
import numpy
from tinytorch.core.tensor import Tensor
from tinytorch.optimization.quantization import QuantizationComplete
QuantizationComplete.quantize_tensor(Tensor(numpy.ones((2, 2))))
"""


def package_of(module: Path, folder: Path) -> Package:
    """The exported module beside the runtime that it imports."""
    package = exported(folder, module.read_text("utf-8"), name="tinytorch")
    shutil.copytree(ROOT / "fixtures" / "tinytorch", folder / "tinytorch", dirs_exist_ok=True)
    return package


def test_the_module_imports_and_its_calls_fail(reference: Path, tmp_path: Path) -> None:
    assert [d.start.row for d in found(reference.read_text("utf-8"), "EXP")] == [
        406, 543, 1155, 1618,
    ]  # fmt: skip
    package = package_of(reference, tmp_path / "package")
    assert package.imported("optimization.quantization") == ""
    code, line = package.run(CALL)
    assert (code, line.split(".")[0]) == (1, "NameError: name 'quantize_int8' is not defined")


def test_the_fixed_module_is_a_package_that_works(
    modlint: Run, reference: Path, tmp_path: Path
) -> None:
    modlint("fix", "--apply", "--unsafe-fixes", reference)
    assert found(reference.read_text("utf-8"), "EXP") == []
    package = package_of(reference, tmp_path / "package")
    assert package.run(CALL) == (0, "")
