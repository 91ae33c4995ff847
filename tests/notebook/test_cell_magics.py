"""Magics without their sign, and magics over a whole cell: IPython itself is the judge."""

from __future__ import annotations

import ast
from functools import cache

import pytest
from ipykernel.zmqshell import ZMQInteractiveShell

from exporting import found, notebook
from modlint.diagnostics import Change
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.magics import AUTOMAGICS, automagic, cell_magic, has_cell_magic, masked
from modlint.notebook.magics import unmasked as plain
from modlint.notebook.reading import read
from modlint.settings import Settings

WINDOWS = {"cls", "copy", "ddir", "echo", "ren"}
LINES = [
    "pip install torch", "ls", "cd data", "ll", "time train()", "time(5)", "time.time()", "ls = 3",
    "ls, cd = 3, 4", "ls == 3", "ls ==3", "who", "whos int", "conda install torch", "\n\npwd\n",
    "pwd\n\n", "pwd\n# where", "# where\npwd", "   pwd", "\tcd ..", "time n = train()", "pip?",
    "matplotlib inline", "env HOME", "history -n 5", "run train.py", "load_ext autoreload",
    "mkdir -p out", "ls*", "ls *", "ls()", "ls[0]", "ls + 2", "ls.pwd", "ls # all", "pwd\r\n",
    "print('ls')", "import ls", "del ls", "x = ls", "listing", "pip_install x", "echo hi", "lsx",
]  # fmt: skip


@cache
def shell() -> ZMQInteractiveShell:
    return ZMQInteractiveShell()  # type: ignore[no-untyped-call]


def test_the_names_are_those_of_ipython() -> None:
    found = set(shell().magics_manager.lsmagic()["line"])
    assert found - AUTOMAGICS <= WINDOWS


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_a_magic_where_ipython_runs_one(line: str) -> None:
    runs = shell().transform_cell(line)  # type: ignore[no-untyped-call]
    is_magic = runs.startswith("get_ipython().run_line_magic(") and not line.endswith("?")
    assert (automagic(line) is not None) == is_magic
    shown = masked(line)
    assert plain(shown) == line
    if is_magic:
        ast.parse(shown)


ONE_LINERS = ["pip install torch", "cd ..", "ls", "who", "conda install torch", "time train()"]


@pytest.mark.parametrize("line", ONE_LINERS)
def test_a_magic_without_its_sign_is_no_error_of_a_notebook(line: str) -> None:
    text = notebook("x = 1", line, "x + 1")
    assert found(text, "CEL008", "EXP006") == []
    assert read(text.encode(), "a.ipynb").to_bytes().decode() == text


@pytest.mark.parametrize("line", ["pip install torch", "cd .."])
def test_in_a_script_it_is_an_error(line: str) -> None:
    assert [d.code for d in found(f"# %%\n{line}\n", "CEL008")] == ["CEL008"]


def test_a_variable_takes_the_place_of_a_magic() -> None:
    bound = notebook("ls = [1, 2]", "ls + missing", "ls")
    assert [d.message for d in found(bound, "EXP006")] == [
        "no cell defines or imports missing: NameError when this runs"
    ]
    assert [d.cell for d in found(notebook("pip = 1", "pip install torch"), "CEL008")] == [1]
    assert [d.cell for d in found(notebook("import time", "time missing()"), "CEL008")] == [1]
    assert found(notebook("pip install torch", "pip = 1"), "CEL008") == []
    assert found(notebook("def f():\n    pip = 1", "pip install torch"), "CEL008") == []


def test_two_lines_are_python() -> None:
    assert [d.cell for d in found(notebook("x = 1\npip install torch"), "CEL008")] == [0]
    assert [d.code for d in found(notebook("ls\n# all of it"), "EXP006")] == ["EXP006"]


@pytest.mark.parametrize("magic", ["%time", "time", "%prun -q", "prun -q"])
def test_a_timed_statement_binds_its_names(magic: str) -> None:
    assert found(notebook(f"{magic} total, rest = 1, 2", "total + rest"), "EXP006") == []


def test_what_a_magic_runs_may_bind_anything() -> None:
    assert found(notebook("run helpers.py", "helper()"), "EXP006") == []


# --- cell magics -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("%%time", "time"), ("%%timeit -n 3", "timeit"), ("%%capture out", "capture"),
        ("\n%%bash", "bash"), ("%%cache -f", "cache"), ("x = 1\n%%time", None), ("%time", None),
        ("# %%time", None), ("'%%time'", None), ("", None),
    ],
)  # fmt: skip
def test_the_cell_magic_of_a_notebook_cell(first: str, name: str | None) -> None:
    (cell,) = read(notebook(f"{first}\nx = 1").encode(), "a.ipynb").cells
    magic = cell_magic(cell)
    assert (magic.name if magic else None) == name
    assert has_cell_magic(cell) is (name is not None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# %%\n# %%time\nx = 1\n", "time"),
        ("# %%\n\n#%%capture\nx = 1\n", "capture"),
        ('# %% language="bash"\n# ls\n', "bash"),
        ("# %%\nx = 1\n# %%time\n", None),
        ("# %%\n# %time\nx = 1\n", None),
        ("# %%\n# 5%% of it\nx = 1\n", None),
        ("# %% [markdown]\n# text\n", None),
    ],
)
def test_the_cell_magic_of_a_percent_cell(text: str, name: str | None) -> None:
    (cell,) = read(text.encode()).cells
    magic = cell_magic(cell)
    assert (magic.name if magic else None) == name


SETUPS = [
    "%%timeit values = [1, 2]\nsum(values)",
    "%%timeit -n 3 -r 1 values = [1, 2]\nsum(values)",
    "%%timeit -n3 -r1 -o import math\nmath.sqrt(2)",
    "%%timeit\nvalues = [1, 2]\nsum(values)",
    "%%prun -q values = [1, 2]\nsum(values)",
]


@pytest.mark.parametrize("cell", SETUPS)
def test_the_setup_of_a_timed_cell_binds_its_names(cell: str) -> None:
    assert found(notebook(cell), "EXP006") == []
    assert found(f"# %%\n# {cell}\n", "EXP006") == []


def test_what_is_timed_in_a_function_binds_nothing_for_the_cells_below() -> None:
    code = ["%%timeit\ntotal = 1", "print(total)"]
    assert [(d.code, d.cell) for d in found(notebook(*code), "EXP006")] == [("EXP006", 1)]
    setup = ["%%timeit total = 1\ntotal", "print(total)"]
    assert [(d.code, d.cell) for d in found(notebook(*setup), "EXP006")] == [("EXP006", 1)]
    run = ["%%time\ntotal = 1", "print(total)"]
    assert found(notebook(*run), "EXP006") == []


@pytest.mark.parametrize(
    ("magic", "is_excused"),
    [
        ("%%cache", True), ("%%cpp -O2", True), ("%%dot fib", True), ("%%sql fib <<", True),
        ("%%bash --out fib", True), ("%%capture fib", True),
        ("%%bash", False), ("%%html", False), ("%%writefile fib.py", False), ("%%file a.py", False),
    ],
)  # fmt: skip
def test_what_a_cell_under_a_magic_may_define(magic: str, is_excused: bool) -> None:
    inside = "x = 1" if magic.endswith((" fib", "<<")) else "def fib(n):\n    return n"
    text = notebook(f"{magic}\n{inside}", "print(fib(3))")
    assert (found(text, "EXP006") == []) is is_excused


SOLUTION = {
    "grade": False, "grade_id": "fib", "locked": False, "schema_version": 3, "solution": True,
}  # fmt: skip
REGION = "def fib(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION\n\n\nfib(2)\n"


@pytest.mark.parametrize("magic", ["%%cache", "%%writefile fib.py", "%%cpp", "%%sql"])
def test_a_stub_under_an_unknown_magic_is_not_judged_as_python(magic: str) -> None:
    text = notebook(f"{magic}\n{REGION}", metadata={0: {"nbgrader": SOLUTION}})
    assert found(text, "NBG009", "EXP006", "CEL008") == []


def test_a_stub_under_a_timer_is_judged() -> None:
    torn = "%%time\n### BEGIN SOLUTION\nif 1:\n    x = 1\n### END SOLUTION\nelse:\n    x = 2\n"
    text = notebook(torn, metadata={0: {"nbgrader": SOLUTION}})
    assert [d.code for d in found(text, "NBG009")] == ["NBG009"]


@pytest.mark.parametrize("magic", ["%%time", "%%timeit", "%%capture", "%%prun -q"])
@pytest.mark.parametrize(
    "code", ["print(1)", "def f() -> int:\n    return None", "def test_a():\n  1"]
)
def test_no_fix_rewrites_what_stands_below_a_cell_magic(magic: str, code: str) -> None:
    for text, name in (
        (notebook(f"{magic}\n{code}"), "a.ipynb"),
        (f"# %%\n# {magic}\n{code}\n", "a.py"),
    ):
        file = read(text.encode(), name)
        settings = Settings()
        diagnostics = lint(file, settings)
        kept = {d.fix.change for d in diagnostics if d.fix}
        assert kept <= {Change.METADATA, Change.MARKER, Change.STRUCTURE}
        outcome = fix(file, diagnostics, settings, unsafe=True)
        assert [c.source for c in outcome.file.cells] == [c.source for c in file.cells]


def test_a_cell_beside_it_is_fixed() -> None:
    text = "# %%\n# %%time\nprint(1)\n\n# %%\nprint(2)\n"
    assert [(d.cell, d.fix is not None) for d in found(text, "IMP002")] == [(0, False), (1, True)]
