"""IMP002: what prints at import, and what only looks like it."""

from __future__ import annotations

import pytest

from fixing.running import found
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

FIRES: dict[str, tuple[str, list[int]]] = {
    "print": ("print('x')\n", [1]),
    "empty print": ("print()\n", [1]),
    "prints share nothing but the rule": ("print('a')\nprint('b')\n", [1, 2]),
    "pprint": ("from pprint import pprint\npprint({})\n", [2]),
    "pprint of its module": ("import pprint\npprint.pprint({})\n", [2]),
    "display": ("display(3)\n", [1]),
    "stdout": ("import sys\nsys.stdout.write('x')\nsys.stdout.flush()\n", [2, 3]),
    "stderr": ("import sys\nsys.stderr.write('x')\n", [2]),
    "print in a comprehension": ("_ = [print(i) for i in range(2)]\n", [1]),
    "print in an assignment": ("x = print('x')\n", [1]),
    "two on a line": ("print('a'); print('b')\n", [1, 1]),
    "after an import on the line": ("import os; print(os.sep)\n", [1]),
    "class body": ("class A:\n    print('x')\n    y = 1\n", [2]),
    "logging": ("import logging\nlogging.warning('x')\n", [2]),
    "several lines": ("print(\n    'x',\n)\n", [1]),
    "multi-line string": ("print('''\n  x\n''')\n", [1]),
    "after a definition": ("def f():\n    pass\nprint('ready')\n", [3]),
}


@pytest.mark.parametrize(("text", "rows"), FIRES.values(), ids=FIRES)
def test_a_print_is_reported_on_its_line(text: str, rows: list[int]) -> None:
    assert found(text) == [("IMP002", row) for row in rows]


QUIET: dict[str, str] = {
    "function": "def f():\n    print('x')\n",
    "lambda": "f = lambda: print('x')\n",
    "method": "class A:\n    def f(self):\n        print('x')\n",
    "default": "def f(out=print):\n    out('x')\n",
    "named": "show = print\n",
    "guard": "if __name__ == '__main__':\n    print('x')\n",
    "fallback": (
        "try:\n    import numpy\nexcept ImportError:\n    print('no numpy')\n    numpy = None\n"
    ),
    "fallback with flag and name": (
        "try:\n    from a import b\n    HAS_B = True\n"
        "except (ImportError, OSError) as error:\n    print(f'no b: {error}')\n    HAS_B = False\n"
    ),
    "own print": "def print(*a):\n    pass\n",
    "string": "'''print('x')'''\n",
    "comment": "# print('x')\n",
    "type checking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    print('x')\n",
    "generator not run": "lines = (print(i) for i in range(2))\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_prints_only_when_called_is_not_reported(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[print(i) for i in range(2)]\n",
        "print('a'), print('b')\n",
        "DEBUG = True\nDEBUG and print('x')\n",
        "print('a') if 1 < 2 else None\n",
        "class A:\n    x = print('x')\n",
        "class A:\n    for i in range(2):\n        print(i)\n",
        "class A:\n    if 1 < 2:\n        print('x')\n",
        "class A:\n    class B:\n        print('x')\n",
    ],
)
def test_a_print_anywhere_in_a_statement_is_reported(text: str) -> None:
    assert found(text) != []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The handler of an import may speak; what speaks when all is well may not.
        ("try:\n    import json\nexcept ImportError:\n    print('no')\nelse:\n    print('y')\n", 1),
        ("try:\n    import json\n    print('y')\nexcept ImportError:\n    print('no')\n", 1),
        ("try:\n    x = int('1')\nexcept ValueError:\n    print('no')\n", 1),
    ],
)
def test_a_try_that_prints_when_all_is_well_is_reported(text: str, expected: int) -> None:
    assert len(found(text)) == expected


def test_a_print_between_statements_of_a_demo_is_the_demo_s() -> None:
    assert found("print('a')\nfor i in [1]:\n    print(i)\nprint('b')\n") == [("IMP004", 1)]


def test_a_line_that_also_binds_a_name_is_mended_only_when_asked() -> None:
    module = read_text("# %%\nprint('a')\nLIMIT = 3; print(LIMIT)\nprint('b')\n")
    found = lint(module, Settings(select=("IMP002",)))
    assert [d.fix and d.fix.applicability for d in found] == ["safe", "unsafe", "safe"]
    assert found[1].message == (
        "print() runs on import; importers would lose LIMIT, on the same line"
    )
