"""IMP004: where a demo begins and ends, and what is no demo."""

from __future__ import annotations

import pytest

from fixing.running import diagnostics

#: text → the spans (first row, last row) of its demos, and the other diagnostics.
SPANS: dict[str, tuple[str, list[tuple[int, int]], list[tuple[str, int]]]] = {
    "loop": ("for i in [1]:\n    print(i)\n", [(1, 2)], []),
    "while": ("n = 2\nwhile n:\n    print(n)\n    n -= 1\n", [(1, 4)], []),
    "with": ("with open('/dev/null') as f:\n    print(f.name)\n", [(1, 2)], []),
    "try": ("try:\n    print(1 / 0)\nexcept ZeroDivisionError:\n    print('x')\n", [(1, 4)], []),
    "if": ("import sys\nif sys.argv:\n    print('x')\n", [(1, 3)], []),
    "assert": ("assert 1 + 1 == 2\n", [(1, 1)], []),
    "assert with a message": ("x = [1]\nassert x, (\n    'no'\n)\n", [(1, 4)], []),
    "match": ("match 1:\n    case 1:\n        print('x')\n", [(1, 3)], []),
    "object and what is done to it": (
        "class A:\n    def f(self):\n        return 1\na = A()\nprint(a.f())\n",
        [(4, 5)],
        [],
    ),
    "prints and constants among": (
        "print('a')\nn = 3\nfor i in range(n):\n    print(i)\nprint('b')\n",
        [(1, 5)],
        [],
    ),
    "own import directly above": ("import json\nassert json.dumps(1) == '1'\n", [(1, 2)], []),
    "import that another needs": (
        "import json\nassert json.dumps(1) == '1'\ndef f():\n    return json\n",
        [(2, 2)],
        [],
    ),
    "import not its own": ("import json\nassert 1 + 1 == 2\n", [(2, 2)], []),
    "seed": ("import random\nrandom.seed(0)\nassert random.random() < 1\n", [(1, 3)], []),
    "two cells": ("# %%\nassert 1\n# %%\nassert 2\n", [(2, 2), (4, 4)], []),
    "a definition between": (
        "assert 1\ndef f():\n    pass\nassert 2\n",
        [(1, 1), (4, 4)],
        [],
    ),
    "a test call ends it": (
        "def test_x():\n    pass\nassert 1\ntest_x()\n",
        [(3, 3)],
        [("IMP001", 4)],
    ),
    "third-party call": ("import json\njson.dumps(1)\n", [(1, 2)], []),
    "subprocess": ("import subprocess\nout = subprocess.run(['true'])\n", [(1, 2)], []),
    "comment above": ("# a demo\nfor i in [1]:\n    print(i)\n", [(2, 3)], []),
    "loop over an object": (
        "class A:\n    def __iter__(self):\n        return iter([1])\na = A()\n"
        "for i in a:\n    print(i)\n",
        [(4, 6)],
        [],
    ),
}


@pytest.mark.parametrize(("text", "spans", "others"), SPANS.values(), ids=SPANS)
def test_a_demo_is_reported_once_first_line_to_last(
    text: str, spans: list[tuple[int, int]], others: list[tuple[str, int]]
) -> None:
    found = diagnostics(text)
    assert [(d.start.row, d.end.row) for d in found if d.code == "IMP004"] == spans
    assert [(d.code, d.start.row) for d in found if d.code != "IMP004"] == others


QUIET: dict[str, str] = {
    "constants": "EPS = 1e-8\nNAMES: list[str] = ['a']\nN = len(NAMES) + 1\nX, Y = 1, 2\n",
    "tables": "SQUARES = [i * i for i in range(9)]\nBY = {k: v for k, v in zip('ab', 'cd')}\n",
    "imports": "import os\nimport sys as system\nfrom math import *\nfrom typing import Any\n",
    "future": '"""Doc."""\nfrom __future__ import annotations\n',
    "docstring and dots": '"""Doc."""\n...\n\'x\'\n',
    "type variables": (
        "from typing import TypeVar, NewType\nT = TypeVar('T')\nId = NewType('Id', int)\n"
    ),
    "logger": "import logging\nlogger = logging.getLogger(__name__)\nlogger.setLevel('INFO')\n",
    "logging set up": "import logging\nlogging.basicConfig(level=10)\n",
    "sys.path": (
        "import os, sys\nsys.path.insert(0, os.path.join('a', 'b'))\nsys.path.append('c')\n"
    ),
    "sys.path, if": "import sys\nif 'x' not in sys.path:\n    sys.path.append('x')\n",
    "seeds": "import random\nimport numpy as np\nrandom.seed(0)\nnp.random.seed(42)\n",
    "array settings": (
        "import numpy as np\nnp.set_printoptions(precision=3)\nnp.seterr(all='ignore')\n"
    ),
    "warnings": "import warnings\nwarnings.filterwarnings('ignore')\n",
    "environment": "import os\nos.environ['A'] = 'b'\nos.environ.setdefault('A', 'c')\n",
    "recursion limit": "import sys\nsys.setrecursionlimit(10_000)\n",
    "plots": "import matplotlib\nmatplotlib.use('Agg')\n",
    "__all__": "__all__ = ['f']\n__all__ += ['g']\n__all__.append('h')\n",
    "type checking": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from tinytorch.core import Tensor\n"
    ),
    "type checking of a module": "import typing\nif typing.TYPE_CHECKING:\n    import os\n",
    "import fallback": "try:\n    import numpy as np\nexcept ImportError:\n    np = None\n",
    "imports by path": (
        "import os\nif os.path.exists('tinytorch'):\n    from tinytorch.core import Tensor\n"
        "else:\n    from tensor_dev import Tensor\n"
    ),
    "version switch": (
        "import sys\nif sys.version_info >= (3, 11):\n"
        "    import tomllib\nelse:\n    tomllib = None\n"
    ),
    "filled table": "TABLE = {}\nfor i in range(3):\n    TABLE[i] = i * i\n",
    "filled list": "ITEMS = []\nITEMS.append(1)\nITEMS[0] = 2\nITEMS += [3]\n",
    "decorators": (
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(x=len('abc')):\n"
        "    return x\n"
    ),
    "dataclass": (
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: int = 3\n"
        "    y: list[int] = field(default_factory=list)\n"
    ),
    "enum": "from enum import Enum\nclass C(Enum):\n    RED = 1\nDEFAULT = C.RED\n",
    "named tuple": "from collections import namedtuple\nP = namedtuple('P', 'x y')\n",
    "lambda": "square = lambda x: x * x\nshow = lambda: print('x')\n",
    "del": "x = 1\ndel x\n",
    "guard": "if __name__ == '__main__':\n    for i in [1]:\n        print(i)\n    assert i\n",
    "quiet try": "try:\n    N = int('3')\nexcept ValueError:\n    N = 0\n",
    "quiet with": "import warnings\nwith warnings.catch_warnings():\n    import json\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_quiet_set_up_is_not_reported(text: str) -> None:
    assert diagnostics(text) == []


def test_a_check_of_the_python_version_is_no_demo() -> None:
    text = "import sys\nif sys.version_info < (3, 8):\n    raise RuntimeError('too old')\n"
    assert diagnostics(text) == []


def test_an_unguarded_use_elsewhere_is_named() -> None:
    text = "# %%\nx = [1]\nfor i in x:\n    y = i\n    print(y)\n# %%\nZ = [y]\n"
    demos = [d for d in diagnostics(text) if d.code in ("IMP004", "IMP002")]
    assert len(demos) == 1
    # Either the print alone comes under a guard, or the use is named; never is y taken away.
    fix = demos[0].fix
    assert fix is not None or "line 7 needs y" in demos[0].message


HANDLED: dict[str, tuple[str, str]] = {
    "binds what the try binds, too": (
        "    n = 1\nexcept ValueError:\n    n = 2\ndef f():\n    return n\n",
        "while line 7 needs n, which its handler binds",
    ),
    "binds in the else": (
        "except ValueError:\n    pass\nelse:\n    n = 2\ndef f():\n    return n\n",
        "while line 8 needs n, which waits for it",
    ),
    "binds below": (
        "    n = 1\nexcept ValueError:\n    pass\ndef f():\n    return n\n",
        "while line 7 needs n, which waits for it",
    ),
    "binds a name that is needed": (
        "except ValueError:\n    n = 1\ndef f():\n    return n\n",
        "while line 6 needs n, which its handler binds",
    ),
    "changes what a function reads": (
        "except ValueError:\n    T['x'] = 1\nT = {}\ndef f():\n    return T\n",
        "while line 4 needs its exception",
    ),
    "finds modules elsewhere": (
        "except ValueError:\n    sys.path.append('x')\nimport m\n",
        "while line 4 needs its exception",
    ),
}


@pytest.mark.parametrize(("rest", "why"), HANDLED.values(), ids=HANDLED)
def test_what_raises_for_a_handler_is_not_guarded_without_it(rest: str, why: str) -> None:
    (demo,) = [d for d in diagnostics("try:\n    int('x')\n" + rest) if d.code == "IMP004"]
    assert demo.message.endswith(why)
    assert demo.fix is None


FREE: dict[str, str] = {
    "prints do not raise": (
        "try:\n    n = int('1')\n    print('n')\nexcept ValueError:\n    n = 2\n"
        "def f():\n    return n\n"
    ),
    "nor do they fail to import": (
        "try:\n    import m as n\n    print(n.version)\nexcept ImportError:\n    n = None\n"
        "def f():\n    return n\n"
    ),
}


@pytest.mark.parametrize("text", FREE.values(), ids=FREE)
def test_what_a_handler_is_not_needed_for_is_guarded(text: str) -> None:
    (found,) = diagnostics(text)
    assert found.fix is not None
