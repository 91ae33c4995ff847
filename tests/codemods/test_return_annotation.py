"""Change what a function promises to return."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.return_annotation import ChangeReturnAnnotation


class TestChangeReturnAnnotation(ExactCodemodTest):
    TRANSFORM = ChangeReturnAnnotation

    def test_the_named_function_alone(self) -> None:
        before = """
            # %%
            def f() -> int:
                return None

            class A:
                @staticmethod
                # about f
                async def f(x: int = 1, *, y=(2,)) -> int:  # a note
                    '''-> int'''
                    def g() -> int: return None
                    return None
        """
        other = before.replace("y=(2,)) -> int", "y=(2,)) -> Optional[int]")
        self.assertCodemod(before, other, "Optional[int]", function="A.f")
        other = before.replace("def f() -> int", "def f() -> Optional[int]")
        self.assertCodemod(before, other, "Optional[int]", function="f")
        other = before.replace("g() -> int", "g() -> Optional[int]")
        self.assertCodemod(before, other, "Optional[int]", function="A.f.g")

    def test_one_that_promised_nothing(self) -> None:
        self.assert_exact("def f(\n  a,\n):\n  pass\n", "def f(\n  a,\n) -> str:\n  pass\n", "str")

    def test_blanks_lines_and_line_ends_stay(self) -> None:
        before = "def f( )->\tint :\r\n\treturn '''\r\n  a'''\r\n"
        self.assert_exact(before, before.replace("int", "Dict[str, int]"), "Dict[str, int]")

    def test_no_such_function(self) -> None:
        self.assert_refused("def f(): pass\n", "no function A.f", "int", function="A.f")
