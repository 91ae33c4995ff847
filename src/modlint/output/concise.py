"""One line a diagnostic, clickable in editors."""

from __future__ import annotations

from modlint.output.results import Results
from modlint.output.text import line


def render(results: Results) -> str:
    """The findings of all files, a line each."""
    return "\n".join(
        line(report.path, finding, report.counts_in_cells)
        for report in results.reports
        for finding in report.findings
    )
