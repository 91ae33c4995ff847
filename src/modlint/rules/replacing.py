"""The fix of a rule that says what else should stand in a place: one node for another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.notebook.cell import editor_lines

if TYPE_CHECKING:
    import libcst as cst

    from modlint.analysis.syntax import Candidate


def replaced(candidate: Candidate, node: cst.CSTNode, new: cst.CSTNode) -> Fix | None:
    """An unsafe fix that writes ``new`` for ``node``; None where the cell cannot be rewritten.

    What lines around the statement say, and its comments, stays as it is.
    """
    unit = candidate.unit
    if not unit.is_one_cell:
        return None

    def rewrite() -> Patch:
        lines = editor_lines(unit.text)
        last = lines[candidate.last - 1]
        ending = last[len(last.rstrip("\r\n")) :]
        code = candidate.with_replaced(node, new)
        text = code.replace("\n", unit.cell.line_ending) + ending
        source = "".join([*lines[: candidate.first - 1], text, *lines[candidate.last :]])
        return Patch({unit.index: (replace(unit.cell, source=source),)})

    def shown(part: cst.CSTNode) -> str:
        return " ".join(candidate.tree.code_for_node(part).split())

    message = f"Write `{shown(new)}` for `{shown(node)}`"
    return Fix(Applicability.UNSAFE, message, rewrite, Change.CODE)
