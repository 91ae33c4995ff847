"""Commands of a GitHub workflow, which become annotations of the lines.

The format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Mapping

from modlint.diagnostics import Severity
from modlint.discovery import Failure
from modlint.output.results import Results, failed
from modlint.output.text import position, printable
from modlint.reports import Finding, Place, Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(results: Results) -> str:
    """A command for each finding and each file that could not be checked."""
    lines = [
        _command(results, report, finding, place)
        for report in results.reports
        for finding, place in report.placed
    ]
    return "\n".join([*lines, *(_unchecked(results, failure) for failure in results.failures)])


def _command(results: Results, report: Report, finding: Finding, place: Place) -> str:
    properties: dict[str, str | int] = {
        "title": f"modlint ({finding.code})",
        "file": results.path(report.path),
        "line": place.start.row,
        "endLine": place.end.row,
    }
    if place.start.row == place.end.row:  # GitHub takes columns within one line only
        properties |= {"col": place.start.column, "endColumn": place.end.column}
    where = f"{printable(report.path)}:{position(finding, report.counts_in_cells)}"
    message = f"{where}: {finding.code} {printable(finding.message)}"
    return _written(_COMMANDS[finding.severity], properties, message)


def _unchecked(results: Results, failure: Failure) -> str:
    file, line = results.path(failure.path), failure.row or 1
    message = f"{printable(failure.path)}: {failed(failure)}"
    return _written("error", {"title": "modlint", "file": file, "line": line}, message)


def _written(command: str, properties: Mapping[str, str | int], message: str) -> str:
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{command} {told}::{_data(message)}"


def _data(text: str) -> str:
    """The escapes of a message; other control characters could steer who reads the log."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
