"""Cells that are meant to raise, and code that is never reached: nbclient runs them as they are."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from exporting import found, notebook

CODES = ("EXP006", "SIG005", "SIG006")
FAULTY = {
    "EXP006": "print(never_bound)",
    "SIG006": "def f(a):\n    return a\n\n\nf(1, 2, 3)",
    "SIG005": "def show():\n    print(1)\n\n\nshow() + 1",
}
EXCUSES = [["raises-exception"], ["hide", "raises-exception"], ["nbval-raises-exception"]]


def runs(text: str) -> bool:
    try:
        NotebookClient(nbformat.reads(text, as_version=4), kernel_name="python3").execute()  # type: ignore[no-untyped-call]
    except CellExecutionError:
        return False
    return True


@pytest.mark.parametrize("code", FAULTY)
@pytest.mark.parametrize("tags", EXCUSES, ids=str)
def test_a_cell_that_is_meant_to_raise_is_excused(code: str, tags: list[str]) -> None:
    text = notebook(FAULTY[code], metadata={0: {"tags": tags}})
    assert found(text, *CODES) == []
    percent = f"# %% tags={json.dumps(tags)}\n{FAULTY[code]}\n"
    assert found(percent, *CODES) == []


@pytest.mark.parametrize("code", FAULTY)
@pytest.mark.parametrize("tags", [[], ["raises"], ["exception"], ["skip-execution"]], ids=str)
def test_another_tag_excuses_nothing(code: str, tags: list[str]) -> None:
    text = notebook(FAULTY[code], metadata={0: {"tags": tags}})
    assert [d.code for d in found(text, *CODES)] == [code]


def test_the_comment_of_nbval_excuses_its_cell() -> None:
    text = notebook(f"# NBVAL_RAISES_EXCEPTION\n{FAULTY['EXP006']}", "print(other)")
    assert [d.cell for d in found(text, *CODES)] == [1]


def test_nbclient_goes_on_where_nothing_is_reported() -> None:
    cells = [FAULTY["EXP006"], "x = 1"]
    assert runs(notebook(*cells, metadata={0: {"tags": ["raises-exception"]}}))
    assert not runs(notebook(*cells))


ENDS = [
    "raise NotImplementedError()",
    "import sys\nsys.exit()",
    "exit()",
    "quit()",
    "x = 1; raise x",
]


@pytest.mark.parametrize("end", ENDS)
def test_what_stands_below_the_end_of_a_cell_is_not_reached(end: str) -> None:
    text = f"{end}\nprint(never_bound)\n\n\ndef f():\n    return never_bound"
    assert found(notebook(text), "EXP006") == []
    assert found(f"# %%\n{text}\n", "EXP006") == []
    # The next cell of a notebook runs by itself.
    assert [d.cell for d in found(notebook(end, "print(never_bound)"), "EXP006")] == [1]


@pytest.mark.parametrize(
    "code",
    [
        "print(never_bound)\nraise ValueError",
        "if 1:\n    raise ValueError\nprint(never_bound)",
        "def f():\n    raise ValueError\n\n\nprint(never_bound)",
        "try:\n    raise ValueError\nexcept ValueError:\n    pass\nprint(never_bound)",
        "raise never_bound",
    ],
)
def test_what_may_be_reached_is_looked_at(code: str) -> None:
    assert [d.code for d in found(notebook(code), "EXP006")] == ["EXP006"]
