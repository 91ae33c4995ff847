"""What is shown of a place: the page of the rule that speaks of it, or that is named there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from lsprotocol import types

from modlint.analysis.suppressions import SIGN
from modlint.diagnostics import Applicability, Diagnostic
from modlint.edits import patched
from modlint.modules import Checked
from modlint.output import diff
from modlint.pages import page_of
from modlint.rules import rule_for
from modlint.server.checking import Judgement
from modlint.server.texts import Text
from modlint.settings import Settings

_CODE = re.compile(r"\b[A-Za-z]{3}\d{3}\b")
#: What stands behind the language of an example is for the tests.
_EXAMPLE = re.compile(r"^(```\w+) .*$", re.MULTILINE)


def hovered(judgement: Judgement, text: Text, position: types.Position) -> str:
    """The Markdown to show at a position; empty where there is nothing to say."""
    parts: dict[str, list[str]] = {}
    for shown in judgement.shown:
        is_here = shown.range.start <= position <= shown.range.end
        if is_here and shown.text is text and judgement.checked is not None:
            ways = parts.setdefault(shown.diagnostic.code, [])
            ways += _ways_out(judgement.checked, shown.diagnostic)
    line = text.line(position.line)
    if SIGN in line:
        column = text.column(position)
        for match in _CODE.finditer(line):
            if match.start() <= column <= match.end():
                parts.setdefault(match.group().upper(), [])
    said = []
    for code, ways in parts.items():
        said += [*ways, _EXAMPLE.sub(r"\1", _page(judgement, code)).strip()]
    return "\n\n---\n\n".join(part for part in said if part)


def _page(judgement: Judgement, code: str) -> str:
    """The page of a rule, one of the course's own included; empty where there is none."""
    settings = judgement.checked.settings if judgement.checked else Settings()
    rule = rule_for(code, settings)
    try:
        return page_of(rule) if rule else ""
    except OSError:
        return ""


def _ways_out(checked: Checked, found: Diagnostic) -> Iterator[str]:
    """The fixes among which only the author can choose, each as a diff."""
    if found.fix is None or found.fix.applicability is not Applicability.DISPLAY:
        return
    for number, way in enumerate((found.fix, *found.fix.alternatives), 1):
        try:
            new = patched(checked.file, way.rewrite())
        except (ValueError, RecursionError):
            continue
        origins = [cell.origin for cell in new.cells]
        text = diff.render_files(checked.path, checked.file, new, origins)
        shown = click.unstyle(text).splitlines()[0 if checked.file.store else 2 :]
        fence = "`" * 5
        yield "\n".join((f"Way out {number}: {way.message}", "", f"{fence}diff", *shown, fence))
