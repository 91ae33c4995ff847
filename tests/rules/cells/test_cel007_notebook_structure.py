"""CEL007: notebook files that nbformat, jupytext or nbgrader do not take as they stand."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import warnings
from typing import Any

import jupytext
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.validator import iter_validate
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums
from nbgrader.validator import Validator

from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.notebook.reading import read
from modlint.settings import Settings
from support import how_many

ONLY = Settings(select=("CEL007",))
KERNEL = {"kernelspec": {"display_name": "Python 3", "name": "python3"}}
ROLE = {"grade": False, "grade_id": "a", "locked": False, "schema_version": 3, "solution": True}
TEST = ROLE | {"grade": True, "grade_id": "t", "points": 5, "locked": True, "solution": False}
REGION = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
Json = dict[str, Any]


def code(**members: Any) -> Json:
    cell: Json = {"cell_type": "code", "execution_count": None, "id": "c1", "metadata": {}}
    return cell | {"outputs": [], "source": "x = 1"} | members


def text(**members: Any) -> Json:
    return {"cell_type": "markdown", "id": "t1", "metadata": {}, "source": "Text"} | members


def without(cell: Json, *keys: str) -> Json:
    return {key: value for key, value in cell.items() if key not in keys}


def notebook(*cells: Json, minor: int = 5, **members: Any) -> Json:
    whole: Json = {"cells": list(cells), "metadata": KERNEL, "nbformat": 4}
    return whole | {"nbformat_minor": minor} | members


def load(raw: Json) -> ModuleFile:
    return read((json.dumps(raw, indent=1) + "\n").encode(), "m.ipynb")


def check(raw: Json) -> list[Diagnostic]:
    return lint(load(raw), ONLY)


def fixed(raw: Json) -> Json:
    file = load(raw)
    outcome = fix(file, lint(file, ONLY), ONLY)
    assert outcome.fault == ""
    again = fix(outcome.file, outcome.remaining, ONLY)
    assert again.file.text == outcome.file.text
    new: Json = json.loads(outcome.file.text)
    return new


def faults(raw: Json) -> list[str]:
    """What nbformat says, warnings about ids included."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        node = nbformat.from_dict(copy.deepcopy(raw))  # type: ignore[no-untyped-call]
        found = [e.message for e in iter_validate(node)]  # type: ignore[no-untyped-call]
        try:
            nbformat.validate(node)
        except (nbformat.ValidationError, TypeError) as error:
            found.append(str(error))
    return found + [str(w.message) for w in caught]


CLEAN = [
    notebook(code(), text()),
    notebook(),
    notebook(without(code(), "id"), without(text(), "id"), minor=4),
    notebook(code(id="a-b_C9"), text(id="x" * 64)),
    notebook(text(attachments={"a.png": {"image/png": "AA=="}})),
    notebook(code(metadata={"tags": ["a", "b"], "jupyter": {"source_hidden": True}})),
    notebook(code(metadata={"nbgrader": TEST, "collapsed": True, "scrolled": "auto"})),
    notebook(
        code(
            execution_count=3,
            outputs=[
                {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["x"]},
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": "1", "application/vnd.x+json": {"a": [1]}},
                    "metadata": {},
                    "execution_count": 3,
                },
            ],
        )
    ),
]
FAULTY: dict[str, tuple[Json, Json]] = {
    "missing id": (without(code(), "id"), code()),
    "id with a blank": (code(id="a b"), code()),
    "empty id": (code(id=""), code()),
    "long id": (code(id="x" * 65), code()),
    "number for an id": (code(id=5), code()),
    "no outputs": (without(code(), "outputs"), code()),
    "no count": (without(code(), "execution_count"), code()),
    "neither": (without(code(), "execution_count", "outputs", "id"), code()),
    "outputs of text": (text(outputs=[]), text()),
    "count of text": (text(execution_count=None), text()),
    "raw": (text(cell_type="raw", outputs=[]), text(cell_type="raw")),
}


@pytest.mark.parametrize("raw", CLEAN)
def test_a_sound_notebook_is_silent(raw: Json) -> None:
    assert faults(raw) == []
    assert check(raw) == []


@pytest.mark.parametrize("name", FAULTY)
def test_members_come_to_be_what_nbformat_asks_for(name: str) -> None:
    cell, meant = FAULTY[name]
    raw = notebook(text(id="first"), cell, code(id="last", source="z = 1"))
    assert faults(raw) != []
    (found,) = check(raw)
    assert (found.cell, found.start.row) == (1, 1)
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE
    after = fixed(raw)
    assert faults(after) == []
    assert [after["cells"][0], after["cells"][2]] == [raw["cells"][0], raw["cells"][2]]
    assert without(after["cells"][1], "id") == without(meant, "id")
    if "id" not in name and name != "neither":
        assert after["cells"][1]["id"] == cell["id"]


def test_of_equal_ids_the_first_stays() -> None:
    raw = notebook(code(), code(source="y = 1"), code(), text(id="c1"))
    assert any("Non-unique" in fault for fault in faults(raw))
    assert [d.cell for d in check(raw)] == [1, 2, 3]
    after = fixed(raw)
    assert faults(after) == []
    ids = [cell["id"] for cell in after["cells"]]
    assert ids[0] == "c1"
    assert len(set(ids)) == 4
    assert fixed(raw) == after


def test_a_notebook_whose_cells_have_no_ids_gets_them_all() -> None:
    raw = notebook(*(without(code(), "id") for _ in range(5)))
    assert len(check(raw)) == 5
    assert len({cell["id"] for cell in fixed(raw)["cells"]}) == 5


def test_ids_of_an_older_format_go() -> None:
    raw = notebook(code(), text(), minor=4)
    assert faults(raw) != []
    assert [d.cell for d in check(raw)] == [0, 1]
    after = fixed(raw)
    assert faults(after) == []
    assert after == notebook(without(code(), "id"), without(text(), "id"), minor=4)


@pytest.mark.parametrize(
    ("raw", "cell", "words"),
    [
        (notebook(text(), code(extra=1)), 1, "extra"),
        (notebook(text(), without(code(), "metadata")), 1, "'metadata' is a required property"),
        (notebook(text(), code(attachments={})), 1, "attachments"),
        (notebook(text(), code(metadata={"tags": ["a", "a"]})), 1, "non-unique"),
        (notebook(text(), code(metadata={"tags": "a"})), 1, "not of type 'array'"),
        (notebook(text(), code(outputs=[{"output_type": "stream"}])), 1, "required property"),
        (notebook(text(), code(outputs=[{"output_type": "x"}])), 1, ""),
        (notebook(text(), code(execution_count="1")), 1, "not of type"),
        (notebook(text(), without(code(extra=1), "outputs")), 1, "extra"),
        (notebook(text(), extra=1), 0, "extra"),
        (notebook(text(), metadata={"kernelspec": {"name": "x"}}), 0, "display_name"),
        (notebook(metadata={"title": 5}), 0, "not of type 'string'"),
    ],
)
def test_the_rest_is_said_in_the_words_of_nbformat(raw: Json, cell: int, words: str) -> None:
    assert faults(raw) != []
    found = check(raw)[-1]
    assert (found.cell, found.fix) == (cell, None)
    assert "nbformat refuses" in found.message
    assert words in found.message
    fixed(raw)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nbgrader={'grade': false}", {"nbgrader": {"grade": False}}),
        ('nbgrader={"a": True, "b": false} x=1', {"nbgrader": {"a": True, "b": False}, "x": 1}),
        ('nbgrader={"grade": true', None),
        ("Set {a, b}", None),
    ],
)
def test_metadata_that_jupytext_could_not_read(text: str, meant: Json | None) -> None:
    made = jupytext.reads(f"# %% {text}\nx = 1\n", {"extension": ".py"})
    raw = json.loads(nbformat.writes(made))  # type: ignore[no-untyped-call]
    assert "incorrectly_encoded_metadata" in raw["cells"][0]["metadata"]
    (found,) = check(raw)
    assert found.cell == 0
    after = fixed(raw)
    assert after["cells"][0]["metadata"] == (meant or raw["cells"][0]["metadata"])


# --- leftovers of a release -----------------------------------------------------------------


def changed_cells(raw: Json) -> list[Any]:
    node = nbformat.from_dict(copy.deepcopy(raw))  # type: ignore[no-untyped-call]
    found: list[Any] = Validator()._get_changed_cells(node)
    return found


def test_a_checksum_in_a_source_is_a_false_alarm_of_nbgrader() -> None:
    stray = TEST | {"checksum": "0" * 32, "cell_type": "code"}
    raw = notebook(
        code(metadata={"nbgrader": ROLE}, source=REGION),
        code(metadata={"nbgrader": stray}, source="assert f() == 1", id="c2"),
    )
    assert len(changed_cells(raw)) == 1
    (found,) = check(raw)
    assert found.cell == 1
    assert "`cell_type` and `checksum`" in found.message
    after = fixed(raw)
    assert after["cells"][1]["metadata"] == {"nbgrader": TEST}
    assert changed_cells(after) == []


def test_a_release_has_its_checksums_by_right() -> None:
    source = notebook(
        code(metadata={"nbgrader": ROLE}, source=REGION),
        code(metadata={"nbgrader": TEST}, source="assert f() == 1", id="c2"),
    )
    node = nbformat.from_dict(source)  # type: ignore[no-untyped-call]
    for step in (ClearSolutions(), ComputeChecksums()):
        node, _ = step.preprocess(node, {})
    release = json.loads(nbformat.writes(node))  # type: ignore[no-untyped-call]
    assert all("checksum" in cell["metadata"]["nbgrader"] for cell in release["cells"])
    assert check(release) == []


# --- all faults, and the price of none ------------------------------------------------------

values = st.sampled_from(
    [None, 0, 1, -1, "a", "", [], ["a"], ["a", "a"], {}, {"a": 1}, True, "a,b"]
)
keys = st.sampled_from(
    "id outputs execution_count metadata attachments extra tags name format jupyter collapsed "
    "scrolled execution output_type text data traceback ename evalue kernelspec language_info "
    "title authors orig_nbformat".split()
)


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    raw: Json = copy.deepcopy(draw(st.sampled_from(CLEAN)))
    for _ in range(draw(st.integers(0, 3))):
        places: list[Json] = [raw, raw["metadata"]]
        for cell in raw["cells"]:
            places += [cell]
            places += [p for p in (cell.get("metadata"), *_outputs(cell)) if isinstance(p, dict)]
        place = draw(st.sampled_from(places))
        key = draw(keys | st.sampled_from(sorted(set(place) | {"id"})))
        if key in ("cells", "nbformat", "nbformat_minor", "cell_type", "source"):
            continue
        if draw(st.booleans()):
            place.pop(key, None)
        elif key != "metadata":
            place[key] = draw(values)
        if not isinstance(raw.get("metadata"), dict):
            raw["metadata"] = {}
    return raw


def _outputs(cell: Json) -> list[Any]:
    found = cell.get("outputs")
    return [o for o in found if isinstance(o, dict)] if isinstance(found, list) else []


@settings(
    max_examples=how_many(100, 300), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(mutated())
def test_whatever_nbformat_finds_is_reported_and_nothing_else(raw: Json) -> None:
    assert bool(check(raw)) == bool(faults(raw))
    after = fixed(raw)
    assert len(faults(after)) <= len(faults(raw))


def test_a_sound_notebook_costs_no_import_of_nbformat() -> None:
    script = (
        "import sys\nfrom modlint.linting import lint\nfrom modlint.notebook.reading import read\n"
        "from modlint.settings import Settings\n"
        "lint(read(sys.argv[1].encode(), 'm.ipynb'), Settings(select=('CEL007',)))\n"
        "sys.exit('nbformat' in sys.modules)"
    )
    for raw in CLEAN:
        assert subprocess.run([sys.executable, "-c", script, json.dumps(raw)]).returncode == 0
    raw = notebook(code(extra=1))
    assert subprocess.run([sys.executable, "-c", script, json.dumps(raw)]).returncode == 1


def test_what_is_shown_below_text_is_not_dropped_unasked() -> None:
    shown = {"name": "stdout", "output_type": "stream", "text": "a figure"}
    (found,) = check(notebook(text(outputs=[shown])))
    assert found.fix is not None
    assert found.fix.applicability is Applicability.UNSAFE
    (found,) = check(notebook(text(cell_type="raw", outputs=[shown], execution_count=3)))
    assert found.fix is not None
    assert found.fix.applicability is Applicability.UNSAFE
    (found,) = check(notebook(text(outputs=[], execution_count=3)))
    assert found.fix is not None
    assert found.fix.applicability is Applicability.SAFE
