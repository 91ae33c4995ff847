"""A hostile tree gains nothing: no code of it is run, no file outside is written, no text steers
the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, Run, as_modules

MODULE = "# ---\n# jupyter:\n#   a: &x {b: 1}\n# ---\n# %%\nprint(1)\n\n# %%\n1 +\n"
CANARY = "import sys\nsys.stderr.write('CANARY ' + __name__ + '\\n')\n"
#: What Python itself imports before it looks at the program of ``python -m``.
_PYTHONS_OWN = frozenset(
    "collections contextlib functools importlib keyword operator reprlib runpy types warnings "
    "sitecustomize usercustomize".split()
)
_OTHERS = "click libcst yaml pathspec nbformat rich conftest typing_extensions jupytext"

#: ESC ] 0 sets the title of a terminal; U+202E turns the order of what follows round.
_EVIL = ("\x1b", "\x9b", "\u202e", "\u2066", "\x07", "\r")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of modules in which each name that modlint might import is a trap."""
    lib = tmp_path / "course"
    lib.mkdir()
    for name in (*sys.stdlib_module_names, *_OTHERS.split()):
        if name not in _PYTHONS_OWN and name != "__main__":
            (lib / f"{name}.py").write_text(CANARY)
    (lib / "m.py").write_text(MODULE + CANARY)
    (lib / ".gitignore").write_text("*_x.py\n")
    (lib / "pyproject.toml").write_text("[tool.modlint]\nexclude = ['q']\n")
    return lib


def _run(start: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, *start, "m.py"], cwd=tree, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("command", [["check"], ["fix"], ["check", "--output-format", "json"]])
def test_python_dash_m_runs_no_code_of_the_folder(tree: Path, command: list[str]) -> None:
    result = _run(["-m", "modlint", *as_modules(*command)], tree)
    assert "CANARY" not in result.stderr
    assert result.returncode == 1
    assert "print" in result.stdout


def test_the_trap_would_close(tree: Path) -> None:
    """Without care, the same start does run the folder's code: the test above can fail."""
    result = _run(["-c", "import click"], tree)
    assert "CANARY click" in result.stderr


def test_the_python_path_of_other_programs_is_left_alone(tree: Path) -> None:
    own = tree / "clean" / "own"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("import modlint\n")
    (own / "__main__.py").write_text("import os, sys\nprint(os.getcwd() in sys.path)\n")
    assert _run(["-m", "own"], own.parent).stdout == "True\n"


def test_no_file_outside_is_written_through_a_link(modlint: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "m.py").write_text("# %%\nprint(1)\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file.py").symlink_to(outside / "m.py")
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    result = modlint("fix", "--apply", "inside")
    assert result.exit_code == 2
    assert "inside/file.py: is a link" in result.stderr
    assert (outside / "m.py").read_text() == "# %%\nprint(1)\n"
    assert os.listdir(outside) == ["m.py"]


def _is_harmless(text: str) -> bool:
    return not any(sign in text for sign in _EVIL)


@pytest.mark.parametrize("sign", _EVIL, ids=ascii)
def test_names_of_files_cannot_steer_the_terminal(modlint: Run, tmp_path: Path, sign: str) -> None:
    name = f"a{sign}]0;x.py"
    (tmp_path / name).write_text(MODULE)
    (tmp_path / f"b{sign}.py").symlink_to("nowhere")
    for command in (["check"], ["fix"], ["check", "--output-format", "json"]):
        result = modlint(*command, ".")
        assert result.exit_code == 2
        assert _is_harmless(result.stdout + result.stderr)
    assert json.loads(modlint("check", "--output-format", "json", name).stdout)[0]["filename"]
    assert _is_harmless(modlint("check", f"none{sign}.py").stderr)


@pytest.mark.parametrize("sign", [s for s in _EVIL if s != "\r"], ids=ascii)
def test_sources_cannot_steer_the_terminal(modlint: Run, tmp_path: Path, sign: str) -> None:
    (tmp_path / "m.py").write_text(
        f"# %% [markdown] {sign} nbgrader={{'{sign}': 1}}\n# %% {sign}\n"
        f"# {sign}\nprint('{sign}')\n"
        f"# %%\ndef f(x: '{sign}') -> None:\n    return 1\n"
        f"# %%\ndef f(y: '{sign}') -> int:\n    return '{sign}'\n"
        f'# %% nbgrader={{"{sign}": "{sign}", "grade_id": "{sign}", "grade": true}}\n'
        f'assert f("{sign}")\n'
        f"# %%\n1 + '{sign}\n"
    )
    for command in (["check"], ["fix"], ["fix", "--unsafe-fixes"]):
        result = modlint(*command, "m.py")
        assert result.exit_code == 1
        assert result.stdout
        assert _is_harmless(result.stdout + result.stderr)
    shown = modlint("check", "--output-format", "json", "m.py").stdout
    assert json.loads(shown)
    assert _is_harmless(shown)


@pytest.mark.parametrize(
    "text",
    [
        '[tool.modlint]\n"\\u202e\\u001b" = 1\n',
        '[tool.modlint]\nselect = ["\\u202e\\u001b"]\n',
        '[tool.modlint]\nexclude = ["\\u202e\\u001b!/*a*a*a*a*a*a"]\n',
        '[tool.modlint]\nx = "\x1b\u202e"\n',
    ],
)
def test_settings_cannot_steer_the_terminal(modlint: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "m.py").write_text(MODULE)
    result = modlint("check", "m.py")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert _is_harmless(result.stderr)
