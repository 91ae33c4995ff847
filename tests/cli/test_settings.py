"""``modlint settings``, and what the settings of a folder mean to ``check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import Run

LOUD = "# %%\nprint(1)\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with settings of its own in one folder, seen from its top."""
    for name in ("a.py", "own/b.py", "old/c.py", "own/drafts/d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(LOUD)
    (tmp_path / "modlint.toml").write_text(
        "exclude = ['/old/']\nper-file-ignores = {'a.py' = ['IMP']}\n"
    )
    (tmp_path / "own" / "modlint.toml").write_text("exclude = ['/drafts/']\n")
    return tmp_path


def files(stdout: str) -> list[str]:
    return [line.split(":")[0] for line in stdout.splitlines() if ": IMP" in line]


def test_each_setting_is_shown_with_its_origin(modlint: Run, course: Path) -> None:
    result = modlint("settings", "--ignore", "nbg001", "a.py")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "select = []  # default" in lines
    assert 'ignore = ["NBG001"]  # command line' in lines
    assert 'exclude = ["/old/"]  # modlint.toml:1' in lines
    assert 'points = { "test_module" = 20, "*" = 5 }  # default' in lines
    assert lines[-1] == "# not in force in this file: IMP"
    assert '["/drafts/"]  # own/modlint.toml:1' in modlint("settings", "own").stdout


def test_the_same_as_json(modlint: Run, course: Path) -> None:
    result = modlint("settings", "--select", "IMP", "--output-format", "json")
    shown = json.loads(result.stdout)
    assert shown["select"] == {
        "value": ["IMP"], "source": "command line", "file": None, "line": None,
    }  # fmt: skip
    assert shown["exclude"] == {
        "value": ["/old/"], "source": "file", "file": str(course / "modlint.toml"), "line": 1,
    }  # fmt: skip
    assert shown["test-names"]["source"] == "default"


def test_faulty_settings_are_an_error(modlint: Run, course: Path) -> None:
    (course / "modlint.toml").write_text("selcet = []\n")
    result = modlint("settings")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "modlint.toml:1: unknown key 'selcet'; did you mean 'select'?" in result.stderr


def test_the_nearest_file_counts_for_each_module(modlint: Run, course: Path) -> None:
    assert files(modlint("check").stdout) == ["own/b.py"]
    assert files(modlint("check", "own/b.py", "old/c.py", "a.py").stdout) == [
        "own/b.py",
        "old/c.py",
    ]


def test_paths_are_relative_to_their_file(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course / "own")
    assert files(modlint("check", "..").stdout) == ["../own/b.py"]
    assert "no module files found in ../old" in modlint("check", "../old").stderr


def test_faulty_settings_of_one_folder_are_told_once_and_the_rest_goes_on(
    modlint: Run, course: Path
) -> None:
    (course / "own" / "modlint.toml").write_text("ignore = ['NBH']\n")
    result = modlint("check", ".", "own/b.py", "old/c.py")
    assert result.exit_code == 2
    assert files(result.stdout) == ["old/c.py"]
    assert result.stderr.count("no rule begins with 'NBH'; did you mean 'NBG'?") == 1


def test_include_is_what_is_checked_without_a_path(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "modlint.toml").write_text("include = ['own/*.py']\n")
    assert files(modlint("check").stdout) == ["own/b.py"]
    assert files(modlint("check", ".").stdout) == ["a.py", "old/c.py", "own/b.py"]
    monkeypatch.chdir(course / "old")
    result = modlint("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no module files found" in result.stderr


def test_the_command_line_takes_the_place_of_select(modlint: Run, course: Path) -> None:
    (course / "modlint.toml").write_text("select = ['NBG']\nextend-select = ['CEL']\n")
    assert files(modlint("check", "a.py").stdout) == []
    assert files(modlint("check", "a.py", "--select", "IMP").stdout) == ["a.py"]


def test_fix_goes_by_the_settings_of_each_module(modlint: Run, course: Path) -> None:
    modlint("fix", "--apply", "a.py", "own/b.py")
    assert (course / "a.py").read_text() == LOUD
    assert "__main__" in (course / "own" / "b.py").read_text()


# --- options of check -------------------------------------------------------------------------


def test_verbose_reports_what_is_skipped_and_which_settings_count(
    modlint: Run, course: Path
) -> None:
    for name in (".hidden", "build", "ignored"):
        (course / name).mkdir()
    (course / ".gitignore").write_text("ignored/\n")
    (course / "linked").symlink_to(course / "own")
    result = modlint("check", "--verbose")
    told = result.stderr
    assert ".hidden/: skipped: hidden\n" in told
    assert "build/: skipped: folders named build hold no modules of a course\n" in told
    assert f"old/: skipped: `exclude` of {course / 'modlint.toml'}:1\n" in told
    assert f"own/drafts/: skipped: `exclude` of {course / 'own/modlint.toml'}:1\n" in told
    assert f"ignored/: skipped: {course / '.gitignore'}\n" in told
    assert "linked/: skipped: a link to a folder\n" in told
    own = course / "own" / "modlint.toml"
    assert f"own/b.py: module (said by the user); settings of {own}\n" in told
    assert modlint("check").stdout == result.stdout


MODULE = "module (said by the user)"


def test_the_files_to_check_are_listed(modlint: Run, course: Path) -> None:
    result = modlint("check", "--show-files")
    assert (result.exit_code, result.stdout) == (0, f"a.py: {MODULE}\nown/b.py: {MODULE}\n")
    assert modlint("check", "--show-files", "none.py").exit_code == 2


def test_statistics(modlint: Run, course: Path) -> None:
    (course / "own" / "b.py").write_text(f"{LOUD}print(2)\ndef test_x(): ...\n")
    result = modlint("check", "--statistics")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "2  IMP002  [*]  import-time-print",
        "1  NBG001  [*]  missing-test-metadata",
        "Found 3 problems.",
    ]
    listed = json.loads(modlint("check", "--statistics", "--output-format", "json").stdout)
    assert listed[0] == {"code": "IMP002", "name": "import-time-print", "count": 2, "fixable": 2}
    assert modlint("check", "--statistics", "a.py").stdout == "Found 0 problems.\n"


def test_exit_zero_is_about_diagnostics_alone(modlint: Run, course: Path) -> None:
    assert modlint("check", "--exit-zero").exit_code == 0
    assert modlint("check", "--exit-zero", "none.py").exit_code == 2


def test_quiet_shows_diagnostics_and_nothing_else(modlint: Run, course: Path) -> None:
    result = modlint("check", "-q")
    assert result.stdout == "own/b.py:2:1: IMP002 [*] print() runs on import\n"
    assert modlint("check", "-q", "a.py").stdout == ""
