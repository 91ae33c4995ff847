"""modlint finds and mends what breaks course modules: on import, in grading, on export.

The public API: :func:`modlint.linting.lint`, :func:`modlint.fixing.engine.fix`,
:func:`modlint.notebook.reading.read`, ``Diagnostic``, ``Rule`` and ``Settings``, all
importable from here. They are imported when first asked for: start-up is a feature.
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
    from modlint.rules.base import Rule
    from modlint.settings import Settings

__version__ = "0.1.0"
__all__ = ["Diagnostic", "Rule", "Settings", "fix", "lint", "read"]

_HOMES = {
    "Diagnostic": "modlint.diagnostics",
    "Rule": "modlint.rules.base",
    "Settings": "modlint.settings",
    "fix": "modlint.fixing.engine",
    "lint": "modlint.linting",
    "read": "modlint.notebook.reading",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
