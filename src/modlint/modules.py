"""One module file: from disk to diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modlint.analysis.depth import with_room
from modlint.analysis.module import Module, Twin
from modlint.cache import contents, digest
from modlint.diagnostics import Diagnostic, RuleFault
from modlint.discovery import Failure, reason
from modlint.linting import lint_module
from modlint.linting.asking import found_by
from modlint.notebook.cell import ModuleFile
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.reading import Source, cells_of, decode, read
from modlint.reports import Report, report_of
from modlint.rules import rules_in_force
from modlint.settings import Settings

#: What finds the diagnostics of a module file: that of a path, with the settings in force.
Find = Callable[[str, ModuleFile, Settings], list[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A module file that was read and checked.

    ``settings`` are those in force for it, ``faults`` the rules that failed on it, and
    ``module`` is what the diagnostics were found in.
    """

    path: str
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
    loaded = _read(path)
    if isinstance(loaded, Failure):
        return loaded
    return _check(path, loaded[0], settings, twin_at(twin) if twin else None, find)


def report_path(
    path: str, settings: Settings, twin: str | None = None, *, with_changes: bool
) -> Report | Failure:
    """The report of one module file; ``with_changes``: with what each fix changes."""
    beside = contents(twin)
    loaded = _read(path, beside)
    if isinstance(loaded, Failure):
        return loaded
    source, content = loaded
    file = _cells(path, source)
    if isinstance(file, Failure):
        return file

    def report() -> Report | Failure:
        checked = _checked(path, file, settings, _twin(twin, beside))
        if isinstance(checked, Failure):
            return checked
        try:
            return report_of(checked, content, with_changes=with_changes)
        except RecursionError:
            raise
        except Exception as error:
            return _internal(path, error)
        finally:
            if checked.module is not None:
                checked.module.take_apart()

    try:
        return with_room(report)
    except RecursionError:
        return _too_deep(path)


def check_bytes(
    path: str,
    data: bytes,
    settings: Settings,
    twin: Twin | None = None,
    find: Find | None = None,
) -> Checked | Failure:
    """Check ``data`` as the content of ``path``."""
    try:
        source = decode(data, path)
    except UnreadableModule as error:
        return _unreadable(path, error)
    return _check(path, source, settings, twin, find)


def _read(path: str, beside: bytes | None = None) -> tuple[Source, bytes] | Failure:
    """The text of a file, and the digest of its bytes and of those ``beside`` it.

    The bytes themselves go at once: those of a notebook may be hundreds of megabytes.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except (OSError, ValueError) as error:
        return Failure(path, reason(error))
    try:
        return decode(data, path), digest(data, beside)
    except UnreadableModule as error:
        return _unreadable(path, error)


def _check(
    path: str, source: Source, settings: Settings, twin: Twin | None, find: Find | None = None
) -> Checked | Failure:
    file = _cells(path, source)
    if isinstance(file, Failure):
        return file
    try:
        return with_room(lambda: _checked(path, file, settings, twin, find))
    except RecursionError:
        return _too_deep(path)


def _cells(path: str, source: Source) -> ModuleFile | Failure:
    """The cells of a file. JSON that is nested too deeply for Python is so for Jupyter, too."""
    try:
        return cells_of(source, path)
    except UnreadableModule as error:
        return _unreadable(path, error)
    except RecursionError:
        return _too_deep(path)
    except Exception as error:
        return _internal(path, error)


def _checked(
    path: str, file: ModuleFile, settings: Settings, twin: Twin | None, find: Find | None = None
) -> Checked | Failure:
    """The same; raises RecursionError where Python's stack is too small for it."""
    try:
        if find:
            return Checked(path, file, find(path, file, settings), settings)
        module = Module(file, settings, twin)
        found = lint_module(module)
        faults = tuple(failure_of(fault, path, file) for fault in module.faults)
        return Checked(path, file, found, settings, faults, module)
    except UnreadableModule as error:
        return _unreadable(path, error)
    except RecursionError:
        raise
    except Exception as error:  # one file that we fail on must not hide the others
        return _internal(path, error)


def _too_deep(path: str) -> Failure:
    return Failure(path, "is too deeply nested to be checked")


def _unreadable(path: str, error: UnreadableModule) -> Failure:
    return Failure(path, str(error), error.row, error.cell)


def failure_of(fault: RuleFault, path: str, file: ModuleFile) -> Failure:
    """What is told of a rule that failed on the module file at ``path``."""
    if fault.path:
        message = f"{fault.code} was not run: {fault.message}"
        return Failure(fault.path, message, fault.row, traceback=fault.traceback)
    cell = None if fault.cell is None else fault.cell + 1
    row = None if cell is None or file.store is not None else file.cells[cell - 1].marker_row
    return Failure(path, f"{fault.code} failed: {fault.message}", row, cell, fault.traceback)


def _internal(path: str, error: Exception) -> Failure:
    from modlint.rules.failing import account_of

    message = f"internal error of modlint: {type(error).__name__}: {error}"
    return Failure(path, message, traceback=account_of(error))


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


def pair_diagnostics(file: ModuleFile, settings: Settings, twin: Twin | None) -> list[Diagnostic]:
    """What is to be said of ``file`` and its twin, and of nothing else."""
    module = Module(file, settings, twin)
    rules = [rule for rule in rules_in_force(settings) if rule.compares_files]
    return module.suppressions.kept(found_by(rules, module))
