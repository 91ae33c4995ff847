"""STR013: the module has no summary."""

from modlint.rules.structure._headings import HeadingRule


class ModuleSummary(HeadingRule):
    """No section sums the module up."""

    code = "STR013"
    name = "module-summary"
    checks = ("summary",)
    words = ("summary", "recap", "conclusion", "wrap-up", "wrapping up", "key takeaways")
    lack = "no module summary: nothing says what was built and what comes next"
