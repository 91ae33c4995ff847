"""A JSON list with Ruff's keys, so that what reads Ruff's output reads modlint's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from modlint.reports import Finding, Repair, Report


def render(reports: Iterable[Report]) -> str:
    """Every finding of every file as one JSON list; the reports have their changes."""
    return json.dumps([_entry(report, f) for report in reports for f in report.findings], indent=2)


def _entry(report: Report, finding: Finding) -> dict[str, Any]:
    return {
        "filename": report.path,
        "cell": finding.cell + 1 if report.has_cells else None,
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": str(finding.severity),
        "location": finding.start.data,
        "end_location": finding.end.data,
        "fix": _fix(finding.fix) if finding.fix else None,
        "url": None,  # the pages ship with modlint: `modlint rule CODE`
    }


def _fix(fix: Repair) -> dict[str, Any] | None:
    if fix.changes is None:  # no edit could be told
        return None
    return {"applicability": str(fix.applicability), "message": fix.message, **fix.changes}
