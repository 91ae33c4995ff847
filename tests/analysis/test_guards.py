"""Conditions on import, held against Python's own answer."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from modlint.analysis.guards import (
    Truth,
    flags_of,
    is_main_guard,
    never_in_script,
    truth_on_import,
)

FALSE = [
    "__name__ == '__main__'",
    '__name__ == "__main__"',
    "'__main__' == __name__",
    "(__name__ == '__main__')",
    "__name__ is '__main__'",
    "__name__ in ('__main__',)",
    "__name__ in ['__main__']",
    "__name__ in {'__main__'}",
    "'__main__' in __name__",
    "not __name__ != '__main__'",
    "not '__main__' != __name__",
    "not (not (__name__ == '__main__'))",
    "__name__ == '__main__' and X",
    "X and __name__ == '__main__'",
    "__name__ == '__main__' and X and Y",
    "__name__ == '__main__' or __name__ == '__main__'",
    "__name__ == '__main__' or False",
    "TYPE_CHECKING",
    "typing.TYPE_CHECKING",
    "False",
    "0",
    "None",
    "(m := __name__ == '__main__')",
]
TRUE = [
    "__name__ != '__main__'",
    "'__main__' != __name__",
    "not __name__ == '__main__'",
    "__name__ not in ('__main__',)",
    "__name__ != '__main__' or X",
    "not TYPE_CHECKING",
    "not (__name__ == '__main__' and X)",
    "True",
    "1",
    "'text'",
]
UNKNOWN = [
    "X",
    "not X",
    "X and Y",
    "__name__ == '__main__' or X",
    "__name__ != '__main__' and X",
    "__name__",
    "__name__ == 'module'",
    "__name__ == main",
    "__name__ in ('__main__', 'module')",
    "__name__ in names",
    "'x' in globals()",
    "__name__.startswith('__main__')",
    "__file__ == '__main__'",
    "name == '__main__'",
]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        *((text, Truth.FALSE) for text in FALSE),
        *((text, Truth.TRUE) for text in TRUE),
        *((text, Truth.UNKNOWN) for text in UNKNOWN),
    ],
)
def test_truth_on_import(text: str, truth: Truth) -> None:
    assert truth_on_import(ast.parse(text, mode="eval").body) is truth


class _Typing:
    TYPE_CHECKING = False


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("text", FALSE + TRUE)
@pytest.mark.parametrize("other", [False, True])
def test_python_gives_the_same_answer(text: str, other: bool) -> None:
    space: dict[str, Any] = {"X": other, "Y": other, "TYPE_CHECKING": False, "typing": _Typing}
    space["__name__"] = "some_module"
    assert bool(eval(text, space)) is (text in TRUE)


@pytest.mark.parametrize("text", [t for t in FALSE if "__name__" in t])
def test_a_guard_is_an_if_about_the_name(text: str) -> None:
    assert is_main_guard(ast.parse(f"if {text}:\n    pass").body[0])
    assert not is_main_guard(ast.parse(f"while {text}:\n    pass").body[0])


@pytest.mark.parametrize("text", [*TRUE, *UNKNOWN, "False", "TYPE_CHECKING"])
def test_any_other_if_is_none(text: str) -> None:
    assert not is_main_guard(ast.parse(f"if {text}:\n    pass").body[0])


@pytest.mark.parametrize("text", ["__name__ in ()", "__name__ in []"])
def test_an_empty_collection_says_nothing(text: str) -> None:
    assert truth_on_import(ast.parse(text, mode="eval").body) is not Truth.TRUE


#: Statements with a branch that the script never runs; each sets ``ran`` there.
WAITING = [
    "if __name__ != '__main__':\n    ran = 1",
    "if __name__ != '__main__' and X:\n    ran = 1",
    "if __name__ == 'course.module':\n    ran = 1",
    "if __name__ in ('course.module', 'module'):\n    ran = 1",
    "if __name__ == '__main__' or X:\n    pass\nelse:\n    ran = 1",
    "while __name__ != '__main__':\n    ran = 1\n    break",
    "match __name__:\n    case '__main__':\n        pass\n    case _:\n        ran = 1",
    "match __name__:\n    case 'course.module':\n        ran = 1",
    "if not MAIN:\n    ran = 1",
    "if MAIN:\n    pass\nelse:\n    ran = 1",
    "if IMPORTED and X:\n    ran = 1",
]
#: Statements of which the script runs every branch, or may; ``ran`` is set there.
RUNNING = [
    "if __name__ == '__main__':\n    ran = 1",
    "if __name__ == '__main__' and X:\n    pass\nelse:\n    ran = 1",
    "if __name__ in ('__main__', 'module'):\n    ran = 1",
    "if 'main' in __name__:\n    ran = 1",
    "if __name__:\n    ran = 1",
    "if MAIN:\n    ran = 1",
    "if not IMPORTED:\n    ran = 1",
    "match __name__:\n    case '__main__':\n        ran = 1",
    "match __name__:\n    case '__main__' if not X:\n        pass\n    case _:\n        ran = 1",
]
_FLAGS = "MAIN = __name__ == '__main__'\nIMPORTED: bool = __name__ != '__main__'\n"


@pytest.mark.parametrize("text", WAITING + RUNNING)
def test_what_the_script_never_runs(text: str) -> None:
    flags = flags_of(ast.parse(_FLAGS).body)
    assert never_in_script(ast.parse(text).body[0], flags) is (text in WAITING)
    ran = [_script(text, other=other) for other in (False, True)]
    assert any(ran) is (text in RUNNING)


def _script(text: str, *, other: bool) -> bool:
    space: dict[str, Any] = {"__name__": "__main__", "X": other}
    exec(_FLAGS + text, space)
    return "ran" in space


def test_a_name_that_is_bound_twice_is_no_flag() -> None:
    nodes = ast.parse("MAIN = __name__ == '__main__'\nMAIN = True\nOTHER = 1\n").body
    assert flags_of(nodes) == {}
