"""For each rule a minimal module that shows the fault in the real tool, and its repair.

NBG and CEL: all modules become assignments of one course. Who hands in the right answers
gets no points for the faulty module, because nbgrader refuses it or its notebook does not
run, and all points for the mended one. IMP: the package of nbdev acts when it is imported,
and is silent after the fix. The rules that are not here have such a test beside their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporting import fixed, found
from grading import role
from real_tools.course import Course, Refused
from real_tools.package import exported
from sharing import Shared

ANSWER = """\
# %% nbgrader={"grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true}
def relu(x):
    ### BEGIN SOLUTION
    return max(0.0, x)
    ### END SOLUTION
"""  # noqa: E501
MARKER = """\
# %% nbgrader={"grade": true, "grade_id": "test-relu", "locked": true, "points": 5, "schema_version": 3, "solution": false}
"""  # noqa: E501
TEST = """\
def test_unit_relu():
    assert relu(-3) == 0


if __name__ == "__main__":
    test_unit_relu()
"""
WHOLE = f"{ANSWER}\n{MARKER}{TEST}"

#: A header that names a kernel.
KERNEL = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""

#: A helper in a cell of its own, and a graded test of it.
HELPER = """\
# %%
def levels(bits):
    count = 2**bits
    return count
"""
HELPER_TEST = f"""
{MARKER}def test_unit_levels():
    assert levels(8) == 256


if __name__ == "__main__":
    test_unit_levels()
"""
TEXT = '# %% [markdown]\n"""\nHow many values has a weight?\n"""\n'


def text_of(kind: str = "[markdown]", **changes: object) -> str:
    """A cell with complete metadata and, unless it is code, a line of text."""
    marker = f"# %% {kind} nbgrader={json.dumps(role(grade_id='why', **changes))}\n"
    return marker + ("# Why?\n" if kind else "")


@dataclass(frozen=True)
class Case:
    """A faulty module and what the tool says of it; ``good`` where only a person can mend it.

    ``says`` is nbgrader's or jupytext's refusal, or the error that a cell of the notebook
    ends with. ``earns`` are the points by grade_id for the right answers, None if refused.
    ``waits`` is a cell of the mended module that waits for a person to grade it.
    """

    code: str
    bad: str
    says: str
    earns: Mapping[str, float] | None = None
    good: str | None = None
    waits: str | None = None

    def mended(self) -> str:
        return self.good if self.good is not None else fixed(self.bad, self.code)


CASES = {
    "test behind the answer": Case("NBG001", f"{ANSWER}\n\n{TEST}", "", {}),
    "no schema version": Case(
        "NBG002",
        WHOLE.replace('"schema_version": 3, ', ""),
        "SchemaTooOldError: Outdated schema version: 0 (expected 3)",
    ),
    "no lock": Case(
        "NBG002", WHOLE.replace('"locked": true, ', ""), "'locked' is a required property"
    ),
    "points in quotes": Case(
        "NBG003", WHOLE.replace('"points": 5', '"points": "5"'), "'5' is not of type 'number'"
    ),
    "version in quotes": Case(
        "NBG003", WHOLE.replace('"schema_version": 3', '"schema_version": "3"'), "TypeError: "
    ),
    "blank in the id": Case(
        "NBG003", WHOLE.replace('"test-relu"', '"test relu"'), "'test relu' does not match"
    ),
    "unknown key": Case(
        "NBG003",
        WHOLE.replace('"points": 5', '"name": "ReLU", "points": 5'),
        "Additional properties are not allowed ('name' was unexpected)",
    ),
    "copied cell": Case(
        "NBG004",
        WHOLE.replace('"test-relu"', '"relu"'),
        "Duplicate grade id: relu",
        good=WHOLE,
    ),
    "region begun twice": Case(
        "NBG007",
        WHOLE.replace("    return", "    ### BEGIN SOLUTION\n    return"),
        "RuntimeError: encountered nested begin solution statements",
        good=WHOLE,
    ),
    "region without end": Case(
        "NBG007",
        WHOLE.replace("    ### END SOLUTION\n", ""),
        "RuntimeError: no end solution statement found",
        good=WHOLE,
    ),
    "delimiters on one line": Case(
        "NBG007",
        WHOLE.replace("BEGIN SOLUTION", "BEGIN SOLUTION to END SOLUTION").replace(
            "    ### END SOLUTION\n", ""
        ),
        "RuntimeError: no end solution statement found",
        good=WHOLE,
    ),
    "misspelt end": Case(
        "NBG007",
        WHOLE.replace("END SOLUTION", "END SOLUTON"),
        "RuntimeError: no end solution statement found",
    ),
    "answer without a role": Case(
        "NBG008",
        f"# %%\n{ANSWER.partition(chr(10))[2]}\n{MARKER}{TEST}",
        "RuntimeError: Solution region detected in a non-solution cell",
    ),
    "prose on regions": Case(
        "NBG008",
        f"{WHOLE}\n# %% [markdown]\n# From BEGIN SOLUTION to END SOLUTION.\n",
        "RuntimeError: no end solution statement found",
        good=WHOLE,
    ),
    "hidden tests outside": Case(
        "NBG008",
        f"{WHOLE}\n# %%\n### BEGIN HIDDEN TESTS\nLOW = 0\n### END HIDDEN TESTS\n",
        "RuntimeError: Hidden test region detected in a non-grade cell",
        good=WHOLE,
    ),
    "mark scheme outside": Case(
        "NBG008",
        f'{WHOLE}\n# %%\nTEXT = """\nBEGIN MARK SCHEME\nEND MARK SCHEME\n"""\n',
        "RuntimeError: Mark scheme region detected in a non-grade cell",
        good=WHOLE,
    ),
    "word for generated tests": Case(
        "NBG008", f'{KERNEL}{WHOLE}\n# %%\nMODE = "AUTOTEST"\n', "FileNotFoundError", good=WHOLE
    ),
    "no points": Case(
        "NBG005",
        WHOLE.replace('"points": 5, ', ""),
        "nbgrader cell 'test-relu' does not have points",
    ),
    "task without points": Case(
        "NBG005",
        f"{WHOLE}\n{text_of(locked=True, task=True)}",
        "KeyError: 'points'",
        waits="why",
    ),
    "answer that nobody grades": Case(
        "NBG012",
        f"{WHOLE}\n{text_of(solution=True)}",
        "Markdown solution cell is not marked as a grade cell",
        waits="why",
    ),
    "graded text": Case(
        "NBG012",
        f"{WHOLE}\n{text_of(grade=True, locked=True, points=3)}",
        "Markdown grade cell 'why' is not marked as a solution cell",
        good=f"{WHOLE}\n{text_of(locked=True, points=3, task=True)}",
        waits="why",
    ),
    "task of code": Case(
        "NBG012",
        f"{WHOLE}\n{text_of('', locked=True, points=3, task=True)}\n# %% [markdown]\n# Why?\n",
        "Task cells have to be markdown",
        waits="why",
    ),
    "locked raw cell": Case(
        "NBG012",
        f"{WHOLE}\n{text_of('[raw]', locked=True)}",
        "'raw' is not among the defined enum values",
        good=WHOLE,
    ),
    "idle metadata of old": Case(
        "NBG015",
        f'{WHOLE}\n# %% nbgrader={{"grade": false, "grade_id": "sizes"}}\nSIZES = (1, 2)\n',
        "SchemaTooOldError: Outdated schema version: 0 (expected 3)",
    ),
    "warning in a test": Case(
        "NBG013",
        WHOLE.replace("    assert", "    warnings.warn('slow')\n    assert").replace(
            "def test_unit", "import warnings\n\n\ndef test_unit"
        ),
        "",
        {"test-relu": 0},
        good=WHOLE,
    ),
    "number at the end": Case(
        "NBG013", f"{WHOLE}\nlen([1, 2])\n", "", {"test-relu": 2}, good=WHOLE
    ),
    "glued metadata": Case(
        "CEL001",
        WHOLE.replace('# %% nbgrader={"grade": true', '# %%nbgrader={"grade": true'),
        "",
        {},
    ),
    "comma between options": Case(
        "CEL001",
        WHOLE.replace('# %% nbgrader={"grade": true', '# %% tags=["a"], nbgrader={"grade": true'),
        "AttributeError: ",
    ),
    "half JSON, half Python": Case(
        "CEL002",
        WHOLE.replace('"grade": false', "'grade': false"),
        "RuntimeError: Solution region detected in a non-solution cell",
    ),
    "marker in a function": Case(
        "CEL004",
        HELPER.replace("    return", "    # %% Count\n    return") + HELPER_TEST,
        "SyntaxError: 'return' outside function",
        {"test-relu": 0},
        good=HELPER + HELPER_TEST,
    ),
    "code below the text": Case(
        "CEL006",
        TEXT + HELPER.replace("# %%\n", "") + HELPER_TEST,
        "NameError: name 'levels' is not defined",
        {"test-relu": 0},
    ),
    "cell that does not parse": Case(
        "CEL008",
        HELPER.replace("bits):", "bits:") + HELPER_TEST,
        "SyntaxError: '(' was never closed",
        {"test-relu": 0},
        good=HELPER + HELPER_TEST,
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What a module came to: a refusal, or points and the errors of its cells."""

    refusal: str = ""
    points: Mapping[str, float | None] | None = None
    errors: tuple[str, ...] = ()


@pytest.fixture(scope="session")
def outcomes(shared: Shared) -> dict[str, Outcome]:
    """The outcome of every module, by its text: many are mended to the same one."""
    return shared.made("rules", _outcomes)


def _outcomes(folder: Path) -> dict[str, Outcome]:
    course = Course(folder / "course")
    texts = dict.fromkeys(t for case in CASES.values() for t in (case.bad, case.mended()))
    modules = {f"module-{number}": text for number, text in enumerate(texts)}
    refusals = {name: refusal_of(course, name, text) for name, text in modules.items()}
    course.autograde("*")
    return {
        modules[name]: Outcome(refusal) if refusal else graded(course, name)
        for name, refusal in refusals.items()
    }


def refusal_of(course: Course, name: str, text: str) -> str:
    """Release a module and hand in the right answers, or say why that cannot be done."""
    try:
        course.add(name, text)
        course.release(name)
    except Refused as refusal:
        return str(refusal)
    except AttributeError as error:  # jupytext's
        return f"{type(error).__name__}: {error}"
    course.submit(name, "student", course.answers(name))
    return ""


def graded(course: Course, name: str) -> Outcome:
    cells = course.outputs(name, "student").cells
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    errors = tuple(f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error")
    return Outcome("", course.score(name, "student").points, errors)


@pytest.mark.parametrize("name", CASES)
def test_the_tool_shows_the_fault(name: str, outcomes: dict[str, Outcome]) -> None:
    case = CASES[name]
    outcome = outcomes[case.bad]
    assert case.code in {d.code for d in found(case.bad, case.code)}
    assert outcome.points == case.earns
    assert case.says in " ".join((outcome.refusal, *outcome.errors))


@pytest.mark.parametrize("name", CASES)
def test_the_tool_shows_the_fault_gone(name: str, outcomes: dict[str, Outcome]) -> None:
    case = CASES[name]
    outcome = outcomes[case.mended()]
    assert found(case.mended(), case.code) == []
    by_hand = {} if case.waits is None else {case.waits: None}
    assert outcome == Outcome("", {"test-relu": 5, **by_hand}, ())


LIBRARY = """\
# %%
#| default_exp core

# %%
#| export
class Scale:
    def __init__(self, size):
        print("scale of", size)
        self.size = size


def show_levels():
    print(2**8, "levels")


def test_levels():
    assert 2**8 == 255

# %%
#| export
"""

#: Code of an exported cell that acts at import, and how the import of the package ends.
ACTS = {
    "IMP001": ("test_levels()", (1, "AssertionError")),
    "IMP002": ('print("core is imported")', (0, "core is imported")),
    "IMP003": ("show_levels()", (0, "256 levels")),
    "IMP004": ("for bits in (4, 8):\n    print(bits, 2**bits)", (0, "8 256")),
    "IMP005": ("SCALE = Scale(8)", (0, "scale of 8")),
}


@pytest.mark.parametrize("code", ACTS)
def test_the_exported_package_is_silent_after_the_fix(code: str, tmp_path: Path) -> None:
    statement, acts = ACTS[code]
    module = f"{LIBRARY}{statement}\n"
    assert {d.code for d in found(module, "IMP")} == {code}
    before = exported(tmp_path / "before", module)
    after = exported(tmp_path / "after", fixed(module, "IMP"))
    assert before.run("import course.core") == acts
    assert after.run("import course.core") == (0, "")
