"""How often each rule fires, the most frequent first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from modlint.diagnostics import Applicability
from modlint.reports import Report


def render(reports: Iterable[Report], output_format: str) -> str:
    """A line a rule: the number, the code, ``[*]`` where safe fixes mend all, the name."""
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
    lines = [
        f"{count:>{width}}  {code}  {'[*]' if fixable[code] == count else '[ ]'}  {name}"
        for (code, name), count in entries
    ]
    return "\n".join([*lines, f"Found {len(found)} problem{'' if len(found) == 1 else 's'}."])
