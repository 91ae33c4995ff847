"""Make statements a demo function, called under a main guard."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.demo_function import ExtractDemoFunction

CALL = '\n\nif __name__ == "__main__":\n    demo()\n'


class TestExtractDemoFunction(ExactCodemodTest):
    TRANSFORM = ExtractDemoFunction

    def test_statements_of_a_cell(self) -> None:
        before = """
            # %%
            def f():
                return 1

            # %%
            # The demo.
            x = f()
            print(x)

            # %% [markdown]
            # Words.
        """
        after = """
            # %%
            def f():
                return 1

            # %%
            # The demo.
            def demo_ones():
                x = f()
                print(x)


            if __name__ == "__main__":
                demo_ones()

            # %% [markdown]
            # Words.
        """
        self.assertCodemod(before, after, name="demo_ones", lines=(7, 8))

    def test_blank_lines_part_it_from_code_right_above(self) -> None:
        before = "x = 1\n# shows\nprint(x)\n"
        after = "x = 1\n\n\n# shows\ndef demo():\n    print(x)\n" + CALL
        self.assert_exact(before, after, name="demo", lines=(3, 3))
        self.assert_exact(before, after, name="demo", lines=(2, 3))

    def test_at_the_top_it_needs_none(self) -> None:
        self.assert_exact("print(1)\n", "def demo():\n    print(1)\n" + CALL, name="demo")
        after = "\n\ndef demo():\n    print(1)\n" + CALL
        self.assert_exact("print(1)\n", after, name="demo", is_first=False)

    def test_texts_and_comments(self) -> None:
        before = '# modlint: ignore\nprint("""a\nb""")\n\nfor x in y: pass\n# end\n'
        body = '    # modlint: ignore\n    print("""a\nb""")\n\n    for x in y: pass\n    # end\n'
        self.assert_exact(before, f"def demo():\n{body}{CALL}", name="demo")

    def test_windows_line_ends_and_tabs(self) -> None:
        before = "if a:\r\n\tprint(a); b()\r\n"
        after = "def demo():\n\tif a:\n\t\tprint(a); b()\n" + CALL.replace("    ", "\t")
        self.assert_exact(before, after.replace("\n", "\r\n"), name="demo")
