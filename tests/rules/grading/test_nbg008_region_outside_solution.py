"""NBG008: regions in cells of another role, and the role that a plain cell with an answer gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.nbgraderformat import MetadataValidator

from exporting import fixed, found, notebook, rows
from modlint.diagnostics import Applicability
from modlint.notebook.percent import read_text
from real_tools.course import Course, Refused, converted
from real_tools.regions import released_by_nbgrader, released_module

CODE = "NBG008"
ANSWER = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
STUB = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
FLAGS = '"grade_id": "t", "locked": true, "points": 5, "schema_version": 3'
TEST = f'nbgrader={{"grade": true, {FLAGS}, "solution": false}}'
READ_ONLY = f'nbgrader={{"grade": false, {FLAGS}, "solution": false}}'
TASK = f'nbgrader={{"grade": false, {FLAGS}, "solution": false, "task": true}}'
MANUAL = f'nbgrader={{"grade": true, {FLAGS}, "solution": true}}'
KERNEL = "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: P\n#     name: python3\n# ---\n\n"


def region(kind: str) -> str:
    return f"# BEGIN {kind}\nx = 1\n# END {kind}\n"


REFUSED = {
    "answer in a plain cell": (f"# %%\n{ANSWER}", [3]),
    "answer in a test": (f"# %% {TEST}\n{ANSWER}", [3]),
    "answer in a read-only cell": (f"# %% {READ_ONLY}\n{ANSWER}", [3]),
    "answer above the first marker": (f"{ANSWER}\n# %%\nx = 1\n", [2]),
    "two answers": (f"# %%\n{ANSWER}{ANSWER}", [3, 7]),
    "answer in Markdown": ("# %% [markdown]\n# BEGIN SOLUTION\n# 1\n# END SOLUTION\n", [2]),
    "answer in a raw cell": ("# %% [raw]\n# BEGIN SOLUTION\n# 1\n# END SOLUTION\n", [2]),
    "answer in a task": (f"# %% [markdown] {TASK}\n# BEGIN SOLUTION\n# END SOLUTION\n", [2]),
    "prose": ("# %% [markdown]\n# Über BEGIN SOLUTION und END SOLUTION\n", [2]),
    "prose in quotes": ('# %% [markdown]\n"""\n\nuse `BEGIN SOLUTION`\n"""\n', [4]),
    "string": ('# %%\nx = "BEGIN SOLUTION"\n', [2]),
    "docstring": ('# %%\ndef f():\n    """\n    BEGIN SOLUTION\n    END SOLUTION\n    """\n', [4]),
    "nested": (f"# %%\n# BEGIN SOLUTION\n{ANSWER}", [2, 4]),
    "open": ("# %%\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n", [3]),
    "hidden tests in a plain cell": (f"# %%\n{region('HIDDEN TESTS')}", [2]),
    "mark scheme in a test": (f"# %% {TEST}\n{region('MARK SCHEME')}", [2]),
    "mark scheme in a plain cell": (f"# %%\n{region('MARK SCHEME')}", [2]),
}
ACCEPTED = {
    "answer": f"# %% {MANUAL}\n{ANSWER}",
    "hidden tests": f"# %% {TEST}\n{region('HIDDEN TESTS')}",
    "hidden tests of a manual answer": f"# %% {MANUAL}\n{ANSWER}{region('HIDDEN TESTS')}",
    "mark scheme": f"# %% [markdown] {TASK}\n# BEGIN MARK SCHEME\n# 1\n# END MARK SCHEME\n",
    "mark scheme inside the answer": f"# %% {MANUAL}\n# BEGIN SOLUTION\n{region('MARK SCHEME')}"
    "# END SOLUTION\n",
    "mark scheme in a wiped cell": f"# %% {MANUAL}\n{region('MARK SCHEME')}",
    "other words": "# %%\n# Begin the solution, BEGIN  SOLUTION, begin hidden tests\nx = 1\n",
    "END alone": "# %%\n# END SOLUTION\n",
}


def errors(text: str) -> list[str]:
    """What nbgrader's steps raise in the cells that jupytext reads."""
    cells = converted(text).cells
    return [released_by_nbgrader(c.cell_type, c.source, c.metadata)[1] for c in cells]


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_each_begin_that_nbgrader_refuses(text: str, expected: list[int]) -> None:
    assert rows(text, CODE) == expected
    assert any(errors(text))
    assert all("nbgrader refuses the module" in d.message for d in found(text, CODE))
    windows = text.replace("\n", "\r\n")
    assert [d.message for d in found(windows, CODE)] == [d.message for d in found(text, CODE)]
    assert found(text, "NBG007") == []


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_nbgrader_accepts_is_not_reported(text: str) -> None:
    assert found(text, CODE) == []
    assert not any(errors(text))


def test_the_message_has_nbgraders_words_where_they_say_more() -> None:
    (plain,) = found(REFUSED["answer in a plain cell"][0], CODE)
    assert plain.message == "BEGIN SOLUTION outside a solution cell: nbgrader refuses the module"
    (prose,) = found(REFUSED["prose"][0], CODE)
    assert prose.message == f"{plain.message}: no end solution statement found"


# --- AUTOTEST ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("# %%\n# AUTOTEST f(1)\n", [9]),
        ("# %%\nMY_AUTOTESTS = 1\nx = 2\ny = 'AUTOTEST'\n", [9, 11]),
        (f"# %% {MANUAL}\n{ANSWER}# AUTOTEST\n", [13]),
        ("# %% [markdown]\n# AUTOTEST\n", []),
        ("# %%\n# autotest, Autotest, AUTO TEST\n", []),
    ],
    ids=["comment", "name and string", "solution cell", "Markdown", "other words"],
)
def test_the_word_for_generated_tests(cell: str, expected: list[int], tmp_path: Path) -> None:
    text = KERNEL + cell
    assert rows(text, CODE) == expected
    course = Course(tmp_path / "course")
    course.add("module", text)
    if expected:
        with pytest.raises(Refused, match="FileNotFoundError"):
            course.release("module")
    else:
        assert course.release("module").cells


# --- the fix ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_plain_cell_with_an_answer_becomes_a_solution_cell(ending: str) -> None:
    text = f'# %% Größe tags=["a"]\n{ANSWER}\n# %%\nx = 1\n'.replace("\n", ending)
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability is Applicability.SAFE
    new = fixed(text, CODE)
    assert new.partition(ending)[2] == text.partition(ending)[2]
    cell = read_text(new).cells[0]
    assert cell.metadata == {
        "nbgrader": {
            "grade": False,
            "grade_id": "f",
            "locked": False,
            "schema_version": 3,
            "solution": True,
        },
        "tags": ["a"],
        "title": "Größe",
    }
    MetadataValidator().validate_nb(converted(new))
    assert released_module(new)[0] == STUB


def test_the_id_is_new_to_the_module() -> None:
    text = f"# %%\n{ANSWER}\n# %%\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n\n# %%\n{ANSWER}"
    ids = [c.metadata["nbgrader"]["grade_id"] for c in read_text(fixed(text, CODE)).cells]
    assert len(set(ids)) == 3
    assert ids[0] == "f"


def test_a_hint_that_the_region_hides_does_not_stop_the_fix() -> None:
    text = f"# %%\n{ANSWER.replace('    return', '    # TODO: return it' + chr(10) + '    return')}"
    assert rows(fixed(text, CODE, "NBG014"), CODE, "NBG014") == [4]


NO_FIX = {
    "metadata": f"# %% {READ_ONLY}\n{ANSWER}",
    "unmarked": f"{ANSWER}\n# %%\nx = 1\n",
    "text": "# %% [markdown]\n# BEGIN SOLUTION\n# 1\n# END SOLUTION\n",
    "string": '# %%\nx = """\nBEGIN SOLUTION\nEND SOLUTION\n"""\n',
    "behind code": "# %%\nx = 1  # BEGIN SOLUTION\n# END SOLUTION\n",
    "only comments": "# %%\n# BEGIN SOLUTION\n# words\n# END SOLUTION\n",
    "open": "# %%\n# BEGIN SOLUTION\nx = 1\n",
    "hidden tests as well": f"# %%\n{ANSWER}{region('HIDDEN TESTS')}",
    "half a statement": "# %%\n# BEGIN SOLUTION\nif 1:\n    # END SOLUTION\n    x = 1\n",
    "does not parse": "# %%\n# BEGIN SOLUTION\nx = \n# END SOLUTION\n",
    "torn": "# %%\nif 1:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n    # %%\n    y = 2",
    "other metadata in the way": f'# %% {{"tags": [\n{ANSWER}',
}


@pytest.mark.parametrize("text", NO_FIX.values(), ids=NO_FIX)
def test_what_only_the_author_can_mend(text: str) -> None:
    assert found(text, CODE)
    assert all(d.fix is None for d in found(text, CODE))
    assert fixed(text, CODE) == text


def test_a_role_that_cannot_be_read_is_cel002s() -> None:
    text = f"# %% nbgrader={{'solution': true}}\n{ANSWER}"
    assert found(text, CODE) == []
    assert len(found(text, "CEL002")) == 1


def test_a_notebook_file() -> None:
    text = notebook("x = 'ö'", ANSWER.rstrip("\n"))
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.start.column) == (1, 2, 5)
    assert released_module(fixed(text, CODE)) == ["x = 'ö'", STUB]


def test_a_plain_python_file_is_none_of_its_business() -> None:
    assert found(ANSWER + "# AUTOTEST\n", CODE) == []
