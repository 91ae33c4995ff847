"""Replace builtin functions that stand where a type is meant."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.builtin_types import ReplaceBuiltinTypes


class TestReplaceBuiltinTypes(ExactCodemodTest):
    TRANSFORM = ReplaceBuiltinTypes

    def test_annotations_of_every_kind(self) -> None:
        before = """
            # %%
            @any  # any
            def f(a: any, *b: dict[str, any], c: "list[callable]" = any(d)) -> any | None:
                '''any: callable'''
                x: callable = callable(a)
                return any(x)

            class A:
                # any
                y: any
        """
        after = """
            # %%
            @any  # any
            def f(a: Any, *b: dict[str, Any], c: "list[Callable]" = any(d)) -> Any | None:
                '''any: callable'''
                x: Callable = callable(a)
                return any(x)

            class A:
                # any
                y: Any
        """
        self.assertCodemod(before, after)

    def test_values_in_annotations_stay(self) -> None:
        text = 'x: Literal["any"]\ny: np.any\nz: "any or none, as you like"\nw: f(any)\n'
        self.assert_exact(text, text)
        before = 'a: Annotated[any, "any"]\nb: typing.Literal["callable"] | callable\n'
        after = 'a: Annotated[Any, "any"]\nb: typing.Literal["callable"] | Callable\n'
        self.assert_exact(before, after)

    def test_line_ends_tabs_and_semicolons(self) -> None:
        before = "def f(\r\n\ta: any,\r\n\r\n\tb,  # any\r\n): x: any; y = '''any\r\n any'''\r\n"
        after = before.replace("a: any", "a: Any").replace("x: any", "x: Any")
        self.assert_exact(before, after)
