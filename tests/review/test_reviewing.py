"""The rest of a review: issues by priority, strengths, tests, gaps, the score."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from modlint.notebook.reading import read
from modlint.review.model import Group, Item, Mark, Priority, Review, Way
from modlint.review.reviewing import review
from modlint.rules import all_rules
from modlint.settings import Settings
from support import REFERENCE

FOUND = review(read(REFERENCE.read_bytes()), Settings(), "quantization_dev.py")


def test_the_priorities_are_those_of_the_review() -> None:
    must = {
        (i.code, i.way, tuple(d.start.row for d in i.diagnostics)) for i in FOUND.at(Priority.P1)
    }
    assert must == {
        ("IMP001", Way.APPLY, (496, 596, 890, 1090, 1264, 1610)),
        ("IMP003", Way.APPLY, (1297, 1321, 1482)),
        ("IMP004", Way.APPLY, (89,)),
    }
    before_export = {i.code: i.way for i in FOUND.at(Priority.P2)}
    assert (before_export["NBG001"], before_export["SIG002"]) == (Way.APPLY, Way.BY_HAND)
    quality = {i.code for i in FOUND.at(Priority.P3)}
    assert {"COV004", "COV005", "COV006", "IMP002"} <= quality


def test_every_diagnostic_is_in_exactly_one_issue() -> None:
    listed = [id(d) for issue in FOUND.issues for d in issue.diagnostics]
    assert sorted(listed) == sorted(id(d) for d in FOUND.diagnostics)


def test_issues_come_by_priority() -> None:
    order = [issue.priority.name for issue in FOUND.issues]
    assert order == sorted(order)


def test_what_is_critical_breaks_import_or_grading() -> None:
    assert {"IMP001", "IMP003", "IMP004", "NBG001", "NBG002"} <= {i.code for i in FOUND.critical}
    assert not {"IMP002", "SIG003", "COV004"} & {i.code for i in FOUND.critical}


def test_the_gaps_are_those_of_section_7_and_a_benchmark() -> None:
    """The review marks what is limited ⚠️ and what is missing ❌; section 9 adds the benchmark."""
    assert {gap.diagnostic.code: gap.mark for gap in FOUND.gaps} == {
        "COV006": Mark.UNMET,
        "COV005": Mark.UNMET,
        "COV007": Mark.UNMET,
        "COV003": Mark.PARTLY,
        "COV004": Mark.PARTLY,
        "COV008": Mark.PARTLY,
    }


def test_the_tests_are_those_of_section_7() -> None:
    tests = {test.name: test for test in FOUND.tests}
    assert list(tests) == [
        "test_unit_quantize_int8",
        "test_unit_dequantize_int8",
        "test_unit_quantized_linear",
        "test_unit_quantize_model",
        "test_unit_compare_model_sizes",
        "test_module",
    ]
    assert [test.place.start.row for test in FOUND.tests] == [470, 578, 853, 1048, 1233, 1492]
    assert (tests["test_module"].is_graded, tests["test_module"].points) == (True, 20)
    assert not any(test.is_graded for test in FOUND.tests[:-1])
    assert tests["test_unit_quantize_int8"].covers == ("quantize_int8",)
    assert "QuantizedLinear.memory_usage" in tests["test_unit_quantized_linear"].covers


def test_strengths_have_lines() -> None:
    titles = [strength.title for strength in FOUND.strengths]
    assert "ASCII diagrams" in titles
    assert "Main execution block present and complete" not in titles
    assert all(strength.evidence for strength in FOUND.strengths)


def test_the_title_is_the_modules_own() -> None:
    assert FOUND.title.startswith("Module 16: Quantization")


def of_marks(*marks: tuple[Mark, int]) -> Review:
    items = tuple(
        Item("key", "Title", Group.IMPORTS, mark, weight, (), (), ()) for mark, weight in marks
    )
    return replace(FOUND, items=items)


@pytest.mark.parametrize(
    ("marks", "exact"),
    [
        ([(Mark.MET, 1), (Mark.UNMET, 1)], Fraction(50)),
        ([(Mark.MET, 1), (Mark.PARTLY, 1)], Fraction(75)),
        ([(Mark.MET, 1), (Mark.UNMET, 2)], Fraction(100, 3)),
        ([(Mark.MET, 1)] * 3, Fraction(100)),
    ],
)
def test_the_score_weighs_the_marks(marks: list[tuple[Mark, int]], exact: Fraction) -> None:
    assert of_marks(*marks).exact_score == exact


def test_only_a_module_without_a_fault_scores_100() -> None:
    assert of_marks(*[(Mark.MET, 1)] * 500, (Mark.PARTLY, 1)).score == 99
    all_met = of_marks((Mark.MET, 1))
    assert all_met.has_errors  # for which there is no item then
    assert all_met.exact_score == 100
    assert all_met.score == 99
    assert replace(all_met, diagnostics=()).score == 100


def test_the_items_that_break_importers_weigh_two() -> None:
    weights = {item.key: item.weight for item in FOUND.items if item.weight != 1}
    assert weights == {"silent-tests": 2, "silent-demos": 2}


def test_every_rule_has_a_title_for_a_report() -> None:
    titles = {issue.code: issue.title for issue in FOUND.issues}
    assert titles["IMP002"] == "Prints that run whenever the module is imported"
    for rule in all_rules():
        assert type(rule).__doc__


def test_a_notebook_and_an_empty_module_can_be_reviewed() -> None:
    cell: dict[str, object] = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": []}
    cell |= {"source": "print(1)\n", "execution_count": None}
    book = {"cells": [cell], "metadata": {"kernelspec": {"name": "python3"}},
            "nbformat": 4, "nbformat_minor": 5}  # fmt: skip
    found = review(read(json.dumps(book).encode(), "m.ipynb"), Settings())
    marks = {item.key: item.mark for item in found.items}
    assert (marks["jupytext-header"], marks["silent-prints"]) == (Mark.MET, Mark.UNMET)
    assert review(read(b""), Settings()).score < 50
