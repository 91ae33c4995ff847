"""What the tags and options of a cell say about running it."""

from __future__ import annotations

import re

from modlint.notebook.cell import Cell
from modlint.notebook.directives import is_exported
from modlint.notebook.grading import is_graded, is_solution

#: The tags under which nbclient (nbconvert, nbgrader) and nbval run on after an exception.
_MAY_RAISE = ("raises-exception", "nbval-raises-exception")
#: How nbval has it as a comment on the first line.
_MAY_RAISE_COMMENT = "# NBVAL_RAISES_EXCEPTION"


def tags_of(cell: Cell) -> tuple[str, ...]:
    """The tags of a cell; one tag may stand without a list around it."""
    tags = cell.metadata.get("tags")
    if isinstance(tags, str):
        return (tags,)
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def may_raise(cell: Cell) -> bool:
    """Whether the author says of a cell that an exception in it is meant, and it harms nothing.

    nbgrader gives 0 points for a test that shows an error, whatever the tag says, and a package
    does not know tags.
    """
    if is_exported(cell) or (is_graded(cell) and not is_solution(cell)):
        return False
    if any(tag in _MAY_RAISE for tag in tags_of(cell)):
        return True
    return cell.source.lstrip().upper().startswith(_MAY_RAISE_COMMENT)


def is_active(cell: Cell, ending: str) -> bool:
    """Whether jupytext takes a code cell for code in a file of this ending (``py``, ``ipynb``).

    Where it is not, it is a comment in the script (``active="ipynb"``), and a raw cell in the
    notebook (``active="py"``).
    """
    control = cell.metadata.get("run_control")
    if isinstance(control, dict) and control.get("frozen") is True:
        return ending == "ipynb"
    for tag in tags_of(cell):
        if tag.startswith("active-"):
            return ending in tag.split("-")
    active = cell.metadata.get("active")
    if active == "":
        return ending == "py"
    return ending in re.split(r"[.,]", active) if isinstance(active, str) else True
