"""What the tests share."""

from __future__ import annotations

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
