"""NBG002: nbgrader metadata lacks required keys."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.grading import (
    Problem,
    completed,
    grading_of,
    has_no_role,
    old_schema_of,
    problems_of,
)
from modlint.rules.base import ModuleRule
from modlint.rules.grading._family import grade_ids, invented_id, metadata_fix


class IncompleteMetadata(ModuleRule):
    """Grading metadata without all its keys: nbgrader refuses the module.

    Required keys, or the current ``schema_version``, are missing.
    """

    code = "NBG002"
    name = "incomplete-metadata"
    severity = Severity.ERROR
    checks = ("cell-metadata",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each incomplete cell; the fix fills all keys together."""
        taken = grade_ids(module)  # each invented id is new to those before it as well
        for index, cell in enumerate(module.file.cells):
            if "nbgrader" not in cell.metadata:
                continue
            missing = [p for p in problems_of(cell) if p.missing]
            if module.grader.is_staged:  # the course's own command fills in all else
                missing = [p for p in missing if p.key == "grade_id"]
            if missing:
                grading = grading_of(cell)
                new_id = "" if "grade_id" in grading else invented_id(module, index, taken)
                full = completed(grading, new_id)
                if module.grader.is_staged:
                    full = {**grading, "grade_id": new_id}
                keys = ", ".join(p.key for p in missing)
                fix = metadata_fix(module, index, full, f"Fill in {keys}")
                if old_schema_of(grading) is not None and has_no_role(full):
                    what = "Remove the nbgrader metadata, as `nbgrader update` does"
                    fix = metadata_fix(module, index, None, what)
                yield self.on_marker(module, index, _message(missing), fix)


def _message(missing: list[Problem]) -> str:
    """What is wrong; an old schema is named as such, with the keys that it lacks beside."""
    old = [p for p in missing if not p.message.endswith("is missing")]
    keys = ", ".join(p.key for p in missing if p not in old)
    lacks = f"nbgrader metadata lacks {keys}"
    if not old:
        return lacks
    return f"{old[0].message}; {lacks}" if keys else old[0].message
