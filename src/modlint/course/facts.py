"""What the text of one file says of what it is for, as plain data that is kept between runs."""

from __future__ import annotations

from typing import Any, NamedTuple

#: How a file is stored: as cells, as plain Python, as something that modlint does not read.
CELLS, PLAIN, OTHER, UNREADABLE = "cells", "plain", "other", "unreadable"
#: What a sign of a kind is called to the user.
DIRECTIVES, GRADING, GUARD, CHECKSUM, REGION = (
    "nbdev directive", "nbgrader metadata", "main guard", "nbgrader checksum", "solution region",
)  # fmt: skip


class Import(NamedTuple):
    """What one statement imports: ``module`` with a leading dot for each level of a relative one.

    ``names`` are those that it takes from the module. ``alias`` is what the module itself is
    bound to, where that is imported; empty where nothing says to what.
    """

    module: str
    names: tuple[str, ...] = ()
    alias: str | None = None


class Facts(NamedTuple):
    """What the text of a file says.

    ``shape`` is one of the constants above, ``other`` the language or format of a file that is
    neither cells nor Python. ``signs`` are the signs of a kind with their places in words,
    ``functions`` the functions without parameters, and the classes of tests, at its top level.
    ``is_generated``: a tool wrote it, from ``source`` if that is known. ``target`` is the module
    of the package that nbdev exports it to.
    """

    shape: str
    other: str = ""
    signs: tuple[tuple[str, str], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    is_generated: bool = False
    source: str = ""
    target: str = ""
    imports: tuple[Import, ...] = ()

    @classmethod
    def from_data(cls, data: Any) -> Facts:
        """The facts that were kept as tuples."""
        found = cls._make(data)
        return found._replace(imports=tuple(map(Import._make, found.imports)))

    @property
    def data(self) -> tuple[object, ...]:
        """The same as tuples."""
        return tuple(self._replace(imports=tuple(map(tuple, self.imports))))  # type: ignore[arg-type]
