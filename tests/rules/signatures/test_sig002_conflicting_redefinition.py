"""SIG002: one name, two functions that are called or answer differently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG002 = Settings(select=("SIG002",))

PRELUDE = (
    "import functools\nimport typing as t\n"
    "from typing import Any, Dict, List, Optional, Tuple, Union, overload\n"
)


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG002)


CONFLICTS = {
    "more parameters": ("def f(a):\n    return a\ndef f(a, b):\n    return a\n", 3, "parameters"),
    "other name": ("def f(a):\n    return a\ndef f(b):\n    return b\n", 3, "parameters"),
    "now required": ("def f(a=1):\n    return a\ndef f(a):\n    return a\n", 3, "parameters"),
    "other default": ("def f(a=1):\n    return a\ndef f(a=2):\n    return a\n", 3, "parameters"),
    "keyword only": ("def f(a):\n    return a\ndef f(*, a):\n    return a\n", 3, "parameters"),
    "positional only": ("def f(a):\n    return a\ndef f(a, /):\n    return a\n", 3, "parameters"),
    "star": ("def f(a):\n    return a\ndef f(*a):\n    return a\n", 3, "parameters"),
    "result": ("def f() -> int:\n    return 1\ndef f() -> str:\n    return ''\n", 3, "result"),
    "both": (
        "def f(a) -> int:\n    return 1\ndef f() -> str:\n    return ''\n",
        3,
        "parameters and",
    ),
    "in place or not": (
        "def f(a) -> None:\n    a.x = 1\ndef f(a) -> Dict[str, Any]:\n    return {}\n",
        3,
        "result",
    ),
    "silent in place": (
        "def f(a):\n    a.x = 1\ndef f(a) -> Dict[str, Any]:\n    return {}\n",
        3,
        "result",
    ),
    "unannotated value": (
        "def f(a) -> None:\n    a.x = 1\ndef f(a):\n    return {}\n",
        3,
        "result",
    ),
    "both unannotated": ("def f(a):\n    a.x = 1\ndef f(a):\n    return {'a': a}\n", 3, "result"),
    "forwards": (
        "def f(a) -> None:\n    a.x = 1\n"
        "class Q:\n    @staticmethod\n    def f(a) -> Dict[str, Any]:\n        return {}\n"
        "def f(a):\n    return Q.f(a)\n",
        7,
        "result",
    ),
    "forwards to an instance": (
        "def f(a) -> None:\n    a.x = 1\n"
        "class Q:\n    def f(self, a) -> Dict[str, Any]:\n        return {}\n"
        "def f(a):\n    return Q().f(a)\n",
        6,
        "result",
    ),
    "forwards to a pair": (
        "def f(a):\n    stats = {'a': a}\n    stats['b'] = 1\n    return stats\n"
        "class Q:\n    @staticmethod\n    def f(a):\n        return a, {}\n"
        "def f(a):\n    return Q.f(a)\n",
        9,
        "result",
    ),
    "async": ("def f() -> int:\n    return 1\nasync def f() -> int:\n    return 1\n", 3, "async"),
    "tests": ("def test_a():\n    pass\ndef test_a(verbose=True):\n    pass\n", 3, "parameters"),
}


@pytest.mark.parametrize(("text", "row", "why"), CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_is_reported_at_the_later_definition(text: str, row: int, why: str) -> None:
    (found,) = check(PRELUDE + text)
    ahead = PRELUDE.count("\n")
    assert (found.start.row - ahead, found.start.column) == (row, 1)
    assert found.severity == "error"
    assert f"of line {1 + ahead}" in found.message
    assert f"different {why}" in found.message or why in found.message.split(":")[-1]


SAME = {
    "again": "def f(a):\n    return a\ndef f(a):\n    return a\n",
    "annotations of parameters": "def f(a: int):\n    return a\ndef f(a: float):\n    return a\n",
    "one annotated": "def f(a) -> int:\n    return g(a)\ndef f(a):\n    return g(a)\n",
    "quotes": "def f() -> 'int':\n    return g()\ndef f() -> int:\n    return g()\n",
    "list": "def f() -> List[int]:\n    return g()\ndef f() -> list[int]:\n    return g()\n",
    "typing": (
        "def f() -> Dict[str, Any]:\n    return g()\ndef f() -> t.Dict[str, t.Any]:\n"
        "    return g()\n"
    ),
    "optional": (
        "def f() -> Optional[int]:\n    return g()\ndef f() -> 'int | None':\n    return g()\n"
    ),
    "union": (
        "def f() -> Union[int, str]:\n    return g()\ndef f() -> 'str | int':\n    return g()\n"
    ),
    "any": "def f() -> Any:\n    return g()\ndef f() -> int:\n    return g()\n",
    "inferred dict": "def f() -> Dict[str, int]:\n    return g()\ndef f():\n    return {}\n",
    "inferred int": "def f() -> float:\n    return g()\ndef f():\n    return 0\n",
    "overload": (
        "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str, b: int) -> str: ...\n"
        "def f(a, b=1):\n    return a\n"
    ),
    "singledispatch": (
        "@functools.singledispatch\ndef f(a):\n    return a\n"
        "@f.register\ndef g(a: int, b=1):\n    return a\n@f.register(str)\ndef g(a):\n"
        "    return a\n"
    ),
    "throw-away name": "def _(a):\n    return a\ndef _(a, b):\n    return a\n",
    "import fallback": (
        "try:\n    from m import f\nexcept ImportError:\n    def f(a, b):\n        return a\n"
    ),
    "fallback pair": (
        "try:\n    import m\n    def f(a):\n        return a\n"
        "except ImportError:\n    def f(a, b):\n        return a\n"
    ),
    "branches": (
        "if t.TYPE_CHECKING:\n    def f(a): ...\nelse:\n    def f(a, b):\n        return a\n"
    ),
    "fallback replaced": (
        "try:\n    from m import f\nexcept ImportError:\n    def f(a, b):\n        return a\n"
        "def f(a):\n    return a\n"
    ),
    "deleted": "def f(a):\n    return a\ndel f\ndef f(a, b):\n    return a\n",
    "assigned": "def f(a):\n    return a\nf = None\ndef f(a, b):\n    return a\n",
    "imported": "def f(a):\n    return a\nfrom m import f\ndef f(a, b):\n    return a\n",
    "property": "def f(a):\n    return a\nf = property(f)\ndef f(a, b):\n    return a\n",
    "kept": "def f(a):\n    return a\nold = f\ndef f(a, b=1):\n    return old(a)\n",
    "stub": "def f(a) -> int:\n    raise NotImplementedError\ndef f(a):\n    return g(a)\n",
    "methods of two classes": (
        "class A:\n    def f(self): pass\nclass B:\n    def f(self, a): return a\n"
    ),
    "method and function": "class A:\n    def f(self): pass\ndef f(a):\n    return a\n",
    "inner functions": (
        "def a():\n    def f(x): return x\n    return f\ndef b():\n    def f(x, y): return x\n"
    ),
    "patched into two classes": (
        "@patch\ndef f(self: A, n):\n    return n\n@patch\ndef f(self: B):\n    return 0\n"
    ),
    "patched as a property": (
        "@patch(as_prop=True)\ndef f(self: A):\n    return 1\n"
        "@patch(cls_method=True)\ndef f(cls: B, n):\n    return n\n"
    ),
    "patched by name": (
        "@basics.patch_to(A)\ndef f(self, n):\n    return n\n"
        "@patch_to([B, C])\ndef f(self):\n    return 0\n"
    ),
    "patched and plain": "def f(n):\n    return n\n@patch\ndef f(self: A):\n    return 0\n",
    "type dispatch": (
        "@typedispatch\ndef f(a: int):\n    return a\n"
        "@typedispatch\ndef f(a: str, b):\n    return a\n"
    ),
    "registered method": (
        "class A:\n    @functools.singledispatchmethod\n    def f(self, a): return a\n"
        "    @f.register\n    def f(self, a: int, b=1): return a\n"
    ),
    "routes": (
        "@app.get('/')\ndef f():\n    return 1\n@app.get('/{n}')\ndef f(n):\n    return n\n"
    ),
    "property and setter": (
        "class A:\n    @property\n    def f(self): return 1\n"
        "    @f.setter\n    def f(self, value): print(value)\n"
    ),
    "classes": "class A:\n    def f(self): pass\nclass A:\n    def f(self, a): pass\n",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_can_be_called_and_used_alike_is_silent(text: str) -> None:
    assert check(PRELUDE + text) == []


DECORATED = {
    "patched twice": (
        "@patch\ndef f(self: A):\n    return 1\n@patch\ndef f(self: A, n):\n    return n\n"
    ),
    "patched over one of two": (
        "@patch\ndef f(self: (A, B)):\n    return 1\n@patch_to(B)\ndef f(self, n):\n    return n\n"
    ),
    "alike decorated": (
        "@functools.lru_cache(maxsize=None)\ndef f():\n    return 1\n"
        "@functools.lru_cache(maxsize=None)\ndef f(n):\n    return n\n"
    ),
}


@pytest.mark.parametrize("text", DECORATED.values(), ids=DECORATED)
def test_decorated_functions_of_one_name_conflict_where_one_takes_the_place(text: str) -> None:
    (found,) = check(PRELUDE + text)
    assert found.message.endswith("different parameters")


def test_three_definitions_are_compared_in_turn() -> None:
    text = "def f(a): pass\ndef f(a, b): pass\ndef f(a, b): pass\ndef f(a): pass\n"
    found = check(text)
    assert [(d.start.row, d.message.split(" of line ")[1][:1]) for d in found] == [
        (2, "1"),
        (4, "3"),
    ]


TWO_CELLS = (
    "# %%\ndef f(a) -> None:  # in place\n    a.x = 1\n\n"
    "# %%\ndef f(a, b=1) -> dict:\n    return {}\n"
)


def test_cells_of_one_module_are_read_together_and_both_signatures_shown() -> None:
    (found,) = check(TWO_CELLS)
    assert (found.cell, found.start.row) == (1, 6)
    assert found.message == (
        "f(a, b=1) -> dict replaces f(a) -> None of line 2: different parameters and result"
    )


def test_each_way_out_is_shown_and_none_is_taken() -> None:
    (found,) = check(TWO_CELLS)
    assert found.fix is not None
    ways = [found.fix, *found.fix.alternatives]
    assert {way.applicability for way in ways} == {Applicability.DISPLAY}
    headers = [
        [line for cells in way.rewrite().cells.values() for cell in cells for line in [cell.source]]
        for way in ways
    ]
    assert headers == [
        ["def f_2(a, b=1) -> dict:\n    return {}\n"],
        ["def f(a) -> None:\n    return {}\n"],
        ["def f(a, b=1) -> dict:  # in place\n    a.x = 1\n\n"],
    ]
    file = read_text(TWO_CELLS)
    for unsafe in (False, True):
        assert fix(file, check(TWO_CELLS), SIG002, unsafe=unsafe).file.text == TWO_CELLS


# --- lectures ---------------------------------------------------------------------------------

FIRST = "# %%\ndef f(a):\n    return a\n\n"
SECOND = "# %%\ndef f(a, b):\n    return a + b\n\n"
LECTURES = [Kind.NOTEBOOK, Kind.ASSIGNMENT]


def check_lecture(text: str, kind: Kind) -> list[Diagnostic]:
    return lint(read_text(text), replace(SIG002, purpose=Purpose(kind)))


@pytest.mark.parametrize("kind", LECTURES)
@pytest.mark.parametrize(
    "text",
    [
        FIRST + SECOND,
        FIRST + "# %%\nf(1)\n\n" + SECOND + "# %%\nf(1, 2)\n",
        FIRST + SECOND.replace("a, b", "a, b=1").replace("a + b", "''") + "# %%\nf(1)\n",
        FIRST + SECOND + "# %%\ndef g():\n    return f(1, 2)\n",
        FIRST + SECOND + "# %%\nf(1, 2, 3)\n",
    ],
)
def test_a_lecture_may_show_one_version_after_the_other(text: str, kind: Kind) -> None:
    assert check_lecture(text, kind) == []
    assert [d.severity for d in check_lecture(text, Kind.MODULE)] == ["error"]


@pytest.mark.parametrize("kind", LECTURES)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FIRST + "# %%\ndef g():\n    return f(1)\n\n" + SECOND, 7),
        (FIRST + SECOND + "# %%\nf(1)\n", 10),
        (FIRST + "# %%\nrun = lambda: f(1)\n\n" + SECOND, 6),
        (FIRST + SECOND + "# %%\nclass A:\n    def g(self):\n        return f(1)\n", 12),
    ],
)
def test_a_caller_that_breaks_is_a_hint_in_a_lecture(text: str, line: int, kind: Kind) -> None:
    (found,) = check_lecture(text, kind)
    assert found.severity == "info"
    assert found.message.endswith(f"the call on line {line} fits the earlier one only")


def test_cells_that_are_not_exported_are_a_lecture() -> None:
    text = "# %%\ndef _f(a):\n    return a\n\n# %%\ndef _f(a, b):\n    return b\n"
    exporting = replace(SIG002, purpose=Purpose(only_exports=True))
    assert lint(read_text(text), exporting) == []
    exported = text.replace("# %%\n", "# %%\n#| export\n", 1)
    assert [d.severity for d in lint(read_text(exported), exporting)] == ["error"]
