"""MET002: a module and the notebook beside it; jupytext makes the pairs."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
import pytest

from modlint.analysis.module import Twin
from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.settings import Settings
from notebook_files import WRITERS, Json, lived_in, notebook_of, written
from support import Run

ONLY = Settings(select=("MET002",), ignore=("CEL008",))
ROLE = '{"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, "solution": true}'
MODULE = (
    "# %% [markdown]\n# # Title\n# Text\n\n"
    f"# %% nbgrader={ROLE}\ndef f():\n    return 1\n\n\n"
    "# %%\nx = 1\n"
)
#: Modules of which jupytext makes a notebook that looks otherwise and is the same.
SAME = [
    MODULE,
    MODULE.replace("\n", "\r\n"),
    MODULE.rstrip("\n"),
    "# %%\n# %matplotlib inline\nx = 1\n",
    "# %%\n# !ls -l\n# x?\n",
    "# %%\n# copy the weights\n",
    "# %%\n# %%bash\n# ls -l\n",
    "# %%\nif x:\n    # %time y\n    pass\n",
    '# %%\ns = """\n# %matplotlib inline\n"""\n',
    '# %% language="bash"\n# ls -l\n# cat x\n',
    '# %% magic_args="-s 1" language="bash"\n# ls -l\n',
    '# %% [markdown]\n"""\n# Title\n"""\n',
    "# %% [raw]\n# text\n",
    "# %%\n\n\nx = 1\n\n\n\n# %%\n",
    "# %%\n# # comment\n",
    "x = 0\n# %%\ny = 1\n",
    '# %% Title tags=["a"]\nx = 1\n',
    "# %%\nx = 1\x0c\ny = 2\n",
    '# %% active="ipynb"\n# x = 1\n# # a comment\n# %time x\n',
    '# %% tags=["active-ipynb"]\n# x = 1\n# if x:\n#     y = 2\n',
    '# %% active="ipynb"\nx = 1\n# y = 2\n',
    '# %% active="py"\n# %time x\nx = 1\n',
    '# %% tags=["active-py"]\nx = 1\n',
    '# %% active="py,ipynb"\n# %time x\nx = 1\n',
    '# %% tags=["active-ipynb-py"]\nx = 1\n',
    '# %% active="md"\n# # x = 1\n',
    '# %% run_control={"frozen": true}\n# x = 1\n',
    '# %% language="bash" active="ipynb"\n# ls\n',
    '# %% [raw] active="py"\n# x = 1\n',
]


def compare(module: str, raw: Json) -> list[Diagnostic]:
    """What is said of the notebook that stands beside the module."""
    twin = Twin("m.py", read(module.encode()))
    return lint(read(written(raw, "nbformat").encode(), "m.ipynb"), ONLY, twin)


@pytest.mark.parametrize("module", SAME)
def test_what_jupytext_makes_is_not_stale(module: str) -> None:
    assert compare(module, notebook_of(module)) == []


@pytest.mark.parametrize("module", SAME)
def test_what_jupytext_makes_of_the_notebook_is_not_stale_either(module: str) -> None:
    raw = notebook_of(module)
    back = jupytext.writes(jupytext.reads(json.dumps(raw), fmt="ipynb"), fmt="py:percent")
    assert compare(back, raw) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_ids_outputs_and_the_metadata_of_tools_do_not_count(writer: str) -> None:
    twin = Twin("m.py", read(MODULE.encode()))
    file = read(written(lived_in(notebook_of(MODULE)), writer).encode(), "m.ipynb")
    assert lint(file, ONLY, twin) == []


def test_checksums_do_not_count() -> None:
    raw = notebook_of(MODULE)
    raw["cells"][1]["metadata"]["nbgrader"] |= {"checksum": "0" * 32, "cell_type": "code"}
    assert compare(MODULE, raw) == []


@pytest.mark.parametrize(
    ("old", "new", "cell", "words"),
    [
        ("return 1", "return 2", 1, "1 cell, first in the code here (in line 5 there)"),
        ("Text", "Test", 0, "1 cell, first in the text here (in line 1 there)"),
        ('"a"', '"b"', 1, "1 cell, first in the grading metadata here (in line 5 there)"),
        ("[markdown]", "[raw]", 0, "1 cell, first in the kind of the cell here (in line 1 there)"),
        (
            "x = 1\n",
            "x = 1\n\n# %%\ny = 1\n",
            2,
            "1 cell, first the cell of line 13 there stands nowhere",
        ),
        ("# %% [markdown]\n# # Title\n# Text\n\n", "", 0, "1 cell, first this cell stands nowhere"),
        ("x = 1", "# %matplotlib inline", 2, "1 cell, first in the code here (in line 10 there)"),
    ],
)
def test_a_change_is_found_and_named(old: str, new: str, cell: int, words: str) -> None:
    (found,) = compare(MODULE.replace(old, new), notebook_of(MODULE))
    assert (found.cell, found.start.row, found.fix) == (cell, 1, None)
    assert found.message.startswith(f"m.py differs in {words}")
    command = "`jupytext --update --to ipynb m.py`"
    advice = f"{command} writes the notebook again"
    if len(MODULE.replace(old, new)) < len(MODULE) and not new:
        advice = f"the notebook has cells that {command} would take out"
    assert found.message.endswith(f"; {advice}")


def test_changes_are_counted_and_reported_once() -> None:
    module = MODULE.replace("return 1", "return 2").replace("Text", "Test")
    (found,) = compare(module, notebook_of(MODULE))
    assert found.message.startswith("m.py differs in 2 cells, first in the text here")


def test_without_a_twin_nothing_is_said() -> None:
    file = read(written(notebook_of(MODULE), "nbformat").encode(), "m.ipynb")
    assert lint(file, ONLY) == []


# --- the command ----------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with a module and a notebook that is older."""
    (tmp_path / "m.py").write_text(MODULE)
    old = notebook_of(MODULE.replace("return 1", "return 2"))
    (tmp_path / "m.ipynb").write_text(written(old, "nbformat"))
    return tmp_path


def test_one_fault_is_one_report_on_the_notebook(modlint: Run, pair: Path) -> None:
    result = modlint("check", "--select", "MET002", ".")
    assert result.exit_code == 1
    assert result.stdout.startswith("m.ipynb:cell 2:1:1: MET002 m.py differs in 1 cell")
    assert "Found 1 problem in 1 file." in result.stdout


def test_the_module_alone_is_held_against_the_notebook_too(modlint: Run, pair: Path) -> None:
    result = modlint("check", "--select", "MET002", "m.py")
    assert result.exit_code == 1
    assert result.stdout.startswith("m.py:5:1: MET002 m.ipynb differs in 1 cell, first in the code")
    assert "(in cell 2 there)" in result.stdout


def test_the_command_of_the_message_mends_it(modlint: Run, pair: Path) -> None:
    from jupytext.cli import jupytext as command

    told = modlint("check", "--select", "MET002", ".").stdout.split("`")[1].split()
    assert told[0] == "jupytext"
    assert command(told[1:]) == 0
    assert modlint("check", "--select", "MET002", ".").exit_code == 0


def test_a_pair_that_one_fix_left_behind_is_told(modlint: Run, tmp_path: Path) -> None:
    module = '# %%\nprint("hi")\n'
    (tmp_path / "m.py").write_text(module)
    (tmp_path / "m.ipynb").write_text(written(notebook_of(module), "nbformat"))
    result = modlint("fix", "--apply", "m.py")
    assert result.exit_code == 1
    assert "m.py:1:1: MET002 m.ipynb differs in 1 cell" in result.stdout
    assert modlint("fix", "--apply", ".").exit_code == 0


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_twin_that_cannot_be_read_is_not_compared(
    modlint: Run, pair: Path, broken: bytes
) -> None:
    (pair / "m.ipynb").write_bytes(broken)
    assert modlint("check", "--select", "MET002", "m.py").exit_code == 0
    result = modlint("check", "--select", "MET002", ".")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: m.ipynb")


# --- what is no pair ------------------------------------------------------------------------

HELPERS = (
    '"""Helpers of the lesson."""\nimport math\n\n\ndef area(r):\n    return math.pi * r * r\n'
)
LESSON = "# %% [markdown]\n# # The lesson\n\n# %%\nfrom lesson import area\n\narea(2)\n"


@pytest.mark.parametrize(
    ("script", "is_pair"),
    [
        (HELPERS, False),
        ("# A comment %% of it.\n" + HELPERS, False),
        ("# %%\n" + HELPERS, True),
        ("# In[1]:\n" + HELPERS, True),
        (
            "# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n" + HELPERS,
            True,
        ),
        (
            "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       extension: .py\n"
            "#       format_name: light\n# ---\n" + HELPERS,
            False,
        ),
    ],
)
def test_a_script_that_has_the_name_of_a_notebook_is_no_pair(script: str, is_pair: bool) -> None:
    assert bool(compare(script, notebook_of(LESSON))) is is_pair


@pytest.mark.parametrize(
    ("formats", "is_pair"),
    [("ipynb,py:percent", True), ("ipynb,py:light", False), ("ipynb,md", False), (None, False)],
)
def test_a_notebook_may_name_its_script(formats: str | None, is_pair: bool) -> None:
    raw = notebook_of(LESSON)
    raw["metadata"]["jupytext"] = {"formats": formats} if formats else {}
    assert bool(compare(HELPERS, raw)) is is_pair


def test_no_advice_takes_cells_out_of_a_notebook_unsaid() -> None:
    (found,) = compare(MODULE.partition("# %%\nx")[0], notebook_of(MODULE))
    assert "would take out" in found.message


def test_a_true_difference_of_a_hydrogen_pair_is_found() -> None:
    module = "# %%\nif x:\n    # !ls -l\n    pass\n\n# %%\n# files = !ls\ny = 1\n"
    (found,) = compare(module.replace("y = 1", "y = 2"), _hydrogen(module))
    assert "1 cell, first in the code" in found.message


@pytest.mark.parametrize(
    "module",
    [
        "# %%\n%time x\n# !ls\n",
        "# %%\nif x:\n    # !ls -l\n    # %cd data\n    pass\n\n# %%\n# files = !ls\n",
        "# %%\n# x?\n# !pip install y\n\n# %%\n!ls\n",
    ],
)
def test_the_notebook_of_a_hydrogen_file_is_not_stale(module: str) -> None:
    assert compare(module, _hydrogen(module)) == []
    # Where a setting of jupytext says that it is percent, the notebook is another one.
    assert compare(module, notebook_of(module)) == []


def _hydrogen(module: str) -> Json:
    node = jupytext.reads(module, {"extension": ".py"})
    raw: Json = json.loads(jupytext.writes(node, fmt="ipynb"))
    return raw
