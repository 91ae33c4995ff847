"""RUN002: the module cannot be imported."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.execution.observation import Observation
from modlint.rules.running._family import RunRule, words_of


class ImportFails(RunRule):
    """The import ends in an exception, ends the process, or does not end."""

    code = "RUN002"
    name = "import-fails"
    severity = Severity.ERROR

    def judge(self, module: Module, seen: Observation) -> Iterator[Diagnostic]:
        """One diagnostic, at the statement of the top level that fails."""
        trouble = seen.import_trouble
        if trouble is None:
            return
        words = words_of(module, trouble, trouble.outer)
        hint = "; `--mock-missing` does without" if trouble.missing else ""
        yield self.at(module, trouble.outer, f"import fails: {words}{hint}")
