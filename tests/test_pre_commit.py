"""The pre-commit hooks, tried by the real pre-commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import REFERENCE, ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="pre-commit installs hooks from a git repository",
)


def run(*command: str, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(home),
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.invalid",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.invalid",
    }
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_hooks_find_and_mend_the_reference_module(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("pre-commit-home")
    module = tmp_path / "modules" / REFERENCE.name
    module.parent.mkdir()
    shutil.copy(REFERENCE, module)
    run("git", "init", "-q", cwd=tmp_path, home=home)
    run("git", "add", ".", cwd=tmp_path, home=home)

    def hook(name: str) -> subprocess.CompletedProcess[str]:
        # try-repo takes the working tree as it is, uncommitted changes included.
        pre_commit = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), name]
        return run(*pre_commit, "--all-files", cwd=tmp_path, home=home)

    checked = hook("modlint-check")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert f"modules/{REFERENCE.name}:496:1: IMP001 [*]" in checked.stdout
    assert "Found 28 problems in 1 file." in checked.stdout

    fixed = hook("modlint-fix")
    assert fixed.returncode == 1
    assert "files were modified by this hook" in fixed.stdout
    assert "Applied 23 fixes in 1 file." in fixed.stdout
    assert module.read_text("utf-8") != REFERENCE.read_text("utf-8")
