"""What students receive of a cell, held against nbgrader's own preprocessors."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.regions import delimiters, is_delimiter, release
from real_tools.regions import released_by_nbgrader
from support import how_many

EXAMPLES = settings(
    max_examples=how_many(150, 2000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
LINE = st.sampled_from(
    [
        "x = 1",
        "def f():",
        "    ### BEGIN SOLUTION",
        "    ### END SOLUTION",
        "# BEGIN SOLUTION",
        "# END SOLUTION",
        '    "BEGIN SOLUTION"',
        "\t# BEGIN SOLUTION and more",
        "# begin solution",
        "# BEGIN HIDDEN TESTS",
        "    # END HIDDEN TESTS",
        "# BEGIN MARK SCHEME",
        "# END MARK SCHEME",
        "# BEGIN SOLUTION END SOLUTION",
        "",
    ]
)


@given(
    st.sampled_from(["code", "markdown"]),
    st.lists(LINE, max_size=8),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@EXAMPLES
@example("code", ["# BEGIN SOLUTION", "x = 1", "# END SOLUTION"], False, True, False)
@example("code", ["# BEGIN SOLUTION", "# END SOLUTION"], False, True, False)
@example("code", ["    ### END SOLUTION"], False, False, False)
def test_the_release_is_nbgraders(
    kind: str, lines: list[str], grade: bool, solution: bool, task: bool
) -> None:
    grading = {"grade": grade, "solution": solution, "task": task, "grade_id": "x"}
    source = "\n".join(lines)
    cell = Cell(CellKind(kind), source, 1, None, {"nbgrader": grading}, origin=0)
    ours = release(cell)
    text, error = released_by_nbgrader(kind, source, {"nbgrader": grading})
    assert ours.source == text
    assert bool(ours.refusal) == bool(error)
    assert (ours.refusal or "") in error


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("### BEGIN SOLUTION", True),
        ('"""END HIDDEN TESTS"""', True),
        ("# END MARK SCHEME.", True),
        ("# begin solution", False),
        ("# BEGIN  SOLUTION", False),
        ("# SOLUTION", False),
    ],
)
def test_a_delimiter_is_a_part_of_a_line(line: str, expected: bool) -> None:
    assert is_delimiter(line) is expected
    assert bool(list(delimiters(line))) is expected
