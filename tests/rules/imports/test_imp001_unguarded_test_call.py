"""IMP001: every way in which people call tests at module level."""

from __future__ import annotations

import pytest

from fixing.running import found
from modlint.settings import Settings

T = 'def test_x():\n    print("t")\n    return True\n'  # rows 1 to 3
GUARDED_CLASS = "class TestX:\n    def test_y(self):\n        pass\n"

FIRES: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "plain": ("test_x()\n", [("IMP001", 4)]),
    "two": ("test_x()\ntest_x()\n", [("IMP001", 4), ("IMP001", 5)]),
    "try": (
        "try:\n    test_x()\nexcept Exception as error:\n    print(error)\n",
        [("IMP001", 5)],
    ),
    "try on one line": ("try: test_x()\nexcept Exception: pass\n", [("IMP001", 4)]),
    "except": ("try:\n    pass\nexcept Exception:\n    test_x()\n", [("IMP001", 7)]),
    "finally": ("try:\n    pass\nfinally:\n    test_x()\n", [("IMP001", 7)]),
    "in globals": ("if 'test_x' in globals():\n    test_x()\n", [("IMP001", 5)]),
    "else": ("if 0 > 1:\n    pass\nelse:\n    test_x()\n", [("IMP001", 7)]),
    "elif": ("n = 3\nif n > 9:\n    pass\nelif n:\n    test_x()\n", [("IMP001", 8)]),
    "loop": ("for _ in range(2):\n    test_x()\n", [("IMP001", 5)]),
    "while": ("while True:\n    test_x()\n    break\n", [("IMP001", 5)]),
    "with": ("with open('/dev/null') as f:\n    test_x()\n", [("IMP001", 5)]),
    "match": ("match 1:\n    case 1:\n        test_x()\n", [("IMP001", 6)]),
    "list of tests": ("for t in [test_x]:\n    t()\n", [("IMP001", 4)]),
    "tuple of pairs": (
        "for name, t in (('x', test_x),):\n    print(name)\n    t()\n",
        [("IMP001", 4)],
    ),
    "assignment": ("ok = test_x()\n", [("IMP001", 4)]),
    "underscore": ("_ = test_x()\n", [("IMP001", 4)]),
    "annotated assignment": ("ok: bool = test_x()\n", [("IMP001", 4)]),
    "walrus": ("print(ok := test_x())\n", [("IMP001", 4)]),
    "success and": (
        "success = True\nsuccess = test_x() and success\n",
        [("IMP001", 5)],
    ),
    "in a list": ("results = [test_x()]\n", [("IMP001", 4)]),
    "conditional": ("ok = 1 if test_x() else 0\n", [("IMP001", 4)]),
    "condition": ("if test_x():\n    pass\n", [("IMP001", 4)]),
    "assert": ("assert test_x()\n", [("IMP001", 4)]),
    "print": ("print(test_x())\n", [("IMP001", 4)]),
    "f-string": ("print(f'{test_x()}')\n", [("IMP001", 4)]),
    "exit": ("import sys\nsys.exit(0 if test_x() else 1)\n", [("IMP001", 5)]),
    "semicolon": ("x = 1; test_x()\n", [("IMP001", 4)]),
    "runner": ("def run_all_tests():\n    test_x()\n\nrun_all_tests()\n", [("IMP001", 7)]),
    "runner of a runner": (
        "def a():\n    test_x()\ndef b():\n    a()\nb()\n",
        [("IMP001", 8)],
    ),
    "given to a function": (
        "def run_test(f):\n    f()\nrun_test(test_x)\n",
        [("IMP001", 6)],
    ),
    "method of a class": (GUARDED_CLASS + "TestX().test_y()\n", [("IMP001", 7)]),
    "unittest": ("import unittest\nunittest.main()\n", [("IMP001", 5)]),
    "pytest": ("import pytest\npytest.main([__file__])\n", [("IMP001", 5)]),
    "doctest": ("import doctest\ndoctest.testmod(verbose=True)\n", [("IMP001", 5)]),
    "imported test": ("from tinytorch.testing import test_y\ntest_y()\n", [("IMP001", 5)]),
    "test of a module": ("import tinytorch.t as t\nt.test_y()\n", [("IMP001", 5)]),
    "in a class body": ("class A:\n    test_x()\n", [("IMP001", 5)]),
    "else of a guard": (
        "if __name__ == '__main__':\n    pass\nelse:\n    test_x()\n",
        [("IMP001", 7)],
    ),
    "guard or more": (
        "import sys\nif __name__ == '__main__' or 'x' in sys.modules:\n    test_x()\n",
        [("IMP001", 6)],
    ),
    "not the guard": ("if __name__ != '__main__':\n    test_x()\n", [("IMP001", 5)]),
    "not guarded": ("if not __name__ == '__main__':\n    test_x()\n", [("IMP001", 5)]),
    "another name": ("if __name__ == 'module':\n    test_x()\n", [("IMP001", 5)]),
    "nested blocks": (
        "try:\n    with open('/dev/null') as f:\n        for i in range(1):\n"
        "            if i == 0:\n                test_x()\nexcept OSError:\n    pass\n",
        [("IMP001", 8)],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FIRES.values(), ids=FIRES)
def test_an_unguarded_test_call_is_reported_on_its_line(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert [d for d in found(T + text) if d[0] == "IMP001"] == expected


QUIET: dict[str, str] = {
    "guard": "if __name__ == '__main__':\n    test_x()\n",
    "double quotes": 'if __name__ == "__main__":\n    test_x()\n',
    "reversed": "if '__main__' == __name__:\n    test_x()\n",
    "parentheses": "if (__name__ == '__main__'):\n    test_x()\n",
    "one line": "if __name__ == '__main__': test_x()\n",
    "and": "n = 3\nif __name__ == '__main__' and n:\n    test_x()\n",
    "and, second": "n = 3\nif n and __name__ == '__main__':\n    test_x()\n",
    "tuple": "if __name__ in ('__main__',):\n    test_x()\n",
    "list": "if __name__ in ['__main__']:\n    test_x()\n",
    "substring": "if '__main__' in __name__:\n    test_x()\n",
    "not unequal": "if not __name__ != '__main__':\n    test_x()\n",
    "else of unequal": "if __name__ != '__main__':\n    pass\nelse:\n    test_x()\n",
    "else of not": "if not __name__ == '__main__':\n    pass\nelse:\n    test_x()\n",
    "nested in try": (
        "try:\n    if __name__ == '__main__':\n        test_x()\nexcept Exception:\n    pass\n"
    ),
    "nested in if": "if 1 < 2:\n    if __name__ == '__main__':\n        test_x()\n",
    "blocks in the guard": (
        "if __name__ == '__main__':\n    try:\n        ok = test_x()\n    finally:\n        pass\n"
    ),
    "elif of a guard that cannot be": (
        "if __name__ == '__main__':\n    test_x()\nelif False:\n    test_x()\n"
    ),
    "in a function": "def run_all_tests():\n    test_x()\n",
    "in a lambda": "run = lambda: test_x()\n",
    "in a method": "class A:\n    def run(self):\n        test_x()\n",
    "type checking": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    test_x()\n"),
    "in a generator": "runs = (test_x() for _ in range(2))\n",
    "of a generator": "def run():\n    yield test_x()\n\nrun()\nruns = run()\n",
    "of a coroutine": "async def run():\n    test_x()\n\nruns = run()\n",
    "only named": "TESTS = [test_x]\nBY_NAME = {'x': test_x}\nalias = test_x\n",
    "its attribute": "NAME = test_x.__name__\n",
    "data of that name": "test_data = [1, 2]\ntest_size = len(test_data)\n",
    "commented out": "# test_x()\n",
    "in a string": "TEXT = 'test_x()'\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_a_guarded_or_deferred_test_is_not_reported(text: str) -> None:
    assert found(T + text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[t() for t in (test_x,)]\n", id="comprehension"),
        pytest.param("all(t() for t in [test_x])\n", id="generator"),
        pytest.param("def run():\n    yield test_x()\n\nlist(run())\n", id="generator that runs"),
        pytest.param("async def run():\n    test_x()\n\nawait run()\n", id="coroutine that runs"),
        pytest.param("runs = (x for x in test_x())\n", id="what a generator goes over"),
        pytest.param("def run(x):\n    yield x\n\nrun(test_x())\n", id="given to a generator"),
        pytest.param("tests = [test_x]\nfor t in tests:\n    t()\n", id="a list's name"),
        pytest.param(
            "TESTS = {'x': test_x}\nfor n, t in TESTS.items():\n    t()\n", id="a table's name"
        ),
        pytest.param("class A:\n    ok = test_x()\n", id="attribute of a class"),
        pytest.param("(lambda: test_x())()\n", id="lambda called at once"),
        pytest.param("x = [(lambda: test_x())() for _ in 'ab']\n", id="lambda, comprehension"),
        pytest.param("print((lambda n: [test_x(), n])(3))\n", id="lambda in a call"),
        pytest.param("(lambda f: f())(test_x)\n", id="given to a lambda"),
        pytest.param("[test_x][0]()\n", id="picked from a list"),
        pytest.param("{'x': test_x}['x']()\n", id="picked from a table"),
        pytest.param("(test_x if T else None)()\n", id="picked by a condition"),
        pytest.param("(t := test_x)()\n", id="named where it is called"),
    ],
)
def test_a_test_called_through_something_else_is_reported(text: str) -> None:
    assert "IMP001" in [code for code, _ in found(T + text)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("__name__ == '__main__' and test_x()\n", id="and"),
        pytest.param("test_x() if __name__ == '__main__' else None\n", id="conditional"),
    ],
)
def test_a_guard_written_as_an_expression_is_a_guard(text: str) -> None:
    assert found(T + text) == []


def test_what_is_a_test_is_set_by_the_settings() -> None:
    text = "def check_x():\n    pass\ndef test_x():\n    pass\ncheck_x()\ntest_x()\n"
    settings = Settings(select=("IMP",), test_names=("check_*",))
    assert found(text, settings) == [("IMP001", 5), ("IMP003", 6)]


def test_a_call_that_the_settings_allow_is_not_reported() -> None:
    settings = Settings(select=("IMP",), allow_calls=("test_x",))
    assert found(T + "test_x()\n", settings) == []
