"""What Python refuses though it parses: only what may be refused is compiled."""

import ast
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modlint.analysis.parsing import SyntaxProblem, refusal
from modlint.analysis.scopes import names_of

REFUSED = [
    "return 1",
    "if x:\n    return",
    "class A:\n    return 1",
    "def f():\n    class A:\n        return 1",
    "try:\n    x\nexcept E as e:\n    return 1",
    "break",
    "continue",
    "def f():\n    break",
    "for x in y:\n    def f():\n        continue",
    "yield 1",
    "x = [(yield 1) for a in b]",
    "class A:\n    yield 1",
    "def f(a, a): pass",
    "def f(a, *, a): pass",
    "def f(a, *a): pass",
    "async def f(a, **a): pass",
    "lambda a, a: 1",
    "x = [lambda a, a: 1 for b in c]",
    "f(a=1, a=2)",
    "class A(b=1, b=2): pass",
    "def f():\n    return g(h(a=1, a=2))",
    "f(__debug__=1)",
    "__debug__ = 1",
    "x.__debug__ = 1",
    "del __debug__",
    "def __debug__(): pass",
    "class __debug__: pass",
    "def f(__debug__): pass",
    "import a as __debug__",
    "import __debug__",
    "from a import b as __debug__",
    "for __debug__ in x: pass",
    "x = [a for __debug__ in b]",
    "with a as __debug__: pass",
    "try:\n    x\nexcept E as __debug__:\n    pass",
    "def f():\n    from a import *",
    "class A:\n    from a import *",
    "x = 1\nfrom __future__ import annotations",
    "from __future__ import nothing",
    "from __future__ import braces",
    "nonlocal x",
    "def f():\n    nonlocal x",
    "def f(x):\n    global x",
    "def f():\n    x = 1\n    global x",
    "def f():\n    print(x)\n    global x",
    "def f():\n    global x\n    x: int = 1",
    "def f():\n    nonlocal __class__",
    "try:\n    x\nexcept:\n    y\nexcept E:\n    z",
    "*a = x",
    "*a, *b = x",
    "x = *a",
    "print(*a if b else *c)",
    "def f():\n    return *a",
    "del *a",
    "[x := 1 for x in y]",
    "[a for b in (x := y)]",
    "class A:\n    [x := 1 for a in b]",
    "def f():\n    await x",
    "def f():\n    async with x: pass",
    "def f():\n    async for a in b: pass",
    "def f():\n    [a async for a in b]",
    "class A:\n    await x",
    "async def f():\n    yield 1\n    return 2",
    "async def f():\n    yield from x",
    "match x:\n    case a: pass\n    case b: pass",
    "match x:\n    case a | 1: pass",
    "match x:\n    case (a, a): pass",
    "match x:\n    case {1: a, 1: b}: pass",
    "match x:\n    case A(a=1, a=2): pass",
    "match x:\n    case {**__debug__}: pass",
    "try:\n    x\nexcept* E:\n    break",
    "def f():\n    try:\n        x\n    except* E:\n        return",
]


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _compile(tree: ast.Module) -> None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(tree, "<cell>", "exec", flags, dont_inherit=True)


@pytest.mark.parametrize("text", REFUSED)
def test_what_python_refuses_is_refused(text: str) -> None:
    tree = _parsed(text)
    if tree is None:
        return  # this version of Python sees it when it parses
    with pytest.raises(SyntaxError) as seen:
        _compile(tree)
    found = refusal(tree)
    assert isinstance(found, SyntaxProblem)
    assert found.message == seen.value.msg


def _deep(opener: str) -> str:
    text = ""
    for depth in range(22):
        text += "    " * depth + opener + "\n"
    return text + "    " * 22 + "pass"


@pytest.mark.parametrize("opener", ["for a in b:", "while a:", "with a:", "with a as b, c:"])
def test_too_many_blocks_in_one_another_are_refused(opener: str) -> None:
    tree = _parsed(_deep(opener))
    if tree is not None:
        assert refusal(tree) is not None


@pytest.mark.parametrize("where", [lambda t: t, lambda t: f"def f():\n{textwrap.indent(t, '  ')}"])
def test_what_a_handler_nests_counts_for_its_function(where: Callable[[str], str]) -> None:
    handler = "try:\n  x\nexcept E as e:\n" + textwrap.indent(_deep("for a in b:"), "  ")
    tree = _parsed(where(handler))
    if tree is not None:
        assert refusal(tree) is not None


#: Pieces that nest in one another, some of which Python refuses in some places.
_SIMPLE = st.sampled_from(
    "pass|return|return 1|break|continue|yield 1|await x|x = *a, b|a, *b = c|f(*a, **b)"
    "|f(a=1, b=2)|f(a=1, a=2)|global x|nonlocal x|x = 1|x: int = 1|del x|import x"
    "|from a import *|(y := 1)|[z := 1 for z in x]|lambda a: (yield)|raise x|assert x"
    "|x = {**a, 'b': 1}|f'{x!r:>{y}}'|x[1:2] = [b for b in c if b]".split("|")
)
_OPENERS = st.sampled_from(
    "if a:|for a in b:|while a:|with a as b:|def f(x, y=1, *z, k, **w):|class A(B, m=1):"
    "|async def f():|async with a:|async for a in b:|match a:\n  case 1:|match a:\n  case b:".split(
        "|"
    )
)


def _block(body: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def joined(opener: str, lines: list[str]) -> str:
        depth = "    " if "\n" in opener else "  "
        return f"{opener}\n" + "\n".join(textwrap.indent(line, depth) for line in lines)

    caught = body.map(
        lambda t: f"try:\n  x\nexcept E as e:\n{textwrap.indent(t, '  ')}\nfinally:\n  y"
    )
    return st.builds(joined, _OPENERS, st.lists(body, min_size=1, max_size=3)) | caught


@given(st.lists(st.recursive(_SIMPLE, _block, max_leaves=6), min_size=1, max_size=3))
def test_a_look_at_the_names_never_misses_a_refusal(statements: list[str]) -> None:
    tree = _parsed("\n".join(statements))
    if tree is None or names_of(tree.body).doubtful:
        return
    _compile(tree)


def test_the_standard_library_is_refused_nowhere_and_seldom_compiled() -> None:
    count = doubtful = 0
    for path in sorted(Path(ast.__file__).parent.glob("*.py")):
        tree = _parsed(path.read_text("utf-8", "replace"))
        assert tree is not None, path
        for node in tree.body:
            count += 1
            alone = ast.Module([node], [])
            if names_of([node]).doubtful:
                doubtful += 1
            else:
                _compile(alone)
    assert doubtful < count / 3


def test_a_node_that_no_version_so_far_has_is_doubtful() -> None:
    class Later(ast.stmt):
        _fields = ()

    assert names_of([Later()]).doubtful


def test_what_is_no_refusal_is_none() -> None:
    text = "import a\n\ndef f(x, *y):\n    for z in y:\n        return g(x, key=z)\n"
    assert not names_of(ast.parse(text).body).doubtful
    assert refusal(ast.parse(text)) is None
    assert refusal(ast.parse("await x")) is None, f"as in a notebook, {sys.version_info}"
