"""What the RUN rules share: they judge what was seen while the module ran."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Position
from modlint.execution.observation import Observation, Place, Trouble
from modlint.rules.base import ModuleRule

_LONGEST = 80


class RunRule(ModuleRule):
    """A rule about a module that ran; it finds nothing in one that did not."""

    executes = True

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """Judge what was seen, if anything was."""
        if module.observed is not None:
            yield from self.judge(module, module.observed)

    @abstractmethod
    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """Every diagnostic of this rule in what was seen of ``module``."""

    def at(self, module: Module, place: Place, message: str) -> Diagnostic:
        """A diagnostic on one line of the module."""
        cell = module.file.cells[place.cell]
        lines = cell.source.split("\n")
        index = place.row - cell.row
        text = lines[index].rstrip("\r") if 0 <= index < len(lines) else ""
        start = Position(place.row, len(text) - len(text.lstrip()) + 1)
        end = Position(place.row, len(text.rstrip()) + 1)
        return self.diagnostic(place.cell, start, max(start, end), message)


def words_of(module: Module, trouble: Trouble, place: Place) -> str:
    """What went wrong, in short, and where, unless that is ``place``."""
    words = trouble.words
    if len(words) > _LONGEST:
        words = f"{words[: _LONGEST - 1]}…"
    if trouble.missing:
        names = ", ".join(trouble.missing)
        return f"{names} is not installed" if len(trouble.missing) == 1 else f"missing: {names}"
    if trouble.inner == place or not trouble.inner.row:  # it was raised outside the module
        return words
    return f"{words} ({module.where(trouble.inner.cell, trouble.inner.row)})"
