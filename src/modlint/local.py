"""Rules that a course adds: which files they are, whether they may run, how they are run.

A folder of rules is code of the tree. What of it is run are the bytes that were read and
compared with what the user trusts: no file is read a second time, and no compiled file
(``__pycache__``) that somebody put beside them is ever taken.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType

from modlint.analysis.module import CodeUnit, Module
from modlint.cache import Trace, contents, digest
from modlint.codes import codes
from modlint.diagnostics import Diagnostic, Fix, Patch, Position, RuleFault, Severity
from modlint.notebook.cell import Cell
from modlint.output.files import NotWritten, write_whole
from modlint.rules.base import Rule
from modlint.settings import LocalRules, Settings

#: ``crs001_cell_too_long.py``: the code and the name of the rule in it.
_FILE = re.compile(r"([a-z]{3}\d{3})_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\.py")
_TRUSTED = "trusted.json"


class LocalRulesError(ValueError):
    """A folder that cannot be one of rules; the message says why."""


# --- which files they are ---------------------------------------------------------------------


def read_folder(folder: str, trace: Trace) -> LocalRules:
    """The rules in a folder, none of them run. Each path is noted in ``trace``.

    Every ``.py`` file is a rule, named by its code, but for those that begin with an
    underscore. Raises :class:`LocalRulesError`.
    """
    folder = os.path.abspath(folder)
    trace.look(folder)
    try:
        listed = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    except OSError as error:
        raise LocalRulesError(str(error.strerror).lower()) from error
    sources, names = [], {}
    for file in listed:
        path = os.path.join(folder, file)
        trace.look(path)
        content = contents(path) if os.path.isfile(path) else None
        if content is None:
            raise LocalRulesError(f"{file} cannot be read")
        sources.append((file, content))
        if not file.startswith("_"):
            code, name = _named(file)
            if code in names:
                raise LocalRulesError(f"{code} is the code of two rules")
            names[code] = name
    if not names:
        raise LocalRulesError("holds no rule: a rule is a file named as crs001_cell_too_long.py")
    parts = [part for file, content in sources for part in (file.encode(), content)]
    return LocalRules(folder, tuple(sources), digest(*parts).hex(), tuple(names.items()))


def _named(file: str) -> tuple[str, str]:
    match = _FILE.fullmatch(file)
    if match is None:
        raise LocalRulesError(
            f"{file} is named neither as a rule (crs001_cell_too_long.py) nor as a helper "
            "(with _ in front)"
        )
    code = match[1].upper()
    if objection := objection_to_code(code):
        raise LocalRulesError(objection)
    return code, match[2].replace("_", "-")


def objection_to_code(code: str) -> str:
    """Why no rule of a course may have this code; empty where one may."""
    if not re.fullmatch(r"[A-Z]{3}\d{3}", code):
        return f"{code} is no code: three letters and three digits, as CRS001"
    if code[:3] in {own[:3] for own in codes()}:
        return f"{code}: the family {code[:3]} is modlint's own; take other letters"
    return ""


def file_name(code: str, name: str) -> str:
    """The file of a rule: ``crs001_cell_too_long.py``."""
    return f"{code.lower()}_{name.replace('-', '_')}.py"


# --- whether they may run ---------------------------------------------------------------------


def trusted_file() -> str:
    """Where it is written which folders the user trusts: in the user's folder for settings."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or os.path.expanduser("~\\AppData\\Roaming")
    else:
        base = os.environ.get("XDG_CONFIG_HOME", "")
        if not os.path.isabs(base):  # as the XDG specification asks
            base = os.path.expanduser("~/.config")
    return os.path.join(base, "modlint", _TRUSTED)


def is_trusted(rules: LocalRules, trace: Trace) -> bool:
    """Whether the user trusts these files as they are now."""
    path = trusted_file()
    trace.look(path)
    return _trusted(path).get(os.path.realpath(rules.folder)) == rules.digest


def set_trust(rules: LocalRules, trusted: bool) -> None:
    """Trust these files as they are, or no longer. Raises ``NotWritten``."""
    path = trusted_file()
    known = _trusted(path)
    folder = os.path.realpath(rules.folder)
    known.pop(folder, None)
    if trusted:
        known[folder] = rules.digest
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    except OSError as error:
        raise NotWritten(f"cannot be written: {str(error.strerror).lower()}") from error
    write_whole(path, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())


def _trusted(path: str) -> dict[str, str]:
    """Folder → digest; nothing where the file is damaged or not the user's own."""
    if not os.path.isabs(path):
        return {}
    try:
        if sys.platform != "win32" and os.stat(path).st_uid != os.geteuid():
            return {}
        known = json.loads(contents(path) or b"{}")
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


# --- how they are run -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rules of a folder that could be loaded, and what went wrong with the others."""

    rules: tuple[Rule, ...]
    faults: tuple[RuleFault, ...]


@cache
def loaded(local: LocalRules) -> Loaded:
    """Run the code of a folder that may run; its rules, by code."""
    importer = _Importer(local)
    sys.meta_path.append(importer)
    rules, faults = [], []
    for code, name in local.names:
        file = file_name(code, name)
        path = os.path.join(local.folder, file)
        try:
            rules.append(_rule(importer, file, code, name, local.folder))
        except (Exception, SystemExit) as error:
            row = error.lineno if isinstance(error, SyntaxError) else _row_in(path, error)
            faults.append(RuleFault(code, _words(error), path=os.path.relpath(path), row=row))
    return Loaded(tuple(sorted(rules, key=lambda rule: rule.code)), tuple(faults))


def not_loaded(settings: Settings) -> list[RuleFault]:
    """What went wrong with the rules that are in force in ``settings`` and are not there."""
    if not any(map(settings.is_enabled, settings.local.codes)):
        return []
    return [fault for fault in loaded(settings.local).faults if settings.is_enabled(fault.code)]


def _rule(importer: _Importer, file: str, code: str, name: str, folder: str) -> Rule:
    module = import_module(f"{importer.package}.{file.removesuffix('.py')}")
    found = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Rule)
        and thing.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise LocalRulesError(f"holds {len(found)} rule classes, not one")
    (kind,) = found
    said = [getattr(kind, attribute, None) for attribute in ("code", "name")]
    if said != [code, name]:
        raise LocalRulesError(f"is named {code} {name}, and its class {' '.join(map(str, said))}")
    if not isinstance(getattr(kind, "severity", None), Severity):
        raise LocalRulesError("has no severity")
    if kind.executes or kind.compares_files or kind.judges_suppressions:
        raise LocalRulesError("sets what is for modlint's own rules")
    kind.folder = folder
    return kind()


class _Importer(MetaPathFinder, Loader):
    """Imports the files of a folder as a package of a name of its own, from their bytes."""

    def __init__(self, local: LocalRules) -> None:
        # The same files in two folders are two packages.
        self.package = f"modlint_{digest(local.folder.encode()).hex()}_{local.digest}"
        self.folder = local.folder
        self.sources = {file.removesuffix(".py"): content for file, content in local.sources}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package itself, or a file of it."""
        package, _, name = fullname.rpartition(".")
        if fullname == self.package:
            name = "__init__"
        elif package != self.package or name not in self.sources:
            return None
        spec = ModuleSpec(fullname, self, is_package=name == "__init__")
        spec.origin = os.path.join(self.folder, f"{name}.py")
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the bytes that were read."""
        assert module.__file__ is not None
        name = os.path.basename(module.__file__).removesuffix(".py")
        code = compile(self.sources.get(name, b""), module.__file__, "exec", dont_inherit=True)
        exec(code, vars(module))


def asked(rule: Rule, module: Module) -> list[Diagnostic]:
    """What a rule of the course finds; none where it fails, which ``module.faults`` then tells."""
    try:
        return list(_checked(rule, module))
    except (Exception, SystemExit) as error:
        path = os.path.join(rule.folder, file_name(rule.code, rule.name))
        row = _row_in(path, error)
        place = os.path.relpath(path) + (f":{row}" if row else "")
        message = f"{_words(error)} ({place})"
        module.faults.append(RuleFault(rule.code, message, _cell_at_fault(module, error)))
        return []


def _checked(rule: Rule, module: Module) -> Iterator[Diagnostic]:
    """The diagnostics, each held to what every output counts on."""
    guarded: dict[int, Fix] = {}
    for found in rule.check(module):
        if not isinstance(found, Diagnostic):
            raise TypeError(f"yields {type(found).__name__}, not a Diagnostic")
        in_file = isinstance(found.cell, int) and 0 <= found.cell < len(module.file.cells)
        is_placed = isinstance(found.start, Position) and isinstance(found.end, Position)
        is_told = isinstance(found.message, str) and isinstance(found.severity, Severity)
        if (found.code, found.name) != (rule.code, rule.name) or not is_told:
            raise ValueError("yields a diagnostic that is not this rule's; use self.diagnostic()")
        if not in_file or not is_placed:
            raise ValueError("yields a diagnostic whose place is not in the module")
        if found.fix is not None:
            fix = guarded.setdefault(id(found.fix), _guarded(found.fix))
            found = replace(found, fix=fix)
        yield found


def _guarded(fix: Fix) -> Fix:
    """The fix, with a ValueError for whatever goes wrong while it is made."""

    def rewrite() -> Patch:
        try:
            patch = fix.rewrite()
        except (Exception, SystemExit) as error:
            raise ValueError(_words(error)) from error
        if not isinstance(patch, Patch):
            raise ValueError(f"it is {type(patch).__name__}, not a Patch")
        return patch

    return replace(fix, rewrite=rewrite, alternatives=tuple(map(_guarded, fix.alternatives)))


def _words(error: BaseException) -> str:
    words = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return words if isinstance(error, LocalRulesError) else f"{type(error).__name__}: {words}"


def _row_in(path: str, error: BaseException) -> int | None:
    """The line of a file in which an exception came up; None where it was not there."""
    rows = [trace.tb_lineno for trace in _frames(error) if _file_of(trace) == path]
    return rows[-1] if rows else None


def _cell_at_fault(module: Module, error: BaseException) -> int | None:
    """The cell that the rule was at: one that the innermost frame of its code has in hand."""
    cells = {id(cell): index for index, cell in enumerate(module.file.cells)}
    for trace in reversed(list(_frames(error))):
        for value in reversed(list(trace.tb_frame.f_locals.values())):
            if isinstance(value, CodeUnit):
                value = value.cell
            if isinstance(value, Cell) and id(value) in cells:
                return cells[id(value)]
    return None


def _frames(error: BaseException) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _file_of(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename
