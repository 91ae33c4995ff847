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

    # try-repo takes the working tree as it is, uncommitted changes included. One run of both hooks,
    # in their order: each run of it makes the environment anew.
    pre_commit = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT)]
    done = run(*pre_commit, "--all-files", "--verbose", cwd=tmp_path, home=home)
    assert done.returncode == 1, done.stdout + done.stderr
    checked, _, fixed = done.stdout.partition("- hook id: modlint-fix")

    assert "- hook id: modlint-check\n" in checked
    assert "- exit code: 1" in checked
    assert "files were modified by this hook" not in checked
    assert f"modules/{REFERENCE.name}:496:1: IMP001 [*]" in checked
    assert "Found 28 problems in 1 file." in checked

    assert "- exit code: 1" in fixed
    assert "files were modified by this hook" in fixed
    assert "Applied 23 fixes in 1 file." in fixed
    assert module.read_text("utf-8") != REFERENCE.read_text("utf-8")
