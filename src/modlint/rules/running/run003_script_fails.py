"""RUN003: the module cannot be run as a script."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.execution.observation import Observation, Trouble
from modlint.rules.running._family import RunRule, words_of


class ScriptFails(RunRule):
    """The script run ends in an exception or another status than 0, or does not end."""

    code = "RUN003"
    name = "script-fails"
    severity = Severity.ERROR

    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """One diagnostic, at the statement of the top level that fails."""
        trouble = seen.script.trouble if seen.script else None
        # With stand-ins for packages, what fails may only fail because of them.
        if trouble is None or seen.mocked or _is_told(seen, trouble):
            return
        words = words_of(module, trouble, trouble.outer)
        yield self.at(module, trouble.outer, f"script run fails: {words}")


def _is_told(seen: Observation, trouble: Trouble) -> bool:
    """Whether the same fault makes the import or a test fail: one fault, one report."""
    others = [seen.import_trouble, *seen.tests.values()]
    return any(
        o is not None and (o.words, o.inner) == (trouble.words, trouble.inner) for o in others
    )
