"""EXP006: names that nobody binds, and the many ways in which names are bound."""

from __future__ import annotations

import contextlib
import io

import pytest

from exporting import found, notebook
from grading import PLAIN, GradedCell, percent, role, stored
from modlint.linting import lint
from modlint.notebook.kinds import Kind, Purpose
from modlint.settings import Settings

CODE = "EXP006"
HEAD = "# %%\n"

UNDEFINED = {
    "call": "missing()",
    "in a function": "def f():\n    return missing",
    "in a method": "class A:\n    def f(self):\n        return missing",
    "annotation": "def f(a: missing):\n    return a",
    "default": "def f(a=missing):\n    return a",
    "base": "class A(missing):\n    pass",
    "decorator": "@missing\ndef f():\n    pass",
    "attribute": "missing.x = 1",
    "augmented": "missing += [1]",
    "local of another function": "def f():\n    missing = 1\n    return missing\n"
    "def g():\n    return missing",
    "a method's class name": "class A:\n    missing = 1\n    def f(self):\n        return missing",
    "in a try that catches something else": "def f():\n    try:\n        missing()\n"
    "    except ValueError:\n        pass",
    "in a guard": 'if __name__ == "__main__":\n    missing()',
    "f-string": "def f():\n    return f'{missing}'",
}
DEFINED = {
    "below": "def f():\n    return later\n\n# %%\nlater = 1",
    "import": "import os.path\nos",
    "import as": "import os as system\nsystem",
    "for": "for i in range(3):\n    pass\ni",
    "with": "import contextlib\nwith contextlib.nullcontext(1) as value:\n    pass\nvalue",
    "walrus": "if (n := 3):\n    pass\nn",
    "walrus in a comprehension": "[(last := v) for v in [1]]\nlast",
    "match": "match [1, 2]:\n    case [first, *rest]:\n        pass\n"
    "    case {'a': a, **more}:\n        pass\n"
    "def f():\n    return first, rest, a, more",
    "except": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)",
    "conditional": "import sys\nif sys.platform:\n    name = 1\nname",
    "fallback": "try:\n    import json as j\nexcept ImportError:\n    j = None\nj",
    "type checking": "from typing import TYPE_CHECKING\n"
    "if TYPE_CHECKING:\n    from typing import Any\n"
    "def f(a: 'Any'):\n    return a",
    "global": "def f():\n    global made\n    made = 1\ndef g():\n    return made",
    "nonlocal": "def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 2\n"
    "    return n",
    "star import": "from math import *\npi",
    "exec": "exec('name = 1')\nname",
    "globals": "globals()['name'] = 1\nname",
    "asked for": "if 'name' in globals():\n    name",
    "caught": "try:\n    name\nexcept NameError:\n    name = 1",
    "caught bare": "try:\n    name\nexcept:\n    pass",
    "deleted": "x = 1\ndel x",
    "class scope": "class A:\n    x = 1\n    y = x\n    z = __qualname__",
    "class cell": "class A:\n    def f(self):\n        return __class__",
    "comprehension": "[x + y for x in [1] for y in [x]]",
    "lambda": "(lambda a, *b, c=1, **d: (a, b, c, d))(1)",
    "module": "__name__, __doc__",
    "script": "def f():\n    return __file__",
    "type alias": "Vector = list[int]\ndef f(a: Vector):\n    return a",
    "local annotation": "def f():\n    a: Nowhere = 1\n    return a",
    "builtins": "def f():\n    return print, ExceptionGroup, exit, WindowsError",
}  # fmt: skip


@pytest.mark.parametrize("code", UNDEFINED.values(), ids=UNDEFINED)
def test_an_undefined_name_is_reported_once(code: str) -> None:
    (diagnostic,) = found(HEAD + code + "\n", CODE)
    assert "no cell defines or imports missing" in diagnostic.message


@pytest.mark.parametrize("code", DEFINED.values(), ids=DEFINED)
def test_a_defined_name_is_not_reported(code: str) -> None:
    text = HEAD + code + "\n"
    assert found(text, CODE) == []
    with contextlib.redirect_stdout(io.StringIO()):  # Python agrees
        exec(compile(text, "module", "exec"), {"__name__": "module"})


def test_all_uses_of_a_name_are_one_diagnostic() -> None:
    text = HEAD + "def f():\n    return gone\n\n# %%\ndef g():\n    return gone\ngone\n"
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.start.row, diagnostic.start.column) == (3, 12)
    assert "when this is called (and in 2 more places)" in diagnostic.message


def test_the_notebook_stops_with_the_name_error() -> None:
    text = HEAD + "gone\n"
    (diagnostic,) = found(text, CODE)
    assert "NameError when this runs" in diagnostic.message
    with pytest.raises(NameError, match="gone"):
        exec(compile(text, "module", "exec"), {})


@pytest.mark.parametrize(
    "cell", ["display(1)", "get_ipython()", "Out[1], In[1]", "_, __, _12, _i3, _ih"]
)
def test_ipython_gives_these(cell: str) -> None:
    assert found(notebook(cell), CODE) == []


@pytest.mark.parametrize("magic", ["%run other.py", "%pylab", "%%capture name\n1", "name = !ls"])
def test_magics_that_bind_names(magic: str) -> None:
    assert found(notebook(magic, "name"), CODE) == []


def test_other_magics_bind_nothing() -> None:
    assert len(found(notebook("%matplotlib inline\n!ls", "name"), CODE)) == 1


def test_a_cell_that_does_not_parse_may_bind_anything_it_mentions() -> None:
    text = HEAD + "def helper(:\n    pass\n\n# %%\nhelper()\nother()\n"
    assert ["other" in d.message for d in found(text, CODE)] == [True]


def test_code_in_a_markdown_cell_is_cel006s() -> None:
    text = '# %% [markdown]\n"""\nText\n"""\nBITS = 8\n\n# %%\nBITS\n'
    assert found(text, CODE) == []


def test_a_plain_python_file_is_for_other_linters() -> None:
    assert found("gone\n", CODE) == []


@pytest.mark.parametrize(
    "body",
    [
        "raise NotImplementedError()\n    return result",
        "if x:\n        raise ValueError(x)\n        print(result)\n    return x",
        "return x\n    print(result)",
        "for n in x:\n        return n\n        print(result)",
    ],
)
def test_what_stands_behind_a_raise_is_not_reached(body: str) -> None:
    assert found(f"# %%\ndef half(x):\n    {body}\n", CODE) == []


def test_what_stands_beside_a_raise_is_reached() -> None:
    text = "# %%\ndef half(x):\n    if x:\n        raise OSError\n    return result\n"
    assert len(found(text, CODE)) == 1


# --- in a release, the answers are still to come ------------------------------------------------

_SOLUTION = role(solution=True, grade_id="answer")
_TEST: GradedCell = ("code", role(grade=True, points=2, grade_id="test"), "assert half(4) == 2\n")
_STUB = "# YOUR CODE HERE\nraise NotImplementedError()\n"


def _missing(kind: Kind, *cells: GradedCell) -> list[str]:
    settings = Settings(select=(CODE,), purpose=Purpose(kind))
    names = [
        [d.message.partition("imports ")[2].partition(":")[0] for d in lint(make(cells), settings)]
        for make in (percent, stored)
    ]
    assert names[0] == names[1]
    return names[0]


@pytest.mark.parametrize("kind", [Kind.RELEASE, Kind.SUBMISSION])
@pytest.mark.parametrize(
    "answer",
    [
        _STUB,
        "",
        "# Write half here.\n",
        "...\n",
        "def quarter(x):\n    " + _STUB.replace("\n", "\n    ").rstrip() + "\n",
        "step = 1\n" + _STUB + "print(half(step))\n",
        'raise NotImplementedError("half")\n',
    ],
    ids=["stub", "empty", "comment", "dots", "in a function", "amid code", "own stub"],
)
def test_what_a_student_is_to_write_is_not_missing(kind: Kind, answer: str) -> None:
    assert _missing(kind, ("code", _SOLUTION, answer), _TEST) == []
    assert _missing(Kind.ASSIGNMENT, ("code", PLAIN, "x = 1\n"), _TEST) == ["half"]


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([("code", _SOLUTION, "def hlaf(x):\n    return x / 2\n"), _TEST], ["half"]),
        ([("code", PLAIN, "print(start)\n"), ("code", _SOLUTION, _STUB), _TEST], ["start"]),
        ([("code", PLAIN, _STUB), _TEST], ["half"]),
        ([_TEST, ("code", _SOLUTION, _STUB)], ["half"]),
        ([("markdown", role(solution=True, grade=True, points=1), "Why?\n"), _TEST], ["half"]),
    ],
    ids=["misspelt answer", "above", "no answer cell", "test above", "answer in words"],
)
def test_what_no_open_answer_can_bring_is_missing(
    cells: list[GradedCell], names: list[str]
) -> None:
    assert _missing(Kind.SUBMISSION, *cells) == names
