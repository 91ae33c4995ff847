"""One module file: from disk to diagnostics."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from dataclasses import dataclass

from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Diagnostic
from modlint.discovery import Failure, reason
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.reading import read
from modlint.rules import rules_in_force
from modlint.settings import Settings

#: What finds the diagnostics of a module file: that of a path, with the settings in force.
Find = Callable[[str, ModuleFile, Settings], list[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A module file that was read and checked; ``data`` is what stood on disk.

    ``settings`` are those in force for it.
    """

    path: str
    data: bytes
    file: ModuleFile
    diagnostics: list[Diagnostic]
    settings: Settings


def check_path(
    path: str, settings: Settings, twin: str | None = None, find: Find | None = None
) -> Checked | Failure:
    """Read and check one module file; a :class:`Failure` where that cannot be done.

    ``twin`` is the path of the other file of a pair, to be held against this one. ``find``
    takes the place of :func:`modlint.linting.lint`.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except (OSError, ValueError) as error:
        return Failure(path, reason(error))
    return check_bytes(path, data, settings, twin_at(twin) if twin else None, find)


def check_bytes(
    path: str,
    data: bytes,
    settings: Settings,
    twin: Twin | None = None,
    find: Find | None = None,
) -> Checked | Failure:
    """Check ``data`` as the content of ``path``."""
    try:
        file = read(data, path)
        found = find(path, file, settings) if find else lint(file, settings, twin)
        return Checked(path, data, file, found, settings)
    except UnreadableModule as error:
        return Failure(path, str(error), error.row, error.cell)
    except RecursionError:
        return Failure(path, "is too deeply nested to be checked")
    except Exception as error:  # one file that we fail on must not hide the others
        return Failure(path, f"internal error of modlint: {type(error).__name__}: {error}")


def twin_path(path: str, in_run: Container[str]) -> str | None:
    """The path of the file that ``path`` is to be held against, if there is one beside it.

    A notebook is held against the ``.py`` of the same name; that one against the
    notebook only where the notebook is not itself one of the absolute paths of this
    run: one fault, one report.
    """
    stem, ending = os.path.splitext(path)
    other = stem + (".py" if ending == ".ipynb" else ".ipynb")
    if not os.path.isfile(other):
        return None
    return other if ending == ".ipynb" or os.path.abspath(other) not in in_run else None


def twin_at(path: str) -> Twin | None:
    """The twin as it stands on disk; None where it cannot be read, which its own check reports."""
    try:
        with open(path, "rb") as stream:
            return Twin(path, read(stream.read(), path))
    except (OSError, ValueError, RecursionError):
        return None


def pair_diagnostics(file: ModuleFile, settings: Settings, twin: Twin | None) -> list[Diagnostic]:
    """What is to be said of ``file`` and its twin, and of nothing else."""
    module = Module(file, settings, twin)
    rules = [rule for rule in rules_in_force(settings) if rule.compares_files]
    return module.suppressions.kept(found for rule in rules for found in rule.check(module))
