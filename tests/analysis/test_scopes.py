"""Names by Python's scope rules, held against what Python itself does with them."""

from __future__ import annotations

import ast

import pytest

from modlint.analysis.scopes import Names, names_of


def names(text: str) -> Names:
    """What the statements of ``text`` do with names."""
    return names_of(ast.parse(text).body)


#: text → binds, loads, deferred
NAMES: dict[str, tuple[str, str, str]] = {
    "x = y": ("x", "y", ""),
    "x += y": ("x", "x y", ""),
    "x: y = z": ("x", "y z", ""),
    "x.a = y": ("", "x y", ""),
    "x[i] = y": ("", "x i y", ""),
    "a, (b, *c) = d": ("a b c", "d", ""),
    "for i in r: j = i": ("i j", "r i", ""),
    "with f() as (a, b): c = a": ("a b c", "f a", ""),
    "import a.b, c as d": ("a d", "", ""),
    "from a import b as c, d": ("c d", "", ""),
    "(n := m)": ("n", "m", ""),
    "[x for x in y if x]": ("", "y", ""),
    "{k: v for k, v in p if k}": ("", "p", ""),
    "[(last := x) for x in y]": ("last", "y", ""),
    "lambda a, b=c: a + d": ("", "c", "d"),
    "def f(a=b, *c: d) -> e:\n    return a + g": ("f", "b d e", "g"),
    "@d\ndef f(): pass": ("f", "d", ""),
    "def f():\n    x = 1\n    return x": ("f", "", ""),
    "def f():\n    def g():\n        return x\n    return g": ("f", "", "x"),
    "def f():\n    x = 1\n    def g():\n        return x": ("f", "", ""),
    "async def f():\n    return x": ("f", "", "x"),
    "class A(B, metaclass=M):\n    x = y\n    z = x": ("A", "B M y", ""),
    "class A:\n    x = 1\n    def f(self):\n        return x": ("A", "", "x"),
    "class A:\n    @d\n    def f(self, n=k): pass": ("A", "d k", ""),
    "match v:\n    case [a, *b]: c = a\n    case {'k': d, **e}: pass\n    case F(g) as h: pass": (
        "a b c d e g h",
        "v F a",
        "",
    ),
    "del x": ("x", "x", ""),
    "print(f'{x:{w}}')": ("", "print x w", ""),
}


@pytest.mark.parametrize(("text", "expected"), NAMES.items(), ids=NAMES)
def test_binds_loads_and_deferred(text: str, expected: tuple[str, str, str]) -> None:
    found = names(text)
    binds, loads, deferred = (set(part.split()) for part in expected)
    assert (found.binds, found.loads, found.deferred) == (binds, loads, deferred)


@pytest.mark.parametrize(
    ("text", "rebinds"),
    [
        ("def f():\n    global x\n    x = 1", {"x"}),
        ("def f():\n    global x\n    print(x)", set()),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2", set()),
        ("global x\nx = 1", {"x"}),
        ("class A:\n    def f(self):\n        global x\n        x = 1", {"x"}),
        ("def f():\n    global x\n    import os as x", {"x"}),
        ("def f():\n    global x\n    for x in 'ab': pass", {"x"}),
        ("x = 1", set()),
    ],
)
def test_rebinds_are_those_of_global_statements(text: str, rebinds: set[str]) -> None:
    assert names(text).rebinds == rebinds


@pytest.mark.parametrize(
    ("text", "dynamic"),
    [
        ("from a import *", True),
        ("globals()", True),
        ("x = locals()['a']", True),
        ("exec('x = 1')", True),
        ("print(eval(t))", True),
        ("def f():\n    return globals()", True),
        ("f = lambda: vars()", True),
        ("class A:\n    x = dir()", True),
        ("obj.eval()", False),
        ("model.exec(1)", False),
        ("print(1)", False),
    ],
)
def test_dynamic_code_may_touch_any_name(text: str, dynamic: bool) -> None:
    assert names(text).dynamic is dynamic


@pytest.mark.parametrize(
    ("text", "awaits"),
    [
        ("await f()", True),
        ("async for i in x: pass", True),
        ("async with x: pass", True),
        ("async def f():\n    await g()", False),
        ("x = [await y for y in z]", True),
        ("f()", False),
    ],
)
def test_awaits_outside_functions(text: str, awaits: bool) -> None:
    tree = compile(text, "<t>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    assert names_of(tree.body).awaits is awaits
