"""What the tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "fixtures" / "modules" / "16_quantization" / "quantization_dev.py"
#: The notebook that jupytext makes of it; ``tests/make_twin.py`` writes it.
REFERENCE_NOTEBOOK = ROOT / "fixtures" / "notebooks" / "16_quantization" / "quantization_dev.ipynb"
EXEMPLARY = ROOT / "fixtures" / "exemplary" / "16_quantization" / "quantization_dev.py"

#: The command line in process: ``modlint("check", path, stdin=…)``.
Run = Callable[..., Result]


#: The commands that ask what a file is for.
_WITH_KINDS = ("baseline", "check", "fix", "report", "verify")


def as_modules(*arguments: str) -> list[str]:
    """The arguments of a command line, with the word that its files are modules."""
    if not arguments or arguments[0] not in _WITH_KINDS or "--kind" in arguments:
        return list(arguments)
    return [*arguments, "--kind", "module"]


#: Settings that say the same.
AS_MODULES = 'kinds = { "*" = "module" }\n'


def how_many(usual: int, long: int) -> int:
    """How many examples a generated test tries: ``usual``, or as ``MODLINT_EXAMPLES`` says.

    ``MODLINT_EXAMPLES=long`` is the long run of every such test; a number is the same for each.
    """
    wanted = os.environ.get("MODLINT_EXAMPLES", "")
    if wanted == "long":
        return long
    return int(wanted) if wanted else usual
