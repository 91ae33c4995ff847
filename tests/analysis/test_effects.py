"""What calling a function changes outside it."""

from __future__ import annotations

import pytest

from modlint.analysis.effects import Effects, effects_of, effects_of_statements
from modlint.analysis.module import Module
from modlint.notebook.reading import read
from modlint.settings import Settings


def effects(text: str, name: str = "f") -> Effects:
    """The effects of the module's function ``name``."""
    return effects_of(Module(read(text.encode()), Settings()), name)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("def f():\n    global n\n    n = 1\n", {"n"}),
        ("T = {}\ndef f():\n    T['a'] = 1\n", {"T"}),
        ("T = {}\ndef f():\n    t = T\n    u = t\n    u['a'] = 1\n", {"T"}),
        ("class A:\n    pass\ndef f():\n    A.x = 1\n", {"A"}),
        ("L = []\ndef g(x):\n    x.append(1)\ndef f():\n    g(L)\n", {"L"}),
        ("L = []\ndef g(x):\n    x.append(1)\ndef f():\n    g([])\n", set()),
        ("L = []\ndef g(a, *, b):\n    b.append(a)\ndef f():\n    g(1, b=L)\n", {"L"}),
        ("def f():\n    x = {}\n    x['a'] = 1\n    del x['a']\n", set()),
        ("def f(x=[]):\n    print(x)\n", set()),
        ("N = 0\ndef f():\n    N = 1\n    return N\n", set()),
        (
            "T = {}\nclass A:\n    def __init__(self):\n        T['a'] = 1\ndef f():\n    A()\n",
            {"T"},
        ),
        ("T = {}\nclass A:\n    def m(self):\n        T['a'] = 1\ndef f():\n    A().m()\n", {"T"}),
        ("class A:\n    def m(self):\n        self.x = 1\nB = A()\ndef f():\n    B.m()\n", {"B"}),
        (
            "class A:\n    def m(self):\n        self.x = 1\ndef f():\n    b = A()\n    b.m()\n",
            set(),
        ),
        ("T = {}\ndef g():\n    T['a'] = 1\nh = g\ndef f():\n    h()\n", {"T"}),
        ("T = {}\ndef f():\n    print(T['a'], T.get('a'))\n", set()),
    ],
)
def test_names_of_the_module_that_change(text: str, changes: set[str]) -> None:
    assert effects(text).changes == changes


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("def f(a, b):\n    a.x = 1\n    b[0] = 2\n", {"a", "b"}),
        ("def f(a):\n    a.append(1)\n", {"a"}),
        ("def f(a):\n    a = [1]\n    print(a)\n", set()),
        ("def f(a):\n    return a + 1\n", set()),
        ("def g(x):\n    x.y = 1\ndef f(a):\n    g(a)\n", {"a"}),
        ("def f(a):\n    for b in a:\n        b.x = 1\n", {"a"}),
    ],
)
def test_parameters_that_change(text: str, parameters: set[str]) -> None:
    found = effects(text)
    assert found.parameters == parameters
    assert found.changes == set()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("def f(g):\n    g()\n", {"g"}),
        ("def f():\n    somewhere()\n", {"somewhere"}),
        ("def f():\n    exec('x')\n", {"exec"}),
        ("from tinytorch.a import g\ndef f():\n    g()\n", {"g"}),
        ("import tinytorch.a as a\ndef f():\n    a.g()\n", {"a.g"}),
        ("from tinytorch.a import G\ndef f():\n    G()\n", set()),
        ("import json\ndef f():\n    json.dumps(1)\n    print(len('a'))\n", set()),
    ],
)
def test_calls_that_cannot_be_resolved(text: str, unknown: set[str]) -> None:
    assert effects(text).unknown == unknown


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_functions_that_call_each_other_have_the_same_effects(order: tuple[str, str]) -> None:
    text = "T = {}\ndef a(n):\n    b(n)\n    T[n] = 1\ndef b(n):\n    a(n)\n"
    module = Module(read(text.encode()), Settings())
    assert [effects_of(module, name).changes for name in order] == [{"T"}, {"T"}]


def test_a_function_that_calls_itself() -> None:
    assert effects("def f(n):\n    if n:\n        f(n - 1)\n    print(n)\n").reason == ""


def test_every_version_of_a_function_counts() -> None:
    text = "T = {}\ndef f():\n    T['a'] = 1\n# %%\ndef f():\n    print('x')\n"
    assert effects(text).changes == {"T"}


def test_statements_change_nothing_of_their_own() -> None:
    module = Module(read(b"T = {}\nx = []\nx.append(1)\nT['a'] = x\n"), Settings())
    tree = module.units[0].tree
    assert tree is not None
    assert effects_of_statements(module, tree.body[1:], {"x"}).changes == {"T"}
