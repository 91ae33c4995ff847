"""SIG005: a value is taken from a function that has none to give."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG005 = Settings(select=("SIG005",))
SHOW = "def show(x=1):\n    print(x)\n"


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG005)


@pytest.mark.parametrize(
    ("use", "column"),
    [
        ("y = show()\n", 5),
        ("y: int = show()\n", 10),
        ("a, b = show()\n", 8),
        ("y = z = show()\n", 9),
        ("y += show()\n", 6),
        ("print(show())\n", 7),
        ("print(f'{show()}')\n", 10),
        ("show().x\n", 1),
        ("show()[0]\n", 1),
        ("1 + show()\n", 5),
        ("assert show()\n", 8),
        ("assert not show()\n", 12),
        ("assert show() == 3\n", 8),
        ("if show(): pass\n", 4),
        ("while show(): pass\n", 7),
        ("for i in show(): pass\n", 10),
        ("y = [show() for i in range(3)]\n", 6),
        ("y = {'a': show()}\n", 11),
        ("y = show() or 3\n", 5),
        ("y = 1 if show() else 2\n", 10),
        ("if (y := show()): pass\n", 10),
        ("y = [1]\ny.append(show())\n", 10),
        ("def g():\n    y = show()\n    print(y)\n", 9),
        ("def g():\n    return show() + 1\n", 12),
        ("class A:\n    y = show()\n", 9),
    ],
)
def test_a_use_is_reported_at_the_call(use: str, column: int) -> None:
    (found,) = check(SHOW + use)
    row = 2 + next(i for i, line in enumerate(use.split("\n"), 1) if "show()" in line)
    assert (found.start.row, found.start.column) == (row, column)
    assert found.message == "the result of show() is used, but it returns None"
    assert found.fix is None


@pytest.mark.parametrize(
    "use",
    [
        "show()\n",
        "_ = show()\n",
        "if __name__ == '__main__':\n    show()\n",
        "[show(i) for i in range(3)]\n",
        "{i: show(i) for i in range(3)}\n",
        "show(1), show(2)\n",
        "True and show()\n",
        "show() if True else None\n",
        "y = lambda: show()\n",
        "y = show\n",
        "def g():\n    return show()\n",
        "def g():\n    yield show()\n",
        "assert show() is None\n",
        "assert show() == None\n",
        "y = show()\nassert y is None\n",
        "y = show()\nprint(y is None)\n",
        "assert isinstance(show(), type(None))\n",
        "import unittest\nunittest.TestCase().assertIsNone(show())\n",
        "@show\ndef g(): pass\n",
        "def g(show):\n    return 1 + show()\n",
        "def g():\n    def show(): return 1\n    return 1 + show()\n",
        "def g():\n    from m import show\n    return 1 + show()\n",
        "class A:\n    def show(self): return 1\n    y = show(1)\n",
        "y = a.show()\n",
    ],
)
def test_what_needs_no_value_is_silent(use: str) -> None:
    assert check(SHOW + use) == []


@pytest.mark.parametrize(
    "definition",
    [
        "def show():\n    return 1\n",
        "def show(x):\n    if x:\n        return 1\n",
        "def show():\n    '''Doc.'''\n",
        "def show():\n    pass\n",
        "def show(): ...\n",
        "def show():\n    raise NotImplementedError()\n",
        "def show():\n    '''Doc.'''\n    # YOUR CODE HERE\n    raise NotImplementedError()\n",
        "import sys\ndef show():\n    sys.exit(1)\n",
        "def show():\n    print(1)\n    raise ValueError\n",
        "def show():\n    yield 1\n",
        "def show():\n    while True:\n        print(1)\n",
        "@decorated\ndef show():\n    print(1)\n",
        "def show():\n    print(1)\nshow = len\n",
        "def show():\n    print(1)\ndef show():\n    return 1\n",
        "def show():\n    print(1)\nfrom m import show\n",
        "def show():\n    print(1)\nfrom m import *\n",
        "def show():\n    print(1)\ndef g():\n    global show\n    show = len\n",
        "def show():\n    print(1)\nglobals()['show'] = len\n",
        "def show():\n    print(1)\nfor name in names:\n    globals()[name] = len\n",
        "def show():\n    print(1)\nglobals().update(show=len)\n",
        "def show():\n    print(1)\nglobals().update({'show': len})\n",
        "def show():\n    print(1)\nglobals().update(found())\n",
        "def show():\n    print(1)\nspace = globals()\nspace['show'] = len\n",
        "def show():\n    print(1)\ndef g(name):\n    globals()[name] = len\n",
        "def show():\n    print(1)\nfor name in names:\n    make(name, globals())\n",
        "try:\n    from m import show\nexcept ImportError:\n    def show():\n        print(1)\n",
        "if x:\n    def show():\n        print(1)\nelse:\n    show = len\n",
        "class A:\n    def show(self):\n        print(1)\n",
        "def g():\n    def show():\n        print(1)\n    show()\n",
    ],
)
def test_a_function_that_may_give_a_value_is_trusted(definition: str) -> None:
    assert check(definition + "y = show()\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "globals()['other'] = len\n",
        "globals().update(other=len)\n",
        "print(globals()['show'])\n",
        "space = {}\nspace['show'] = len\n",
        "print('show' in globals(), globals().get(name))\n",
    ],
)
def test_globals_that_bind_other_names_leave_the_function_alone(line: str) -> None:
    assert len(check(SHOW + line + "y = show()\n")) == 1


def test_every_use_of_a_module_is_found_across_cells() -> None:
    text = "# %%\ny = 1\n\n# %% [markdown]\n# x = show()\n\n# %%\nx = show()\nz = show()\n\n# %%\n"
    found = check(text + SHOW)
    assert [(d.cell, d.start.row, d.start.column) for d in found] == [(2, 8, 5), (2, 9, 5)]


METHODS = "class A:\n    def build(self):\n        self.x = 1\n\n"


def test_a_method_of_the_class_itself_is_known() -> None:
    (found,) = check(METHODS + "    def use(self):\n        y = self.build()\n        print(y)\n")
    assert (found.start.row, found.start.column) == (6, 13)


@pytest.mark.parametrize(
    "text",
    [
        METHODS + "    def use(self):\n        self.build()\n",
        METHODS + "    def use(self):\n        return self.build()\n",
        METHODS.replace("A:", "A(Base):") + "    def use(self):\n        y = self.build()\n",
        METHODS + "    def use(self):\n        y = self.build()\n\n\nclass B(A):\n"
        "    def build(self):\n        return 1\n",
        METHODS + "    def use(self, other):\n        y = other.build()\n",
        METHODS + "    def use(self):\n        self.build = len\n        y = self.build([])\n",
        METHODS + "    def use(self):\n        y = self.build([])\n\nA().build = len\n",
        METHODS + "    def use(self):\n        y = self.build([])\n\nsetattr(A, 'build', len)\n",
        "class A:\n    def build(self):\n        raise NotImplementedError\n\n"
        "    def use(self):\n        y = self.build()\n",
        "class A:\n    @property\n    def build(self):\n        print(1)\n\n"
        "    def use(self):\n        y = self.build()\n",
    ],
)
def test_a_method_that_may_be_another_is_trusted(text: str) -> None:
    assert check(text) == []
