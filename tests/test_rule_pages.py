"""The rule pages are the specification, and every example of theirs is executed.

:mod:`modlint.examples` says how they are written, and tries them; ``modlint rule --test`` goes
by the same code.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modlint.examples import Clean, Example, examples, page_faults
from modlint.pages import page_name, page_of, plain
from modlint.rules import all_rules
from modlint.rules.base import Rule
from support import ROOT, Run

RULES = all_rules()
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def shown_by(rule: Rule) -> list[Example | Clean]:
    try:
        return list(examples(rule))
    except FileNotFoundError:
        return []  # test_every_page_has_a_class_and_every_class_a_page tells of it


SHOWN = [(f"{rule.code}-{n}", shown) for rule in RULES for n, shown in enumerate(shown_by(rule), 1)]
PAIRS = [pytest.param(shown, id=name) for name, shown in SHOWN if isinstance(shown, Example)]


# --- the pages and the classes ----------------------------------------------------------------


def test_every_page_has_a_class_and_every_class_a_page() -> None:
    pages = {path.name for path in (ROOT / "rules").iterdir()}
    assert pages == {page_name(rule) for rule in RULES}


@BY_CODE
def test_a_page_has_the_form_of_all_pages(rule: Rule) -> None:
    assert list(page_faults(rule, shown_by(rule))) == []


@pytest.mark.parametrize("shown", [pytest.param(shown, id=name) for name, shown in SHOWN])
def test_every_example_is_as_its_page_shows_it(shown: Example | Clean, tmp_path: Path) -> None:
    assert list(shown.faults(tmp_path)) == []


# --- the command ------------------------------------------------------------------------------


@BY_CODE
def test_the_command_prints_the_page(rule: Rule, modlint: Run) -> None:
    for asked in (rule.code, rule.code.lower(), rule.name):
        result = modlint("rule", asked)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == plain(page_of(rule)) + "\n"
        assert not re.search("^```", result.stdout, re.MULTILINE)


def test_a_page_in_a_pipe_is_plain_text() -> None:
    page = "# A: b\n\nS.\n\n## Fix\n\n```python bad lines=1\n# %%\n\n## x\n```\n\nText `a`.\n"
    assert plain(page) == "A: b\n\nS.\n\nFIX\n\n    # %%\n\n    ## x\n\nText `a`."


def test_the_command_lists_every_rule_with_its_severity(modlint: Run) -> None:
    result = modlint("rule")
    assert result.exit_code == 0
    listed = [line.split() for line in result.stdout.splitlines()]
    assert listed == [[rule.code, rule.name, str(rule.severity)] for rule in RULES]


@pytest.mark.parametrize("code", ["IMP999", "IMP", ""])
def test_an_unknown_code_is_an_error(code: str, modlint: Run) -> None:
    result = modlint("rule", code)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"no rule {code!r}" in result.stderr


@BY_CODE
def test_the_page_is_shown_on_a_terminal_too(
    rule: Rule, modlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = modlint("rule", rule.code)
    assert result.exit_code == 0
    assert rule.name in result.stdout
    assert "What it does" in result.stdout
    assert not re.search(r"(bad lines|bad cells|good by-hand|good unsafe)", result.stdout)
