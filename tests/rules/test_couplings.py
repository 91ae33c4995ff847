"""What other parts of modlint know of a rule, the rule says itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from modlint.output.report.contents import TOPICS
from modlint.review.checklist import CHECKLIST
from modlint.rules import all_rules
from modlint.rules.base import Rule
from support import ROOT

SOURCES = ROOT / "src" / "modlint"
#: Where a code stands all the same, and why.
ALLOWED = {
    ("settings.py", "CEL008"): "whether a rule is left is asked before any is imported",
    **{
        ("analysis/runs.py", f"IMP00{number}"): "the kinds of acts are the rules of one family"
        for number in range(1, 6)
    },
    ("analysis/moving.py", "IMP001"): "as analysis/runs.py",
    ("analysis/moving.py", "IMP003"): "as analysis/runs.py",
}


def _named(path: Path) -> set[tuple[str, int, str]]:
    """The strings of a file that are the code of a rule: path, line, code."""
    where = path.relative_to(SOURCES).as_posix()
    return {
        (where, node.lineno, node.value)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z]{3}\d{3}", node.value)
    }


def test_no_rule_is_named_by_its_code_outside_of_its_file() -> None:
    found = [
        f"{where}:{line}: {code}"
        for path in sorted(SOURCES.rglob("*.py"))
        if path.relative_to(SOURCES).parts[0] != "rules"
        for where, line, code in sorted(_named(path))
        if (where, code) not in ALLOWED
    ]
    assert found == []


def test_no_exception_is_left_over() -> None:
    named = {(w, code) for path in SOURCES.rglob("*.py") for w, _, code in _named(path)}
    assert ALLOWED.keys() - named == set()


def test_a_rule_names_items_of_the_checklist_that_are_there() -> None:
    keys = {entry.key for entry in CHECKLIST}
    for rule in all_rules():
        assert {*rule.checks, *rule.lowers, *rule.shows} <= keys, rule.code
    assert all(entry.codes for entry in CHECKLIST)
    assert {key for topic in TOPICS for key in topic.items} == keys


def test_a_rule_that_is_counted_otherwise_can_count() -> None:
    counted = [rule for rule in all_rules() if rule.recounted_by]
    assert counted
    assert all(type(rule).count is not Rule.count for rule in counted)
