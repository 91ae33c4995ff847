"""GitLab's code quality report.

The format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import Any

from modlint.diagnostics import Position, Severity
from modlint.output.results import Results, failed, fingerprint, told

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(results: Results) -> str:
    """A JSON list with an entry for each finding and each file that could not be checked."""
    entries = [
        _entry(
            finding.code,
            f"{finding.code}: {told(report, finding)}",
            _SEVERITIES[finding.severity],
            known_by,
            results.path(report.path),
            place.start,
            place.end,
        )
        for report, finding, place, known_by in results.fingerprints()
    ]
    for failure in results.failures:
        path, message = results.path(failure.path), failed(failure)
        place = Position(failure.row or 1)
        entries.append(
            _entry("unchecked", message, "blocker", fingerprint(path, message), path, place, place)
        )
    return json.dumps(entries, indent=2)


def _entry(
    name: str,
    description: str,
    severity: str,
    known_by: str,
    path: str,
    start: Position,
    end: Position,
) -> dict[str, Any]:
    positions = {
        key: {"line": place.row, "column": place.column}
        for key, place in (("begin", start), ("end", end))
    }
    return {
        "check_name": name,
        "description": description,
        "severity": severity,
        "fingerprint": known_by,
        "location": {"path": path, "positions": positions},
    }
