"""``modlint fix --diff``: a patch, and nothing else, that git itself takes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from modlint.cli import main
from support import REFERENCE, REFERENCE_NOTEBOOK, ROOT, Run

LOUD = '# %%\nX = 1\n\n# %%\nprint("hi")\n'
#: A file's name → its bytes: of all encodings and line endings.
FILES = {
    "plain.py": LOUD.encode(),
    "crlf.py": LOUD.replace("\n", "\r\n").encode(),
    "bom.py": b"\xef\xbb\xbf" + LOUD.encode(),
    "unended.py": LOUD.rstrip("\n").encode(),
    "latin.py": LOUD.replace("# %%", "# coding: latin-1\n# %% é", 1).encode("latin-1"),
    "form\ffeed.py": LOUD.replace("X = 1", "X = 1\n\f\nY = 2").encode(),
    "a b.py": LOUD.encode(),
    'a"b\\c.py': LOUD.encode(),
    "a\tb\nc.py": LOUD.encode(),
    "é🔥.py": LOUD.encode(),
    "sub/m.py": LOUD.encode(),
    "one.ipynb": (
        b'{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null,'
        b'"source": "print(1)\\n", "id": "a"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    ),
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A repository with one file of each kind, and the reference module as both."""
    whole = {path.name: path.read_bytes() for path in (REFERENCE, REFERENCE_NOTEBOOK)}
    for name, data in (FILES | whole).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    _git(tmp_path, "init", "-q")
    return tmp_path


def _git(folder: Path, *arguments: str, patch: bytes = b"") -> None:
    done = subprocess.run(["git", *arguments], cwd=folder, input=patch, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_git_makes_of_the_patch_what_apply_writes(modlint: Run, course: Path) -> None:
    before = _contents(course)
    result = modlint("fix", "--diff", ".")
    assert result.exit_code == 1
    assert _contents(course) == before
    _git(course, "apply", "--check", "--whitespace=nowarn", patch=result.stdout_bytes)
    _git(course, "apply", "--whitespace=nowarn", patch=result.stdout_bytes)
    patched = _contents(course)
    for name, data in before.items():
        (course / name).write_bytes(data)
        assert patched[name] != data, name
    assert modlint("fix", "--apply", ".").exit_code in (0, 1)
    assert _contents(course) == patched


def test_each_file_alone_and_from_a_folder_below(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FILES:
        result = modlint("fix", "--diff", course / name)
        _git(course, "apply", "--whitespace=nowarn", patch=result.stdout_bytes)
        assert modlint("fix", "--diff", name).exit_code == 0, name
    (course / "sub" / "m.py").write_text(LOUD)
    monkeypatch.chdir(course / "sub")
    result = modlint("fix", "--diff", "m.py")
    _git(course / "sub", "apply", patch=result.stdout_bytes)
    assert (course / "sub" / "m.py").read_text() != LOUD


def test_patch_takes_it_too(modlint: Run, course: Path) -> None:
    result = modlint("fix", "--diff", "plain.py", "sub", "quantization_dev.py")
    done = subprocess.run(
        ["patch", "-p1", "-s"], cwd=course, input=result.stdout_bytes, capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert modlint("fix", "--diff", "plain.py", "sub", "quantization_dev.py").exit_code == 0


def test_nothing_to_change_is_no_patch(modlint: Run, course: Path) -> None:
    (course / "clean.py").write_text("# %%\nX = 1\n")
    result = modlint("fix", "--diff", "clean.py")
    assert (result.exit_code, result.stdout_bytes) == (0, b"")
    assert result.stderr == "Nothing to fix.\n"


def test_what_only_the_author_can_settle_is_not_in_it(modlint: Run, course: Path) -> None:
    assert "1. " in modlint("fix", "quantization_dev.py").stdout
    text = modlint("fix", "--diff", ".").stdout
    for line in text.split("\n"):
        assert re.match(r"--- |\+\+\+ |@@ |[ +-]|\\ No newline|$", line), line
    assert text.count("\n+++ ") == len(FILES) + 2


def test_of_a_pair_that_differs_nothing_is_said_in_it(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nX = 1\n")
    (tmp_path / "m.ipynb").write_bytes(FILES["one.ipynb"])
    result = modlint("fix", "--diff", "m.py", "m.ipynb", "--ignore", "IMP")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 problem left" in result.stderr


def test_standard_input_has_the_name_it_is_given(modlint: Run) -> None:
    result = modlint("fix", "--diff", "-", "--stdin-filename", "sub/m.py", stdin=LOUD)
    assert result.stdout.startswith("--- a/sub/m.py\n+++ b/sub/m.py\n@@ ")


def test_it_stands_without_apply(modlint: Run, course: Path) -> None:
    result = modlint("fix", "--diff", "--apply", "plain.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--diff writes no file" in result.stderr


def test_suppressions_can_be_a_patch(modlint: Run, course: Path) -> None:
    result = modlint("fix", "--add-ignores", "--diff", "plain.py")
    _git(course, "apply", patch=result.stdout_bytes)
    assert "# modlint: ignore[IMP002]" in (course / "plain.py").read_text()


def test_on_a_terminal_it_is_coloured_and_steers_nothing(course: Path) -> None:
    (course / "loud.py").write_text(LOUD.replace("X = 1", "X = '\x1b[2J'"))
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "modlint", "fix", "--diff", "--kind", "module", "loud.py"]
    done = subprocess.run(
        command, cwd=course, stdout=theirs, stderr=subprocess.PIPE,
        env=environment | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000)
    os.close(ours)
    assert done.returncode == 1
    assert b"\x1b[32m+if __name__" in shown
    assert b"\x1b[2J" not in shown
    assert b"\\x1b[2J" in shown


def test_without_a_terminal_it_has_no_colour(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = CliRunner().invoke(main, ["fix", "--diff", "plain.py"])
    assert "\x1b" not in result.stdout


def test_a_link_stands_in_no_patch(modlint: Run, course: Path) -> None:
    (course / "sub" / "link.py").symlink_to(course / "plain.py")
    result = modlint("fix", "--diff", "sub")
    assert result.exit_code == 2
    assert "sub/link.py: is a link; give the path of the file itself" in result.stderr
    _git(course, "apply", "--check", "--whitespace=nowarn", patch=result.stdout_bytes)
    assert "sub/m.py" in result.stdout
    assert "link.py" not in result.stdout
