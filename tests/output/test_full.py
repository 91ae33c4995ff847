"""``--output-format full``: the lines of the place, and the place marked, in any terminal."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modlint.cache import Trace
from modlint.diagnostics import Applicability, Position, Severity
from modlint.output import full
from modlint.output.results import Results
from modlint.reports import Finding, Place, Repair, Report
from support import REFERENCE, ROOT, Run


def _shown(
    lines: dict[int, str],
    start: tuple[int, int],
    end: tuple[int, int],
    width: int = 80,
    fix: Repair | None = None,
) -> str:
    first, last = Position(*start), Position(*end)
    place = Place((start[0], end[0]), (start[1], end[1]), (1, 1), tuple(lines.items()))
    finding = Finding("IMP001", "x", "runs", Severity.ERROR, 0, first, last, fix, place)
    report = Report("m.py", True, False, False, [finding], b"")
    return click.unstyle(full.render(Results([report], [], Trace(), width)))


def _picture(text: str) -> str:
    """The lines between the bars."""
    return "\n".join(text.split("\n")[3:-2])


def test_a_place_within_a_line() -> None:
    shown = _shown({8: "a", 9: "x = test(1)", 10: "b"}, (9, 5), (9, 12))
    assert shown == (
        "IMP001 runs\n"
        "  --> m.py:9:5\n"
        "   |\n"
        " 8 | a\n"
        " 9 | x = test(1)\n"
        "   |     ^^^^^^^\n"
        "10 | b\n"
        "   |\n"
    )


def test_a_place_of_several_lines() -> None:
    shown = _shown({1: "a", 2: "for x in y:", 3: "    pass", 4: "b"}, (2, 1), (3, 9))
    assert _picture(shown) == (
        "1 |   a\n"
        "2 | / for x in y:\n"
        "3 | |     pass\n"
        "  | |________^\n"
        "4 |   b\n"
        "  |"
    ).removesuffix("\n  |")  # fmt: skip


def test_what_is_left_out_is_marked() -> None:
    shown = _shown({1: "if x:", 2: "    a", 30: "    z"}, (1, 1), (30, 6))
    assert "\n...\n30 | |     z\n   | |_____^" in shown


def test_an_end_before_the_first_column_is_that_of_the_row_above() -> None:
    assert _picture(_shown({1: "abc", 2: "d"}, (1, 1), (2, 1))) == "1 | abc\n  | ^^^\n2 | d"


@pytest.mark.parametrize("text", ["", "abc"])
def test_a_place_without_width_is_one_sign(text: str) -> None:
    column = len(text) + 1
    shown = _picture(_shown({1: text}, (1, column), (1, column)))
    assert shown == f"1 | {text}".rstrip() + f"\n  | {' ' * len(text)}^"


@pytest.mark.parametrize(
    ("before", "columns"),
    [("\t", 4), ("é", 1), ("世界", 4), ("e\u0301", 1), ("\x1b", 4), ("🔥", 2)],
    ids=ascii,
)
def test_the_mark_stands_below_the_place_whatever_stands_before(before: str, columns: int) -> None:
    place = (1, len(before) + 1)
    mark = _picture(_shown({1: f"{before}xy"}, place, (1, place[1] + 2))).split("\n")[1]
    assert mark == f"  | {' ' * columns}^^"


def test_a_wide_line_is_cut_so_that_the_place_is_seen() -> None:
    line = "a" * 100 + "HERE" + "b" * 100
    text, mark = _picture(_shown({1: line}, (1, 101), (1, 105), width=40)).split("\n")
    assert len(text) == 40
    assert text.count("…") == 2
    assert text[mark.index("^") :].startswith("HERE")
    assert mark.count("^") == 4


def test_behind_a_line_as_wide_as_the_terminal_the_mark_has_room() -> None:
    for width in (39, 40, 41):
        text, mark = _picture(_shown({1: "a" * 36}, (1, 37), (1, 37), width)).split("\n")
        assert len(mark) <= width
        assert len(text) == len(mark) - 1
        assert ("…" in text) == (width < 41)


@pytest.mark.parametrize("before", [0, 30, 10_000])
@pytest.mark.parametrize("behind", [0, 30, 10_000])
def test_of_a_very_long_line_the_place_is_seen_too(before: int, behind: int) -> None:
    line = "a" * before + "HERE" + "b" * behind
    text, mark = _picture(_shown({1: line}, (1, before + 1), (1, before + 5), 40)).split("\n")
    assert text[mark.index("^") :].startswith("HERE")
    assert mark.count("^") == 4
    assert len(text) <= 40
    assert (text[4] == "…", text[-1] == "…") == (before + 4 > 36, behind > 0 and len(text) == 40)


def test_the_fix_is_told_with_how_far_it_can_be_trusted() -> None:
    lines = {1: "x"}
    for applicability, said in (
        (Applicability.SAFE, "= fix: Do it"),
        (Applicability.UNSAFE, "= unsafe fix: Do it"),
        (Applicability.DISPLAY, "= for you to decide: Do it"),
    ):
        shown = _shown(lines, (1, 1), (1, 2), fix=Repair(applicability, "Do it"))
        assert shown.split("\n")[-2].strip() == said


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"),
                     max_size=60), min_size=1, max_size=4),
    st.integers(1, 4), st.integers(1, 70), st.integers(0, 3), st.integers(1, 70),
    st.integers(10, 80),
)  # fmt: skip
def test_nothing_is_wider_than_the_terminal(
    texts: list[str], row: int, column: int, more: int, end_column: int, width: int
) -> None:
    lines = dict(enumerate(texts, 1))
    row = min(row, len(texts))
    end = (min(row + more, len(texts)), end_column)
    if end < (row, column):
        end = (row, column)
    shown = _shown(lines, (row, column), end, width)
    picture = shown.split("\n")[2:]
    assert re.sub(r"[\n\t]", "", shown).isprintable()
    assert any("^" in line for line in picture)
    for line in picture:
        widths = [full._width(char) for char in line]
        assert sum(widths) <= max(width, full._NARROWEST + 5), line


def test_the_reference_module_fits_into_eighty_columns(modlint: Run) -> None:
    text = modlint("check", REFERENCE, "--output-format", "full").stdout
    pictures = [line for line in text.splitlines() if re.match(r" *\d* \|", line)]
    assert len(pictures) > 100
    assert max(sum(map(full._width, line)) for line in pictures) == 80


def test_a_terminal_has_its_own_width_and_colours(tmp_path: Path) -> None:
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
    (tmp_path / "m.py").write_text(f'# %%\nprint("{"x" * 200}")\n')
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    names = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    environment = {k: v for k, v in os.environ.items() if k not in names}
    subprocess.run(
        [sys.executable, "-m", "modlint", "check", "--kind", "module",
         "--output-format", "full", "m.py"],
        cwd=tmp_path, stdout=theirs, env=environment | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "\x1b[31m\x1b[1m^^^" in shown
    lines = [line for line in click.unstyle(shown).splitlines() if "xxx" in line or "^" in line]
    assert [len(line) for line in lines] == [60, 59]  # the mark ends before the sign of the cut
