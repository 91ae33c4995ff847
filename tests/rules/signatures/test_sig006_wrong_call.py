"""SIG006: a call that Python refuses, told from the text; Python itself is asked, too."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG006 = Settings(select=("SIG006",), ignore=("CEL008",))
SCALE = "def scale(x, bits=8, *, signed):\n    return x\n\n\n"
LAYER = (
    "class Layer:\n"
    "    def __init__(self, size):\n        self.size = size\n\n"
    "    def forward(self, x):\n        return x\n\n"
    "    @staticmethod\n    def zero(n):\n        return n\n\n"
    "    @classmethod\n    def square(cls, n):\n        return cls(n)\n\n\n"
)


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG006)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("scale(1)", "is called without 'signed'"),
        ("scale(signed=True)", "is called without 'x'"),
        ("scale()", "is called without 'x', 'signed'"),
        ("scale(1, 2, 3, signed=True)", "takes 1 to 2 positional arguments, not 3"),
        ("scale(1, sign=True)", "is called with 'sign', which it does not take"),
        ("scale(1, x=2, signed=True)", "is given 'x' twice"),
        ("scale(*[1], sign=True)", "is called with 'sign', which it does not take"),
        ("scale(1, 2, 3, **{'signed': 1})", "takes 1 to 2 positional arguments, not 3"),
    ],
)
def test_a_call_that_python_refuses_is_reported(call: str, why: str) -> None:
    (found,) = check(f"{SCALE}y = {call}\n")
    assert found.message == f"scale() of line 1 {why}"
    assert (found.start.row, found.start.column) == (5, 5)
    assert found.fix is None
    with pytest.raises(TypeError):
        exec(f"{SCALE}y = {call}\n", {})


@pytest.mark.parametrize(
    "call",
    [
        "scale(1, signed=True)",
        "scale(1, 2, signed=True)",
        "scale(bits=1, x=2, signed=True)",
        "scale(*[1, 2], signed=True)",
        "scale(1, **{'signed': True})",
        "scale(**{'x': 1, 'signed': True})",
    ],
)
def test_a_call_that_fits_is_silent(call: str) -> None:
    assert check(f"{SCALE}y = {call}\n") == []
    exec(f"{SCALE}y = {call}\n", {})


@pytest.mark.parametrize(
    ("use", "name"),
    [
        ("Layer()\n", "Layer()"),
        ("Layer(1).forward()\n", "Layer(1).forward()"),
        ("def f():\n    layer = Layer(1)\n    return layer.forward()\n", "layer.forward()"),
        ("def f():\n    return [Layer(1).forward(1, 2) for i in range(3)]\n", "Layer(1).forward()"),
        ("Layer(1).zero()\n", "Layer(1).zero()"),
        ("Layer(1).square()\n", "Layer(1).square()"),
        ("class Deep(Layer):\n    pass\n\n\nDeep()\n", "Deep()"),
        ("class Deep(Layer):\n    def __init__(self):\n        pass\n\n\nDeep(1)\n", "Deep()"),
        ("class Empty:\n    x = 1\n\n\nEmpty(1)\n", "Empty()"),
        ("@len\ndef f():\n    return Layer()\n", "Layer()"),
        (
            "class Own:\n    def a(self, x):\n        return x\n\n"
            "    def b(self):\n        return self.a()\n",
            "self.a()",
        ),
    ],
)
def test_classes_and_methods_are_known(use: str, name: str) -> None:
    (found,) = check(LAYER + use)
    assert found.message.startswith(f"{name} of line ")


@pytest.mark.parametrize(
    "use",
    [
        "Layer(1).forward(2)\nLayer(1).zero(2)\nLayer(1).square(2)\n",
        "def f(layer):\n    return layer.forward()\n",
        "def f():\n    layer = Layer(1)\n    layer = len\n    return layer.forward()\n",
        "def f(Layer):\n    return Layer()\n",
        "def f():\n    Layer = len\n    return Layer()\n",
        "[Layer() for Layer in [len]]\n",
        "Layer = len\nLayer()\n",
        "from m import Layer\nLayer()\n",
        "from m import *\nLayer()\n",
        "try:\n    from m import *\nexcept ImportError:\n    pass\nLayer()\n",
        "def patch():\n    global Layer\n    Layer = len\n\n\nLayer()\n",
        "Layer.__init__ = len\nLayer()\n",
        "setattr(Layer, 'forward', len)\nLayer(1).forward()\n",
        "class Deep(Layer):\n    def __new__(cls):\n        return 1\n\n\nDeep()\n",
        "class Deep(Layer, metaclass=Meta):\n    pass\n\n\nDeep()\n",
        "class Deep(Other):\n    pass\n\n\nDeep()\n",
        "class Deep(Other):\n    def __init__(self):\n        pass\n\n\nDeep(1)\n",
        "@dataclass\nclass Point:\n    x: int\n\n\nPoint()\n",
        "import enum\nclass Kind(enum.Enum):\n    A = 1\n\n\nKind(1)\n",
        "class Own:\n    def a(self, x):\n        return x\n\n    def b(self):\n"
        "        return self.a()\n\n\nclass Two(Own):\n    def a(self):\n        return 1\n",
        "class Own:\n    @property\n    def a(self):\n        return len\n\n    def b(self):\n"
        "        return self.a([])\n",
        "if x:\n    def may(a):\n        return a\n\n\nmay()\n",
        "def f(*args, **kwargs):\n    return 1\n\n\nf(1, 2, a=3)\n",
        "# %%\nLayer = (\n\n# %%\nLayer()\n",
    ],
)
def test_what_may_be_another_is_trusted(use: str) -> None:
    assert check(LAYER + use) == []


@pytest.mark.parametrize(
    "use",
    [
        "import pytest\nwith pytest.raises(TypeError):\n    scale()\n",
        "try:\n    scale()\nexcept TypeError:\n    pass\n",
        "try:\n    scale()\nexcept (ValueError, TypeError):\n    pass\n",
        "try:\n    scale()\nexcept Exception as e:\n    print(e)\n",
        "try:\n    if 1:\n        scale()\nexcept:\n    pass\n",
    ],
)
def test_a_call_that_is_to_fail_is_silent(use: str) -> None:
    assert check(SCALE + use) == []


@pytest.mark.parametrize(
    "use",
    [
        "try:\n    scale()\nexcept ValueError:\n    pass\n",
        "try:\n    pass\nexcept TypeError:\n    scale()\n",
        "if __name__ == '__main__':\n    scale()\n",
    ],
)
def test_a_call_that_is_not_is_reported(use: str) -> None:
    assert [d.code for d in check(SCALE + use)] == ["SIG006"]


TWICE = "# %%\ndef f(a):\n    return a\n\n# %%\n{}\n# %%\ndef f(a, b):\n    return b\n\n# %%\n{}\n"


@pytest.mark.parametrize(
    ("between", "after", "rows"),
    [
        ("f(1)", "f(1, 2)", []),
        ("f(1, 2)", "f(1)", [(2, 6), (8, 12)]),
        ("def g():\n    return f(1)", "f(1, 2)", []),
        ("def g():\n    return f(1, 2, 3)", "pass", [(9, 7)]),
    ],
)
def test_a_call_meets_the_definition_in_force(
    between: str, after: str, rows: list[tuple[int, int]]
) -> None:
    found = check(TWICE.format(between, after))
    met = [(int(d.message.split("line ")[1].split()[0]), d.start.row) for d in found]
    assert met == rows


def test_a_definition_below_is_not_met_yet() -> None:
    assert check("f()\n\n\ndef f(a):\n    return a\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(a): pass\nglobals()['f'] = print\nf(1, 2)\n",
        "def f(a): pass\nfor name in names:\n    globals()[name] = print\nf(1, 2)\n",
        "def f(a): pass\nglobals().update(load())\nf(1, 2)\n",
        "def f(a): pass\nglobals()['f'](1, 2)\n",
        "def f(a): pass\ndef g():\n    f = globals()['g']\n    f(1, 2)\n",
        "def f(a): pass\nf(**globals())\n",
        "class A:\n    def f(self): pass\nglobals()['A'] = print\nA(1)\n",
        "def f(a): pass\nmake('f', globals())\nf(1, 2)\n",
        "def f(a): pass\nfor name in names: make(name, space=globals())\nf(1, 2)\n",
        "def f(a): pass\nexec(code, globals())\nf(1, 2)\n",
        "def f(a): pass\ndef g(): tools.bind(globals())\ng()\nf(1, 2)\n",
    ],
)
def test_a_name_bound_through_globals_may_be_anything(text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    "line",
    [
        "globals()['g'] = print\n",
        "eval('f', globals())\n",
        "import timeit\ntimeit.timeit('f(1)', globals=globals())\n",
        "print(sorted(globals()))\n",
    ],
)
def test_globals_that_bind_no_such_name_leave_the_function_known(line: str) -> None:
    assert len(check(f"def f(a): pass\n{line}f(1, 2)\n")) == 1


FIELDS = "class Paid:\n    email: str\n    amount: int = 0\n\n\n"


@pytest.mark.parametrize(
    "use",
    [
        "payments = db.create(Paid, pk='email')\nPaid(email='a')\n",
        "from dataclasses import dataclass\ndataclass(Paid)\nPaid('a')\n",
        "register(table=Paid)\ndef pay():\n    return Paid(amount=1)\n",
        "from m import dataclass\nPaid = dataclass(Paid)\nPaid('a')\n",
    ],
)
def test_a_class_of_fields_that_is_handed_on_may_get_a_constructor(use: str) -> None:
    assert check(FIELDS + use) == []


@pytest.mark.parametrize(
    "text",
    [
        FIELDS + "Paid(email='a')\n",
        FIELDS + "isinstance(1, Paid)\nPaid(email='a')\n",
        "class Bare:\n    def show(self):\n        print(1)\n\n\nregister(Bare)\nBare(1)\n",
        LAYER + "register(Layer)\nLayer()\n",
    ],
)
def test_a_class_that_nothing_changes_is_called_as_it_stands(text: str) -> None:
    assert len(check(text)) == 1
