"""STR002: nothing says what a student must know before."""

from modlint.rules.structure._headings import HeadingRule


class Prerequisites(HeadingRule):
    """No section says what the module builds on."""

    code = "STR002"
    name = "prerequisites"
    checks = ("introduction",)
    words = ("prerequisite*", "module dependencies", "before you begin", "before you start")
    lack = "no section says what students must have built or know before this module"
