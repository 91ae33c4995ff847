"""The line that tells how far a run is: on a terminal, after a second, and gone at the end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import REFERENCE, ROOT
from terminals import ended, terminal

#: Loud enough to be told of, and slow.
SLOW = '# %%\nimport time\n\ntime.sleep(1.5)\nprint("hi")\n'
SHOWS, HIDES = "\x1b[?25h", "\x1b[?25l"


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """Three modules that take their time when they are run."""
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(SLOW)
    return tmp_path


def seen(text: str) -> list[str]:
    """The lines that are left on the screen, without colours."""
    screen, row = [""], 0
    for part in re.findall(r"\x1b\[[\d?;]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\n":
            row += 1
            screen += [""] * (row == len(screen))
        elif part == "\x1b[1A":
            row -= 1
        elif part == "\x1b[2K":
            screen[row] = ""
        elif part[0] not in "\r\x1b":  # no line is written over but one that was erased
            screen[row] += part
    return screen


def test_a_long_run_tells_how_far_it_is_and_leaves_nothing(slow: Path) -> None:
    child = terminal(slow, "verify")
    child.expect(r"0/3.*a\.py")
    child.expect(r"1/3.*b\.py")
    child.expect(r"2/3.*c\.py")
    status, rest = ended(child)
    assert status == 1
    assert rest.rfind(SHOWS) > rest.rfind(HIDES)
    assert seen(rest) == [
        "a.py:5:1: RUN001 prints on import",
        "b.py:5:1: RUN001 prints on import",
        "c.py:5:1: RUN001 prints on import",
        "Found 3 problems in 3 files.",
        "",
    ]


def test_the_cursor_is_given_back_when_it_is_interrupted(slow: Path) -> None:
    child = terminal(slow, "verify")
    child.expect(r"0/3.*a\.py")
    child.sendintr()
    status, rest = ended(child)
    assert status == 130
    assert rest.rfind(SHOWS) > rest.rfind(HIDES)
    assert seen(rest)[-2:] == ["interrupted", ""]


def test_what_is_said_on_the_way_stands_alone(slow: Path) -> None:
    for name in "abc":
        (slow / f"{name}.py").write_text(SLOW + "\ndef test_it():\n    assert True\n")
    child = terminal(slow, "verify")
    _, rest = ended(child)
    assert "/3 " in rest
    assert seen(rest)[:3] == [f"{name}.py: never called: test_it" for name in "abc"]


@pytest.mark.parametrize(
    "command", [["check", "--no-cache", "--jobs", "1"], ["fix"], ["report", "--select", "STR"]]
)
def test_all_commands_that_may_take_long_have_it(tmp_path: Path, command: list[str]) -> None:
    text = REFERENCE.read_text("utf-8")
    for number in range(240):  # many seconds of work, on the fastest machine
        (tmp_path / f"m{number}.py").write_text(text, "utf-8")
    child = terminal(tmp_path, *command)
    child.expect(r"\d+/240.*m\d+\.py")
    child.close(force=True)
    assert child.signalstatus or child.exitstatus is not None


@pytest.mark.parametrize("variable", [{"CI": "true"}, {"TERM": "dumb"}])
def test_no_line_in_ci_and_on_a_dumb_terminal(slow: Path, variable: dict[str, str]) -> None:
    child = terminal(slow, "verify", "a.py", **variable)
    status, rest = ended(child)
    assert status == 1
    assert "0/1" not in rest
    assert HIDES not in rest


def test_no_line_in_a_pipe(slow: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modlint", "verify", "a.py"],
        cwd=slow,
        env={"PYTHONPATH": str(ROOT / "src"), "FORCE_COLOR": "1", "TERM": "xterm"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ""


def test_a_short_run_does_not_import_rich(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nX = 1\n")
    _, first = ended(terminal(tmp_path, "check"))
    assert "All checks passed" in first
    # Other arguments: no answer, but a result that is known, which takes no time.
    _, rest = ended(terminal(tmp_path, "check", "--verbose", PYTHONPROFILEIMPORTTIME="1"))
    assert "modlint.cli.progress" in rest
    assert "rich" not in rest
