"""SIG001: a return annotation that the body contradicts, and nothing else.

A false alarm is worse than a miss: the long table is what must stay silent.
"""

from __future__ import annotations

import ast

import pytest

from modlint.diagnostics import Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG001 = Settings(select=("SIG001",))

PRELUDE = """\
import abc
import contextlib
import functools
import os
import sys
import typing as t
from typing import (
    Any,
    Callable,
    Dict,
    Generic,
    Iterator,
    List,
    NoReturn,
    Optional,
    Tuple,
    TypeVar,
    Union,
    overload,
)

T = TypeVar("T")
"""
ROWS = PRELUDE.count("\n")


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG001)


def fixed(text: str, *, unsafe: bool = False) -> str:
    file = read_text(text)
    outcome = fix(file, lint(file, SIG001), SIG001, unsafe=unsafe)
    assert outcome.fault == ""
    return outcome.file.text


def runs(text: str) -> bool:
    """Can the module be imported?"""
    exec(compile(text, "module", "exec"), {"__name__": "module"})
    return True


FINE = {
    "opt": "def f(x) -> Optional[int]:\n    if x:\n        return 1\n",
    "union none": "def f(x) -> Union[int, None]:\n    if x:\n        return 1\n",
    "pipe": "def f(x) -> int | None:\n    if x:\n        return 1\n",
    "pipe str": "def f(x) -> 'int | None':\n    if x:\n        return 1\n",
    "nested str": "def f(x) -> Optional['int']:\n    if x:\n        return 1\n",
    "t.Optional": "def f(x) -> t.Optional[int]:\n    if x:\n        return 1\n",
    "any": "def f(x) -> Any:\n    if x:\n        return 1\n",
    "object": "def f(x) -> object:\n    if x:\n        return 1\n",
    "typevar": "def f(x: T) -> T:\n    if x:\n        return x\n",
    "alias opt": "Maybe = Optional[int]\ndef f(x) -> Maybe:\n    if x:\n        return 1\n",
    "type stmt alias": (
        "MaybeL = Union[List[int], None]\ndef f(x) -> MaybeL:\n    if x:\n        return [1]\n"
    ),
    "generator": "def f(x) -> Iterator[int]:\n    yield 1\n",
    "generator ret": "def f(x) -> t.Generator[int, None, str]:\n    yield 1\n    return 'a'\n",
    "yield from": "def f(x) -> t.Iterable[int]:\n    yield from x\n",
    "asyncgen": "async def f(x) -> t.AsyncIterator[int]:\n    yield 1\n",
    "contextmanager": "@contextlib.contextmanager\ndef f(x) -> Iterator[None]:\n    yield\n",
    "noreturn": "def f(x) -> NoReturn:\n    raise ValueError\n",
    "noreturn exit": "def f(x) -> NoReturn:\n    sys.exit(1)\n",
    "raise last": "def f(x) -> int:\n    if x:\n        return 1\n    raise ValueError(x)\n",
    "noimpl": "def f(x) -> int:\n    '''Doc.'''\n    raise NotImplementedError\n",
    "noimpl stub region": (
        "def f(x) -> int:\n    '''Doc.'''\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
    ),
    "pass": "def f(x) -> int:\n    pass\n",
    "ellipsis": "def f(x) -> int: ...\n",
    "empty region": (
        "def f(x) -> int:\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n"
    ),
    "todo stub": "def f(x) -> int:\n    '''Doc.'''\n    # TODO\n    pass\n",
    "abstract": (
        "class A(abc.ABC):\n    @abc.abstractmethod\n    def f(self) -> int:\n        print('x')\n"
    ),
    "overload": (
        "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\n"
        "def f(x):\n    return x\n"
    ),
    "prop": "class A:\n    @property\n    def f(self) -> int:\n        return 1\n",
    "async ok": "async def f(x) -> int:\n    return 1\n",
    "nested": "def f(x) -> None:\n    def g():\n        return 1\n    g()\n",
    "lambda": "def f(x) -> None:\n    g = lambda: 1\n    g()\n",
    "class in fn": (
        "def f(x) -> None:\n    class A:\n        def m(self):\n            return 1\n    A()\n"
    ),
    "while true": "def f(x) -> int:\n    while True:\n        if x:\n            return 1\n",
    "while 1": (
        "def f(x) -> int:\n    while 1:\n        x += 1\n        if x > 3:\n            return x\n"
    ),
    "while true inner break": (
        "def f(x) -> int:\n    while True:\n        for i in x:\n            break\n"
        "        if x:\n            return 1\n"
    ),
    "try both": (
        "def f(x) -> int:\n    try:\n        return int(x)\n    except ValueError:\n"
        "        return 0\n"
    ),
    "try raise": (
        "def f(x) -> int:\n    try:\n        return int(x)\n"
        "    except ValueError as e:\n        raise TypeError from e\n"
    ),
    "finally": (
        "def f(x) -> int:\n    try:\n        return int(x)\n    finally:\n        print('x')\n"
    ),
    "try else": (
        "def f(x) -> int:\n    try:\n        y = int(x)\n    except ValueError:\n"
        "        return 0\n    else:\n        return y\n"
    ),
    "with": "def f(x) -> int:\n    with open(x) as g:\n        return 1\n",
    "with suppress optional": (
        "def f(x) -> Optional[int]:\n    with contextlib.suppress(Exception):\n        return 1\n"
    ),
    "match all": (
        "def f(x) -> int:\n    match x:\n        case 1:\n            return 1\n"
        "        case _:\n            return 2\n"
    ),
    "match capture": (
        "def f(x) -> int:\n    match x:\n        case 1:\n            return 1\n"
        "        case y:\n            return y\n"
    ),
    "match or wildcard": (
        "def f(x) -> int:\n    match x:\n        case 1:\n            return 1\n"
        "        case (2 | _):\n            return 2\n"
    ),
    "sysexit": "def f(x) -> int:\n    if x:\n        return 1\n    sys.exit(2)\n",
    "from sys import exit": (
        "from sys import exit as die\ndef f(x) -> int:\n    if x:\n        return 1\n    die(2)\n"
    ),
    "own noreturn": (
        "def die() -> NoReturn:\n    raise SystemExit\ndef f(x) -> int:\n    if x:\n"
        "        return 1\n    die()\n"
    ),
    "own noreturn method": (
        "class A:\n    def die(self) -> NoReturn:\n        raise SystemExit\n"
        "    def f(self, x) -> int:\n        if x:\n            return 1\n"
        "        self.die()\n"
    ),
    "assert False": "def f(x) -> int:\n    if x:\n        return 1\n    assert False, 'no'\n",
    "assert_never": "def f(x) -> int:\n    if x:\n        return 1\n    t.assert_never(x)\n",
    "if else exhaustive": (
        "def f(x) -> int:\n    if x:\n        return 1\n    elif x is None:\n"
        "        raise ValueError\n    else:\n        return 2\n"
    ),
    "for else": (
        "def f(x) -> int:\n    for i in x:\n        if i:\n            return i\n"
        "    else:\n        return 0\n"
    ),
    "float int": "def f(x) -> float:\n    return 0\n",
    "int bool": "def f(x) -> int:\n    return True\n",
    "complex": "def f(x) -> complex:\n    return 1.0\n",
    "seq list": "def f(x) -> t.Sequence[int]:\n    return [1]\n",
    "iterable tuple": "def f(x) -> t.Iterable[int]:\n    return (1, 2)\n",
    "mapping": "def f(x) -> t.Mapping[str, int]:\n    return {'a': 1}\n",
    "typeddict": "class P(t.TypedDict):\n    a: int\ndef f(x) -> P:\n    return {'a': 1}\n",
    "namedtuple lit": (
        "class P(t.NamedTuple):\n    a: int\n    b: int\ndef f(x) -> P:\n    return P(1, 2)\n"
    ),
    "protocol": (
        "class P(t.Protocol):\n    def __len__(self) -> int: ...\ndef f(x) -> P:\n    return [1]\n"
    ),
    "protocol generic": (
        "class P(t.Protocol[T]):\n    def __len__(self) -> int: ...\n"
        "def f(x) -> P[int]:\n    return [1]\n"
    ),
    "protocol none": (
        "class P(t.Protocol):\n    def __bool__(self) -> bool: ...\ndef f(x) -> P:\n"
        "    return None\n"
    ),
    "hashable": "def f(x) -> t.Hashable:\n    return None\n",
    "enum": "import enum\nclass E(enum.Enum):\n    A = 1\ndef f(x) -> E:\n    return E.A\n",
    "intenum": "import enum\nclass E(enum.IntEnum):\n    A = 1\ndef f(x) -> int:\n    return E.A\n",
    "newtype": "U = t.NewType('U', int)\ndef f(x) -> U:\n    return 1\n",
    "literal": "def f(x) -> t.Literal['a', 'b']:\n    return 'a'\n",
    "literal none": "def f(x) -> t.Literal[None, 1]:\n    if x:\n        return 1\n",
    "tuple var": "def f(x) -> Tuple[int, ...]:\n    return 1, 2, 3\n",
    "tuple empty": "def f(x) -> Tuple[()]:\n    return ()\n",
    "tuple bare": "def f(x) -> tuple:\n    return 1, 2\n",
    "tuple star": "def f(x) -> Tuple[int, int]:\n    return (*x,)\n",
    "tuple union": (
        "def f(x) -> Union[Tuple[int, int], Tuple[int, int, int]]:\n    return 1, 2, 3\n"
    ),
    "tuple opt": "def f(x) -> Optional[Tuple[int, int]]:\n    return None\n",
    "callable": (
        "def f(x) -> Callable[[int], int]:\n    def g(y):\n        return y\n    return g\n"
    ),
    "dec returns": (
        "def f(x) -> Callable:\n    @functools.wraps(x)\n    def g():\n        pass\n    return g\n"
    ),
    "self none call": "def f(x) -> None:\n    return print(x)\n",
    "await none": "async def f(x) -> None:\n    return await x\n",
    "none cond": "def f(x) -> None:\n    return None if x else None\n",
    "none and": "def f(x) -> None:\n    return x and print(x)\n",
    "none name": "def f(x) -> None:\n    y = None\n    return y\n",
    "none attr": "def f(self) -> None:\n    return self.nothing\n",
    "none sub": "def f(d) -> None:\n    return d['x']\n",
    "__init__": "class A:\n    def __init__(self) -> None:\n        self.x = 1\n",
    "str none annotation": "def f(x) -> 'None':\n    print(x)\n",
    "alias None": "Nothing = None\ndef f(x) -> Nothing:\n    print(x)\n",
    "annotated": "def f(x) -> t.Annotated[Optional[int], 'x']:\n    if x:\n        return 1\n",
    "awaitable": "def f(x) -> t.Awaitable[None]:\n    return x\n",
    "typeguard": "def f(x) -> t.TypeGuard[int]:\n    return True\n",
    "own class none": "class A:\n    pass\ndef f(x) -> A:\n    return A()\n",
    "own class list sub": "class A(list):\n    pass\ndef f(x) -> A:\n    return [1]\n",
    "self type": "class A:\n    def f(self) -> 'A':\n        return self\n",
    "generic own": "class Box(Generic[T]):\n    pass\ndef f(x) -> 'Box[int]':\n    return Box()\n",
    "shadowed list": "class list:\n    pass\ndef f(x) -> list:\n    return list()\n",
    "shadowed own class": "class str:\n    pass\ndef f(x) -> str:\n    return str()\n",
    "np float": "import numpy as np\ndef f(x) -> np.float32:\n    return 0.5\n",
    "np.bool": "import numpy as np\ndef f(x) -> np.bool_:\n    return True\n",
    "np str attr": "import numpy as np\ndef f(x) -> np.str:\n    return 1\n",
    "os.PathLike": "def f(x) -> os.PathLike[str]:\n    return 'x'\n",
    "while cond else": (
        "def f(x) -> int:\n    while x:\n        x -= 1\n    else:\n        return 1\n"
    ),
    "nested try finally return": (
        "def f(x) -> int:\n    try:\n        print(x)\n    finally:\n        return 1\n"
    ),
    "dead code": "def f(x) -> int:\n    return 1\n    print('never')\n",
    "conditional None const false": (
        "def f(x) -> int:\n    if False:\n        return None\n    return 1\n"
    ),
    "after raise return None": "def f(x) -> int:\n    raise ValueError\n    return None\n",
    "TYPE_CHECKING": (
        "def f(x) -> int:\n    if t.TYPE_CHECKING:\n        return 1\n    else:\n        return 2\n"
    ),
    "with pytest raises": (
        "def f(x) -> int:\n    with suppress(ValueError):\n        return 1\n    return 2\n"
    ),
    "yield in lambda": "def f(x) -> int:\n    g = lambda: (yield)\n    return 1\n",
    "comp": "def f(x) -> List[int]:\n    return [i for i in x]\n",
    "cast": "def f(x) -> int:\n    return t.cast(int, None)\n",
    "matmul": "def f(x) -> str:\n    return x @ x\n",
    "neg": "def f(x) -> float:\n    return -1\n",
    "fixture": "import pytest\n@pytest.fixture\ndef f(x) -> int:\n    yield 1\n",
    "frozenset": "def f(x) -> t.AbstractSet[int]:\n    return {1}\n",
    "bytes": "def f(x) -> t.ByteString:\n    return b'1'\n",
    "type": "def f(x) -> type:\n    return int\n",
    "while True with return in try": (
        "def f(x) -> int:\n    while True:\n        try:\n            return int(x)\n"
        "        except ValueError:\n            continue\n"
    ),
    "match enum exhaustive": (
        "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\ndef f(x: E) -> int:\n"
        "    match x:\n        case E.A:\n            return 1\n        case E.B:\n"
        "            return 2\n"
    ),
    "if enum exhaustive": (
        "def f(x: bool) -> int:\n    if x is True:\n        return 1\n"
        "    elif x is False:\n        return 2\n"
    ),
    "walrus": "def f(x) -> None:\n    return (y := None)\n",
    "ParamSpec": "def f(x) -> Callable[..., T]:\n    return x\n",
    "dunder exit": "class A:\n    def __exit__(self, *a) -> Optional[bool]:\n        print(a)\n",
    "conditional sys.exit in else": (
        "def f(x) -> int:\n    if x:\n        return 1\n    else:\n"
        "        print('bad')\n        os._exit(1)\n"
    ),
    "raise SystemExit helper": (
        "def die(msg):\n    raise SystemExit(msg)\ndef f(x) -> int:\n    if x:\n"
        "        return 1\n    die('x')\n"
    ),
    "parser error": (
        "import argparse\nparser = argparse.ArgumentParser()\ndef f(x) -> int:\n"
        "    if x:\n        return 1\n    parser.error('x')\n"
    ),
    "self.fail": (
        "import unittest\nclass A(unittest.TestCase):\n    def f(self, x) -> int:\n"
        "        if x:\n            return 1\n        self.fail('x')\n"
    ),
    "pytest.fail": "def f(x) -> int:\n    if x:\n        return 1\n    pytest.fail('x')\n",
    "noreturn delegates": "def f(p) -> NoReturn:\n    p.error('x')\n",
    "property setter": (
        "class A:\n    @property\n    def x(self) -> int:\n        return 1\n"
        "    @x.setter\n    def x(self, v) -> None:\n        self._x = v\n"
    ),
    "print only scaffold": "def f(x) -> int:\n    '''Doc'''\n    print('TODO: implement')\n",
    "log then raise": "def f(x) -> int:\n    print('todo')\n    raise NotImplementedError('x')\n",
    "local list": "def f(x) -> Dict:\n    r = []\n    r = {}\n    return r\n",
    "local augmented": (
        "def f(x) -> float:\n    total = 0\n    for i in x:\n        total += i\n    return total\n"
    ),
    "local str then int": (
        "def f(x) -> int:\n    n = ''\n    for n in x:\n        pass\n    return n\n"
    ),
    "local nonlocal": (
        "def f(x) -> str:\n    r = []\n    def g():\n        nonlocal r\n"
        "        r = 'a'\n    g()\n    return r\n"
    ),
    "local except": (
        "def f(x) -> str:\n    r = []\n    try:\n        x()\n"
        "    except ValueError as r:\n        return r\n    return str(r)\n"
    ),
    "local def": "def f(x) -> Callable:\n    r = 1\n    def r():\n        return 2\n    return r\n",
    "local match": (
        "def f(x) -> str:\n    r = []\n    match x:\n        case [r]:\n"
        "            pass\n    return r\n"
    ),
    "local global": "r = []\ndef f(x) -> str:\n    global r\n    r = []\n    x()\n    return r\n",
    "parameter": "def f(x: str) -> str:\n    if not x:\n        x = []\n    return x\n",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_may_be_right_is_silent(text: str) -> None:
    ast.parse(text)
    assert check(PRELUDE + text) == []


# Text, row of the annotation, message (LINE is the row that it names), the new annotation
# and how far it can be trusted.
WRONG: dict[str, tuple[str, int, str, tuple[str, str] | None]] = {
    "none value": (
        "def f(x) -> None:\n    return 1\n",
        1,
        "f() promises None but returns a value on line 2",
        ("int", "safe"),
    ),
    "none list": (
        "def f(x) -> None:\n    return [x]\n",
        1,
        "f() promises None but returns a value on line 2",
        ("list", "safe"),
    ),
    "none own class": (
        "class A: pass\ndef f(x) -> None:\n    return A()\n",
        2,
        "f() promises None but returns a value on line 3",
        None,
    ),
    "none opt": (
        "def f(x) -> None:\n    if x:\n        return 1\n",
        1,
        "f() promises None but returns a value on line 3",
        ("Optional[int]", "unsafe"),
    ),
    "none strs": (
        "def f(x) -> 'None':\n    return 'a'\n",
        1,
        "f() promises None but returns a value on line 2",
        ("str", "safe"),
    ),
    "fall": (
        "def f(x) -> int:\n    if x:\n        return 1\n",
        1,
        "f() promises int but can end without returning anything",
        ("Optional[int]", "unsafe"),
    ),
    "fall list": (
        "def f(x) -> List[int]:\n    for i in x:\n        return [i]\n",
        1,
        "f() promises List[int] but can end without returning anything",
        ("Optional[List[int]]", "unsafe"),
    ),
    "explicit": (
        "def f(x) -> int:\n    if x:\n        return None\n    return 1\n",
        1,
        "f() promises int but returns None on line 3",
        ("Optional[int]", "safe"),
    ),
    "never": (
        "def f(x) -> Dict[str, int]:\n    print(x)\n",
        1,
        "f() promises Dict[str, int] but never returns a value",
        ("None", "unsafe"),
    ),
    "bare return": (
        "def f(x) -> int:\n    if x:\n        return\n    return 1\n",
        1,
        "f() promises int but returns None on line 3",
        ("Optional[int]", "unsafe"),
    ),
    "arity": (
        "def f(x) -> Tuple[int, int]:\n    return x, x, x\n",
        1,
        "f() promises Tuple[int, int] but returns 3 values on line 2",
        None,
    ),
    "arity opt": (
        "def f(x) -> Optional[Tuple[int, int]]:\n    return x, x, x\n",
        1,
        "f() promises Optional[Tuple[int, int]] but returns 3 values on line 2",
        None,
    ),
    "arity lower": (
        "def f(x) -> tuple[int, int]:\n    return (x,)\n",
        1,
        "f() promises tuple[int, int] but returns 1 values on line 2",
        None,
    ),
    "lit": (
        "def f(x) -> int:\n    return 'a'\n",
        1,
        "f() promises int but returns a str on line 2",
        ("str", "safe"),
    ),
    "lit dict": (
        "def f(x) -> List[int]:\n    return {'a': x}\n",
        1,
        "f() promises List[int] but returns a dict on line 2",
        ("dict", "safe"),
    ),
    "lit in opt": (
        "def f(x) -> Optional[int]:\n    return 'a'\n",
        1,
        "f() promises Optional[int] but returns a str on line 2",
        ("str", "safe"),
    ),
    "lit tuple": (
        "def f(x) -> float:\n    return x, x\n",
        1,
        "f() promises float but returns a tuple on line 2",
        ("tuple", "safe"),
    ),
    "float for int": (
        "def f(x) -> int:\n    return 0.5\n",
        1,
        "f() promises int but returns a float on line 2",
        ("float", "safe"),
    ),
    "generator": (
        "def f(x) -> int:\n    yield 1\n",
        1,
        "f() promises int but is a generator",
        None,
    ),
    "generator none": (
        "def f(x) -> None:\n    yield 1\n",
        1,
        "f() promises None but is a generator",
        None,
    ),
    "noreturn": (
        "def f(x) -> NoReturn:\n    return 1\n",
        1,
        "f() promises never to return but does",
        None,
    ),
    "async": (
        "async def f(x) -> int:\n    print(x)\n",
        1,
        "f() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "method": (
        "class A:\n    def m(self) -> int:\n        print(self)\n",
        2,
        "m() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "nested": (
        "def g():\n    def f(x) -> int:\n        print(x)\n    return f\n",
        2,
        "f() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "while break": (
        "def f(x) -> int:\n    while True:\n        if x:\n            break\n",
        1,
        "f() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "try swallow": (
        (
            "def f(x) -> int:\n    try:\n        return int(x)\n    except ValueError:\n"
            "        print('bad')\n"
        ),
        1,
        "f() promises int but can end without returning anything",
        ("Optional[int]", "unsafe"),
    ),
    "with suppress": (
        "def f(x) -> int:\n    with contextlib.suppress(ValueError):\n        return int(x)\n",
        1,
        "f() promises int but can end without returning anything",
        ("Optional[int]", "unsafe"),
    ),
    "match open": (
        "def f(x) -> int:\n    match x:\n        case 1:\n            return 1\n",
        1,
        "f() promises int but can end without returning anything",
        ("Optional[int]", "unsafe"),
    ),
    "own class": (
        "class A: pass\ndef f(x) -> A:\n    return 1\n",
        2,
        "f() promises A but returns an int on line 3",
        ("int", "safe"),
    ),
    "own class like a builtin": (
        "class str: pass\ndef f(x) -> str:\n    return 'a'\n",
        2,
        "f() promises str but returns a str on line 3",
        None,
    ),
    "own class none": (
        "class A: pass\ndef f(x) -> 'A':\n    print(x)\n",
        2,
        "f() promises A but never returns a value",
        ("None", "unsafe"),
    ),
    "multi line": (
        "def f(\n    x,\n) -> int:\n    return 'a'\n",
        3,
        "f() promises int but returns a str on line 4",
        ("str", "safe"),
    ),
    "init": (
        "class A:\n    def __init__(self) -> int:\n        self.x = 1\n",
        2,
        "__init__() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "local list": (
        "def f(x) -> Dict:\n    r = []\n    r.append(x)\n    return r\n",
        1,
        "f() promises Dict but returns a list on line 4",
        ("list", "safe"),
    ),
    "both none": (
        "def f(x) -> None:\n    if x:\n        return 1\n    return 2\n",
        1,
        "f() promises None but returns a value on line 3",
        ("int", "safe"),
    ),
    "no value bytes": (
        "def f(x) -> str:\n    return b'x'\n",
        1,
        "f() promises str but returns a bytes on line 2",
        ("bytes", "safe"),
    ),
    "fstring": (
        "def f(x) -> int:\n    return f'{x}'\n",
        1,
        "f() promises int but returns a str on line 2",
        ("str", "safe"),
    ),
    "union": (
        "def f(x) -> Union[int, float]:\n    return 'a'\n",
        1,
        "f() promises Union[int, float] but returns a str on line 2",
        ("str", "safe"),
    ),
    "cond own": (
        "def f(x) -> None:\n    return 1 if x else 2\n",
        1,
        "f() promises None but returns a value on line 2",
        None,
    ),
    "binop": (
        "def f(x) -> None:\n    return x + 1\n",
        1,
        "f() promises None but returns a value on line 2",
        None,
    ),
    "prop": (
        "class A:\n    @property\n    def f(self) -> int:\n        print('x')\n",
        3,
        "f() promises int but never returns a value",
        ("None", "unsafe"),
    ),
    "opt wrong none of both": (
        "def f(x) -> Optional[int]:\n    return [1]\n",
        1,
        "f() promises Optional[int] but returns a list on line 2",
        ("list", "safe"),
    ),
}


@pytest.mark.parametrize(("text", "row", "message", "mended"), WRONG.values(), ids=WRONG)
def test_a_contradiction_is_reported_at_the_annotation(
    text: str, row: int, message: str, mended: tuple[str, str] | None
) -> None:
    (found,) = check(PRELUDE + text)
    annotation = next(
        n.returns
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.returns is not None
    )
    assert (found.start.row - ROWS, found.start.column) == (row, annotation.col_offset + 1)
    words, _, line = found.message.partition(" on line ")
    expected, _, expected_line = message.partition(" on line ")
    assert words == expected
    assert (str(int(line) - ROWS) if line else "") == expected_line
    given = found.fix and (found.fix.message.split(" as ")[1], str(found.fix.applicability))
    assert given == mended


@pytest.mark.parametrize(("text", "row", "message", "mended"), WRONG.values(), ids=WRONG)
def test_a_fix_writes_the_annotation_and_nothing_else(
    text: str, row: int, message: str, mended: tuple[str, str] | None
) -> None:
    before = PRELUDE + text
    is_safe = mended is not None and mended[1] == "safe"
    assert (fixed(before) != before) is is_safe
    after = fixed(before, unsafe=True)
    if mended is None:
        assert after == before
        return
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True)
        if old != new
    ]
    (pair,) = changed
    assert before.split("\n")[ROWS + row - 1] == pair[0]
    assert f"-> {mended[0]}:" in pair[1]
    assert runs(after)
    assert check(after) == []
    assert fixed(after, unsafe=True) == after


def test_a_quoted_annotation_stays_quoted() -> None:
    text = (
        'def f(x) -> "A":\n    if x:\n        return None\n    return A()\n\nclass A:\n    pass\n'
    )
    assert fixed("from typing import Optional\n\n" + text) == (
        "from typing import Optional\n\n" + text.replace('"A"', "Optional['A']", 1)
    )
    assert runs(fixed(text))


def test_comments_and_layout_of_the_header_stay() -> None:
    text = "def f(x,  # the x\n      y=1) -> int:  # result\n    return 'a'\n"
    assert fixed(text) == text.replace("-> int", "-> str")


def test_the_import_of_optional_comes_with_it() -> None:
    text = "def f(x) -> int:\n    if x:\n        return None\n    return 1\n"
    assert fixed(text) == "from typing import Optional\n\n" + text.replace("int", "Optional[int]")


def test_functions_on_one_line_are_told_apart() -> None:
    text = "def f(x) -> int: return 'a'\ndef g(x) -> str: return 1\n"
    assert fixed(text) == "def f(x) -> str: return 'a'\ndef g(x) -> int: return 1\n"


def test_each_branch_of_a_conditional_definition_is_mended() -> None:
    text = "if x:\n    def f() -> int: return 'a'\nelse:\n    def f() -> int: return 1\n"
    assert fixed(text) == text.replace("int: return 'a'", "str: return 'a'")


def test_rows_of_a_notebook_cell_are_rows_of_the_file() -> None:
    text = "# %%\nx = 1\n\n# %% [markdown]\n# Text\n\n# %%\ndef f() -> int:\n    return 'a'\n"
    (found,) = check(text)
    assert (found.cell, found.start.row, found.start.column) == (2, 8, 12)


def test_a_cell_torn_by_an_indented_marker_is_read_and_left() -> None:
    text = "# %%\ndef f() -> int:\n    x = 1\n    # %% part\n    return 'a'\n"
    (found,) = check(text)
    assert "returns a str" in found.message
    assert (found.start.row, found.fix) == (2, None)


def test_an_unannotated_function_promises_nothing() -> None:
    assert check("def f(x):\n    if x:\n        return 1\n") == []
