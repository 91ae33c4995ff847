"""The tutorial shows what its commands write.

After a wanted change, write it anew and read the diff:

    MODLINT_WRITE_GOLDEN=1 pytest tests/test_tutorial.py
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from support import EXEMPLARY, REFERENCE, ROOT
from tutorial import Scratch

TUTORIAL = ROOT / "docs" / "tutorial.md"
MODULES = {
    "01_quantization/quantization_dev.py": REFERENCE,
    "02_calibration/calibration_dev.py": REFERENCE,
    "03_deployment/deployment_dev.py": EXEMPLARY,
}


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="pre-commit installs hooks from a git repository",
)
def test_the_tutorial_shows_what_its_commands_write(tmp_path: Path) -> None:
    course = tmp_path / "course"
    for name, module in MODULES.items():
        (course / "modules" / name).parent.mkdir(parents=True)
        shutil.copy(module, course / "modules" / name)
    written = TUTORIAL.read_text("utf-8")
    replayed = Scratch(course, tmp_path / "aside").replay(written)
    if os.environ.get("MODLINT_WRITE_GOLDEN"):
        TUTORIAL.write_text(replayed, "utf-8")
        return
    assert replayed == written
