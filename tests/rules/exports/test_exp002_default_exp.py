"""EXP002: whatever keeps nbdev from writing the module that the author named."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from exporting import DEFAULT, fixed, found, notebook, rows, sources
from real_tools.package import exported

CODE = "EXP002"
EXPORT = "# %%\n#| export\nBITS = 8\n"
SOLUTION = (
    '{"grade": false, "grade_id": "imports", "locked": false, '
    '"schema_version": 3, "solution": true}'
)
WIPED = f"# %% nbgrader={SOLUTION}\n#| default_exp core\n#| export\nimport math\n"


@pytest.mark.parametrize(
    "text",
    [EXPORT, "# %% [markdown]\n# #| default_exp core\n\n" + EXPORT],
    ids=["missing", "in Markdown"],
)
def test_without_default_exp_nbdev_writes_nothing(text: str, tmp_path: Path) -> None:
    assert len(found(text, CODE)) == 1
    package = exported(tmp_path, text)
    assert not package.has("core")
    assert "without `#| default_exp` cell" in package.warnings[0]


def test_a_markdown_cell_is_named() -> None:
    (diagnostic,) = found("# %% [markdown]\n# #| default_exp core\n\n" + EXPORT, CODE)
    assert "that of line 1 stands in a Markdown cell" in diagnostic.message


def test_no_name_stops_nbdev(tmp_path: Path) -> None:
    text = "# %%\n#| default_exp\n\n" + EXPORT
    assert rows(text, CODE) == [2]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'exp_to'"):
        exported(tmp_path, text)


def test_two_names_stop_nbdev(tmp_path: Path) -> None:
    text = "# %%\n#| default_exp core tensor\n\n" + EXPORT
    assert rows(text, CODE) == [2]
    with pytest.raises(TypeError, match="positional arguments"):
        exported(tmp_path, text)


@pytest.mark.parametrize("name", ["core/tensor.py", "core.tensor.py"])
def test_a_path_becomes_another_path(name: str, tmp_path: Path) -> None:
    text = f"# %%\n#| default_exp {name}\n\n{EXPORT}"
    assert rows(text, CODE) == [2]
    assert exported(tmp_path / "before", text).has("core.tensor.py")
    after = exported(tmp_path / "after", fixed(text, CODE))
    assert after.imported("core.tensor") == ""


def test_a_path_without_an_ending_is_the_module(tmp_path: Path) -> None:
    text = "# %%\n#| default_exp core/tensor\n\n" + EXPORT
    assert found(text, CODE) == []
    assert exported(tmp_path, text).has("core.tensor")


def test_the_last_one_wins(tmp_path: Path) -> None:
    text = "# %%\n#| default_exp early\n\n" + DEFAULT + EXPORT
    (diagnostic,) = found(text, CODE)
    assert diagnostic.start.row == 2
    assert "`core` comes later and wins" in diagnostic.message
    assert diagnostic.fix is None
    package = exported(tmp_path, text)
    assert (package.has("core"), package.has("early")) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        DEFAULT + EXPORT,
        EXPORT + "\n" + DEFAULT,
        "#| default_exp core\n\n" + EXPORT,
        '"""The module."""\n\n' + DEFAULT + EXPORT,
        DEFAULT + DEFAULT + EXPORT,
    ],
    ids=["first", "last", "above the first marker", "below a docstring's cell", "twice the same"],
)
def test_what_nbdev_reads_is_not_reported(text: str, tmp_path: Path) -> None:
    assert found(text, CODE) == []
    assert exported(tmp_path, text).has("core")


@pytest.mark.parametrize(
    "text",
    ["# %%\nBITS = 8\n", "# %%\n#| export core.tensor\nBITS = 8\n", "BITS = 8\n"],
    ids=["nothing exported", "each cell names its module", "plain file"],
)
def test_no_default_exp_is_needed(text: str) -> None:
    assert found(text, CODE) == []


def test_an_unread_one_is_for_exp001() -> None:
    text = "# %%\nimport os\n#| default_exp core\n\n" + EXPORT
    assert found(text, CODE) == []
    assert rows(text, "EXP001") == [3]


def released(text: str) -> str:
    """The percent text as nbgrader releases it."""
    cells, _ = ClearSolutions(config=Config()).preprocess(
        jupytext.reads(text, {"extension": ".py", "format_name": "percent"}), {}
    )
    return str(jupytext.writes(cells, "py:percent"))


def test_the_release_loses_a_wiped_directive_and_keeps_the_moved_one() -> None:
    assert rows(WIPED, CODE) == [2]
    assert "default_exp" not in released(WIPED)
    new = fixed(WIPED, CODE)
    assert "#| default_exp core" in released(new)
    rest = WIPED.replace("#| default_exp core\n", "")
    assert new == f"# %%\n#| default_exp core\n\n{rest}"
    assert found(new, CODE) == []


def test_moving_it_changes_nothing_for_the_package(tmp_path: Path) -> None:
    before = exported(tmp_path / "before", WIPED).text("core")
    after = exported(tmp_path / "after", fixed(WIPED, CODE)).text("core")
    assert [line for line in before.split("\n") if line[:1] != "#"] == [
        line for line in after.split("\n") if line[:1] != "#"
    ]


def test_a_solution_cell_with_a_region_keeps_it() -> None:
    text = f"# %% nbgrader={SOLUTION}\n#| default_exp core\n#| export\n### BEGIN SOLUTION\nx = 1\n"
    text += "### END SOLUTION\n"
    assert found(text, CODE) == []
    assert "default_exp" in released(text)


def test_a_second_one_in_a_cell_that_is_released_is_enough() -> None:
    text = WIPED + "\n" + DEFAULT
    assert found(text, CODE) == []
    assert "default_exp" in released(text)


def test_a_wiped_cell_of_nothing_else_has_no_fix() -> None:
    text = f"# %% nbgrader={SOLUTION}\n#| default_exp core\n\n{EXPORT}"
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is None


def test_a_wiped_cell_of_a_notebook() -> None:
    wiped = "#| default_exp core\n#| export\nimport math"
    text = notebook("BITS = 8", wiped, metadata={1: {"nbgrader": json.loads(SOLUTION)}})
    new = fixed(text, CODE)
    assert sources(new) == ["BITS = 8", "#| default_exp core", "#| export\nimport math"]
    nbformat.validate(json.loads(new))


def test_line_endings_are_kept() -> None:
    new = fixed(WIPED.replace("\n", "\r\n"), CODE)
    assert new.startswith("# %%\r\n#| default_exp core\r\n\r\n# %%")
    assert new.count("\r\n") == new.count("\n")
