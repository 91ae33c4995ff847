"""NBG006: what nbgrader would wipe is kept, and no answer is released by it."""

from __future__ import annotations

import ast
import json

import jupytext
import pytest
from nbgrader.preprocessors import ClearSolutions

from exporting import fixed, found
from grading import percent, stored
from modlint.diagnostics import Applicability
from modlint.linting import lint
from modlint.notebook.grading import grading_of
from modlint.notebook.percent import read_text
from modlint.settings import Settings

CELL = (
    '# %% nbgrader={"grade": false, "grade_id": "it", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
READ_ONLY = CELL.replace('"locked": false', '"locked": true').replace("true}", "false}")
EXPORT = "# %%\n#| default_exp core\n\n"
ANSWER = "def half(x):\n    return x / 2\n"

BY_HAND = CELL.replace('"grade": false', '"grade": true, "points": 3')


def message(text: str) -> str:
    (diagnostic,) = found(text, "NBG006")
    return diagnostic.message


def trust(text: str) -> Applicability | None:
    (diagnostic,) = found(text, "NBG006")
    return diagnostic.fix.applicability if diagnostic.fix is not None else None


def released(text: str) -> str:
    """What nbgrader itself makes of the last cell, which must be Python."""
    notebook = jupytext.reads(text, {"extension": ".py"})
    notebook, _ = ClearSolutions().preprocess(notebook, {})
    source: str = notebook.cells[-1].source
    ast.parse(source)
    return source


# --- what is reported -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        ("import math\n", "lost: 1 import"),
        ("#| export\nimport math\nfrom os import path\n", "lost: `#| export`, 2 imports"),
        (ANSWER, "lost: half"),
        ("".join(f"def f{n}(): print({n})\n" for n in range(5)), "lost: f0, f1, f2 and 2 more"),
        ("print(1)\n", "its code is lost"),
        ("%%bash\nls\n", "its text is lost"),
        ("%%R\n# write here\n", "its text is lost"),
        ('def half(x):\n    """TODO."""\n    ...\n', "lost: half"),
        ("#| export\n# The sum of both.\n", "lost: `#| export`"),
    ],
)
def test_a_cell_without_region_is_reported_with_what_is_lost(body: str, lost: str) -> None:
    assert message(CELL + body).endswith(lost)
    assert released(CELL + body).startswith("# YOUR CODE HERE")


def test_the_end_of_a_region_alone_is_none_and_is_named() -> None:
    said = message(CELL + "def half(x):\n    return x / 2\n    ### END SOLUTION\n")
    assert said.endswith("lost: half (the END SOLUTION of line 4 has no BEGIN)")


@pytest.mark.parametrize(
    "text",
    [
        CELL + "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n",
        CELL + "# YOUR CODE HERE\nraise NotImplementedError()\n",
        CELL + "pass\n",
        CELL,
        CELL + "# The sum of both.\n\n# And the half of it.\n",
        CELL + '"""The sum of both."""\n...\n',
        CELL + 'raise NotImplementedError("yours to write")\n',
        CELL + "// The sum of both\n/* in\n * C++ */\n",
        CELL + "-- the sum, in SQL or Lua\n",
        CELL + "% the sum, in Octave\nerror('not yet')\n",
        CELL + "# in R\nfail()\n",
        BY_HAND + "def half(x):\n    return x / 2\n",
        CELL + "def half(x):\n    # begin solution\n    return x / 2\n    # end solution\n",
        "# %%\nimport math\n",
        READ_ONLY + "import math\n",
    ],
    ids=[
        "region",
        "stub",
        "pass",
        "empty",
        "comments",
        "docstring",
        "message",
        "C++",
        "SQL",
        "Octave",
        "R",
        "by hand",
        "near miss",
        "plain",
        "read-only",
    ],
)
def test_a_cell_that_loses_nothing_by_it_is_none(text: str) -> None:
    assert found(text, "NBG006") == []


@pytest.mark.parametrize(
    ("words", "is_lost"),
    [
        ("# Why is it slow?", True),
        ("# ## Question 3", True),
        ("# **Question**: which of them?", True),
        ("# See [the talk](https://example.org/watch?v=1): is it right?", True),
        ("# Because it reads every weight.", False),
        ("# Ask each question once, so that half of the cards are left.", False),
        ("# As in [the talk](https://example.org/watch?v=1).", False),
        ("# As https://example.org/?q=weights says, and [a page](read?id=2), too.", False),
        ("# *Your answer here*", False),
    ],
)
def test_of_text_the_question_is_lost_and_the_answer_is_not(words: str, is_lost: bool) -> None:
    marker = CELL.replace("# %% ", "# %% [markdown] ").replace('"grade": false', '"grade": true')
    assert [d.fix for d in found(marker + words + "\n", "NBG006")] == [None] * is_lost


def test_a_notebook_is_read_in_the_same_way() -> None:
    grading = {"grade": False, "grade_id": "it", "locked": False, "solution": True}
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {"nbgrader": {**grading, "schema_version": 3}},
        "outputs": [],
        "source": ["import math"],
    }
    whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    after = json.loads(fixed(json.dumps(whole), "NBG006"))
    changed = {**grading, "locked": True, "schema_version": 3, "solution": False}
    assert after["cells"][0]["metadata"]["nbgrader"] == changed


# --- read-only ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("import math\nSIZE = 3\n", Applicability.SAFE),
        ("import sys\nsys.path.insert(0, '..')\n", Applicability.SAFE),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\n", Applicability.SAFE),
        ('if __name__ == "__main__":\n    demo()\n', Applicability.SAFE),
        ("def demo_half():\n    print(1 / 2)\n", Applicability.UNSAFE),
        ("def test_half():\n    assert 1 / 2 == 0.5\n", Applicability.UNSAFE),
        ("#| export\nlimit = 3\n", Applicability.SAFE),
        ("answer = 42\n", Applicability.UNSAFE),
        ("levels: list[int] = [1, 2, 4]\nlast = levels[-1]\n", Applicability.UNSAFE),
        ('# Greet the world.\nprint("hello")\n', Applicability.UNSAFE),
    ],
)
def test_set_up_and_demos_become_read_only(body: str, expected: Applicability) -> None:
    assert trust(CELL + body) is expected
    assert fixed(CELL + body, "NBG006") == READ_ONLY + body


def test_points_go_with_the_role_and_missing_keys_come() -> None:
    marker = '# %% Set-up nbgrader={"grade_id": "it", "points": 2, "solution": true}\n'
    after = fixed(marker + "import math\n", "NBG006")
    assert grading_of(read_text(after).cells[0]) == {
        "grade": False,
        "grade_id": "it",
        "locked": True,
        "schema_version": 3,
        "solution": False,
    }


# --- an answer is never locked into a release -------------------------------------------------

HIDDEN = (
    CELL.replace('"it"', '"hidden"')
    + """def spread(values):
    ### BEGIN SOLUTION
    mean = sum(values) / len(values)
    squares = [(value - mean) ** 2 for value in values]
    return sum(squares) / (len(values) - 1)
    ### END SOLUTION

"""
)
COPY = """    m = sum(xs) / len(xs)
    parts = [(x - m) ** 2 for x in xs]
    print(sum(parts) / (len(xs) - 1))
    return sum(parts) / (len(xs) - 1)
"""


@pytest.mark.parametrize(
    "text",
    [
        EXPORT + CELL + "#| export\n" + ANSWER,
        CELL + ANSWER,
        CELL + 'def demo_half(x):\n    """TODO: halve it."""\n    print(x / 2)\n',
        EXPORT + "# %%\n#| export\ndef both(x):\n    return half(x), half(x)\n\n" + CELL + ANSWER,
        HIDDEN + CELL + "def demo_other(xs):\n" + COPY,
        HIDDEN + CELL + "def spread(values):\n    print(values)\n",
    ],
    ids=["exported", "gives a value", "task", "needed", "copy", "namesake"],
)
def test_an_answer_gets_a_region(text: str) -> None:
    assert trust(text) is Applicability.UNSAFE
    after = fixed(text, "NBG006")
    assert "raise NotImplementedError()" in released(after)
    assert found(after, "NBG006") == []


@pytest.mark.parametrize(
    "body",
    [
        "half = lambda x: x / 2\n",
        "x = solve(a, b)\n",
        "def half(x): pass\n",
        "def demo():\n    print(1)\n\nxs = [1, 2]\nm = sum(xs) / len(xs)\n"
        "parts = [(x - m) ** 2 for x in xs]\nresult = sum(parts) / (len(xs) - 1)\n",
    ],
    ids=["lambda", "result", "stub", "copy"],
)
def test_where_only_the_author_can_tell_there_is_no_fix(body: str) -> None:
    hidden = HIDDEN.replace("    return sum", "    result = sum")
    assert trust(hidden + CELL + body) is None


TEST = (
    '# %% nbgrader={"grade": true, "grade_id": "test", "locked": true, "points": 1, '
    '"schema_version": 3, "solution": false}\n'
)


@pytest.mark.parametrize(
    ("body", "test"),
    [
        ("answer = 42\n", "assert answer == 42\n"),
        ("import math\nhalf_turn = math.pi\n", "assert round(half_turn) == 3\n"),
        ("low, high = -1, 1\n", "def test_range():\n    assert low < high\n\ntest_range()\n"),
        ("levels = {'one': 1}\n", '### AUTOTEST levels["one"]\n'),
        ("levels = [1]\n", "### HASHED AUTOTEST levels[0]\n"),
        ("SIZE = 8\n", "assert SIZE == 8\n"),
    ],
)
def test_a_value_that_a_graded_test_asks_for_is_never_released(body: str, test: str) -> None:
    cells = [("code", json.loads(line.split("=", 1)[1]), text)
             for line, text in ((CELL, body), (TEST, test))]  # fmt: skip
    assert trust(CELL + body + "\n" + TEST + test) is None
    for file in (percent(cells), stored(cells)):
        (diagnostic,) = lint(file, Settings(select=("NBG006",)))
        assert diagnostic.fix is None


@pytest.mark.parametrize(
    ("body", "test"),
    [
        ("import math\nSIZE = 3\n", "assert len(make()) == SIZE\n"),
        ("#| export\nsize = 3\n", "assert len(make()) == size\n"),
        ("import math\nsize = 3\n", "assert make() == math.pi\n"),
    ],
)
def test_the_settings_beside_imports_become_read_only(body: str, test: str) -> None:
    assert trust(CELL + body + "\n" + TEST + test) is Applicability.SAFE


def test_a_cell_that_is_graded_by_hand_is_left_to_the_author() -> None:
    assert trust(BY_HAND + "#| export\nimport math\n") is None


# --- regions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            'def half(x):\n    """Half of x."""\n    # It is smaller.\n    return x / 2\n'
            "    # End.\n",
            'def half(x):\n    """Half of x."""\n    ### BEGIN SOLUTION\n    # It is smaller.\n'
            "    return x / 2\n    # End.\n    ### END SOLUTION\n",
        ),
        (
            "def half(x):\n    # TODO: halve it\n    y = x / 2\n\n    return y\n",
            "def half(x):\n    # TODO: halve it\n    ### BEGIN SOLUTION\n    y = x / 2\n\n"
            "    return y\n    ### END SOLUTION\n",
        ),
        (
            "def half(\n    x,\n):\n\treturn x / 2\n",
            "def half(\n    x,\n):\n\t### BEGIN SOLUTION\n\treturn x / 2\n\t### END SOLUTION\n",
        ),
        (
            "def half(x): return x / 2\n",
            "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n",
        ),
        (
            "def half(x):\n    def inner(y):\n        return y / 2\n    return inner(x)\n",
            "def half(x):\n    ### BEGIN SOLUTION\n    def inner(y):\n        return y / 2\n"
            "    return inner(x)\n    ### END SOLUTION\n",
        ),
        (
            "class Half:\n    def later(self):\n        raise NotImplementedError\n\n"
            "    @property\n    def half(self):\n        @cached\n        def f():\n"
            "            return 1\n        return f()\n\n    size = 3\n",
            "class Half:\n    def later(self):\n        raise NotImplementedError\n\n"
            "    @property\n    def half(self):\n        ### BEGIN SOLUTION\n        @cached\n"
            "        def f():\n            return 1\n        return f()\n"
            "        ### END SOLUTION\n\n    size = 3\n",
        ),
    ],
    ids=["docstring", "task", "tabs", "one line", "nested", "methods"],
)
def test_each_body_gets_a_region_behind_its_docstring(body: str, wanted: str) -> None:
    after = fixed(CELL + body, "NBG006")
    assert after == CELL + wanted
    assert "/ 2" not in released(after)


def test_line_endings_stay_and_a_missing_one_comes() -> None:
    text = (CELL + "def half(x):\n    return x / 2").replace("\n", "\r\n")
    after = fixed(text, "NBG006")
    assert after.count("\r\n") == after.count("\n") == 5
    assert after.endswith("    ### END SOLUTION\r\n")
