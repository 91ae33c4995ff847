"""The texts of the cells that one becomes (NBG001)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modlint.analysis.fragment import Folder, Fragment
from modlint.analysis.module import CodeUnit
from modlint.codemods.base import CodemodContext, Lines
from modlint.codemods.split_cell import SplitCell
from modlint.notebook.cell import editor_lines


def texts_of(unit: CodeUnit, cells: Sequence[Sequence[Lines]]) -> list[str]:
    """The text of each new cell. ``cells`` have all lines of ``unit``, each of them once.

    A blank line stands between a cell and the next marker; the last ends as the old one did.
    """
    folded = _Folded(unit, [lines for cell in cells for lines in cell])
    command = SplitCell(CodemodContext(), [[folded.lines[own] for own in cell] for cell in cells])
    count = max(last for _, last in folded.lines.values())
    tree = Fragment(folded.text, 1, count, unit.cell.line_ending).tree
    texts = [folded.unfolded(part.code) for part in command.parts(tree)]
    if not unit.text.endswith(("\n", "\r")):
        texts[-1] = texts[-1].rstrip("\r\n")
    return texts


class _Folded:
    """The text of a cell with a name in place of all that goes to a new cell as it is.

    ``lines`` are in the text what each of the ``chosen`` is in the cell.
    """

    def __init__(self, unit: CodeUnit, chosen: Iterable[Lines]) -> None:
        folder = Folder(unit.text)
        self.unfolded = folder.unfolded
        self.lines: dict[Lines, Lines] = {}
        lines = editor_lines(unit.text)
        made: list[str] = []
        for first, last in sorted(chosen):
            own = lines[first - 1 : last]
            start = len(made) + 1
            made += folder.fold(own) if _has_whole_statements(unit, first, last) else own
            self.lines[first, last] = start, len(made)
        self.text = "".join(made)


def _has_whole_statements(unit: CodeUnit, first: int, last: int) -> bool:
    """Whether there are statements on the lines, and none that goes on outside."""
    there = [s for s in unit.block if s.first_line <= last and first <= s.last_line]
    return there != [] and all(first <= s.first_line and s.last_line <= last for s in there)
