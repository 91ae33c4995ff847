"""Put statements under a main guard, in a percent file as the user has it."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.main_guard import PutUnderGuard

GUARD = 'if __name__ == "__main__":'


class TestPutUnderGuard(ExactCodemodTest):
    TRANSFORM = PutUnderGuard

    def test_one_statement_between_others(self) -> None:
        before = """
            # %%
            x = 1

            # what it shows
            print(x)  # now

            # %%
            y = 2
        """
        after = """
            # %%
            x = 1

            # what it shows
            if __name__ == "__main__":
                print(x)  # now

            # %%
            y = 2
        """
        self.assertCodemod(before, after, lines=(5, 5))
        self.assertCodemod(before, after, lines=(4, 5))

    def test_all_that_is_there(self) -> None:
        self.assert_exact("# a\n\nf()\n# z\n", f"# a\n\n{GUARD}\n    f()\n    # z\n")

    def test_a_suppression_goes_along_and_a_region_stays(self) -> None:
        before = "# about it\n# modlint: ignore[IMP002]\n# why\nprint(1)\n"
        after = f"# about it\n{GUARD}\n    # modlint: ignore[IMP002]\n    # why\n    print(1)\n"
        self.assert_exact(before, after, lines=(1, 4))
        # What stands above the chosen lines stays there, whatever it says.
        self.assert_exact(
            before,
            f"# about it\n# modlint: ignore[IMP002]\n# why\n{GUARD}\n    print(1)\n",
            lines=(4, 4),
        )
        region = "# modlint: ignore[IMP002]\n### BEGIN SOLUTION\nprint(1)\n"
        kept = f"# modlint: ignore[IMP002]\n### BEGIN SOLUTION\n{GUARD}\n    print(1)\n"
        self.assert_exact(region, kept)

    def test_texts_keep_their_place_and_blank_lines_stay_blank(self) -> None:
        before = (
            'a = """x\ny\n\n  z"""\n\nprint(\n    a,\n\n    b,\n)\nc = 1 + \\\n  2\n\n\n# end\n'
        )
        after = (
            f'{GUARD}\n    a = """x\ny\n\n  z"""\n\n    print(\n        a,\n\n        b,\n    )\n'
            "    c = 1 + \\\n  2\n\n\n    # end\n"
        )
        self.assert_exact(before, after)

    def test_blank_lines_stay_blank_wherever_they_stand(self) -> None:
        before = (
            "@a\n\n@b\n\ndef f():\n    try:\n\n        x\n\n    except E:\n        y\n\n"
            "    finally:\n        z\n\n    match t:\n\n        case 1:\n            u\n\n    # z\n"
            "\nf()\n"
        )
        lines = before.split("\n")
        moved = "\n".join(f"    {line}" if line else line for line in lines)
        self.assert_exact(before, f"{GUARD}\n{moved}")

    def test_a_statement_of_a_block(self) -> None:
        before = "for i in x:\n    if i:\n        a()\n        b()\n\n        c()\n    d()\n"
        after = (
            f"for i in x:\n    if i:\n        a()\n        {GUARD}\n            b()\n\n"
            "            c()\n    d()\n"
        )
        self.assert_exact(before, after, lines=(4, 6))

    def test_blocks_of_every_kind(self) -> None:
        text = (
            "try:\n    a()\nexcept E:\n    b()\nelse:\n    c()\nfinally:\n    d()\n"
            "if x:\n    e()\nelif y:\n    f()\nelse:\n    g()\n"
            "match z:\n    case 1:\n        h()\n"
        )
        for row, line in enumerate(text.split("\n"), 1):
            if line.endswith("()"):
                indent = line[: len(line) - len(line.lstrip())]
                new = f"{indent}{GUARD}\n{indent}    {line.strip()}"
                self.assert_exact(text, text.replace(line, new), lines=(row, row))

    def test_decorated_definitions_and_semicolons(self) -> None:
        before = "x = 1\n@a\n@b(\n    1\n)\ndef f(): 1\ng(); h()\n"
        after = f"x = 1\n{GUARD}\n    @a\n    @b(\n        1\n    )\n    def f(): 1\n    g(); h()\n"
        self.assert_exact(before, after, lines=(2, 7))

    def test_windows_line_ends(self) -> None:
        before = '# %%\r\nx = 1\r\n\r\nprint("""\r\n a""")\r\n'
        after = f'# %%\r\nx = 1\r\n\r\n{GUARD}\r\n    print("""\r\n a""")\r\n'
        self.assert_exact(before, after, lines=(4, 5))

    def test_tabs_are_the_indentation_where_the_module_has_them(self) -> None:
        before = "def f():\n\tpass\nwith a:\n\tf()\n\n\tg()\n"
        after = f"def f():\n\tpass\n{GUARD}\n\twith a:\n\t\tf()\n\n\t\tg()\n"
        self.assert_exact(before, after, lines=(3, 6))
        self.assert_exact("f()\n", f"{GUARD}\n\tf()\n", indent="\t")

    def test_no_line_end_at_the_end(self) -> None:
        self.assert_exact("x = 1\nf()", f"x = 1\n{GUARD}\n    f()", lines=(2, 2))

    def test_a_part_of_a_statement_is_refused(self) -> None:
        text = "x = [\n    1,\n]\n\n\ny = 2\n"
        for lines in ((2, 2), (1, 2), (2, 6), (4, 4), (9, 9)):
            self.assert_refused(text, "no whole statements", lines=lines)
