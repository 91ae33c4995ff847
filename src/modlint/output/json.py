"""A JSON list with Ruff's keys, so that what reads Ruff's output reads modlint's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from modlint.diagnostics import Diagnostic, Fix, Patch, Position
from modlint.edits import text_edits
from modlint.modules import Checked
from modlint.notebook.cell import ModuleFile
from modlint.notebook.magics import unmasked


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


def _fix(result: Checked, fix: Fix) -> dict[str, Any] | None:
    shown: dict[str, Any] = {"applicability": str(fix.applicability), "message": fix.message}
    try:
        patch = fix.rewrite()
    except RecursionError:  # the code is too deeply nested for the fix, not for the check
        return None
    if result.file.store is not None:
        # Metadata and new cells are no rows of a cell: what takes the place of which cell.
        return shown | {"edits": [], "cells": list(_cells(result.file, patch))}
    edits = [
        {"content": e.content, "location": _place(e.start), "end_location": _place(e.end)}
        for e in text_edits(result.file, patch)
    ]
    return shown | {"edits": edits}


def _cells(file: ModuleFile, patch: Patch) -> Iterator[dict[str, Any]]:
    """For each cell of a notebook that a patch changes: the cells that take its place."""
    for index in sorted(patch.cells):
        settled = file.store.settled(patch.cells[index]) if file.store else ()
        yield {
            "cell": index + 1,
            "content": [
                {
                    "cell_type": str(cell.kind),
                    "metadata": dict(cell.metadata),
                    "source": unmasked(cell.source),
                }
                for cell in settled
            ],
        }
