"""The percent layer: no byte lost, and the same cells as jupytext.

Jupytext itself is the oracle here; modlint does not import it at run time.
"""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Mapping
from typing import Any

import jupytext
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jupytext.formats import JupytextFormatError
from jupytext.magics import uncomment_magic, unescape_code_start
from jupytext.marimo import MarimoError
from nbformat import ValidationError
from yaml import YAMLError

from modlint.notebook import Cell, CellKind, ModuleFile, UnreadableModule
from modlint.notebook.header import format_of, header_of, uncomments
from modlint.notebook.percent import (
    INCORRECT,
    glued_markers,
    markdown_text,
    option_span,
    parse_marker,
    read_text,
    repaired_marker,
    repaired_metadata,
    with_nbgrader,
    with_repaired_metadata,
)
from modlint.notebook.reading import read
from support import how_many

EXAMPLES = settings(
    max_examples=how_many(100, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

# Keys that jupytext adds for its own way back to text; they are no user metadata.
JUPYTEXT_KEYS = {
    "lines_to_next_cell",
    "lines_to_end_of_cell_marker",
    "cell_marker",
    "comment_questions",
}


# --- the oracle -------------------------------------------------------------------------


def jupytext_notebook(text: str) -> Any:
    """What jupytext reads from a ``.py`` file with this text; None where it stops.

    It stops with an error on a header that is no YAML (and so does modlint), on a format that
    it does not know, and on metadata that it or nbformat does not expect (``tags`` that are
    no list of strings). Any other error is one of this test.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return jupytext.reads(text, {"extension": ".py"})
        except (AttributeError, JupytextFormatError, MarimoError, ValidationError):
            return None
        except (YAMLError, TypeError) as error:
            header = header_of(read_text(text))
            if header is None or header.problem is None:
                raise AssertionError("modlint sees nothing wrong with the header") from error
            return None


def format_name(notebook: Any) -> str:
    name = notebook.metadata["jupytext"]["text_representation"]["format_name"]
    assert isinstance(name, str)
    return name


def user_metadata(metadata: Mapping[str, Any]) -> str:
    """The metadata as a notebook stores it, where a tuple is a list."""
    kept = {key: value for key, value in metadata.items() if key not in JUPYTEXT_KEYS}
    return json.dumps(kept, sort_keys=True, default=repr)


def jupytext_source(cell: Cell, un_comments: bool) -> str:
    """The source that jupytext gives the cell: separating blank lines off, magics un-commented."""
    lines = cell.source.splitlines()
    blank = re.compile(r"\s*$")
    counted = lines if cell.marker is None else ["#", *lines]
    ends = [bool(blank.match(line)) for line in counted[-3:]]
    if ends == [False, True, True]:
        lines = lines[:-2]
    elif lines and lines[-1] == "":
        lines = lines[:-1]
    if cell.kind is not CellKind.CODE:
        return markdown_text(cell)
    if un_comments:
        # jupytext.magics has no types
        lines = uncomment_magic(lines, "python", explicitly_code=True)
    return "\n".join(unescape_code_start(lines, ".py", "python"))


def same_prose(ours: str, theirs: str) -> bool:
    """Is it the same Markdown, but for blank space at both ends?"""
    return "\n".join(ours.splitlines()).strip() == theirs.strip()


def assert_agreement(text: str) -> bool:
    """The same format as jupytext, and in a percent file the same cells.

    False where there was nothing to compare: jupytext stops, or reads another format.
    """
    notebook = jupytext_notebook(text)
    if notebook is None:
        return False
    name = format_name(notebook)
    if read_text(text).is_notebook:
        assert format_of(read_text(text)) == name
    if name not in ("percent", "hydrogen"):
        return False
    assert_same_cells(text, notebook)
    return True


def assert_same_cells(text: str, notebook: Any) -> None:
    module = read_text(text)
    cells = list(notebook.cells)
    if not module.is_notebook:
        # Jupytext counts some lines as signs of a percent file at which it does not cut,
        # such as "# In[1]: x" and the end of a string. Without a cut it is no notebook here.
        assert [cell.cell_type for cell in cells if cell.cell_type != "raw"] in ([], ["code"])
        return
    if any(map(is_inactive, module.cells)) and ("```" in text or "~~~" in text):
        return  # jupytext looks for fences without taking off the "#" in such a cell
    # Root keys of the header are a raw cell for jupytext; blank text above the
    # first marker is an empty code cell. Both are prefix here.
    if len(cells) > len(module.cells) and cells[0].source.startswith("---\n"):
        cells = cells[1:]
    if len(cells) > len(module.cells) and not cells[0].source.strip():
        cells = cells[1:]
    un_comments = uncomments(module)
    assert [str(cell.kind) for cell in module.cells] == [cell.cell_type for cell in cells]
    for ours, theirs in zip(module.cells, cells, strict=True):
        assert user_metadata(ours.metadata) == user_metadata(theirs.metadata)
        if is_inactive(ours):
            continue
        if ours.kind is CellKind.CODE:
            assert jupytext_source(ours, un_comments) == theirs.source
        elif not is_magical(ours.source):
            assert same_prose(markdown_text(ours), theirs.source)


def is_inactive(cell: Cell) -> bool:
    """Is the cell for scripts or for notebooks only? Jupytext changes its comments then."""
    marker = parse_marker(cell.marker or "")
    is_raw = marker is not None and marker.kind is CellKind.RAW and not marker.kind_text
    has_tag = "active-" in str(cell.metadata.get("tags"))
    return is_raw or has_tag or "active" in cell.metadata or "run_control" in cell.metadata


def is_magical(source: str) -> bool:
    """Would jupytext un-comment lines of this Markdown once too often, as if they were magics?"""
    lines = source.splitlines()
    return bool(uncomment_magic(list(lines), "python", explicitly_code=True) != lines)


def assert_lossless(text: str) -> None:
    module = read_text(text)
    assert module.text == text
    assert_rows(module)


def editor_rows(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)


def assert_rows(module: ModuleFile) -> None:
    above = module.prefix
    for cell in module.cells:
        assert cell.marker_row == len(editor_rows(above + "x"))
        above += cell.marker or ""
        assert cell.row == len(editor_rows(above + "x"))
        above += cell.source


# --- texts ------------------------------------------------------------------------------

KERNEL = "#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n"


def header_for(name: str, settings: str = "") -> str:
    """A header that names a format, as jupytext writes it."""
    return (
        f"# ---\n# jupyter:\n#   jupytext:\n{settings}#     text_representation:\n"
        f"#       extension: .py\n#       format_name: {name}\n{KERNEL}# ---\n"
    )


HEADERS = [
    *("", "", "", "\n"),
    *(header_for("percent"), header_for("percent") + "\n", header_for("percent") + "\n\n\n"),
    header_for("percent", "#     comment_magics: false\n"),
    header_for("hydrogen"),
    header_for("light"),
    header_for("nomarker"),
    "# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n",
    f"# ---\n# jupyter:\n{KERNEL}# ---\n\n",
    f"# ---\n# title: x\n# jupyter:\n{KERNEL}# ---\n#\n",
    f"# ---\n# jupyter:\n{KERNEL}# title: x\n# ---\n\n",
    "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# ---\n# jupyter:\n#   a: 1\n# ---\n",
    "#!/usr/bin/env python\n",
    "#!/usr/bin/env python\n\n" + header_for("percent"),
    "# -*- coding: utf-8 -*-\n",
    "# -*- coding: utf-8 -*-\n" + header_for("percent"),
    "#\n# coding: utf-8\n",
    "# ---\n# title: x\n# ---\n",
    "# ---\n# jupyter:\n",
    f"# ---\n# jupyter:\n{KERNEL}",
    "#\n# ---\n# jupyter:\n#   a: 1\n# ---\n",
    "\n# ---\n# jupyter:\n#   a: 1\n# ---\n",
    "# note\n",
    "# note\n" + header_for("percent"),
    "# ---\n# %% in the header\n# ---\n",
]
COMMENTS = ["# %%", "#%%", "#  %%", "# %%%", "#\t%%", "    # %%", "## %%", "# % %"]
COMMENTS += ["# In[3]:", "# In[ ]", "# <codecell>", "# %%\u00a0"]
TITLES = ["", "", " Title", " two words", " [markdown]", " [md]", " [raw]", " Title [markdown]"]
TITLES += ["[markdown]", " [Markdown]", " [ markdown ]", " a=b", " a = b", " % x", " {x}", "\tTab"]
TITLES += [" [markdown] [raw]", " it's", ' "', ' """', " .name", " -- x", " a, b", " [markdown],"]
OPTIONS = [
    "",
    "",
    ' nbgrader={"grade": false, "grade_id": "a", "solution": true}',
    " nbgrader={'grade': False, 'points': 5,}",
    " nbgrader={'grade': false}",
    ' nbgrader={"grade": True}',
    ' nbgrader={"grade": true,}',
    " nbgrader={grade: true}",
    " nbgrader={“grade”: true}",
    ' nbgrader={"grade": true',
    ' nbgrader={"a": {"b": [1, 2, "=", "}"]}}',
    ' nbgrader = { "a" : 1 }',
    ' tags=["a", "active-ipynb"]',
    ' tags=["active-py"]',
    ' tags=["a"],',
    ' {"nbgrader": {"grade": true}, "tags": ["x"]}',
    " {'nbgrader': {'grade': True}}",
    ' {"a": 1} x',
    " # a comment",
    " [markdown]",
    " word",
    " word.x other",
    ' x="a=b"',
    " x=1",
    " x=1.5e3",
    " x=null",
    " x=None",
    " x=(1, 2)",
    " x=",
    " =1",
    " name with space=1",
    "\ttab=1",
    ' active=""',
    ' active="py"',
    ' active="ipynb,py"',
    ' cell_type="markdown"',
    ' title="t"',
    ' run_control={"frozen": true}',
    ' region_name="md"',
    " ",
    "  ",
    "=2",
    "é=1",
]
BODIES = [
    "",
    "x = 1",
    "def f():",
    "    return 1",
    "class A:",
    "#| export",
    "# text",
    "#text",
    "# # Heading",
    "# # Why?",
    "# copy the weights",
    "# Why?",
    "# !ls",
    "# %matplotlib inline",
    "#%d items",
    "%time",
    "!ls",
    "# x = !ls",
    "# + name",
    "# # + name",
    "   ",
    "\t",
    '"""',
    "'''",
    'r"""',
    '"""one line"""',
    'x = """',
    '"""text',
    'text"""',
    'f"""{x}"""',
    'x = "\\\\"',
    'x = "\\""',
    "x = 'it'",
    "# it's",
    "it's",
    '""""',
    '"""""',
    '\\"""',
    '""\\"',
    "\"''' '''\"",
    '"#" """ # %%',
    "```",
    "# ```",
    "# ```python",
    "#     ```",
    "# ~~~",
    "~~~~ x",
    "````",
    "# %%nbgrader={}",
    "# %%time",
    "# %%[markdown]",
    "é“ ”",
    "a\x0cb",
    "\x0c# %% after a form feed",
    "# %% before\x0cx = 1",
    "a\u2028b\x85c\x1cd\x1fe",
    "\x0b",
    "#",
    "import marimo",
]
# Whole bodies: Markdown in each of its forms, raw text, code with blank lines of all kinds.
WHOLE_BODIES = [
    ['"""', "# Head", "", "text", '"""'],
    ["'''", "text", "'''", ""],
    ['r"""', "a \\alpha", '"""', "", ""],
    ["R'''", "text", "'''"],
    ['"""text', 'more"""'],
    ['"""', "text", '"""  '],
    ["", '"""', "text", '"""'],
    ['f"""', "{x}", '"""'],
    ['"""', "text", '"""', "x = 1"],
    ["# note", '"""', "text", '"""'],
    ['"""', "# %% in a string", "```", '"""'],
    ['"""', 'a \\"\\"\\" b', '"""'],
    ['"""', 'a """ b """ c', '"""'],
    ["# # Head", "#", "# text", "", ""],
    ["#Head", "#  indented", "text", ""],
    ["# ```python", "# # %% in a fence", "# %% x", "# ```", "#"],
    ["# ~~~~", "# %% x", "# ~~~", "# ~~~~"],
    ["# ```", "# %% x"],
    ["#     ```", "# %% x", "#     ```"],
    ["# ---", "# title: x", "# ---"],
    ["def f():", "    return 1", "", ""],
    ["def f():", "    # %% note", "    return 1", ""],
    ["x = (", "# %% y", ")", "", "", ""],
    ["", "", "x = 1", "", "", "", ""],
    ["x = 1", "   ", ""],
    ["x = 1", "", "\t"],
    ["", ""],
    ['x = "\\\\"', 'y = """', "# %% x", '"""', ""],
    ["# %matplotlib inline", "# !ls", "x = 1", ""],
    ["%time x", ""],
]
ENDS = ["\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\r"]

markers = st.builds(
    lambda comment, title, options: comment + title + "".join(options),
    st.sampled_from(COMMENTS) | st.just("# %%"),
    st.sampled_from(TITLES),
    st.lists(st.sampled_from(OPTIONS), max_size=3),
)
glyphs = st.text(alphabet="\"'\\#%` ~a=\n", max_size=12)
body_lines = st.lists(st.sampled_from(BODIES) | glyphs, max_size=7)
bodies = st.sampled_from(WHOLE_BODIES) | body_lines
cell_texts = st.builds(lambda marker, body: [marker, *body], markers, bodies)


@st.composite
def percent_texts(draw: st.DrawFn) -> str:
    lines = list(draw(bodies)) if draw(st.booleans()) else []
    for cell in draw(st.lists(cell_texts, max_size=5)):
        lines += cell
    end = draw(st.sampled_from(ENDS))
    text = draw(st.sampled_from(HEADERS)).replace("\n", end) + end.join(lines)
    return text + draw(st.sampled_from(["", end, end * 2, end * 4]))


# --- examples for each fact -------------------------------------------------------------


def kinds(text: str) -> list[str]:
    return [str(cell.kind) for cell in read_text(text).cells]


@pytest.mark.parametrize(
    "line",
    [
        "#%%",
        "# %%",
        "# %%\tx",
        "#%% x",
        "    # %% note",
        "# In[3]:",
        "# In[ ]",
        "# <codecell>",
        "# %%% x",
        "#\t%% x",
        "# %% \n",
        "# %%\r\n",
        "# %%\x0c",
    ],
)
def test_is_a_marker(line: str) -> None:
    assert parse_marker(line) is not None
    assert assert_agreement("# %%\nx = 1\n" + line + "\ny = 2\n")
    assert len(read_text("# %%\nx = 1\n" + line + "\ny = 2\n").cells) == 2


@pytest.mark.parametrize(
    "line",
    [
        "# %%nbgrader={}",
        "# %%[markdown]",
        "# %%: x",
        "## %% x",
        "# + x",
        "# %%%",
        "x = 1 # %%",
        "# % %",
        "%% x",
        "",
        "# %%time",
        "# In[a]:",
        "# In[3]: x",
    ],
)
def test_is_no_marker(line: str) -> None:
    assert parse_marker(line) is None
    assert assert_agreement("# %%\nx = 1\n" + line + "\ny = 2\n")
    assert len(read_text("# %%\nx = 1\n" + line + "\ny = 2\n").cells) == 1


NB = {"grade": False, "grade_id": "a"}


@pytest.mark.parametrize(
    ("line", "kind", "metadata"),
    [
        ("# %%", "code", {}),
        ("# %% [markdown]", "markdown", {}),
        ("# %% [md] x", "markdown", {"region_name": "md", "title": "x"}),
        ("# %% Title [raw]", "raw", {"title": "Title"}),
        ("# %%% Sub", "code", {"cell_depth": 1, "title": "Sub"}),
        ("# %% [Markdown]", "code", {"title": "[Markdown]"}),
        ("# %% [ markdown ]", "code", {"title": "[ markdown ]"}),
        ('# %% nbgrader={"grade": false, "grade_id": "a"}', "code", {"nbgrader": NB}),
        ("# %% nbgrader={'grade': False, 'grade_id': 'a',}", "code", {"nbgrader": NB}),
        ('# %% T nbgrader = {"grade": true}', "code", {"title": "T", "nbgrader": {"grade": True}}),
        ('# %% {"nbgrader": {"grade": true}}', "code", {"nbgrader": {"grade": True}}),
        ("# %% nbgrader={} nbgrader={'a': 1}", "code", {"nbgrader": {"a": 1}}),
        ('# %% tags=["a"] word', "code", {"tags": ["a"], "word": None}),
        ('# %% nbgrader={} active="py"', "raw", {"nbgrader": {}, "active": "py"}),
        ("# %% nbgrader={'grade': false}", "code", {INCORRECT: "nbgrader={'grade': false}"}),
        ('# %% nbgrader={"a": 1', "code", {INCORRECT: 'nbgrader={"a": 1'}),
        ('# %% nbgrader={"a": true} # x', "code", {INCORRECT: 'nbgrader={"a": true} #', "x": None}),
        # A Python literal may have a comment, JSON may not.
        ('# %% nbgrader={"a": 1} # x', "code", {"nbgrader": {"a": 1}, "x": None}),
        ("# %% nbgrader={} [markdown]", "code", {INCORRECT: "nbgrader={} [markdown]"}),
        ("# %% {x} nbgrader={}", "code", {INCORRECT: "{x} nbgrader={}"}),
        ("# %% a=b nbgrader={}", "code", {INCORRECT: "a=b", "nbgrader": {}}),
    ],
)
def test_metadata(line: str, kind: str, metadata: dict[str, Any]) -> None:
    text = "# %%\n" + line + "\nx = 1\n"
    assert assert_agreement(text)
    _, cell = read_text(text).cells
    assert (cell.kind, cell.metadata) == (kind, metadata)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('# %%\nx = """\n# %%\n"""\n', ["code"]),
        ("# %%\nx = '''\n# %% [markdown]\n'''\n# %% [markdown]\n", ["code", "markdown"]),
        # A quote after two backslashes: jupytext takes it as escaped, the string never ends,
        # but it ends with its line since it is no triple one.
        ('# %%\nx = "\\\\"\n# %%\n', ["code", "code"]),
        # An odd triple quote swallows what follows.
        ('# %%\n# text\nx = """""""""\n# %%\n', ["code"]),
        ('# %%\n# """\n# %%\n', ["code", "code"]),
        ("# %%\ndef f():\n    # %% note\n    return 1\n", ["code", "code"]),
        ("# %%\nx = (\n# %%\n)\n", ["code", "code"]),
        ("# %% [markdown]\n# ```\n# %% x\n# ```\n# %%\n", ["markdown", "code"]),
        ("# %% [markdown]\n# ```\n# %% x\n", ["markdown", "code"]),
        ("# %%\n# ```\n# %% x\n# ```\n", ["code", "code"]),
        ("x = 1\n# %%\ny = 1\n", ["code", "code"]),
        ("\n\n# %%\ny = 1\n", ["code"]),
        ("# %%\nx\x0c# %% [markdown]\x0cy", ["code", "markdown"]),
        ("#%%\r\n#%% [raw]\r\n", ["code", "raw"]),
    ],
)
def test_cells(text: str, expected: list[str]) -> None:
    assert assert_agreement(text)
    assert_lossless(text)
    assert kinds(text) == expected


HEADER = f"# ---\n# jupyter:\n{KERNEL}# ---\n"


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        (HEADER + "\n# %%\n", HEADER + "\n"),
        (HEADER + "# %%\n", HEADER),
        (HEADER + "\n\n\n# %%\n", HEADER + "\n\n\n"),
        (HEADER + "\n\nx = 1\n# %%\n", HEADER + "\n"),
        ("#!/bin/python\n# coding: utf-8\n" + HEADER + "# %%\n", None),
        ("\n" + HEADER + "# %%\n", ""),
        ("# note\n" + HEADER + "# %%\n", ""),
        (HEADER.removesuffix("# ---\n") + "# %%\n", ""),
    ],
)
def test_header(text: str, prefix: str | None) -> None:
    assert assert_agreement(text)
    module = read_text(text)
    assert module.is_notebook
    assert module.prefix == (text.removesuffix("# %%\n") if prefix is None else prefix)


@pytest.mark.parametrize("text", ["", "\n", "x = 1\n", "#!/bin/sh\n", "def f():\n    # %% x\n"])
def test_plain_python_is_one_code_cell(text: str) -> None:
    assert read_text(text) == ModuleFile((Cell(CellKind.CODE, text, 1),), is_notebook=False)


def test_header_alone_is_a_notebook() -> None:
    assert read_text(HEADER) == ModuleFile((), HEADER)
    assert kinds(HEADER + "x = 1\n") == ["code"]


def test_rows_are_editor_rows() -> None:
    module = read_text("a\x0cb\r\n# %%\r\nx\u2028y\r# %% [raw]")
    assert [(cell.marker_row, cell.row) for cell in module.cells] == [(1, 1), (2, 3), (4, 4)]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbf# %%\n", "utf-8-sig"),
        (b"\xef\xbb\xbf# coding: utf-8\n# %%\n", "utf-8-sig"),
        ("# coding: latin-1\n# %%\né".encode("latin-1"), "iso-8859-1"),
        ("#!x\r# -*- coding: cp1252 -*-\r# %%\ré".encode("cp1252"), "cp1252"),
        ("# %%\né".encode(), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    module = read(data)
    assert module.encoding == encoding
    assert module.to_bytes() == data
    assert module.cells[-1].marker is not None


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b"# %%\nx\n\xff\n", 3),
        (b"\xef\xbb\xbf# %%\n\xff\n", 2),
        (b"# %%\r\nx\0\n", 2),
        ("# %%".encode("utf-16"), 1),
        (b"# coding: unheard-of\n", 1),
        (b"#\n# coding: unheard-of\n", 2),
        (b"# coding: rot13\n", None),
        (b"# coding: utf-7\n+AGE-\n", None),
    ],
)
def test_unreadable(data: bytes, row: int | None) -> None:
    with pytest.raises(UnreadableModule) as caught:
        read(data)
    assert caught.value.row == row
    assert caught.value.message == str(caught.value)


@pytest.mark.parametrize(
    ("line", "nbgrader", "expected"),
    [
        ("# %%\n", {"b": 1, "a": True}, '# %% nbgrader={"a": true, "b": 1}\n'),
        ("#%% T x=1 \r\n", {}, "#%% T x=1 nbgrader={} \r\n"),
        ('# %% a  b nbgrader={"x": 1}  tags=["t"]', {}, '# %% a  b nbgrader={}  tags=["t"]'),
        ('# %% [markdown] nbgrader={"x": 1} tags=[]', None, "# %% [markdown] tags=[]"),
        ("# %% nbgrader={} nbgrader={}", None, "# %%"),
        ("# %%% nbgrader={}", None, "# %%% "),
        ("# %% x", None, "# %% x"),
        ("    # %% x", {}, "    # %% x nbgrader={}"),
        ("# In[3]:\n", {}, "# %% nbgrader={}\n"),
        ('# %% {"a": 1, "nbgrader": {}}', {"b": 1}, '# %% {"a": 1, "nbgrader": {"b": 1}}'),
        ('# %% x {"nbgrader": {}}', None, "# %% x"),
        ("# %% a=b", {}, "# %% a=b nbgrader={}"),
        ("# %% nbgrader = {}", {"i": "é"}, '# %% nbgrader={"i": "\\u00e9"}'),
    ],
)
def test_with_nbgrader(line: str, nbgrader: dict[str, Any] | None, expected: str) -> None:
    assert with_nbgrader(line, nbgrader) == expected


@pytest.mark.parametrize("line", ["x = 1", "# %% {x", "# %% nbgrader={'grade': false}", "# %% {x}"])
def test_no_room_for_nbgrader(line: str) -> None:
    with pytest.raises(ValueError, match=r"marker"):
        with_nbgrader(line, {"grade": True})


def test_option_span() -> None:
    line = '  # %% é nbgrader = {"a": "}"} tags=[]\n'
    span = option_span(line, "nbgrader")
    assert span is not None
    assert line[slice(*span)] == 'nbgrader = {"a": "}"}'
    assert option_span(line, "other") is None
    assert option_span("x = 1", "nbgrader") is None


def test_marker_parts() -> None:
    marker = parse_marker("  #%% Some title [raw]  x=1 \n")
    assert marker is not None
    assert (marker.indent, marker.comment, marker.title) == ("  ", "#%%", "Some title")
    assert (marker.kind_text, marker.kind, marker.options) == ("[raw]", CellKind.RAW, "x=1")
    assert marker.options_span == (24, 27)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# %%[markdown]\n", "# %% [markdown]\n"),
        ('#%%nbgrader={"a": 1}', '#%% nbgrader={"a": 1}'),
        ("# %%[markdown]nbgrader={}", "# %% [markdown] nbgrader={}"),
        ("# %% [markdown]nbgrader={}", "# %% [markdown] nbgrader={}"),
        ('# %%{"nbgrader": {}}', '# %% {"nbgrader": {}}'),
        ("# %% [Markdown]", "# %% [markdown]"),
        ("# %% [ markdown ] x=1", "# %% [markdown] x=1"),
        ("# %% Title [MD]\r\n", "# %% Title [md]\r\n"),
        ("# %% nbgrader={'a': [1]} [markdown]", "# %% [markdown] nbgrader={'a': [1]}"),
        ('# %% T nbgrader={"a": "]}"} [ RAW ]', '# %% T [raw] nbgrader={"a": "]}"}'),
        ('# %% tags=["a"], nbgrader={}', '# %% tags=["a"] nbgrader={}'),
        ("# %% nbgrader={},", "# %% nbgrader={}"),
        ("# %% [markdown], nbgrader={}", "# %% [markdown] nbgrader={}"),
        ("# %% [markdown]\tnbgrader={}", "# %% [markdown] nbgrader={}"),
        ("# %% [Markdown] nbgrader={'a': true}", "# %% [markdown] nbgrader={'a': true}"),
        ("    # %%[md]", "    # %% [md]"),
    ],
)
def test_repaired_marker(line: str, expected: str) -> None:
    assert repaired_marker(line) == expected
    assert repaired_marker(expected) is None


@pytest.mark.parametrize(
    "line",
    [
        "# %%",
        "# %% [markdown]",
        "# %% T nbgrader={} tags=[]",
        "x = 1",
        "# %%time",
        "# %%bash x=1",
        "# %% [Markdown] [raw]",
        "# %% nbgrader={",
        "# %% Plot [RAW] data",
        "# %% nbgrader={'a': true}",
        "# %%: x",
        "# %% a, b",
        "# %% a = b, c = d",
        "# %% a=b",
        "# %%%",
        "# %% [markdown] nbgrader={} [raw]",
        "",
    ],
)
def test_no_repair_of_marker(line: str) -> None:
    assert repaired_marker(line) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{'grade': false}", '{"grade": false}'),
        ("{'a': True, \"b\": false, 'c': None}", '{"a": true, "b": false, "c": null}'),
        ('{"a": true,}', '{"a": true}'),
        ("{a: true, b: [1, 2.5,]}", '{"a": true, "b": [1, 2.5]}'),
        ("{“a”: ‘b’}", '{"a": "b"}'),
        ('{"a": {"b": true}} # why', '{"a": {"b": true}}'),
    ],
)
def test_repaired_metadata(text: str, expected: str) -> None:
    assert repaired_metadata(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{'a': 1}",
        "{'a': yes}",
        "{a: 1",
        "{a: 1}}",
        "{a: 1, a: 2}",
        "[true,]",
        "",
        "{a}",
        "{a: 1} b",
        "{a: 1 b: 2}",
        '{“a": 1}',
        "{a: 01}",
        "{a: 1_000}",
        "{a:" * 500,
        "{a: 1 # x",
    ],
)
def test_no_repair_of_metadata(text: str) -> None:
    assert repaired_metadata(text) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# %% T nbgrader={'a': true} x=1\n", '# %% T nbgrader={"a": true} x=1\n'),
        ("# %% [markdown] nbgrader={a: 1} # x", '# %% [markdown] nbgrader={"a": 1}'),
        (
            '# %% {"nbgrader": {"a": True,}, "b": false}',
            '# %% {"nbgrader": {"a": true}, "b": false}',
        ),
        ("# %% nbgrader={'a': true", None),
        ("# %% nbgrader={}", None),
        ("# %% nbgrader={'a': true} [markdown]", None),
        ("x = 1", None),
    ],
)
def test_with_repaired_metadata(line: str, expected: str | None) -> None:
    assert with_repaired_metadata(line) == expected


def test_glued_markers() -> None:
    text = (
        "# %%\nx = 1\r\n# %%nbgrader={}\n# %%time\ny = '''\n# %%[markdown]\n'''\n"
        '# %% [markdown]\n"""\n# %%[markdown]\n"""\n# %%[markdown]\n'
    )
    module = read_text(text)
    assert glued_markers(module) == [(0, 3, "# %%nbgrader={}"), (1, 12, "# %%[markdown]")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# # Head\n#\n#text\nplain\n", "# Head\n\ntext\nplain\n"),
        ('"""\n# Head\ntext\n"""\n\n', "\n# Head\ntext\n\n\n"),
        ("\n\nr'''# Head\ntext'''\n", "\n\n# Head\ntext\n"),
        ('""""""', ""),
        ('f"""\nx\n"""\n', 'f"""\nx\n"""\n'),
        ("# a\r#\n# b\r\n", "a\n\nb\n"),
    ],
)
def test_markdown_text(source: str, expected: str) -> None:
    text = "# %% [markdown]\n" + source
    assert assert_agreement(text)
    (cell,) = read_text(text).cells
    assert markdown_text(cell) == expected
    assert len(editor_rows(source + "x")) == len(editor_rows(expected + "x"))


def test_markdown_of_a_notebook_cell_is_its_source() -> None:
    assert markdown_text(Cell(CellKind.MARKDOWN, "# Head\n", 1)) == "# Head\n"


HOSTILE = {
    "equal signs": "# %% " + "a=" * 500_000,
    "brackets": "# %% nbgrader=" + "[" * 10_000,
    "nested": "# %% nbgrader=" + '{"a":' * 10_000 + "1" + "}" * 10_000,
    "minus signs": "# %% nbgrader=" + "-" * 10_000 + "1",
    "long line": "# %% " + "x" * 5_000_000,
    "long value": '# %% nbgrader={"a": "' + "b" * 5_000_000 + '"}',
    "escaped quotes": "# %%\n" + '\\"' * 1_000_000,
    "triple quotes": "# %%\n" + "'''" * 1_000_000,
    "fences": "# %% [markdown]\n" + "```x\n" * 100_000 + "````\n",
    "blanks": "# %% a" + " " * 1_000_000 + "b=1",
    "types": "# %% " + "[md] " * 100_000,
    "open braces": "# %% x={" + "'\\" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_linear_time(name: str) -> None:
    text = HOSTILE[name]
    start = time.perf_counter()
    module = read_text(text)
    for cell in module.cells:
        repaired_marker(cell.marker or "")
        with_repaired_metadata(cell.marker or "")
    glued_markers(module)
    # Quadratic time would be minutes; the bound is loose, for slow machines.
    assert time.perf_counter() - start < 5
    assert module.text == text


# --- properties -------------------------------------------------------------------------


@EXAMPLES
@given(st.text())
def test_any_text_is_lossless(text: str) -> None:
    assert_lossless(text)


@EXAMPLES
@given(percent_texts())
def test_percent_text_is_lossless(text: str) -> None:
    assert_lossless(text)
    assert read(text.encode()).to_bytes() == text.encode()


@EXAMPLES
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_lossless_or_refused(data: bytes) -> None:
    try:
        module = read(data)
    except UnreadableModule as error:
        refused = error
    else:
        assert module.to_bytes() == data
        return
    assert "\n" not in refused.message
    assert refused.row is None or refused.row >= 1


@settings(EXAMPLES, max_examples=how_many(150, 5000))
@given(percent_texts())
def test_agrees_with_jupytext(text: str) -> None:
    """Only texts that jupytext reads as percent count as examples."""
    assume(assert_agreement(text))


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_of_the_grammar_is_there_in_vain(header: str) -> None:
    notebook = jupytext_notebook(header + "# %%\nx = 1\n")
    assert notebook is not None
    compared = assert_agreement(header + "# %%\nx = 1\n")
    assert compared == (format_name(notebook) in ("percent", "hydrogen"))


@EXAMPLES
@given(markers, st.booleans())
def test_setting_nbgrader_changes_nothing_else(line: str, removes: bool) -> None:
    before = parse_marker(line)
    assume(before is not None)
    assert before is not None
    wanted = None if removes else {"points": 1, "grade": True, "grade_id": "é"}
    try:
        new = with_nbgrader(line + "\n", wanted)
    except ValueError:
        return
    after = parse_marker(new)
    assert after is not None
    assert new.endswith("\n")
    expected = {key: value for key, value in before.metadata.items() if key != "nbgrader"}
    if wanted is not None:
        expected["nbgrader"] = wanted
    assert after.metadata == expected
    assert (after.title, after.kind, after.indent) == (before.title, before.kind, before.indent)
    assert with_nbgrader(new, wanted) == new


@EXAMPLES
@given(markers)
def test_a_repaired_line_is_fine(line: str) -> None:
    for repair in (repaired_marker, with_repaired_metadata):
        new = repair(line)
        if new is not None:
            assert new != line
            assert parse_marker(new) is not None
            assert repair(new) is None


@EXAMPLES
@given(st.sampled_from(OPTIONS) | st.text(alphabet="{}[]\"'“”:,#truefalsTFN1 \\a", max_size=30))
def test_repaired_metadata_is_json(text: str) -> None:
    new = repaired_metadata(text)
    if new is not None:
        assert isinstance(json.loads(new), dict)
        assert repaired_metadata(new) is None
