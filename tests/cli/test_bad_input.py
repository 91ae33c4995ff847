"""Bad input: one clear line that names the file, exit 2, nothing lost, the rest still checked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modlint.cli import fix as fix_command
from modlint.writing import write_atomically
from support import ROOT, Run

GOOD = '# %%\nprint("hi")\n'


def assert_refused(modlint: Run, path: str, message: str, row: int | None = None) -> None:
    """``path`` gives one error line and exit 2; a good module beside it is checked all the same."""
    place = path if row is None else f"{path}:{row}"
    Path("good.py").write_text(GOOD)
    for command in (["check"], ["fix", "--apply"]):
        result = modlint(*command, path, "good.py")
        assert result.exit_code == 2
        errors = [line for line in result.stderr.splitlines() if line.startswith("error:")]
        assert len(errors) == 1
        assert errors[0].startswith(f"error: {place}: ")
        assert message in errors[0]
    assert "__main__" in Path("good.py").read_text()


def test_missing_path(modlint: Run) -> None:
    assert_refused(modlint, "nowhere.py", "no such file")


def test_empty_folder(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = modlint("check", "empty")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: no module files found in empty\n"


def test_folder_named_like_a_module(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    assert_refused(modlint, "folder.py", "is a folder")
    (tmp_path / "folder.py" / "inner.py").write_text(GOOD)
    assert "folder.py/inner.py:2:1: IMP002" in modlint("check", ".").stdout


def test_unreadable_file(modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / "locked.py"
    locked.write_text(GOOD)
    locked.chmod(0)
    if os.access(locked, os.R_OK):  # root reads everything: let the system call refuse
        real = open

        def refusing(file: object, *args: object, **kwargs: object) -> object:
            if str(file) == "locked.py":
                raise PermissionError(13, "Permission denied", file)
            return real(file, *args, **kwargs)  # type: ignore[call-overload]

        def closed(path: object, mode: int) -> bool:
            return not (str(path) == "locked.py" and mode == os.R_OK) and can(path, mode)

        can: Callable[[object, int], bool] = os.access  # type: ignore[assignment]
        monkeypatch.setattr("builtins.open", refusing)
        monkeypatch.setattr("os.access", closed)
    assert_refused(modlint, "locked.py", "permission denied")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the device of Linux that is full")
@pytest.mark.parametrize("options", [["--version"], ["--help"], ["check", "good.py"]])
def test_full_disk(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    command = [sys.executable, "-m", "modlint"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with open("/dev/full", "wb") as full:
        said = subprocess.run(
            [*command, *options],
            cwd=tmp_path,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
        unsaid = subprocess.run(
            [*command, *options, "nowhere.py"],
            cwd=tmp_path,
            env=environment,
            stdout=full,
            stderr=full,
            check=False,
        )
    assert (said.returncode, said.stderr) == (2, b"error: No space left on device\n")
    assert unsaid.returncode == 2


def test_undecodable_bytes(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "bytes.py").write_bytes(b"x = 1\ny = '\xff\xfe'\n")
    assert_refused(modlint, "bytes.py", "not utf-8", row=2)


def test_nul_byte(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "nul.py").write_bytes(b"x = 1\ny = '\0'\n")
    assert_refused(modlint, "nul.py", "NUL byte", row=2)


def test_not_a_module_file(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert_refused(modlint, "notes.txt", "is not a module file")


def test_link_to_itself(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    assert_refused(modlint, "loop.py", "symbolic links")


def test_pipe_is_not_waited_for(modlint: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert_refused(modlint, "pipe.py", "is a pipe or a device")
    assert "error: pipe.py: is a pipe" in modlint("check", ".").stderr


def test_test_in_a_cell_with_unreadable_metadata(modlint: Run, tmp_path: Path) -> None:
    text = '# %% nbgrader={"grade": True, "points" 5}\ndef test_a():\n    pass\n'
    (tmp_path / "m.py").write_text(text)
    result = modlint("fix", "--apply", "m.py")
    assert result.exit_code == 1
    assert "CEL002" in result.stdout
    assert (tmp_path / "m.py").read_text() == text


def test_bad_line_of_a_gitignore_is_passed_over(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("!\nskip.py\n")
    (tmp_path / "skip.py").write_text(GOOD)
    (tmp_path / "m.py").write_text(GOOD)
    result = modlint("check", ".")
    assert "m.py:2:1" in result.stdout
    assert "skip.py" not in result.stdout


def test_folder_that_links_to_its_parent_is_walked_once(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to(".", target_is_directory=True)
    (tmp_path / "good.py").write_text(GOOD)
    result = modlint("check", ".")
    assert result.stdout.count("IMP002") == 1


def test_syntax_error_names_cell_and_line(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("# %%\nx = 1\n\n# %%\ny = (\n")
    result = modlint("check", "broken.py")
    assert result.exit_code == 1
    assert result.stdout.startswith("broken.py:5:5: CEL008 cell 2 does not parse:")


def test_five_megabytes_on_one_line(modlint: Run, tmp_path: Path) -> None:
    text = f"# %%\nx = {'a' * 5_000_000!r}\nprint(1)\n"
    (tmp_path / "long.py").write_text(text)
    assert modlint("fix", "--apply", "long.py").exit_code == 0
    expected = text.replace("print(1)", 'if __name__ == "__main__":\n    print(1)')
    assert (tmp_path / "long.py").read_text() == expected


@pytest.mark.parametrize(
    "deep", ["(" * 10_000 + ")" * 10_000, "-" * 20_000 + "1", "1" + "+1" * 20_000]
)
def test_deep_nesting(modlint: Run, tmp_path: Path, deep: str) -> None:
    (tmp_path / "deep.py").write_text(f"# %%\nx = {deep}\n")
    result = modlint("check", "deep.py")
    assert result.exit_code == 1
    assert "deep.py:2:" in result.stdout
    assert "CEL008" in result.stdout


def test_read_only_folder(modlint: Run, tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    (folder / "m.py").write_text(GOOD)
    folder.chmod(0o555)
    try:
        result = modlint("fix", "--apply", "sealed")
    finally:
        folder.chmod(0o755)
    assert result.exit_code == 2
    assert "error: sealed/m.py: stands in a read-only folder" in result.stderr
    assert os.listdir(folder) == ["m.py"]
    assert (folder / "m.py").read_text() == GOOD


def test_file_that_changes_while_it_is_fixed(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.py"
    path.write_text(GOOD)

    def meddled(name: str, expected: bytes, data: bytes) -> None:
        path.write_text("somebody else's\n")
        write_atomically(name, expected, data)

    monkeypatch.setattr(fix_command, "write_atomically", meddled)
    result = modlint("fix", "--apply", "m.py")
    assert result.exit_code == 2
    assert "error: m.py: was changed by another program meanwhile" in result.stderr
    assert path.read_text() == "somebody else's\n"
    assert os.listdir(tmp_path) == ["m.py"]


def test_link_is_not_written_through(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text(GOOD)
    (tmp_path / "link.py").symlink_to("real.py")
    result = modlint("fix", "--apply", "link.py")
    assert result.exit_code == 2
    assert "is a link" in result.stderr
    assert (tmp_path / "real.py").read_text() == GOOD


def test_control_characters_of_a_name_do_not_reach_the_terminal(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "a\x1b[31mb.py").write_text(GOOD)
    result = modlint("check", ".")
    assert "\x1b" not in result.stdout
    assert "a\\x1b[31mb.py:2:1: IMP002" in result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.modlint]\nselcet = ['IMP']\n", "unknown key 'selcet'; did you mean 'select'?"),
        ("[tool.modlint]\nselect = 'IMP'\n", "'select' must be a list of codes"),
        (
            "[tool.modlint]\npoints = {test_x = -1}\n",
            "'points' must be a table of names of tests with points",
        ),
        ("[tool.modlint\n", "pyproject.toml"),
        ("[tool]\nmodlint = 3\n", "must be a table"),
        ("[tool.modlint]\nexclude = ['!']\n", "'exclude': Invalid git pattern"),
    ],
)
def test_bad_settings(modlint: Run, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "m.py").write_text(GOOD)
    result = modlint("check", ".")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "pyproject.toml" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("settings", "arguments", "place"),
    [
        ("", ["check", "--select", "IMP", "--ignore", "IMP"], "command line"),
        ("", ["check", "--statistics", "--select", "IMP", "--ignore", "IMP"], "command line"),
        ("", ["check", "--select", ""], "'--select'"),
        ("", ["check", "--select", " ,"], "'--select'"),
        ("", ["fix", "--select", "IMP", "--ignore", "IMP"], "command line"),
        ("", ["verify", "--ignore", "RUN"], "command line"),
        ("select = ['RUN001']", ["check"], "modlint.toml:1"),
        ("select = ['IMP']\nignore = ['IMP']", ["check"], "modlint.toml:2"),
        ("select = ['RUN001']\nper-file-ignores = {'m.py' = ['IMP']}", ["check"], "modlint.toml:1"),
    ],
)
def test_a_choice_that_leaves_no_rule_is_an_error(
    modlint: Run, tmp_path: Path, settings: str, arguments: list[str], place: str
) -> None:
    (tmp_path / "m.py").write_text("# %%\nprint(1)\n")
    (tmp_path / "modlint.toml").write_text(settings)
    result = modlint(*arguments)
    assert result.exit_code == 2
    assert f"{place}: no rule is left to check" in result.stderr
    assert "All checks passed" not in result.stdout


@pytest.mark.parametrize("settings", ["select = []", "per-file-ignores = {'m.py' = ['IMP']}"])
def test_other_choices_are_none(modlint: Run, tmp_path: Path, settings: str) -> None:
    (tmp_path / "m.py").write_text("# %%\nx = 1\n")
    (tmp_path / "modlint.toml").write_text(f"{settings}\n")
    assert modlint("check").exit_code == 0
    assert modlint("check", "--select", "IMP").exit_code == 0
    assert modlint("check", "--ignore", "").exit_code == 0
