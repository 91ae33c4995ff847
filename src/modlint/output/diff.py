"""What a fix changes, as a unified diff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff

import click

from modlint.output.text import printable

_COLOURS = {"+++": "white", "---": "white", "@@": "cyan", "+": "green", "-": "red"}


def render(path: str, old: str, new: str) -> str:
    """The diff from ``old`` to ``new``; empty where they are the same."""
    lines = unified_diff(_lines(old), _lines(new), printable(path), printable(path), lineterm="\n")
    return "".join(_coloured(line) for line in lines)


def _lines(text: str) -> list[str]:
    """Lines that end at line feeds only, as ``diff`` and git count them."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def _coloured(line: str) -> str:
    body = line.rstrip("\r\n")
    shown = "".join(_pieces(body))
    if not line.endswith(("\n", "\r")):
        shown += "\n\\ No newline at end of file"
    colour = next((c for start, c in _COLOURS.items() if body.startswith(start)), None)
    return (click.style(shown, fg=colour) if colour else shown) + "\n"


def _pieces(body: str) -> Iterator[str]:
    """The line with control characters other than tabs escaped."""
    for index, part in enumerate(body.split("\t")):
        yield ("\t" if index else "") + printable(part)
