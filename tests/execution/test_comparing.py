"""``fix --verify``: what it sees of fixes that change the notebook, the release or the import.

The pairs are hand-made: the proof would let none of these fixes be made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modlint.execution.comparing import compare
from modlint.execution.observation import Limits
from modlint.notebook.kinds import Purpose
from modlint.notebook.reading import read
from modlint.settings import Settings

GUARD = 'if __name__ == "__main__":\n'
GRADED = {
    "grade": True, "grade_id": "t", "locked": True, "points": 3, "schema_version": 3,
    "solution": False,
}  # fmt: skip
SOLUTION = GRADED | {"grade": False, "grade_id": "s", "locked": False, "solution": True}
AREA = "def area(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION\n"
HIDDEN = "### BEGIN HIDDEN TESTS\nassert area(3) == 9\n### END HIDDEN TESTS\n"

#: Cells of a module with their roles.
Cells = list[tuple[str, dict[str, Any] | None]]


def _percent(cells: Cells) -> bytes:
    parts = []
    for text, role in cells:
        parts.append(f"# %% nbgrader={json.dumps(role)}\n" if role else "# %%\n")
        parts.append(text)
    return "".join(parts).encode()


def _notebook(cells: Cells) -> bytes:
    stored: list[dict[str, Any]] = [
        {
            "cell_type": "code", "execution_count": None, "id": f"c{n}", "outputs": [],
            "metadata": {"nbgrader": role} if role else {}, "source": text.rstrip("\n"),
        }
        for n, (text, role) in enumerate(cells)
    ]  # fmt: skip
    whole = {"cells": stored, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def _seen(
    tmp_path: Path, before: Cells, after: Cells, kind: str, purpose: Purpose | None = None
) -> str:
    """The first line of what ``--verify`` says against the change, and what it shows."""
    write = _percent if kind == "py" else _notebook
    path = tmp_path / f"m.{kind}"
    path.write_bytes(write(before))
    old, new = (read(write(cells), path.name) for cells in (before, after))
    settings = Settings(purpose=purpose or Purpose())
    return compare(str(path), old, new, [], settings, Limits(timeout=30)).objection


both = pytest.mark.parametrize("kind", ["py", "ipynb"])


@both
def test_a_value_that_is_displayed_no_more_is_seen(tmp_path: Path, kind: str) -> None:
    above: Cells = [("def score():\n    return 2\n", None)]
    seen = _seen(
        tmp_path, [*above, ("score()\n", GRADED)], [*above, (f"{GUARD}    score()\n", GRADED)], kind
    )
    assert seen == "its notebook does something else:\n- cell 2 displays 2"


@both
def test_a_test_that_the_release_calls_no_more_is_seen(tmp_path: Path, kind: str) -> None:
    before: Cells = [(AREA, SOLUTION), (f"assert area(2) == 4\n{HIDDEN}", GRADED)]
    body = "    assert area(2) == 4\n    ### BEGIN HIDDEN TESTS\n    assert area(3) == 9\n"
    hidden = f"def demo():\n{body}\n\n{GUARD}    demo()\n    ### END HIDDEN TESTS\n"
    seen = _seen(tmp_path, before, [(AREA, SOLUTION), (hidden, GRADED)], kind)
    assert seen == "its release is graded otherwise:\n- t fails\n+ t passes"


@both
def test_a_flag_that_a_try_decides_otherwise_is_seen(tmp_path: Path, kind: str) -> None:
    old = "try:\n    probe()\n    FOUND = True\nexcept NameError:\n    FOUND = False\n"
    new = old.replace("    probe()\n", f"    {GUARD}        probe()\n")
    seen = _seen(tmp_path, [(old, None)], [(new, None)], kind)
    assert seen == "importers find another FOUND: False before, True now"


@both
def test_an_object_that_others_import_is_seen_as_it_is(tmp_path: Path, kind: str) -> None:
    net = "from types import SimpleNamespace\n\nmodel = SimpleNamespace(w=0)\n"
    old, new = "model.w += 1\n", f"{GUARD}    model.w += 1\n"
    wanted = Purpose(imported=("model",), importers=1)
    before: Cells = [(net, None), (old, None)]
    after: Cells = [(net, None), (new, None)]
    seen = _seen(tmp_path, before, after, kind, wanted)
    assert seen.startswith("importers find another model: ")
    assert "{'w': 1} before" in seen
    assert _seen(tmp_path, before, after, kind) == ""  # nobody imports it


def test_a_name_that_others_import_must_be_there(tmp_path: Path) -> None:
    old, new = "limit = 3\n", f"{GUARD}    limit = 3\n"
    wanted = Purpose(imported=("limit",), importers=1)
    seen = _seen(tmp_path, [(old, None)], [(new, None)], "py", wanted)
    assert seen == "importers find another limit: 3 before, missing now"
    assert _seen(tmp_path, [(old, None)], [(new, None)], "py") == ""


@both
def test_an_error_of_a_cell_is_held_against_that_cell(tmp_path: Path, kind: str) -> None:
    """The script ends at the first error; a notebook goes on, and so does an autograder."""
    before: Cells = [("1 / 0\n", None), ("for n in (1,):\n    kept = n\n", None), ("kept\n", None)]
    body = "def demo():\n    for n in (1,):\n        kept = n\n\n"
    after: Cells = [before[0], (f"{body}{GUARD}    demo()\n", None), before[2]]
    seen = _seen(tmp_path, before, after, kind)
    assert "import" in seen or seen.splitlines()[1:] == [
        "- cell 3 displays 1", "+ cell 3 raises NameError",
    ]  # fmt: skip


@both
def test_what_changes_from_run_to_run_is_no_difference(tmp_path: Path, kind: str) -> None:
    cells: Cells = [
        ("import random\nimport time\n", None),
        ("random.random()\n", None),
        ("object()\n", None),
        ("time.perf_counter()\n", GRADED),
        ("%%time\nx = 1\n" if kind == "ipynb" else "# %%time\nx = 1\n", None),
    ]
    assert _seen(tmp_path, cells, cells, kind) == ""


@both
def test_a_good_fix_is_no_difference(tmp_path: Path, kind: str) -> None:
    above: Cells = [(AREA, SOLUTION), (f"{GUARD}    assert area(2) == 4\n", GRADED)]
    old: Cells = [*above, ("'abc'.upper()\n", None), ("print('shown')\n", None)]
    new: Cells = [*old[:-1], (f"{GUARD}    print('shown')\n", None)]
    assert _seen(tmp_path, old, new, kind) == ""


def test_a_cell_may_be_split(tmp_path: Path) -> None:
    test = f"def test_area():\n    assert area(2) == 4\n\n{GUARD}    test_area()\n"
    before: Cells = [(f"{AREA}\n\n{test}", SOLUTION)]
    after: Cells = [(AREA, SOLUTION), (test, GRADED)]
    assert _seen(tmp_path, before, after, "py") == ""
