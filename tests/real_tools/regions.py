"""What nbgrader's own preprocessors make of one cell, in the order of ``generate_assignment``."""

from __future__ import annotations

from typing import Any

import jupytext
from nbformat import from_dict
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions


def released_by_nbgrader(kind: str, source: str, metadata: dict[str, Any]) -> tuple[str, str]:
    """The text that nbgrader releases, or the error that it stops with."""
    cell = from_dict(  # type: ignore[no-untyped-call]
        {"cell_type": kind, "metadata": metadata, "source": source}
    )
    try:
        for step in (ClearSolutions(), ClearHiddenTests(), ClearMarkScheme()):
            cell, _ = step.preprocess_cell(cell, {"language": "python"}, 0)
    except RuntimeError as error:
        return "", str(error)
    return str(cell.source), ""


def released_module(text: str) -> list[str]:
    """The texts of the cells that nbgrader releases of a percent module or a notebook's text.

    ``AssertionError`` with nbgrader's words where it refuses.
    """
    fmt = "ipynb" if text.startswith("{") else {"extension": ".py"}
    released = []
    for cell in jupytext.reads(text, fmt=fmt).cells:
        source, error = released_by_nbgrader(cell.cell_type, cell.source, cell.metadata)
        assert error == ""
        released.append(source)
    return released
