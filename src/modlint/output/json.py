"""A JSON list with Ruff's keys, so that what reads Ruff's output reads modlint's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from modlint.diagnostics import Diagnostic, Fix, Position
from modlint.edits import text_edits
from modlint.modules import Checked


def render(results: Iterable[Checked]) -> str:
    """Every diagnostic of every file as one JSON list."""
    return json.dumps(
        [_entry(result, d) for result in results for d in result.diagnostics], indent=2
    )


def _entry(result: Checked, diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "filename": result.path,
        "cell": diagnostic.cell + 1 if result.file.is_notebook else None,
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "severity": str(diagnostic.severity),
        "location": _place(diagnostic.start),
        "end_location": _place(diagnostic.end),
        "fix": _fix(result, diagnostic.fix) if diagnostic.fix else None,
        "url": None,  # the pages ship with modlint: `modlint rule CODE`
    }


def _place(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}


def _fix(result: Checked, fix: Fix) -> dict[str, Any]:
    return {
        "applicability": str(fix.applicability),
        "message": fix.message,
        "edits": [
            {
                "content": edit.content,
                "location": _place(edit.start),
                "end_location": _place(edit.end),
            }
            for edit in text_edits(result.file, fix.rewrite())
        ],
    }
