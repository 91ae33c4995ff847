"""CEL005: headers that jupytext does not read as they were meant, before and after the fix."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import jupytext
import pytest
from jupytext.formats import JupytextFormatError, check_file_version

from modlint.diagnostics import Applicability, Diagnostic
from modlint.edits import text_edits
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.notebook.reading import read
from modlint.settings import Settings

ONLY = Settings(select=("CEL005",), ignore=("CEL008",))
HEADER = (
    "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n"
    "#       extension: .py\n#       format_name: percent\n"
    "#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n# ---\n"
)
OPEN = HEADER.removesuffix("# ---\n")
BODY = "\n# %%\nx = 1\n\n# %%\ny = 2\n"


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), ONLY)


def fixed(text: str) -> str:
    file = read_text(text)
    outcome = fix(file, lint(file, ONLY), ONLY)
    assert outcome.fault == ""
    again = fix(outcome.file, outcome.remaining, ONLY)
    assert again.file.text == outcome.file.text
    return outcome.file.text


def reads(text: str) -> Any:
    return jupytext.reads(text, {"extension": ".py"})


def sources(text: str) -> list[str]:
    return [cell.source for cell in reads(text).cells]


def kernel(text: str) -> Any:
    return reads(text).metadata.get("kernelspec")


@pytest.mark.parametrize(
    ("above", "row", "left"),
    [
        ("\n", 2, []),
        ("\n\n\n", 4, []),
        ("# Copyright\n", 2, ["# Copyright"]),
        ('"""A module."""\n\n', 3, ['"""A module."""']),
        ("# %%\n", 2, [""]),
        ("#| default_exp core\n\n", 3, ["#| default_exp core"]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_below_something_else_comes_to_the_top(
    above: str, row: int, left: list[str], end: str
) -> None:
    text = (above + HEADER + BODY).replace("\n", end)
    assert kernel(text) is None
    (found,) = check(text)
    assert (found.start.row, found.start.column, found.end.column) == (row, 1, 6)
    after = fixed(text)
    assert after.startswith(HEADER.replace("\n", end))
    assert kernel(after) == {"display_name": "Python 3", "name": "python3"}
    assert [s.strip() for s in sources(after)] == [*left, "x = 1", "y = 2"]


def test_a_script_line_and_a_coding_line_stay_above() -> None:
    top = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"
    assert check(top + HEADER + BODY) == []
    assert fixed(top + "\n" + HEADER + BODY) == top + HEADER + BODY


def test_a_file_without_markers_gets_its_header_too() -> None:
    assert fixed("\n" + HEADER + "\nx = 1\n") == HEADER + "\nx = 1\n"
    assert sources(HEADER + "\nx = 1\n") == ["x = 1"]
    assert fixed("\n" + HEADER) == HEADER


@pytest.mark.parametrize("body", [BODY, "\nx = 1\n", "", "x = 1\n# %%\ny = 2\n"])
def test_a_header_without_an_end_gets_one(body: str) -> None:
    text = OPEN + body
    assert kernel(text) is None
    (found,) = check(text)
    assert found.start.row == 1
    assert "no second" in found.message
    after = fixed(text)
    # A line of code right below the header has a blank line above it.
    assert after.replace("# ---\n\n", "# ---\n") == (HEADER + body).replace("# ---\n\n", "# ---\n")
    assert kernel(after) is not None


def test_the_comment_below_a_header_without_an_end_stays_out_of_it() -> None:
    after = fixed(OPEN + "# Copyright" + BODY)
    assert after.startswith(HEADER)
    assert sources(after)[0].startswith("# Copyright")


def test_a_header_that_swallows_markers_is_closed_above_them() -> None:
    tail = "# %% [markdown]\n# # Title\n# ---\n# text\n" + BODY
    assert reads(OPEN + tail).cells[0].cell_type == "raw"
    (found,) = check(OPEN + tail)
    assert "line 10" in found.message
    after = fixed(OPEN + tail)
    assert after == HEADER + tail
    assert sources(after) == ["# Title\n---\ntext", "x = 1", "y = 2"]


@pytest.mark.parametrize("name", ["light", "nomarker", "sphinx", "Percent", "percnt", "bare"])
def test_another_format_is_written_as_percent(name: str) -> None:
    text = HEADER.replace("percent", name) + BODY
    try:
        assert sources(text) != ["x = 1", "y = 2"]
    except JupytextFormatError:
        assert name in ("Percent", "percnt", "bare")
    (found,) = check(text)
    assert found.start.row == 6
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE
    assert fixed(text) == HEADER + BODY


def test_the_version_of_another_format_goes_with_its_name() -> None:
    version = "percent\n#       format_version: "
    light = version.replace("percent", "light")
    text = HEADER.replace("percent", light + "'1.5'") + BODY
    assert fixed(text) == HEADER.replace("percent", version + "'1.3'") + BODY


def test_a_header_that_lacks_more_than_the_name_is_left_to_the_author() -> None:
    text = HEADER.replace("percent", "x y").replace("#       extension: .py\n", "") + BODY
    (found,) = check(text)
    assert found.fix is None


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace("percent", "light") + "\n# + tags=[]\nz = 1\n# -\n" + BODY,
        HEADER.replace("#       format_name: percent\n", "") + BODY,
        HEADER.replace(
            "#     text_representation", "#     formats: ipynb,py:light\n#     x"
        ).replace("format_name", "name")
        + BODY,
    ],
)
def test_other_formats_that_only_the_author_can_mend(text: str) -> None:
    assert reads(text).metadata["jupytext"]["text_representation"]["format_name"] == "light"
    (found,) = check(text)
    assert found.fix is None
    assert fixed(text) == text


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("display_name: Python 3", "display_name: Python: 3", 8),
        ("#     name: python3", "# \tname: python3", 9),
        ("#     name: python3", "#     name: 'python3", 9),
        ("#     name: python3\n", "", 1),
        (
            "kernelspec:\n#     display_name: Python 3\n#     name: python3",
            "kernelspec: python3",
            1,
        ),
        ("name: python3", "name: 3", 1),
        ("# jupyter:", "# jupyter:\n#   title: 5", 1),
        ("text_representation:\n#       extension: .py\n#       format_name: percent", "x:", None),
    ],
)
def test_jupytext_stops_at_a_header_that_it_cannot_use(old: str, new: str, row: int | None) -> None:
    text = HEADER.replace(old, new) + BODY
    assert text != HEADER + BODY
    if row is None:
        assert sources(text) == ["x = 1", "y = 2"]
        assert check(text) == []
        return
    with pytest.raises(Exception, match=r".") as caught:
        reads(text)
    (found,) = check(text)
    assert found.fix is None
    assert found.start.row == row
    if "Error:" in found.message:
        assert type(caught.value).__name__ in found.message


@pytest.mark.parametrize(
    ("version", "mended"),
    [("1.3", "'1.3'"), ("1.2", "'1.2'"), ("'1.4'", None), ("'1.0'", None), ("2", None)],
)
def test_versions_that_jupyter_cannot_open(version: str, mended: str | None) -> None:
    text = HEADER.replace("percent", f"percent\n#       format_version: {version}") + BODY
    with pytest.raises((JupytextFormatError, TypeError)):
        check_file_version(reads(text), "m.py", "m.ipynb")
    (found,) = check(text)
    assert found.start.row == 7
    after = fixed(text)
    assert after == text.replace(f"version: {version}", f"version: {mended or version}")
    if mended is not None:
        check_file_version(reads(after), "m.py", "m.ipynb")


@pytest.mark.parametrize("version", ["'1.1'", "'1.2'", "'1.3'"])
def test_versions_that_jupyter_opens(version: str) -> None:
    text = HEADER.replace("percent", f"percent\n#       format_version: {version}") + BODY
    check_file_version(reads(text), "m.py", "m.ipynb")
    assert check(text) == []


@pytest.mark.parametrize("top", ["", "#!/usr/bin/env python\n", "#\n"])
def test_a_coding_line_that_jupytext_refuses(top: str) -> None:
    for name in ("UTF-8", "utf8", "U8"):
        text = f"{top}# -*- coding: {name} -*-\n" + BODY
        with pytest.raises(ValueError, match="Encodings other than utf-8"):
            reads(text)
        (found,) = check(text)
        assert found.start.row == 1 + bool(top)
        assert fixed(text) == f"{top}# -*- coding: utf-8 -*-\n" + BODY
    text = f"{top}# coding: latin-1\n" + BODY
    (found,) = check(text)
    assert found.fix is None


def test_a_second_header_is_named() -> None:
    (found,) = check(HEADER + "\n" + HEADER + BODY)
    assert (found.start.row, found.fix) == (12, None)
    assert len(sources(HEADER + "\n" + HEADER + BODY)) == 3


def test_an_indented_comment_can_make_a_hydrogen_file_of_it() -> None:
    text = "# %%\n# %matplotlib inline\ndef f():\n    # %timeit f\n    return 1\n"
    assert sources(text)[0].startswith("# %matplotlib")
    (found,) = check(text)
    assert (found.start.row, found.fix) == (4, None)
    assert sources(HEADER + text)[0].startswith("%matplotlib")
    assert check(HEADER + text) == []
    # Nothing breaks where there is no other magic; and a bare magic is a syntax error.
    assert check(text.replace("# %matplotlib inline", "x = 1")) == []
    assert check(text.replace("    # %timeit f", "    %timeit f")) == []


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        HEADER + BODY,
        HEADER,
        "# ---\n# title: x\n" + HEADER.removeprefix("# ---\n") + BODY,
        "# ---\n# title: x\n# ---\n" + BODY,
        HEADER.replace("percent", "hydrogen") + BODY,
        "# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n" + BODY,
        "# ---\n# jupyter:\n#   jupytext:\n#     formats: nb//ipynb,src//py\n# ---\n" + BODY,
        "# ---\n# a rule\n# ---\n" + BODY,
        "x = 1\n",
        'TEXT = """\n' + HEADER + '"""\n' + BODY,
        BODY + HEADER,
    ],
)
def test_headers_that_are_read_as_they_are_meant_are_silent(text: str) -> None:
    assert check(text) == []
    reads(text)


@pytest.mark.parametrize("above", ["\n# note\n", "\n", '"""A module."""\n'])
def test_the_edits_of_the_fix_make_the_fixed_file_in_whatever_order(above: str) -> None:
    text = above + HEADER + BODY
    file = read_text(text)
    (found,) = lint(file, ONLY)
    assert found.fix is not None
    lines = text.splitlines(keepends=True)
    edits = list(text_edits(file, found.fix.rewrite()))
    assert all(a.end < b.start for a, b in pairwise(edits))
    for edit in reversed(edits):
        lines[edit.start.row - 1 : edit.end.row - 1] = [edit.content]
    assert "".join(lines) == fixed(text)


# --- a byte order mark ----------------------------------------------------------------------

TOPS = {
    "header": HEADER + BODY,
    "marker": "# %% [markdown]\n# # Title\n" + BODY,
    "graded": '# %% nbgrader={"grade_id": "a"}\nassert True\n' + BODY,
    "code": "x = 0\n" + BODY,
    "a comment": "# words\n" + BODY,
}


@pytest.mark.parametrize("top", TOPS)
def test_a_byte_order_mark_is_text_to_jupytext(top: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(TOPS[top].encode("utf-8-sig"))
    (first, *_) = jupytext.read(path).cells
    assert (first.cell_type, first.source[0]) == ("code", "\ufeff")
    with pytest.raises(SyntaxError):
        compile(first.source, "cell", "exec")
    (found,) = lint(read(path.read_bytes()), ONLY)
    assert (found.start.row, found.fix) == (1, None)
    assert "byte order mark" in found.message
    assert lint(read(TOPS[top].encode()), ONLY) == []


def test_to_a_plain_script_it_is_nothing() -> None:
    assert lint(read("x = 1\n".encode("utf-8-sig")), ONLY) == []


@pytest.mark.parametrize("name", ["light", "nomarker", "sphinx", "marimo", "hydrogen"])
def test_a_file_in_the_format_that_it_names_is_fine(name: str) -> None:
    assert check(HEADER.replace("percent", name) + "\n# Words.\n\nx = 1\n\ny = 2\n") == []
