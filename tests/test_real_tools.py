"""The real jupytext and nbgrader agree that a fixed module is valid."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooOldError

from modlint.modules import Checked, check_path
from modlint.notebook.cell import CellKind
from modlint.settings import Settings
from support import Run


def converted(path: Path) -> NotebookNode:
    notebook: NotebookNode = jupytext.reads(path.read_text("utf-8"), fmt={"extension": ".py"})
    return notebook


def test_nbgrader_refuses_the_module_of_the_review(reference: Path) -> None:
    with pytest.raises(SchemaTooOldError):
        MetadataValidator().validate_nb(converted(reference))


def test_nbgrader_accepts_the_fixed_module(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    notebook = converted(reference)
    MetadataValidator().validate_nb(notebook)
    roles = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert sum(role["points"] for role in roles if role["grade"]) == 5 * 5 + 20
    assert sum(role["solution"] for role in roles) == 5


def test_jupytext_reads_the_cells_that_the_fix_meant(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    checked = check_path(str(reference), Settings())
    assert isinstance(checked, Checked)
    ours = [(str(c.kind), c.metadata.get("nbgrader")) for c in checked.file.cells]
    theirs = [(c.cell_type, c.metadata.get("nbgrader")) for c in converted(reference).cells]
    assert ours == theirs
    for cell, other in zip(checked.file.cells, converted(reference).cells, strict=True):
        if cell.kind is CellKind.CODE:
            assert cell.source.strip("\n") == other.source.strip("\n")
