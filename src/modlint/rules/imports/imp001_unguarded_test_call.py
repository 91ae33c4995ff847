"""IMP001: a test runs whenever its module is imported."""

from modlint.diagnostics import Priority, Severity
from modlint.rules.imports._family import ImportRule


class UnguardedTestCall(ImportRule):
    """Tests that run whenever the module is imported.

    A call of a test at module level, in a block there, or through a function that runs tests.
    """

    code = "IMP001"
    name = "unguarded-test-call"
    severity = Severity.ERROR
    lowers = ("main-block",)
    checks = ("test-guard", "silent-tests")
    priority = Priority.P1
