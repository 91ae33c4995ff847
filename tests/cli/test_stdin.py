"""A module on standard input, as editors send it: text out, words on standard error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import REFERENCE_NOTEBOOK, ROOT, Run, as_modules

TEXT = '# %%\nprint("hi")\n'
FIXED = '# %%\nif __name__ == "__main__":\n    print("hi")\n'
UNSAFE = "# %%\ndef enable():\n    global on\n    on = 1\n\nenable()\n"
SAID = "m.py:6:1: IMP003 [-] enable() runs on import; it changes on\n"


def piped(folder: Path, text: bytes, *arguments: str) -> tuple[int, bytes, bytes]:
    """The command between two pipes: exit status, standard output, standard error."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "modlint", *as_modules(*arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment, input=text, capture_output=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TEXT.encode(), FIXED.encode()),
        (TEXT.replace("\n", "\r\n").encode(), FIXED.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + TEXT.encode(), b"\xef\xbb\xbf" + FIXED.encode()),
        (
            b'# -*- coding: latin-1 -*-\n# %%\nprint("\xe9")\n',
            b'# -*- coding: latin-1 -*-\n# %%\nif __name__ == "__main__":\n    print("\xe9")\n',
        ),
        (FIXED.encode(), FIXED.encode()),
        (b"", b""),
    ],
    ids=["plain", "CRLF", "byte order mark", "latin-1", "nothing to fix", "nothing"],
)
def test_the_fixed_text_is_all_of_standard_output(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    done = piped(tmp_path, before, "fix", "--apply", "-", "--stdin-filename", "m.py")
    assert done[1] == after


def test_a_notebook_comes_out_as_the_file_would(tmp_path: Path) -> None:
    text = REFERENCE_NOTEBOOK.read_bytes()
    path = tmp_path / "m.ipynb"
    path.write_bytes(text)
    code, out, err = piped(tmp_path, text, "fix", "--apply", "-", "--stdin-filename", "m.ipynb")
    assert path.read_bytes() == text
    of_file = piped(tmp_path, b"", "fix", "--apply", "m.ipynb")
    assert out == path.read_bytes()
    assert (code, err) == (of_file[0], of_file[1] + of_file[2])


def test_what_is_left_is_told_beside_the_text(modlint: Run) -> None:
    result = modlint("fix", "--apply", "-", "--stdin-filename", "m.py", stdin=UNSAFE)
    assert (result.exit_code, result.stdout) == (1, UNSAFE)
    assert result.stderr.startswith(SAID)


def test_without_apply_standard_output_is_the_diff(modlint: Run) -> None:
    result = modlint("fix", "-", "--stdin-filename", "m.py", stdin=TEXT)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- m.py\n+++ m.py\n@@ ")


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("{", "m.ipynb", "m.ipynb:1:"),
        ('{"cells": []}\n', "<stdin>", "looks like a notebook"),
        ("\udc80", "m.py", "m.py"),
    ],
)
def test_what_cannot_be_read_comes_back_unchanged(
    tmp_path: Path, text: str, name: str, said: str
) -> None:
    """An editor puts what comes out into the place of what it sent."""
    sent = text.encode("utf-8", "surrogateescape")
    code, out, err = piped(tmp_path, sent, "fix", "--apply", "-", "--stdin-filename", name)
    assert (code, out) == (2, sent)
    assert said in err.decode()


def test_faulty_settings_give_the_text_back(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "modlint.toml").write_text("selct = []\n")
    result = modlint("fix", "--apply", "-", "--stdin-filename", "m.py", stdin=TEXT)
    assert (result.exit_code, result.stdout) == (2, TEXT)
    assert "did you mean 'select'?" in result.stderr


@pytest.mark.parametrize("command", ["check", "fix"])
def test_the_settings_are_those_of_the_name(modlint: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "modlint.toml").write_text('per-file-ignores = { "a.py" = ["IMP"] }\n')
    codes = {
        name: modlint(command, "-", "--stdin-filename", name, stdin=TEXT).exit_code
        for name in ("a.py", "drafts/a.py", "drafts/b.py", str(tmp_path / "drafts" / "a.py"))
    }
    assert list(codes.values()) == [1, 0, 1, 0]


def test_the_name_alone_means_standard_input(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("X = 1\n")
    result = modlint("check", "--stdin-filename", "m.py", stdin=TEXT)
    assert result.stdout.startswith("m.py:2:1: IMP002")
