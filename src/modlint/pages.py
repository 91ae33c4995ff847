"""The rule pages: the specification that ships with the program."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modlint.rules.base import Rule


def page_name(rule: Rule) -> str:
    """The file name of a rule's page: ``IMP001-unguarded-test-call.md``."""
    return _name(rule.code, rule.name)


def page_path(code: str, name: str) -> Traversable:
    """Where the page of a rule stands; the rule itself is not imported for it."""
    return _folder() / _name(code, name)


def _name(code: str, name: str) -> str:
    return f"{code}-{name}.md"


def page_of(rule: Rule) -> str:
    """The Markdown of a rule's page. Raises ``FileNotFoundError`` where there is none."""
    return page_path(rule.code, rule.name).read_text("utf-8")


def _folder() -> Traversable:
    installed = files("modlint") / "pages"
    if installed.is_dir():
        return installed
    # In a checkout the pages stand at the top of the repository.
    return Path(__file__).resolve().parents[2] / "rules"
