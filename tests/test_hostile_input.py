"""Input made to stop or to end the program: it is read in bounds of time, or refused in words.

Sizes are such that a quadratic step would take hours; the time limit is a guard against
that, no measurement.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forking import forking
from modlint.codes import homes
from modlint.fixing.proof.comments import _REWORDED
from modlint.notebook.ipynb import read_text
from modlint.notebook.magics import masked, unmasked
from modlint.notebook.regions import near_miss
from modlint.settings import SettingsError, find_settings
from support import Run, as_modules

_HANGS = 300  # seconds
BIG = 1_000_000
HEAD = "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n"
SOLUTION = '# %% nbgrader={"solution": true, "grade": false, "grade_id": "a", "locked": false}\n'


Process = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    """The command in a process of its own, forked, which may not hang and may not crash."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [*command, *as_modules(*arguments)],
            cwd=folder, capture_output=True, text=True, timeout=_HANGS,
        )  # fmt: skip
        assert result.returncode in (0, 1, 2), result.stderr[-2000:]
        assert "Traceback" not in result.stderr
        assert "internal error" not in result.stderr
        return result

    rules = [f"modlint.rules.{home}" for home in homes().values()]
    commands = ["modlint.cli.check", "modlint.cli.fix", "modlint.fixing.engine"]
    with forking(*commands, *rules) as command:
        yield run


MODULES = {
    "a marker of words": "# %% " + "a " * BIG + "\n",
    "a marker with one long word": "# %% " + "a" * BIG + "=\n",
    "a marker of equal signs": "# %% " + "=a " * BIG + "\n",
    "a marker of unreadable options": "# %% " + "a=( " * 100_000 + "\n",
    "a marker of quotes": "# %% a=" + '"\\' * BIG + "\n",
    "a sign and blanks": "#" + " " * BIG + "x\n# %%\n",
    "a format name with blanks": HEAD + "#       format_name: x" + " " * BIG + "y\n# ---\n# %%\n",
    "a version with blanks": HEAD + "#       format_version: x" + " " * BIG + "y\n# ---\n# %%\n",
    "a domain name's coding": "# coding: punycode\n# %%\n" + "x" * BIG + "-" + "a9" * BIG,
    "a magic with options": "# %%\n# %time" + " -a11" * 10_000 + "!\n",
    "a magic with numbers": "# %%\n# %time" + " -a 1" * 10_000 + "!\n",
    "signs in a solution": SOLUTION + "#" * BIG + "\n",
    "a comment that is no delimiter": SOLUTION + "# a" + " " * BIG + "é begin\n",
    "ends without a begin": SOLUTION + "# END SOLUTION\n" * 50_000,
    "blank lines of prose": '# %% [markdown]\n"""\n' + "\n" * 200_000
    + '"""\n# %%\nfor i in x:\n    print(i)\n',
    "fences without an end": '# %% [markdown]\n"""\n' + "~~~x\n```y\n" * 100_000
    + '"""\n# %%\nfor i in x:\n    print(i)\n',
    "a line of two megabytes": "# %%\nx = '" + "a" * 2 * BIG + "'\nprint(1)\n",
    "a chain of and": "# %%\nprint(1" + " and 1" * 50_000 + ")\n",
    "a chain of comparisons": "# %%\nprint(1" + " < 1" * 20_000 + ")\n",
    "aliases of aliases": "# ---\n# jupyter:\n#   a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"#   a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    + "#   jupytext:\n#     formats: *a11\n#     text_representation:\n#       extension: .py\n"
    + "#       format_name: *a11\n#       format_version: *a11\n# ---\n# %%\n",
    "a header of brackets": "# ---\n# jupyter:\n#   a: " + "[" * 100_000 + "\n# ---\n# %%\n",
}  # fmt: skip


@pytest.mark.parametrize("text", MODULES.values(), ids=MODULES)
def test_a_hostile_module(process: Process, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.py").write_text(text)
    for arguments in (["check"], ["fix", "--unsafe-fixes"]):
        process(tmp_path, *arguments, "m.py")


@pytest.mark.parametrize(
    "value",
    [
        "# ---\n# jupyter:\n#   a: !!python/object/apply:os.system ['touch ran']\n# ---\n# %%\n",
        "# ---\n# jupyter:\n#   a: {a: !!int '', b: 1}\n# ---\n# %%\n",
        "# ---\n# jupyter:\n#   a: {a: !!bool maybe}\n# ---\n# %%\n",
        "# ---\n# jupyter:\n#   a: {a: !!timestamp never}\n# ---\n# %%\n",
        "# ---\n# jupyter:\n#   a: {[a]: b, ? {c: d} : e}\n# ---\n# %%\n",
    ],
)
def test_a_header_with_tags_is_a_diagnostic(modlint: Run, tmp_path: Path, value: str) -> None:
    (tmp_path / "m.py").write_text(value)
    result = modlint("check", "m.py")
    assert result.exit_code == 1
    assert "CEL005 jupytext stops at this header" in result.stdout
    assert os.listdir(tmp_path) == ["m.py"]


@pytest.mark.parametrize("deep", [190, 900, 3_000, 50_000])
@pytest.mark.parametrize(
    "form",
    ["[{}]", "-{}", "not {}", "{}.a", "{}[0]", "{}()", "{} + 1", "lambda: {}", "{} and 1",
     "{{1: {}}}", "1 if a else {}", "'a' {}", "{}.f('a')"],
)  # fmt: skip
def test_deep_code(modlint: Run, tmp_path: Path, form: str, deep: int) -> None:
    before, after = form.format("\0").split("\0")
    text = before * deep + "1" + after * deep
    (tmp_path / "m.py").write_text(f"# %%\ndef test_a() -> None:\n    return {text}\n\ntest_a()\n")
    for arguments in (["check", "--output-format", "json"], ["fix", "--unsafe-fixes"]):
        result = modlint(*arguments, "m.py")
        # Nothing to fix is a right answer of `fix`: what does not parse has no fix.
        assert result.exit_code in ((1, 2) if arguments[0] == "check" else (0, 1, 2))
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.stderr or result.stdout.startswith("[")


def _notebook(source: object, **more: object) -> str:
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []
    }  # fmt: skip
    cells = [cell | {"source": source}]
    return json.dumps({"cells": cells, "metadata": more, "nbformat": 4, "nbformat_minor": 4})


NOTEBOOKS = {
    "a number of a million digits": _notebook("x", a=0).replace('"a": 0', '"a": ' + "1" * BIG),
    "a million brackets": _notebook("x", a=0).replace('"a": 0', '"a": ' + "[" * BIG + "]" * BIG),
    "a million lists": _notebook("print(1)", a=[[]] * BIG),
    "line ends before the last word": _notebook("print(1)" + "\n" * 100_000 + "x"),
    "blanks before the cells": _notebook("print(1)").replace("[", "[\n" + " " * BIG, 1),
}


@pytest.mark.parametrize("text", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_hostile_notebook(process: Process, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.ipynb").write_text(text)
    for arguments in (["check"], ["fix"]):
        process(tmp_path, *arguments, "m.ipynb")


def test_patterns_that_go_back_and_forth() -> None:
    """Each of these took quadratic time, or worse, in a pattern of its own."""
    for text in (
        "!ls\n" + " " * BIG + "x",
        "!ls\na" + " " * BIG + "x",
        "!ls\n" + "a, " * BIG + "x",
    ):
        assert unmasked(masked(text)) == text
    assert near_miss("# a" + " " * BIG + "é1") is None
    for pattern in _REWORDED.values():
        assert pattern.match("#" + " " * BIG + "x") is None
    assert read_text(_notebook("a" + "\n" * BIG + "b")).cells[0].source[0] == "a"


def test_a_pattern_of_stars_is_refused(modlint: Run, tmp_path: Path) -> None:
    name = "a" * 200 + ".py"
    (tmp_path / name).write_text("# %%\nprint(1)\n")
    stars = "*a" * 20 + "b"
    (tmp_path / ".gitignore").write_text(f"{stars}\n{'**/a/' * 20}\n")
    assert name in modlint("check", ".").stdout
    (tmp_path / "modlint.toml").write_text(f"exclude = ['{stars}']\n")
    result = modlint("check", ".")
    assert result.exit_code == 2
    assert "'exclude': too many `*` in" in result.stderr


@pytest.mark.parametrize("name", [".gitignore", "modlint.toml", "pyproject.toml"])
def test_a_pipe_is_not_waited_for(process: Process, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "m.py").write_text("# %%\nx = 1\n")
    result = process(tmp_path, "check", ".")
    assert result.returncode == (0 if name == ".gitignore" else 2)


@pytest.mark.parametrize("points", ["inf", "-1", "nan", "true", "'5'", "[]", "-inf"])
def test_points_that_no_notebook_can_hold(tmp_path: Path, points: str) -> None:
    (tmp_path / "modlint.toml").write_text(f"points = {{ a = {points} }}\n")
    with pytest.raises(SettingsError, match="numbers from 0"):
        find_settings(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 100_000, "a = " + "9" * 100_000, "a = " + "{a=" * 100_000, "select = 1\n"],
    ids=["deep lists", "a huge number", "deep tables", "a number for a list"],
)
def test_hostile_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "modlint.toml").write_text(text)
    with pytest.raises(SettingsError):
        find_settings(tmp_path)


def test_folders_that_are_too_deep(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    depth = 1_500
    for _ in range(depth):
        os.mkdir("a")
        os.chdir("a")
    result = process(tmp_path, "check", ".")
    for _ in range(depth):  # pytest takes temporary folders away by recursion
        os.chdir("..")
        os.rmdir("a")
    assert result.returncode == 2
    assert "error: .: has folders that are too deeply nested" in result.stderr
