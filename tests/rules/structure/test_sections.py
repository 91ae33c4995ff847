"""STR001–STR004, STR010–STR013, STR017, STR018, STR022: what a section or a passage shows."""

from __future__ import annotations

import json

import pytest

from evidence import markdown, rows, said, shown
from modlint.analysis.module import Module
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.rules.structure.str013_module_summary import ModuleSummary
from modlint.settings import Settings

#: Code → a heading that is enough, and one that only looks like it.
HEADINGS = {
    "STR001": ("1. Introduction: What is a Tensor?", "What is stored"),
    "STR002": ("🔗 Prerequisites & Progress", "Progress"),
    "STR003": ("📦 Where This Code Lives in the Final Package", "The code"),
    "STR010": ("Speed/accuracy trade-offs", "Trading cards"),
    "STR011": ("Deployment", "Products"),
    "STR013": ("🎯 MODULE SUMMARY: Tensor", "Summing up a row"),
    "STR018": ("How to debug shapes", "Bugs in nature"),
}
LIST = "- one\n- two"


@pytest.mark.parametrize("code", HEADINGS)
def test_a_heading_is_evidence_and_a_similar_one_is_not(code: str) -> None:
    good, other = HEADINGS[code]
    first = markdown("Some text.")
    assert rows(first + markdown(f"## {good}\n{LIST}"), code) == []
    assert rows(first + markdown(f"## {other}\n{LIST}"), code) == [1]


@pytest.mark.parametrize("code", HEADINGS)
def test_a_comment_in_a_code_example_is_no_heading(code: str) -> None:
    fence = f"```python\n# {HEADINGS[code][0]}\n```"
    assert rows(markdown(f"Some text.\n\n{fence}"), code) == [1]


def test_a_bold_label_is_as_good_as_a_heading() -> None:
    text = markdown("# Layers\n\n**Prerequisites**: Module 01")
    assert shown(text, "STR002") == [(4, 4, "Prerequisites")]


def test_the_evidence_spans_the_section_in_its_cell() -> None:
    text = markdown("# Title\n## Prerequisites\nModule 01\n\nModule 02\n## Next\nmore")
    assert shown(text, "STR002") == [(3, 6, "Prerequisites")]


def test_a_title_needs_a_text_under_it() -> None:
    assert rows(markdown("# Layers\nThey transform."), "STR001") == []
    assert rows(markdown("# Layers\n## Forward\nIt runs."), "STR001") == [1]


@pytest.mark.parametrize("form", ["- Build\n- Measure", "1. Build\n2. Measure"])
def test_objectives_are_a_list(form: str) -> None:
    assert rows(markdown(f"## Learning Objectives\nYou will:\n\n{form}"), "STR004") == []
    assert rows(markdown("## Learning Objectives\nYou will learn."), "STR004") == [2]


def test_questions_are_counted() -> None:
    head = "## 🤔 ML Systems Thinking"
    assert rows(markdown(f"{head}\n### One\nHow much?\n### Two\nWhy?"), "STR012") == []
    assert rows(markdown(f"{head}\nFill in: it costs _____ and _____ bytes."), "STR012") == []
    assert rows(markdown(f"{head}\nHow much? It depends."), "STR012") == [2]
    assert rows(markdown("## Performance\nHow much? Why?"), "STR012") == [1]


@pytest.mark.parametrize("code", ["STR010", "STR011", "STR022"])
def test_a_word_in_code_is_no_passage(code: str) -> None:
    text = "```python\n# trade-off in production on a phone\n```"
    assert rows(markdown(f"Text.\n\n{text}"), code) == [1]


def test_the_real_world_has_to_appear_throughout() -> None:
    cell = markdown("A phone has little memory.")
    assert rows(cell, "STR022") == [2]
    assert rows(cell * 2, "STR022") == [2]
    assert rows(cell * 3, "STR022") == []


def test_error_accumulation_is_asked_of_modules_about_rounding_only() -> None:
    assert rows(markdown("A token is a word."), "STR017") == []
    about = markdown("The rounding error is small.")
    assert rows(about, "STR017") == [2]
    bare = markdown("## How errors accumulate\nThey add up.")
    assert said(about + bare, "STR017")[0][1].endswith("shows no example in numbers")
    worked = markdown("## How errors accumulate\n| layers | error |\n|---|---|\n| 1 | 0.1 |")
    assert rows(about + worked, "STR017") == []


def test_a_debugging_section_is_a_list() -> None:
    assert rows(markdown("## Debugging checklist\nThink."), "STR018") == [2]


def test_the_settings_name_other_words() -> None:
    settings = Settings(evidence={"module-summary": ("fazit",)})
    assert rows(markdown("Text.\n## Fazit\nEnde."), "STR013", settings) == []
    assert rows(markdown("Text.\n## Summary\nEnd."), "STR013", settings) == [1]


def test_a_plain_file_is_no_module_to_be_taught() -> None:
    assert rows("def relu(x):\n    return x\n", "STR") == []


def test_a_notebook_gives_the_same() -> None:
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "Some text."},
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "hm\n## Summary\nx"},
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file = read(json.dumps(book).encode(), "m.ipynb")
    (found,) = ModuleSummary().found(Module(file, Settings()))
    assert (found.cell, found.start.row, found.end.row) == (1, 2, 3)
    lacking = lint(file, Settings(select=("STR002",)))
    assert [(d.cell, d.start.row) for d in lacking] == [(0, 1)]
