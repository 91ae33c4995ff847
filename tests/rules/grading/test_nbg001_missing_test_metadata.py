"""NBG001: each ungraded test gets a graded cell, and nothing else changes.

Every fix here is held against jupytext (the cells it reads), against Python (what
the module prints as a script) and against the text (no line is lost).
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Mapping

import jupytext
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from grading import PLAIN, GradedCell, percent, role, stored
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.percent import markdown_text, read_text
from modlint.settings import Settings

SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "add", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
ADD = "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION\n"
CELL = SOLUTION + ADD + "\n"


def a_test(name: str) -> str:
    return f'def test_{name}():\n    """Adds."""\n    assert add(1, 2) == 3\n    print("{name}")\n'


def graded(grade_id: str, points: float = 5) -> str:
    return (
        f'# %% nbgrader={{"grade": true, "grade_id": "{grade_id}", "locked": true, '
        f'"points": {points}, "schema_version": 3, "solution": false}}\n'
    )


def chosen(points: Mapping[str, int | float] | None = None) -> Settings:
    return Settings(select=("NBG001",), points=points or Settings().points)


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), chosen())


def printed(text: str) -> str:
    """What the module prints when it runs as a script."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(text, "module", "exec"), {"__name__": "__main__"})
    return output.getvalue()


def jupytext_cells(text: str) -> list[tuple[str, str, object]]:
    notebook = jupytext.reads(text, {"extension": ".py"})
    return [(c.cell_type, c.source.strip("\n"), c.metadata.get("nbgrader")) for c in notebook.cells]


def lines_of(text: str) -> Counter[str]:
    return Counter(
        line.rstrip("\r")
        for line in text.split("\n")
        if line.strip() and not line.startswith(("# %%", "# In["))
    )


def plain_text(cell: Cell) -> str:
    text = cell.source if cell.kind is CellKind.CODE else markdown_text(cell)
    return text.replace("\r\n", "\n").strip("\n")


def fixed(text: str, points: Mapping[str, int | float] | None = None) -> str:
    """The module after the safe fixes, held against jupytext, Python, nbgrader and the text."""
    settings = chosen(points)
    file = read_text(text)
    outcome = fix(file, lint(file, settings), settings)
    assert outcome.fault == ""
    after = outcome.file.text
    ours = [(str(c.kind), plain_text(c), c.metadata.get("nbgrader")) for c in outcome.file.cells]
    assert jupytext_cells(after) == ours
    assert lines_of(after) == lines_of(text)
    assert printed(after) == printed(text)
    MetadataValidator().validate_nb(jupytext.reads(after, {"extension": ".py"}))
    again = fix(outcome.file, outcome.remaining, settings)
    assert again.file.text == after
    return after


def fix_of(text: str) -> object:
    """The fix of the first diagnostic."""
    return check(text)[0].fix


# --- what is reported -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "definition",
    [
        "def test_add():\n    pass\n",
        "def test_add(verbose=False, *args, seed=0, **kwargs):\n    pass\n",
        "async def test_add():\n    pass\n",
        "@decorated\ndef test_add():\n    pass\n",
        "class TestAdd:\n    def test_one(self):\n        pass\n",
        "class TestAdd(Base):\n    x = 1\n\n    def test_one(self, times=2):\n        pass\n",
    ],
)
@pytest.mark.parametrize("marker", ["# %%\n", SOLUTION])
def test_an_ungraded_test_is_reported_once_at_its_definition(definition: str, marker: str) -> None:
    (found,) = check(marker + definition)
    line = next(
        i
        for i, x in enumerate(definition.split("\n"), 2)
        if x.startswith(("def", "async", "class"))
    )
    assert (found.code, found.start.row, found.start.column) == ("NBG001", line, 1)
    assert found.severity == "error"
    assert "not graded" in found.message


@pytest.mark.parametrize(
    "definition",
    [
        "def test_close(actual, wanted):\n    pass\n",
        "def test_helper(x, y=1):\n    pass\n",
        "def test_helper(*, tolerance):\n    pass\n",
        "def helper():\n    def test_inner():\n        pass\n",
        "def testing():\n    pass\n",
        "def _test_add():\n    pass\n",
        "test_data = [1, 2]\n",
        "test_f = lambda: 1\n",
        "class TestAdd:\n    x = 1\n",
        "class TestDataset:\n    def __init__(self, n):\n        self.n = n\n",
        "class TestAdd:\n    def test_one(self, fixture):\n        pass\n",
        "class Helper:\n    def test_one(self):\n        pass\n",
        "from checks import test_add\n",
    ],
)
def test_what_is_no_test_is_not_reported(definition: str) -> None:
    assert check("# %%\n" + definition) == []


@pytest.mark.parametrize("solution", ["true", "false"])
def test_a_graded_cell_is_fine(solution: str) -> None:
    marker = graded("t").replace('"solution": false', f'"solution": {solution}')
    assert check(marker + a_test("a")) == []


def test_a_plain_python_file_is_never_reported() -> None:
    assert check(a_test("a") + "\ntest_a()\n") == []


def test_a_test_in_markdown_is_text() -> None:
    assert check("# %% [markdown]\n# def test_a():\n#     pass\n\n# %%\nx = 1\n") == []


def test_the_names_of_tests_come_from_the_settings() -> None:
    settings = Settings(select=("NBG001",), test_names=("check_*",))
    text = "# %%\ndef check_a():\n    pass\n\n# %%\ndef test_a():\n    pass\n"
    assert [d.start.row for d in lint(read_text(text), settings)] == [2]


def test_every_test_of_a_cell_is_reported_and_they_share_one_fix() -> None:
    found = check(CELL + a_test("a") + "\n" + a_test("b"))
    assert [d.start.row for d in found] == [7, 12]
    assert found[0].fix is found[1].fix
    assert found[0].fix is not None
    assert found[0].fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "block",
    [
        "if True:\n    def test_a():\n        pass\n",
        "try:\n    import a\nexcept OSError:\n    pass\nelse:\n    def test_a():\n        pass\n",
        "with open('a') as a:\n    if a:\n        async def test_a():\n            pass\n",
        'if __name__ == "__main__":\n    def test_a():\n        pass\n\n    test_a()\n',
        "for n in (1, 2):\n    class TestA:\n        def test_a(self):\n            pass\n",
    ],
)
def test_a_test_defined_in_a_block_is_reported(block: str) -> None:
    (diagnostic,) = check("# %%\n" + block)
    assert diagnostic.fix is None


def test_beside_a_test_in_a_block_the_others_get_their_cells() -> None:
    inner, outer = check("# %%\nif True:\n    def test_a():\n        pass\n\n\n" + a_test("b"))
    assert inner.fix is None
    assert outer.fix is not None


def test_a_function_in_a_function_is_no_test() -> None:
    assert check("# %%\ndef make():\n    def test_a():\n        pass\n    return test_a\n") == []


# --- the test moves out of a solution cell -----------------------------------------------------


def test_a_test_behind_the_solution_moves_with_its_comments_and_its_call() -> None:
    test = "# ### Unit test\n# It adds.\n@(lambda f: f)\n" + a_test("unit_add") + "\n"
    call = 'if __name__ == "__main__":\n    test_unit_add()  # run it\n'
    text = CELL + test + call + "\n# %% [markdown]\n# Next.\n"
    assert fixed(text) == CELL + graded("test-add") + test + call + "\n# %% [markdown]\n# Next.\n"


@pytest.mark.parametrize(
    "call",
    [
        "test_a()\n",
        "if __name__ == '__main__': test_a()\n",
        "try:\n    test_a()\nexcept AssertionError as error:\n    print(error)\n",
        "ok = test_a()\nprint(ok)\n",
        "for _ in range(2):\n    test_a()\n",
        "run = test_a\nrun()\n",
        "# At the end.\ntest_a()\n\n# The end.\n",
        'test_a()\nprint("""\n### text\n""")\n',
    ],
)
def test_the_call_goes_with_the_test(call: str) -> None:
    assert fixed(CELL + a_test("a") + "\n" + call) == CELL + graded("test-a") + a_test("a") + (
        "\n" + call
    )


def test_tests_called_one_by_one_get_a_cell_each() -> None:
    a, b = a_test("a") + "\ntest_a()\n\n", a_test("b") + "\ntest_b()\n"
    assert fixed(CELL + a + b) == CELL + graded("test-a") + a + graded("test-b") + b


GUARD = 'if __name__ == "__main__":\n'


@pytest.mark.parametrize(
    ("calls", "first", "second"),
    [
        ("test_a()\ntest_b()\n", "test_a()\n", "test_b()\n"),
        (
            GUARD + "    test_a()\n    test_b()\n",
            GUARD + "    test_a()\n",
            GUARD + "    test_b()\n",
        ),
    ],
    ids=["open", "guard"],
)
def test_calls_at_the_end_go_to_the_cell_of_their_test(calls: str, first: str, second: str) -> None:
    settings = chosen()
    file = read_text(CELL + a_test("a") + "\n" + a_test("b") + "\n" + calls)
    after = fix(file, lint(file, settings), settings).file
    assert [c.metadata["nbgrader"]["grade_id"] for c in after.cells] == ["add", "test-a", "test-b"]
    assert first in after.cells[1].source
    assert second in after.cells[2].source
    assert printed(after.text) == "a\nb\n"


@pytest.mark.parametrize("below", ["", "\n", "\n\n\n# The end.\n", "\n# %%\nx = 1\n"])
def test_a_guard_of_several_calls_may_have_anything_below(below: str) -> None:
    a, b = a_test("a"), a_test("b")
    calls = f"# Both.\n{GUARD}    test_a()\n    test_b()\n"
    file = read_text(f"{CELL}{a}\n\n{b}\n\n{calls}{below}")
    outcome = fix(file, lint(file, chosen()), chosen())
    assert not outcome.fault
    first = f"{graded('test-a')}{a}\n\n# Both.\n{GUARD}    test_a()\n\n"
    second = f"{graded('test-b')}{b}\n\n{GUARD}    test_b()\n"
    assert outcome.file.text == f"{CELL}{first}{second}{below}"


@pytest.mark.parametrize(
    "calls",
    [
        GUARD + '    print("go")\n    test_a()\n    test_b()\n',
        GUARD + "    # first\n    test_a()  # a\n    test_b()\n    # last\n",
        GUARD + "    for test in (test_a, test_b):\n        test()\n    test_a(), test_b()\n",
        "test_a(); test_b()\n",
        "ok = test_a() or test_b()\n",
    ],
)
def test_tests_that_are_run_together_share_one_cell_worth_their_points(calls: str) -> None:
    tests = a_test("a") + "\n" + a_test("b") + "\n"
    text = CELL + tests + calls
    assert fixed(text) == CELL + graded("test-a", 10) + tests + calls


def test_a_runner_that_calls_tests_defined_below_it_keeps_working() -> None:
    text = CELL + "def test_all():\n    test_a()\n\n" + a_test("a") + "\ntest_all()\n"
    assert printed(fixed(text)) == "a\n"


def test_a_class_of_tests_is_one_graded_cell() -> None:
    test = "class TestAdd:\n    def test_one(self):\n        assert add(1, 1) == 2\n"
    call = "\nTestAdd().test_one()\n"
    assert fixed(CELL + test + call) == CELL + graded("test-add") + test + call


def test_helpers_below_the_test_stay_with_the_solution() -> None:
    helper = "def twice(f):\n    f()\n    f()\n"
    text = CELL + a_test("a") + "\n" + helper + "\ntwice(test_a)\n"
    after = fixed(text)
    assert read_text(after).cells[0].source == ADD + "\n" + helper + "\n"


def test_a_second_solution_below_the_test_stays_the_students() -> None:
    second = "def sub(a, b):\n    ### BEGIN SOLUTION\n    return a - b\n    ### END SOLUTION\n\n"
    a, b = a_test("a") + "\ntest_a()\n\n", a_test("b") + "\ntest_b()\n"
    assert fixed(CELL + a + second + b) == (
        CELL + second + graded("test-a") + a + graded("test-b") + b
    )


@pytest.mark.parametrize(
    "test",
    [
        "def test_a():\n    ### BEGIN SOLUTION\n    assert add(1, 1) == 2\n    ### END SOLUTION\n",
        'def test_a():\n    """### BEGIN SOLUTION"""\n    ### END SOLUTION\n    assert add(1, 1)\n',
        "def test_a():\n    ### BEGIN HIDDEN TESTS\n    assert 1\n    ### END HIDDEN TESTS\n",
    ],
)
def test_a_test_with_a_region_is_left_to_the_author(test: str) -> None:
    assert fix_of(CELL + test) is None


def test_a_test_inside_a_region_of_the_module_is_left_to_the_author() -> None:
    text = SOLUTION + "### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n\n"
    assert fix_of(text + a_test("a") + "\n### END SOLUTION\n") is None


def test_a_test_in_the_middle_of_a_region_is_left_to_the_author() -> None:
    text = SOLUTION + "### BEGIN SOLUTION\ndef add(a, b):\n    return a + b\n\n" + a_test("a")
    assert fix_of(text + "\ndef sub(a, b):\n    return a - b\n### END SOLUTION\n") is None


# --- definitions must not overtake what they need -----------------------------------------------


@pytest.mark.parametrize(
    "below",
    [
        "SIZE = 3\n\ndef sub(a, b=SIZE):\n    return a - b\n\nprint(sub(5))\n",
        "Base = object\n\nclass Part(Base):\n    pass\n",
        "SIZE = 3\n\nclass Part:\n    size = SIZE\n",
        "mark = lambda f: f\n\n@mark\ndef sub(a, b):\n    return a - b\n",
        "Number = int\n\ndef sub(a: Number, b: Number) -> Number:\n    return a - b\n",
        "class Part:\n    print('made')\n",
        "def shout(f):\n    print('shout')\n    return f\n\n@shout\ndef sub(a, b):\n    return a\n",
        "def add(a, b):\n    return 3\n\nprint(add(1, 1))\n",
        "import sys\nsys.modules['made'] = sys\nimport made\nprint(made is sys)\n",
    ],
    ids=["default", "base", "body", "decorator", "hint", "print", "shout", "again", "import"],
)
def test_what_stands_below_the_test_does_the_same_after_the_fix(below: str) -> None:
    text = CELL + "print(add(1, 1))\n\n" + a_test("a") + "\ntest_a()\n\n" + below
    if fix_of(text) is not None:
        fixed(text)
    else:
        assert [d.code for d in check(text)] == ["NBG001"]


# --- other cells ----------------------------------------------------------------------------


def test_a_cell_of_only_the_test_keeps_title_and_options_of_its_marker() -> None:
    text = '# %% Try it tags=["x"]\n# First.\nimport math\n\ndef test_a():\n    print(math.pi)\n'
    new = text.replace('tags=["x"]', 'tags=["x"] ' + graded("test-a")[5:-1])
    assert fixed(text) == new


@pytest.mark.parametrize(
    ("role", "grade_id"),
    [
        ('{"grade": false, "grade_id": "mine", "locked": true, "solution": false}', "mine"),
        ('{"grade": false, "grade_id": "mine", "locked": false, "solution": false}', "mine"),
        ('{"grade": false, "grade_id": "mine", "locked": false, "solution": true}', "mine"),
        ('{"grade": false, "grade_id": "not good", "locked": true, "solution": false}', "test-a"),
    ],
    ids=["read-only", "noop", "solution", "bad id"],
)
def test_a_cell_of_only_the_test_keeps_a_good_id(role: str, grade_id: str) -> None:
    text = f"# %% nbgrader={role}\ndef test_a():\n    print(1)\n\ntest_a()\n"
    assert fixed(text) == graded(grade_id) + "def test_a():\n    print(1)\n\ntest_a()\n"


@pytest.mark.parametrize(
    "marker",
    [
        "# %%",
        "# %% Title",
    ],
)
def test_a_plain_cell_is_split_in_order(marker: str) -> None:
    text = marker + "\nx = 1\n\ndef test_a():\n    print(x)\n\ntest_a()\n\nx = 2\nprint(x)\n"
    assert fixed(text) == (
        marker
        + "\nx = 1\n\n"
        + graded("test-a")
        + "def test_a():\n    print(x)\n\ntest_a()\n\n# %%\nx = 2\nprint(x)\n"
    )


def test_a_read_only_cell_keeps_what_is_no_test() -> None:
    marker = SOLUTION.replace('"locked": false', '"locked": true').replace("true}", "false}")
    head = "def add(a, b):\n    return a + b\n\n"
    assert fixed(marker + head + a_test("a")) == marker + head + graded("test-a") + a_test("a")


def test_an_exported_cell_keeps_its_directive_and_the_test_is_not_exported() -> None:
    head = "# %%\n#| export\ndef add(a, b):\n    return a + b\n\n"
    assert fixed(head + a_test("a")) == head + graded("test-a") + a_test("a")


def test_a_directive_above_the_test_stays_with_the_cell() -> None:
    text = (
        "# %%\n#| export\n"
        + a_test("a").replace("add(1, 2)", "3")
        + "\ndef add(a, b):\n    return a + b\n"
    )
    assert read_text(fixed(text)).cells[0].source.startswith("#| export\n")


@pytest.mark.parametrize(
    "below",
    ["VERSION = 2\n", "try:\n    import json\nexcept ImportError:\n    json = None\n"],
)
def test_what_stands_below_the_test_of_an_exported_cell_stays_exported(below: str) -> None:
    text = "# %%\n#| export\ndef add(a, b):\n    return a + b\n\n" + a_test("a") + "\n" + below
    if fix_of(text) is not None:
        assert below.strip() in read_text(fixed(text)).cells[0].source
    else:
        assert [d.code for d in check(text)] == ["NBG001"]


def test_text_above_the_first_marker_has_no_marker_to_write_on() -> None:
    assert fix_of("def test_a():\n    pass\n\n# %%\nx = 1\n") is None


def test_a_marker_of_the_old_form_becomes_a_percent_marker() -> None:
    assert fixed("# In[3]:\ndef test_a():\n    print(1)\n") == (
        graded("test-a") + "def test_a():\n    print(1)\n"
    )


def test_windows_line_ends_stay() -> None:
    text = "# %%\nx = 1\ndef test_a():\n    print(x)\n\ntest_a()\n\n# %%\ny = 2"
    after = fixed(text.replace("\n", "\r\n"))
    assert after.replace("\r\n", "").count("\n") == 0
    assert after.replace("\r\n", "\n") == fixed(text)


def test_a_missing_line_end_stays_missing() -> None:
    assert fixed(CELL + "def test_a():\n    print(1)") == (
        CELL + graded("test-a") + "def test_a():\n    print(1)"
    )


# --- ids and points ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "grade_id"),
    [
        ("def test_unit_quantize_int8():\n    pass\n", "test-quantize-int8"),
        ("def test_module():\n    pass\n", "test-module"),
        ("def test_ReLU():\n    pass\n", "test-relu"),
        ("def test_a__b_():\n    pass\n", "test-a-b"),
        ("class TestAdd:\n    def test_x(self):\n        pass\n", "test-add"),
    ],
)
def test_the_id_comes_from_the_name(definition: str, grade_id: str) -> None:
    points = {"*": 5}
    assert fixed("# %%\n" + definition, points) == graded(grade_id) + definition


def test_ids_are_new_to_the_module() -> None:
    test = "def test_a():\n    pass\n"
    text = graded("test-a") + "x = 1\n\n# %%\n" + test + "\n# %%\n" + test.replace("_a", "_unit_a")
    after = read_text(fixed(text))
    ids = [c.metadata["nbgrader"]["grade_id"] for c in after.cells]
    assert ids == ["test-a", "test-a-2", "test-a-3"]


def test_two_definitions_of_one_name_in_a_cell_use_the_plain_id() -> None:
    text = "# %%\n" + "def test_a():\n    pass\n\n" * 2
    assert '"grade_id": "test-a"' in fixed(text)


@pytest.mark.parametrize(
    ("name", "points", "worth"),
    [
        ("test_a", None, 5),
        ("test_module", None, 20),
        ("test_a", {"test_a*": 7.5, "*": 1}, 7.5),
        ("test_a", {"*": 1, "test_a": 9}, 1),
        ("test_a", {"test_b": 9}, 0),
    ],
)
def test_points_come_from_the_settings(
    name: str, points: Mapping[str, int | float] | None, worth: float
) -> None:
    after = read_text(fixed(f"# %%\ndef {name}():\n    pass\n", points))
    assert after.cells[0].metadata["nbgrader"]["points"] == worth


# --- in an assignment, a test of what the students are given grades nothing ---------------------

_SHOW = "def show(a, b):\n    print(add(a, b))\n"
_OF_SHOW = "def test_show():\n    show(1, 2)\n\ntest_show()\n"
_ANSWER: GradedCell = ("code", role(grade_id="add", solution=True), ADD)
_GIVEN: GradedCell = ("code", PLAIN, "def add(a, b):\n    return a + b\n")
_PAGE: GradedCell = ("code", role(grade_id="add", solution=True), "# Write add here.\n")


def _names(cells: list[GradedCell], kind: Kind) -> list[list[str]]:
    """The tests that are reported, in a percent file and in a notebook."""
    settings = Settings(select=("NBG001",), purpose=Purpose(kind))
    return [
        [d.message.split()[0] for d in lint(make(cells), settings)] for make in (percent, stored)
    ]


@pytest.mark.parametrize(
    "cells",
    [
        [("code", PLAIN, "def show(a, b):\n    print(a + b)\n\n" + _OF_SHOW)],
        [_GIVEN, ("code", PLAIN, _SHOW), ("code", PLAIN, _OF_SHOW)],
        [_GIVEN, ("code", PLAIN, a_test("add"))],
        [_ANSWER, ("code", PLAIN, "def add(a, b):\n    return b + a\n\n" + a_test("add"))],
        [_ANSWER, ("code", PLAIN, "def test_math():\n    assert abs(-1) == 1\n")],
        [_GIVEN, ("code", PLAIN, "class TestAdd:\n    def test_it(self):\n        add(1, 2)\n")],
    ],
    ids=["same cell", "through a helper", "given", "given anew", "builtins", "class"],
)
def test_what_the_students_are_given_is_not_theirs_to_be_graded(cells: list[GradedCell]) -> None:
    assert _names(cells, Kind.ASSIGNMENT) == [[], []]
    assert all(_names(cells, Kind.MODULE))


@pytest.mark.parametrize(
    "cells",
    [
        [_ANSWER, ("code", PLAIN, a_test("add"))],
        [_ANSWER, ("code", PLAIN, _SHOW + "\n" + a_test("add"))],
        [_ANSWER, ("code", PLAIN, _SHOW), ("code", PLAIN, _OF_SHOW)],
        [_PAGE, ("code", PLAIN, a_test("add"))],
        [_PAGE, _GIVEN, ("code", PLAIN, "def test_sub():\n    assert sub(2, 1) == add(0, 1)\n")],
        [("code", role(grade_id="add", solution=True), ADD + "\n" + a_test("add"))],
    ],
    ids=["answer", "beside a helper", "through a helper", "blank page", "unbound", "same cell"],
)
def test_what_the_students_write_is_to_be_graded(cells: list[GradedCell]) -> None:
    for found in _names(cells, Kind.ASSIGNMENT):
        assert len(found) == 1
