"""RUN005: a test passes, but nothing calls it."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.execution.observation import Observation
from modlint.execution.tests import tests_of
from modlint.rules.running._family import RunRule


class TestNeverCalled(RunRule):
    """A test that passes and that the script run, which comes to its end, never calls."""

    code = "RUN005"
    name = "test-never-called"
    severity = Severity.WARNING

    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """One diagnostic for each test; in a plain Python file they are for a test runner."""
        script = seen.script
        if script is None or script.trouble is not None or not module.file.is_notebook:
            return
        places = tests_of(module)
        for name, trouble in seen.tests.items():
            if trouble is None and name not in script.called:
                message = f"{name} passes, but the script run never calls it"
                yield self.at(module, places[name], message)
