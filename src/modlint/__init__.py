"""modlint finds and mends what breaks course modules: on import, in grading, on export.

The public API: :func:`modlint.linting.lint`, :func:`modlint.fixing.engine.fix`,
:func:`modlint.notebook.reading.read`, ``Diagnostic``, ``Settings`` and the three kinds of rules,
all importable from here; :mod:`modlint.api` has all that a rule is written with. They are
imported when first asked for: start-up is a feature.
"""

import sys

# `python -m modlint` looks for modules in the current folder first, and in a folder of
# other people's code that would run a `click.py` or a `typing.py` of theirs. No other
# import comes before this, `__future__` included; `-P` and the console script need none.
if sys.argv[:1] == ["-m"] and "modlint" in sys.orig_argv and not sys.flags.safe_path:
    del sys.path[0]

TYPE_CHECKING = False  # `typing` alone takes as long as Python's own start
if TYPE_CHECKING:
    from typing import Any

    from modlint.diagnostics import Diagnostic
    from modlint.fixing.engine import fix
    from modlint.linting import lint
    from modlint.notebook.reading import read
    from modlint.rules.base import CellRule, ModuleRule, StatementRule
    from modlint.settings import Settings

__version__ = "0.1.0"
__all__ = [
    "CellRule", "Diagnostic", "ModuleRule", "Settings", "StatementRule", "fix", "lint", "read",
]  # fmt: skip

_HOMES = {
    "CellRule": "modlint.rules.base",
    "Diagnostic": "modlint.diagnostics",
    "ModuleRule": "modlint.rules.base",
    "Settings": "modlint.settings",
    "StatementRule": "modlint.rules.base",
    "fix": "modlint.fixing.engine",
    "lint": "modlint.linting",
    "read": "modlint.notebook.reading",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
