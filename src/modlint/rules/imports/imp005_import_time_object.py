"""IMP005: an object of the course is made whenever the module is imported."""

from modlint.diagnostics import Severity
from modlint.rules.imports._family import ImportRule


class ImportTimeObject(ImportRule):
    """Objects that are made whenever the module is imported.

    The result of a first-party class or function, made at import and bound to a name.
    """

    code = "IMP005"
    name = "import-time-object"
    severity = Severity.WARNING
    checks = ("silent-demos",)

    def message(self, label: str) -> str:
        """What to say about one object."""
        return f"{label} runs on import, and its result is bound to a name"
