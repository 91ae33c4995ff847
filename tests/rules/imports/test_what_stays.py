"""What no safe fix may take: from importers, from the notebook, from the grades.

Each case is a list of cells, held as a percent file and as a notebook.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fixing.running import IMP, run
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.notebook.grading import test_metadata as graded_metadata
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.reading import read
from modlint.notebook.regions import release
from modlint.settings import Settings

FORMS = ("py", "ipynb")
GRADED = graded_metadata("points-1", 3)
SOLUTION = {**GRADED, "grade": False, "locked": False, "solution": True}
HALF = "def half(x):\n    return x / 2\n"


def file_of(form: str, *cells: str, last: dict[str, object] | None = None) -> ModuleFile:
    """A file of code cells; ``last`` is nbgrader's metadata of the last one."""
    extra: list[dict[str, object]] = [{} for _ in cells[:-1]] + [{"nbgrader": last} if last else {}]
    if form == "py":
        marks = [f" nbgrader={json.dumps(e['nbgrader'])}" if e else "" for e in extra]
        parts = [f"# %%{mark}\n{cell}\n" for mark, cell in zip(marks, cells, strict=True)]
        return read("".join(parts).encode(), "m.py")
    code = [
        {
            "cell_type": "code", "id": f"c{number}", "metadata": metadata, "outputs": [],
            "execution_count": None, "source": cell.rstrip("\n").splitlines(keepends=True),
        }
        for number, (cell, metadata) in enumerate(zip(cells, extra, strict=True))
    ]  # fmt: skip
    notebook = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return read(json.dumps(notebook, indent=1).encode(), "m.ipynb")


def fixed_by(file: ModuleFile, settings: Settings = IMP) -> ModuleFile:
    """The file after the safe fixes, of which none fails."""
    outcome = fix(file, lint(file, settings), settings)
    assert outcome.fault == ""
    return outcome.file


def script(file: ModuleFile) -> str:
    return "\n".join(cell.source for cell in file.cells)


def trust(found: list[Diagnostic]) -> list[str]:
    return [d.fix.applicability.value if d.fix else "none" for d in found]


#: Cells → how far the fix of the first problem is trusted.
DECIDED: dict[str, tuple[tuple[str, ...], str]] = {
    "probe": (
        (
            "try:\n    get_ipython()\n    LIVE = True\nexcept NameError:\n    LIVE = False\n",
            "def show():\n    return LIVE\n",
        ),
        "none",
    ),
    "probe in a with": (
        (
            "import contextlib, os\nFOUND = 0\nwith contextlib.suppress(OSError):\n"
            "    os.remove('no-such-file')\n    FOUND = 1\n",
            "def show():\n    return FOUND\n",
        ),
        "none",
    ),
    "probe, else": (
        (
            "import os\ntry:\n    os.rmdir('no-such-folder')\nexcept OSError:\n    pass\n"
            "else:\n    GONE = True\n",
            "class A:\n    def show(self):\n        return GONE\n",
        ),
        "none",
    ),
    "probe in a condition": (
        (HALF, "if half(4) > 1:\n    BIG = True\nelse:\n    BIG = False\n", "SIZE = [BIG]\n"),
        "none",
    ),
    "flag of nobody": (
        ("try:\n    get_ipython()\n    LIVE = True\nexcept NameError:\n    LIVE = False\n",),
        "unsafe",
    ),
    "flag of nobody in a match": (
        (
            HALF,
            "match half(2):\n    case 1:\n        kind = 'x'\n    case _:\n        kind = 'y'\n",
        ),
        "unsafe",
    ),
    "flag of nobody that is printed": (
        (
            "import os\ntry:\n    os.rmdir('no-such-folder')\n    HAS_IT = True\n"
            "except OSError:\n    HAS_IT = False\nprint(HAS_IT)\n",
        ),
        "unsafe",
    ),
    "constant of nobody": (
        ("import subprocess\nCOMMIT = subprocess.getoutput('true')\n",),
        "unsafe",
    ),
    "result of nobody": (("import subprocess\ncommit = subprocess.getoutput('true')\n",), "unsafe"),
    "function in a branch": (
        (HALF, "if half(2):\n    print('a')\n    def f():\n        pass\n"),
        "unsafe",
    ),
    "changed by a method": (
        (
            "from configparser import ConfigParser\nc = ConfigParser()\n"
            "c.read_string('[DEFAULT]\\nname = x\\n')\nNAME = c['DEFAULT']['name']\n",
        ),
        "none",
    ),
    "changed by a method of an item": (
        ("import logging\nTABLE = {'a': logging.Logger('a')}\n", "TABLE['a'].setup(3)\nassert 1\n"),
        "unsafe",
    ),
    "changed by a function of another library": (
        ("import some_lib\nTABLE = {}\n", "some_lib.configure(TABLE)\nassert 1\n"),
        "unsafe",
    ),
    "changed by what ends in _": (
        ("import torch\nW = torch.zeros(3)\n", "torch.nn.init.uniform_(W)\nassert 1\n"),
        "unsafe",
    ),
    "changed through out": (
        ("import numpy as np\nW = np.zeros(3)\n", "print(np.add(1, 2, out=W))\nassert 1\n"),
        "unsafe",
    ),
    "names in a loop": (
        (HALF, "for name in ('a', 'b'):\n    globals()[name] = half(2)\n"),
        "none",
    ),
    "names by update": ((HALF, "globals().update(a=half(2))\n"), "none"),
    "names of the own module": (
        (HALF, "import sys\nfor n in 'ab':\n    sys.modules[__name__].__dict__[n] = half(2)\n"),
        "none",
    ),
    "names of vars": ((HALF, "for n in 'ab':\n    vars()[n] = half(2)\n"), "none"),
    "names by exec": (("text = 'a = 1'\n", "exec(text)\n"), "none"),
    "branch for importers": (("if __name__ != '__main__':\n    print('imported')\n",), "none"),
    "branch for importers in a loop": (
        ("for n in (1, 2):\n    if not __name__ == '__main__':\n        print(n)\n",),
        "none",
    ),
    "else of a guard": (
        ("if __name__ == '__main__':\n    x = 1\nelse:\n    print('imported')\n",),
        "none",
    ),
    "expression for importers": (("__name__ == '__main__' or print('imported')\n",), "none"),
    "choice for importers": (
        ("print('imported') if __name__ != '__main__' else None\n",),
        "none",
    ),
    "a flag for importers": (
        ("IS_SCRIPT = __name__ == '__main__'\nif not IS_SCRIPT:\n    print('imported')\n",),
        "none",
    ),
    "a name of the course": (("if __name__ == 'course.ops':\n    print('imported')\n",), "none"),
    "a loop for importers": (
        ("while __name__ != '__main__':\n    print('imported')\n    break\n",),
        "none",
    ),
    "a match for importers": (
        ("match __name__:\n    case '__main__':\n        pass\n    case _:\n        print('i')\n",),
        "none",
    ),
    "importers on one system": (
        ("import os\nif __name__ != '__main__' and os.sep == '/':\n    print('imported')\n",),
        "none",
    ),
    "under a cell magic": (("%%timeit\nprint('a')\n",), "none"),
    "under a cell magic with an option": (("%%capture out\nassert 1\n",), "none"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("cells", "expected"), DECIDED.values(), ids=DECIDED)
def test_what_decides_something_for_importers_is_no_demo(
    cells: tuple[str, ...], expected: str, form: str
) -> None:
    if form == "py":
        cells = tuple(cell.replace("%%", "# %%") for cell in cells)
    file = file_of(form, *cells)
    found = lint(file, IMP)
    assert trust(found)[:1] == [expected], found
    assert "safe" not in trust(found), found
    assert fixed_by(file).text == file.text


FREE = {
    "a name of the demo": ("try:\n    x = int('a')\nexcept ValueError:\n    x = 2\nprint(x)\n",),
    "a loop's variable": ("for number in (1, 2):\n    print('a')\n",),
    "what a method only reads": ("T = {'a': [1]}\n", "print(T.get('a').count(1))\nassert 1\n"),
    "a text": ("NAME = 'a'\n", "assert NAME.frobnicate() if 0 else 1\n"),
    "a number given away": ("import some_lib\nN = 3\n", "some_lib.configure(N)\nassert 1\n"),
    "what the demo made": ("d = dict(a=1)\nassert d\nfor k in d:\n    d.frobnicate\n",),
    "a manager that lets all through": (
        "import os\nwith open(os.devnull) as f:\n    print(f.read())\n    size = 1\n"
        "def g():\n    return size\n",
    ),
    "globals that are read": ("assert 'x' not in globals()\n",),
    "the name of the module": ("assert __name__\nprint(__name__)\n",),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cells", FREE.values(), ids=FREE)
def test_a_demo_stays_one(cells: tuple[str, ...], form: str) -> None:
    found = lint(file_of(form, *cells), IMP)
    assert found
    assert set(trust(found)) == {"safe"}, found


SHOWN = {
    "name": "print('a')\nhalf",
    "call": "print('a')\nhalf(3)",
    "attribute": "print('a')\nhalf.__name__",
    "sum": "print('a')\nhalf(3) + 1",
    "library": "import math\nprint('a')\nmath.sqrt(4)",
    "comment behind": "print('a')\nhalf(3)  # so; what\n# ;",
    "string with a semicolon": "print('a')\nhalf(3), ';'",
}
HUSHED = {
    "semicolon": "print('a')\nhalf(3);",
    "print": "print('a')\nprint(half(3))",
    "None": "print('a')\nnothing()",
    "assert": "print('a')\nassert half(2) == 1",
    "guarded already": "print('a')\nif 1:\n    half(3)",
}
NOTHING = "def nothing():\n    if half(1):\n        return\n    return None\n"


@pytest.mark.parametrize("metadata", [None, GRADED], ids=["free", "graded"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", SHOWN.values(), ids=SHOWN)
def test_what_a_cell_shows_stays_at_the_top_level(
    cell: str, form: str, metadata: dict[str, object] | None
) -> None:
    file = file_of(form, HALF, NOTHING, cell, last=metadata)
    new = fixed_by(file)
    lines = new.cells[-1].source.rstrip().splitlines()
    shown = cell.splitlines()
    first = next(n for n, line in enumerate(shown) if line.startswith(("half", "math")))
    assert lines[-len(shown[first:]) :] == shown[first:]
    assert "    print('a')" in lines
    at_end = [d for d in lint(file, IMP) if d.start.row > file.cells[-1].row]
    wanted = {"none"} if metadata else {"unsafe"}
    assert set(trust(at_end)) - {"safe"} <= wanted


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", HUSHED.values(), ids=HUSHED)
def test_what_shows_nothing_comes_under_a_guard(cell: str, form: str) -> None:
    new = fixed_by(file_of(form, HALF, NOTHING, cell, last=GRADED))
    lines = new.cells[-1].source.rstrip().splitlines()
    assert lines == ['if __name__ == "__main__":', *("    " + line for line in cell.splitlines())]


def test_plain_python_shows_nothing() -> None:
    [found] = lint(read(b"def f():\n    return 1\nf()\n"), IMP)
    assert trust([found]) == ["safe"]


BEGIN, END = "### BEGIN HIDDEN TESTS\n", "### END HIDDEN TESTS\n"
TESTED = {
    "behind": f"assert half(2) == 1\n{BEGIN}assert half(4) == 2\n{END}",
    "before": f"{BEGIN}assert half(4) == 2\n{END}assert half(2) == 1\n",
    "between": f"print('a')\n{BEGIN}print('b')\n{END}print('c')\n",
    "two": f"{BEGIN}assert 1\n{END}x = half(2)\nassert x\n{BEGIN}assert 3\n{END}",
    "in a loop": f"for n in (2, 4):\n    assert half(n)\n    {BEGIN}    assert n\n    {END}",
    "suppression above": f"print('a')\n# modlint: ignore[SIG] so\n{BEGIN}assert half(4)\n{END}",
    "constant above": f"values = [2]\n{BEGIN}for v in values:\n    assert half(v)\n{END}",
    "import above": f"import math\n{BEGIN}assert math.pi\n{END}print('done')\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", TESTED.values(), ids=TESTED)
def test_no_statement_crosses_a_delimiter(cell: str, form: str) -> None:
    file = file_of(form, HALF, cell, last=GRADED)
    new = fixed_by(file)
    assert new.text != file.text
    for half in (
        "def half(x):\n    return x / 2\n",
        "def half(x):\n    raise NotImplementedError\n",
    ):
        texts = [f"{half}\n{release(f.cells[-1]).source}" for f in (file, new)]
        before, after = map(run, texts)
        assert (before.printed, before.error) == (after.printed, after.error)
    assert "def demo" not in script(new)
    assert [release(f.cells[-1]).refusal for f in (file, new)] == [None, None]


TORN = {
    "ends in the block": f"{BEGIN}for n in (2, 4):\n    assert half(n)\n    {END}",
    "on a statement's line": "assert half(2)  # BEGIN HIDDEN TESTS\n" + END,
    "begins in the block": f"for n in (2,):\n    assert half(n)\n    {BEGIN}    assert n\n{END}",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", TORN.values(), ids=TORN)
def test_what_a_region_tears_is_left_alone(cell: str, form: str) -> None:
    file = file_of(form, HALF, cell, last=GRADED)
    assert trust(lint(file, IMP)) == ["none"]


def test_the_value_of_the_release_stays_too() -> None:
    file = file_of("py", HALF, f"print('a')\nhalf(2)\n{BEGIN}assert half(4)\n{END}", last=GRADED)
    assert "\nhalf(2)\n" in script(fixed_by(file))


@pytest.mark.parametrize("metadata", [GRADED, SOLUTION, {**SOLUTION, "solution": False}])
def test_a_cell_of_nbgrader_s_becomes_no_function(metadata: dict[str, object]) -> None:
    cell = "result = half(4)\nassert result == 2\nfor n in [result]:\n    print(n)\n"
    new = script(fixed_by(file_of("py", HALF, cell, last=metadata)))
    is_role = any(metadata[key] for key in ("grade", "solution", "locked"))
    assert ("def demo" in new) is not is_role


def purpose(**says: object) -> Settings:
    return replace(IMP, purpose=Purpose(**says))  # type: ignore[arg-type]


MODEL = "class Net:\n    w = 0\n    def train(self):\n        self.w += 1\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "cell",
    [
        "model = Net()\nmodel.train()\nprint(model.w)\n",
        "for model in [Net()]:\n    print(model.w)\n",
        "try:\n    model = Net()\n    assert model\nfinally:\n    pass\n",
        "print('a')\nmodel = Net()\n",
    ],
)
def test_what_another_file_imports_is_in_use(cell: str, form: str) -> None:
    settings = purpose(imported=("model",), importers=2)
    file = file_of(form, MODEL, cell)
    found = lint(file, settings)
    assert any("while another file imports model" in d.message for d in found)
    assert all(d.message.endswith("; 2 other files import this module") for d in found)
    before, after = run(script(file)), run(script(fixed_by(file, settings)))
    assert before.printed == after.printed
    imported = run(script(fixed_by(file, settings)) + "\nprint(type(model), model.w)\n", "m")
    assert imported.error == ""


def test_one_importer_is_named_as_one() -> None:
    [found] = lint(file_of("py", "print('a')\n"), purpose(importers=1))
    assert found.message.endswith("; 1 other file imports this module")


@pytest.mark.parametrize("form", FORMS)
def test_code_that_nobody_can_import_does_nothing_on_import(form: str) -> None:
    cells = ["#| export\nprint('a')\nx = 1\n", "print(x)\nassert x\n"]
    only_exports = purpose(only_exports=True)
    found = lint(file_of(form, *cells), only_exports)
    assert [(d.cell, d.code) for d in found] == [(0, "IMP002")]
    assert lint(file_of(form, *cells), purpose(kind=Kind.NOTEBOOK)) == []


def test_a_cell_that_is_not_exported_runs_in_the_notebook_only() -> None:
    cells = ["#| export\nimport os\ncommit = os.popen('true')\nprint(commit)\n", "print(commit)\n"]
    [found, *_] = lint(file_of("ipynb", *cells), purpose(only_exports=True))
    assert found.fix is not None


HELPERS = {
    "star": ("from fastcore.test import *\ntest_eq(half(4), 2)\n", "IMP004"),
    "imported": ("from fastcore.test import test_eq\ntest_eq(half(4), 2)\n", "IMP004"),
    "own": ("def test_eq(a, b):\n    assert a == b\ntest_eq(half(4), 2)\n", "IMP003"),
    "of a module": ("import tinytorch.tests as tt\ntt.test_close(half(4), 2)\n", "IMP003"),
    "through a function": (
        "def test_eq(a, b):\n    pass\ndef check():\n    test_eq(1, 1)\ncheck()\n",
        "IMP003",
    ),
    "a test with a default": ("def test_half(n=1):\n    pass\ntest_half(2)\n", "IMP001"),
    "an imported test": ("from tinytorch.tests import test_half\ntest_half()\n", "IMP001"),
}


@pytest.mark.parametrize(("cell", "code"), HELPERS.values(), ids=HELPERS)
def test_a_helper_that_is_named_as_a_test_is_none(cell: str, code: str) -> None:
    assert [d.code for d in lint(file_of("py", HALF, cell), IMP)] == [code]


def test_what_the_head_of_a_statement_does_is_reported_where_its_body_stays() -> None:
    cells = [HALF, "while half(0):\n    BIG = 1\n", "def f():\n    return BIG\n"]
    [found] = lint(file_of("py", *cells), IMP)
    assert (found.code, found.start.row, found.fix) == ("IMP003", 6, None)
    assert found.severity.value == "error"


def test_every_fix_that_is_offered_as_safe_is_made() -> None:
    for cell in (*SHOWN.values(), *HUSHED.values(), *TESTED.values(), *TORN.values()):
        for form in FORMS:
            file = file_of(form, HALF, NOTHING, cell, last=GRADED)
            left = [
                d for d in lint(fixed_by(file), IMP)
                if d.fix and d.fix.applicability is Applicability.SAFE
            ]  # fmt: skip
            assert left == []
