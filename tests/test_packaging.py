"""What a user installs: the command, and the rule pages inside the wheel."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from support import REFERENCE, ROOT


def test_a_wheel_gives_a_working_command_with_its_pages(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("modlint-*.whl")
    # Its own environment, so that the checkout is not what answers; the
    # dependencies are those that the tests run with.
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    target = next((environment / "lib").glob("python*/site-packages"))
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    around = next(p for p in sys.path if p.endswith("site-packages"))
    (target / "dependencies.pth").write_text(around + "\n")

    def modlint(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-P", "-m", "modlint", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    page = modlint("rule", "IMP001")
    assert page.returncode == 0, page.stderr
    assert page.stdout.startswith("IMP001: ")
    assert (target / "modlint" / "pages").is_dir()
    found = modlint("check", str(REFERENCE))
    assert "Found 28 problems in 1 file." in found.stdout
    page = modlint("report", str(REFERENCE), "--output-format", "html")
    assert page.returncode == 0, page.stderr
    assert page.stdout.startswith("<!DOCTYPE html>")
    assert (target / "modlint" / "output" / "report" / "report.schema.json").is_file()
