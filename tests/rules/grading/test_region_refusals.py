"""NBG007 and NBG008 say that nbgrader refuses a cell if and only if its own steps raise.

The cells are read from real files: a notebook, and a percent module that jupytext reads for
nbgrader.
"""

from __future__ import annotations

import json
from typing import Any

import jupytext
import nbformat
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exporting import found
from modlint.diagnostics import Diagnostic
from real_tools.regions import released_by_nbgrader

CODES = ("NBG007", "NBG008")
WORDS = [
    f"{first} {kind}"
    for kind in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
    for first in ("BEGIN", "END")
]
MISSED = [
    "begin solution", "End Solution", "END SOLUTON", "BEGIN_HIDDEN TESTS", "END HIDDEN TEST",
    "begin mark scheme", "End mark scheme",
]  # fmt: skip
FORMS = ["### {}", "    ### {}", "\t# {} (ü)", "x = 1  # {}", '"{}"', "{}", "print('{}')"]
DELIMITER = st.builds(str.format, st.sampled_from(FORMS), st.sampled_from(WORDS + MISSED))
TWO = st.builds("# {} and {}".format, st.sampled_from(WORDS), st.sampled_from(WORDS))
OTHER = st.sampled_from(
    ["x = 1", "def f(x):", '    """Text."""', "    return x", "", "'''", "# TODO"]
)
LINES = st.lists(st.one_of(DELIMITER, DELIMITER, TWO, OTHER), min_size=1, max_size=9)
ROLES = st.one_of(
    st.none(),
    st.fixed_dictionaries({key: st.booleans() for key in ("grade", "solution", "task")}),
)
KINDS = st.sampled_from(["code", "markdown", "raw"])
EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


def metadata_of(role: dict[str, bool] | None) -> dict[str, Any]:
    return {} if role is None else {"nbgrader": {**role, "grade_id": "x", "points": 1}}


def as_notebook(kind: str, lines: list[str], metadata: dict[str, Any]) -> str:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    cell = {"cell_type": kind, "id": "x", "metadata": metadata, "source": "\n".join(lines), **code}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def as_module(kind: str, lines: list[str], metadata: dict[str, Any]) -> str:
    role = f" nbgrader={json.dumps(metadata['nbgrader'])}" if metadata else ""
    if kind == "code":
        return "\n".join([f"# %%{role}", *lines, ""])
    return "\n".join([f"# %% [{kind}]{role}", *(f"# {line}".rstrip() for line in lines), ""])


def assert_agreement(cells: list[nbformat.NotebookNode], diagnostics: list[Diagnostic]) -> None:
    errors = [released_by_nbgrader(c.cell_type, c.source, c.metadata)[1] for c in cells]
    error = next(filter(None, errors), "")
    refusing = [d.message for d in diagnostics if "refuses" in d.message]
    assert bool(refusing) is bool(error)
    assert not error or any(words_of(message) in error for message in refusing)
    assert all("refuses" in d.message for d in diagnostics if d.code == "NBG008")
    reported = [(d.start, d.message.split(" ")[:3]) for d in diagnostics]
    assert all(reported.count(place) == 1 for place in reported)


def words_of(message: str) -> str:
    """nbgrader's words that a message quotes, or those that it is in other words."""
    return message.partition("refuses the module: ")[2] or "region detected in a non-"


@EXAMPLES
@given(KINDS, LINES, ROLES)
@example(
    "code",
    ["# END SOLUTION", "# BEGIN SOLUTION"],
    {"grade": False, "solution": True, "task": False},
)
@example(
    "code",
    ["# BEGIN SOLUTION", "# BEGIN HIDDEN TESTS", "# END SOLUTION"],
    {"grade": False, "solution": True, "task": False},
)
@example("code", ["# BEGIN MARK SCHEME"], {"grade": False, "solution": True, "task": False})
def test_of_a_notebook(kind: str, lines: list[str], role: dict[str, bool] | None) -> None:
    text = as_notebook(kind, lines, metadata_of(role))
    cells = nbformat.reads(text, as_version=4).cells  # type: ignore[no-untyped-call]
    assert_agreement(cells, found(text, *CODES))


@EXAMPLES
@given(KINDS, LINES, ROLES, st.sampled_from(["\n", "\r\n"]))
def test_of_a_module(
    kind: str, lines: list[str], role: dict[str, bool] | None, ending: str
) -> None:
    text = as_module(kind, lines, metadata_of(role))
    cells = jupytext.reads(text, fmt={"extension": ".py"}).cells
    assert_agreement(cells, found(text.replace("\n", ending), *CODES))
