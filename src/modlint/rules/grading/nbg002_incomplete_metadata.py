"""NBG002: nbgrader metadata lacks required keys."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.grading import completed, grading_of, problems_of
from modlint.rules.base import Rule
from modlint.rules.grading._family import grade_ids, invented_id, metadata_fix


class IncompleteMetadata(Rule):
    """Grading metadata without all its keys: nbgrader refuses the module.

    Required keys, or the current ``schema_version``, are missing.
    """

    code = "NBG002"
    name = "incomplete-metadata"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each incomplete cell; the fix fills all keys together."""
        taken = grade_ids(module)  # each invented id is new to those before it as well
        for index, cell in enumerate(module.file.cells):
            if "nbgrader" not in cell.metadata:
                continue
            missing = [p for p in problems_of(cell) if p.missing]
            if missing:
                grading = grading_of(cell)
                new_id = "" if "grade_id" in grading else invented_id(module, index, taken)
                full = completed(grading, new_id)
                keys = ", ".join(p.key for p in missing)
                fix = metadata_fix(module, index, full, f"Fill in {keys}")
                yield self.on_marker(module, index, f"nbgrader metadata lacks {keys}", fix)
