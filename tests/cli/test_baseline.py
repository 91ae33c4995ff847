"""Baselines: written, held against what is found, and never grown by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modlint.baseline import Counts, read_baseline
from modlint.writing import NotWritten
from support import Run

LOUD = "# %%\nprint(1)\nprint(2)\n"
FILE = "modlint-baseline.json"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two loud modules, one in a folder."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.py").write_text(LOUD)
    (tmp_path / "sub" / "a.py").write_text(LOUD)
    return tmp_path


@pytest.fixture
def recorded(modlint: Run, course: Path) -> Path:
    """The same, with a baseline."""
    result = modlint("baseline", "write")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "modlint-baseline.json holds 4 problems.\n"
    return course


def test_what_is_written_has_a_line_for_each_entry(recorded: Path) -> None:
    text = (recorded / FILE).read_text()
    assert text == (
        '{\n "version": 1,\n "files": {\n  "b.py": {\n   "IMP002": 2\n  },\n'
        '  "sub/a.py": {\n   "IMP002": 2\n  }\n }\n}\n'
    )


def test_what_is_in_the_baseline_is_not_shown(modlint: Run, recorded: Path) -> None:
    result = modlint("check", "--baseline", FILE)
    assert (result.exit_code, result.stdout) == (0, "All checks passed in 2 files.\n")
    assert result.stderr == "4 more in the baseline.\n"
    assert modlint("check").exit_code == 1


def test_shifted_lines_and_other_folders_do_not_matter(
    modlint: Run, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recorded / "b.py").write_text(f"# %%\n\nX = 1\n{LOUD}")
    monkeypatch.chdir(recorded / "sub")
    assert modlint("check", "--baseline", f"../{FILE}", "a.py", "../b.py").exit_code == 0


def test_where_there_are_more_all_of_the_rule_are_shown(modlint: Run, recorded: Path) -> None:
    (recorded / "b.py").write_text(f"{LOUD}print(3)\n\n\ndef test_x():\n    pass\n")
    result = modlint("check", "--baseline", FILE)
    assert result.exit_code == 1
    shown = [line.split(":")[:2] for line in result.stdout.splitlines()[:-1]]
    assert shown == [["b.py", "2"], ["b.py", "3"], ["b.py", "4"], ["b.py", "7"]]
    assert "b.py: IMP002: 3 found, 2 in the baseline: all are shown\n" in result.stderr
    assert "2 more in the baseline.\n" in result.stderr


def test_what_is_mended_is_told_and_recorded(modlint: Run, recorded: Path) -> None:
    (recorded / "b.py").write_text("# %%\nprint(1)\n")
    result = modlint("check", "--baseline", FILE)
    assert result.exit_code == 0
    told = "1 fewer than in the baseline; `modlint baseline write` records it.\n"
    assert told in result.stderr
    assert told not in modlint("check", "--baseline", FILE, "--quiet").stderr
    result = modlint("baseline", "write")
    assert result.stderr == "modlint-baseline.json holds 3 problems, 1 fewer than before.\n"
    assert json.loads((recorded / FILE).read_text())["files"]["b.py"] == {"IMP002": 1}
    assert told not in modlint("check", "--baseline", FILE).stderr


def test_it_only_shrinks_unless_forced(modlint: Run, recorded: Path) -> None:
    before = (recorded / FILE).read_bytes()
    (recorded / "b.py").write_text(f"{LOUD}print(3)\n")
    (recorded / "sub" / "a.py").write_text("# %%\n")
    result = modlint("baseline", "write")
    assert result.exit_code == 1
    assert "b.py: IMP002: 3 found, 2 in the baseline\n" in result.stderr
    assert "would grow" in result.stderr
    assert (recorded / FILE).read_bytes() == before
    assert modlint("baseline", "write", "--force").exit_code == 0
    assert json.loads((recorded / FILE).read_text())["files"] == {"b.py": {"IMP002": 3}}


def test_of_two_that_write_at_once_the_last_one_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "base.json")
    first, last = (read_baseline(path, may_be_new=True) for _ in range(2))
    first.write(Counts({("a.py", "IMP002"): 2}))
    with pytest.raises(NotWritten, match="was changed by another program meanwhile"):
        last.write(Counts({("b.py", "IMP002"): 1}))
    assert read_baseline(path).counts == {("a.py", "IMP002"): 2}
    assert [entry.name for entry in tmp_path.iterdir()] == ["base.json"]
    late = read_baseline(path)
    read_baseline(path).write(Counts({("a.py", "IMP002"): 1}))
    with pytest.raises(NotWritten, match="was changed by another program meanwhile"):
        late.write(Counts())
    assert read_baseline(path).counts == {("a.py", "IMP002"): 1}


def test_a_baseline_that_cannot_be_made_is_named(modlint: Run, course: Path) -> None:
    result = modlint("baseline", "write", "--file", "no/such.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: no/such.json: cannot be written: no such file" in result.stderr


def test_an_unchanged_baseline_is_not_written(modlint: Run, recorded: Path) -> None:
    (recorded / FILE).chmod(0o444)
    assert modlint("baseline", "write").exit_code == 0
    (recorded / "b.py").write_text("# %%\n")
    result = modlint("baseline", "write")
    assert result.exit_code == 2
    assert "read-only" in result.stderr


def test_what_was_not_looked_at_stays(modlint: Run, recorded: Path) -> None:
    (recorded / "sub" / "a.py").write_text("# %%\n")
    assert modlint("baseline", "write", "b.py").exit_code == 0
    assert len(json.loads((recorded / FILE).read_text())["files"]) == 2
    assert modlint("baseline", "write", "--select", "NBG").exit_code == 0
    assert len(json.loads((recorded / FILE).read_text())["files"]) == 2
    assert "fewer" not in modlint("check", "--baseline", FILE, "--ignore", "IMP").stderr


def test_a_file_that_is_gone_is_forgotten(modlint: Run, recorded: Path) -> None:
    (recorded / "b.py").unlink()
    assert modlint("baseline", "write").exit_code == 0
    assert list(json.loads((recorded / FILE).read_text())["files"]) == ["sub/a.py"]


def test_nothing_is_recorded_where_a_file_cannot_be_checked(modlint: Run, course: Path) -> None:
    (course / "c.py").write_bytes(b"\0")
    assert modlint("baseline", "write").exit_code == 2
    assert not (course / FILE).exists()


def test_the_settings_name_the_baseline(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "modlint.toml").write_text("baseline = 'kept/old.json'\n")
    (course / "kept").mkdir()
    result = modlint("check")  # nothing is recorded yet: all is new
    assert result.exit_code == 1
    assert "Found 4 problems in 2 files." in result.stdout
    assert modlint("baseline", "write").exit_code == 0
    files = json.loads((course / "kept/old.json").read_text())["files"]
    assert list(files) == ["../b.py", "../sub/a.py"]
    monkeypatch.chdir(course / "sub")
    assert modlint("check", "..").exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is no baseline of modlint"),
        ('{"version": 2, "files": {}}', "is no baseline of modlint"),
        ('{"version": 1, "files": []}', "is no baseline of modlint"),
        ('{"version": 1, "files": {"b.py": 3}}', "is no baseline of modlint"),
        ('{"version": 1, "files": {"b.py": {"IMP002": true}}}', "must be a number from 1"),
        ('{"version": 1, "files": {"b.py": {"IMP002": 0}}}', "must be a number from 1"),
        ("\udc80", "is not JSON"),
    ],
)
def test_what_is_no_baseline_is_refused(
    modlint: Run, course: Path, text: str, message: str
) -> None:
    (course / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    for arguments in (["check", "--baseline", FILE], ["baseline", "write"]):
        result = modlint(*arguments)
        assert result.exit_code == 2
        assert f"{FILE}: " in result.stderr
        assert message in result.stderr


def test_a_baseline_that_is_named_must_be_there(modlint: Run, course: Path) -> None:
    result = modlint("check", "--baseline", "other.json")
    assert result.exit_code == 2
    assert "no such baseline; `modlint baseline write` makes it" in result.stderr


def test_a_folder_is_no_baseline(modlint: Run, course: Path) -> None:
    result = modlint("check", "--baseline", "sub")
    assert result.exit_code == 2
    assert "sub: is not a file" in result.stderr
    assert modlint("baseline", "write", "-", stdin="x = 1\n").exit_code == 2


@pytest.mark.parametrize("path", ["../out.json", "/tmp/out.json", "a/../../out.json"])
def test_settings_do_not_say_where_else_to_write(modlint: Run, course: Path, path: str) -> None:
    (course / "modlint.toml").write_text(f"baseline = '{path}'\n")
    result = modlint("baseline", "write")
    assert result.exit_code == 2
    assert "modlint.toml:1: 'baseline' is outside of this folder" in result.stderr
    assert not (course.parent / "out.json").exists()
