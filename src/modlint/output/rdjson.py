"""Reviewdog's diagnostic format.

The format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. Its columns count
bytes of UTF-8.
"""

from __future__ import annotations

import json
from typing import Any

from modlint.diagnostics import Applicability, Severity
from modlint.discovery import Failure
from modlint.output.results import Results, failed, told
from modlint.reports import Finding, Place, Repair, Report

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(results: Results) -> str:
    """One object with a diagnostic for each finding and each file that could not be checked."""
    diagnostics = [
        _diagnostic(report, finding, place)
        for report in results.reports
        for finding, place in report.placed
    ]
    diagnostics += map(_unchecked, results.failures)
    return json.dumps({"source": {"name": "modlint"}, "diagnostics": diagnostics}, indent=2)


def _diagnostic(report: Report, finding: Finding, place: Place) -> dict[str, Any]:
    start, end = (
        {"line": position.row, "column": column}
        for position, column in zip((place.start, place.end), place.bytes, strict=True)
    )
    diagnostic: dict[str, Any] = {
        "message": told(report, finding),
        "location": {"path": report.path, "range": {"start": start, "end": end}},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    if suggestion := _suggestion(finding.fix):
        diagnostic["suggestions"] = [suggestion]
    return diagnostic


def _suggestion(fix: Repair | None) -> dict[str, Any] | None:
    """What a fix does, where that is one edit: a suggestion is taken or left by itself."""
    if fix is None or fix.applicability is Applicability.DISPLAY or len(fix.file_edits) != 1:
        return None
    edit = fix.file_edits[0]
    start, end = (
        {"line": edit[key]["row"], "column": edit[key]["column"]}
        for key in ("location", "end_location")
    )
    if end["column"] > 1:  # the last line, which has no ending: lines without columns are whole
        del start["column"], end["column"]
    return {"range": {"start": start, "end": end}, "text": edit["content"]}


def _unchecked(failure: Failure) -> dict[str, Any]:
    start = {"line": failure.row or 1, "column": 1}
    return {
        "message": failed(failure),
        "location": {"path": failure.path, "range": {"start": start}},
        "severity": "ERROR",
    }
