"""A JSON list with Ruff's keys, so that what reads Ruff's output reads modlint's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from modlint.diagnostics import Severity
from modlint.discovery import Failure
from modlint.output.results import Results, failed
from modlint.reports import Finding, Repair, Report


def render(results: Results) -> str:
    """Every finding of every file as one JSON list; the reports have their changes."""
    return json.dumps(list(entries(results)), indent=2)


def entries(results: Results) -> Iterator[dict[str, Any]]:
    """The findings; what could not be checked comes last, without a code, as in Ruff."""
    for report in results.reports:
        for finding in report.findings:
            yield _entry(report, finding)
    for failure in results.failures:
        yield _unchecked(failure)


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


def _unchecked(failure: Failure) -> dict[str, Any]:
    place = {"row": failure.row or 1, "column": 1}
    return {
        "filename": failure.path,
        "cell": failure.cell,
        "code": None,
        "name": None,
        "message": failed(failure),
        "severity": str(Severity.ERROR),
        "location": place,
        "end_location": place,
        "fix": None,
        "url": None,
    }


def _fix(fix: Repair) -> dict[str, Any] | None:
    if fix.changes is None:  # no edit could be told
        return None
    changes = {key: value for key, value in fix.changes.items() if key != "file_edits"}
    return {"applicability": str(fix.applicability), "message": fix.message, **changes}
