"""Append calls under a main guard."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.guarded_call import AppendGuardedCall

TEST = "def test_it():\n    assert 1\n"
GUARD = 'if __name__ == "__main__":\n'


class TestAppendGuardedCall(ExactCodemodTest):
    TRANSFORM = AppendGuardedCall

    def test_below_the_statements_of_a_cell(self) -> None:
        before = """
            # %%
            def test_it():
                assert 1
                # end of it

            # about the cell

            # %%
            x = 1
        """
        after = """
            # %%
            def test_it():
                assert 1
                # end of it


            if __name__ == "__main__":
                test_it()

            # about the cell

            # %%
            x = 1
        """
        self.assertCodemod(before, after, ["test_it"], lines=(2, 4))
        after = """
            # %%
            def test_it():
                assert 1
                # end of it

            # about the cell

            if __name__ == "__main__":
                test_it()
                test_two()

            # %%
            x = 1
        """
        self.assertCodemod(before, after, ["test_it", "test_two"], lines=(2, 6))

    def test_below_code_and_comments(self) -> None:
        self.assert_exact("x = 1\n\n", f"x = 1\n\n{GUARD}    f()\n\n", ["f"])
        self.assert_exact(f"{TEST}# a\n\n", f"{TEST}# a\n\n{GUARD}    f()\n\n", ["f"])
        self.assert_exact(TEST, f"{TEST}\n\n{GUARD}    f()\n", ["f"])
        text = 'def f():\n    return """\nend"""\n'
        self.assert_exact(text, f"{text}\n{GUARD}    f()\n", ["f"])

    def test_into_a_guard(self) -> None:
        before = f"{TEST}\n{GUARD}  a()  # first\n\n  # last\n# end\n"
        after = f"{TEST}\n{GUARD}  a()  # first\n  f()\n  g()\n\n  # last\n# end\n"
        self.assert_exact(before, after, ["f", "g"])
        quoted = "if __name__ == '__main__':\n    for x in y: x(); z()\n"
        self.assert_exact(quoted, quoted + "    f()\n", ["f"])

    def test_beside_a_guard_that_takes_none(self) -> None:
        for guard in (
            'if __name__ == "__main__": a()\n',
            f"{GUARD}    a();\n",
            f"{GUARD}    a(); b()\n",
            f"{GUARD}    a()\nelse:\n    b()\n",
            'if "__main__" == __name__:\n    a()\n',
            'if __name__ != "__main__":\n    a()\n',
        ):
            blank = "\n\n" if guard.count("\n") > 1 else "\n"
            self.assert_exact(guard, f"{guard}{blank}{GUARD}    f()\n", ["f"])

    def test_line_ends_tabs_and_no_end(self) -> None:
        before = "def t():\r\n\tx = '''\r\n'''\r\n\treturn x"
        after = before + '\r\n\r\n\r\nif __name__ == "__main__":\r\n\tt()'
        self.assert_exact(before, after, ["t"])
