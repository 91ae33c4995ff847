"""Small modules for the rules that look for evidence, and what these rules say of them."""

from __future__ import annotations

from dataclasses import replace

from modlint.analysis.module import Module
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.rules import all_rules
from modlint.rules.evidence import EvidenceRule
from modlint.settings import Settings

SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "s", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
TEST = (
    '# %% nbgrader={"grade": true, "grade_id": "t", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)


def markdown(text: str) -> str:
    """A Markdown cell of comment lines."""
    return "# %% [markdown]\n" + "".join(f"# {line}\n" for line in text.split("\n")) + "\n"


def solution(header: str, body: str = "return x") -> str:
    """A solution cell with one function."""
    inner = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"{SOLUTION}{header}\n    ### BEGIN SOLUTION\n{inner}    ### END SOLUTION\n\n\n"


def graded(body: str, name: str = "test_unit") -> str:
    """A graded cell with one test."""
    return f"{TEST}def {name}():\n" + "".join(f"    {line}\n" for line in body.split("\n")) + "\n\n"


def said(text: str, code: str, settings: Settings | None = None) -> list[tuple[int, str]]:
    """Row and message of each diagnostic of one rule."""
    chosen = replace(settings or Settings(), select=(code,))
    return [(d.start.row, d.message) for d in lint(read(text.encode(), "m.py"), chosen)]


def rows(text: str, code: str, settings: Settings | None = None) -> list[int]:
    """The row of each diagnostic of one rule."""
    return [row for row, _ in said(text, code, settings)]


def shown(text: str, code: str) -> list[tuple[int, int, str]]:
    """First row, last row and words of all evidence that one rule finds."""
    rule = next(rule for rule in all_rules() if rule.code == code)
    assert isinstance(rule, EvidenceRule)
    found = rule.found(Module(read(text.encode(), "m.py"), Settings()))
    return [(e.start.row, e.end.row, e.what) for e in found]
