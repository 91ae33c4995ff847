"""The flow of names through statements, held against what Python itself does."""

from __future__ import annotations

import ast

import pytest

from modlint.analysis.flow import Flow, flow_of


def flow(text: str) -> Flow:
    """How names flow through ``text``."""
    return flow_of(ast.parse(text).body)


#: text → names that must stand before it, names that it surely leaves
FLOWS: dict[str, tuple[str, str]] = {
    "x = 1\ny = x": ("", "x y"),
    "y = x\nx = 1": ("x", "x y"),
    "x += 1": ("x", "x"),
    "if c:\n    x = 1\nelse:\n    x = 2\ny = x": ("c", "x y"),
    "if c:\n    x = 1\ny = x": ("c x", "y"),
    "for i in r:\n    x = i\ny = x": ("r x", "y"),
    "for i in r:\n    pass\ny = i": ("r i", "y"),
    "while c:\n    x = 1\ny = x": ("c x", "y"),
    "try:\n    x = 1\nexcept E:\n    x = 2\ny = x": ("E", "x y"),
    "try:\n    x = 1\nexcept E:\n    pass\ny = x": ("E x", "y"),
    "try:\n    x = 1\nfinally:\n    z = 1\ny = x": ("", "x y z"),
    "try:\n    f()\nexcept E as e:\n    y = e": ("f E", ""),
    "with open(p) as f:\n    pass\ny = f": ("open p", "f y"),
    "import a\ny = a": ("", "a y"),
    "def f():\n    return g\ny = f": ("", "f y"),
    "class A:\n    x = y": ("y", "A"),
    "match v:\n    case 1:\n        x = 1\ny = x": ("v x", "y"),
}


@pytest.mark.parametrize(("text", "expected"), FLOWS.items(), ids=FLOWS)
def test_what_must_stand_before_and_what_is_surely_left(
    text: str, expected: tuple[str, str]
) -> None:
    found = flow(text)
    needs, leaves = (set(part.split()) for part in expected)
    # More may be needed than is, and less be left: both err on the safe side.
    assert needs <= found.exposed
    assert found.certain <= leaves


EXACT = {
    "x = 1\ny = x": ("", "x y"),
    "y = x\nx = 1": ("x", "x y"),
    "if c:\n    x = 1\nelse:\n    x = 2\ny = x": ("c", "x y"),
    "for i in r:\n    x = i": ("r", ""),
}


@pytest.mark.parametrize(("text", "expected"), EXACT.items(), ids=EXACT)
def test_common_flows_are_exact(text: str, expected: tuple[str, str]) -> None:
    found = flow(text)
    assert (found.exposed, found.certain) == tuple(set(part.split()) for part in expected)


MISSING = {
    "suppressed": ("with suppress(E):\n    x = f()\n    y = 1\nz = y", "y"),
    "finally": ("try:\n    f()\n    x = 1\nexcept E:\n    x = 2\nfinally:\n    print(x)", "x"),
    "else of for": ("for i in r:\n    x = 1\nelse:\n    print(x)", "x"),
    "else of while": ("while f():\n    x = 1\nelse:\n    print(x)", "x"),
    "handler that deletes": ("try:\n    x = 1\nexcept E:\n    del x\ny = x", "x"),
    "del": ("x = 1\ndel x\ny = x", "x"),
    "and": ("c and (x := 1)\ny = x", "x"),
    "conditional": ("y = 1 if c else (x := 2)\nz = x", "x"),
    "comprehension": ("[x := i for i in r]\ny = x", "x"),
    "handler": ("try:\n    x = f()\nexcept E:\n    print(x)", "x"),
    "loop that may not run": ("for i in r:\n    x = 1\ny = x", "x"),
    "class body": ("class A:\n    y = x\nx = 1", "x"),
}


@pytest.mark.parametrize(("text", "name"), MISSING.values(), ids=MISSING)
def test_a_name_that_may_be_missing_is_exposed(text: str, name: str) -> None:
    assert name in flow(text).exposed
