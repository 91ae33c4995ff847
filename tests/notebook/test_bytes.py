"""A fix of a notebook changes the cells that it mends, and no other byte of the file.

The notebooks are written as the programs write them that are in use: what modlint writes
into such a file must be what the program itself would have written there.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modlint.examples import Example
from modlint.fixing.engine import Outcome, fix
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.settings import Settings
from notebook_files import (
    KERNEL,
    UNRULED,
    WRITERS,
    Json,
    cell_spans,
    lived_in,
    notebook_of,
    rewritten,
    written,
)
from support import how_many
from test_rule_pages import PAIRS

BY_WRITER = pytest.mark.parametrize("writer", WRITERS)
#: What a fix may change of a cell: its text, and of its metadata this key.
OWN = ("source", "cell_type")
#: Rules about percent text: a notebook never has their faults.
OF_PERCENT = ("CEL001", "CEL002", "CEL003", "CEL004", "CEL005", "CEL006")
FIXED: list[Any] = [
    param
    for param in PAIRS
    if isinstance(example := param.values[0], Example)
    and example.name == "module.py"
    and example.kind in ("safe", "unsafe")
    and example.code not in OF_PERCENT
]


def mended(text: str, options: Settings) -> Outcome:
    """The file with all fixes; fixing it again changes nothing."""
    file = read(text.encode("utf-8", "surrogatepass"), "m.ipynb")
    outcome = fix(file, lint(file, options), options, unsafe=True)
    assert outcome.fault == ""
    again = fix(outcome.file, outcome.remaining, options, unsafe=True)
    assert again.file.text == outcome.file.text
    return outcome


def assert_only_cells_changed(text: str, outcome: Outcome, writer: str) -> int:
    """All bytes but those of changed cells are the same; gives the number of these cells."""
    new = outcome.file.text
    old_spans, new_spans = cell_spans(text), cell_spans(new)
    old_cells, new_cells = json.loads(text)["cells"], json.loads(new)["cells"]
    origins = outcome.origins
    assert len(new_cells) == len(origins)
    assert [origin for origin in origins if origin is not None] == list(range(len(old_cells)))
    assert new[: new_spans[0][0]] == text[: old_spans[0][0]]
    assert new[new_spans[-1][1] :] == text[old_spans[-1][1] :]
    count = 0
    ids = [cell["id"] for cell in new_cells if "id" in cell]
    assert len(set(ids)) == len(ids)
    for index, origin in enumerate(origins):
        if origin is None:
            count += 1
            assert new_cells[index].get("outputs", []) == []
            continue
        before, after = (text[slice(*old_spans[origin])], new[slice(*new_spans[index])])
        if before != after:
            count += 1
            assert_only_text_and_role(old_cells[origin], new_cells[index])
        if index and origins[index - 1] is not None:
            gap = new[new_spans[index - 1][1] : new_spans[index][0]]
            assert gap == text[old_spans[origin - 1][1] : old_spans[origin][0]]
    if writer not in UNRULED:
        assert new == rewritten(new, writer)
    return count


def assert_only_text_and_role(old: Json, new: Json) -> None:
    assert type(old["source"]) is type(new["source"])
    for key in old:
        if key == "metadata":
            for name in old[key].keys() | new[key].keys():
                if name != "nbgrader":
                    assert json.dumps(old[key][name]) == json.dumps(new[key][name])
        elif key not in OWN:
            assert json.dumps(old[key]) == json.dumps(new[key])
    kept = [key for key in old if key in new]
    assert kept == [key for key in new if key in old]


@BY_WRITER
def test_a_writer_writes_its_own_files_again_as_they_are(writer: str) -> None:
    raw = lived_in(notebook_of("# %% [markdown]\n# Text\n\n# %%\nx = 1\ny = 2\n"))
    text = written(raw, writer)
    assert json.loads(text)["metadata"] == raw["metadata"]
    assert writer in UNRULED or rewritten(text, writer) == text


@BY_WRITER
@pytest.mark.parametrize("example", FIXED)
def test_every_fix_of_every_page_keeps_all_other_bytes(
    example: Example, writer: str, tmp_path: Path
) -> None:
    options = example.alone(tmp_path)
    text = written(lived_in(notebook_of(example.bad)), writer)
    outcome = mended(text, options)
    assert outcome.applied
    assert assert_only_cells_changed(text, outcome, writer) > 0


@BY_WRITER
def test_git_shows_no_line_outside_the_mended_cell(writer: str, tmp_path: Path) -> None:
    percent = '# %%\nx = 1\n\n# %%\ny = "é"\nprint("hi")\nz = 3\n\n# %%\nw = 4\n'
    text = written(lived_in(notebook_of(percent)), writer)
    outcome = mended(text, Settings(select=("IMP",)))
    for name, content in (("old.ipynb", text), ("new.ipynb", outcome.file.text)):
        (tmp_path / name).write_bytes(content.encode())
    command = ["git", "-c", "core.autocrlf=false", "diff", "--no-index", "-U0"]
    result = subprocess.run(
        [*command, "old.ipynb", "new.ipynb"], cwd=tmp_path, capture_output=True, check=False
    )
    assert result.returncode == 1
    hunks = re.findall(rb"^@@ -(\d+)(?:,(\d+))? ", result.stdout, re.MULTILINE)
    start, end = cell_spans(text)[1]
    first, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    rows = [(int(row), int(row) + int(count or 1) - 1) for row, count in hunks]
    assert rows
    assert all(first <= row <= until <= last for row, until in rows)
    changed = sum(until - row + 1 for row, until in rows)
    # A file on one line has no other: git shows all of it, as for every tool.
    assert changed == 1 if writer != "by hand" else changed <= 5


# --- any notebook ---------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
pieces = st.sampled_from(
    ["x = 1", "# é", "s = '<&>'", "", "def f():\n    return 'ü'", "%time x", "import os"]
) | texts.map(lambda text: f"s = {text!r}")
acts = st.sampled_from(['print("hi")', "print('ö', \"<\")", "print('\\x7f', '🔥')"])


@st.composite
def notebooks(draw: st.DrawFn) -> Json:
    cells = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["code", "code", "markdown", "raw"]))
        lines = draw(st.lists(pieces | acts if kind == "code" else texts, max_size=4))
        cell: Json = {
            "cell_type": kind,
            "id": f"c{number}",
            "metadata": draw(st.dictionaries(texts, json_values, max_size=3)),
            "source": "\n".join(lines).splitlines(keepends=True),
        }
        if kind == "code":
            data = {"application/json": draw(json_values), "text/plain": [draw(texts)]}
            output = {"data": data, "metadata": {}, "output_type": "display_data"}
            cell |= {"execution_count": draw(st.none() | st.integers(0, 9)), "outputs": [output]}
        cells.append(cell)
    minor = draw(st.sampled_from([4, 5]))
    if minor == 4:
        cells = [{key: value for key, value in cell.items() if key != "id"} for cell in cells]
    return {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": minor}


@settings(
    max_examples=how_many(60, 200), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(notebooks(), st.sampled_from(sorted(WRITERS)))
def test_whatever_a_notebook_holds_stays(raw: Json, writer: str) -> None:
    text = written(raw, writer)
    outcome = mended(text, Settings(select=("IMP",)))
    count = assert_only_cells_changed(text, outcome, writer)
    assert bool(count) == bool(outcome.applied)


@settings(
    max_examples=how_many(40, 100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(notebooks(), st.sampled_from(sorted(WRITERS)))
def test_a_notebook_that_is_only_read_is_written_back_as_it_was(raw: Json, writer: str) -> None:
    data = written(raw, writer).encode()
    assert read(data, "m.ipynb").to_bytes() == data
