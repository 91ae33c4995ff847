"""NBG007: delimiters that nbgrader does not read as they are meant, and the misspelt mended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exporting import fixed, found, notebook, rows, sources
from grading import FORMATS, GradedCell
from modlint.diagnostics import Applicability
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings
from real_tools.regions import released_by_nbgrader, released_module

Form = Callable[[list[GradedCell]], ModuleFile]
CODE = "NBG007"
ROLE = {"grade": False, "grade_id": "f", "locked": False, "schema_version": 3, "solution": True}
TEST = {**ROLE, "grade": True, "locked": True, "points": 5, "solution": False}
SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "f", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
GRADED = (
    '# %% nbgrader={"grade": true, "grade_id": "t", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)
ANSWER = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
STUB_LINES = ["# YOUR CODE HERE", "raise NotImplementedError()"]
STUB = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def messages(text: str) -> list[str]:
    return [d.message for d in found(text, CODE)]


def error_of(text: str) -> str:
    """nbgrader's words for the only cell of a percent module in the role of a solution."""
    return released_by_nbgrader("code", text, {"nbgrader": ROLE})[1]


# --- what nbgrader refuses --------------------------------------------------------------------

REFUSED = {
    "nested": ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", [3]),
    "nested in the docstring's region": (
        'def f():\n    """BEGIN SOLUTION"""\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n',
        [4],
    ),
    "open": ("x = 1\n### BEGIN SOLUTION\ny = 2\n", [3]),
    "open behind an END": ("# END SOLUTION\n### BEGIN SOLUTION\n", [2, 3]),
    "open behind a region": (ANSWER + "# BEGIN SOLUTION\n", [6]),
    "one line": ("# BEGIN SOLUTION and END SOLUTION\n", [2]),
    "one line above a region": ("# BEGIN SOLUTION, END SOLUTION\n" + ANSWER, [2]),
    "hidden tests nested": (
        ANSWER + "# BEGIN HIDDEN TESTS\n# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS\n",
        [7],
    ),
}


@pytest.mark.parametrize(("cell", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_nbgrader_refuses_in_its_own_words(cell: str, expected: list[int]) -> None:
    is_hidden = "HIDDEN" in cell
    marker = SOLUTION.replace('"grade": false', '"grade": true') if is_hidden else SOLUTION
    text = marker + cell
    assert rows(text, CODE) == expected
    grading = {**ROLE, "grade": is_hidden}
    error = released_by_nbgrader("code", cell, {"nbgrader": grading})[1]
    assert error
    assert messages(text)[-1].endswith(f"nbgrader refuses the module: {error}")
    assert fixed(text, CODE) == text
    assert found(text, "NBG008") == []


# --- what it passes over ----------------------------------------------------------------------


def test_an_end_alone_takes_its_line_away() -> None:
    text = f"{SOLUTION}{ANSWER}print('so far')  # END SOLUTION\n"
    (message,) = messages(text)
    assert message == "END SOLUTION without BEGIN: nbgrader silently drops the line"
    assert "so far" not in released_module(text)[0]


@pytest.mark.parametrize("marker", ["# %%\n", "# %% [markdown]\n", "# %% [raw]\n", GRADED])
@pytest.mark.parametrize("kind", ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"])
def test_an_end_alone_in_any_cell(marker: str, kind: str) -> None:
    text = f"{marker}# one\n# until END {kind}\n# two\n"
    assert rows(text, CODE) == [3]
    assert "until" not in released_module(text)[0]


def test_an_end_alone_is_no_region_of_a_solution_cell() -> None:
    text = f"{SOLUTION}import os\n### END SOLUTION\n"
    assert messages(text) == [
        "END SOLUTION without BEGIN: nbgrader silently replaces the whole cell"
    ]
    assert "import os" not in released_module(text)[0]


def test_a_begin_behind_code_takes_the_code_away() -> None:
    text = f"{SOLUTION}{ANSWER}def g():  # BEGIN SOLUTION\n    return 2\n# END SOLUTION\n"
    assert messages(text) == ["BEGIN SOLUTION behind code: nbgrader silently drops the whole line"]
    assert "def g" not in released_module(text)[0]


def test_code_with_a_begin_in_its_string() -> None:
    text = f"{SOLUTION}x = 'BEGIN SOLUTION'\ny = 2\n# END SOLUTION\n"
    assert rows(text, CODE) == [2]


def test_one_line_that_a_later_end_makes_a_region() -> None:
    text = f"{SOLUTION}# BEGIN SOLUTION, not END SOLUTION\nx = 1\n# END SOLUTION\ny = 2\n"
    (message,) = messages(text)
    assert "refuses" not in message
    assert "goes on to the next END" in message
    assert "x = 1" not in released_module(text)[0]
    assert "y = 2" in released_module(text)[0]


# --- what is in order -------------------------------------------------------------------------

SOUND = {
    "region": ANSWER,
    "two regions": ANSWER + ANSWER.replace("f()", "g()"),
    "empty region": "x = 1\n# BEGIN SOLUTION\n# END SOLUTION\n",
    "end behind code": "def f():\n    ### BEGIN SOLUTION\n    return 1  ### END SOLUTION\n",
    "delimiter in the region": ANSWER.replace("1\n", "1  # BEGIN MARK SCHEME\n"),
    "words": "# the solution begins\n# END\n" + ANSWER,
    "lower case in a string": 'x = "begin solution"\n' + ANSWER,
    "prose that begins like one": "# Begin solution by hand.\n" + ANSWER,
    "inside a docstring": '"""\nBEGIN SOLUTION\nan answer\nEND SOLUTION\n"""\n',
    "tabs": ANSWER.replace("    ", "\t"),
}


@pytest.mark.parametrize("cell", SOUND.values(), ids=SOUND)
def test_a_sound_region_is_not_reported(cell: str) -> None:
    assert found(SOLUTION + cell, CODE, "NBG008") == []
    assert error_of(cell) == ""


def test_lines_that_nbgrader_no_longer_sees() -> None:
    """A wiped cell is NBG006's; no hidden test is looked for in it."""
    assert found(f"{SOLUTION}# END HIDDEN TESTS\n# BEGIN HIDDEN TESTS\n", CODE, "NBG008") == []


def test_a_plain_python_file_is_none_of_its_business() -> None:
    assert found("# BEGIN SOLUTION\nx = 1\n# begin solution\n", CODE) == []


# --- near misses ------------------------------------------------------------------------------

MISSES = {
    "lower case": ("### begin solution", "### end solution"),
    "title case": ("# Begin Solution", "# End Solution"),
    "two blanks": ("### BEGIN  SOLUTION", "### END  SOLUTION"),
    "underscore": ("# BEGIN_SOLUTION", "# END_SOLUTION"),
    "lower-case plural": ("# begin solutions", "# end solutions"),
    "letter missing": ("#### BEGIN SOLUTON ####", "#### END SOLUTON ####"),
    "letters swapped": ("# BEIGN SOLUTION", "# END SOLUTOIN"),
    "end alone": ("### BEGIN SOLUTION", "### END SOLUTON"),
    "begin alone": ("### Begin solution", "### END SOLUTION"),
    "start": ("### START SOLUTION", "### END SOLUTION"),
    "start and stop": ("# START SOLUTION", "# STOP SOLUTION"),
    "of the": ("# --- Start of the solution ---", "# --- End of the solution ---"),
    "word behind": ("### SOLUTION BEGIN", "### SOLUTION END"),
    "word behind, with dash": ("# solution - start", "# solution - end"),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["    ", "\t"])
@pytest.mark.parametrize(("begin", "end"), MISSES.values(), ids=MISSES)
def test_a_near_miss_becomes_the_delimiter(begin: str, end: str, indent: str, ending: str) -> None:
    cell = f"def f():\n\t'''größer'''\n\t{begin}\n\treturn 'ü'\n\t{end}\n".replace("\t", indent)
    text = (SOLUTION + cell).replace("\n", ending)
    wrong = [row for row, line in ((4, begin), (6, end)) if line not in SOUND["region"]]
    assert rows(text, CODE) == wrong
    assert {d.fix.applicability for d in found(text, CODE) if d.fix} == {Applicability.SAFE}
    assert all(d.fix for d in found(text, CODE))
    new = fixed(text, CODE)
    assert new.count(ending) == new.count("\n") == text.count("\n")
    assert found(new, CODE) == []
    lines = released_module(new)[0].splitlines()
    assert lines == ["def f():", f"{indent}'''größer'''", *(indent + s for s in STUB_LINES)]


def test_what_becomes_of_a_near_miss_is_said() -> None:
    wiped = SOLUTION + ANSWER.lower()
    assert messages(wiped)[0] == (
        "`### begin solution` is no delimiter to nbgrader: it silently replaces the whole cell"
    )
    assert "def f" not in released_module(wiped)[0]
    refused = SOLUTION + ANSWER.replace("END", "ENDE")
    (message,) = messages(refused)
    assert message.endswith("which refuses the module: no end solution statement found")


def test_hidden_tests_that_are_shown() -> None:
    text = f"{GRADED}x = 1\n# Begin hidden tests\ny = 2\n# End hidden tests\n"
    assert "y = 2" in released_module(text)[0]
    assert "silently shows" in messages(text)[0]
    assert "y = 2" not in released_module(fixed(text, CODE))[0]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("### START HIDDEN TEST", "### END HIDDEN TEST"),
        ("### BEGIN HIDDEN TEST", "### END HIDDEN TEST"),
        ("### BEGIN HIDDEN TEST", "### END HIDDEN TESTS"),
        ("# HIDDEN TESTS BEGIN", "# HIDDEN TESTS END"),
        ("# start of hidden tests", "# end of hidden tests"),
        ("### BEGIN HIDEN TESTS", "### END HIDDEN TESTS"),
        ("### OPEN HIDDEN_TESTS", "### CLOSE HIDDEN_TESTS"),
    ],
)
@pytest.mark.parametrize("form", FORMATS)
def test_hidden_tests_between_other_words(form: Form, begin: str, end: str) -> None:
    cell = f"def test_a():\n    x = 1\n    {begin}\n    assert x == 1\n    {end}\n"
    file = form([("code", TEST, cell)])
    assert "assert x" in released_module(file.text)[0]
    settings = Settings(select=(CODE,))
    diagnostics = lint(file, settings)
    said = [d.message for d in diagnostics]
    assert len(said) == 1 + (end != "### END HIDDEN TESTS")
    assert all("silently shows" in message for message in said)
    # A release that students have may fail by what the fix hides: the author decides.
    assert fix(file, diagnostics, settings).file.text == file.text
    hidden = fix(file, diagnostics, settings, unsafe=True).file.text
    assert "assert x" not in released_module(hidden)[0]


@pytest.mark.parametrize(
    "line",
    [
        "# Start with the solution of the equation.",
        "# In the end, hidden tests check large values as well.",
        "# Open the solution file below.",
        "# Mark the end of the text.",
        "# Hidden tests:",
        "# The solution starts here.",
        "# solution",
        "# Close the window",
        "# finish your solution before Monday",
    ],
)
def test_prose_about_regions_is_none(line: str) -> None:
    for marker in (SOLUTION, GRADED, "# %%\n"):
        body = ANSWER if marker == SOLUTION else "def f():\n    return 1\n"
        assert messages(f"{marker}{line}\n{body}") == []


def test_an_answer_that_is_shown_has_no_fix_while_its_cell_has_no_role() -> None:
    text = f"# %%\n{ANSWER.lower()}"
    assert "return 1" in released_module(text)[0]
    assert rows(text, CODE) == [3, 5]
    assert fixed(text, CODE) == text


def test_both_the_spelling_and_the_role_are_mended() -> None:
    text = f"# %%\n{ANSWER.replace('END', 'end')}"
    assert released_module(fixed(text, CODE, "NBG008")) == [STUB]


def test_no_fix_leaves_a_release_that_does_not_parse() -> None:
    text = f"{SOLUTION}# begin solution\nif x:\n    # end solution\n    y = 2\n"
    assert rows(text, CODE) == [2, 4]
    assert fixed(text, CODE) == text


TASK = (
    '# %% [markdown] nbgrader={"grade": false, "grade_id": "t", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false, "task": true}\n'
)
SCHEMES = {
    "comments": "# Zeige\n# = begin mark scheme =\n# Ein Punkt für x\n# = end mark scheme =\n",
    "headings": "# Zeige x.\n# ### Begin mark scheme\n# Ein Punkt für x\n# ### END MARK SCHEME\n",
    "string": '"""\nZeige x.\n\n### BEGIN MARK-SCHEME:\nEin Punkt für x\nEND_MARK_SCHEME\n"""\n',
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("cell", SCHEMES.values(), ids=SCHEMES)
def test_a_mark_scheme_that_is_shown(cell: str, ending: str) -> None:
    text = (TASK + cell).replace("\n", ending)
    assert "Punkt" in released_module(text)[0]
    assert all("silently" in message for message in messages(text))
    new = fixed(text, CODE)
    assert new.count(ending) == new.count("\n") == text.count("\n")
    released = released_module(new)[0]
    assert "Zeige" in released
    assert "Punkt" not in released


def test_a_question_that_is_wiped_with_its_answer() -> None:
    marker = GRADED.replace("# %%", "# %% [markdown]").replace('on": false', 'on": true')
    text = f"{marker}# Why?\n#\n# ### begin solution\n# So.\n# ### end solution\n"
    assert rows(text, CODE) == [4, 6]
    assert released_module(text) == ["YOUR ANSWER HERE"]
    assert released_module(fixed(text, CODE)) == [
        "Why?\n\n### YOUR ANSWER HERE".replace("### ", "")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# %% [markdown]\n# ## Begin solution\n# So.\n# ## End solution\n",
        f"{TASK}# ## Begin mark scheme\n# So.\n",
        f"{TASK}# We begin marking schemes here.\n# In the end, mark schemes are shown.\n",
    ],
    ids=["headings in plain text", "begin alone", "sentences"],
)
def test_text_that_is_no_delimiter(text: str) -> None:
    assert found(text, CODE) == []


@pytest.mark.parametrize(
    "cell",
    [
        "# begin solution\nx = 1\n",
        'x = """\n# begin solution\n# end solution\n"""\n',
        "x = 1  # begin solution\n",
        "begin_solution = end_solution = 1\n",
    ],
    ids=["prose in a plain cell", "in a string", "behind code", "names"],
)
def test_what_is_meant_as_no_delimiter(cell: str) -> None:
    assert found(f"# %%\n{cell}", CODE) == []


def test_a_notebook_file() -> None:
    bad = "def f():\n    # begin solution\n    return 'é'\n    # end solution"
    text = notebook("x = 1", bad, metadata={1: {"nbgrader": ROLE}})
    assert [(d.cell, d.start.row, d.start.column) for d in found(text, CODE)] == [
        (1, 2, 5),
        (1, 4, 5),
    ]
    new = fixed(text, CODE)
    mended = bad.replace("begin solution", "BEGIN SOLUTION")
    assert sources(new)[1] == mended.replace("end solution", "END SOLUTION")
    assert released_module(new)[1] == STUB


def test_a_notebook_cell_with_odd_line_ends() -> None:
    """To nbgrader only ``\\n`` ends a line of a notebook."""
    text = notebook(
        "x = 1\r# BEGIN SOLUTION\ry = 2\n# END SOLUTION", metadata={0: {"nbgrader": ROLE}}
    )
    assert released_module(text)[0].startswith("# YOUR CODE")
    assert [d.start.row for d in found(text, CODE)] == [1]


def test_lone_carriage_returns_end_lines_of_a_module() -> None:
    text = (SOLUTION + ANSWER).replace("\n", "\r")
    assert found(text, CODE, "NBG008") == []
    broken = (SOLUTION + ANSWER.replace("END", "ENDE")).replace("\n", "\r")
    assert rows(broken, CODE) == [5]
    assert fixed(broken, CODE) == text
