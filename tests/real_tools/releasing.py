"""nbgrader's own verdict on single notebooks, by thousands: no course, no kernel, no files.

nbgrader 0.9. The preprocessors of ``generate_assignment`` run in this process, in their order,
with a gradebook of their own. What they refuse, the command refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.nbgraderformat import MetadataValidator

from real_tools.course import empty_gradebook


def notebook_of(cells: Iterable[tuple[str, object, str]]) -> NotebookNode:
    """A notebook of cells: kind, nbgrader metadata, text."""
    stored = [_cell(kind, metadata, source) for kind, metadata, source in cells]
    whole = {"cells": stored, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook: NotebookNode = from_dict(whole)  # type: ignore[no-untyped-call]
    return notebook


def _cell(kind: str, metadata: object, source: str) -> dict[str, Any]:
    copy = json.loads(json.dumps(metadata))  # preprocessors write into it
    cell = {"cell_type": kind, "metadata": {"nbgrader": copy}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def invalid(notebook: NotebookNode) -> str:
    """Why nbgrader's validator refuses a notebook; empty where it accepts.

    Any exception is a refusal: it stops with TypeError or AttributeError at metadata of
    a form that it does not foresee.
    """
    try:
        MetadataValidator().validate_nb(notebook)
    except Exception as error:
        return _told(error)
    return ""


class Release:
    """The preprocessors of ``generate_assignment``, with a gradebook in ``folder``."""

    def __init__(self, folder: Path) -> None:
        path = folder / "gradebook.db"
        path.write_bytes(empty_gradebook())
        self._url = f"sqlite:///{path}"
        with Gradebook(self._url) as gradebook:
            gradebook.add_assignment("module")
        self._steps = [step() for step in GenerateAssignment().preprocessors]
        self._numbers = count()
        self._name = ""

    def refusal(self, notebook: NotebookNode) -> str:
        """What the first preprocessor that fails says; empty where all succeed."""
        try:
            self.released(notebook)
        except Exception as error:
            return _told(error)
        return ""

    def released(self, notebook: NotebookNode) -> NotebookNode:
        """What students receive of a notebook; whatever a preprocessor raises is raised.

        Each notebook has a name of its own: the gradebook knows no cell of it.
        """
        self._name = f"notebook-{next(self._numbers)}"
        resources: Any = {
            "nbgrader": {
                "notebook": self._name,
                "assignment": "module",
                "student": ".",
                "db_url": self._url,
            }
        }
        for step in self._steps:
            notebook, resources = step.preprocess(notebook, resources)
        return notebook

    @property
    def worth(self) -> float:
        """The points that the gradebook has for the notebook released last."""
        with Gradebook(self._url) as gradebook:
            points: float = gradebook.find_notebook(self._name, "module").max_score
        return points


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
