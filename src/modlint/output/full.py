"""The diagnostics with the lines that they are about, the place marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import click

from modlint.diagnostics import Applicability
from modlint.output.results import Results
from modlint.output.text import position, printable, said
from modlint.reports import Finding, Place, Report

_TAB = " " * 4
#: How many characters before and behind a place are looked at; more than a terminal is wide.
_FAR = 2000
_CUT = "…"
#: What is left of a line, at the least, where the terminal is very narrow.
_NARROWEST = 20
_FIXES = {
    Applicability.SAFE: "fix",
    Applicability.UNSAFE: "unsafe fix",
    Applicability.DISPLAY: "for you to decide",
}


def render(results: Results) -> str:
    """The findings of all files, a block each."""
    return "\n".join(
        "\n".join([*_block(report, finding, place, results.width), ""])
        for report in results.reports
        for finding, place in report.placed
    )


def _block(report: Report, finding: Finding, place: Place, width: int) -> Iterator[str]:
    margin = len(str(max((row for row, _ in place.lines), default=0)))
    bar = click.style("|", fg="blue")
    where = f"{printable(report.path)}:{position(finding, report.counts_in_cells)}"
    yield said(finding)
    yield f"{' ' * margin}{click.style('-->', fg='blue')} {where}"
    yield f"{' ' * margin} {bar}"
    before = 0
    for row, text in _marked(finding, place, max(width - margin - 3, _NARROWEST)):
        if row is not None and before and row > before + 1:
            yield click.style("...", fg="blue")
        number = "" if row is None else str(row)
        before = row or before
        yield f"{click.style(number.rjust(margin), fg='blue')} {bar} {text}".rstrip()
    yield f"{' ' * margin} {bar}"
    if finding.fix:
        label = _FIXES[finding.fix.applicability]
        title = f"{click.style(label, fg='cyan')}: {printable(finding.fix.message)}"
        yield f"{' ' * margin} {click.style('=', fg='blue')} {title}"


def _marked(finding: Finding, place: Place, width: int) -> Iterator[tuple[int | None, str]]:
    """The lines to show, with their rows, and without one the line that marks the place."""
    start, end = finding.start, finding.end
    # An end before the first column of a row is that of the row above.
    last = max(start.row, end.row - (end.column == 1))
    if last == start.row:
        first = start.column - 1
        for row, text in place.lines:
            if row != start.row:
                yield row, _Line(text).from_left(width)
                continue
            stop = end.column - 1 if end.row == row else len(text)
            shown, indent, length = _Line(text, first).around(first, max(stop, first + 1), width)
            yield row, shown
            yield None, " " * indent + _mark("^" * length)
        return
    for row, text in place.lines:
        line = _Line(text)
        bar = _mark("/" if row == start.row else "|") if start.row <= row <= last else " "
        yield row, f"{bar} {line.from_left(width - 2)}"
        if row == last:
            stop = end.column - 1 if end.row == row else len(text)
            length = min(max(line.width(0, stop), 1), width - 3)
            yield None, _mark("|" + "_" * length + "^")


def _mark(text: str) -> str:
    return click.style(text, fg="red", bold=True)


class _Line:
    """A line as a terminal shows it: a piece of text for each character."""

    def __init__(self, text: str, near: int = 0) -> None:
        """``near``: the place to be seen; of a very long line no more is looked at than that."""
        self.skipped = max(0, near - _FAR)
        self.goes_on = len(text) > near + _FAR
        text = text[self.skipped : near + _FAR]
        self.parts = [_TAB if char == "\t" else printable(char) for char in text]
        self.widths = [_width(part) for part in self.parts]

    def width(self, first: int, stop: int) -> int:
        """How many columns the characters from ``first`` to before ``stop`` take."""
        return sum(self.widths[first:stop])

    def from_left(self, width: int) -> str:
        """The line, cut on the right where it is too wide."""
        return self.around(0, 1, width)[0]

    def around(self, first: int, stop: int, width: int) -> tuple[str, int, int]:
        """What is shown of the line, where the place begins in that, and how wide it is.

        A line that is too wide is cut so that the place can be seen, or its beginning.
        """
        count = len(self.parts)
        first, stop = first - self.skipped, stop - self.skipped
        begin = 0
        # The mark of a place behind the end takes a column of its own.
        fits = not self.goes_on and self.width(0, count) + (stop > count) <= width
        if self.skipped or (not fits and self.width(0, min(stop, count)) > width - 1):
            # As much of what stands before the place as leaves room for all of it.
            begin = min(first, count)
            while begin and self.width(begin - 1, min(stop, count)) <= width - 2:
                begin -= 1
        head = _CUT if begin else ""
        end, room = begin, width - len(head)
        tail = _CUT if self.goes_on or self.width(begin, count) > room else ""
        while end < count and self.width(begin, end + 1) <= room - len(tail):
            end += 1
        indent = len(head) + self.width(begin, min(first, end))
        length = max(self.width(first, min(stop, end)), 1)
        return head + "".join(self.parts[begin:end]) + tail, indent, length


def _width(part: str) -> int:
    if len(part) != 1 or part.isascii():
        return len(part)
    if unicodedata.combining(part):
        return 0
    return 2 if unicodedata.east_asian_width(part) in "WF" else 1
