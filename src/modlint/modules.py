"""One module file: from disk to diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modlint.analysis.module import Module, Twin
from modlint.cache import contents, digest
from modlint.diagnostics import Diagnostic, RuleFault
from modlint.discovery import Failure, reason
from modlint.linting import lint_module
from modlint.notebook.cell import ModuleFile
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.reading import read
from modlint.reports import Report, report_of
from modlint.rules import rules_in_force
from modlint.settings import Settings

#: What finds the diagnostics of a module file: that of a path, with the settings in force.
Find = Callable[[str, ModuleFile, Settings], list[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A module file that was read and checked; ``data`` is what stood on disk.

    ``settings`` are those in force for it, ``faults`` the rules that failed on it, and
    ``module`` is what the diagnostics were found in.
    """

    path: str
    data: bytes
    file: ModuleFile
    diagnostics: list[Diagnostic]
    settings: Settings
    faults: tuple[Failure, ...] = ()
    module: Module | None = None


def check_path(
    path: str, settings: Settings, twin: str | None = None, find: Find | None = None
) -> Checked | Failure:
    """Read and check one module file; a :class:`Failure` where that cannot be done.

    ``twin`` is the path of the other file of a pair, to be held against this one. ``find``
    takes the place of :func:`modlint.linting.lint_module`.
    """
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        return Failure(path, reason(error))
    return check_bytes(path, data, settings, twin_at(twin) if twin else None, find)


def report_path(
    path: str, settings: Settings, twin: str | None = None, *, with_changes: bool
) -> Report | Failure:
    """The report of one module file; ``with_changes``: with what each fix changes."""
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        return Failure(path, reason(error))
    beside = contents(twin)
    checked = check_bytes(path, data, settings, _twin(twin, beside))
    if isinstance(checked, Failure):
        return checked
    try:
        return report_of(checked, digest(data, beside), with_changes=with_changes)
    except Exception as error:
        return _internal(path, error)


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
        if find:
            return Checked(path, data, file, find(path, file, settings), settings)
        module = Module(file, settings, twin)
        found = lint_module(module)
        faults = tuple(failure_of(fault, path, file) for fault in module.faults)
        return Checked(path, data, file, found, settings, faults, module)
    except UnreadableModule as error:
        return Failure(path, str(error), error.row, error.cell)
    except RecursionError:
        return Failure(path, "is too deeply nested to be checked")
    except Exception as error:  # one file that we fail on must not hide the others
        return _internal(path, error)


def failure_of(fault: RuleFault, path: str, file: ModuleFile) -> Failure:
    """What is told of a rule that failed on the module file at ``path``."""
    if fault.path:
        return Failure(fault.path, f"{fault.code} was not run: {fault.message}", fault.row)
    cell = None if fault.cell is None else fault.cell + 1
    row = None if cell is None or file.store is not None else file.cells[cell - 1].marker_row
    return Failure(path, f"{fault.code} failed: {fault.message}", row, cell)


def _internal(path: str, error: Exception) -> Failure:
    return Failure(path, f"internal error of modlint: {type(error).__name__}: {error}")


def twin_at(path: str) -> Twin | None:
    """The twin as it stands on disk; None where it cannot be read, which its own check reports."""
    return _twin(path, contents(path))


def _twin(path: str | None, data: bytes | None) -> Twin | None:
    if path is None or data is None:
        return None
    try:
        return Twin(path, read(data, path))
    except (ValueError, RecursionError):
        return None


def _bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def pair_diagnostics(file: ModuleFile, settings: Settings, twin: Twin | None) -> list[Diagnostic]:
    """What is to be said of ``file`` and its twin, and of nothing else."""
    module = Module(file, settings, twin)
    rules = [rule for rule in rules_in_force(settings) if rule.compares_files]
    return module.suppressions.kept(found for rule in rules for found in rule.check(module))
