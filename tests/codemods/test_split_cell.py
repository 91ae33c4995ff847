"""Make several cells of the statements of one."""

from __future__ import annotations

import libcst as cst
import pytest
from libcst.codemod import CodemodContext

from codemod_tests import ExactCodemodTest
from modlint.codemods.split_cell import SplitCell


class TestSplitCell(ExactCodemodTest):
    TRANSFORM = SplitCell

    def test_a_guard_for_each_test(self) -> None:
        before = """
            # %%
            # One.
            def test_one():
                assert 1

            # Two.
            @slow
            def test_two():
                assert '''
            2'''
                # all of it

            # Both.
            if __name__ == "__main__":
                test_one()
                test_two()  # last

            # %%
            x = 1
        """
        after = """
            # %%
            # One.
            def test_one():
                assert 1

            # Both.
            if __name__ == "__main__":
                test_one()

            # %%
            # Two.
            @slow
            def test_two():
                assert '''
            2'''
                # all of it


            if __name__ == "__main__":
                test_two()  # last

            # %%
            x = 1
        """
        self.assertCodemod(before, after, [[(2, 4), (12, 15)], [(5, 11), (16, 16)]])

    def test_in_place(self) -> None:
        before = "import os\n\n\n\na(); b()\n# of b\n\nc()\n"
        after = "import os\n\n# %%\na(); b()\n# of b\n\n# %%\nc()\n"
        self.assert_exact(before, after, [[(1, 1)], [(2, 6)], [(7, 8)]])

    def test_comments_at_the_end(self) -> None:
        before = "a()\n\nb()\n# z\n\n"
        self.assert_exact(before, "\nb()\n# z\n\n# %%\na()\n", [[(2, 5)], [(1, 1)]])
        self.assert_exact(before, "a()\n\n# %%\nb()\n# z\n\n", [[(1, 2)], [(3, 5)]])

    def test_line_ends_and_tabs(self) -> None:
        before = "if a:\r\n\tb(\r\n\t1)\r\n\t# of b\r\n\r\n\tc()\r\n"
        after = "if a:\r\n\tb(\r\n\t1)\r\n\r\n# %%\r\nif a:\r\n\t# of b\r\n\r\n\tc()\r\n"
        self.assert_exact(before, after, [[(1, 3)], [(4, 6)]])

    def test_the_cells_one_by_one(self) -> None:
        tree = cst.parse_module("#| export\n\ntest()\n\n\nx = 1")
        command = SplitCell(CodemodContext(), [[(1, 1)], [(2, 3)], [(4, 6)]])
        texts = [part.code for part in command.parts(tree)]
        assert texts == ["#| export\n\n", "test()\n\n", "x = 1\n"]

    def test_what_is_no_cell(self) -> None:
        text = "a()\nb(\n)\nif c:\n    d()\nelse:\n    e()\n"
        for cells, words in (
            ([[(1, 1)], [(4, 7)]], "all of the lines"),
            ([[(1, 3)], [(3, 7)]], "no whole statements"),
            ([[(1, 3), (1, 1)], [(4, 7)]], "all of the lines"),
            ([[(1, 5)], [(6, 7)]], "no whole statements"),
        ):
            self.assert_refused(text, words, cells)
        self.assert_refused("if a:\n    b()\n    c()\n", "no statement of", [[(1, 1)], [(2, 3)]])
        self.assert_refused("# a\nb()\n", "without a statement", [[(1, 1)], [(2, 2)]])


@pytest.mark.parametrize("text", ["", "3-", "3,-4", "a"])
def test_what_says_no_lines(text: str) -> None:
    from modlint.codemods.split_cell import _several_lines

    with pytest.raises(ValueError, match="does not say"):
        _several_lines(text)
