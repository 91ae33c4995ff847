"""Generated modules as notebook files: the same cells, in any style, with faults of their own."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.percent import markdown_text
from modlint.notebook.reading import read

_STYLES: tuple[dict[str, Any], ...] = (
    {"indent": 1, "sort_keys": True, "ensure_ascii": False},
    {"indent": 2, "ensure_ascii": True},
    {"indent": 4, "ensure_ascii": False},
    {"indent": "\t", "ensure_ascii": False},
    {"indent": None, "separators": (",", ":")},
)


@st.composite
def notebook_of(draw: st.DrawFn, module: str) -> str:
    """The notebook file of a module's text, without the faults that only percent text can have."""
    entries = [_entry(cell, number) for number, cell in enumerate(read(module.encode()).cells)]
    for entry in entries:
        _spoil(entry, draw(st.integers(0, 39)))
    if draw(st.integers(0, 9)) == 0:
        entries[-1]["id"] = entries[0].get("id", "cell-0")
    whole = {
        "cells": entries,
        "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, **draw(st.sampled_from(_STYLES))) + draw(st.sampled_from(("\n", "")))


def _entry(cell: Cell, number: int) -> dict[str, Any]:
    text = cell.source if cell.kind is CellKind.CODE else markdown_text(cell)
    lines = text.replace("\r\n", "\n").strip("\n").splitlines(keepends=True)
    entry: dict[str, Any] = {"cell_type": str(cell.kind), "id": f"cell-{number}"}
    if cell.kind is CellKind.CODE:
        entry |= {"execution_count": None, "outputs": []}
    return entry | {"metadata": dict(cell.metadata), "source": lines}


def _spoil(entry: dict[str, Any], fault: int) -> None:
    """Give a stored cell a fault, or another shape, now and then."""
    if fault == 0:
        entry.pop("id")
    elif fault == 1:
        entry["id"] = "not an id"
    elif fault == 2:
        entry.pop("outputs", None)
    elif fault == 3:
        entry["source"] = "".join(entry["source"])
    elif fault == 4 and entry["cell_type"] == "code":
        entry["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["é ✓\n"]}]
    elif fault == 5 and entry["cell_type"] == "code":
        entry["source"] = ["%matplotlib inline\n", "!ls -l 'x\n", *entry["source"]]
