"""What modlint reads from grading metadata, held against nbgrader's own validator."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode, from_dict
from nbgrader.nbgraderformat import (
    MetadataValidator,
    SchemaTooNewError,
    SchemaTooOldError,
    ValidationError,
)

from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grading import (
    completed,
    needs_id,
    problems_of,
    slug,
    unique,
)
from modlint.notebook.grading import (
    test_metadata as graded_metadata,
)
from modlint.notebook.percent import read_text
from modlint.settings import Settings
from support import how_many

NBG = Settings(select=("NBG002", "NBG003"))

EXAMPLES = settings(
    max_examples=how_many(100, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


# --- the oracle -------------------------------------------------------------------------


def a_cell(source: str, metadata: object) -> NotebookNode:
    """A code cell with this metadata, as a notebook file stores it."""
    kept = json.loads(json.dumps(metadata))
    fields = {"cell_type": "code", "metadata": kept, "source": source}
    return as_notebook(fields)


def as_notebook(data: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(data)  # type: ignore[no-untyped-call]
    return node


def nbgrader_refuses(metadata: object) -> bool:
    """Does nbgrader's validator refuse a code cell with this metadata?

    Any exception is a refusal: the validator stops with TypeError or AttributeError
    on a schema version that is no number, or metadata that is no object.
    """
    cell = a_cell("x = 1", {"nbgrader": metadata})
    try:
        MetadataValidator().validate_cell(cell)
    except (
        ValidationError,
        SchemaTooOldError,
        SchemaTooNewError,
        TypeError,
        AttributeError,
        KeyError,
    ):
        return True
    return False


def module_of(metadata: object) -> ModuleFile:
    """A module of one code cell with this nbgrader metadata."""
    return read_text(f"# %% nbgrader={json.dumps(metadata)}\nx = 1\n")


def codes(metadata: object) -> set[str]:
    return {d.code for d in lint(module_of(metadata), NBG)}


def repaired(metadata: object) -> Any:
    """The nbgrader metadata after the safe fixes; None where they removed it."""
    file = module_of(metadata)
    outcome = fix(file, lint(file, NBG), NBG)
    assert outcome.fault == ""
    (cell,) = outcome.file.cells
    assert cell.source == "x = 1\n"
    return cell.metadata.get("nbgrader")


# --- generated metadata -------------------------------------------------------------------

FLAG: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 1, 2, "true", "False", "yes", "", None, 1.0, [], {}]),
)
POINTS = st.one_of(
    st.integers(-3, 50),
    st.floats(-2, 50, allow_nan=False),
    st.sampled_from(["5", "5.0", " 7 ", "-1", "nan", "inf", "1e400", "abc", "", None, True, [5]]),
)
GRADE_ID = st.one_of(
    st.sampled_from(["test-relu", "a", "1-a_B", "t"]),
    st.sampled_from(
        ["test f", "a/b", "a.b", "é", "", " ", "a\n", "\n", 7, None, True, ["a"], "::"]
    ),
    st.text(max_size=6),
)
VERSION: st.SearchStrategy[Any] = st.one_of(
    st.just(3),
    st.just(3),
    st.sampled_from([0, 1, 2, 4, 99, -1, 3.0, "3", True, False, None, [], {}]),
)
CHECKSUM = st.sampled_from(["0" * 32, "0" * 31, "0" * 33, "", 5, None])
CELL_TYPE = st.sampled_from(["code", "markdown", "raw", "Code", "", 1, None, ["code"]])

METADATA = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "grade": FLAG,
            "solution": FLAG,
            "locked": FLAG,
            "schema_version": VERSION,
            "grade_id": GRADE_ID,
            "points": POINTS,
            "task": FLAG,
            "checksum": CHECKSUM,
            "cell_type": CELL_TYPE,
            "name": st.just("unknown"),
        },
    ),
    st.fixed_dictionaries(
        {
            "grade": st.booleans(),
            "solution": st.booleans(),
            "locked": st.booleans(),
            "schema_version": st.just(3),
            "grade_id": GRADE_ID,
        },
        optional={"points": POINTS, "task": st.booleans(), "checksum": CHECKSUM},
    ),
    st.sampled_from(["yes", "", [], None, 5, True, [{"grade": True}]]),
)


@given(METADATA)
@EXAMPLES
def test_a_repair_keeps_every_value_that_nbgrader_takes(metadata: object) -> None:
    after = repaired(metadata)
    assume(isinstance(metadata, dict) and metadata and isinstance(after, dict))
    assert isinstance(metadata, dict)
    cell = Cell(CellKind.CODE, "", 1, None, {"nbgrader": metadata})
    faulty = {problem.key for problem in problems_of(cell)}
    kept = {key: value for key, value in metadata.items() if key not in faulty}
    assert {key: after[key] for key in kept} == kept


# --- what nbgrader takes although it does not mean to ------------------------------------------


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({"grade_id": "t\n"}, "warning"),
        ({"grade_id": "\n"}, "warning"),
        ({"grade_id": "t\n\n"}, "error"),
        ({"grade_id": ""}, "error"),
        ({"grade_id": "", "grade": False, "locked": False}, "warning"),
        ({"grade_id": " ", "grade": False, "locked": False}, "error"),
        ({"points": float("nan"), "grade": False}, "warning"),
        ({"points": 10**400, "grade": False}, "warning"),
        ({"points": "5", "grade": False}, "error"),
    ],
    ids=repr,
)
def test_a_warning_stands_where_nbgrader_does_not_refuse(
    change: dict[str, Any], severity: str
) -> None:
    metadata = {**GOOD, **change}
    assert [d.severity for d in lint(module_of(metadata), NBG)] == [severity]
    assert nbgrader_refuses(metadata) == (severity == "error")


@pytest.mark.parametrize("points", [float("nan"), 10**400])
def test_points_at_which_only_the_gradebook_fails_are_an_error(points: float) -> None:
    metadata = {**GOOD, "points": points}
    assert not nbgrader_refuses(metadata)
    assert [d.severity for d in lint(module_of(metadata), NBG)] == ["error"]


# --- single repairs -----------------------------------------------------------------------

GOOD = {
    "grade": True,
    "grade_id": "t",
    "locked": True,
    "points": 5,
    "schema_version": 3,
    "solution": False,
}


@pytest.mark.parametrize(
    ("change", "mended"),
    [
        ({"points": "5"}, {"points": 5}),
        ({"points": "2.5"}, {"points": 2.5}),
        ({"grade": "true"}, {"grade": True}),
        ({"locked": 1}, {"locked": True}),
        ({"solution": "False"}, {"solution": False}),
        ({"schema_version": "3"}, {"schema_version": 3}),
        ({"schema_version": 3.0}, {"schema_version": 3}),
        ({"schema_version": 2}, {"schema_version": 3}),
        ({"grade_id": "test f"}, {"grade_id": "test-f"}),
        ({"grade_id": "a/b.c"}, {"grade_id": "a-b-c"}),
    ],
    ids=repr,
)
def test_a_wrong_value_is_mended_and_nothing_else(
    change: dict[str, Any], mended: dict[str, Any]
) -> None:
    assert repaired({**GOOD, **change}) == {**GOOD, **mended}


@pytest.mark.parametrize("key", ["name", "checksum", "cell_type"])
def test_a_key_that_nbgrader_refuses_is_dropped(key: str) -> None:
    assert repaired({**GOOD, key: "?"}) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"points": "abc"},
        {"points": None},
        {"points": "-1"},
        {"points": True},
        {"schema_version": 4},
        {"grade_id": 7},
        {"grade_id": ""},
        {"grade_id": "::"},
        {"grade": "yes"},
        {"locked": None},
    ],
    ids=repr,
)
def test_a_value_that_may_mean_anything_is_left_to_the_author(change: dict[str, Any]) -> None:
    broken = {**GOOD, **change}
    assert codes(broken) == {"NBG003"}
    assert repaired(broken) == broken


def test_negative_points_have_only_an_unsafe_fix() -> None:
    broken = {**GOOD, "points": -1}
    file = module_of(broken)
    (diagnostic,) = lint(file, NBG)
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability == "unsafe"
    assert repaired(broken) == broken
    outcome = fix(file, [diagnostic], NBG, unsafe=True)
    assert outcome.file.cells[0].metadata["nbgrader"] == {**GOOD, "points": 0}


@pytest.mark.parametrize("flag", ["grade", "solution", "locked"])
@pytest.mark.parametrize("value", [1, "true"])
def test_a_repaired_role_gets_its_id(flag: str, value: object) -> None:
    after = repaired({flag: value, "points": 5})
    assert after[flag] is True
    assert after["grade_id"] == "cell-1"
    assert not nbgrader_refuses(after)


def test_the_lock_is_filled_in_from_what_the_flag_means() -> None:
    after = repaired({"grade": "false", "grade_id": "t", "solution": False})
    assert (after["grade"], after["locked"]) == (False, False)


def test_points_that_are_no_number_are_not_called_negative() -> None:
    file = read_text("# %% nbgrader=" + json.dumps({**GOOD, "points": float("nan")}) + "\nx = 1\n")
    assert "negative" not in " ".join(d.message for d in lint(file, NBG))


@pytest.mark.parametrize(
    ("role", "locked"),
    [
        ({"grade": True}, True),
        ({"grade": True, "solution": True}, False),
        ({"solution": True}, False),
        ({"grade": False, "solution": False}, False),
    ],
    ids=repr,
)
def test_missing_keys_are_filled_together_as_the_role_has_them(
    role: dict[str, bool], locked: bool
) -> None:
    after = repaired({**role, "grade_id": "t", "points": 5})
    assert after == {
        "grade": role.get("grade", False),
        "grade_id": "t",
        "locked": locked,
        "points": 5,
        "schema_version": 3,
        "solution": role.get("solution", False),
    }


def test_a_completed_marker_is_sorted_and_keeps_title_and_other_options() -> None:
    text = (
        '# %% The test tags=["x"] nbgrader={"solution": false, "grade": true, "points": 5.0}\nx\n'
    )
    file = read_text(text)
    outcome = fix(file, lint(file, NBG), NBG)
    assert outcome.file.text == (
        '# %% The test tags=["x"] nbgrader={"grade": true, "grade_id": "cell-1", "locked": true, '
        '"points": 5.0, "schema_version": 3, "solution": false}\nx\n'
    )


def test_an_invented_id_is_new_to_the_module_and_named_after_the_definition() -> None:
    text = (
        '# %% nbgrader={"grade": true, "grade_id": "add-up", "locked": true, "points": 1, '
        '"schema_version": 3, "solution": false}\nx = 1\n\n'
        '# %% nbgrader={"solution": true}\ndef add_up():\n    pass\n'
    )
    file = read_text(text)
    outcome = fix(file, lint(file, NBG), NBG)
    assert outcome.file.cells[1].metadata["nbgrader"]["grade_id"] == "add-up-2"


@pytest.mark.parametrize(
    "select",
    [
        ("NBG002", "NBG003", "NBG004"),
        ("NBG002", "NBG003"),
    ],
)
def test_mended_ids_of_two_cells_stay_apart(select: tuple[str, ...]) -> None:
    cell = '# %% nbgrader={"solution": true, "grade_id": "ID"}\nx\n\n'
    file = read_text("".join(cell.replace("ID", name) for name in ("a b", "a-b", "a/b")))
    chosen = Settings(select=select)
    outcome = fix(file, lint(file, chosen), chosen)
    assert outcome.fault == ""
    ids = [c.metadata["nbgrader"]["grade_id"] for c in outcome.file.cells]
    assert ids[1] == "a-b"
    assert len(set(ids)) == 3


@pytest.mark.parametrize("metadata", ["yes", [], 5, None], ids=repr)
def test_metadata_that_is_no_object_is_reported_and_left_alone(metadata: object) -> None:
    assert codes(metadata) == {"NBG003"}
    assert repaired(metadata) == metadata


def test_empty_metadata_is_removed() -> None:
    assert codes({}) == {"NBG003"}
    assert repaired({}) is None


# --- duplicates ---------------------------------------------------------------------------

DUPLICATE = Settings(select=("NBG004",))


def marked(grade_id: str, **flags: bool) -> str:
    role = {"grade": False, "solution": False, "locked": False, **flags}
    data = {**role, "grade_id": grade_id, "points": 1, "schema_version": 3}
    return f"# %% nbgrader={json.dumps(data)}\nx = 1\n\n"


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.booleans(), st.booleans(), st.booleans()), max_size=5
    )
)
@EXAMPLES
def test_ids_are_reported_exactly_where_nbgrader_finds_a_duplicate(
    cells: list[tuple[str, bool, bool, bool]],
) -> None:
    file = read_text(
        "".join(marked(i, grade=g, solution=s, locked=lock) for i, g, s, lock in cells) + "# %%\n"
    )
    notebook = as_notebook({"cells": [a_cell("x", dict(c.metadata)) for c in file.cells]})
    found = [d.cell for d in lint(file, DUPLICATE)]
    seen: set[str] = set()
    expected = []
    for index, (grade_id, *flags) in enumerate(cells):
        if any(flags) and grade_id in seen:
            expected.append(index)
        elif any(flags):
            seen.add(grade_id)
    assert found == expected
    if found:
        with pytest.raises(ValidationError, match="Duplicate grade id"):
            MetadataValidator().validate_nb(notebook)
    else:
        MetadataValidator().validate_nb(notebook)


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ({"locked": True}, {"grade": True}, "error"),
        ({"task": True, "locked": True}, {"task": True, "locked": True}, "error"),
        ({"task": True}, {"task": True}, "warning"),
        ({"grade": True}, {"task": True}, "warning"),
    ],
)
def test_a_duplicate_of_a_task_that_is_not_locked_is_no_refusal(
    first: dict[str, bool], second: dict[str, bool], severity: str
) -> None:
    text = (marked("a", **first) + marked("a", **second)).replace("# %%", "# %% [markdown]")
    assert [d.severity for d in lint(read_text(text), DUPLICATE)] == [severity]


def test_a_duplicate_names_the_line_of_the_cell_that_has_the_id() -> None:
    file = read_text("# %%\nx = 1\n\n" + marked("a", grade=True) * 2)
    (diagnostic,) = lint(file, DUPLICATE)
    assert (diagnostic.start.row, diagnostic.start.column) == (7, 1)
    assert "line 4" in diagnostic.message
    assert diagnostic.fix is None


# --- small parts ----------------------------------------------------------------------------


@given(st.text(max_size=12))
@EXAMPLES
def test_a_slug_is_empty_or_an_id_that_nbgrader_takes(text: str) -> None:
    found = slug(text)
    if found:
        assert not nbgrader_refuses({**GOOD, "grade_id": found})
    assert slug(found) == found


def test_unique_names_never_meet() -> None:
    taken = {"a", "a-2"}
    assert [unique("a", taken), unique("a", taken), unique("b", taken)] == ["a-3", "a-4", "b"]
    assert taken == {"a", "a-2", "a-3", "a-4", "b"}


def test_the_metadata_of_a_new_test_cell_is_complete() -> None:
    assert not nbgrader_refuses(graded_metadata("t", 5))
    assert (
        problems_of(Cell(CellKind.CODE, "", 1, None, {"nbgrader": graded_metadata("t", 5)})) == []
    )


def test_completed_leaves_its_argument_alone() -> None:
    before = {"grade": True}
    assert completed(before, "t")["grade_id"] == "t"
    assert before == {"grade": True}


@pytest.mark.parametrize("flag", ["grade", "solution", "locked", "task"])
def test_every_role_needs_an_id(flag: str) -> None:
    assert needs_id({flag: True})
    assert not needs_id({flag: False})
    assert needs_id({flag: "true"})  # what NBG003 makes of it
    assert not needs_id({flag: "false"})
