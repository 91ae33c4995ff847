"""Put a solution region round the body of a function."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.solution_region import PutSolutionRegion

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


class TestPutSolutionRegion(ExactCodemodTest):
    TRANSFORM = PutSolutionRegion

    def test_docstring_and_guidance_stay_outside(self) -> None:
        before = """
            # %%
            class A:
                @property
                def f(self):  # TODO
                    '''What to write.'''
                    # TODO: sum
                    # HINT: sum()

                    # the answer
                    total = 0

                    return total
                    # done

                x = 1
        """
        after = """
            # %%
            class A:
                @property
                def f(self):  # TODO
                    '''What to write.'''
                    # TODO: sum
                    # HINT: sum()

                    ### BEGIN SOLUTION
                    # the answer
                    total = 0

                    return total
                    # done
                    ### END SOLUTION

                x = 1
        """
        self.assertCodemod(before, after, function="A.f")

    def test_blocks_and_texts(self) -> None:
        body = "    @d\n    def g(): pass\n    for x in '''\n''': a(); b()\n        \n    # e\n"
        self.assert_exact(f"def f():\n{body}", f"def f():\n    {BEGIN}\n{body}    {END}\n")
        before = "def f():\n    if x:\n        y()\n        # x\n\n\n# z\n"
        after = f"def f():\n    {BEGIN}\n    if x:\n        y()\n        # x\n    {END}\n\n\n# z\n"
        self.assert_exact(before, after)

    def test_a_body_on_the_line_of_the_header(self) -> None:
        after = f"def f(x):\n    {BEGIN}\n    a(); return x  # one\n    {END}\n"
        self.assert_exact("def f(x): a(); return x  # one\n", after)
        after = f"class A:\n\tdef f(x):\n\t\t{BEGIN}\n\t\treturn x\n\t\t{END}\n"
        self.assert_exact("class A:\n\tdef f(x): return x\n", after, function="A.f")

    def test_other_delimiters(self) -> None:
        after = "def f():\n\t# >>>\n\tpass\n\t  # <<<\n"
        self.assert_exact("def f():\n\tpass\n", after, begin="# >>>", end="  # <<<")

    def test_line_ends_and_no_end(self) -> None:
        before = "def f():\r\n\tr'''doc'''\r\n\treturn 1"
        after = f"def f():\r\n\tr'''doc'''\r\n\t{BEGIN}\r\n\treturn 1\r\n\t{END}"
        self.assert_exact(before, after)

    def test_what_leaves_no_line_to_hide(self) -> None:
        for body in ("\n    '''doc'''\n", " '''doc'''\n", "\n    '''doc'''; x()\n"):
            self.assert_refused(f"def f():{body}", "below the docstring")
