"""What counts as an act on import, statement by statement."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution.seeing import acts, observed, said
from exporting import notebook
from modlint.settings import Settings

PRELUDE = """\
import os, subprocess, sys, threading
class Plain:
    size = 1
class Number:
    def __add__(self, other): return self
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def __iter__(self): return iter(())
    @property
    def size(self): return 1
def helper(x=0): return x
async def later(): pass
def deco(f): return f
number = None
"""
ROW = PRELUDE.count("\n") + 1


#: A statement below the prelude → what it does on import.
STATEMENTS: list[tuple[str, list[str]]] = [
    ("print('x')", ["prints"]),
    ("sys.stderr.write('x')", ["prints"]),
    ("os.write(1, b'x')", ["prints"]),
    ("os.write(2, b'x')", ["prints"]),
    ("sys.stdout.buffer.write(b'\\xff')", ["prints"]),
    ("import warnings; warnings.warn('x')", ["prints"]),
    ("os.system('echo x')", ["prints", "starts a process"]),
    ("subprocess.run(['true'])", ["starts a process"]),
    ("subprocess.run(['echo', 'x'], check=True)", ["prints", "starts a process"]),
    ("if os.fork() == 0: os._exit(0)", ["starts a process"]),
    ("threading.Thread(target=int).start()", ["starts a thread"]),
    ("import _thread; _thread.start_new_thread(len, ('',))", ["starts a thread"]),
    ("open('new', 'w').close()", ["writes new"]),
    ("open('new', 'ab').close()", ["writes new"]),
    ("os.close(os.open('new', os.O_CREAT | os.O_WRONLY))", ["writes new"]),
    ("open('beside').close()", []),
    ("os.mkdir('folder')", ["makes folder"]),
    ("os.remove('beside')", ["removes beside"]),
    ("os.rename('beside', 'new')", ["renames beside", "renames new"]),
    ("os.chdir('..')", ["changes the working folder"]),
    ("helper()", ["helper()"]),
    ("x = helper(3)", ["helper()"]),
    ("Plain()", ["Plain()"]),
    ("x = [Plain() for _ in range(2)]", ["Plain()"]),
    ("x = Number().size", ["Number()"]),
    ("x = list(map(helper, [1]))", ["helper()"]),
    ("x = sorted([1], key=helper)", ["helper()"]),
    ("for x in [1]: helper()", ["helper()"]),
    ("with Number(): pass", ["Number()"]),
    ("if helper(): pass", ["helper()"]),
    ("x: int = helper()", ["helper()"]),
    ("assert helper(1)", ["helper()"]),
    ("class A:\n    helper()", ["helper()"]),
    ("class A:\n    print('x')", ["prints"]),
    ("x = 3", []),
    ("x = len([1])", []),
    ("x = lambda: helper()", []),
    ("x = [(lambda: 1)() for _ in range(2)]", []),
    ("x = helper", []),
    ("'a string'", []),
    ("def f(x=helper()): print(x)", []),
    ("@deco\ndef f(): pass", []),
    ("@deco\nclass A: pass", []),
    ("class A(Plain): x = Plain()", []),
    ("class A:\n    x = helper()\n    y: int = helper()", []),
    ("if __name__ == '__main__': helper()", []),
    ("if False: print('x')", []),
    ("try: import nothing_there\nexcept ImportError: print('missing')", []),
    ("try:\n    import os\n    print('there')\nexcept ImportError: pass", ["prints"]),
    ("sys.path.insert(0, 'x')", []),
    ("x: later() = 1", []),
    ("import json, logging; logging.getLogger('x')", []),
    ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1", []),
    ("from enum import Enum\nclass A(Enum):\n    def __init__(self, x): pass\n    B = 1", []),
    ("import typing; T = typing.TypeVar('T')", []),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_acts(tmp_path: Path, statement: str, expected: list[str]) -> None:
    (tmp_path / "beside").write_text("real")
    found = acts(tmp_path / "m.py", PRELUDE + statement + "\n")
    words = [w for row in sorted(found) for w in found[row]]
    assert words == expected
    assert min(found, default=ROW) >= ROW
    assert (tmp_path / "beside").read_text() == "real"
    assert {p.name for p in tmp_path.iterdir()} == {"beside", "m.py"}


def test_an_operator_may_call_the_module_s_own(tmp_path: Path) -> None:
    text = (
        "class N:\n    def __add__(self, o): return 1\nn = N()\nx = n + n\nfor _ in [n + 1]: pass\n"
    )
    assert acts(tmp_path / "m.py", text) == {3: ["N()"], 4: ["N.__add__()"], 5: ["N.__add__()"]}


def test_what_an_imported_module_does_is_its_own(tmp_path: Path) -> None:
    package = tmp_path / "tinytorch"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import threading\ndef f(): return 1\nX = f()\nopen('log', 'w').close()\n"
        "threading.Thread(target=f).start()\nprint('hello')\n"
    )
    text = "from tinytorch import f, X\ny = f()\n"
    assert acts(tmp_path / "m.py", text) == {2: ["f()"]}


def test_the_package_is_found_in_the_nearest_folder_above(tmp_path: Path) -> None:
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch" / "core.py").write_text("class Tensor: pass\n")
    folder = tmp_path / "modules" / "01_tensor"
    folder.mkdir(parents=True)
    text = "def f():\n    from tinytorch.core import Tensor\n    return Tensor\nprint(f())\n"
    assert said(folder / "m.py", text) == [("RUN001", 4, "prints, calls f() on import")]


def test_a_module_of_a_package_imports_relatively(tmp_path: Path) -> None:
    package = tmp_path / "tinytorch"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text("BITS = 8\n")
    assert said(package / "m.py", "from .base import BITS\nassert __name__ != 'm'\n") == []


def test_an_allowed_call_may_do_what_it_does(tmp_path: Path) -> None:
    text = "def enable():\n    print('on')\n    open('x', 'w').close()\nenable()\nx = [enable()]\n"
    settings = Settings(allow_calls=("enable",))
    assert acts(tmp_path / "m.py", text, settings=settings) == {5: ["prints", "writes x"]}


def test_a_function_that_only_sets_up_the_path_is_quiet(tmp_path: Path) -> None:
    text = "import sys\ndef setup():\n    sys.path.insert(0, '.')\nsetup()\n"
    assert said(tmp_path / "m.py", text) == []


def test_a_notebook_s_cells_run_in_order_and_rows_are_those_of_the_cell(tmp_path: Path) -> None:
    text = notebook(
        "import asyncio\n%matplotlib inline",
        "def f():\n    return 1\n\nprint(f())",
        "await asyncio.sleep(0)\ndisplay(f())\nget_ipython().run_line_magic('a', 'b')",
    )
    found = observed(tmp_path / "m.ipynb", text)
    places = [(a.cell, a.start.row, a.acts[0][1]) for a in found.acting]
    assert places == [(1, 4, "prints"), (2, 2, "prints")]
    assert found.import_trouble is None
    assert found.script is not None
    assert (found.script.stdout, found.script.trouble) == ("1\n1\n", None)


def test_dataclasses_pickles_and_inspect_work(tmp_path: Path) -> None:
    text = (
        "from __future__ import annotations\nimport inspect, pickle\n"
        "from dataclasses import dataclass, fields\n'''not the docstring'''\n"
        "@dataclass\nclass Point:\n    x: Undefined\n"
        "def test_x():\n    assert pickle.loads(pickle.dumps(Point(1))) == Point(1)\n"
        "    assert 'assert pickle' in inspect.getsource(test_x)\n"
        "    assert fields(Point)[0].type == 'Undefined'\n    assert __doc__ is None\n"
        "if __name__ == '__main__': test_x()\n"
    )
    found = observed(tmp_path / "m.py", text)
    assert found.tests == {"test_x": None}
    assert found.script is not None
    assert found.script.trouble is None
