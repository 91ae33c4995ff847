"""NBG018: names that only hidden code defines; decided by running what nbgrader releases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grading import FORMATS, GradedCell, role
from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings
from real_tools.regions import released_by_nbgrader

NBG018 = Settings(select=("NBG018",))
ANSWER: GradedCell = (
    "code",
    role(solution=True, grade_id="half"),
    "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n",
)
TEST = role(grade=True, locked=True, points=4)
BEGIN, END = "### BEGIN HIDDEN TESTS\n", "### END HIDDEN TESTS\n"
DEFINED = BEGIN + "def test_half():\n    assert half(4) == 2\n" + END
CALL = 'if __name__ == "__main__":\n    test_half()\n'

#: Cells below the answer, and the name that the release does not know.
LOST: dict[str, tuple[list[GradedCell], str]] = {
    "a test": ([("code", TEST, DEFINED + CALL)], "test_half"),
    "called in a cell below": (
        [("code", TEST, "assert half(2) == 1\n" + DEFINED), ("code", role(), CALL)],
        "test_half",
    ),
    "an import": (
        [("code", TEST, BEGIN + "import math\n" + END + "assert half(2) == math.floor(1.5)\n")],
        "math",
    ),
    "a value": (
        [("code", TEST, BEGIN + "limit = 1\n" + END + "assert half(2) == limit\n")],
        "limit",
    ),
    "in a function": (
        [
            (
                "code",
                TEST,
                "def test_half():\n    ### BEGIN HIDDEN TESTS\n    large = 10**9\n"
                "    ### END HIDDEN TESTS\n    assert half(large) == large / 2\n\ntest_half()\n",
            )
        ],
        "large",
    ),
    "in a function that is called": (
        [
            (
                "code",
                TEST,
                BEGIN + "def close(a, b):\n    return a == b\n" + END
                + "def test_half():\n    assert close(half(2), 1)\n\ntest_half()\n",
            )
        ],
        "close",
    ),
    "under a guard": (
        [
            (
                "code",
                TEST,
                'if __name__ == "__main__":\n    ### BEGIN HIDDEN TESTS\n    limit = 1\n'
                "    ### END HIDDEN TESTS\n    assert half(2) == limit\n",
            )
        ],
        "limit",
    ),
}  # fmt: skip
KNOWN: dict[str, list[GradedCell]] = {
    "call and definition are hidden": [
        ("code", TEST, "assert half(2) == 1\n" + BEGIN + "def more():\n    assert half(4) == 2\n\n"
         "more()\n" + END)
    ],
    "defined in view too": [
        ("code", role(), "limit = 1\n"),
        ("code", TEST, BEGIN + "limit = 2\n" + END + "assert half(2) <= limit\n"),
    ],
    "defined in view below": [
        ("code", TEST, "limit = 1\n" + BEGIN + "limit = 2\n" + END + "assert half(2) <= limit\n")
    ],
    "a function that nobody calls": [
        ("code", TEST, DEFINED + "def again():\n    test_half()\n\nassert half(2) == 1\n")
    ],
    "read in hidden tests alone": [
        ("code", TEST, DEFINED + "assert half(2) == 1\n"),
        ("code", {**TEST, "grade_id": "u"}, BEGIN + "test_half()\n" + END),
    ],
    "the student's own": [
        ("code", role(solution=True, grade_id="x"),
         "### BEGIN SOLUTION\nlimit = 1\n### END SOLUTION\n"),
        ("code", TEST, "assert half(2) == limit\n"),
    ],
    "a local name": [
        ("code", TEST, "def test_half():\n    large = 2\n    ### BEGIN HIDDEN TESTS\n"
         "    large = 10**9\n    ### END HIDDEN TESTS\n    assert half(large) == large / 2\n\n"
         "test_half()\n")
    ],
}  # fmt: skip

by_format = pytest.mark.parametrize("form", FORMATS)
Form = Callable[[list[GradedCell]], ModuleFile]


def found(file: ModuleFile) -> list[Diagnostic]:
    return lint(file, NBG018)


def run_release(cells: list[GradedCell]) -> str:
    """The name that is missing when a student who is right runs the release; empty for none."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for kind, metadata, text in cells:
        source, refusal = released_by_nbgrader(kind, text, {"nbgrader": metadata})
        assert refusal == ""
        source = source.replace("raise NotImplementedError()", "return x / 2")
        if metadata["solution"] and "def " not in source:
            source = "limit = 1\n"
        try:
            exec(source, namespace)
        except NameError as error:
            return str(error.name)
    return ""


@by_format
@pytest.mark.parametrize("name", LOST)
def test_a_name_that_only_hidden_tests_define_is_reported(form: Form, name: str) -> None:
    cells, missing = LOST[name]
    assert run_release([ANSWER, *cells]) == missing
    (diagnostic,) = found(form([ANSWER, *cells]))
    assert diagnostic.message.startswith(f"{missing} is defined in hidden tests alone (")
    assert diagnostic.message.endswith("): in the release this raises a NameError")
    assert diagnostic.fix is None


@by_format
@pytest.mark.parametrize("name", KNOWN)
def test_what_the_release_knows_is_not(form: Form, name: str) -> None:
    assert run_release([ANSWER, *KNOWN[name]]) == ""
    assert found(form([ANSWER, *KNOWN[name]])) == []


@by_format
def test_a_star_import_may_bind_anything(form: Form) -> None:
    cells = [("code", role(), "from helpers import *\n"), ("code", TEST, DEFINED + CALL)]
    assert found(form([ANSWER, *cells])) == []


def test_what_only_the_course_sees_is_hidden_too_where_it_is_staged() -> None:
    text = (
        'x = 1\n### BEGIN SOLUTION role="instructor"\nsecret = 2\n### END SOLUTION\n'
        "print(secret + x)\n"
    )
    file = FORMATS[0]([("code", role(solution=True), text)])
    staged = Settings(select=("NBG018",), staging=True)
    (diagnostic,) = lint(file, staged)
    assert diagnostic.message.startswith("secret is defined in a region for the instructor alone")
    assert lint(file, NBG018) == []


def test_the_place_is_that_of_the_use_and_the_message_names_the_other() -> None:
    file = FORMATS[0]([ANSWER, ("code", TEST, DEFINED + CALL)])
    (diagnostic,) = found(file)
    lines = file.text.split("\n")
    assert lines[diagnostic.start.row - 1] == "    test_half()"
    row = lines.index("def test_half():") + 1
    assert f"(line {row})" in diagnostic.message
