"""IMP003: calls of the course's own functions, and which of them importers could miss."""

from __future__ import annotations

import pytest

from fixing.running import diagnostics, found
from modlint.diagnostics import Applicability
from modlint.settings import Settings

HEAD = """\
import os, sys
import numpy as np
REGISTRY = {}
ITEMS = []
W = np.zeros(2)
class Tensor:
    total = 0
    def relu(self):
        return 0
class Other:
    pass
GLOBAL = Tensor()
def make():
    return GLOBAL
def patch(cls):
    cls.patched = True
def call(function, argument):
    function(argument)
def register(thing):
    REGISTRY[thing.__name__] = thing
    return thing
"""
#: The object that HEAD makes is another rule's.
OBJECT = ("IMP005", 12)


def applicability(body: str) -> Applicability | None:
    """How far the fix of ``enable()`` is trusted, where ``body`` is what it does."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"{HEAD}def enable():\n{lines}\n# %%\nenable()\n"
    [one] = [d for d in diagnostics(text) if d.code == "IMP003"]
    return one.fix.applicability if one.fix else None


UNSAFE = {
    "attribute of a class": "Tensor.x = 1",
    "attribute of a local alias": "cls = Tensor\ncls.x = 1",
    "setattr": "setattr(Tensor, 'x', 1)",
    "method put in place": "def relu(self):\n    return 1\nTensor.relu = relu",
    "in a nested function": "def inner():\n    Tensor.x = 1\ninner()",
    "del of an attribute": "del Tensor.total",
    "global": "global COUNT\nCOUNT = 1",
    "globals()": "globals()['COUNT'] = 1",
    "registry": "REGISTRY['a'] = 1",
    "registry, alias": "r = REGISTRY\nr['a'] = 1",
    "registry, setdefault": "REGISTRY.setdefault('a', 1)",
    "registry, update": "REGISTRY.update(a=1)",
    "list": "ITEMS.append(1)",
    "list, unbound": "list.append(ITEMS, 1)",
    "array slice": "W[:] = 1",
    "array, in place": "W[0] += 1",
    "sys.path": "sys.path.insert(0, 'x')\nTensor.x = 1",
    "sys.modules": "sys.modules['x'] = sys",
    "environment": "os.environ['X'] = '1'",
    "builtins": "import builtins\nbuiltins.x = 1",
    "stdout": "sys.stdout = sys.stderr",
    "file": "with open('x', 'w') as f:\n    f.write('x')",
    "an argument changed elsewhere": "patch(Tensor)",
    "a function given": "call(patch, Tensor)",
    "lambda": "(lambda: REGISTRY.update(a=1))()",
    "map": "list(map(lambda k: REGISTRY.update(k=1), 'ab'))",
    "exec": "exec('x = 1')",
    "unknown name": "somewhere()",
    "shutil": "import shutil\nshutil.rmtree('x')",
    "subprocess": "import subprocess\nsubprocess.run(['true'])",
    "first-party function": "from tinytorch.core import enable\nenable()",
    "loop over classes": "for cls in (Tensor, Other):\n    cls.x = 1",
    "loop, setattr": "for cls in [Tensor, Other]:\n    setattr(cls, 'x', 1)",
    "loop over a table": "for name, cls in {'t': Tensor}.items():\n    cls.x = 1",
    "comprehension": "[setattr(cls, 'x', 1) for cls in (Tensor, Other)]",
    "type()": "t = Tensor()\ntype(t).x = 1",
    "__class__": "t = Tensor()\nt.__class__.x = 1",
    "annotated alias": "cls: type = Tensor\ncls.x = 1",
    "tuple alias": "a, b = Tensor, Other\na.x = 1",
    "walrus": "(cls := Tensor).x = 1",
    "conditional": "cls = Tensor if ITEMS else Other\ncls.x = 1",
    "given back": "t = make()\nt.x = 1",
    "decorator": "@register\ndef f():\n    pass",
    "class decorator": "@register\nclass F:\n    pass",
    "list in place": "items = ITEMS\nitems += [1]",
    "array.fill": "W.fill(0)",
    "dunder": "REGISTRY.__setitem__('a', 1)",
}


@pytest.mark.parametrize("body", UNSAFE.values(), ids=UNSAFE)
def test_a_call_that_importers_may_miss_is_only_fixed_unsafely(body: str) -> None:
    assert applicability(body) is Applicability.UNSAFE


QUIET_FUNCTIONS = {
    "print options": "np.set_printoptions(precision=3)",
    "warnings": "import warnings\nwarnings.filterwarnings('ignore')",
    "recursion limit": "sys.setrecursionlimit(5000)",
    "logging": "import logging\nlogging.basicConfig(level=10)",
    "atexit": "import atexit\natexit.register(print, 'x')",
    "sys.path": "sys.path.insert(0, 'x')",
    "environment": "os.environ.setdefault('X', '1')",
}


@pytest.mark.parametrize("body", QUIET_FUNCTIONS.values(), ids=QUIET_FUNCTIONS)
def test_a_function_that_only_sets_things_up_is_not_reported(body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    assert found(f"{HEAD}def setup():\n{lines}\n# %%\nsetup()\n") == [OBJECT]


@pytest.mark.parametrize("body", QUIET_FUNCTIONS.values(), ids=QUIET_FUNCTIONS)
def test_set_up_that_prints_is_reported_and_its_fix_is_unsafe(body: str) -> None:
    assert applicability(f"{body}\nprint('ready')") is Applicability.UNSAFE


SAFE = {
    "prints": "print('x')",
    "computes": "a = np.zeros(3)\na[0] = 1\na.fill(2)\na += 1\nprint(a.sum())",
    "own containers": "d = {}\nd['x'] = []\nd['x'].append(1)\nd.update(y=2)\nprint(sorted(d))",
    "closure": "seen = []\ndef inner(n):\n    seen.append(n)\ninner(1)\nprint(seen)",
    "nonlocal": "n = 0\ndef inner():\n    nonlocal n\n    n += 1\ninner()\nprint(n)",
    "own object": "t = Tensor()\nt.x = 1\nt.relu()\nprint(t.x)",
    "argument of its own": "class Own:\n    pass\npatch(Own)",
    "times": "import time\nstart = time.perf_counter()\nprint(time.perf_counter() - start > 0)",
    "loop": "total = 0\nfor n in range(3):\n    total += n\nprint(f'{total:>3}')",
    "with": "import contextlib\nwith contextlib.suppress(ValueError):\n    int('x')",
    "try": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)",
    "reads a file": "with open(__file__) as f:\n    print(len(f.read()) > 0)",
    "first-party class": "from tinytorch.core.tensor import Tensor as T\nt = T([1])\nt.data = 2",
}


@pytest.mark.parametrize("body", SAFE.values(), ids=SAFE)
def test_a_call_that_only_computes_and_prints_is_fixed_safely(body: str) -> None:
    assert applicability(body) is Applicability.SAFE


def test_what_a_call_returns_is_shown_by_the_notebook_but_not_behind_a_semicolon() -> None:
    head = "# %%\ndef f():\n    return [1]\n\n# %%\n"
    [shown], [hidden] = diagnostics(head + "f()\n"), diagnostics(head + "f();\n")
    found_here = [one.fix and one.fix.applicability for one in (shown, hidden)]
    assert found_here == [Applicability.UNSAFE, Applicability.SAFE]
    assert shown.message.endswith("the notebook would no longer show its value")


def test_functions_that_call_each_other_share_their_effects() -> None:
    head = (
        "CACHE = {}\ndef b(n):\n    n and a(n - 1)\n"
        "def a(n):\n    n and b(n - 1)\n    CACHE[n] = 1\n"
    )
    first = {d.message: d.fix for d in diagnostics(head + "b(1)\na(2)\n")}
    assert [fix.applicability for fix in first.values() if fix] == [Applicability.UNSAFE] * 2


def test_the_order_of_the_calls_does_not_decide_about_their_effects() -> None:
    head = (
        "CACHE = {}\ndef b(n):\n    n and a(n - 1)\n"
        "def a(n):\n    n and b(n - 1)\n    CACHE[n] = 1\n"
    )
    second = {d.message: d.fix for d in diagnostics(head + "a(2)\nb(1)\n")}
    assert [fix.applicability for fix in second.values() if fix] == [Applicability.UNSAFE] * 2


def test_enable_autograd_is_reported_with_the_reason() -> None:
    text = (
        "from tinytorch.core.tensor import Tensor\n"
        "def enable_autograd():\n"
        "    original = Tensor.__add__\n"
        "    def tracked(self, other):\n"
        "        return original(self, other)\n"
        "    Tensor.__add__ = tracked\n"
        "    print('autograd enabled')\n"
        "enable_autograd()\n"
    )
    [one] = diagnostics(text)
    assert (one.code, one.start.row) == ("IMP003", 8)
    assert one.fix is not None
    assert one.fix.applicability is Applicability.UNSAFE
    assert "Tensor" in one.message
    assert found(text, Settings(select=("IMP",), allow_calls=("enable_autograd",))) == []


FIRES: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "plain": ("def demo():\n    print('x')\ndemo()\n", [("IMP003", 3)]),
    "with arguments": ("def analyze(n):\n    print(n)\nanalyze(n=3)\n", [("IMP003", 3)]),
    "imported": ("from tinytorch.core import train\ntrain()\n", [("IMP003", 2)]),
    "of a module": ("import tinytorch.core as core\ncore.train()\n", [("IMP003", 2)]),
    "relative": ("from .core import train\ntrain()\n", [("IMP003", 2)]),
    "another module of the course": ("from tensor_dev import train\ntrain()\n", [("IMP003", 2)]),
    "constructor": ("class A:\n    pass\nA()\n", [("IMP003", 3)]),
    "static method": (
        "class A:\n    @staticmethod\n    def f():\n        print('x')\nA.f()\n",
        [("IMP003", 5)],
    ),
    "method of a new object": (
        "class A:\n    def f(self):\n        print('x')\nA().f()\n",
        [("IMP003", 4)],
    ),
    "two functions": (
        "def a():\n    print('a')\ndef b():\n    print('b')\na()\nb()\n",
        [("IMP003", 5), ("IMP003", 6)],
    ),
    "awaited": ("async def f():\n    print('x')\nawait f()\n", [("IMP004", 3)]),
}


@pytest.mark.parametrize(("text", "expected"), FIRES.values(), ids=FIRES)
def test_a_call_of_the_course_is_reported(text: str, expected: list[tuple[str, int]]) -> None:
    assert found(text) == expected


QUIET = {
    "decorator": "def deco(n):\n    return lambda f: f\n@deco(3)\ndef g():\n    pass\n",
    "default": "def f():\n    return 1\ndef g(x=f()):\n    return x\n",
    "base class": "def base():\n    return object\nclass A(base()):\n    pass\n",
    "reference": "def f():\n    pass\ng = f\nTABLE = {'f': f}\n",
    "path set-up": "import sys\ndef setup_path():\n    sys.path.append('x')\nsetup_path()\n",
    "guard": "def f():\n    pass\nif '__main__' == __name__:\n    f()\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_a_definition_runs_is_no_fault(text: str) -> None:
    assert found(text) == []
