"""The rule pages: the specification that ships with the program."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from modlint.rules.base import Rule


def page_name(rule: Rule) -> str:
    """The file name of a rule's page: ``IMP001-unguarded-test-call.md``."""
    return f"{rule.code}-{rule.name}.md"


def page_of(rule: Rule) -> str:
    """The Markdown of a rule's page. Raises ``FileNotFoundError`` where there is none."""
    return (_folder() / page_name(rule)).read_text("utf-8")


def _folder() -> Traversable:
    installed = files("modlint") / "pages"
    if installed.is_dir():
        return installed
    # In a checkout the pages stand at the top of the repository.
    return Path(__file__).resolve().parents[2] / "rules"
