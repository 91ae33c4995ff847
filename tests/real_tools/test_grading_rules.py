"""What only an untouched submission, or only a release, shows of a fault: in the real nbgrader.

The answers of ``test_rules.py`` are right; here nothing is handed in, or a cell scores as its
output says. Each faulty module stands beside its mended form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from exporting import fixed, found
from real_tools.course import Course, Refused
from real_tools.test_rules import ANSWER, MARKER, WHOLE

TEST_ALONE = f"{ANSWER}\n{MARKER}def test_unit_relu():\n    assert relu(-3) == 0\n"
#: Set-up that nbgrader takes for an answer, and an answer that needs it.
IMPORTS = ANSWER.partition("\n")[0].replace('"relu"', '"imports"') + "\nimport math\n\n"
NEEDING = WHOLE.replace("max(0.0, x)", "math.fabs(max(0.0, x))")
#: A cell in which the answer is not marked.
UNMARKED = "".join(
    line for line in ANSWER.splitlines(keepends=True) if "SOLUTION" not in line
).replace("(x):\n", '(x):\n    """The larger of x and zero."""\n')
BODY = "    keep = x > 0\n    return keep * x\n"
LEAK = ANSWER.replace("    return max(0.0, x)\n", BODY) + (
    "\n# %%\nclass Activations:\n    @staticmethod\n    def relu(value):\n"
    "        is_positive = value > 0\n        return is_positive * value\n"
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "course")


def points(
    course: Course, name: str, text: str, answers: Mapping[str, str] | None
) -> Mapping[str, float | None]:
    """The points of a module's release with these answers handed in; None: untouched."""
    course.add(name, text)
    course.release(name)
    course.submit(name, "student", answers)
    course.autograde(name)
    return course.score(name, "student").points


def answer(text: str) -> dict[str, str]:
    """The right answer to ``relu``, and nothing else."""
    cell = text[text.index("def relu") : text.index(MARKER)]
    return {"relu": cell.strip()}


def test_a_test_that_is_not_called_gives_full_points_for_nothing(course: Course) -> None:
    assert [d.code for d in found(TEST_ALONE, "NBG010")] == ["NBG010"]
    mended = fixed(TEST_ALONE, "NBG010")
    assert points(course, "bad", TEST_ALONE, None) == {"test-relu": 5}
    assert points(course, "good", mended, None) == {"test-relu": 0}
    assert points(course, "right", mended, answer(mended)) == {"test-relu": 5}


def test_without_the_imports_the_right_answer_gets_nothing(course: Course) -> None:
    text = IMPORTS + NEEDING
    assert [d.code for d in found(text, "NBG006")] == ["NBG006"]
    assert points(course, "bad", text, answer(text)) == {"test-relu": 0}
    assert points(course, "good", fixed(text, "NBG006"), answer(text)) == {"test-relu": 5}


def test_a_wiped_definition_keeps_its_signature_after_the_fix(course: Course) -> None:
    course.add("bad", UNMARKED)
    course.add("good", fixed(UNMARKED, "NBG006"))
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    assert course.release("bad").cells[0].source == stub
    assert course.release("good").cells[0].source == (
        'def relu(x):\n    """The larger of x and zero."""\n'
        "    # YOUR CODE HERE\n    raise NotImplementedError()"
    )


def test_an_answer_that_stands_elsewhere_is_released(course: Course) -> None:
    assert [d.code for d in found(LEAK, "NBG011")] == ["NBG011"]
    course.add("leak", LEAK)
    cells = course.release("leak").cells
    assert "keep" not in cells[0].source
    assert cells[1].source.endswith("return is_positive * value")
    mended = LEAK.partition("        is_positive")[0] + "        return relu(value)\n"
    assert found(mended, "NBG011") == []
    course.add("mended", mended)
    assert not any("* value" in cell.source for cell in course.release("mended").cells)


def test_more_than_the_points_stops_the_grading(course: Course) -> None:
    text = f"{WHOLE}\n7\n"
    assert [d.code for d in found(text, "NBG013")] == ["NBG013"]
    with pytest.raises(Refused) as refused:
        points(course, "bad", text, answer(text))
    assert "ValueError" in refused.value.log


@pytest.mark.parametrize(
    ("last", "worth", "is_reported"),
    [
        ("-1", 5, True),
        ("relu(3) == 4", 5, True),
        ("'2'", 5, False),
        ("2;", 5, False),
        ("if True:\n    2", 5, False),
        ("True", 5, False),
    ],
)
def test_the_last_value_scores_as_the_rule_says(
    last: str, worth: float, is_reported: bool, course: Course
) -> None:
    text = f"{WHOLE}\n{last}\n"
    assert bool(found(text, "NBG013")) is is_reported
    assert points(course, "last", text, answer(text)) == {"test-relu": worth}
