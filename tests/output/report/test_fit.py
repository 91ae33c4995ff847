"""``modlint report --fit``: what GitHub takes, the worst first, and never cut without a word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from modlint.cli import main
from modlint.cli.report import _ROOM
from modlint.output.report.contents import Report
from modlint.output.report.markdown import render
from support import EXEMPLARY, REFERENCE, Run, as_modules

CUT = "This is not the whole report"
MARKDOWN = ("report", "--output-format", "markdown")
FIT = (*MARKDOWN, "--fit", "comment")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The exemplary module and seven of the reference module: more than a comment holds."""
    return _course(tmp_path)


def _course(folder: Path) -> Path:
    shutil.copy(EXEMPLARY, folder / "00_good.py")
    for number in range(1, 8):
        shutil.copy(REFERENCE, folder / f"0{number}_faulty.py")
    return folder


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the command writes from, for all of the course."""
    written: list[Report] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(_course(tmp_path_factory.mktemp("course")))
        patch.setattr("modlint.cli.report._write", lambda report, *_: written.append(report))
        result = CliRunner().invoke(main, as_modules(*MARKDOWN))
    assert (result.exit_code, result.output) == (0, "")
    (report,) = written
    return report


def _shown(text: str) -> dict[str, bool]:
    """The modules that are shown: whether whole."""
    parts = text.split("<details>")[1:]
    return {re.findall(r"<b>(.+?):", part)[0]: "Compliance checklist" in part for part in parts}


def test_what_fits_is_left_alone(modlint: Run, tmp_path: Path) -> None:
    shutil.copy(REFERENCE, tmp_path / "m.py")
    assert modlint(*FIT).stdout == modlint(*MARKDOWN).stdout


def test_a_comment_fits_and_says_what_is_not_there(
    modlint: Run, course: Path, reviewed: Report
) -> None:
    assert len(render(reviewed).encode()) > 65_536
    result = modlint(*FIT)
    assert result.exit_code == 0
    assert result.stdout == render(reviewed, 65_536)
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


def test_every_opened_part_is_closed(reviewed: Report) -> None:
    text = render(reviewed, 65_536)
    assert text.count("<details>") == text.count("</details>") == 8
    assert "<table>" in MarkdownIt("commonmark").enable("table").render(text)


@pytest.mark.parametrize("room", [300, 900, 2_000, 5_000, 20_000, 60_000])
def test_any_room_is_kept_to(reviewed: Report, room: int) -> None:
    text = render(reviewed, room)
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
