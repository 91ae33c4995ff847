"""Suppressions: what they reach, in a module and in its notebook, and how they are added."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.fixing.engine import fix
from modlint.fixing.ignoring import with_suppression, with_suppressions
from modlint.fixing.proof import objection
from modlint.linting import judged, lint
from modlint.modules import check_path
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.reading import read
from modlint.settings import Settings
from notebook_files import notebook_of, written
from support import REFERENCE, REFERENCE_NOTEBOOK, Run

ALL = Settings()
GRADED = (
    '# %% nbgrader={"grade": true, "grade_id": "t", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)
BARE = '# %% nbgrader={"grade": false, "grade_id": "a", "solution": true}\n'
STUB = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"


def codes(text: str, settings: Settings = ALL) -> list[str]:
    return [d.code for d in lint(read(text.encode()), settings)]


def codes_in_notebook(text: str, settings: Settings = ALL) -> list[str]:
    data = written(notebook_of(text), "nbformat").encode()
    return [d.code for d in lint(read(data, "m.ipynb"), settings)]


HIDDEN = {
    "behind the statement": "print(1)  # modlint: ignore[IMP002] a welcome\n",
    "on the line above": "# modlint: ignore[IMP002] a welcome\nprint(1)\n",
    "above, with a comment between": "# modlint: ignore[IMP002]\n# Says hello.\nprint(1)\n",
    "in lower case, tight": "print(1)  #modlint:ignore[imp002]\n",
    "several codes": (
        "def f() -> None:\n    print(1)\n\n\nprint(f())  # modlint: ignore[IMP002, SIG005]\n"
    ),
    "behind another remark": "print(1)  # type: ignore # modlint: ignore[IMP002]\n",
    "before another remark": "print(1)  # modlint: ignore[IMP002] yes # type: ignore\n",
    "on the first line of many": "print(  # modlint: ignore[IMP002]\n    1,\n)\n",
    "on a middle line of many": "print(\n    1,  # modlint: ignore[IMP002]\n)\n",
    "on a line of its own among many": "print(\n    # modlint: ignore[IMP002]\n    1,\n)\n",
    "on the last line of many": "print(\n    1,\n)  # modlint: ignore[IMP002]\n",
    "behind a string of many lines": 'print("""\n\n""")  # modlint: ignore[IMP002]\n',
    "behind a continued line": "print(1 + \\\n    2)  # modlint: ignore[IMP002]\n",
    "for the cell": "print(1)\n# modlint: ignore-cell[IMP002] all of them\nprint(2)\n",
    "for the file": "print(1)\n\n# %%\n# modlint: ignore-file[IMP002] all\nprint(2)\n",
    "a demo by its first line": (
        "for i in [1]:  # modlint: ignore[IMP004]\n    print(i)\nprint(2)\n"
    ),
}
SHOWN = {
    "in a string": 's = "# modlint: ignore[IMP002]"; print(s)\n',
    "in a string of many lines": 's = """\n# modlint: ignore[IMP002]\n"""; print(s)\n',
    "in a docstring": (
        '"""Write `# modlint: ignore-file[IMP002]`.\n\n# modlint: ignore-file[IMP002]\n"""\n'
        "print(1)\n"
    ),
    "quoted in a comment": "print(1)  # see `# modlint: ignore[IMP002]`\n",
    "another code": "print(1)  # modlint: ignore[IMP001]\n",
    "parted by a blank line": "# modlint: ignore[IMP002]\n\nprint(1)\n",
    "behind the statement above": "x = 1  # modlint: ignore[IMP002]\nprint(1)\n",
    "below": "print(1)\n# modlint: ignore[IMP002]\n",
    "of another cell": "# modlint: ignore-cell[IMP002]\nx = 1\n\n# %%\nprint(1)\n",
    "for the cell, behind code": "print(1)  # modlint: ignore-cell[IMP002]\n",
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_is_suppressed_is_not_found_and_its_suppression_is_used(
    body: str, newline: str
) -> None:
    text = f"# %%\n{body}"
    assert codes(text.replace("\n", newline)) == []
    assert codes_in_notebook(text) == []


@pytest.mark.parametrize("body", SHOWN.values(), ids=SHOWN)
def test_what_is_not_suppressed_is_found(body: str) -> None:
    text = f"# %%\n{body}"
    assert "IMP002" in codes(text)
    assert "IMP002" in codes_in_notebook(text)


@pytest.mark.parametrize(
    "place", ["@cache", "@cache\n@other", "def f(x) -> None:", "x\n) -> None:"]
)
def test_a_head_is_decorators_and_signature(place: str) -> None:
    body = "# %%\nfrom functools import cache\nother = cache\n@cache\n@other\ndef f(x) -> None:\n"
    body = body.replace("(x)", "(\n    x\n)") if place.startswith("x") else body
    body += "    return 1\n"
    assert codes(body, Settings(select=("SIG001",))) == ["SIG001"]
    above = body.replace("@cache\n@other", "# modlint: ignore[SIG001]\n@cache\n@other")
    behind = body.replace(place, f"{place}  # modlint: ignore[SIG001]")
    assert codes(above, Settings(select=("SIG001", "MET"))) == []
    assert codes(behind, Settings(select=("SIG001", "MET"))) == []


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("# modlint: ignore-cell[NBG002]\n", True),
        ("# modlint: ignore-file[NBG002]\n", True),
        ("# modlint: ignore[NBG002]\n", False),
    ],
)
def test_what_is_said_of_a_marker_is_for_the_cell(line: str, hidden: bool) -> None:
    text = BARE + line + STUB
    only = Settings(select=("NBG002",))
    assert (codes(text, only) == []) is hidden
    assert (codes_in_notebook(text, only) == []) is hidden


def test_a_comment_above_a_marker_says_nothing_of_it() -> None:
    text = f"# %%\nx = 1\n# modlint: ignore-cell[NBG002]\n{BARE}{STUB}"
    for found in (codes(text), codes_in_notebook(text)):
        assert {"NBG002", "MET001"} <= set(found)


@pytest.mark.parametrize(
    "body",
    [
        "# Title\n#\n# <!-- modlint: ignore-cell[NBG012] a reason -->\n",
        '"""\nTitle\n\n<!-- modlint: ignore-cell[NBG012] -->\n"""\n',
        "# <!-- modlint: ignore-file[NBG012] -->\n",
    ],
)
def test_markdown_is_suppressed_in_a_comment_of_its_own(body: str) -> None:
    marker = BARE.replace("%%", "%% [markdown]").replace(
        '"solution"', '"locked": false, "schema_version": 3, "solution"'
    )
    only = Settings(select=("NBG012", "MET"))
    assert codes(marker + "# Title\n", only) == ["NBG012"]
    assert codes(marker + body, only) == []
    assert codes_in_notebook(marker + body, only) == []


def test_fenced_markdown_is_no_suppression() -> None:
    text = (
        "# %% [markdown]\n# ```\n# <!-- modlint: ignore-file[IMP002] -->\n# ```\n\n# %%\nprint(1)\n"
    )
    assert codes(text) == codes_in_notebook(text) == ["IMP002"]


def test_suppressed_diagnostics_are_not_fixed() -> None:
    text = '# %%\nprint("a")\nprint("b")  # modlint: ignore[IMP002] wanted\nprint("c")\n'
    file = read(text.encode())
    outcome = fix(file, lint(file, ALL), ALL)
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert outcome.file.text == (
        '# %%\nif __name__ == "__main__":\n    print("a")\n'
        'print("b")  # modlint: ignore[IMP002] wanted\n'
        'if __name__ == "__main__":\n    print("c")\n'
    )


@pytest.mark.parametrize(
    "comment", ["# modlint: ignore-cell[IMP001]", "# modlint: ignore-file[IMP001]"]
)
def test_what_is_suppressed_from_afar_is_not_guarded_with_its_neighbours(comment: str) -> None:
    text = f'{GRADED}def test_x():\n    pass\n\n\ntest_x()\nprint("c")\n{comment}\n'
    file = read(text.encode())
    outcome = fix(file, lint(file, ALL), ALL)
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert "\ntest_x()\nif __name__" in outcome.file.text


def test_a_suppression_moves_with_its_statement() -> None:
    text = (
        "# %%\ndef f() -> None:\n    print(1)\n\n\n# About it.\n"
        "# modlint: ignore[SIG005] shows None\nprint(f())\n"
    )
    file = read(text.encode())
    only = Settings(select=("IMP", "SIG005", "MET"))
    outcome = fix(file, lint(file, only), only, unsafe=True)
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert outcome.file.text.endswith(
        '# About it.\nif __name__ == "__main__":\n'
        "    # modlint: ignore[SIG005] shows None\n    print(f())\n"
    )


def test_others_are_not_guarded_where_what_they_need_is_left_alone() -> None:
    text = "# %%\ndef f():\n    return 1\n\n\nx = f()\nprint(x)  # modlint: ignore[IMP002]\n"
    file = read(text.encode())
    outcome = fix(file, lint(file, ALL), ALL, unsafe=True)
    assert outcome.fault == ""
    assert outcome.file.text == text


def test_cells_that_an_indented_marker_tears_apart_are_one_text() -> None:
    text = "# %%\nclass A:\n    x = 1\n\n    # %% note\n    # modlint: ignore[IMP002] both\n"
    text += "    print(\n        x)\n"
    only = Settings(select=("IMP", "MET"))
    assert codes(text.replace("[IMP002] both", "[IMP003]"), only) == ["MET001", "IMP002"]
    assert codes(text, only) == []


def test_a_cell_that_does_not_parse_can_be_left_alone() -> None:
    text = "# %%\n# modlint: ignore-cell[CEL008] to be written\nx = (\n"
    assert codes(text, Settings(select=("CEL008", "MET"))) == []
    assert codes_in_notebook(text, Settings(select=("CEL008", "MET"))) == []


def test_what_is_seen_when_a_module_runs_is_suppressed_too(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nprint(1)\nprint(2)  # modlint: ignore[IMP002, RUN001]\n")
    result = modlint("verify", "m.py")
    assert [line[:7] for line in result.stdout.splitlines()] == ["m.py:2:", "Found 1"]


def _steps(count: int) -> int:
    """How many calls Python makes to read that many suppressions, and to look each of them up."""
    lines = "# Copy it.  # modlint: ignore[IMP001, CEL003]\n" * count
    text = f"# %%\n{lines}" + "print(1)  # modlint: ignore[IMP002]\n" * count
    steps = 0

    def step(frame: object, event: str, argument: object) -> None:
        nonlocal steps
        steps += 1

    module = Module(read(text.encode()), ALL)
    sys.setprofile(step)
    try:
        assert all(
            module.suppressions.hides("IMP002", 0, row) for row in range(count + 2, 2 * count)
        )
    finally:
        sys.setprofile(None)
    return steps


def test_many_suppressions_take_no_quadratic_time() -> None:
    assert _steps(4000) < 2.5 * _steps(2000)


# --- the proof --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ("x = 1  # a\n", "x = 1  # a  # modlint: ignore[IMP001] b\n", True),
        ("x = 1\n", "# modlint: ignore[IMP001]\nx = 1\n", True),
        ("x = 1  # modlint: ignore[IMP001]\n", "x = 1\n", True),
        ("x = 1  # a\n", "x = 1  # modlint: ignore[IMP001]\n", False),
        ("x = 1\n", "x = 2  # modlint: ignore[IMP001]\n", False),
        ("x = 1\n", "x = 1  # note\n", False),
        ("x = '''\n'''\n", "x = '''\n# modlint: ignore[IMP001]\n'''\n", False),
        ("x = 'a'\n", "x = 'a  # modlint: ignore[IMP001]'\n", False),
    ],
)
def test_the_proof_lets_nothing_else_change(old: str, new: str, fits: bool) -> None:
    file = ModuleFile((Cell(CellKind.CODE, old, 2, "# %%\n"),))
    patch = Patch({0: (Cell(CellKind.CODE, new, 2, "# %%\n"),)})
    made = Fix(Applicability.SAFE, "", lambda: patch, Change.SUPPRESSIONS)
    assert (objection(file, patch, made) is None) is fits


# --- adding them ------------------------------------------------------------------------------


def suppressed(text: str, name: str = "m.py", reason: str = "") -> str:
    file = read(text.encode(), name)
    outcome = with_suppressions(file, ALL, reason)
    assert (outcome.fault, outcome.remaining) == ("", [])
    again = read(outcome.file.to_bytes(), name)
    assert judged(Module(again, ALL)) == []
    assert with_suppressions(again, ALL, reason).file.text == outcome.file.text
    return outcome.file.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(1)\n", "print(1)  # modlint: ignore[IMP002] old\n"),
        ("print(1)", "print(1)  # modlint: ignore[IMP002] old"),
        ("print(\n    1,\n)\n", "print(\n    1,\n)  # modlint: ignore[IMP002] old\n"),
        ("print(1)  # noqa\n", "print(1)  # noqa  # modlint: ignore[IMP002] old\n"),
        (
            f"print({'1' * 90})\n",
            f"# modlint: ignore[IMP002] old\nprint({'1' * 90})\n",
        ),
        (
            f"if len('a'):\n\tprint({'1' * 90})\n",
            f"if len('a'):  # modlint: ignore[IMP004] old\n\tprint({'1' * 90})\n",
        ),
    ],
)
def test_each_suppression_stands_right(old: str, new: str) -> None:
    above = "# %%\ndef f():\n    print(1)\n\n\n# %%\n" if "f()" in old else "# %%\n"
    assert suppressed(above + old, reason="old") == above + new
    crlf = (above + old).replace("\n", "\r\n")
    assert suppressed(crlf, reason="old") == (above + new).replace("\n", "\r\n")


@pytest.mark.parametrize("last", ["# %%", "# %%\n"])
def test_suppressions_that_are_there_stay_and_no_line_widens(last: str) -> None:
    lines = {
        'print("a")': 'print("a")  # modlint: ignore[IMP002] new',
        'print("d")  # modlint: ignore[QQQ123]': 'print("d")  # modlint: ignore[QQQ123, IMP002]',
        'print("e")  # modlint: ignore[IMP001] x': (
            'print("e")  # modlint: ignore[IMP001, IMP002] x'
        ),
        'print("j")  # modlint: ignore[IMP]': 'print("j")  # modlint: ignore[IMP, IMP002]',
        'print("k")  # modlint: ignore': 'print("k")  # modlint: ignore',
        'print("l")  # modlint: ignore[IMP002, IMP003]': (
            'print("l")  # modlint: ignore[IMP002, IMP003]'
        ),
        'print("i")  # modlint: ignore[IMP002': (
            'print("i")  # modlint: ignore[IMP002  # modlint: ignore[IMP002] new'
        ),
        'print("w")  # modlint: ignore-line[IMP002]': (
            'print("w")  # modlint: ignore-line[IMP002]  # modlint: ignore[IMP002] new'
        ),
    }
    file = read("\n".join(["# %%", *lines, last]).encode())
    outcome = with_suppressions(file, ALL, "new")
    assert (outcome.fault, len(outcome.applied)) == ("", 6)
    assert outcome.file.text.split("\n") == "\n".join(["# %%", *lines.values(), last]).split("\n")
    left = [d.code for d in outcome.remaining]
    assert left == ["MET001", "MET001", "MET001", "MET003", "MET001", "MET001", "MET001"]


def test_what_is_wrong_with_suppressions_is_left_and_told(modlint: Run, tmp_path: Path) -> None:
    text = "# %%\nx = 1  # modlint: ignore[IMP002] once\nprint(2)  # modlint: ignore\n"
    (tmp_path / "m.py").write_text(text)
    result = modlint("fix", "--add-ignores", "--apply", "m.py")
    assert result.exit_code == 1
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["MET001", "MET003"]
    assert result.stderr.endswith(
        "2 problems left. 2 of them in suppressions that were there, which stay as they are.\n"
    )
    assert (tmp_path / "m.py").read_text() == text


def test_what_is_wrong_with_one_suppression_can_be_suppressed() -> None:
    file = read(b"# %%\nx = 1  # modlint: ignore[IMP002] once\n")
    outcome = with_suppression(file, lint(file, ALL)[0], ALL)
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert outcome.file.text == "# %%\nx = 1  # modlint: ignore[IMP002, MET001] once\n"


def test_a_suppression_for_a_cell_stands_below_the_directives() -> None:
    text = f"# %%\n#| default_exp a\n\n{BARE}#| export\n{STUB}"
    new = suppressed(text)
    assert f"{BARE}#| export\n# modlint: ignore-cell[NBG002]\n" in new


def test_markdown_is_suppressed_in_both_forms() -> None:
    marker = BARE.replace("%%", "%% [markdown]")
    for text in (f"{marker}# Title\n\n# %%\nx = 1\n", f'{marker}"""\nTitle\n"""\n\n# %%\nx = 1\n'):
        assert "<!-- modlint: ignore-cell[NBG" in suppressed(text)
    inline = f'{marker}"""Title"""\n\n# %%\nx = 1\n'
    assert "# %%\n# modlint: ignore-file[NBG" in suppressed(inline)


@pytest.mark.parametrize("path", [REFERENCE, REFERENCE_NOTEBOOK], ids=["py", "ipynb"])
def test_the_reference_module_is_clean_afterwards(path: Path) -> None:
    checked = check_path(str(path), ALL)
    text = suppressed(path.read_text("utf-8"), path.name, "from before")
    assert text != path.read_text("utf-8")
    assert text.count("from before") <= len(checked.diagnostics)  # type: ignore[union-attr]


def test_the_command_shows_and_writes_them(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("# %%\nprint(1)\n")
    shown = modlint("fix", "--add-ignores", "--reason", "from before", "m.py")
    assert shown.exit_code == 1
    assert "+print(1)  # modlint: ignore[IMP002] from before\n" in shown.stdout
    assert "Would apply 1 suppression in 1 file" in shown.stderr
    assert path.read_text() == "# %%\nprint(1)\n"
    assert modlint("fix", "--add-ignores", "--apply", "m.py").exit_code == 0
    assert path.read_text() == "# %%\nprint(1)  # modlint: ignore[IMP002]\n"
    assert modlint("check", "m.py").exit_code == 0
    assert modlint("fix", "--add-ignores", "m.py").exit_code == 0


@pytest.mark.parametrize("broken", ["x = = 1", "x = (", 'x = """a', "%matplotlib inline", "if 1:"])
def test_a_cell_that_does_not_parse_keeps_no_other_from_being_suppressed(
    modlint: Run, tmp_path: Path, broken: str
) -> None:
    path = tmp_path / "m.py"
    path.write_text(f"# %%\nprint(1)\n\n# %%\n{broken}\n")
    result = modlint("fix", "--add-ignores", "--apply", "m.py")
    assert result.exit_code == 1
    assert "CEL008 cell 2 does not parse" in result.stdout
    assert path.read_text().startswith("# %%\nprint(1)  # modlint: ignore[IMP002]\n\n# %%\n")
    assert path.read_text().endswith(f"{broken}\n")


def test_a_pair_stays_a_pair(modlint: Run, tmp_path: Path) -> None:
    text = REFERENCE.read_text("utf-8")
    (tmp_path / "m.py").write_text(text)
    (tmp_path / "m.ipynb").write_text(written(notebook_of(text), "nbformat"))
    assert modlint("fix", "--add-ignores", "--apply").exit_code == 0
    assert modlint("check").exit_code == 0


def test_one_diagnostic_is_suppressed_and_no_other() -> None:
    file = read(REFERENCE.read_bytes())
    before = lint(file, ALL)
    for one in {(d.code, d.start.row == file.cells[d.cell].row): d for d in before}.values():
        outcome = with_suppression(file, one, ALL)
        assert not outcome.fault
        after = lint(outcome.file, ALL)
        assert [d.code for d in after] == [d.code for d in before if d is not one]


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ('# %% [raw] nbgrader={"grade": true}\ntext\n', None),
        (
            '# %% [raw] nbgrader={"grade": true}\ntext\n\n# %%\nX = 1\n',
            '# %% [raw] nbgrader={"grade": true}\ntext\n\n# %%\n'
            "# modlint: ignore-file[NBG012]\nX = 1\n",
        ),
    ],
)
def test_one_that_is_not_in_code(text: str, new: str | None) -> None:
    file = read(text.encode())
    one = next(d for d in lint(file, ALL) if d.code == "NBG012")
    outcome = with_suppression(file, one, ALL)
    assert outcome.file.text == (text if new is None else new)
    assert outcome.fault == ("NBG012 cannot be suppressed here" if new is None else "")


def test_what_cannot_be_suppressed_is_named(modlint: Run, tmp_path: Path) -> None:
    raw = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    marker = '# %% [raw] nbgrader={"grade": true}\ntext\n'
    (tmp_path / "m.ipynb").write_text(json.dumps(raw))
    (tmp_path / "m.py").write_text(marker)
    result = modlint("fix", "--add-ignores", "--apply", "m.py")
    assert result.exit_code == 1
    assert "m.py:1:1: NBG" in result.stdout
    assert (tmp_path / "m.py").read_text() == marker


@pytest.mark.parametrize(
    "options",
    [["--reason", "x"], ["--add-ignores", "--unsafe-fixes"], ["--add-ignores", "--verify"],
     ["--add-ignores", "--reason", "a\nb"], ["--add-ignores", "--reason", "a # b"]],
)  # fmt: skip
def test_options_that_do_not_go_together(modlint: Run, options: list[str]) -> None:
    result = modlint("fix", *options, "-", stdin="# %%\nprint(1)\n")
    assert result.exit_code == 2
    assert "Error" in result.stderr
