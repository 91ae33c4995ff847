"""An error about grading metadata stands exactly where the real nbgrader refuses it.

Metadata, kind of cell and text are generated. A warning says of metadata that nbgrader takes
it, and what is odd about it all the same. ``MODLINT_EXAMPLES=long`` tries thousands.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grading import FORMATS, GradedCell, percent, role
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text
from modlint.settings import Settings
from real_tools.course import Course, Refused
from real_tools.releasing import Release, invalid, notebook_of
from support import how_many

#: The rules that speak of what nbgrader refuses in metadata; it never asks whether code parses,
#: which is told whatever is selected.
REFUSING = Settings(select=("NBG002", "NBG003", "NBG004", "NBG005", "NBG012"), ignore=("CEL008",))
ALL = Settings(select=(*REFUSING.select, "NBG015"), ignore=REFUSING.ignore)
EXAMPLES = settings(
    max_examples=how_many(60, 5000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

# --- generated cells --------------------------------------------------------------------------

KINDS = ("code", "markdown", "raw")
FLAGS = ("grade", "solution", "locked", "task")
ODD_FLAG: st.SearchStrategy[Any] = st.sampled_from(
    [0, 1, 2, "true", "False", "yes", "", None, 1.0, [], {}]
)
POINTS: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 50),
    st.floats(0, 50),
    st.sampled_from([float("nan"), float("inf"), 10**400, -1, -0.5]),
    st.sampled_from(["5", "", "abc", None, True, [5]]),
)
GRADE_ID: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["test-relu", "a", "1-a_B"]),
    st.sampled_from(["test f", "a/b", "é", "", " ", "a\n", "\n", 7, None, ["a"]]),
    st.text(max_size=4),
)
VERSION: st.SearchStrategy[Any] = st.sampled_from([0, 1, 2, 4, -1, 3.0, "3", True, None, [], {}])
CHECKSUM = st.sampled_from(["0" * 32, "0" * 31, "", 5, None])
CELL_TYPE = st.sampled_from(["code", "markdown", "raw", "Code", "", 1, None, ["code"]])
ODD = {
    **dict.fromkeys(FLAGS, ODD_FLAG),
    "points": POINTS,
    "grade_id": GRADE_ID,
    "schema_version": VERSION,
    "checksum": CHECKSUM,
    "cell_type": CELL_TYPE,
    "name": st.just("unknown"),
}


@st.composite
def metadata(draw: st.DrawFn) -> Any:
    """A role as the schema has it, with some keys missing, odd or too many; or anything at all."""
    if draw(st.integers(0, 30)) == 0:
        return draw(st.sampled_from([{}, "yes", "", [], None, 5, True, [{"grade": True}]]))
    found: dict[str, Any] = {flag: draw(st.booleans()) for flag in FLAGS[:3]}
    found |= {"schema_version": 3, "grade_id": "t"}
    if draw(st.booleans()):
        found["task"] = draw(st.booleans())
    if draw(st.booleans()):
        found["points"] = draw(st.integers(0, 20))
    for key in draw(st.lists(st.sampled_from(sorted(ODD)), max_size=3, unique=True)):
        if draw(st.booleans()):
            found[key] = draw(ODD[key])
        else:
            found.pop(key, None)
    return found


TEXTS = {
    "code": [
        "",
        "x = 1\n",
        "def test_a():\n    assert 1\n\ntest_a()\n",
        "def test_a():\n    pass\n\ndef test_module():\n    pass\n",
        "def f(:\n",
        '"""é"""\n',
    ],
    "markdown": ["", "Why?\n", "# Title\n\n- one\n"],
    "raw": ["", "---\n", "plain text\n"],
}
#: Regions, and the flag without which they would be a fault of their own.
REGIONS = {
    "solution": {
        "code": "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n",
        "markdown": "Why?\n\n### BEGIN SOLUTION\nSo.\n### END SOLUTION\n",
    },
    "grade": {"code": "x = 1\n### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS\n"},
    "task": {"markdown": "Do it.\n\n### BEGIN MARK SCHEME\n5: all\n### END MARK SCHEME\n"},
}


@st.composite
def cell(draw: st.DrawFn) -> GradedCell:
    """Kind, nbgrader metadata and text of a cell."""
    kind = draw(st.sampled_from(KINDS))
    found = draw(metadata())
    texts = list(TEXTS[kind])
    for flag, regions in REGIONS.items():
        if kind in regions and isinstance(found, dict) and found.get(flag) is True:
            texts.append(regions[kind])
    return kind, found, draw(st.sampled_from(texts))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    logging.disable(logging.CRITICAL)  # nbgrader logs every refusal
    yield Release(tmp_path_factory.mktemp("release"))
    logging.disable(logging.NOTSET)


GOOD = role(grade=True, grade_id="good", locked=True, points=5)


# --- the agreement ----------------------------------------------------------------------------


@given(cell())
@EXAMPLES
@example(("markdown", {"grade": False, "solution": True, "locked": False, "schema_version": 3}, ""))
def test_an_error_stands_exactly_where_nbgrader_refuses(
    release: Release, generated: GradedCell
) -> None:
    agree(release, [generated])


@given(st.lists(cell(), min_size=2, max_size=4))
@EXAMPLES
def test_cells_of_one_module_are_refused_together(
    release: Release, generated: list[GradedCell]
) -> None:
    agree(release, generated)


def agree(release: Release, cells: list[GradedCell]) -> None:
    notebook = notebook_of(cells)
    refused = invalid(notebook) or release.refusal(notebook)
    for form in FORMATS:
        found = lint(form(cells), REFUSING)
        errors = [d for d in found if d.severity == "error"]
        assert bool(errors) == bool(refused), (refused, found)
        mixed = [d for d in found if d.code == "NBG012"]
        assert all(("refuses" in d.message) == (d in errors) for d in mixed)


@pytest.mark.parametrize(
    "sample",
    [
        ("code", GOOD, "x = 1\n"),
        ("code", role(grade=True), "x = 1\n"),
        ("markdown", role(grade=True, points=1), "Why?\n"),
        ("markdown", role(task=True), "Why?\n"),
        ("markdown", role(task=True, grade=True, points=1), "Why?\n"),
        ("markdown", role(task=True, points=1, grade_id=""), "Why?\n"),
        ("raw", role(locked=True), "Why?\n"),
        ("raw", role(points=1), "Why?\n"),
        ("code", role(grade=True, points=10**400), "x = 1\n"),
        ("code", role(grade=True, points=1, grade_id="t\n"), "x = 1\n"),
    ],
    ids=repr,
)
def test_the_command_refuses_what_its_preprocessors_refuse(
    release: Release, sample: GradedCell, tmp_path: Path
) -> None:
    course = Course(tmp_path / "course")
    course.add("module", percent([sample]).text)
    refused = release.refusal(notebook_of([sample]))
    with pytest.raises(Refused) if refused else nullcontext():
        course.release("module")


@given(st.lists(cell(), min_size=1, max_size=3))
@EXAMPLES
def test_nbgrader_takes_what_the_fixes_leave_without_an_error(
    release: Release, generated: list[GradedCell]
) -> None:
    file = percent(generated)
    outcome = fix(file, lint(file, ALL), ALL, unsafe=True)
    assert outcome.fault == ""
    if not any(d.severity == "error" for d in outcome.remaining):
        left = [c for c in outcome.file.cells if "nbgrader" in c.metadata]
        texts = [markdown_text(c) if c.kind is not CellKind.CODE else c.source for c in left]
        notebook = notebook_of(
            (str(c.kind), c.metadata["nbgrader"], text) for c, text in zip(left, texts, strict=True)
        )
        assert (invalid(notebook), release.refusal(notebook)) == ("", "")
