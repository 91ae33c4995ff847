"""How functions end: which of them can run off the end of their body."""

from __future__ import annotations

import ast
import textwrap

import pytest

from modlint.analysis.module import Module
from modlint.analysis.returns import Returns, returns_of
from modlint.analysis.signatures import functions_of
from modlint.notebook.percent import read_text
from modlint.settings import Settings


def returns(body: str) -> Returns:
    """The ways out of a function with this body."""
    text = "def fail(x):\n    raise ValueError(x)\ndef f(x):\n" + textwrap.indent(body, "    ")
    module = Module(read_text(text), Settings())
    return next(f for f in functions_of(module) if f.node.name == "f").returns


FALLS = {
    "pass": "pass",
    "expression": "print(x)",
    "if without else": "if x:\n    return 1",
    "else that goes on": "if x:\n    return 1\nelse:\n    pass",
    "elif without else": "if x:\n    return 1\nelif not x:\n    return 2",
    "for": "for i in x:\n    return i",
    "for with break": "for i in x:\n    break\nelse:\n    return 1",
    "while": "while x:\n    return 1",
    "while True with break": "while True:\n    if x:\n        break",
    "break in a try": "while True:\n    try:\n        break\n    finally:\n        x()",
    "break in a with": "while True:\n    with x:\n        break",
    "break in the else of an inner loop": (
        "while True:\n    for i in x:\n        pass\n    else:\n        break"
    ),
    "try and a handler that goes on": "try:\n    return 1\nexcept E:\n    pass",
    "try else": "try:\n    x()\nexcept E:\n    return 1",
    "with suppress": "with suppress(E):\n    return 1",
    "contextlib.suppress": "with contextlib.suppress(E):\n    return 1",
    "match without a default": "match x:\n    case 1:\n        return 1",
    "match with a guard": "match x:\n    case _ if x:\n        return 1",
    "match with a case that goes on": (
        "match x:\n    case 1:\n        pass\n    case _:\n        return 1"
    ),
    "assert": "assert x",
    "del": "del x",
}
ENDS = {
    "return": "return 1",
    "bare return": "return",
    "raise": "raise E",
    "both branches": "if x:\n    return 1\nelse:\n    raise E",
    "all branches": "if x:\n    return 1\nelif y:\n    return 2\nelse:\n    return 3",
    "if True": "if True:\n    return 1",
    "while True": "while True:\n    x()",
    "while 1": "while 1:\n    x()",
    "break of an inner loop": "while True:\n    for i in x:\n        break",
    "break of an inner while": "while True:\n    while x:\n        break",
    "for else": "for i in x:\n    pass\nelse:\n    return 1",
    "while else": "while x:\n    pass\nelse:\n    return 1",
    "with": "with x:\n    return 1",
    "try, every way": "try:\n    return 1\nexcept E:\n    raise",
    "try finally": "try:\n    return 1\nfinally:\n    x()",
    "finally returns": "try:\n    x()\nfinally:\n    return 1",
    "try else returns": "try:\n    x()\nexcept E:\n    return 1\nelse:\n    return 2",
    "match with a default": (
        "match x:\n    case 1:\n        return 1\n    case _:\n        return 2"
    ),
    "match with a name": (
        "match x:\n    case 1:\n        return 1\n    case other:\n        raise E"
    ),
    "exit": "sys.exit(1)",
    "os._exit": "os._exit(1)",
    "a function that never returns": "fail()",
    "assert False": "assert False, 'never'",
    "then dead code": "return 1\nprint(x)",
    "nested function last": "return 1\ndef g():\n    pass",
}


@pytest.mark.parametrize("body", FALLS.values(), ids=FALLS)
def test_the_end_can_be_reached(body: str) -> None:
    assert returns(body).falls_through


@pytest.mark.parametrize("body", ENDS.values(), ids=ENDS)
def test_the_end_cannot_be_reached(body: str) -> None:
    assert not returns(body).falls_through


@pytest.mark.parametrize(
    ("body", "values", "nones"),
    [
        ("return 1", 1, 0),
        ("return None", 0, 1),
        ("return", 0, 1),
        ("if x:\n    return x\nreturn None", 1, 1),
        ("def g():\n    return 1\nreturn g", 1, 0),
        ("class A:\n    def g(self):\n        return 1\n    y = 2", 0, 0),
        ("h = lambda: 1\nh()", 0, 0),
        ("for i in x:\n    if i:\n        return i", 1, 0),
        ("try:\n    return 1\nfinally:\n    return 2", 2, 0),
    ],
)
def test_returns_are_the_function_s_own(body: str, values: int, nones: int) -> None:
    found = returns(body)
    assert (len(found.values), len(found.nones)) == (values, nones)


@pytest.mark.parametrize(
    ("body", "is_generator"),
    [
        ("yield 1", True),
        ("x = yield", True),
        ("yield from x", True),
        ("def g():\n    yield 1\nreturn g", False),
        ("return [i for i in x]", False),
        ("return (i for i in x)", False),
        ("h = lambda: (yield)\nreturn h", False),
    ],
)
def test_generators(body: str, is_generator: bool) -> None:
    assert returns(body).is_generator is is_generator


@pytest.mark.parametrize(
    ("body", "is_stub"),
    [
        ("pass", True),
        ("...", True),
        ("'''Doc.'''", True),
        ("'''Doc.'''\npass", True),
        ("raise NotImplementedError", True),
        ("'''Doc.'''\nraise NotImplementedError('later')", True),
        ("### BEGIN SOLUTION\npass\n### END SOLUTION", True),
        ("x = 1", False),
        ("return 1", False),
        ("print(x)\nraise E", False),
    ],
)
def test_stubs_say_nothing(body: str, is_stub: bool) -> None:
    assert returns(body).is_stub is is_stub
    if is_stub:
        assert not returns(body).never_gives_value


def test_an_abstract_method_is_a_stub() -> None:
    tree = ast.parse("class A:\n    @abc.abstractmethod\n    def f(self):\n        return 1\n")
    [function] = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    assert returns_of(function).is_stub
