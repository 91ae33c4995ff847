"""EXP001: what nbdev does not read as a directive is reported; what it reads is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporting import DEFAULT, fixed, found, notebook, rows, sources
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.directives import inert, is_exported, leading
from real_tools.package import exported

CODE = "EXP001"
ENUM = DEFAULT + "# %%\nfrom enum import Enum\n\n#| export\nclass Mode(Enum):\n    A = 1\n"

#: The text of a cell that is meant to be exported, and is not.
UNREAD = {
    "import above": "import os\n#| export\nx = 1\n",
    "comment above": "# The limit.\n#| export\nx = 1\n",
    "docstring above": '"""The limit."""\n#|export\nx = 1\n',
    "indented": "if True:\n    #| export\n    x = 1\n",
    "capital": "#| Export\nx = 1\n",
    "misspelt": "#| exprot\nx = 1\n",
    "plural misspelt": "#| Exports\nx = 1\n",
    "nbdev 1": "#export\nx = 1\n",
    "nbdev 1 with a blank": "\n# export\nx = 1\n",
    "nbdev 1 behind hide": "#| hide\n# exporti\nx = 1\n",
}
READ = {
    "plain": "#| export\nx = 1\n",
    "close": "#|export\nx = 1\n",
    "wide": "  # |  export\nx = 1\n",
    "behind blank lines": "\n\n#| hide\n\n#| exporti\nx = 1\n",
    "with Quarto": "#| code-fold: show\n#| exports\nx = 1\n",
    "twice": "#| export\nx = 1\n#| export\ny = 2\n",
}
NOT_MEANT = {
    "string": 'TEXT = """\n#| export\n"""\n',
    "behind code": "x = 1  #| export\n",
    "table": "x = 1\n#| export | the cell is exported |\n",
    "prose": "x = 1\n#| export is a directive of nbdev\n",
    "prose with a heading": "# Export\nx = 1\n",
    "nbdev 1 below code": "x = 1\n# export\ny = 2\n",
    "nbdev 1 with words": "# export the weights\nx = 1\n",
    "other word": "#| report\nx = 1\n",
    "Quarto": "#| echo: false\n#| label: fig-one\nx = 1\n",
    "line option": "x = 1\ny = 2\n#| hide_line\n",
}


@pytest.mark.parametrize("cell", UNREAD.values(), ids=UNREAD)
def test_an_unread_directive_is_reported_and_nbdev_reads_the_fixed_one(
    cell: str, tmp_path: Path
) -> None:
    text = f"{DEFAULT}# %%\n{cell}"
    assert len(found(text, CODE)) == 1
    assert not exported(tmp_path / "before", text).has("core")
    package = exported(tmp_path / "after", fixed(text, CODE))
    assert package.imported("core") == ""
    assert "x = 1" in package.text("core")
    assert found(fixed(text, CODE), CODE) == []


@pytest.mark.parametrize("cell", READ.values(), ids=READ)
def test_what_nbdev_reads_is_not_reported(cell: str, tmp_path: Path) -> None:
    text = f"{DEFAULT}# %%\n{cell}"
    assert found(text, CODE) == []
    assert "x = 1" in exported(tmp_path, text).text("core")


@pytest.mark.parametrize("cell", NOT_MEANT.values(), ids=NOT_MEANT)
def test_what_is_no_directive_is_left_alone(cell: str) -> None:
    assert found(f"{DEFAULT}# %%\n{cell}", CODE) == []


def test_a_colon_takes_the_first_line_of_code_away(tmp_path: Path) -> None:
    text = DEFAULT + "# %%\n#| export:\nSCALE = 255\nHALF = 128\n"
    assert rows(text, CODE) == [5]
    before = exported(tmp_path / "before", text)
    assert "#| export: SCALE = 255" in before.text("core")
    after = exported(tmp_path / "after", fixed(text, CODE))
    assert after.run("from course.core import SCALE")[0] == 0


def test_the_colon_is_written_away_in_a_cell_that_acts() -> None:
    text = DEFAULT + "# %%\n#| export:\nprint('on import')\n"
    assert fixed(text, CODE) == text.replace(":\n", "\n")


@pytest.mark.parametrize(
    "line", ["#| default-exp core", "#| Default_exp core", "#| default_exp: core"]
)
def test_a_misspelt_default_exp(line: str, tmp_path: Path) -> None:
    text = f"# %%\n{line}\n\n# %%\n#| export\nx = 1\n"
    assert rows(text, CODE) == [2]
    assert found(text, "EXP002") == []
    assert not exported(tmp_path / "before", text).has("core")
    assert exported(tmp_path / "after", fixed(text, CODE)).has("core")


@pytest.mark.parametrize(
    "text",
    [
        "# %%\nimport os\n#| default_exp core/x.py\n\n# %%\n#| export\nx = 1\n",
        DEFAULT + "# %%\nimport os\n#| default_exp other\n\n# %%\n#| export\nx = 1\n",
        '# %% nbgrader={"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, '
        '"solution": true}\nimport os\n#| default_exp core\n#| export\n',
    ],
    ids=["path", "second one", "wiped cell"],
)
def test_a_default_exp_that_would_be_wrong_where_it_is_read_has_no_fix(text: str) -> None:
    first = found(text, CODE)[0]
    assert first.fix is None
    fixed(text, "EXP")


def test_two_of_them_do_not_make_the_fixes_quarrel() -> None:
    text = "# %%\nimport os\n#| default_exp a\n\n# %%\n#| export\nimport os\n#| default_exp b\n"
    assert rows(fixed(text, "EXP"), CODE) == [8]


def test_a_module_in_the_spelling_of_nbdev_1_as_a_whole() -> None:
    text = "# %%\n# default_exp core\n\n# %%\n#export\nx = 1\n"
    assert rows(text, CODE) == [2, 5]
    new = "# %%\n#| default_exp core\n\n# %%\n#| export\nx = 1\n"
    assert fixed(text, CODE) == new


def test_a_comment_export_says_nothing_where_nbdev_is_not_used() -> None:
    assert found("# %%\n# export\nx = 1\n", CODE) == []


def test_the_directive_goes_behind_those_that_lead() -> None:
    text = DEFAULT + "# %%\n#| hide\nimport os\n#| export\nx = os.sep\n"
    assert fixed(text, CODE) == DEFAULT + "# %%\n#| hide\n#| export\nimport os\nx = os.sep\n"


def test_line_endings_are_kept() -> None:
    text = ENUM.replace("\n", "\r\n")
    new = fixed(text, CODE)
    assert new.count("\r\n") == new.count("\n")
    assert "# %%\r\n#| export\r\nfrom enum" in new


@pytest.mark.parametrize(
    "cell",
    [
        "print('x')\n#| export\nx = 1\n",
        "import os\n#| export\ndef test_x():\n    pass\n",
        "# %matplotlib inline\n#| export\nx = 1\n",
    ],
    ids=["acts", "test", "magic"],
)
def test_no_fix_exports_what_does_not_belong_into_a_package(cell: str) -> None:
    text = f"{DEFAULT}# %%\n{cell}"
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is None


def test_a_notebook_file(tmp_path: Path) -> None:
    text = notebook("#| default_exp core", "import os\n#| export\nx = os.sep")
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.cell, diagnostic.start.row) == (1, 2)
    new = fixed(text, CODE)
    assert sources(new)[1] == "#| export\nimport os\nx = os.sep"
    assert exported(tmp_path, new).imported("core") == ""


def test_a_plain_python_file_is_none_of_its_business() -> None:
    assert found("import os\n#| export\nx = 1\n", CODE) == []


def test_directives_of_a_cell_behind_a_cell_magic() -> None:
    masked = Cell(CellKind.CODE, "# ipython: %%time\n#| export\nx = 1", 1)
    assert [directive.name for directive in leading(masked)] == ["export"]
    assert is_exported(masked)
    assert inert(Cell(CellKind.CODE, "x = 1\n  #| hide", 1), lambda _: True)[0].line == 2
    assert not is_exported(Cell(CellKind.MARKDOWN, "#| export", 1))
