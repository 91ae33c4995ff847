"""What modlint says about a module: diagnostics, their place, their fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modlint.notebook.cell import Cell


class Severity(StrEnum):
    """How bad a diagnostic is. Every severity counts for the exit code."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Priority(StrEnum):
    """When something is to be fixed; the value is its heading."""

    P1 = "Must fix"
    P2 = "Fix before export"
    P3 = "Quality"


class Applicability(StrEnum):
    """How far a fix can be trusted.

    ``SAFE``: the script, what importers find, what cells display, the release and the scores are
    the same, and every comment is kept. ``UNSAFE``: may change meaning or grading. ``DISPLAY``: one
    way out among several, for the author to choose.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display-only"


class Change(StrEnum):
    """What a fix declares to change; the proof holds it to everything else.

    ``GUARDS``: statements come under a guard or into a demo function. ``CELLS``:
    statements move to cells of their own, definitions past others.
    ``ANNOTATIONS``: type annotations and typing imports.
    ``METADATA``: the metadata of a cell. ``MARKER``: a marker line that was not
    read as meant; the text stays, and what it says may be faulty in its turn.
    ``HEADER``: the jupytext header, above all cells. ``REGIONS``: lines that begin
    or end a solution region, and the role of a cell that holds one and has no other.
    ``DIRECTIVES``: nbdev's ``#|`` lines. ``COMMENTS``: the
    words of comments. ``CALLS``: a guarded call of a test is added. ``STRUCTURE``:
    what a notebook stores beside a cell's text. ``SUPPRESSIONS``: what is said to
    modlint itself (``# modlint: ignore``). ``CODE``: what a statement says, in
    whatever way; an unsafe fix alone may. ``ANYTHING``: never applied, only shown.
    """

    GUARDS = "guards"
    CELLS = "cells"
    ANNOTATIONS = "annotations"
    METADATA = "metadata"
    MARKER = "marker"
    HEADER = "header"
    REGIONS = "regions"
    DIRECTIVES = "directives"
    COMMENTS = "comments"
    CALLS = "calls"
    STRUCTURE = "structure"
    SUPPRESSIONS = "suppressions"
    CODE = "code"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: 1-based row, 1-based column in characters."""

    row: int
    column: int = 1

    @property
    def data(self) -> dict[str, int]:
        """The place as programs read it."""
        return {"row": self.row, "column": self.column}


@dataclass(frozen=True, slots=True)
class Patch:
    """What a fix does: the index of a cell → the cells that take its place.

    ``header`` is the new text above all cells, or None where that stays as it is.
    """

    cells: Mapping[int, tuple[Cell, ...]]
    header: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair of one diagnostic.

    ``rewrite`` computes the new cells, only when they are wanted: a check that
    shows no diff pays nothing for it. ``alternatives`` holds further ways out
    (display-only fixes).
    """

    applicability: Applicability
    message: str
    rewrite: Callable[[], Patch]
    change: Change
    alternatives: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFault:
    """A rule that could not look at a module, and why.

    ``cell`` is the 0-based index of the cell that it was at, if that is known. ``path`` (with
    ``row``) is the rule's file where the rule could not even be loaded, else empty.
    ``traceback`` is Python's own account, of many lines.
    """

    code: str
    message: str
    cell: int | None = None
    path: str = ""
    row: int | None = None
    traceback: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault: where, which rule, what it means, and maybe a fix.

    ``cell`` is the 0-based index of the cell in its module file.
    """

    code: str
    name: str
    message: str
    severity: Severity
    cell: int
    start: Position
    end: Position
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[Position, str, str]:
        """Diagnostics are shown from the top of the file to its end."""
        return (self.start, self.code, self.message)
