"""The five promises of a safe fix: hand-made fixes that break one are stopped, whoever offers them.

Each case is tried as a percent file and as a notebook, where both can hold it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.fixing import engine
from modlint.fixing.proof import objection
from modlint.linting import judged, lint
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.reading import read
from modlint.notebook.regions import crosses_region
from modlint.settings import Settings

GUARD = 'if __name__ == "__main__":\n'
GRADED = {
    "grade": True, "grade_id": "t", "locked": True, "points": 3, "schema_version": 3,
    "solution": False, "task": False,
}  # fmt: skip
SOLUTION = GRADED | {"grade": False, "locked": False, "solution": True}


def _file(cells: list[str], role: dict[str, Any] | None, kind: str) -> ModuleFile:
    """A module of these cells, of which the last has the role."""
    if kind == "py":
        marker = f"# %% nbgrader={json.dumps(role)}\n" if role else "# %%\n"
        heads = ["# %%\n"] * (len(cells) - 1) + [marker]
        return read("".join(h + c for h, c in zip(heads, cells, strict=True)).encode())
    stored: list[dict[str, Any]] = [
        {
            "cell_type": "code", "execution_count": None, "id": f"c{n}", "outputs": [],
            "metadata": {"nbgrader": role} if role and n == len(cells) - 1 else {},
            "source": text.rstrip("\n"),
        }
        for n, text in enumerate(cells)
    ]  # fmt: skip
    whole = {"cells": stored, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return read(json.dumps(whole).encode(), "m.ipynb")


def _judged(
    above: list[str],
    old: str,
    new: str,
    *,
    below: str = "",
    role: dict[str, Any] | None = None,
    kind: str = "py",
    change: Change = Change.GUARDS,
    safe: bool = True,
    purpose: Purpose | None = None,
) -> str | None:
    """What the proof says of a fix that makes ``new`` of the cell ``old``, which has the role."""
    file = _file([*above, old], role, kind)
    if below:
        end = Cell(CellKind.CODE, below, 1, None if kind == "ipynb" else "# %%\n")
        file = replace(file, cells=(*file.cells, end))
    index = len(above)
    text = new if kind == "py" else new.rstrip("\n")
    patch = Patch({index: (replace(file.cells[index], source=text),)})
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    fix = Fix(applicability, "mend", lambda: patch, change)
    return objection(file, patch, fix, purpose=purpose or Purpose())


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def _guarded(text: str) -> str:
    return GUARD + _indented(text)


def _demo(text: str) -> str:
    return f"def demo_it():\n{_indented(text)}\n\n{GUARD}    demo_it()\n"


both = pytest.mark.parametrize("kind", ["py", "ipynb"])

# --- grading: the release, regions, values ------------------------------------------------------

HIDDEN = "### BEGIN HIDDEN TESTS\n{}### END HIDDEN TESTS\n"
CALL_HIDDEN = (
    _demo("assert area(2) == 4\n" + HIDDEN.format("assert area(3) == 9\n")).replace(
        "    ### END HIDDEN TESTS\n", ""
    )
    + "    ### END HIDDEN TESTS\n"
)
RELEASES: dict[str, tuple[str, str, str]] = {
    "the call is hidden with the tests": (
        "assert area(2) == 4\n" + HIDDEN.format("assert area(3) == 9\n"),
        CALL_HIDDEN,
        "would put the tests of a graded cell into a function",
    ),
    "a visible test comes into the region": (
        "assert area(2) == 4\n" + HIDDEN.format("assert area(3) == 9\n"),
        HIDDEN.format(_guarded("assert area(2) == 4\nassert area(3) == 9\n")),
        "would put a statement across a region delimiter",
    ),
    "a hidden test comes out of it": (
        HIDDEN.format("assert area(3) == 9\n") + "print('done')\n",
        HIDDEN.format("") + _guarded("assert area(3) == 9\nprint('done')\n"),
        "would put a statement across a region delimiter",
    ),
    "the head of the guard is hidden": (
        HIDDEN.format("assert area(3) == 9\n") + "assert area(2) == 4\n",
        f"### BEGIN HIDDEN TESTS\n{GUARD}    assert area(3) == 9\n    ### END HIDDEN TESTS\n"
        "    assert area(2) == 4\n",
        "would leave a cell that nbgrader cannot release",
    ),
    "an end moves past a statement": (
        HIDDEN.format("assert area(3) == 9\n") + "x = 1\nprint(x)\n",
        "### BEGIN HIDDEN TESTS\nassert area(3) == 9\nx = 1\n### END HIDDEN TESTS\n"
        + _guarded("print(x)\n"),
        "would put a statement across a region delimiter",
    ),
}


@both
@pytest.mark.parametrize(("old", "new", "why"), RELEASES.values(), ids=RELEASES)
@pytest.mark.parametrize("safe", [True, False])
def test_the_release_runs_what_it_ran(old: str, new: str, why: str, safe: bool, kind: str) -> None:
    assert _judged([], old, new, role=GRADED, kind=kind, safe=safe) == why


@both
def test_a_solution_keeps_its_region(kind: str) -> None:
    region = "### BEGIN SOLUTION\nprint(area(2))\n### END SOLUTION\n"
    crossing = (
        f"def demo_it():\n    print('a')\n    ### BEGIN SOLUTION\n    print(area(2))\n\n\n{GUARD}"
    )
    crossing += "    demo_it()\n    ### END SOLUTION\n"
    why = _judged([], f"print('a')\n{region}", crossing, role=SOLUTION, kind=kind)
    assert why == "would change what the release runs"
    inside = f"### BEGIN SOLUTION\n{_guarded('print(area(2))')}### END SOLUTION\n"
    assert _judged([], region, inside, role=SOLUTION, kind=kind) is None


@both
def test_tests_of_a_graded_cell_may_come_under_a_guard_in_place(kind: str) -> None:
    old = "result = area(2)\nassert result == 4\n"
    assert _judged([], old, _guarded(old), role=GRADED, kind=kind) is None
    why = "would put the tests of a graded cell into a function"
    assert _judged([], old, _demo(old), role=GRADED, kind=kind) == why


HIDES = "would hide the value that the cell displays"


@both
@pytest.mark.parametrize(
    "old",
    [
        "score()\n",  # it gives the points
        "points = score()\npoints\n",
        "points = score()\npoints / 2  # half of it\n",
        "len('abc')\n",
    ],
)
@pytest.mark.parametrize("role", [GRADED, None], ids=["graded", "plain"])
def test_the_value_of_a_cell_stays(old: str, role: dict[str, Any] | None, kind: str) -> None:
    above = ["def score():\n    return 2\n"]
    assert _judged(above, old, _guarded(old), role=role, kind=kind) == HIDES
    assert _judged(above, old, _guarded(old), role=role, kind=kind, safe=False) is None


@both
def test_the_value_that_only_the_release_shows_stays(kind: str) -> None:
    old = "score()\n" + HIDDEN.format("check = 1\n")
    new = _guarded("score()\n") + HIDDEN.format("check = 1\n")
    above = ["def score():\n    return 2\n"]
    assert _judged(above, old, new, role=GRADED, kind=kind) == HIDES


@both
@pytest.mark.parametrize(
    "old",
    [
        "show()\n",
        "Test().run()\n",
        "print(1)\n",
        "area(2);\n",
        "None\n",
        "missing()\n",  # raises
        "x = 1\n",
        "import asyncio\nasyncio.run(later())\n",
    ],
)
def test_what_displays_nothing_may_come_under_a_guard(old: str, kind: str) -> None:
    above = [
        "def show():\n    print(1)\n\n\nasync def later():\n    print(2)\n",
        "class Test:\n    def run(self):\n        print(3)\n\n\ndef area(x):\n    return x * x\n",
    ]
    assert _judged(above, old, _guarded(old), role=None, kind=kind) is None


def test_a_value_may_be_displayed_behind_what_is_guarded() -> None:
    above = ["def area(x):\n    return x * x\n"]
    assert _judged(above, "print(1)\narea(2)\n", _guarded("print(1)\n") + "area(2)\n") is None
    assert _judged(above, "print(1)\narea(2)\n", _guarded("print(1)\n") + "area(2);\n") == HIDES


def test_a_coroutine_that_nobody_awaits_is_displayed() -> None:
    above = ["async def later():\n    print(2)\n"]
    assert _judged(above, "later()\n", _guarded("later()\n")) == HIDES
    above = ["class Later:\n    async def run(self):\n        print(2)\n"]
    assert _judged(above, "Later().run()\n", _guarded("Later().run()\n")) == HIDES


def test_a_plain_python_file_displays_nothing() -> None:
    file = read(b"len('abc')\n")
    assert not file.is_notebook
    patch = Patch({0: (replace(file.cells[0], source=_guarded("len('abc')\n")),)})
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.GUARDS)
    assert objection(file, patch, fix) is None


# --- the notebook: cell magics ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("magic", "kind"),
    [
        ("%%timeit -n 2\n", "ipynb"),
        ("%%time\n", "ipynb"),
        ("%%prun -q\n", "ipynb"),
        ("# %%timeit -n 2\n", "py"),
        ("#%%prun\n", "py"),
        ("# %%capture\n# the rest\n", "py"),
    ],
)
def test_code_under_a_cell_magic_is_not_rewritten(magic: str, kind: str) -> None:
    body = "for n in range(3):\n    print(n)\n"
    file = _file([magic + body], None, kind)
    cell = file.cells[0]
    lead = cell.source[: cell.source.index("for n")]
    patch = Patch({0: (replace(cell, source=lead + _guarded(body).rstrip("\n")),)})
    fix = Fix(Applicability.UNSAFE, "mend", lambda: patch, Change.GUARDS)
    assert objection(file, patch, fix) == "would rewrite code under a cell magic"


def test_a_magic_of_one_line_is_no_cell_magic() -> None:
    assert (
        _judged([], "# %time x = 1\nprint(1)\n", "# %time x = 1\n" + _guarded("print(1)")) is None
    )


# --- importers ----------------------------------------------------------------------------------

IMPORTERS: dict[str, tuple[list[str], str, str, str | None]] = {
    "used by a function": (
        [],
        "limit = 3\nprint(limit)\n",
        "def f():\n    return limit\n",
        "would take limit that other code uses",
    ),
    "used on import": (
        [],
        "limit = 3\nprint(limit)\n",
        "LIMITS = [limit]\n",
        "would take limit that other code uses",
    ),
    "used by nobody": ([], "limit = 3\nprint(limit)\n", "", None),
    "bound anew below": ([], "limit = 3\nprint(limit)\n", "limit = 4\nLIMITS = [limit]\n", None),
    "a method changes it": (
        ["import configparser\nsettings = configparser.ConfigParser()\n"],
        "settings.read_string('[a]')\nprint(settings)\n",
        "NAMES = settings.sections()\n",
        "would leave settings as other code does not expect it",
    ),
    "a function may change it": (
        ["def fill(target):\n    target.append(1)\n", "items = []\n"],
        "fill(items)\nprint(items)\n",
        "FIRST = items[0]\n",
        "would leave items as other code does not expect it",
    ),
    "an item is set": (
        ["table = {}\n"],
        "table['a'] = 1\nprint(table)\n",
        "def look(key):\n    return table[key]\n",
        "would leave table as other code does not expect it",
    ),
    "it is only read": (
        ["items = [1]\n"],
        "total = items.count(1) + len(items)\nprint(total)\n",
        "FIRST = items[0]\n",
        None,
    ),
    "a function of a module": (
        ["import math\n"],
        "x = math.sin(1)\nprint(x)\n",
        "Y = math.pi\n",
        None,
    ),
    "an import that others have, too": (
        ["import math\n"],
        "import math\nprint(math.pi)\n",
        "Y = math.pi\n",
        None,
    ),
    "names by globals()": (
        [],
        "for name in ('sin',):\n    globals()[name] = len\n",
        "",
        "would take names that are bound by globals()",
    ),
    "names by update": (
        [],
        "globals().update(a=1)\nprint(1)\n",
        "",
        "would take names that are bound by globals()",
    ),
    "names by exec": (
        [],
        "exec('a = 1')\nprint(1)\n",
        "B = a\n",
        "would take names that a star import or exec() may bind",
    ),
    "a flag": (
        [],
        "try:\n    import torch\n    HAS_TORCH = True\nexcept OSError:\n    HAS_TORCH = False\n",
        "",
        "would take HAS_TORCH, which a try decides, from importers",
    ),
    "what is for the import": (
        [],
        "if __name__ != '__main__':\n    print('imported')\n",
        "",
        "would guard what is there for the import: it would never run",
    ),
}


@pytest.mark.parametrize(("above", "old", "below", "why"), IMPORTERS.values(), ids=IMPORTERS)
def test_importers_find_what_they_found(
    above: list[str], old: str, below: str, why: str | None
) -> None:
    assert _judged(above, old, _guarded(old), below=below) == why


def test_only_the_call_of_a_try_under_a_guard_changes_what_it_decides() -> None:
    old = "try:\n    probe()\n    FOUND = True\nexcept NameError:\n    FOUND = False\n"
    new = old.replace("    probe()\n", f"    {GUARD}        probe()\n")
    assert _judged([], old, new) == "would guard what a try decides by"
    prints = old.replace("probe()", "import os\n    print('there')")
    new = prints.replace("    print('there')\n", f"    {GUARD}        print('there')\n")
    assert _judged([], prints, new) is None


def test_what_another_file_imports_stays() -> None:
    old = "model = [1]\nprint(model)\n"
    for imported, why in (
        (("model",), "would take model from those who import it"),
        (("*",), "would take model from those who import it"),
        (("other",), None),
    ):
        purpose = Purpose(imported=imported, importers=1)
        assert _judged([], old, _guarded(old), purpose=purpose) == why
        assert _judged([], old, _guarded(old), purpose=purpose, safe=False) is None


def test_what_another_file_imports_is_not_left_unfinished() -> None:
    above = ["class Net:\n    def train(self):\n        self.w = 1\n", "model = Net()\n"]
    old = "model.train()\nprint(model)\n"
    purpose = Purpose(imported=("model",), importers=1)
    why = _judged(above, old, _guarded(old), purpose=purpose)
    assert why == "would take model from those who import it"


@pytest.mark.parametrize("kind", [Kind.NOTEBOOK, Kind.ASSIGNMENT])
def test_nobody_imports_a_lecture(kind: Kind) -> None:
    old = "limit = 3\nprint(limit)\n"
    below = "LIMITS = [limit]\n"
    assert _judged([], old, _guarded(old), below=below, purpose=Purpose(kind)) is None


def test_of_a_notebook_only_exported_cells_are_imported() -> None:
    old = "limit = 3\nprint(limit)\n"
    purpose = Purpose(only_exports=True)
    assert _judged([], old, _guarded(old), kind="ipynb", purpose=purpose) is None
    old = f"#| export\n{old}"
    new = old.replace("limit = 3\nprint(limit)\n", _guarded("limit = 3\nprint(limit)\n"))
    why = _judged([], old, new, kind="ipynb", purpose=purpose)
    assert why == "would take limit from the package"


# --- where there is no fix ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.GENERATED, Kind.RELEASE, Kind.SUBMISSION])
def test_what_was_generated_or_handed_out_is_not_fixed(kind: Kind) -> None:
    text = "# %%\nprint(1)\n# %%\ndef f(:\n"
    settings = Settings(purpose=Purpose(kind))
    file = read(text.encode())
    found = lint(file, settings)
    assert found
    assert {d.fix for d in found} == {None}
    assert engine.fix(file, found, settings).file is file
    usual = judged(Module(file, Settings()))
    assert any(d.fix for d in usual)


def test_a_run_that_a_region_cuts_is_known_beforehand() -> None:
    text = "a = 1\n" + HIDDEN.format("b = 2\n") + "c = 3\n"
    cell = _file([text], GRADED, "py").cells[0]
    lines = {(1, 1): False, (1, 3): True, (3, 3): False, (3, 5): True, (5, 5): False, (1, 5): True}
    assert {span: crosses_region(cell, *span) for span in lines} == lines
