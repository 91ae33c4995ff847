"""Lines that are meant as directives of nbdev and that nbdev does not read.

Seen in nbdev 2.4: a directive below the leading lines, one that is misspelt and one in
the spelling of nbdev 1 (``#export``) are comments, and nothing is said. ``#| export:``
exports the cell, but takes the first line of code into the comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, Module, fact
from modlint.notebook.cell import CellKind, editor_lines
from modlint.notebook.directives import (
    DEFAULT_EXP,
    EXPORTS,
    Directive,
    inert,
    is_exported,
    lead_length,
    leading,
    notebook_directives,
)

_EXPORTING = (*EXPORTS, DEFAULT_EXP)
#: Directives of nbdev and options of Quarto that have their effect only above the code.
_OTHERS = (
    "exec_doc", "hide", "hide_input", "hide_output",
    "code-fold:", "code-summary:", "echo:", "error:", "eval:", "include:", "output:", "warning:",
)  # fmt: skip
#: Words that are near a directive and are none, or (``exportd``, of nbdev 3) another one.
_NO_MISSPELLING = frozenset(("expert", "exportd", "exported", "exporting", "import", "report"))
_NEAR = 0.8
_FIRST_NBDEV = re.compile(r"\s*#\s*(export|exports|exporti|default_exp\s+[\w.]+)\s*$")


class Unread(NamedTuple):
    """A line that nbdev does not read as it is meant.

    ``directive`` has the name that is meant; ``is_below``: it stands below the
    leading lines.
    """

    directive: Directive
    is_below: bool

    @property
    def meant(self) -> str:
        """The line as nbdev would read it."""
        return " ".join(("#|", self.directive.name, *self.directive.arguments))


@fact
def unread(module: Module, unit: CodeUnit) -> list[Unread]:
    """The lines of a unit that are meant as directives and are not read, from top to bottom."""
    near = [Unread(directive, False) for directive in _near_misses(module, unit)]
    below = [
        Unread(directive, True)
        for directive in inert(unit.cell, lambda d: _is_needed(module, unit, d))
    ]
    return near + below


def default_exps(module: Module) -> list[tuple[int, Directive]]:
    """Every ``default_exp`` that nbdev reads, with the index of its cell, in order."""
    code = [at for at, cell in enumerate(module.file.cells) if cell.kind is CellKind.CODE]
    of_notebook = notebook_directives(module.file) if code else []
    return [(code[0], d) for d in of_notebook if d.name == DEFAULT_EXP] + [
        (index, directive)
        for index, cell in enumerate(module.file.cells)
        if cell.kind is CellKind.CODE
        for directive in leading(cell)
        if directive.name == DEFAULT_EXP
    ]


def _is_needed(module: Module, unit: CodeUnit, directive: Directive) -> bool:
    """Whether an inert line is a directive at all, and has no working double."""
    if directive.name in EXPORTS:
        return len(directive.arguments) <= 1 and not is_exported(unit.cell)
    if directive.name == DEFAULT_EXP:
        values = {d.arguments for _, d in default_exps(module)}
        return len(directive.arguments) == 1 and directive.arguments not in values
    # In prose, more words follow: `#| hide and seek`.
    return directive.name in _OTHERS and (directive.name[-1] == ":") == bool(directive.arguments)


def _near_misses(module: Module, unit: CodeUnit) -> Iterator[Directive]:
    """Leading lines that are meant as directives of the export, named as they are meant."""
    lead = leading(unit.cell)
    exports = is_exported(unit.cell)
    for directive in lead:
        if directive.name in _EXPORTING or directive.is_metadata:
            if directive.name in EXPORTS and directive.has_colon and not directive.arguments:
                yield directive
            continue
        meant = _meant(directive)
        if meant and not (exports and meant in EXPORTS) and not _is_repeated(module, meant):
            yield directive._replace(name=meant)
    first = _first_nbdev(unit)
    if first is not None and not (exports and first.name in EXPORTS):
        uses_nbdev = any(leading(c) for c in module.file.cells if c.kind is CellKind.CODE)
        if first.name == DEFAULT_EXP or uses_nbdev or _has_first_nbdev_default(module):
            yield first


def _meant(directive: Directive) -> str | None:
    name = directive.name.lower().replace("-", "_")
    if name.removesuffix(":") in _EXPORTING:
        return name.removesuffix(":")
    if name in _NO_MISSPELLING or name.endswith(":") or len(directive.arguments) > 1:
        return None
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, _EXPORTING, 1, _NEAR)), None)


def _is_repeated(module: Module, meant: str) -> bool:
    return meant == DEFAULT_EXP and bool(default_exps(module))


def _first_nbdev(unit: CodeUnit) -> Directive | None:
    """A directive as nbdev 1 had them, ``#export`` or ``# export``, on the first line of code."""
    if "export" not in unit.cell.source and DEFAULT_EXP not in unit.cell.source:
        return None
    lines = editor_lines(unit.cell.source)
    above = lead_length(lines, unit.cell.origin is None)
    found = _FIRST_NBDEV.match(lines[above].rstrip("\r\n")) if above < len(lines) else None
    if found is None:
        return None
    name, *arguments = found[1].split()
    return Directive(name, tuple(arguments), above + 1, lines[above].rstrip("\r\n"))


def _has_first_nbdev_default(module: Module) -> bool:
    firsts = (_first_nbdev(unit) for unit in module.units)
    return any(first is not None and first.name == DEFAULT_EXP for first in firsts)
