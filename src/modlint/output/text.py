"""One line a diagnostic, clickable in editors, then a summary a person can act on."""

from __future__ import annotations

from collections.abc import Iterable

import click

from modlint.diagnostics import Applicability
from modlint.reports import Finding, Report

_MARKS = {Applicability.SAFE: "[*] ", Applicability.UNSAFE: "[-] ", Applicability.DISPLAY: "[?] "}


def render(reports: Iterable[Report]) -> str:
    """The findings of all files, a line each, and the summary."""
    told = list(reports)
    lines = [
        line(report.path, f, report.counts_in_cells) for report in told for f in report.findings
    ]
    return "\n".join([*lines, summary(told)])


def line(path: str, finding: Finding, counts_in_cells: bool) -> str:
    """``path:row:column: CODE [*] message``; in a notebook file ``path:cell 3:row:column: …``."""
    start = finding.start
    cell = f"cell {finding.cell + 1}:" if counts_in_cells else ""
    mark = _MARKS[finding.fix.applicability] if finding.fix else ""
    colon = click.style(":", fg="cyan")
    return "".join(
        [
            click.style(printable(path), bold=True),
            colon,
            f"{cell}{start.row}{colon}{start.column}{colon} ",
            click.style(finding.code, fg="red", bold=True),
            " ",
            click.style(mark, fg="cyan"),
            printable(finding.message),
        ]
    )


def summary(reports: list[Report]) -> str:
    """How much was found, and what to type next."""
    found = [f for report in reports for f in report.findings]
    files = sum(1 for report in reports if report.findings)
    if not found:
        return f"All checks passed in {_count(len(reports), 'file')}."
    parts = [f"Found {_count(len(found), 'problem')} in {_count(files, 'file')}."]
    by = {a: sum(1 for f in found if f.fix and f.fix.applicability is a) for a in Applicability}
    if by[Applicability.SAFE]:
        parts.append(f"[*] {by[Applicability.SAFE]} fixable with `modlint fix --apply`.")
    if by[Applicability.UNSAFE]:
        parts.append(f"[-] {by[Applicability.UNSAFE]} with `--unsafe-fixes`.")
    if by[Applicability.DISPLAY]:
        parts.append(f"[?] {by[Applicability.DISPLAY]} for you to decide: `modlint fix` shows how.")
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """``text`` with control characters escaped: a file's name cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
