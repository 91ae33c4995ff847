"""SIG001: whether the end of a function can be reached.

Each text was given to mypy, too: what is silent here has no "Missing return statement"
there, unless the comment says that mypy asks for one that Python never misses.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable

import pytest

from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook import ipynb
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG001 = Settings(select=("SIG001",))

Look = Callable[[str], list[Diagnostic]]

PRELUDE = """\
import argparse
import contextlib
import enum
import os
import sys
import typing as t
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextlib import suppress as quiet
from sys import exit as leave
from typing import AnyStr, Literal, Never, NoReturn, Optional, TypedDict, TypeVar, Union

import pytest
from course.colours import Colour, Mode, is_number


class Gear(enum.Enum):
    PARK = 0
    DRIVE = 1
    BACK = 2

    def step(self) -> int:
        return self.value


class Level(enum.StrEnum):
    LOW = "low"
    HIGH = "high"


class Leaf:
    kind: Literal["leaf"] = "leaf"
    size: int = 1


class Fork:
    kind: Literal["fork"] = "fork"


class Row(TypedDict):
    tag: Literal["row"]


class Column(TypedDict):
    tag: Literal["column"]


Shape = Literal["flat", "deep"]
N = TypeVar("N", int, str)


def gear() -> Gear:
    return Gear.PARK


def refuse(text: str) -> NoReturn:
    raise ValueError(text)


"""


def check(text: str) -> list[Diagnostic]:
    ast.parse(PRELUDE + text)
    return lint(read_text(PRELUDE + text), SIG001)


def check_notebook(text: str) -> list[Diagnostic]:
    """The same as two cells of a notebook."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": str(i), "metadata": {}, "outputs": [],
         "execution_count": None, "source": source}
        for i, source in enumerate((PRELUDE, text))
    ]  # fmt: skip
    data = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return lint(ipynb.read_text(json.dumps(data)), SIG001)


#: What is closed, each with the line that closes it: without that line, SIG001 fires.
CLOSED = {
    "member is": "def f(g: Gear) -> int:\n    if g is Gear.PARK:\n        return 1\n"
    "    elif g is Gear.DRIVE:\n        return 2\n"
    "    elif g is Gear.BACK:\n        return 3\n",
    "member ==": "def f(g: Gear) -> int:\n    if g == Gear.PARK:\n        return 1\n"
    "    if Gear.DRIVE == g:\n        return 2\n"
    "    if g == Gear.BACK:\n        return 3\n",
    "member in": "def f(g: Gear) -> int:\n    if g in (Gear.PARK, Gear.DRIVE):\n        return 1\n"
    "    if g is Gear.BACK:\n        return 3\n",
    "not in": "def f(g: Gear) -> int:\n    if g not in {Gear.PARK, Gear.DRIVE}:\n        return 1\n"
    "    if g is not Gear.BACK:\n        return 3\n",
    "early": "def f(g: Gear) -> int:\n    if g is Gear.PARK:\n        raise ValueError\n"
    "    match g:\n        case Gear.DRIVE:\n            return 1\n"
    "        case Gear.BACK:\n            return 2\n",
    "nested": "def f(g: Gear, deep: bool) -> int:\n    if g is Gear.PARK:\n        return 0\n"
    "    if deep:\n        return 1\n    else:\n"
    "        if g is Gear.DRIVE:\n            return 2\n"
    "        elif g is Gear.BACK:\n            return 3\n",
    "or pattern": "def f(g: Gear) -> int:\n    match g:\n"
    "        case Gear.PARK | Gear.DRIVE:\n            return 1\n"
    "        case Gear.BACK:\n            return 2\n",
    "guard": "def f(g: Gear, n: int) -> int:\n    match g:\n"
    "        case Gear.PARK if n > 1:\n            return 0\n"
    "        case Gear.DRIVE | Gear.BACK:\n            return 1\n"
    "        case Gear.PARK:\n            return 2\n",
    "call": "def f() -> int:\n    match gear():\n"
    "        case Gear.PARK | Gear.DRIVE:\n            return 1\n"
    "        case Gear.BACK:\n            return 2\n",
    "local": "def f() -> int:\n    g = gear()\n    if g is Gear.PARK or g is Gear.DRIVE:\n"
    "        return 1\n    elif g is Gear.BACK:\n        return 2\n",
    "walrus": "def f() -> int:\n    if (g := gear()) in (Gear.PARK, Gear.DRIVE):\n"
    "        return 1\n    elif g is Gear.BACK:\n        return 2\n",
    "literal": "def f(s: Shape) -> int:\n    if s == 'flat':\n        return 1\n"
    "    elif s == 'deep':\n        return 2\n",
    "literal match": "def f(s: Literal[1, 'x', None]) -> int:\n    match s:\n"
    "        case 1 | 'x':\n            return 1\n        case None:\n            return 2\n",
    # mypy does not narrow by `in` here.
    "literal in": "def f(s: Literal['a', 'b', 'c']) -> int:\n    if s in ('a', 'b'):\n"
    "        return 1\n    elif s == 'c':\n        return 2\n",
    "types": "def f(x: int | str | None) -> int:\n    if x is None:\n        return 0\n"
    "    if isinstance(x, int):\n        return 1\n    elif isinstance(x, str):\n"
    "        return 2\n",
    "types and or": "def f(x: Union[int, str, None]) -> int:\n"
    "    if x is None or isinstance(x, int):\n        return 1\n"
    "    elif isinstance(x, str) and x is not None:\n        return 2\n",
    "tuple of types": "def f(x: int | str | bytes) -> int:\n"
    "    if isinstance(x, (int, str)):\n        return 1\n"
    "    elif isinstance(x, bytes):\n        return 2\n",
    "own classes": "def f(x: Leaf | Fork) -> int:\n    match x:\n"
    "        case Leaf(size=n):\n            return n\n        case Fork():\n"
    "            return 0\n",
    "base class": "def f(x: 'Sequence[str] | int') -> int:\n    if isinstance(x, Sequence):\n"
    "        return 1\n    elif isinstance(x, int):\n        return 2\n",
    "constraints": "def f(x: N) -> int:\n    if isinstance(x, int):\n        return 1\n"
    "    elif isinstance(x, str):\n        return 2\n",
    "AnyStr": "def f(x: AnyStr) -> int:\n    if isinstance(x, bytes):\n        return 1\n"
    "    elif isinstance(x, str):\n        return 2\n",
    "tag": "def f(x: Leaf | Fork) -> int:\n    if x.kind == 'leaf':\n        return 1\n"
    "    elif x.kind == 'fork':\n        return 2\n",
    "typed dicts": "def f(x: Row | Column) -> int:\n    if x['tag'] == 'row':\n"
    "        return 1\n    elif x['tag'] == 'column':\n        return 2\n",
    "flag": "def f(ready: bool) -> int:\n    if ready:\n        return 1\n"
    "    elif not ready:\n        return 2\n",
    "flag of two": "def f(ready: bool, g: Gear) -> int:\n    match ready, g:\n"
    "        case True, _:\n            return 1\n"
    "        case False, Gear.PARK | Gear.DRIVE | Gear.BACK:\n            return 2\n",
    "assert": "def f(g: Gear) -> int:\n    if g is Gear.PARK:\n        return 0\n"
    "    assert g is not Gear.DRIVE\n"
    "    if g is Gear.BACK:\n        return 2\n",
    "assert_never": "def f(g: Gear) -> int:\n    if g is Gear.PARK:\n        return 1\n"
    "    elif g is Gear.DRIVE:\n        return 2\n"
    "    t.assert_never(g)\n",
    # mypy does not count the lengths.
    "list": "def f(x: list[int]) -> int:\n    match x:\n        case []:\n            return 1\n"
    "        case [first, *rest]:\n            return first\n",
    "attribute": "class Car:\n    gear: Gear\n\n    def f(self) -> int:\n"
    "        if self.gear is Gear.PARK:\n            return 1\n"
    "        elif self.gear in (Gear.DRIVE, Gear.BACK):\n            return 2\n",
    "made attribute": "class Car:\n    def __init__(self, gear: Gear) -> None:\n"
    "        self.gear = gear\n\n    def f(self) -> int:\n        match self.gear:\n"
    "            case Gear.PARK:\n                return 1\n"
    "            case Gear.DRIVE | Gear.BACK:\n                return 2\n",
    "self": "class Side(enum.Enum):\n    LEFT = 1\n    RIGHT = 2\n\n    def f(self) -> int:\n"
    "        match self:\n            case Side.LEFT:\n                return 1\n"
    "            case Side.RIGHT:\n                return 2\n",
    "closure": "def outer(g: Gear) -> Callable[[], int]:\n    def f() -> int:\n"
    "        if g is Gear.PARK:\n            return 1\n"
    "        elif g is Gear.DRIVE or g is Gear.BACK:\n            return 2\n    return f\n",
    "string enumeration": "def f(x: Level) -> int:\n    if x == 'low':\n        return 1\n"
    "    elif x == Level.HIGH:\n        return 2\n",
    "callable": "def f(x: int | Callable[[], int]) -> int:\n    if callable(x):\n"
    "        return x()\n"
    "    elif isinstance(x, int):\n        return x\n",
}


@pytest.mark.parametrize("look", [check, check_notebook])
@pytest.mark.parametrize("text", CLOSED.values(), ids=CLOSED)
def test_a_chain_that_leaves_nothing_open_is_silent(text: str, look: Look) -> None:
    assert look(text) == []


@pytest.mark.parametrize("look", [check, check_notebook])
@pytest.mark.parametrize("text", CLOSED.values(), ids=CLOSED)
def test_without_its_last_test_the_chain_is_open(text: str, look: Look) -> None:
    """The last test of each is made one that takes nothing of what is left."""
    lines = text.splitlines(keepends=True)
    last = max(
        i
        for i, line in enumerate(lines)
        if line.strip().startswith(("if ", "elif ", "case ", "t.assert_never", "else:"))
    )
    indent = lines[last][: len(lines[last]) - len(lines[last].lstrip())]
    word = lines[last].split()[0].rstrip(":")
    opened = {"case": "case None if gear:\n", "t.assert_never(g)": "print(g)\n"}
    lines[last] = indent + opened.get(word, f"{word} other():\n")
    (found,) = look("".join(lines))
    assert "can end without returning anything" in found.message


#: What another module defines is not known: in doubt, nothing is said.
IMPORTED = {
    "enumeration": "def f(c: Colour) -> int:\n    if c is Colour.RED:\n        return 1\n"
    "    elif c is Colour.BLUE:\n        return 2\n",
    "match": "def f(c: Colour) -> int:\n    match c:\n        case Colour.RED:\n"
    "            return 1\n"
    "        case Colour.BLUE:\n            return 2\n",
    "alias": "def f(m: Mode) -> int:\n    if m == 'a':\n        return 1\n"
    "    elif m == 'b':\n        return 2\n",
    "in": "def f(m: Optional[Mode]) -> int:\n    if m is None:\n        return 0\n"
    "    elif m in ('a', 'b'):\n        return 1\n",
    "own and imported": "def f(x: Leaf | Colour) -> int:\n    if isinstance(x, Leaf):\n"
    "        return 1\n    elif isinstance(x, Colour):\n        return 2\n",
}


@pytest.mark.parametrize("text", IMPORTED.values(), ids=IMPORTED)
def test_what_another_module_may_close_is_silent(text: str) -> None:
    assert check(text) == []


OPEN = {
    "one test of an import": "def f(c: Colour) -> int:\n    if c is Colour.RED:\n"
    "        return 1\n",
    "no annotation": "def f(g) -> int:\n    if g is Gear.PARK:\n        return 1\n"
    "    elif g is Gear.DRIVE:\n        return 2\n    elif g is Gear.BACK:\n        return 3\n",
    "a member is left": "def f(g) -> int:\n    match g:\n        case Gear.PARK:\n"
    "            return 1\n"
    "        case Gear.DRIVE:\n            return 2\n",
    "other value": "def f(g: Gear) -> int:\n    if g is Gear.PARK:\n        return 1\n"
    "    elif g is Gear.DRIVE:\n        return 2\n    elif g is Gear.DRIVE:\n        return 3\n",
    "None is left": "def f(g: Optional[bool] = None) -> int:\n    if g is True:\n        return 1\n"
    "    elif g is False:\n        return 2\n",
    "a default": "def f(g: bool = None) -> int:\n    if g is True:\n        return 1\n"
    "    elif g is False:\n        return 2\n",
    "bound again": "def f(x: int | str) -> int:\n    if isinstance(x, int):\n        return 1\n"
    "    x = 5\n    if isinstance(x, str):\n        return 2\n",
    "bound in a loop": "def f(x: int | str) -> int:\n    if isinstance(x, int):\n        return 1\n"
    "    for x in (1, 2):\n        print(x)\n    if isinstance(x, str):\n        return 2\n",
    "any of a class below": "def f(x: int | str) -> int:\n    if type(x) is int:\n"
    "        return 1\n"
    "    elif type(x) is str:\n        return 2\n",
    "empty string": "def f(x: Optional[str]) -> int:\n    if x:\n        return 1\n"
    "    elif x is None:\n        return 2\n",
    "guarded": "def f(g: Gear, n: int) -> int:\n    match g:\n"
    "        case Gear.PARK | Gear.DRIVE:\n"
    "            return 1\n        case Gear.BACK if n:\n            return 2\n",
    "values inside": "def f(x: Leaf | Fork) -> int:\n    match x:\n        case Leaf(size=1):\n"
    "            return 1\n        case Fork():\n            return 2\n",
    "lengths": "def f(x: list[int]) -> int:\n    match x:\n        case []:\n            return 1\n"
    "        case [a, b, *rest]:\n            return a\n",
    "constants of a class": "class Size:\n    SMALL = 1\n    BIG = 2\n\ndef f(x) -> int:\n"
    "    match x:\n        case Size.SMALL:\n            return 1\n"
    "        case Size.BIG:\n            return 2\n",
    "written for something": "def f(x: Leaf) -> Leaf:\n    if not isinstance(x, Leaf):\n"
    "        print('no leaf')\n    else:\n        return x\n",
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_is_left_open_is_reported(text: str) -> None:
    (found,) = check(text)
    assert "can end without returning anything" in found.message


def test_a_long_chain_is_read() -> None:
    tests = "".join(f"    elif n == {i}:\n        return {i}\n" for i in range(1, 1500))
    text = f"def f(n: int) -> int:\n    if n == 0:\n        return 0\n{tests}"
    assert len(check(text)) == 1
    assert check(f"{text}    else:\n        return -1\n") == []


# --- context managers -------------------------------------------------------------------------

LOOKUP = "    with {}:\n        return table['a']\n"
F = "def f(table: dict[str, int]) -> int:\n" + LOOKUP


def manager(header: str, body: str, name: str = "__exit__") -> str:
    return (
        "class Guard:\n    def __enter__(self):\n        return self\n\n"
        f"    def {name}{header}:\n        {body}\n\n\n"
    )


SWALLOWING = {
    "another name": F.format("quiet(KeyError)"),
    "of several": F.format("open('log') as log, contextlib.suppress(KeyError)"),
    "pytest": F.format("pytest.raises(KeyError)"),
    "own class": manager("(self, *a) -> bool", "return a[0] is KeyError") + F.format("Guard()"),
    "own class bound": manager("(self, *a) -> bool", "return a[0] is KeyError")
    + F.replace("    with", "    guard = Guard()\n    with").format("guard"),
    "own class, inherited": manager("(self, *a) -> bool", "return a[0] is KeyError")
    + "class Other(Guard):\n    pass\n\n\n"
    + F.format("Other()"),
    # mypy trusts an `__exit__` that has no annotation.
    "no annotation": manager("(self, kind, value, trace)", "return True") + F.format("Guard()"),
    "literal": manager("(self, *a) -> Literal[True]", "return True") + F.format("Guard()"),
    "of suppress": "class Guard(quiet):\n    pass\n\n\n" + F.format("Guard(KeyError)"),
    "function": manager("(self, *a) -> bool", "return bool(a)")
    + "def guard() -> Guard:\n    return Guard()\n\n\n"
    + F.format("guard()"),
    # mypy does not look into the generator.
    "generator": "@contextmanager\ndef guard() -> Iterator[None]:\n    try:\n        yield\n"
    "    except KeyError:\n        print('no key')\n\n\n" + F.format("guard()"),
    "generator with suppress": "@contextmanager\ndef guard() -> Iterator[None]:\n"
    "    with quiet(KeyError):\n        yield\n\n\n" + F.format("guard()"),
    # mypy does not look for what is put on the stack.
    "stack": "def f(table: dict[str, int]) -> int:\n    with ExitStack() as stack:\n"
    "        stack.enter_context(quiet(KeyError))\n        return table['a']\n",
    "assertRaises": "class Case(unittest.TestCase):\n    def f(self, table) -> int:\n"
    "        with self.assertRaises(KeyError):\n            return table['a']\n",
    "assertRaisesRegex": "class Case(unittest.TestCase):\n    def f(self, table) -> int:\n"
    "        with self.assertRaisesRegex(KeyError, 'a') as caught:\n"
    "            return table['a']\n",
    "async": manager("(self, *a) -> bool", "return bool(a)", "__aexit__")
    + "async def f(table: dict[str, int]) -> int:\n    async with Guard():\n"
    "        return table['a']\n",
}


@pytest.mark.parametrize("look", [check, check_notebook])
@pytest.mark.parametrize("text", SWALLOWING.values(), ids=SWALLOWING)
def test_a_manager_that_swallows_lets_the_function_end(text: str, look: Look) -> None:
    (found,) = look(text)
    assert found.message == "f() promises int but can end without returning anything"


LETTING_THROUGH = {
    "file": F.format("open('log')"),
    "None": manager("(self, *a) -> None", "print(a)") + F.format("Guard()"),
    "False": manager("(self, *a) -> Literal[False]", "return False") + F.format("Guard()"),
    "bool, but False": manager("(self, *a) -> bool", "return False") + F.format("Guard()"),
    "no annotation": manager("(self, *a)", "self.close()") + F.format("Guard()"),
    "no annotation, False": manager("(self, *a)", "return False") + F.format("Guard()"),
    "generator": "@contextmanager\ndef guard() -> Iterator[None]:\n    try:\n        yield\n"
    "    finally:\n        print('done')\n\n\n" + F.format("guard()"),
    "generator that raises": "@contextmanager\ndef guard() -> Iterator[None]:\n    try:\n"
    "        yield\n    except KeyError as error:\n        raise ValueError from error\n\n\n"
    + F.format("guard()"),
    # contextlib: "generator didn't stop after throw()"
    "generator that yields again": "@contextmanager\ndef guard() -> Iterator[int]:\n    try:\n"
    "        yield 1\n    except KeyError:\n        yield 2\n\n\n" + F.format("guard()"),
    "a name that only sounds so": "@contextmanager\ndef suppress_output() -> Iterator[None]:\n"
    "    yield\n\n\n" + F.format("suppress_output()"),
    "itself": "@contextmanager\ndef guard(n) -> Iterator[None]:\n    with guard(n - 1):\n"
    "        yield\n\n\n" + F.format("guard(3)"),
    "stack": "def f(table: dict[str, int]) -> int:\n    with ExitStack() as stack:\n"
    "        stack.enter_context(open('log'))\n        return table['a']\n",
    "subTest": "class Case(unittest.TestCase):\n    def f(self, table) -> int:\n"
    "        with self.subTest(n=1):\n            return table['a']\n",
    "not for async": manager("(self, *a) -> bool", "return bool(a)")
    + "async def f(table: dict[str, int]) -> int:\n    async with Guard():\n"
    "        return table['a']\n",
    "a value behind it": F.format("quiet(KeyError)") + "    return 0\n",
}


@pytest.mark.parametrize("text", LETTING_THROUGH.values(), ids=LETTING_THROUGH)
def test_a_manager_that_lets_errors_through_is_silent(text: str) -> None:
    assert check(text) == []


# --- calls that do not come back --------------------------------------------------------------

SHOP = (
    "class Shop:\n    def deny(self, name: str) -> NoReturn:\n        raise KeyError(name)\n\n"
    "    @classmethod\n    def absent(cls) -> 'Never':\n        raise TypeError(cls.__name__)\n\n"
    "    @staticmethod\n    def broken() -> t.NoReturn:\n        raise OSError\n\n"
)
ENDLESS = {
    name: SHOP + f"    def f(self, n: int) -> int:\n        if n:\n            return n\n"
    f"        {call}\n"
    for name, call in {
        "self": "self.deny('a')",
        "class": "Shop.deny(self, 'a')",
        "class method": "type(self).absent()",
        "static method": "Shop.broken()",
        "assigned": "value = self.deny('a')",
        "passed on": "print(self.deny('a'))",
        "asked": "if self.deny('a'):\n            return 1",
        "new object": "Shop().deny('a')",
        "parser": "argparse.ArgumentParser().error('a')",
    }.items()
} | {
    "base class": SHOP + "\nclass Stall(Shop):\n    def f(self, n: int) -> int:\n        if n:\n"
    "            return n\n        self.deny('a')\n",
    "super": SHOP + "\nclass Stall(Shop):\n    def f(self, n: int) -> int:\n        if n:\n"
    "            return n\n        super().deny('a')\n",
    "parameter": SHOP + "\ndef f(shop: Shop, n: int) -> int:\n    if n:\n        return n\n"
    "    shop.deny('a')\n",
    "attribute": SHOP + "\nclass Street:\n    def __init__(self) -> None:\n"
    "        self.shop = Shop()\n\n    def f(self, n: int) -> int:\n        if n:\n"
    "            return n\n        self.shop.deny('a')\n",
    "generic base": "class Base(t.Generic[N]):\n    def deny(self) -> NoReturn:\n"
    "        raise KeyError\n\n\nclass Stall(Base[int]):\n    def f(self, n: int) -> int:\n"
    "        if n:\n            return n\n        self.deny()\n",
    "nested": "def f(n: int) -> int:\n    def stop() -> Never:\n        raise ValueError\n\n"
    "    if n:\n        return n\n    stop()\n",
    "handler": "def f(n: str) -> int:\n    try:\n        return int(n)\n    except ValueError:\n"
    "        refuse(n)\n",
    "awaited": "async def stop() -> NoReturn:\n    raise ValueError\n\n\n"
    "async def f(n: int) -> int:\n    if n:\n        return n\n    await stop()\n",
    "another name": "def f(n: int) -> int:\n    if n:\n        return n\n    leave(1)\n",
    "inside another": "def stop(text):\n    print(text)\n    leave(1)\n\n\n"
    "def f(n: int) -> int:\n    if n:\n        return n\n    stop('a')\n",
    "skipTest": "class Case(unittest.TestCase):\n    def f(self, n: int) -> int:\n        if n:\n"
    "            return n\n        self.skipTest('a')\n",
}


@pytest.mark.parametrize("look", [check, check_notebook])
@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_call_that_never_returns_ends_the_function(text: str, look: Look) -> None:
    assert look(text) == []


COMING_BACK = {
    "not awaited": "async def stop() -> NoReturn:\n    raise ValueError\n\n\n"
    "def f(n: int) -> int:\n    if n:\n        return n\n    stop()\n",
    "to be overridden": "class A:\n    def stop(self):\n        raise NotImplementedError\n\n"
    "    def f(self, n: int) -> int:\n        if n:\n            return n\n        self.stop()\n",
    "overridden": SHOP + "\nclass Stall(Shop):\n    def deny(self, name: str) -> int:\n"
    "        return 1\n\n    def f(self, n: int) -> int:\n        if n:\n            return n\n"
    "        self.deny('a')\n",
    "maybe": "def f(n: int) -> int:\n    if n:\n        return n\n    n or refuse('a')\n",
    "own exit": "def exit(n):\n    print(n)\n\n\ndef f(n: int) -> int:\n    if n:\n"
    "        return n\n    exit(1)\n",
    "a local of that name": "def f(n: int, refuse) -> int:\n    if n:\n        return n\n"
    "    refuse('a')\n",
    "a lambda": "def f(n: int) -> int:\n    if n:\n        return n\n"
    "    print(lambda: refuse('a'))\n",
    "itself": "def f(n: int) -> int:\n    if n:\n        return n\n    again(n)\n\n\n"
    "def again(n):\n    f(n)\n",
}


@pytest.mark.parametrize("text", COMING_BACK.values(), ids=COMING_BACK)
def test_a_call_that_may_come_back_is_no_end(text: str) -> None:
    (found,) = check(text)
    assert found.message == "f() promises int but can end without returning anything"


# --- names like those of typing ---------------------------------------------------------------

NAMESAKES = (
    "class Any:\n    pass\n\n\nclass Optional:\n    pass\n\n\nclass Literal:\n    pass\n\n\n"
    "class list:\n    pass\n\n\n"
)
ALIKE = {
    "t.Any": "def f(n) -> t.Any:\n    if n:\n        return n\n    return None\n",
    "t.Optional": "def f(n) -> 't.Optional[int]':\n    if n:\n        return n\n    return None\n",
    "t.Union": "def f(n) -> t.Union[int, None]:\n    if n:\n        return n\n",
    "another module's": "import numpy\n\n\ndef f(n) -> numpy.Any:\n    if n:\n        return n\n",
    "t.Literal": "def f(n) -> t.Literal[None]:\n    if n:\n        return n\n    return None\n",
}


@pytest.mark.parametrize("text", ALIKE.values(), ids=ALIKE)
def test_a_class_of_the_module_is_not_the_type_of_typing(text: str) -> None:
    assert lint(read_text("import typing as t\n\n\n" + NAMESAKES + text), SIG001) == []


@pytest.mark.parametrize("kind", ["Any", "Optional"])
def test_a_type_of_typing_is_not_the_class_of_the_module(kind: str) -> None:
    """As mypy has it: None is no object of the module's own class."""
    text = f"def f(n) -> {kind}:\n    if n:\n        return {kind}()\n    return None\n"
    (found,) = lint(read_text(NAMESAKES + text), SIG001)
    assert found.message.startswith(f"f() promises {kind} but returns None")
