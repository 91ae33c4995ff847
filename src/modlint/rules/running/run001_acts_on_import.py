"""RUN001: a statement was seen to act when the module was imported."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.effects import effects_of
from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.execution.observation import Observation
from modlint.rules.running._family import RunRule

_SHOWN = 2


class ActsOnImport(RunRule):
    """A top-level statement that prints, calls, writes or starts something on import."""

    code = "RUN001"
    name = "acts-on-import"
    severity = Severity.ERROR
    reports_acts = True

    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """One diagnostic for each statement."""
        for acting in seen.acting:
            acts = [a for a in acting.acts if not _sets_up(module, *a)]
            if acts:
                words = [f"calls {w}" if kind == "call" else w for kind, w in acts]
                more = " and more" if len(words) > _SHOWN else ""
                message = f"{', '.join(words[:_SHOWN])}{more} on import"
                yield self.diagnostic(acting.cell, acting.start, acting.end, message)


def _sets_up(module: Module, kind: str, words: str) -> bool:
    """Whether an act is the call of a function that does what a module may do in silence."""
    return kind == "call" and effects_of(module, words.removesuffix("()")).only_sets_up
