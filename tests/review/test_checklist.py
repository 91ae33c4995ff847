"""The checklist on the reference module: the review's marks, and what each of them rests on.

The marks are typed by hand from section 10 of the review. Each mutation changes one
thing in the module's text, and exactly the items that rest on it may change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from modlint.analysis.words import phrases
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.review.checklist import CHECKLIST
from modlint.review.model import Group, Mark, Review
from modlint.review.reviewing import review
from modlint.rules import all_rules
from modlint.rules.evidence import EvidenceRule
from modlint.settings import Settings
from support import REFERENCE, ROOT

TEXT = REFERENCE.read_text("utf-8")
YES, PARTLY, NO = Mark.MET, Mark.PARTLY, Mark.UNMET

#: Review, section 10, item by item.
MARKS = {
    "jupytext-header": YES,
    "cell-metadata": PARTLY,
    "solution-regions": YES,
    "hints-outside": YES,
    "markdown-format": YES,
    "test-guard": NO,
    "introduction": YES,
    "package-location": YES,
    "progressive": YES,
    "integration-test": YES,
    "summary": YES,
    "main-block": PARTLY,
    "objectives": YES,
    "diagrams": YES,
    "mathematics": YES,
    "immediate-tests": YES,
    "real-world": YES,
    "memory": YES,
    "performance": YES,
    "trade-offs": YES,
    "production": YES,
    "questions": YES,
    "silent-tests": NO,
    "silent-demos": NO,
    "silent-prints": NO,
    "imports": YES,
}
#: Sections 1 to 8 and 10 of the review: an item and the first lines of what shows it.
SHOWN = {
    "jupytext-header": [1],
    "cell-metadata": [1491],
    "solution-regions": [439, 566, 740],
    "package-location": [46],
    "integration-test": [1492],
    "main-block": [1613],
    "diagrams": [162, 229, 621, 651],
    "mathematics": [219],
    "memory": [825, 1274, 1422],
    "performance": [1300],
    "real-world": [195],
    "questions": [1720],
    "summary": [1759],
    "imports": [66, 73],
}


def reviewed(text: str, settings: Settings | None = None) -> Review:
    return review(read(text.encode()), settings or Settings(), "quantization_dev.py")


def marks(text: str) -> dict[str, Mark]:
    return {item.key: item.mark for item in reviewed(text).items}


def changed(text: str) -> dict[str, Mark]:
    """The items whose mark is another one than in the reference module."""
    assert text != TEXT
    return {key: mark for key, mark in marks(text).items() if mark is not MARKS[key]}


def fixed(*codes: str) -> str:
    settings = replace(Settings(), select=codes)
    file = read(TEXT.encode())
    return fix(file, lint(file, settings), settings).file.text


def without_words(code: str, text: str = TEXT) -> str:
    """The text with every word that the rule looks for replaced by another."""
    rule = next(rule for rule in all_rules() if rule.code == code)
    assert isinstance(rule, EvidenceRule)
    return phrases(rule.words).sub("thing", text)


def swap(old: str, new: str, text: str = TEXT) -> str:
    assert old in text
    return text.replace(old, new)


def cell_of(beginning: str, text: str = TEXT) -> str:
    """The Markdown cell in which ``beginning`` stands, from its marker to the next one."""
    cells = re.split(r"(?m)^(?=# %%)", text)
    (found,) = [cell for cell in cells if beginning in cell]
    return found


def lines_cut(first: int, last: int) -> str:
    lines = TEXT.splitlines(keepends=True)
    return "".join(lines[: first - 1] + lines[last:])


def without_unit_test(name: str) -> str:
    """The module without one unit test, its definition and its calls."""
    text = re.sub(rf"(?m)^def {name}\(\):\n(?:[ \n].*\n|\n)*", "", TEXT)
    return re.sub(rf"(?m)^ *{name}\(\)\n", "", text)


def without_diagrams() -> str:
    fences = re.compile(r"(?ms)^(?:# )?```(\w*)\n.*?^(?:# )?```\n")
    return fences.sub(lambda fence: fence[0] if fence[1] else "", TEXT)


def without_mathematics() -> str:
    return re.sub("[×Σ√≤≈²]", "x", swap("## 📐 Mathematical foundations", "## 📐 The map"))


def without_introduction(text: str = TEXT) -> str:
    text = swap("# # Module 16: Quantization - One Byte per Weight\n", "# ## One\n", text)
    text = swap("## 💡 Motivation: look", "## 💡 Look", text)
    return swap("## 🧭 What is quantization?", "## 🧭 Quantization", text)


def without_memory_analysis() -> str:
    tools = re.sub(r"nbytes|measure_memory|memory_usage", "count", TEXT)
    return without_words("STR008", tools)


MUTATIONS: dict[str, tuple[Callable[[], str], dict[str, Mark]]] = {
    "no header": (lambda: lines_cut(1, 14), {"jupytext-header": NO}),
    "no graded cell is right": (
        lambda: swap(' nbgrader={"grade": true, "grade_id": "test-module", "points": 20}', ""),
        {"cell-metadata": NO},
    ),
    "points of the wrong type": (
        lambda: swap('"points": 20', '"points": "many"'),
        {"cell-metadata": NO},
    ),
    "metadata completed": (lambda: fixed("NBG"), {"cell-metadata": YES}),
    "no regions": (
        lambda: re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n", "", TEXT),
        {"solution-regions": NO},
    ),
    "no scaffolding": (
        lambda: re.sub(r"\b(TODO|APPROACH|EXAMPLE|HINTS):", r"Then -", TEXT),
        {"hints-outside": NO},
    ),
    "a heading without a space": (
        lambda: swap("# ### Which arithmetic", "# ###Which arithmetic"),
        {"markdown-format": PARTLY},
    ),
    "all tests guarded": (
        lambda: re.sub(r"(?m)^(test_\w+\(\))$", r'if __name__ == "__main__":\n    \1', TEXT),
        {"test-guard": YES, "silent-tests": YES},
    ),
    "all tests but one guarded": (
        lambda: re.sub(r"(?m)^(test_unit_\w+\(\))$", r'if __name__ == "__main__":\n    \1', TEXT),
        {},
    ),
    "all demos guarded": (lambda: fixed("IMP003", "IMP004"), {"silent-demos": YES}),
    "tests and demos guarded": (
        lambda: fixed("IMP001", "IMP003", "IMP004"),
        {"test-guard": YES, "silent-tests": YES, "silent-demos": YES, "main-block": YES},
    ),
    "print guarded": (lambda: fixed("IMP002"), {"silent-prints": YES}),
    "no prerequisites": (
        lambda: swap("## 🔗 Prerequisites\n", "## 🔗 So far\n"),
        {"introduction": PARTLY},
    ),
    "no introduction": (without_introduction, {"introduction": PARTLY}),
    "neither": (
        lambda: without_introduction(swap("## 🔗 Prerequisites\n", "## 🔗 So far\n")),
        {"introduction": NO},
    ),
    "no package section": (
        lambda: swap("## 📦 Where this code lives in the final package", "## 📦 The code"),
        {"package-location": NO},
    ),
    "two solutions in a row": (
        lambda: swap(cell_of("## 🏗️ Implementation, part 2"), ""),
        {"progressive": PARTLY},
    ),
    "no integration test": (
        lambda: swap("test_module", "test_everything"),
        {"integration-test": NO},
    ),
    "no summary": (
        lambda: swap("## 🎯 Module summary: quantization", "## 🎯 The end"),
        {"summary": NO},
    ),
    "no main block": (lambda: lines_cut(1613, 1616), {"main-block": NO}),
    "main block without tests": (
        lambda: swap('a script")\n    test_module()\n', 'a script")\n'),
        {},
    ),
    "no objectives": (lambda: swap("## 🎯 Learning objectives", "## 🎯 Aims"), {"objectives": NO}),
    "objectives without a list": (
        lambda: re.sub(r"(?m)^# (\d)\. (Implement|Replace|Know|Measure)", r"# \2", TEXT),
        {"objectives": PARTLY},
    ),
    "no diagrams": (without_diagrams, {"diagrams": NO}),
    "no mathematics": (without_mathematics, {"mathematics": NO}),
    "a solution not tested at once": (
        lambda: without_unit_test("test_unit_dequantize_int8"),
        {"immediate-tests": PARTLY},
    ),
    "no real world": (lambda: without_words("STR022"), {"real-world": NO}),
    "no memory analysis": (without_memory_analysis, {"memory": NO}),
    "no performance analysis": (lambda: without_words("STR009"), {"performance": NO}),
    "no trade-offs": (lambda: without_words("STR010"), {"trade-offs": NO}),
    "no production": (lambda: without_words("STR011"), {"production": NO}),
    "no questions": (
        lambda: swap("## 🤔 ML systems thinking: questions", "## 🤔 The last part"),
        {"questions": NO},
    ),
    "questions that ask nothing": (
        lambda: swap(
            cell_of("## 🤔 ML systems thinking"),
            cell_of("## 🤔 ML systems thinking").replace("?", "."),
        ),
        {"questions": PARTLY},
    ),
    "a source file imported": (
        lambda: swap("from tinytorch.core.tensor import", "from tensor_dev import"),
        {"imports": PARTLY},
    ),
}


def test_the_marks_are_those_of_the_review() -> None:
    assert marks(TEXT) == MARKS


def test_the_score_of_the_reference_module_is_75() -> None:
    assert reviewed(TEXT).exact_score == Fraction(100 * (20 + 1), 28)
    assert reviewed(TEXT).score == 75


def test_the_groups_are_those_of_the_review() -> None:
    sizes = {group: len(reviewed(TEXT).group(group)) for group in Group}
    assert list(sizes.values()) == [6, 6, 5, 5, 4]
    assert [item.key for item in reviewed(TEXT).items] == list(MARKS)


@pytest.mark.parametrize("key", SHOWN)
def test_the_evidence_stands_where_the_review_saw_it(key: str) -> None:
    item = next(item for item in reviewed(TEXT).items if item.key == key)
    spans = [(e.start.row, e.end.row) for e in item.evidence]
    for row in SHOWN[key]:
        assert any(first <= row + 1 and row <= last for first, last in spans), row


@pytest.mark.parametrize("name", MUTATIONS)
def test_exactly_the_items_change_that_rest_on_it(name: str) -> None:
    mutate, expected = MUTATIONS[name]
    assert changed(mutate()) == expected


def test_every_item_can_be_lowered_and_raised() -> None:
    touched = {key for _, expected in MUTATIONS.values() for key in expected}
    assert touched == set(MARKS)


def test_what_lowers_an_item_is_named() -> None:
    for item in reviewed(TEXT).items:
        assert bool(item.against) is (item.mark is not YES)
        assert {d.code for d in item.against} <= set(item.codes)


def test_the_name_of_the_file_decides_nothing() -> None:
    other = review(read(TEXT.encode()), Settings(), "03_layers.py")
    assert {item.key: item.mark for item in other.items} == MARKS
    assert other.score == 75


def test_the_settings_choose_the_words() -> None:
    settings = Settings(evidence={"summary": (), "module-summary": ("zeppelin",)})
    item = next(i for i in reviewed(TEXT, settings).items if i.key == "summary")
    assert item.mark is NO


def test_what_is_selected_does_not_matter_and_what_is_ignored_does() -> None:
    assert reviewed(TEXT, Settings(select=("CEL",))).score == 75
    ignoring = reviewed(TEXT, Settings(ignore=("IMP002",)))
    assert next(i for i in ignoring.items if i.key == "silent-prints").mark is YES


def test_the_codes_of_the_checklist_look_like_codes_and_are_no_accident() -> None:
    families = {rule.code[:3] for rule in all_rules()}
    for entry in CHECKLIST:
        for code in entry.codes + entry.lowered_by:
            assert re.fullmatch(r"[A-Z]{3}\d{3}", code)
            assert code[:3] in families


EXEMPLARY = ROOT / "fixtures" / "exemplary" / "16_quantization" / "quantization_dev.py"


@pytest.mark.skipif(not EXEMPLARY.exists(), reason="the exemplary module is not in this checkout")
def test_the_exemplary_module_scores_100() -> None:
    found = reviewed(EXEMPLARY.read_text("utf-8"))
    assert [(item.key, item.against) for item in found.items if item.mark is not YES] == []
    assert (found.score, found.diagnostics) == (100, ())
