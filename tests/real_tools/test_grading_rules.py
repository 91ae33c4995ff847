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
from sharing import Shared

TEST_ALONE = f"{ANSWER}\n{MARKER}def test_unit_relu():\n    assert relu(-3) == 0\n"
#: Set-up that nbgrader takes for an answer, and an answer that needs it.
IMPORTS = ANSWER.partition("\n")[0].replace('"relu"', '"imports"') + "\nimport math\n\n"
IMPORTED = IMPORTS + WHOLE.replace("max(0.0, x)", "math.fabs(max(0.0, x))")
#: A cell in which the answer is not marked.
UNMARKED = "".join(
    line for line in ANSWER.splitlines(keepends=True) if "SOLUTION" not in line
).replace("(x):\n", '(x):\n    """The larger of x and zero."""\n')
BODY = "    keep = x > 0\n    return keep * x\n"
LEAK = ANSWER.replace("    return max(0.0, x)\n", BODY) + (
    "\n# %%\nclass Activations:\n    @staticmethod\n    def relu(value):\n"
    "        is_positive = value > 0\n        return is_positive * value\n"
)


#: What a graded cell ends with, the points that it gives, and whether that is reported.
LAST = [
    ("-1", 5, True),
    ("relu(3) == 4", 5, True),
    ("'2'", 5, False),
    ("2;", 5, False),
    ("if True:\n    2", 5, False),
    ("True", 5, False),
]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "course")


Points = Mapping[str, float | None]


@pytest.fixture(scope="session")
def points(shared: Shared) -> dict[str, Points]:
    """The points of each of ``handed_in``."""
    return shared.made("grading-rules", _graded)


def _graded(folder: Path) -> dict[str, Points]:
    course = Course(folder / "course")
    modules = handed_in()
    for name, (text, answers) in modules.items():
        hand_in(course, name, text, answers)
    course.autograde("*")
    return {name: course.score(name, "student").points for name in modules}


def hand_in(course: Course, name: str, text: str, answers: Mapping[str, str] | None) -> None:
    """Release a module and hand these answers in; None: untouched."""
    course.add(name, text)
    course.release(name)
    course.submit(name, "student", answers)


def handed_in() -> dict[str, tuple[str, dict[str, str] | None]]:
    """The modules that are graded together: text and answers of each."""
    called = fixed(TEST_ALONE, "NBG010")
    kept = fixed(IMPORTED, "NBG006")
    last = {name_of(line): ending(line) for line, _, _ in LAST}
    return {
        "not-called": (TEST_ALONE, None),
        "called": (called, None),
        "called-right": (called, answer(called)),
        "wiped": (IMPORTED, answer(IMPORTED)),
        "kept": (kept, answer(IMPORTED)),
        **{name: (text, answer(text)) for name, text in last.items()},
    }


def ending(last: str) -> str:
    """A module whose graded cell has this as its last statement."""
    return f"{WHOLE}\n{last}\n"


def name_of(last: str) -> str:
    """The name of that module in the course."""
    return f"last-{[line for line, _, _ in LAST].index(last)}"


def answer(text: str) -> dict[str, str]:
    """The right answer to ``relu``, and nothing else."""
    cell = text[text.index("def relu") : text.index(MARKER)]
    return {"relu": cell.strip()}


def test_a_test_that_is_not_called_gives_full_points_for_nothing(
    points: dict[str, Points],
) -> None:
    assert [d.code for d in found(TEST_ALONE, "NBG010")] == ["NBG010"]
    assert points["not-called"] == {"test-relu": 5}
    assert points["called"] == {"test-relu": 0}
    assert points["called-right"] == {"test-relu": 5}


def test_without_the_imports_the_right_answer_gets_nothing(points: dict[str, Points]) -> None:
    assert [d.code for d in found(IMPORTED, "NBG006")] == ["NBG006"]
    assert points["wiped"] == {"test-relu": 0}
    assert points["kept"] == {"test-relu": 5}


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
    hand_in(course, "bad", text, answer(text))
    with pytest.raises(Refused) as refused:
        course.autograde("bad")
    assert "ValueError" in refused.value.log


@pytest.mark.parametrize(("last", "worth", "is_reported"), LAST)
def test_the_last_value_scores_as_the_rule_says(
    last: str, worth: float, is_reported: bool, points: dict[str, Points]
) -> None:
    assert bool(found(ending(last), "NBG013")) is is_reported
    assert points[name_of(last)] == {"test-relu": worth}
