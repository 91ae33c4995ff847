"""Apply the fixes that somebody chooses, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from modlint.diagnostics import Applicability, Diagnostic, Fix
from modlint.edits import patched
from modlint.fixing.engine import BEFORE_ALL_OTHERS, Applied, Outcome, Refused, fix_one
from modlint.fixing.following import carried, words
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings


class Choice(Enum):
    """What is to become of a fix. ``STOP`` leaves it and all others of the file."""

    APPLY = auto()
    LEAVE = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix, to be chosen or left.

    ``mends`` are its diagnostics; ``file`` is the file as it is now, ``new`` as the fix
    would make it (None for a display-only one: it is a way out among several). The offer is
    the ``number``-th of its file, of ``total`` as far as is known.
    """

    mends: list[Diagnostic]
    fix: Fix
    file: ModuleFile
    new: ModuleFile | None
    number: int
    total: int


class Chooser(Protocol):
    """Whoever decides."""

    def choose(self, offer: Offer) -> Choice:
        """What is to become of the fix; a display-only one is not applied, whatever is said."""

    def refuse(self, why: str) -> None:
        """Be told of a fix that cannot be made or did not pass its proof."""


def fix_chosen(
    file: ModuleFile,
    diagnostics: list[Diagnostic],
    settings: Settings,
    chooser: Chooser,
    *,
    unsafe: bool,
) -> Outcome:
    """Offer the fixes of ``file``, unsafe ones only if told so, and apply the chosen ones.

    Each is proven before it is kept, and the others are offered on what it made of the file.
    One that does not pass is left, and the others stay. ``Outcome.origins`` is empty.
    """
    applied: list[Applied] = []
    offered = [False] * len(diagnostics)
    seen = {hash(file.text)}
    number = 0
    while group := _next(diagnostics, offered, unsafe):
        mends = [diagnostics[index] for index in group]
        for index in group:
            offered[index] = True
        fix = mends[0].fix
        assert fix is not None
        number += 1
        try:
            is_choice = fix.applicability is Applicability.DISPLAY
            new = None if is_choice else patched(file, fix.rewrite())
        except Exception as error:  # one fix that we fail on must not hide the others
            chooser.refuse(_blame(file, mends[0], f"cannot be made: {error}"))
            continue
        total = number + _count(diagnostics, offered, unsafe)
        choice = chooser.choose(Offer(mends, fix, file, new, number, total))
        if choice is Choice.STOP:
            break
        if choice is Choice.LEAVE or new is None:
            continue
        outcome = fix_one(file, diagnostics, mends[0], settings)
        if outcome.fault:
            chooser.refuse(outcome.fault)
        elif hash(outcome.file.text) in seen:
            chooser.refuse(_blame(file, mends[0], "undoes another"))
        else:
            others = [index for index in range(len(diagnostics)) if index not in group]
            offered = carried(
                [words(file, diagnostics[index]) for index in others],
                [offered[index] for index in others],
                [words(outcome.file, diagnostic) for diagnostic in outcome.remaining],
            )
            file, diagnostics = outcome.file, outcome.remaining
            seen.add(hash(file.text))
            applied += outcome.applied
    return Outcome(file, diagnostics, applied)


def _open(diagnostics: list[Diagnostic], offered: list[bool], unsafe: bool) -> list[int]:
    """The places of the diagnostics whose fixes are still to be offered."""
    hidden = None if unsafe else Applicability.UNSAFE
    return [
        index
        for index, (diagnostic, is_past) in enumerate(zip(diagnostics, offered, strict=True))
        if not is_past and diagnostic.fix and diagnostic.fix.applicability is not hidden
    ]


def _count(diagnostics: list[Diagnostic], offered: list[bool], unsafe: bool) -> int:
    return len({id(diagnostics[index].fix) for index in _open(diagnostics, offered, unsafe)})


def _next(diagnostics: list[Diagnostic], offered: list[bool], unsafe: bool) -> list[int]:
    """The places of the diagnostics that one fix mends: the next to offer."""
    left = _open(diagnostics, offered, unsafe)
    # What a cell is comes before what is in it.
    first = [i for i in left if (f := diagnostics[i].fix) and f.change in BEFORE_ALL_OTHERS] or left
    return [index for index in left if diagnostics[index].fix is diagnostics[first[0]].fix]


def _blame(file: ModuleFile, diagnostic: Diagnostic, why: str) -> str:
    place = file.where(diagnostic.cell, diagnostic.start.row)
    return str(Refused(diagnostic.code, place, why))
