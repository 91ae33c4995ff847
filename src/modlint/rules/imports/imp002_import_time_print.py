"""IMP002: a module prints whenever it is imported."""

from modlint.diagnostics import Priority, Severity
from modlint.rules.imports._family import ImportRule


class ImportTimePrint(ImportRule):
    """Prints that run whenever the module is imported.

    ``print`` and its like at module level, outside a demo.
    """

    code = "IMP002"
    name = "import-time-print"
    severity = Severity.WARNING
    checks = ("silent-prints",)
    priority = Priority.P3
