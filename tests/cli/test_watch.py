"""``modlint check --watch``: a real process, real edits, and the answers that follow them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from support import ROOT, Run
from terminals import ended, terminal

QUIET = "# %%\nX = 1\n"
LOUD = '# %%\nprint("hi")\n'
CHECKED = r"Checked at \d\d:\d\d:\d\d; watching for changes, until Ctrl-C\."


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with a module in a folder, and one that is excluded."""
    for name in ("src/m.py", "drafts/d.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(QUIET)
    (tmp_path / "modlint.toml").write_text('exclude = ["drafts/"]\nbaseline = "base.json"\n')
    return tmp_path


@pytest.fixture
def watching(course: Path) -> Iterator[pexpect.spawn[str]]:
    """The command at work on the course, its first answer given."""
    child = terminal(course, "check", "--watch", NO_COLOR="1")
    child.expect_exact("All checks passed in 1 file.")
    child.expect(CHECKED)
    yield child
    child.close(force=True)


def answer(child: pexpect.spawn[str]) -> str:
    """What the next check says."""
    child.expect(CHECKED)
    return str(child.before)


def answer_with(words: str, child: pexpect.spawn[str]) -> str:
    """What the next check says that says this: one may come before a file is written to its end."""
    while words not in (said := answer(child)):
        continue
    return said


def test_an_edit_is_answered_on_a_clear_screen(watching: pexpect.spawn[str], course: Path) -> None:
    (course / "src" / "m.py").write_text(LOUD)
    assert "\x1b[2J" in answer_with("IMP002", watching)
    (course / "src" / "m.py").write_text(QUIET)
    assert "\x1b[2J" in answer_with("All checks passed in 1 file.", watching)


def test_what_an_editor_does_is_an_edit(watching: pexpect.spawn[str], course: Path) -> None:
    """Many write another file and give it the name of the old one."""
    (course / "src" / ".m.py.swp").write_text(LOUD)
    os.replace(course / "src" / ".m.py.swp", course / "src" / "m.py")
    assert "src/m.py:2:1:" in answer_with("IMP002", watching)


def test_new_files_in_new_folders_are_found(watching: pexpect.spawn[str], course: Path) -> None:
    (course / "src" / "deep").mkdir()
    (course / "src" / "deep" / "n.py").write_text(LOUD)
    assert "Found 1 problem" in answer_with("src/deep/n.py:2:1:", watching)
    (course / "src" / "deep" / "n.py").unlink()
    assert "n.py" not in answer_with("All checks passed in 1 file.", watching)


def test_the_settings_and_the_baseline_count(watching: pexpect.spawn[str], course: Path) -> None:
    (course / "drafts" / "d.py").write_text(LOUD)  # excluded: no check follows
    (course / "modlint.toml").write_text('baseline = "base.json"\n')
    assert "Found 1 problem" in answer_with("drafts/d.py", watching)
    (course / "base.json").write_text('{"version": 1, "files": {"drafts/d.py": {"IMP002": 1}}}')
    assert "1 more in the baseline." in answer_with("All checks passed in 2 files.", watching)


def test_faulty_settings_are_told_and_waited_for(
    watching: pexpect.spawn[str], course: Path
) -> None:
    (course / "modlint.toml").write_text("exclud = []\n")
    assert "error: " in answer_with("did you mean 'exclude'?", watching)
    (course / "modlint.toml").write_text("exclude = ['drafts']\n")
    assert "error: " not in answer_with("All checks passed in 1 file.", watching)


def test_what_is_excluded_is_not_waited_for(watching: pexpect.spawn[str], course: Path) -> None:
    (course / "drafts" / "d.py").write_text(LOUD)
    (course / "drafts" / "e.py").write_text(LOUD)
    (course / "src" / "m.py").write_text(LOUD)
    # The first check that follows is that of the edit which counts.
    assert "src/m.py" in answer(watching)


@pytest.mark.parametrize("options", [("-o", "w.txt"), ("-o", "src/w.txt"), ()])
def test_it_does_not_answer_itself(course: Path, options: tuple[str, ...]) -> None:
    """The result and the cache stand where modules are looked for."""
    (course / "src" / "m.py").write_text(LOUD)
    child = terminal(course, "check", "--watch", *options, NO_COLOR="1", MODLINT_CACHE_DIR="src")
    try:
        child.expect(CHECKED)
        with pytest.raises(pexpect.TIMEOUT):
            child.expect(CHECKED, timeout=2.5)  # twice as long as the longest wait for a look
        (course / "src" / "m.py").write_text(QUIET)
        assert "All checks passed" in answer_with("All checks passed", child)
        assert list((course / "src").glob("*.modlint"))
    finally:
        child.close(force=True)


def test_ctrl_c_ends_it(watching: pexpect.spawn[str]) -> None:
    watching.sendintr()
    status, said = ended(watching)
    assert status == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_between_pipes_it_writes_plain_answers(course: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "modlint", "check", "--watch", "--kind", "module", "src"],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "All checks passed in 1 file.\n"
    (course / "src" / "m.py").write_text(LOUD)
    assert process.stdout.readline().startswith("src/m.py:2:1: IMP002")
    assert process.stdout.readline().startswith("Found 1 problem")
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode in (128 + number, 130)
    assert "Traceback" not in said


def test_standard_input_is_no_file_to_watch(modlint: Run) -> None:
    assert modlint("check", "--watch", "-").exit_code == 2
    assert modlint("check", "--watch", "--stdin-filename", "m.py").exit_code == 2


def test_without_watchfiles_it_says_what_to_install(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = modlint("check", "--watch")
    assert result.exit_code == 2
    assert "pip install watchfiles" in result.stderr
