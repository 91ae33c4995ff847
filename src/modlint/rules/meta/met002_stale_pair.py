"""MET002: a module and the notebook made from it disagree."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from difflib import SequenceMatcher

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grading import grading_of
from modlint.notebook.magics import unmasked
from modlint.notebook.percent import markdown_text
from modlint.notebook.uncommented import bared, uncommented
from modlint.rules.base import Rule

#: What nbgrader writes into a notebook and no author does.
_WRITTEN_BY_NBGRADER = ("checksum", "cell_type")
#: A cell's kind, its text, its grading metadata: what students and nbgrader see of it.
_Carried = tuple[str, str, str]


class StalePair(Rule):
    """A ``.py`` and the ``.ipynb`` beside it differ in code, text or grading metadata."""

    code = "MET002"
    name = "stale-pair"
    severity = Severity.WARNING
    compares_files = True

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic, at the first cell that differs."""
        if module.twin is None:
            return
        mine, other = _carried(module.file), _carried(module.twin.file)
        matcher = SequenceMatcher(None, mine, other, autojunk=False)
        changes = [op for op in matcher.get_opcodes() if op[0] != "equal"]
        if not changes or not mine:
            return
        tag, i1, _, j1, _ = changes[0]
        count = sum(max(b - a, d - c) for _, a, b, c, d in changes)
        cells = "1 cell" if count == 1 else f"{count} cells"
        at = min(i1, len(mine) - 1)
        if tag == "insert":
            what = f"{module.twin.file.cell_name(j1)} there stands nowhere here"
        elif tag == "delete":
            what = "this cell stands nowhere there"
        else:
            place = module.twin.file.where(j1)
            what = f"{_difference(mine[i1], other[j1])} here (in {place} there)"
        path = module.twin.path
        script = path.removesuffix(".ipynb").removesuffix(".py") + ".py"
        message = (
            f"{os.path.basename(path)} differs in {cells}, first {what}; "
            f"`jupytext --update --to ipynb {script}` makes the notebook anew"
        )
        yield self.on_marker(module, at, message)


def _carried(file: ModuleFile) -> list[_Carried]:
    found = []
    for cell in file.cells:
        text = _code(cell) if cell.kind is CellKind.CODE else markdown_text(cell)
        grading = {k: v for k, v in grading_of(cell).items() if k not in _WRITTEN_BY_NBGRADER}
        text = "\n".join(text.splitlines()).strip()
        found.append((str(cell.kind), text, json.dumps(grading, sort_keys=True)))
    return found


def _code(cell: Cell) -> str:
    """The code as it stands in a notebook: in a percent file, IPython's lines are comments."""
    if cell.origin is not None:
        return unmasked(cell.source)
    lines = cell.source.splitlines()
    if isinstance(language := cell.metadata.get("language"), str):  # a cell of `%%bash`
        magic = f"%%{language} {cell.metadata.get('magic_args', '')}".rstrip()
        return "\n".join([magic, *map(bared, "\n".join(lines).strip().split("\n"))])
    for number, (_, bare) in uncommented(lines).items():
        lines[number] = bare
    return "\n".join(lines)


def _difference(mine: _Carried, other: _Carried) -> str:
    """What the two cells do not have in common."""
    kind, text, _ = (a == b for a, b in zip(mine, other, strict=True))
    if not kind:
        return "in the kind of the cell"
    if not text:
        return "in the code" if mine[0] == CellKind.CODE else "in the text"
    return "in the grading metadata"
