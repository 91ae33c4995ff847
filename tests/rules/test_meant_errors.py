"""Cells that are meant to raise, and code that is never reached: nbclient runs them as they are."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbgrader.utils import determine_grade

from exporting import found, notebook
from sharing import Shared

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


TEST = {"grade": True, "grade_id": "a", "locked": True, "points": 4, "solution": False}
TEST |= {"schema_version": 3, "task": False, "cell_type": "code"}


@pytest.fixture(scope="session")
def points(shared: Shared) -> dict[str, float | None]:
    """What nbgrader gives for each of these cells after nbclient has run them, one by one."""
    return shared.made("meant-errors", lambda _: _points([*FAULTY.values(), "x = 1"]))


def _points(codes: list[str]) -> dict[str, float | None]:
    metadata = {
        n: {"tags": ["raises-exception"], "nbgrader": TEST | {"grade_id": f"cell-{n}"}}
        for n in range(len(codes))
    }
    raw = nbformat.reads(notebook(*codes, metadata=metadata), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(raw, kernel_name="python3").execute()
    return {code: determine_grade(cell)[0] for code, cell in zip(codes, raw.cells, strict=True)}


@pytest.mark.parametrize("code", FAULTY)
def test_no_tag_saves_the_points_of_a_test(code: str, points: dict[str, float | None]) -> None:
    metadata = {"tags": ["raises-exception"], "nbgrader": TEST}
    text = notebook(FAULTY[code], metadata={0: metadata})
    assert [d.code for d in found(text, *CODES)] == [code]
    # A person looks at an answer that is graded by hand.
    assert found(text.replace('"solution": false', '"solution": true'), *CODES) == []
    assert points[FAULTY[code]] == 0
    assert points["x = 1"] == 4


@pytest.mark.parametrize("code", FAULTY)
def test_no_tag_saves_a_package(code: str) -> None:
    text = notebook(f"#| export\n{FAULTY[code]}", metadata={0: {"tags": ["raises-exception"]}})
    assert [d.code for d in found(text, *CODES)] == [code]


BROKEN = ["print('one'", "1 = x", "return 1", "for i in (1, 2)\n    print(i)", "class = 3"]


@pytest.mark.parametrize("code", BROKEN)
def test_a_syntax_error_may_be_shown_in_a_notebook(code: str) -> None:
    tagged = {"tags": ["raises-exception"]}
    assert found(notebook(code, "x = 1", metadata={0: tagged}), "CEL008") == []
    assert [d.cell for d in found(notebook("x = 1", code), "CEL008")] == [1]
    other = notebook(code, "x = (", metadata={0: tagged})
    assert [d.cell for d in found(other, "CEL008")] == [1]
    graded = notebook(code, metadata={0: tagged | {"nbgrader": TEST}})
    assert [d.code for d in found(graded, "CEL008")] == ["CEL008"]
    # Python reads the whole script before it runs any of it.
    script = f'# %% tags=["raises-exception"]\n{code}\n'
    assert [d.code for d in found(script, "CEL008")] == ["CEL008"]
    with pytest.raises(SyntaxError):
        compile(script, "a.py", "exec")


def test_nbclient_shows_a_syntax_error_and_goes_on() -> None:
    assert runs(notebook(*BROKEN, metadata={n: {"tags": ["raises-exception"]} for n in range(5)}))
    assert not runs(notebook(BROKEN[0]))


ENDS = [
    "raise NotImplementedError()",
    "import sys\nsys.exit()",
    "exit()",
    "quit()",
    "x = 1; raise x",
    "assert False, 'to be written'",
    "assert 0",
    "if ready():\n    raise ValueError\nelse:\n    raise TypeError",
    "import sys\nif ready():\n    sys.exit(1)\nelif ready():\n    exit()\nelse:\n    assert None",
]
READY = "def ready():\n    return True\n\n\n"


@pytest.mark.parametrize("end", ENDS)
def test_what_stands_below_the_end_of_a_cell_is_not_reached(end: str) -> None:
    end = READY + end
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
        "assert never_bound",
        "assert True\nprint(never_bound)",
        "if 1:\n    raise ValueError\nelse:\n    pass\nprint(never_bound)",
        "if 1:\n    raise ValueError\nelif 2:\n    raise ValueError\nprint(never_bound)",
    ],
)
def test_what_may_be_reached_is_looked_at(code: str) -> None:
    assert [d.code for d in found(notebook(code), "EXP006")] == ["EXP006"]


@pytest.mark.parametrize("end", ["raise ValueError", "assert False", "return", "sys.exit()"])
def test_what_a_function_never_reaches_is_left_alone(end: str) -> None:
    code = f"import sys\n\n\ndef f():\n    {end}\n    return never_bound"
    assert found(notebook(code), "EXP006") == []
    reached = code.replace(f"    {end}", f"    if f:\n        {end}")
    assert [d.code for d in found(notebook(reached), "EXP006")] == ["EXP006"]
