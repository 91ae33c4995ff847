"""Fixes that somebody chooses: what is refused, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fixing.running import IMP, diagnostics
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch
from modlint.fixing.choosing import Choice, Offer, fix_chosen
from modlint.fixing.engine import Outcome
from modlint.notebook.cell import ModuleFile
from modlint.notebook.reading import read

TEXT = "# %%\n# keep\nprint('a')\n\n# %%\nprint('b')\n"
B_MENDED = TEXT.replace("print('b')", "if __name__ == \"__main__\":\n    print('b')")


class Chooser:
    """Applies all, and remembers what it was shown and told."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.refusals: list[str] = []

    def choose(self, offer: Offer) -> Choice:
        self.offers.append(offer)
        return Choice.APPLY

    def refuse(self, why: str) -> None:
        self.refusals.append(why)


def chosen(rewrite: Callable[[ModuleFile], Patch]) -> tuple[Chooser, Outcome]:
    """Apply all fixes of the text, the first of them one that does what is given."""
    file = read(TEXT.encode())
    first, *others = diagnostics(TEXT)
    fix = Fix(Applicability.SAFE, "Mend it", lambda: rewrite(file), Change.GUARDS)
    chooser = Chooser()
    found: list[Diagnostic] = [replace(first, fix=fix), *others]
    return chooser, fix_chosen(file, found, IMP, chooser, unsafe=False)


def without_comment(file: ModuleFile) -> Patch:
    cell = file.cells[0]
    return Patch({0: (replace(cell, source=cell.source.replace("# keep\n", "")),)})


def impossible(file: ModuleFile) -> Patch:
    raise ValueError("there is no way")


def too_deep(file: ModuleFile) -> Patch:
    raise RecursionError("too deep")


def idle(file: ModuleFile) -> Patch:
    return Patch({0: (file.cells[0],)})


@pytest.mark.parametrize(
    ("rewrite", "why", "shown"),
    [
        (without_comment, "would lose the comment '# keep'", 2),
        (idle, "mends nothing", 2),
        (impossible, "cannot be made: there is no way", 1),
        (too_deep, "cannot be made: too deep", 1),
    ],
)
def test_a_faulty_fix_is_refused_and_the_others_go_on(
    rewrite: Callable[[ModuleFile], Patch], why: str, shown: int
) -> None:
    chooser, outcome = chosen(rewrite)
    (refusal,) = chooser.refusals
    assert refusal.startswith("the fix of IMP002")
    assert why in refusal
    assert len(chooser.offers) == shown
    assert outcome.file.text == B_MENDED
    assert [a.place for a in outcome.applied] == ["line 6"]
    assert len(outcome.remaining) == 1


def test_neighbours_under_one_guard_are_one_offer() -> None:
    text = "# %%\nprint('a')\nprint('b')\n\nx = 1\n\nprint('c')\n"
    chooser = Chooser()
    outcome = fix_chosen(read(text.encode()), diagnostics(text), IMP, chooser, unsafe=False)
    assert [[d.start.row for d in offer.mends] for offer in chooser.offers] == [[2, 3], [8]]
    assert [(offer.number, offer.total) for offer in chooser.offers] == [(1, 2), (2, 2)]
    assert outcome.remaining == []
