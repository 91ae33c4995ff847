"""MET001 and MET003: suppressions of no use, of no rule, and of every rule."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.settings import Settings
from notebook_files import notebook_of, written

ALL = Settings()


def found(text: str, settings: Settings = ALL) -> list[Diagnostic]:
    return [d for d in lint(read(text.encode()), settings) if d.code.startswith("MET")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x = 1  # modlint: ignore[IMP001]", "unused suppression: IMP001 is not found here"),
        ("x = 1  # modlint: ignore", "unused suppression: nothing is found here"),
        (
            "# modlint: ignore-cell[IMP001, NBG006] a",
            "unused suppression: IMP001, NBG006 are not found in this cell",
        ),
        ("# modlint: ignore-file[IMP001]", "unused suppression: IMP001 is not found in this file"),
        (
            "x = 1  # modlint: ignore[IMP01]",
            "unused suppression: there is no rule IMP01; did you mean IMP001?",
        ),
        (
            "x = 1  # modlint: ignore[unguarded-test-cal]",
            "unused suppression: there is no rule UNGUARDED-TEST-CAL; did you mean IMP001?",
        ),
        ("x = 1  # modlint: ignore[E501]", "unused suppression: there is no rule E501"),
        (
            "x = 1  # modlint: ingore[IMP001]",
            "`modlint: ingore` is no suppression; did you mean `ignore`?",
        ),
        (
            "x = 1  # modlint: ignore-line[IMP001]",
            "`modlint: ignore-line` is no suppression; did you mean `ignore`?",
        ),
        (
            "x = 1  # modlint: ignore-next-line[IMP001]",
            "`modlint: ignore-next-line` is no suppression; did you mean `ignore`?",
        ),
        (
            "# modlint: ignore-flie[IMP001]",
            "`modlint: ignore-flie` is no suppression; did you mean `ignore-file`?",
        ),
        ("x = 1  # modlint: ignore[IMP]", "unused suppression: IMP is a family: name the codes"),
        ("x = 1  # modlint: skip[IMP001]", "`modlint: skip` is no suppression"),
        (
            "x = 1  # modlint: ignore IMP001",
            "the codes are not in brackets: `ignore[IMP001]` suppresses IMP001",
        ),
        (
            "x = 1  # modlint: ignore[IMP001",
            "the bracket is not closed: nothing is suppressed",
        ),
        ("x = 1  # modlint: ignore[]", "the brackets are empty: nothing is suppressed"),
        (
            "x = 1  # modlint: ignore-file[IMP001]",
            "`ignore-file` stands behind code: it counts on a line of its own",
        ),
    ],
)
def test_what_is_of_no_use_is_told_at_its_place(line: str, message: str) -> None:
    (diagnostic,) = found(f"# %%\n{line}\n")
    assert (diagnostic.code, diagnostic.message) == ("MET001", message)
    assert (diagnostic.start.row, diagnostic.start.column) == (2, line.index("#") + 1)
    assert diagnostic.end.column == len(line) + 1


@pytest.mark.parametrize(
    "text",
    [
        "# %%\nx = 1  # modlint: a linter of modules\n",
        "# %%\nx = 1  # see modlint: ignore\n",
        "# %%\ns = '# modlint: ignore[IMP001]'\n",
        "# %%\n# modlint: ignore-file[RUN001]\nx = 1\n",
        "# %%\n# modlint: ignore-file[MET002]\nx = 1\n",
        "# %%\n# modlint: ignore-file[CEL007]\nx = 1\n",
        "# %%\n# modlint: ignore[MET001] for later\nx = 1  # modlint: ignore[IMP001]\n",
        "# %%\nx = (  # modlint: ignore[IMP001]\n",
        "# %%\nx = (\n\n# %%\n# modlint: ignore-file[IMP001]\n",
    ],
)
def test_what_may_be_of_use_is_let_stand(text: str) -> None:
    assert found(text) == []


def test_a_rule_that_is_not_in_force_leaves_its_suppressions_alone() -> None:
    text = "# %%\nx = 1  # modlint: ignore[IMP001]\n"
    assert found(text, Settings(ignore=("IMP",))) == []
    assert found(text, Settings(select=("MET",))) == []


def test_a_comment_on_a_marker_is_told() -> None:
    (diagnostic,) = found("# %%  # modlint: ignore[IMP002]\nprint(1)\n")
    assert diagnostic.message.startswith("stands on a marker line")
    assert diagnostic.start.row == 1


def test_a_pair_has_the_comments_of_both_forms() -> None:
    text = "# %%\n# copy the weights  # modlint: ignore[CEL003] no command\nx = 1\n"
    assert found(text) == []
    raw = notebook_of("# %%\n# Copy it  # modlint: ignore[CEL003] no command\nx = 1\n")
    data = written(raw, "nbformat").encode()
    assert lint(read(data, "m.ipynb"), ALL) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1  # modlint: ignore[IMP001] a\n", "x = 1\n"),
        ("x = 1\t# modlint: ignore[IMP001] a\n", "x = 1\n"),
        ("x = 1  # noqa  # modlint: ignore[IMP001] a\n", "x = 1  # noqa\n"),
        ("x = 1  # modlint: ignore[IMP001] a  # noqa\n", "x = 1  # noqa\n"),
        ("# modlint: ignore[IMP001] a\nx = 1\n", "x = 1\n"),
        (
            "if x:\n    # modlint: ignore[IMP001]\n    # b\n    x = 1\n",
            "if x:\n    # b\n    x = 1\n",
        ),
        (
            "print(1)  # modlint: ignore[IMP001,IMP002] a\n",
            "print(1)  # modlint: ignore[IMP002] a\n",
        ),
        ("print(1)  # modlint: ignore a\n", "print(1)  # modlint: ignore[IMP002] a\n"),
        (
            "print(1)\n# modlint: ignore-cell why\n",
            "print(1)\n# modlint: ignore-cell[IMP002] why\n",
        ),
        ("x = 1\n# modlint: ignore-file", "x = 1"),
        ("x = '# modlint: ignore'  # modlint: ignore\n", "x = '# modlint: ignore'\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_fix_changes_nothing_else(old: str, new: str, newline: str) -> None:
    only = Settings(select=("MET", "IMP001", "IMP002"))
    file = read(f"# %%\n{old}".replace("\n", newline).encode())
    outcome = fix(file, lint(file, only), only)
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert outcome.file.text == f"# %%\n{new}".replace("\n", newline)


def test_the_last_line_of_a_notebooks_cell_goes_with_its_line_ending() -> None:
    raw = notebook_of("# %%\nx = 1\n# modlint: ignore-cell[IMP001]\n")
    file = read(written(raw, "nbformat").encode(), "m.ipynb")
    outcome = fix(file, lint(file, ALL), ALL)
    assert (outcome.fault, [c.source for c in outcome.file.cells]) == ("", ["x = 1"])


def test_markdown_is_mended_too() -> None:
    text = "# %% [markdown]\n# Title\n#\n# <!-- modlint: ignore-cell[NBG012] a -->\n\n# %%\nx = 1\n"
    file = read(text.encode())
    outcome = fix(file, lint(file, ALL), ALL)
    assert outcome.file.text == "# %% [markdown]\n# Title\n#\n\n# %%\nx = 1\n"


def test_a_fault_that_is_mended_takes_its_suppression_along() -> None:
    text = "# %%\n# modlint: ignore-cell[IMP005]\nprint(1)\n"
    file = read(text.encode())
    outcome = fix(file, lint(file, ALL), ALL)
    assert outcome.file.text == '# %%\nif __name__ == "__main__":\n    print(1)\n'


def test_a_blanket_suppression_is_reported_once_and_named() -> None:
    text = "# %%\nprint(1)  # modlint: ignore\n"
    (diagnostic,) = found(text)
    assert (diagnostic.code, diagnostic.start.column) == ("MET003", 11)
    assert diagnostic.message == "names no rule: it hides IMP002 here, and whatever comes later"


def test_a_family_is_not_taken_out() -> None:
    file = read(b"# %%\nx = 1  # modlint: ignore[IMP, IMP001] a\ny = 1  # modlint: ignore[IMP] b\n")
    outcome = fix(file, lint(file, ALL), ALL)
    assert outcome.file.text == (
        "# %%\nx = 1  # modlint: ignore[IMP] a\ny = 1  # modlint: ignore[IMP] b\n"
    )
    assert [d.fix for d in outcome.remaining] == [None, None]
