"""NBG013: a graded cell whose output scores otherwise than its tests."""

from __future__ import annotations

import pytest

from exporting import found, rows

MARKER = (
    '# %% nbgrader={"grade": true, "grade_id": "test-it", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)


def messages(cell: str, above: str = "") -> list[str]:
    return [d.message for d in found(above + MARKER + cell, "NBG013")]


def a_test(*lines: str) -> str:
    return "def test_it():\n" + "".join(f"    {line}\n" for line in lines) + "\n\n"


# --- the last value -------------------------------------------------------------------------

NUMBERS = [
    "7\n", "0.5\n", "-1\n", "1 / 2\n", "len(found)\n", "math.sqrt(4)\n", "x = 3\nx\n",
    "score = 0\nfor x in (1, 2):\n    score += x\nscore\n", "score = 0\nscore = score + 1\nscore\n",
    "2 if ok else None\n", "ok and 1\n", "(n := 3)\n", "True or 1\n",
    a_test("return 1 / 2") + "test_it()\n",
    a_test("passed = 0", "passed += 1", "return passed") + "test_it()\n",
    a_test("if ok:", "    return 5", "return None") + "test_it()\n",
    "def points():\n    return 3\n\n\n" + a_test("return points()") + "test_it()\n",
]  # fmt: skip


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_at_the_end_is_taken_for_the_points(cell: str) -> None:
    (message,) = messages(cell)
    assert message.startswith("nbgrader takes the value of `")
    assert message.endswith("` for the points of the cell (0 to 5)")


@pytest.mark.parametrize(
    "cell",
    [
        "relu(3) == 3\n",
        "not relu(-3)\n",
        "np.allclose(a, b)\n",
        "ok = relu(3) == 3\nok\n",
        a_test("try:", "    check()", "except ValueError:", "    return False", "return True")
        + "test_it()\n",
        a_test("return relu(3) == 3") + "test_it()\n",
    ],
)
def test_a_truth_at_the_end_costs_no_points(cell: str) -> None:
    (message,) = messages(cell)
    assert message.startswith("nbgrader gives full points even if `")
    assert message.endswith("` is False")


@pytest.mark.parametrize(
    "cell",
    [
        "7;\n",
        '"done"\n',
        "f'{1}'\n",
        "None\n",
        "True\n",
        "[1]\n",
        "1, 2\n",
        "'a' + x\n",
        "text = ''\ntext += 'a'\ntext\n",
        "print(1)\n",
        "x = 7\n",
        "x\n",
        "x.shape\n",
        "x = 1\nx = relu(x)\nx\n",
        "unknown()\n",
        "if ok:\n    7\n",
        'if __name__ == "__main__":\n    7\n',
        "assert relu(3) == 3\n",
        a_test("assert relu(3) == 3") + "test_it()\n",
        a_test("assert relu(3) == 3", "return True") + "test_it()\n",
        a_test("yield 3") + "test_it()\n",
        a_test("return 3") + 'if __name__ == "__main__":\n    test_it()\n',
        "def analyze():\n    return 1 > 2\n\n\nassert relu(3) == 3\nanalyze()\n",
        "def again(n):\n    return again(n)\n\n\nagain(3)\n",
        "a = b\nb = a\na\n",
        "",
    ],
)
def test_any_other_end_scores_nothing(cell: str) -> None:
    assert messages(cell) == []


def test_a_long_value_is_shortened() -> None:
    (message,) = messages("sum(relu(x) == x for x in range(1000) if x > 100)\n")
    assert "`sum((relu(x) == x for x in range(1000) …`" in message


# --- stderr ---------------------------------------------------------------------------------

WRITES = [
    'warnings.warn("slow")', 'print("slow", file=sys.stderr)', 'sys.stderr.write("slow")',
    'logging.warning("slow")', 'logger.error("slow")', 'logging.getLogger("x").warning("slow")',
    'self.logger.exception("slow")', "if slow:\n    warnings.warn('slow')",
    "for x in (1, 2):\n    logger.warning(x)",
]  # fmt: skip


@pytest.mark.parametrize("statement", WRITES)
def test_what_writes_on_stderr_costs_all_points(statement: str) -> None:
    (message,) = messages(statement + "\n")
    assert message.endswith("` writes on stderr: 0 points though the tests pass")
    called = a_test(*statement.split("\n"))
    assert len(messages(called + 'if __name__ == "__main__":\n    test_it()\n')) == 1
    assert messages(called + "print(1)\n") == []
    assert messages(called + 'if __name__ != "__main__":\n    test_it()\n') == []


def test_it_is_reported_where_it_stands() -> None:
    cell = a_test("x = 1", 'warnings.warn("slow")') + "test_it()\n"
    assert rows(MARKER + cell, "NBG013") == [4]


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("import traceback\n\ntraceback.print_exc()\n", 1),
        ("import traceback\n\ntraceback.print_exc(file=log)\n", 0),
        ("from tqdm import tqdm\n\nfor x in tqdm(data):\n    check(x)\n", 1),
        ("from tqdm.notebook import tqdm\n\nfor x in tqdm(data):\n    check(x)\n", 0),
        ("from warnings import warn\n\nwarn('slow')\n", 1),
        ("class T:\n    def test(self):\n        warnings.warn('x')\n\n\nT().test()\n", 1),
        (a_test("def f():", "    warnings.warn('x')", "f()") + "test_it()\n", 1),
    ],
)
def test_other_ways_to_write_and_to_be_run(cell: str, count: int) -> None:
    assert len(messages(cell)) == count


@pytest.mark.parametrize(
    "cell",
    [
        'print("slow")\n',
        "print(1, file=log)\n",
        'logger.info("slow")\n',
        'with pytest.warns(UserWarning):\n    warnings.warn("slow")\n',
        'with warnings.catch_warnings():\n    warnings.warn("slow")\n',
        "with contextlib.redirect_stderr(log):\n    print(1, file=sys.stderr)\n",
        "try:\n    check()\nexcept ValueError as error:\n    print(error, file=sys.stderr)\n"
        "    raise\n",
        'def warn(text):\n    print(text)\n\n\nwarn("slow")\n',
        'text = "warnings.warn(1)"\n',
    ],
)
def test_what_does_not_reach_stderr_is_none(cell: str) -> None:
    assert messages(cell) == []


@pytest.mark.parametrize(
    ("set_up", "cell", "count"),
    [
        ('warnings.filterwarnings("ignore")', 'warnings.warn("slow")', 0),
        ('warnings.simplefilter("always")', 'warnings.warn("slow")', 1),
        ("logging.basicConfig(stream=sys.stdout)", 'logging.warning("slow")', 0),
        ("logging.basicConfig(level=logging.INFO)", 'logging.info("slow")', 1),
        ("logging.basicConfig()", 'logging.info("slow")', 0),
        ("logger.addHandler(handler)", 'logger.warning("slow")', 0),
        ('if __name__ != "__main__":\n    logging.disable()', 'logging.warning("slow")', 1),
    ],
)
def test_the_set_up_of_the_module_counts(set_up: str, cell: str, count: int) -> None:
    assert len(messages(cell + "\n", f"# %%\n{set_up}\n\n")) == count


@pytest.mark.parametrize(
    "marker",
    ["# %%\n", MARKER.replace('"solution": false', '"solution": true')],
    ids=["plain", "graded by hand"],
)
def test_only_autograded_cells_are_looked_at(marker: str) -> None:
    assert found(marker + 'warnings.warn("slow")\n7\n', "NBG013") == []
