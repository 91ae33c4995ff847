"""One module file: from disk to diagnostics."""

from __future__ import annotations

from dataclasses import dataclass

from modlint.diagnostics import Diagnostic
from modlint.discovery import Failure, reason
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.reading import read
from modlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """A module file that was read and checked; ``data`` is what stood on disk."""

    path: str
    data: bytes
    file: ModuleFile
    diagnostics: list[Diagnostic]


def check_path(path: str, settings: Settings) -> Checked | Failure:
    """Read and check one module file; a :class:`Failure` where that cannot be done."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except (OSError, ValueError) as error:
        return Failure(path, reason(error))
    return check_bytes(path, data, settings)


def check_bytes(path: str, data: bytes, settings: Settings) -> Checked | Failure:
    """Check ``data`` as the content of ``path``."""
    try:
        file = read(data, path)
        return Checked(path, data, file, lint(file, settings))
    except UnreadableModule as error:
        return Failure(path, str(error), error.row)
    except RecursionError:
        return Failure(path, "is too deeply nested to be checked")
    except Exception as error:  # one file that we fail on must not hide the others
        return Failure(path, f"internal error of modlint: {type(error).__name__}: {error}")
