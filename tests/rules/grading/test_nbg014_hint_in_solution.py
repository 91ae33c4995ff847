"""NBG014: guidance that nbgrader takes out of the release, and words that only look like it."""

from __future__ import annotations

import pytest

from exporting import found, notebook, rows
from real_tools.regions import released_module

CODE = "NBG014"
ROLE = {"grade": False, "grade_id": "f", "locked": False, "schema_version": 3, "solution": True}
SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "f", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)


def answer(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"def f():\n    ### BEGIN SOLUTION\n{body}    return 1\n    ### END SOLUTION\n"


HINTS = {
    "todo": "# TODO: add them",
    "todo alone": "# TODO",
    "todo of somebody": "# TODO(ü): add them",
    "hints": "## HINTS:",
    "listed": "#  - HINT 2: use sum",
    "approach": "# APPROACH: add, then halve",
    "title case": "# Hint: use sum",
    "lower case": "# hint 1: use sum",
    "behind code": "x = 1  # HINT: why one?",
    "docstring": '"""\n    TODO: add them\n    """',
    "docstring of a helper": 'def g():\n        """Adds.\n\n        HINT: use sum\n        """',
}
NO_HINTS = {
    "string": 'x = "TODO: add them"',
    "string that is used": 'print("""\n    HINT: use sum\n    """)',
    "name": "hint = hints = TODO = 1",
    "sentence": "# the hint is looked up; the TODO list is empty",
    "approach in words": "# approach: add, then halve",
    "hint in words": "# Hints are counted here",
    "longer word": "# TODOS and HINTED are counted",
    "other comment": "# add them",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("line", HINTS.values(), ids=HINTS)
def test_guidance_that_the_student_never_sees(line: str, ending: str) -> None:
    text = (SOLUTION + answer("y = 0", line)).replace("\n", ending)
    (diagnostic,) = found(text, CODE)
    word = next(w for w in ("TODO", "HINTS", "HINT", "APPROACH", "Hint", "hint") if w in line)
    assert diagnostic.message == f"{word} inside the solution region: the student never sees it"
    assert word in text.split(ending)[diagnostic.start.row - 1]
    assert word not in released_module(text)[0]


@pytest.mark.parametrize("line", NO_HINTS.values(), ids=NO_HINTS)
def test_what_is_no_guidance(line: str) -> None:
    assert found(SOLUTION + answer(line), CODE) == []


def test_one_report_for_each_region() -> None:
    text = SOLUTION + answer("# TODO: a", "# HINT: b", "# HINT: c") + answer("# APPROACH: d")
    assert [(d.start.row, d.message.split(" inside")[0]) for d in found(text, CODE)] == [
        (4, "TODO, HINT"),
        (11, "APPROACH"),
    ]


def test_guidance_outside_the_region_is_seen() -> None:
    text = f"{SOLUTION}# HINT: a\n{answer()}# TODO: b\n"
    assert found(text, CODE) == []
    assert "# HINT: a" in released_module(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        f"# %%\n{answer('# TODO: a')}",
        f"{SOLUTION}def f():\n    # BEGIN SOLUTION\n    # TODO: a\n    return 1\n",
        f"{SOLUTION}# TODO: a\nx = 1\n",
        "# %% [markdown]\n# TODO: a\n",
        answer("# TODO: a"),
    ],
    ids=["no role", "no end", "no region", "Markdown", "plain Python"],
)
def test_where_other_faults_come_first_or_nothing_is_hidden(text: str) -> None:
    assert found(text, CODE) == []


def test_a_cell_that_does_not_parse() -> None:
    assert rows(f"{SOLUTION}# BEGIN SOLUTION\n# TODO: a\nx = (\n# END SOLUTION\n", CODE) == [3]


def test_a_notebook_file() -> None:
    text = notebook("x = 1", answer("# TODO: größer"), metadata={1: {"nbgrader": ROLE}})
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.start.column) == (1, 3, 5)
