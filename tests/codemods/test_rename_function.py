"""Give the definition of a function another name."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.rename_function import RenameFunction


class TestRenameFunction(ExactCodemodTest):
    TRANSFORM = RenameFunction

    def test_only_the_definition(self) -> None:
        before = "@a  # note\ndef f(x):\n    return f(x - 1)\n\n\nf(2)\n"
        self.assert_exact(before, before.replace("def f", "def f_2"), "f_2", function="f")

    def test_a_method_of_a_nested_class(self) -> None:
        before = "class A:\r\n\tclass B:\r\n\t\tdef f(self): pass; g()\r\n"
        self.assert_exact(before, before.replace("def f", "def h"), "h", function="A.B.f")

    def test_the_only_one(self) -> None:
        self.assert_exact("# a\n\ndef f(): ...\n", "# a\n\ndef g(): ...\n", "g")
