"""NBG010: a test that a graded cell only defines, and the guarded call that it lacks."""

from __future__ import annotations

import pytest

from exporting import fixed, found
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

MARKER = (
    '# %% nbgrader={"grade": true, "grade_id": "test-it", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)
TEST = "def test_it():\n    assert 1 + 1 == 2\n"
GUARD = 'if __name__ == "__main__":\n'


def messages(text: str) -> list[str]:
    return [d.message for d in found(text, "NBG010")]


# --- what is reported -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        TEST,
        TEST + "\n# test_it()\n",
        TEST + '\nif __name__ != "__main__":\n    test_it()\n',
        TEST + "\nif False:\n    test_it()\n",
        TEST + '\nprint("test_it()")\n',
        TEST + "\n\n# %%\ntest_it()\n",
        "async " + TEST,
        "def test_it(fixture):\n    assert fixture\n",
        "class TestIt:\n    def test_one(self):\n        assert 1\n",
        TEST + "\n\ndef main():\n    test_it()\n",
    ],
    ids=[
        "alone", "comment", "never", "false", "printed", "next cell", "async", "fixture", "class",
        "caller",
    ],
)  # fmt: skip
def test_a_test_that_nothing_calls_gives_full_points(cell: str) -> None:
    (message,) = messages(MARKER + cell)
    assert message.endswith("is never called in its cell: 5 points for an empty submission")


@pytest.mark.parametrize(
    "cell",
    [
        TEST + "\ntest_it()\n",
        TEST + "\n" + GUARD + "    test_it()\n",
        TEST + "\n\ndef main():\n    test_it()\n\n\nmain()\n",
        TEST + "\nfor test in (test_it,):\n    test()\n",
        TEST + "\nunittest.main(argv=[''], exit=False)\n",
        TEST + "\nfor name in list(globals()):\n    globals()[name]()\n",
        "class TestIt:\n    def test_one(self):\n        assert 1\n\nTestIt().test_one()\n",
        "def test_close(a, b):\n    assert a == b\n\nassert 1 + 1 == 2\n",
        "assert 1 + 1 == 2\n",
    ],
    ids=["call", "guard", "main", "loop", "runner", "globals", "class", "helper", "assert"],
)
def test_a_cell_that_may_fail_is_none(cell: str) -> None:
    assert messages(MARKER + cell) == []


@pytest.mark.parametrize(
    "marker",
    ["# %%\n", MARKER.replace('"solution": false', '"solution": true')],
    ids=["plain", "graded by hand"],
)
def test_only_autograded_cells_are_looked_at(marker: str) -> None:
    assert messages(marker + TEST) == []


def test_what_the_cell_checks_besides_is_told() -> None:
    (message,) = messages(MARKER + TEST + "\nassert 2 > 1\n")
    assert message.endswith("the score of the cell (5 points) does not depend on it")


def test_a_call_of_a_test_that_does_not_exist_is_named_and_left_alone() -> None:
    (diagnostic,) = found(MARKER + TEST + "\n" + GUARD + "    test_other()\n", "NBG010")
    assert "which calls test_other instead" in diagnostic.message
    assert diagnostic.fix is None


def test_one_point_and_no_points_are_told() -> None:
    assert "1 point for" in messages(MARKER.replace("5", "1") + TEST)[0]
    assert "full points for" in messages(MARKER.replace('"points": 5, ', "") + TEST)[0]


# --- the fix --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (TEST, TEST + "\n\n" + GUARD + "    test_it()\n"),
        (TEST + "\n\n", TEST + "\n\n" + GUARD + "    test_it()\n\n\n"),
        (TEST + "\nX = 1\n", TEST + "\nX = 1\n\n" + GUARD + "    test_it()\n"),
        (
            TEST + "\n" + GUARD + "  print(1)\n",
            TEST + "\n" + GUARD + "  print(1)\n  test_it()\n",
        ),
        (
            TEST + "\n" + GUARD + "    print(1);\n",
            TEST + "\n" + GUARD + "    print(1);\n\n\n" + GUARD + "    test_it()\n",
        ),
        (
            TEST + TEST.replace("_it", "_two"),
            TEST + TEST.replace("_it", "_two") + "\n\n" + GUARD + "    test_it()\n    test_two()\n",
        ),
        (TEST.rstrip("\n"), TEST + "\n\n" + GUARD + "    test_it()"),
    ],
    ids=["alone", "blank lines", "code below", "guard", "semicolon", "two", "no newline"],
)
def test_the_missing_calls_come_under_a_guard(cell: str, wanted: str) -> None:
    assert fixed(MARKER + cell, "NBG010") == MARKER + wanted


def test_windows_line_ends_stay() -> None:
    text = (MARKER + TEST).replace("\n", "\r\n")
    after = fixed(text, "NBG010")
    assert after.replace("\r\n", "\n") == fixed(MARKER + TEST, "NBG010")
    assert after.count("\r\n") == after.count("\n")


@pytest.mark.parametrize(
    "cell",
    [
        "async " + TEST,
        "def test_it(fixture):\n    assert fixture\n",
        "def test_it():\n    yield 1\n",
        "class TestIt:\n    def test_one(self):\n        assert 1\n",
        TEST + "    ### BEGIN HIDDEN TESTS\n    assert 2\n    ### END HIDDEN TESTS\n",
    ],
    ids=["async", "fixture", "generator", "class", "region"],
)
def test_what_a_bare_call_would_not_run_has_no_fix(cell: str) -> None:
    assert [d.fix for d in found(MARKER + cell, "NBG010")] == [None]


def test_a_test_that_becomes_graded_may_turn_out_to_be_uncalled() -> None:
    file = read_text("# %%\n" + TEST + "\n# %%\n" + GUARD + "    test_it()\n")
    settings = Settings(select=("NBG",))
    safely = fix(file, lint(file, settings), settings)
    assert (safely.fault, [d.code for d in safely.remaining]) == ("", ["NBG010"])
    wholly = fix(file, lint(file, settings), settings, unsafe=True)
    assert (wholly.fault, wholly.remaining) == ("", [])
    assert [a.code for a in wholly.applied] == ["NBG001", "NBG010"]
