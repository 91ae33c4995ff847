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
from modlint.notebook.header import format_of, header_of, uncomments
from modlint.notebook.magics import unmasked
from modlint.notebook.percent import markdown_text
from modlint.notebook.tags import is_active
from modlint.notebook.uncommented import bared, uncommented
from modlint.rules.base import ModuleRule

#: What nbgrader writes into a notebook and no author does.
_WRITTEN_BY_NBGRADER = ("checksum", "cell_type")
#: The formats of a script whose cells modlint reads as jupytext does.
_READ = ("percent", "hydrogen")
#: A cell's kind, its text, its grading metadata: what students and nbgrader see of it.
_Carried = tuple[str, str, str]


class StalePair(ModuleRule):
    """A ``.py`` and the ``.ipynb`` beside it differ in code, text or grading metadata."""

    code = "MET002"
    name = "stale-pair"
    severity = Severity.WARNING
    compares_files = True

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic, at the first cell that differs."""
        if module.twin is None or not is_pair(module.file, module.twin.file):
            return
        mine, other = _carried(module.file), _carried(module.twin.file)
        changes = _changes(mine, other)
        if not changes or not mine:
            return
        if _as_percent(module.file) == _as_percent(module.twin.file):
            return  # jupytext may be told that a file is percent which looks like hydrogen
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
        only_there = "delete" if module.file.store is not None else "insert"
        command = f"`jupytext --update --to ipynb {script}`"
        advice = f"{command} writes the notebook again"
        if any(change[0] == only_there for change in changes):
            advice = f"the notebook has cells that {command} would take out"
        message = f"{os.path.basename(path)} differs in {cells}, first {what}; {advice}"
        yield self.on_marker(module, at, message)


def is_pair(file: ModuleFile, other: ModuleFile) -> bool:
    """Whether a script and a notebook of one name say that jupytext makes one of the other.

    The script has markers or a header of jupytext's, or the notebook names a script among its
    formats; a script of helpers that merely has the name of the lesson is none. In a format that
    modlint does not read, nothing is known of the cells.
    """
    script, notebook = (other, file) if file.store is not None else (file, other)
    if script.is_notebook:
        return format_of(script) in _READ
    header = header_of(script)
    if header is not None and header.format_name not in (*_READ, None):
        return False
    metadata = notebook.store.raw.get("metadata") if notebook.store is not None else None
    own = metadata.get("jupytext") if isinstance(metadata, dict) else None
    formats = own.get("formats") if isinstance(own, dict) else None
    return isinstance(formats, str) and "py:percent" in formats


def _changes(mine: list[_Carried], other: list[_Carried]) -> list[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    return [op for op in matcher.get_opcodes() if op[0] != "equal"]


def _as_percent(file: ModuleFile) -> list[_Carried]:
    return _carried(file, takes_signs_off=True)


def _carried(file: ModuleFile, *, takes_signs_off: bool | None = None) -> list[_Carried]:
    """What jupytext carries from one file to the other, cell by cell."""
    if takes_signs_off is None:
        takes_signs_off = uncomments(file)
    found = []
    for cell in file.cells:
        is_code = cell.kind is CellKind.CODE
        kind = CellKind.RAW if is_code and not is_active(cell, "ipynb") else cell.kind
        text = _code(cell, takes_signs_off) if is_code else markdown_text(cell)
        grading = {k: v for k, v in grading_of(cell).items() if k not in _WRITTEN_BY_NBGRADER}
        text = "\n".join(text.splitlines()).strip()
        found.append((str(kind), text, json.dumps(grading, sort_keys=True)))
    return found


def _code(cell: Cell, takes_signs_off: bool) -> str:
    """The code as it stands in a notebook: in a percent file, IPython's lines are comments.

    ``takes_signs_off``: jupytext un-comments them. Of a cell that is not for scripts, all is one.
    """
    if cell.origin is not None:
        return unmasked(cell.source)
    lines = cell.source.splitlines()
    if isinstance(language := cell.metadata.get("language"), str):  # a cell of `%%bash`
        magic = f"%%{language} {cell.metadata.get('magic_args', '')}".rstrip()
        return "\n".join([magic, *map(bared, "\n".join(lines).strip().split("\n"))])
    if not is_active(cell, "py"):
        return "\n".join(line[2:] if line[:2] == "# " else line.removeprefix("#") for line in lines)
    for number, (_, bare) in uncommented(lines).items() if takes_signs_off else ():
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
