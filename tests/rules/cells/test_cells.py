"""CEL001, CEL002, CEL004, CEL008: what jupytext makes of a marker, and of the fix.

The cases are those of jupytext 1.19: what it reads before, and after the fix what
the author must have meant.
"""

from __future__ import annotations

import json
from typing import Any

import jupytext
import pytest

from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.notebook.reading import read
from modlint.settings import Settings

CEL = Settings(select=("CEL001", "CEL002", "CEL004", "CEL008"))
HEAD = "# %%\nx = 1\n\n"
META = {
    "grade": True,
    "grade_id": "t",
    "locked": True,
    "points": 5,
    "schema_version": 3,
    "solution": False,
}
NBG = "nbgrader=" + json.dumps(META)


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), CEL)


def codes(text: str) -> list[str]:
    return [d.code for d in check(text)]


def jupytext_reads(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    notebook = jupytext.reads(text, {"extension": ".py"})
    return [
        (c.cell_type, c.source, {k: v for k, v in c.metadata.items() if "lines_to" not in k})
        for c in notebook.cells
    ]


def fixed(text: str) -> str:
    file = read_text(text)
    outcome = fix(file, lint(file, CEL), CEL)
    assert outcome.fault == ""
    again = fix(outcome.file, outcome.remaining, CEL)
    assert again.file.text == outcome.file.text
    return outcome.file.text


# --- CEL001 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "mended", "meant"),
    [
        ("# %% [Markdown]", "# %% [markdown]", ("markdown", {})),
        ("# %% [ markdown ]", "# %% [markdown]", ("markdown", {})),
        ("# %% [MD] ", "# %% [md]", ("markdown", {"region_name": "md"})),
        ("# %% [Raw]", "# %% [raw]", ("raw", {})),
        ("# %% Title [Markdown]", "# %% Title [markdown]", ("markdown", {"title": "Title"})),
        ('# %% tags=["a"] [markdown]', '# %% [markdown] tags=["a"]', ("markdown", {"tags": ["a"]})),
        (f"# %% {NBG} [markdown]", f"# %% [markdown] {NBG}", ("markdown", {"nbgrader": META})),
        (
            f'# %% tags=["a"], {NBG}',
            f'# %% tags=["a"] {NBG}',
            ("code", {"tags": ["a"], "nbgrader": META}),
        ),
    ],
)
def test_a_near_miss_becomes_the_marker_that_was_meant(
    marker: str, mended: str, meant: tuple[str, dict[str, Any]]
) -> None:
    text = HEAD + marker + "\n# Text\n"
    found = next(d for d in check(text) if d.code == "CEL001")
    assert (found.start.row, found.start.column) == (4, 1)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE
    after = fixed(text)
    assert after == HEAD + mended + "\n# Text\n"
    first, second = jupytext_reads(after)
    assert first == ("code", "x = 1", {})
    assert (second[0], second[2]) == meant


@pytest.mark.parametrize(
    ("marker", "mended", "kind"),
    [
        ("# %%[markdown]", "# %% [markdown]", "markdown"),
        ("#%%[markdown]", "#%% [markdown]", "markdown"),
        ("# %%[Markdown]", "# %% [markdown]", "markdown"),
        ("# %%[raw]", "# %% [raw]", "raw"),
        ("# %%" + NBG, "# %% " + NBG, "code"),
        ('# %%tags=["a"]', '# %% tags=["a"]', "code"),
        ('# %%{"tags": ["a"]}', '# %% {"tags": ["a"]}', "code"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_glued_marker_begins_a_cell_after_the_fix(
    marker: str, mended: str, kind: str, ending: str
) -> None:
    text = (HEAD + marker + "\n# Text\n\n# %%\ny = 2\n").replace("\n", ending)
    assert [(d.code, d.cell, d.start.row) for d in check(text)] == [("CEL001", 0, 4)]
    after = fixed(text)
    assert after == (HEAD + mended + "\n# Text\n\n# %%\ny = 2\n").replace("\n", ending)
    assert [cell[0] for cell in jupytext_reads(after)] == ["code", kind, "code"]


def test_rows_are_those_of_an_editor_behind_a_form_feed() -> None:
    text = HEAD + "y = 1\n\x0cz = 2\n# %%[markdown]\n# Text\n"
    (found,) = check(text)
    assert (found.code, found.start.row) == ("CEL001", 6)
    assert fixed(text) == text.replace("%%[", "%% [")


def test_a_glued_marker_at_the_end_of_the_file_needs_no_line_end() -> None:
    assert fixed(HEAD + "# %%[markdown]") == HEAD + "# %% [markdown]"


@pytest.mark.parametrize(
    "line",
    [
        "# %%",
        "#%%",
        "# %% Title",
        "# %% [markdown]",
        "# %% [markdown] The title",
        "# %% " + NBG,
        "# %% A title " + NBG,
        '# %% [markdown] tags=["a"] ' + NBG,
        "# %% nbgrader={'grade': False, 'grade_id': 't'}",
        '# %% {"tags": ["a"]}',
        "# %%% Part",
        "# In[3]:",
        "# <codecell>",
        "## %% Title",
        "# +",
        "# %%: title",
        "# %%time",
        "# %%bash",
        "# 50%% off",
        's = "# %%[markdown]"',
        's = """\n# %%[markdown]\n"""',
    ],
)
def test_what_is_read_as_it_was_meant_is_silent(line: str) -> None:
    assert codes(HEAD + line + "\ny = 2\n") == []


def test_a_glued_marker_in_text_is_reported_without_a_fix() -> None:
    (found,) = check("# %% [markdown]\n# Text\n# %%[markdown]\n# More\n")
    assert (found.code, found.start.row, found.fix) == ("CEL001", 3, None)


# --- CEL002 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "mended", "meant"),
    [
        ("nbgrader={'grade': false}", 'nbgrader={"grade": false}', {"nbgrader": {"grade": False}}),
        (
            'nbgrader={"grade": True, "locked": false}',
            'nbgrader={"grade": true, "locked": false}',
            {"nbgrader": {"grade": True, "locked": False}},
        ),
        ('nbgrader={"grade": true,}', 'nbgrader={"grade": true}', {"nbgrader": {"grade": True}}),
        (
            'nbgrader={grade: true, "points": null}',
            'nbgrader={"grade": true, "points": null}',
            {"nbgrader": {"grade": True, "points": None}},
        ),
        ("nbgrader={“grade”: true}", 'nbgrader={"grade": true}', {"nbgrader": {"grade": True}}),
        ('nbgrader={"a": true} # five', 'nbgrader={"a": true}', {"nbgrader": {"a": True}}),
        (
            'tags=["a"] nbgrader={"a": True, "b": false}',
            'tags=["a"] nbgrader={"a": true, "b": false}',
            {"tags": ["a"], "nbgrader": {"a": True, "b": False}},
        ),
        (
            'nbgrader={"a": True, "b": false} tags=["a"]',
            'nbgrader={"a": true, "b": false} tags=["a"]',
            {"tags": ["a"], "nbgrader": {"a": True, "b": False}},
        ),
        ('{"nbgrader": {"a": true,}}', '{"nbgrader": {"a": true}}', {"nbgrader": {"a": True}}),
    ],
)
@pytest.mark.parametrize(
    ("start", "kind", "title"),
    [
        ("# %%", "code", {}),
        ("# %% Title", "code", {"title": "Title"}),
        ("# %% [markdown]", "markdown", {}),
    ],
)
def test_metadata_with_one_reading_is_written_as_json(
    options: str, mended: str, meant: dict[str, Any], start: str, kind: str, title: dict[str, str]
) -> None:
    text = HEAD + f"{start} {options}\n# Text\n"
    (found,) = check(text)
    assert (found.code, found.start.row) == ("CEL002", 4)
    assert "incorrectly_encoded_metadata" in jupytext_reads(text)[1][2]
    after = fixed(text)
    assert after == HEAD + f"{start} {mended}\n# Text\n"
    assert jupytext_reads(after)[1][0] == kind
    assert jupytext_reads(after)[1][2] == {**meant, **title}


@pytest.mark.parametrize(
    "options",
    [
        'nbgrader={"grade": true',
        'nbgrader={"grade": True, "grade": false}',
        'nbgrader={"grade": yes}',
        'nbgrader={"grade" true}',
        "Set {a, b}",
        "a=b",
    ],
)
def test_metadata_with_more_readings_is_left_to_the_author(options: str) -> None:
    text = HEAD + f"# %% {options}\ny = 2\n"
    (found,) = check(text)
    assert (found.code, found.fix) == ("CEL002", None)
    assert "incorrectly_encoded_metadata" in jupytext_reads(text)[1][2]
    assert fixed(text) == text


@pytest.mark.parametrize(
    "marker", ['# %% tags=["a"] [markdown]', '# %% a="b" [md]', '# %% tags=["a"], b="c"']
)
def test_a_marker_with_one_fault_is_reported_once(marker: str) -> None:
    text = HEAD + f"{marker}\n# Text\n"
    assert codes(text) == ["CEL001"]
    if "incorrectly_encoded_metadata" in read_text(text).cells[1].metadata:
        alone = lint(read_text(text), Settings(select=("CEL002",)))
        assert [d.code for d in alone] == ["CEL002"]


def test_a_marker_with_two_faults_is_reported_twice() -> None:
    text = HEAD + '# %% nbgrader={"grade": True, "a": false} [markdown]\n# Text\n'
    assert codes(text) == ["CEL001", "CEL002"]


# --- CEL004 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    a = 1\n    # %% Part\n    return a\n",
        "if x:\n    a = 1\n    # %%\n    b = 2\n",
        "class A:\n\tx = 1\n\t# %% Part\n\ty = 2\n",
    ],
)
def test_an_indented_marker_is_reported_and_hides_no_syntax_error(text: str) -> None:
    (found,) = check(HEAD + text)
    assert (found.code, found.start.row, found.fix) == ("CEL004", 6, None)
    assert len(jupytext_reads(HEAD + text)) == 2


def test_an_indented_marker_in_a_string_is_text() -> None:
    assert codes(HEAD + 's = """\n    # %% Part\n"""\n') == []


# --- CEL008 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("def f(:\n    pass\n", 4, 7),
        ("y = 1\nz = = 2\n", 5, 5),
        ("y = (1\n", 4, 5),
        ("%matplotlib inline\n", 4, 1),
        ("!ls\n", 4, 1),
        ("y = 1?\n", 4, 6),
        ("    y = 1\n", 4, 4),
    ],
)
def test_a_syntax_error_is_reported_where_python_sees_it(text: str, row: int, column: int) -> None:
    (found,) = check(HEAD + text)
    assert found.code == "CEL008"
    assert found.start.row == row
    assert found.start.column in (column, column + 1)
    assert "cell 1 does not parse" in found.message


def test_a_refusal_in_a_text_cell_is_reported() -> None:
    file = read(b'# %% [markdown]\n"""\na\n"""\nreturn 1\n')
    (found,) = lint(file, Settings(select=("CEL008",)))
    assert (found.start.row, found.message) == (
        5,
        "cell 1 is markdown that Python cannot read, so the file cannot run: "
        "'return' outside function",
    )


def test_what_is_refused_alone_for_another_reason_is_reported_once() -> None:
    text = b"# %%\nfrom __future__ import annotations\ndef f(x: (yield)): pass\n"
    (found,) = lint(read(text), Settings(select=("CEL008",)))
    assert "annotation" in found.message


def test_code_on_the_line_of_the_closing_quotes_has_no_fix() -> None:
    file = read(b'# %% [markdown]\n"""\na\n"""; x = 1\n')
    (found,) = lint(file, Settings(select=("CEL006",)))
    assert (found.code, found.start.row, found.fix) == ("CEL006", 4, None)


def test_a_syntax_error_names_lines_of_the_file() -> None:
    file = read(b"# %%\nx = 1\n# %%\ndef f():\ny = 1\n")
    (found,) = lint(file, Settings(select=("CEL008",)))
    assert found.start.row == 5
    assert found.message.endswith("after function definition on line 4")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "await f()\n",
        "async with f() as g: pass\n",
        "# !ls\n",
        "# %matplotlib inline\n",
        "print('\\d')\n",
    ],
)
def test_what_a_notebook_can_run_is_silent(text: str) -> None:
    assert codes(HEAD + text) == []


@pytest.mark.parametrize("text", ["not python at all\n", "y = = 1\n"])
@pytest.mark.parametrize("kind", ["markdown", "md", "raw"])
def test_text_cells_are_no_code(text: str, kind: str) -> None:
    assert codes(HEAD + f"# %% [{kind}]\n# {text}") == []


def test_each_broken_cell_is_reported_and_the_others_are_still_checked() -> None:
    text = "# %%\ny = = 1\n\n# %%\nx = 1\n\n# %%\nz = (\n\n# %% [Markdown]\n# Text\n"
    assert [(d.code, d.cell) for d in check(text)] == [("CEL008", 0), ("CEL008", 2), ("CEL001", 3)]


@pytest.mark.parametrize("kind", ["markdown", "md", "raw"])
def test_text_that_python_cannot_read_is_reported(kind: str) -> None:
    assert codes(f"# %% [{kind}]\n# Title\nnot python at all\n") == ["CEL008"]
    assert codes(f'# %% [{kind}]\n"""\nnot python at all\n"""\n') == []


@pytest.mark.parametrize(
    "text", ["return 1\n", "break\n", "yield 1\n", "def f():\n    nonlocal y\n"]
)
def test_what_parses_and_does_not_compile_is_reported(text: str) -> None:
    assert codes("# %%\n" + text) == ["CEL008"]


def test_each_statement_that_python_refuses_is_reported() -> None:
    text = "# %%\nx = 1\nglobal x\nreturn 1\nif x:\n    break\nfrom __future__ import division\n"
    assert [d.start.row for d in check(text)] == [3, 4, 6]


def test_a_plain_python_file_is_one_cell() -> None:
    assert [(d.code, d.start.row) for d in check("x = 1\ny = = 2\n")] == [("CEL008", 2)]


def test_a_notebook_has_no_markers_to_misspell() -> None:
    code: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": ["x = 1\n", "# %%[markdown]\n", "print(x)"],
    }
    text = json.dumps({"cells": [code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert lint(read(text.encode(), "m.ipynb"), CEL) == []
