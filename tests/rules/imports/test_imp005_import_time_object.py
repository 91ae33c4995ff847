"""IMP005: objects of the course made at import."""

from __future__ import annotations

import pytest

from fixing.running import diagnostics, found
from modlint.diagnostics import Applicability
from modlint.settings import Settings

C = "class C:\n    pass\ndef f():\n    return 3\n"  # rows 1 to 4

FIRES: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "object": ("x = C()\n", [("IMP005", 5)]),
    "annotated": ("x: C = C()\n", [("IMP005", 5)]),
    "result": ("x = f()\n", [("IMP005", 5)]),
    "two names": ("x = y = f()\n", [("IMP005", 5)]),
    "unpacked": ("x, y = f(), 3\n", [("IMP005", 5)]),
    "in a list": ("x = [C(), C()]\n", [("IMP005", 5)]),
    "in a table": ("TABLE = {'c': C()}\n", [("IMP005", 5)]),
    "an attribute of it": ("x = f().real\n", [("IMP005", 5)]),
    "inside a call": ("x = list([f()])\n", [("IMP005", 5)]),
    "imported": ("from tinytorch.core.tensor import Tensor\nx = Tensor([1])\n", [("IMP005", 6)]),
    "of a module": ("import tinytorch.core as tt\nx = tt.Tensor([1])\n", [("IMP005", 6)]),
    "class method": ("x = C.make()\n", [("IMP005", 5)]),
    "two of them": ("x = C()\n\ny = f()\n", [("IMP005", 5), ("IMP005", 7)]),
}


@pytest.mark.parametrize(("text", "expected"), FIRES.values(), ids=FIRES)
def test_an_object_made_at_import_is_reported(text: str, expected: list[tuple[str, int]]) -> None:
    assert found(C + text) == expected


@pytest.mark.parametrize("text", [text for text, _ in FIRES.values()], ids=FIRES)
def test_importers_may_use_its_name_so_no_fix_is_safe(text: str) -> None:
    fixes = [d.fix for d in diagnostics(C + text)]
    assert all(fix is None or fix.applicability is Applicability.UNSAFE for fix in fixes)


QUIET = {
    "third-party": "import decimal\nx = decimal.Decimal(1)\n",
    "class itself": "x = C\ny = [C, f]\n",
    "in a function": "def g():\n    x = C()\n    return x\n",
    "attribute of a class": "class D:\n    default = C()\n",
    "default argument": "def g(x=C()):\n    return x\n",
    "guard": "if __name__ == '__main__':\n    x = C()\n",
    "lambda": "make = lambda: C()\n",
    "literal": "x = 3\ny = [x]\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_makes_no_object_of_the_course_is_not_reported(text: str) -> None:
    assert found(C + text) == []


def test_an_object_that_a_function_needs_has_no_fix_and_the_message_names_the_line() -> None:
    [one] = diagnostics(C + "x = C()\n\ndef g():\n    return x\n")
    assert (one.code, one.fix) == ("IMP005", None)
    assert one.message.endswith("it cannot be guarded while line 8 needs x")


def test_an_object_that_the_settings_allow_is_not_reported() -> None:
    assert found(C + "x = C()\n", Settings(select=("IMP",), allow_calls=("C",))) == []


@pytest.mark.parametrize("use", ["z = x\n", "run = x.run\n", "z = [x]\n", "z = x\nw = z\n"])
def test_an_alias_of_an_object_is_nothing_done_to_it(use: str) -> None:
    fixes = [d.fix for d in diagnostics(C + "x = C()\n" + use)]
    assert fixes
    assert all(fix is None or fix.applicability is Applicability.UNSAFE for fix in fixes)
