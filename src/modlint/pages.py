"""The rule pages: the specification; it ships with the program, or stands beside a local rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modlint.rules.base import Rule

#: A fenced block of a page: its info string and its text.
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What the third line of a page says: severity and kind of fix.
SUMMARY = re.compile(r"^Severity: (.+)\. Fix: (.+)\.$", re.MULTILINE)


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
    folder = Path(rule.folder) if rule.folder else _folder()
    return (folder / page_name(rule)).read_text("utf-8")


def local_page(folder: str, code: str, name: str) -> str | None:
    """The page of a course's rule, which need not run for that; None where there is none."""
    path = Path(folder, f"{code}-{name}.md")
    return path.read_text("utf-8", "replace") if path.is_file() else None


def plain(page: str) -> str:
    """A page as plain text: headings in capitals, code set in, no marks around either."""
    return "\n".join(_plain_lines(page.rstrip("\n")))


def _plain_lines(page: str) -> Iterator[str]:
    is_code = False
    for line in page.split("\n"):
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield f"    {line}".rstrip()
        elif line.startswith("## "):
            yield line.removeprefix("## ").upper()
        else:
            yield line.removeprefix("# ")


def _folder() -> Traversable:
    installed = files("modlint") / "pages"
    if installed.is_dir():
        return installed
    # In a checkout the pages stand at the top of the repository.
    return Path(__file__).resolve().parents[2] / "rules"
