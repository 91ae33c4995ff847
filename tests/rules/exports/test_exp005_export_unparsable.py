"""EXP005: the real nbdev on cells that are no Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporting import DEFAULT, found, notebook, rows
from real_tools.package import exported, nbdev_export

CODE = "EXP005"
GOOD = "\n# %%\n#| export\nOTHER = 1\n"
#: The line that is no Python, as a percent file has it.
COMMANDS = ["# %matplotlib inline", "# !ls -l", "# %time x = 2", "#%load_ext autoreload"]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_a_percent_file(line: str, tmp_path: Path) -> None:
    text = f"{DEFAULT}# %%\n#| export\nx = 1\n{line}\n{GOOD}"
    assert rows(text, CODE) == [7]
    package = exported(tmp_path, text)
    assert "__all__ = ['OTHER']" in package.text("core")
    assert package.imported("core").startswith("SyntaxError")


@pytest.mark.parametrize("line", ["%matplotlib inline", "!ls -l", "files = !ls", "%%time"])
def test_a_command_in_a_notebook(line: str, tmp_path: Path) -> None:
    cell = "%%time\n#| export\nx = 1" if line == "%%time" else f"#| export\n{line}\nx = 1"
    text = notebook("#| default_exp core", cell, "#| export\nOTHER = 1")
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.cell, diagnostic.start.row) == (1, 1 if line == "%%time" else 2)
    assert f"`{line}`" in diagnostic.message
    package = exported(tmp_path, text)
    assert "__all__ = ['OTHER']" in package.text("core")
    assert package.imported("core").startswith("SyntaxError")


def test_the_command_stops_without_a_name(tmp_path: Path) -> None:
    code, line = nbdev_export(tmp_path, f"{DEFAULT}# %%\n#| export\n# %matplotlib inline\nx = 1\n")
    assert (code, line) == (1, "SyntaxError: invalid syntax")


def test_the_command_ends_well_where_nothing_is_reported(tmp_path: Path) -> None:
    text = f"{DEFAULT}# %%\n# %matplotlib inline\n{GOOD}"
    assert found(text, CODE) == []
    assert nbdev_export(tmp_path, text) == (0, "")


def test_a_syntax_error_is_reported_at_the_directive(tmp_path: Path) -> None:
    text = f"{DEFAULT}# %%\n#| export\ndef f()\n    pass\n{GOOD}"
    (diagnostic,) = found(text, CODE)
    assert diagnostic.start.row == 5
    assert "(line 6)" in diagnostic.message
    assert rows(text, "CEL008") == [6]
    package = exported(tmp_path, text)
    assert "__all__ = ['OTHER']" in package.text("core")
    assert package.imported("core").startswith("SyntaxError")


def test_a_cell_torn_by_an_indented_marker(tmp_path: Path) -> None:
    text = f"{DEFAULT}# %%\n#| export\ndef f():\n    # %% part\n    return 1\n"
    assert rows(text, CODE) == [5]
    assert exported(tmp_path, text).imported("core") != ""


def test_prose_is_cel003s() -> None:
    text = f"{DEFAULT}# %%\n#| export\n# copy the weights\nx = 1\n"
    assert found(text, CODE) == []
    assert rows(text, "CEL003") == [6]


@pytest.mark.parametrize(
    "cell",
    ["# %matplotlib inline\nx = 1\n", "def f()\n", "#| export\nx = 5 % 2  # %d\n", "#| export\n"],
    ids=["magic, not exported", "error, not exported", "no magic", "empty"],
)
def test_what_is_not_reported(cell: str) -> None:
    assert found(f"{DEFAULT}# %%\n{cell}", CODE) == []


# --- whichever cell magic leads it ---------------------------------------------------------------

LEADING_MAGICS = ["%%capture", "%%time", "%%boxed -r", "%%cython", "%%writefile a.py"]


@pytest.mark.parametrize("magic", LEADING_MAGICS)
def test_a_cell_magic_above_the_directive_is_exported_with_the_cell(magic: str) -> None:
    percent = DEFAULT + f"# %%\n# {magic}\n#| export\nX = 1\n"
    codes = [(d.code, d.start.row) for d in found(percent, "EXP001", "EXP005")]
    assert codes == [("EXP005", 5)]
    text = notebook("#| default_exp core", f"{magic}\n#| export\nX = 1")
    codes = [(d.code, d.start.row) for d in found(text, "EXP001", "EXP005")]
    assert codes == [("EXP005", 1)]


def test_a_comment_that_merely_looks_like_it_is_none_in_a_notebook() -> None:
    text = notebook("#| default_exp core", "# %%capture\n#| export\nX = 1")
    assert [d.code for d in found(text, "EXP001", "EXP005")] == ["EXP001"]
