"""How often each rule fires, the most frequent first."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from modlint.diagnostics import Applicability
from modlint.output.text import MARKS, counted
from modlint.reports import Finding, Report

_NO_FIX = "[ ]"
_BY_STRENGTH = (*MARKS.values(), _NO_FIX)


def render(reports: Iterable[Report], output_format: str) -> str:
    """A line a rule: the number, the code, the mark of its weakest fix, the name.

    ``[ ]`` marks a rule that found something without a fix.
    """
    found = [finding for report in reports for finding in report.findings]
    counts = Counter((f.code, f.name) for f in found)
    fixable = Counter(f.code for f in found if f.fix and f.fix.applicability is Applicability.SAFE)
    entries = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    if output_format == "json":
        listed = [
            {"code": code, "name": name, "count": count, "fixable": fixable[code]}
            for (code, name), count in entries
        ]
        return json.dumps(listed, indent=2)
    width = len(str(entries[0][1])) if entries else 0
    marks: dict[str, set[str]] = defaultdict(set)
    for finding in found:
        marks[finding.code].add(_mark(finding))
    lines = [
        f"{count:>{width}}  {code}  {max(marks[code], key=_BY_STRENGTH.index)}  {name}"
        for (code, name), count in entries
    ]
    return "\n".join([*lines, f"Found {counted(len(found), 'problem')}."])


def _mark(finding: Finding) -> str:
    return MARKS[finding.fix.applicability] if finding.fix else _NO_FIX
