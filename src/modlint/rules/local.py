"""The rules that a course adds, loaded and asked.

What of their folder is run are the bytes that were read and compared with what the user
trusts: no file is read a second time, and no compiled file (``__pycache__``) that somebody
put beside them is ever taken.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from modlint.analysis.module import Module
from modlint.cache import digest
from modlint.diagnostics import Diagnostic, Fix, Patch, Position, RuleFault, Severity
from modlint.local import LocalRulesError, file_name
from modlint.rules import is_in_force
from modlint.rules.base import FAILURES, Rule
from modlint.rules.failing import account_of, row_in, words_of
from modlint.settings import LocalRules, Settings


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
        except FAILURES as error:
            row = error.lineno if isinstance(error, SyntaxError) else row_in(path, error)
            at, text = os.path.relpath(path), account_of(error)
            faults.append(RuleFault(code, _words(error), path=at, row=row, traceback=text))
    return Loaded(tuple(sorted(rules, key=lambda rule: rule.code)), tuple(faults))


def not_loaded(settings: Settings) -> list[RuleFault]:
    """What went wrong with the rules that are in force in ``settings`` and are not there."""
    if not any(is_in_force(code, settings) for code in settings.local.codes):
        return []
    return [fault for fault in loaded(settings.local).faults if is_in_force(fault.code, settings)]


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


def held(rule: Rule, module: Module, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The diagnostics of a course's own rule, each held to what every output counts on."""
    guarded: dict[int, Fix] = {}
    for found in diagnostics:
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
        except FAILURES as error:
            raise ValueError(words_of(error)) from error
        if not isinstance(patch, Patch):
            raise ValueError(f"it is {type(patch).__name__}, not a Patch")
        return patch

    return replace(fix, rewrite=rewrite, alternatives=tuple(map(_guarded, fix.alternatives)))


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, LocalRulesError) else words_of(error)
