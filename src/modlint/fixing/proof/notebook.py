"""Promise 3, the notebook: what a cell displays it displays still, and cell magics keep their code.

A cell displays the value of its last line, if that is an expression at the top level without a
semicolon behind it. A value that is known to be None is not displayed.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from modlint.analysis.showing import Values, is_hushed
from modlint.diagnostics import Change
from modlint.fixing.proof.statements import Code
from modlint.notebook.cell import Cell
from modlint.notebook.magics import has_cell_magic

#: What changes statements of a cell.
_OF_CODE = frozenset((Change.GUARDS, Change.CELLS, Change.CALLS, Change.ANNOTATIONS))


def magic_objection(old: Cell, change: Change) -> str | None:
    """Why a cell may not be changed so: a cell magic has its code."""
    if change in _OF_CODE and has_cell_magic(old):
        return "would rewrite code under a cell magic"
    return None


def value_objection(
    values: Values,
    before: Code,
    after: Sequence[Code],
) -> str | None:
    """Why cells may not take the place of another: what that displays they display no more."""
    shown = values.shown(*before)
    if shown is None:
        return None
    for text, tree in after:
        last = tree.body[-1] if tree.body else None
        if (
            isinstance(last, ast.Expr)
            and not is_hushed(text, last)
            and ast.dump(last) == ast.dump(shown)
        ):
            return None
    return "would hide the value that the cell displays"
