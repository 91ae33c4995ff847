"""The pages that show commands at work show what these write.

After a wanted change, write them anew and read the diff:

    MODLINT_WRITE_GOLDEN=1 pytest tests/test_tutorial.py
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from support import EXEMPLARY, REFERENCE, ROOT
from tutorial import Scratch

MODULES = {
    "01_quantization/quantization_dev.py": REFERENCE,
    "02_calibration/calibration_dev.py": REFERENCE,
    "03_deployment/deployment_dev.py": EXEMPLARY,
}


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="pre-commit installs hooks from a git repository",
)
@pytest.mark.parametrize("name", ["tutorial.md", "by-hand.md"])
def test_a_page_shows_what_its_commands_write(tmp_path: Path, name: str) -> None:
    course = tmp_path / "course"
    for module, source in MODULES.items():
        (course / "modules" / module).parent.mkdir(parents=True)
        shutil.copy(source, course / "modules" / module)
    page = ROOT / "docs" / name
    written = page.read_text("utf-8")
    replayed = Scratch(course, tmp_path / "aside").replay(written)
    if os.environ.get("MODLINT_WRITE_GOLDEN"):
        page.write_text(replayed, "utf-8")
        return
    assert replayed == written
