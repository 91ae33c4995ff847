"""SARIF 2.1.0, the format of code scanning.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from modlint import __version__
from modlint.diagnostics import Severity
from modlint.discovery import Failure
from modlint.output.results import Results, failed, told
from modlint.pages import page_path
from modlint.reports import Finding, Place, Repair, Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
#: The name of the root in the log, as the standard's own examples have it.
_ROOT = "SRCROOT"
_SEVERITY = re.compile(r"^Severity: (error|warning|info)\b", re.MULTILINE)
_DESCRIPTION = re.compile(r"^## What it does\n+(.+?[.:])(?=\n\n|\n##|\Z)", re.MULTILINE | re.DOTALL)

_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")


def render(results: Results) -> str:
    """The log of one run."""
    rules: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    found = []
    for report, finding, place, fingerprint in results.fingerprints():
        if finding.code not in rules:
            rules[finding.code] = len(rules)
            described.append(_rule(results, finding))
        found.append(
            _result(results, report, finding, place)
            | {
                "ruleIndex": rules[finding.code],
                "partialFingerprints": {"modlint/v1": fingerprint},
            }
        )
    run = {
        "tool": {"driver": {"name": "modlint", "version": __version__, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path(results.root).as_uri().rstrip('/')}/"}},
        "invocations": [
            {
                "executionSuccessful": not results.failures,
                "toolExecutionNotifications": [_notification(results, f) for f in results.failures],
            }
        ],
        "results": found,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(results: Results, finding: Finding) -> dict[str, Any]:
    """The rule of a finding, with what its page says."""
    rule: dict[str, Any] = {"id": finding.code, "name": finding.name}
    path = page_path(finding.code, finding.name)
    results.trace.look(str(path))
    if not path.is_file():
        return rule
    page = path.read_text("utf-8")
    if severity := _SEVERITY.search(page):
        rule["defaultConfiguration"] = {"level": _LEVELS[Severity(severity[1])]}
    if description := _DESCRIPTION.search(page):
        text = " ".join(description[1].split())
        first = _SENTENCE.split(text, maxsplit=1)[0]
        rule |= {"shortDescription": {"text": first}, "fullDescription": {"text": text}}
    return rule | {"help": {"text": page, "markdown": page}}


def _result(results: Results, report: Report, finding: Finding, place: Place) -> dict[str, Any]:
    artifact = _artifact(results, report.path)
    region = {
        "startLine": place.start.row,
        "startColumn": place.start.column,
        "endLine": place.end.row,
        "endColumn": place.end.column,
    }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": told(report, finding)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
    if finding.fix and (replacements := _replacements(finding.fix)):
        change = {"artifactLocation": artifact, "replacements": replacements}
        result["fixes"] = [
            {
                "description": {"text": f"{finding.fix.message} ({finding.fix.applicability})"},
                "artifactChanges": [change],
            }
        ]
    return result


def _replacements(fix: Repair) -> list[dict[str, Any]]:
    """The edits of a fix."""
    return [
        {
            "deletedRegion": {
                "startLine": edit["location"]["row"],
                "startColumn": edit["location"]["column"],
                "endLine": edit["end_location"]["row"],
                "endColumn": edit["end_location"]["column"],
            },
            "insertedContent": {"text": edit["content"]},
        }
        for edit in fix.file_edits
    ]


def _notification(results: Results, failure: Failure) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(results, failure.path)}
    if failure.row:
        place["region"] = {"startLine": failure.row}
    return {
        "level": "error",
        "message": {"text": failed(failure)},
        "locations": [{"physicalLocation": place}],
    }


def _artifact(results: Results, path: str) -> dict[str, str]:
    uri = results.uri(path)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}
