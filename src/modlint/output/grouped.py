"""The diagnostics of each file below its name."""

from __future__ import annotations

import click

from modlint.output.results import Results
from modlint.output.text import position, printable, said
from modlint.reports import Report


def render(results: Results) -> str:
    """The findings of all files, a block a file."""
    return "\n".join(_block(report) for report in results.reports if report.findings)


def _block(report: Report) -> str:
    places = [position(finding, report.counts_in_cells) for finding in report.findings]
    width = max(map(len, places))
    lines = [
        f"  {click.style(place.ljust(width), fg='cyan')}  {said(finding)}"
        for place, finding in zip(places, report.findings, strict=True)
    ]
    return "\n".join([f"{click.style(printable(report.path), bold=True)}:", *lines, ""])
