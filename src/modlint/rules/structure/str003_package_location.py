"""STR003: nothing says where the code goes in the package."""

from modlint.rules.structure._headings import HeadingRule


class PackageLocation(HeadingRule):
    """No section says where the code goes in the finished package."""

    code = "STR003"
    name = "package-location"
    checks = ("package-location",)
    words = (
        "package structure", "package location", "final package", "where this code lives",
        "where the code lives", "where it lives",
    )  # fmt: skip
    lack = "no section says where this code lives in the finished package"
