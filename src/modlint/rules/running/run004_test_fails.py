"""RUN004: a test of the module fails."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.execution.observation import Observation
from modlint.execution.tests import tests_of
from modlint.rules.running._family import RunRule, words_of


class TestFails(RunRule):
    """A test that ends in an exception, ends the process, or does not end."""

    code = "RUN004"
    name = "test-fails"
    severity = Severity.ERROR

    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """One diagnostic for each test, at its first line."""
        if seen.mocked:
            return  # it may only fail because of the stand-ins
        places = tests_of(module)
        for name, trouble in seen.failed.items():
            words = words_of(module, trouble, places[name])
            yield self.at(module, places[name], f"{name} fails: {words}")
