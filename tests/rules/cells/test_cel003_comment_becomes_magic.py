"""CEL003: comments that jupytext un-comments, and what IPython makes of them."""

from __future__ import annotations

import ast
import json
from typing import Any

import jupytext
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.notebook.reading import read
from modlint.settings import Settings

ONLY = Settings(select=("CEL003",), ignore=("CEL008",))
HEADER = (
    "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n"
    "#       extension: .py\n#       format_name: percent\n# ---\n\n"
)
CODE = HEADER + "# %%\nx = 1\n"
ROW = 11  # of the line behind CODE


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), ONLY)


def fixed(text: str, *, unsafe: bool = True) -> str:
    file = read_text(text)
    outcome = fix(file, lint(file, ONLY), ONLY, unsafe=unsafe)
    assert outcome.fault == ""
    again = fix(outcome.file, outcome.remaining, ONLY, unsafe=unsafe)
    assert again.file.text == outcome.file.text
    return outcome.file.text


def notebook(text: str) -> list[str]:
    return [cell.source for cell in jupytext.reads(text, {"extension": ".py"}).cells]


def runs(source: str) -> bool:
    """Whether the cell is Python after IPython has transformed it."""
    try:
        manager = TransformerManager()  # type: ignore[no-untyped-call]
        ast.parse(manager.transform_cell(source))
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("line", "mended", "applicability"),
    [
        ("# copy the weights", "# Copy the weights", "safe"),
        ("# copy", "# Copy", "safe"),
        ("#copy the weights", "#Copy the weights", "safe"),
        ("# echo the value", "# Echo the value", "safe"),
        ("# cat all tensors", "# Cat all tensors", "safe"),
        ("# copy the weights from data/w.npy", "# Copy the weights from data/w.npy", "safe"),
        ("# mkdir data/x", "# (mkdir data/x)", "safe"),
        ("# rm -r build", "# (rm -r build)", "safe"),
        ("# ls", "# (ls)", "safe"),
        ("# Why?", "# (Why?)", "safe"),
        ("# why,though?", "# (why,though?)", "safe"),
        ("#Why?", "# (Why?)", "safe"),
        ("# ?", "# (?)", "safe"),
        ("# %d items", "# (%d items)", "unsafe"),
        ("#%d items", "# (%d items)", "unsafe"),
        ("# %time of a step", "# (%time of a step)", "unsafe"),
        ("# !important", "# (!important)", "unsafe"),
        ("# ! careful with x", "# (! careful with x)", "unsafe"),
        ("# !NOTE see a/b", "# (!NOTE see a/b)", "unsafe"),
        ("# ?unknown", "# (?unknown)", "unsafe"),
        ("# ratio = %change", "# (ratio = %change)", "unsafe"),
        ("# x = !important", "# (x = !important)", "unsafe"),
    ],
)
def test_prose_is_reported_and_reworded(line: str, mended: str, applicability: str) -> None:
    text = CODE + line + "\ny = 2\n"
    assert line not in notebook(text)[0].splitlines()
    (found,) = check(text)
    assert (found.start.row, found.start.column, found.end.column) == (ROW, 1, len(line) + 1)
    assert found.fix is not None
    assert found.fix.applicability == applicability
    after = fixed(text)
    assert after == CODE + mended + "\ny = 2\n"
    assert notebook(after) == [f"x = 1\n{mended}\ny = 2"]
    assert fixed(text, unsafe=False) == (after if applicability == "safe" else text)


@pytest.mark.parametrize(
    "line",
    [
        "# %matplotlib inline",
        "#%matplotlib inline",
        "# %timeit -n 10 -r 3 f(x)",
        "# %time f(x)",
        "# %load_ext autoreload",
        "# %nbdev_export",
        "# !pip install numpy",
        "# ! pip install numpy",
        "# !./run.sh",
        "# !mytool --version",
        "# files = !ls data",
        "# t = %timeit -o f()",
        "# x?",
        "# x??",
        "# ?print",
        "# print.__doc__?",
        "# noescape works: copy",
        "# %d items  # noescape",
    ],
)
def test_what_is_meant_for_ipython_is_silent(line: str) -> None:
    assert check(CODE + line + "\ny = 2\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "# Copy the weights",
        "# copy: the weights",
        "# copy = 3",
        "# copying the weights",
        "    # copy the weights",
        "# # copy the weights",
        "## copy the weights",
        "# Why not?",
        "# (Why?)",
        "# % d",
        "# 50% of",
        "# a != b",
        "#| export",
        "### BEGIN SOLUTION",
        'TEXT = """\n# Why?\n# copy x\n"""',
        "y = x  # Why?",
    ],
)
def test_what_jupytext_leaves_alone_is_silent(line: str) -> None:
    text = CODE + line + "\n"
    assert check(text) == []
    assert [s.lstrip("# ") for s in notebook(text)[0].splitlines()][1:] == [
        s.lstrip("# ") for s in line.splitlines()
    ]


@pytest.mark.parametrize("line", ["# Why?", "# %d items", "# !important", "# x?"])
def test_inside_a_function_too(line: str) -> None:
    text = HEADER + f"# %%\ndef f(x):\n    {line}\n    return x\n"
    (found,) = check(text)
    assert found.start.column == 5
    assert notebook(fixed(text)) == [f"def f(x):\n    # ({line[2:]})\n    return x"]


def test_a_bare_command_is_one_only_in_a_cell_of_its_own() -> None:
    # Automagic is for cells of one line: IPython's run_cell.
    assert check(HEADER + "# %%\n# ls data/\n\n# %%\n# cd ..\n") == []
    assert len(check(HEADER + "# %%\n# copy the weights\n")) == 1
    assert not runs("ls data/\nx = 1")


def test_a_cell_magic_works_on_the_first_line_only() -> None:
    assert check(HEADER + "# %%\n# %%time\ny = 1\n") == []
    assert check(HEADER + "# %%\n# %%bash\n# echo the value\n# copy a b c\n") == []
    (found,) = check(CODE + "# %%time\ny = 2\n")
    assert found.fix is None


def test_glued_markers_are_for_another_rule() -> None:
    assert check(CODE + '# %%nbgrader={"grade": true}\n') == []


def test_magics_of_an_extension_are_not_known_by_name() -> None:
    line = "# %zap speed\n"
    assert len(check(CODE + line)) == 1
    assert check(CODE + "# %load_ext zapper\n" + line) == []


@pytest.mark.parametrize(
    ("line", "mended"),
    [("# # copy the weights", "# # Copy the weights"), ("# # Why?", None)],
)
def test_a_heading_loses_its_sign(line: str, mended: str | None) -> None:
    text = HEADER + f"# %% [markdown]\n{line}\n# text\n"
    assert not notebook(text)[0].startswith("#")
    (found,) = check(text)
    assert "heading" in found.message
    assert fixed(text) == text.replace(line, mended or line)
    if mended is not None:
        assert notebook(fixed(text)) == ["# Copy the weights\ntext"]


@pytest.mark.parametrize("line", ["# Why?", "# copy the weights", "# %d", "# ## Why?"])
def test_markdown_text_is_the_same_with_or_without_the_sign(line: str) -> None:
    text = HEADER + f"# %% [markdown]\n{line}\n"
    assert check(text) == []
    assert notebook(text) == [line[2:]]
    assert check(HEADER + f'# %% [markdown]\n"""\n{line}\n# # Why?\n"""\n') == []


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace("percent", "hydrogen") + "# %%\n# copy the weights\n",
        HEADER.replace("#     text", "#     comment_magics: false\n#     text")
        + "# %%\n# copy the weights\n# Why?\n",
        # One line that is a magic as it stands makes a hydrogen file of it.
        "# %%\n# copy the weights\n\n# %%\n%time x\n",
        "# %%\n# copy the weights\ndef f():\n    # %time x\n    pass\n",
    ],
)
def test_nothing_is_reported_where_jupytext_un_comments_nothing(text: str) -> None:
    assert "# copy the weights" in notebook(text)[0]
    assert check(text) == []


def test_cells_for_others_are_left_alone() -> None:
    for marker in ('# %% active="ipynb"', '# %% tags=["active-ipynb"]', '# %% language="bash"'):
        assert check(HEADER + marker + "\n# echo the value\n# Why?\n") == []


def test_plain_python_and_notebooks_are_silent() -> None:
    assert check("x = 1\n# copy the weights\n") == []
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": "x = 1\n# copy the weights",
    }
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert lint(read(text.encode(), "m.ipynb"), ONLY) == []


@pytest.mark.parametrize("line", ["# copy the weights", "# why,?"])
def test_the_notebook_cell_is_no_python_before_the_fix_and_is_after(line: str) -> None:
    text = CODE + line + "\n"
    assert runs("x = 1\n# a comment")
    assert not runs(notebook(text)[0])
    assert runs(notebook(fixed(text, unsafe=False))[0])


def test_a_question_inside_brackets_is_no_python() -> None:
    text = CODE + "y = [\n    # Why?\n    1,\n]\n"
    assert not runs(notebook(text)[0])
    assert runs(notebook(fixed(text, unsafe=False))[0])


def test_line_endings_and_form_feeds_stay() -> None:
    text = (CODE + "\x0cy = 2\n# copy the weights\nz = 3\n").replace("\n", "\r\n")
    assert [d.start.row for d in check(text)] == [ROW + 1]
    assert fixed(text) == text.replace("# copy", "# Copy")


def test_a_string_of_python_that_jupytext_takes_for_code_is_not_touched() -> None:
    text = CODE + "y = 'a\\\n# copy the weights'\n"
    (found,) = check(text)
    assert found.fix is None
    assert notebook(text)[0].endswith("copy the weights'")


def test_a_cell_that_does_not_parse_is_reported_and_not_touched() -> None:
    (found,) = check(CODE + "y = (\n# copy the weights\n")
    assert found.fix is None


def test_all_comments_of_a_cell_are_mended_at_once() -> None:
    text = CODE + "# copy a thing\n# Why?\n# cat of it all\n"
    assert [d.fix is not None and d.fix.applicability for d in check(text)] == [
        Applicability.SAFE
    ] * 3
    assert fixed(text) == CODE + "# Copy a thing\n# (Why?)\n# Cat of it all\n"
