"""``modlint report --fit``: what GitHub takes, the worst first, and never cut without a word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from modlint.cli.report import _ROOM
from support import EXEMPLARY, REFERENCE, Run

CUT = "This is not the whole report"
MARKDOWN = ("report", "--output-format", "markdown")
FIT = (*MARKDOWN, "--fit", "comment")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The exemplary module and seven of the reference module: more than a comment holds."""
    shutil.copy(EXEMPLARY, tmp_path / "00_good.py")
    for number in range(1, 8):
        shutil.copy(REFERENCE, tmp_path / f"0{number}_faulty.py")
    return tmp_path


def _shown(text: str) -> dict[str, bool]:
    """The modules that are shown: whether whole."""
    parts = text.split("<details>")[1:]
    return {re.findall(r"<b>(.+?):", part)[0]: "Compliance checklist" in part for part in parts}


def test_what_fits_is_left_alone(modlint: Run, tmp_path: Path) -> None:
    shutil.copy(REFERENCE, tmp_path / "m.py")
    assert modlint(*FIT).stdout == modlint(*MARKDOWN).stdout


def test_a_comment_fits_and_says_what_is_not_there(modlint: Run, course: Path) -> None:
    assert len(modlint(*MARKDOWN).stdout.encode()) > 65_536
    result = modlint(*FIT)
    assert result.exit_code == 0
    size = len(result.stdout.encode())
    assert 50_000 < size <= 65_536
    shown = _shown(result.stdout)
    in_short = [path for path, whole in shown.items() if not whole]
    assert f"Of 8 modules, those with the lowest scores are shown whole, {len(in_short)} in" in (
        result.stdout
    )
    assert list(shown) == sorted(shown)
    assert "00_good.py" in in_short
    assert shown["01_faulty.py"]
    table = result.stdout.partition(CUT)[0]
    assert len(re.findall(r"^\| 0\d", table, re.MULTILINE)) == len(shown) == 8


def test_every_opened_part_is_closed(modlint: Run, course: Path) -> None:
    text = modlint(*FIT).stdout
    assert text.count("<details>") == text.count("</details>") == 8
    assert "<table>" in MarkdownIt("commonmark").enable("table").render(text)


@pytest.mark.parametrize("room", [300, 900, 2_000, 5_000, 20_000, 60_000])
def test_any_room_is_kept_to(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setitem(_ROOM, "comment", room)
    text = modlint(*FIT).stdout
    assert len(text.encode()) <= room
    assert CUT in text or "Cut here" in text
    assert text.startswith("# Course overview\n")
    assert text.endswith("\n")


def test_one_module_is_shown_in_short(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(REFERENCE, tmp_path / "m.py")
    monkeypatch.setitem(_ROOM, "comment", 8_000)
    text = modlint(*FIT).stdout
    assert len(text.encode()) <= 8_000
    assert "Of 1 module" in text
    assert "Priority fix list" in text
    assert "Compliance checklist" not in text


def test_fit_is_for_markdown(modlint: Run) -> None:
    result = modlint("report", "--fit", "comment")
    assert result.exit_code == 2
    assert "--fit is for --output-format markdown" in result.stderr


def test_the_room_of_a_summary_is_a_mebibyte() -> None:
    assert _ROOM == {"comment": 65_536, "summary": 1_048_576}
