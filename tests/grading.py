"""What the tests of grading metadata share: a module of given cells, in both file formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from modlint.notebook.cell import ModuleFile
from modlint.notebook.reading import read

#: Kind of the cell, its nbgrader metadata, its text.
GradedCell = tuple[str, Any, str]
#: In the place of metadata: the cell has none.
PLAIN = object()


def role(**changes: Any) -> dict[str, Any]:
    """Complete metadata of a cell without a role; ``changes`` give it one."""
    plain = {"grade": False, "grade_id": "t", "locked": False, "schema_version": 3}
    return {**plain, "solution": False, **changes}


def percent(cells: Sequence[GradedCell]) -> ModuleFile:
    """The cells as a percent module; text cells are comments."""
    parts = []
    for kind, found, text in cells:
        marker = "# %%" if kind == "code" else f"# %% [{kind}]"
        marker += "" if found is PLAIN else f" nbgrader={json.dumps(found)}"
        body = text if kind == "code" else "".join(f"# {line}\n" for line in text.splitlines())
        parts.append(f"{marker}\n{body}\n")
    return read("".join(parts).encode())


def stored(cells: Sequence[GradedCell]) -> ModuleFile:
    """The cells as a notebook file."""
    entries: list[dict[str, Any]] = [
        {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {} if found is PLAIN else {"nbgrader": found},
            "source": text.splitlines(keepends=True),
        }
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, found, text) in enumerate(cells)
    ]
    whole = {"cells": entries, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return read(json.dumps(whole, indent=1).encode(), "module.ipynb")


#: Both file formats, for a test that holds in each.
FORMATS = (percent, stored)
