"""IMP003: a function of the course runs whenever the module is imported."""

from modlint.diagnostics import Priority, Severity
from modlint.rules.imports._family import ImportRule


class UnguardedDemoCall(ImportRule):
    """Demo calls that run whenever the module is imported.

    A call, at module level, of a first-party function whose result is not used.
    """

    code = "IMP003"
    name = "unguarded-demo-call"
    severity = Severity.ERROR
    lowers = ("main-block",)
    checks = ("silent-demos",)
    priority = Priority.P1
