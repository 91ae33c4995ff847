"""What the outputs for readers share: a finding in one line, the summary, what can be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from modlint.diagnostics import Applicability
from modlint.reports import Finding, Report

#: How a fix is marked, the weakest last.
MARKS = {Applicability.SAFE: "[*]", Applicability.UNSAFE: "[-]", Applicability.DISPLAY: "[?]"}


def line(path: str, finding: Finding, counts_in_cells: bool) -> str:
    """``path:row:column: CODE [*] message``; in a notebook file ``path:cell 3:row:column: …``."""
    colon = click.style(":", fg="cyan")
    head, _, column = position(finding, counts_in_cells).rpartition(":")
    name = click.style(printable(path), bold=True)
    return f"{name}{colon}{head}{colon}{column}{colon} {said(finding)}"


def position(finding: Finding, counts_in_cells: bool) -> str:
    """``row:column``; in a notebook file ``cell 3:row:column``."""
    cell = f"cell {finding.cell + 1}:" if counts_in_cells else ""
    return f"{cell}{finding.start.row}:{finding.start.column}"


def said(finding: Finding) -> str:
    """``CODE [*] message``."""
    mark = f"{MARKS[finding.fix.applicability]} " if finding.fix else ""
    code = click.style(finding.code, fg="red", bold=True)
    return f"{code} {click.style(mark, fg='cyan')}{printable(finding.message)}"


def summary(reports: Sequence[Report], failures: int = 0, doubt: str = "") -> str:
    """How much was found, what could not be checked or is in ``doubt``, what to type next."""
    found = [f for report in reports for f in report.findings]
    files = sum(1 for report in reports if report.findings)
    unchecked = f"{failures} could not be checked" if failures else ""
    open_ends = [part for part in (doubt, unchecked) if part]
    if not found:
        if open_ends:
            return f"Found nothing in {counted(len(reports), 'file')}; {', '.join(open_ends)}."
        return f"All checks passed in {counted(len(reports), 'file')}."
    parts = [f"Found {counted(len(found), 'problem')} in {counted(files, 'file')}."]
    by = {a: sum(1 for f in found if f.fix and f.fix.applicability is a) for a in Applicability}
    if by[Applicability.SAFE]:
        parts.append(f"[*] {by[Applicability.SAFE]} fixable with `modlint fix --apply`.")
    if by[Applicability.UNSAFE]:
        parts.append(f"[-] {by[Applicability.UNSAFE]} with `--unsafe-fixes`.")
    if by[Applicability.DISPLAY]:
        parts.append(f"[?] {by[Applicability.DISPLAY]} for you to decide: `modlint fix` shows how.")
    parts += [f"{part}." for part in open_ends]
    return " ".join(parts)


def skipped_files(skipped: Mapping[str, str]) -> str:
    """What was skipped, counted by its reason: ``9 files: plain Python (7), in R (2)``.

    ``skipped`` is path → reason. Folders, hidden files and what the settings leave out are not
    counted: nobody would look for them.
    """
    from collections import Counter

    reasons = (why for path, why in skipped.items() if not path.endswith(("/", "\\")))
    counts = Counter(
        "in .gitignore" if why.endswith(".gitignore") else why
        for why in reasons
        if not why.startswith(_NOT_COUNTED)
    )
    if not counts:
        return ""
    shown = ", ".join(f"{printable(why)} ({count})" for why, count in counts.most_common())
    return f"{counted(counts.total(), 'file')}: {shown}"


_NOT_COUNTED = ("hidden", "`exclude`", "not in `include`")


def counted(number: int | float, noun: str, plural: str = "") -> str:
    """``1 problem``, ``2 problems``; a number without needless zeros."""
    shown = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{shown} {noun if number == 1 else plural or f'{noun}s'}"


def printable(text: str) -> str:
    """``text`` with control characters escaped: a file's name cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
