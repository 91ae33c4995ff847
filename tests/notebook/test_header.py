"""The header and the format that jupytext reads by it: jupytext itself is the oracle."""

from __future__ import annotations

import warnings
from typing import Any

import jupytext
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modlint.notebook.header import FORMATS, format_of, guessed, header_of, uncomments
from modlint.notebook.percent import read_text
from support import how_many

BODIES = [
    "\n# %%\nx = 1\n",
    "\n# %%\n# %time x\n",
    "\n# %%\n%time x\n",
    "\n# %%\ndef f():\n    # %time x\n    pass\n",
    "\n# %%\ncopy += 1\n",
    '\n# %%\nx = """\n%time x\n"""\n',
    "\n# %%\nx = 1 if y else 2  # Why?\nWhy?\n",
    "\nx = 1\n\ny = 2\n",
    "\n    # %% indented\n",
    "\n# In[3]: x\n",
    "\n# %%time\n",
]
VALUES = [
    "",
    "x",
    "'x'",
    '"x"',
    "5",
    "1.3",
    "'1.3'",
    "true",
    "[a]",
    "null",
    "no",
    "Python 3",
    "a: b",
]
VALUES += [
    "- a",
    "~",
    "2020-01-01",
    "1.17.1",
    ".py",
    "percent",
    "light",
    "a #b",
    "{a: 1}",
    "*a",
    "'",
]


@st.composite
def headers(draw: st.DrawFn) -> str:
    """A header as jupytext writes it, with members left out, changed, or indented otherwise."""
    name = draw(st.sampled_from(["percent", "light", "hydrogen", "nomarker", "sphinx", "bogus"]))
    lines = [
        "jupytext:",
        *draw(st.sampled_from([[], ["  formats: ipynb,py:percent"], ["  formats: py:light"]])),
        *draw(st.sampled_from([[], ["  comment_magics: false"], ["  comment_magics: true"]])),
        "  text_representation:",
        "    extension: .py",
        f"    format_name: {name}",
        "    format_version: '1.3'",
        "    jupytext_version: 1.17.1",
        "kernelspec:",
        "  display_name: Python 3 (ipykernel)",
        "  language: python",
        "  name: python3",
    ]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["drop", "value", "indent", "twice", "blank"]))
        key = lines[at].partition(":")[0]
        if what == "drop" and len(lines) > 1:
            del lines[at]
        elif what == "value" and "formats" not in key:  # a list of its own grammar
            lines[at] = f"{key}: {draw(st.sampled_from(VALUES))}".rstrip()
        elif what == "indent":
            lines[at] = " " + lines[at]
        elif what == "twice":
            lines.insert(at, lines[at])
        else:
            lines[at] += " "
    return "# ---\n# jupyter:\n" + "".join(f"#   {line}\n" for line in lines) + "# ---\n"


def by_jupytext(text: str) -> Any:
    """The notebook that jupytext reads, or the error at which it stops."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return jupytext.reads(text, {"extension": ".py"})
        except Exception as error:
            return error


def named(notebook: Any) -> str:
    name = notebook.metadata["jupytext"]["text_representation"]["format_name"]
    assert isinstance(name, str)
    return name


@settings(
    max_examples=how_many(150, 1500), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(headers(), st.sampled_from(BODIES))
def test_a_header_says_to_modlint_what_it_says_to_jupytext(header: str, body: str) -> None:
    module = read_text(header + body)
    ours = header_of(module)
    theirs = by_jupytext(header + body)
    assert ours is not None
    name = format_of(module)
    if isinstance(theirs, Exception):
        assert ours.problem is not None or name not in FORMATS
        if isinstance(theirs, yaml.YAMLError):
            assert ours.problem is not None
            assert ours.problem.message.startswith(type(theirs).__name__)
        return
    assert ours.problem is None
    assert name == named(theirs)
    if "comment_magics" in ours.jupytext:
        assert ours.jupytext["comment_magics"] == theirs.metadata["jupytext"]["comment_magics"]
    if "kernelspec" in ours.jupyter:
        assert ours.jupyter["kernelspec"] == theirs.metadata["kernelspec"]


@pytest.mark.parametrize("body", BODIES)
def test_without_a_header_the_look_of_the_file_decides(body: str) -> None:
    theirs = by_jupytext(body)
    assert guessed(body)[0] == named(theirs)
    if read_text(body).is_notebook:
        assert format_of(read_text(body)) == named(theirs)


def test_the_row_of_the_magic_that_decides() -> None:
    assert guessed("# %%\n\x0cx = 1\r\n    # %time x\n") == ("hydrogen", 3)
    assert guessed("# %%\nx = 1\n") == ("percent", None)


@pytest.mark.parametrize(("setting", "expected"), [("", True), ("true", True), ("false", False)])
def test_magics_are_un_commented_unless_the_header_says_no(setting: str, expected: bool) -> None:
    line = f"#     comment_magics: {setting}\n" if setting else "#     a: 1\n"
    text = f"# ---\n# jupyter:\n#   jupytext:\n{line}# ---\n# %%\n# %time x\n"
    assert uncomments(read_text(text)) is expected
    assert by_jupytext(text).cells[0].source == ("%time x" if expected else "# %time x")
    assert not uncomments(read_text("x = 1\n"))


def test_a_header_below_a_script_line_and_a_coding_line() -> None:
    top = "#!/usr/bin/env python\n# coding: utf-8\n"
    module = read_text(top + "# ---\n# jupyter:\n#   a: 1\n# ---\n# %%\n")
    header = header_of(module)
    assert header is not None
    assert (header.rows, dict(header.jupyter)) == (4, {"a": 1})
    assert header_of(read_text("# %%\nx = 1\n")) is None
