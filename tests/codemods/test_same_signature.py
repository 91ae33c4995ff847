"""Give a function the signature of another."""

from __future__ import annotations

import libcst as cst

from codemod_tests import ExactCodemodTest
from modlint.codemods.same_signature import CopySignature


class TestCopySignature(ExactCodemodTest):
    TRANSFORM = CopySignature

    def test_one_of_the_module(self) -> None:
        before = """
            def f(a, b=1):  # one
                '''(a, b)'''
                return a

            class A:
                def g(self, *, c: int) -> str: return ""
        """
        after = before.replace("def f(a, b=1)", "def f(self, *, c: int) -> str")
        self.assertCodemod(before, after, "A.g", function="f")

    def test_one_of_another_module(self) -> None:
        model = cst.ensure_type(
            cst.parse_statement("def g(a,  # first\n    b,\n): pass\n"), cst.FunctionDef
        )
        after = "@d\r\ndef f(a,  # first\r\n    b,\r\n): x(); y()\r\n"
        self.assert_exact("@d\r\ndef f() -> int: x(); y()\r\n", after, model)

    def test_no_such_model(self) -> None:
        self.assert_refused("def f(): pass\n", "no function g", "g", function="f")
