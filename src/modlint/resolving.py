"""Which settings are in force for which module file: the nearest file of settings above it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modlint.discovery import ignore_spec
from modlint.rules import all_rules
from modlint.settings import Origin, Settings, SettingsError, did_you_mean, settings_in

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Resolver:
    """Finds the settings of each module file, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``, which a selection of others in a
    file of settings does not mean. What was read once is kept, and so is what is wrong
    with it: the methods raise :class:`SettingsError` each time.
    """

    def __init__(
        self, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), *, executes: bool = False
    ) -> None:
        self.select = select
        self.ignore = ignore
        self.executes = executes
        self._known: dict[str, Settings | SettingsError] = {}
        self._ignores: dict[str, list[tuple[GitIgnoreSpec, tuple[str, ...]]]] = {}

    def at(self, folder: str) -> Settings:
        """The settings in force in a folder."""
        passed = []
        found: Settings | SettingsError | None = None
        path = Path(os.path.abspath(folder))
        for above in (path, *path.parents):
            found = self._known.get(str(above))
            passed.append(str(above))
            if found is not None:
                break
            try:
                read = settings_in(above)
                found = self._with_command_line(read) if read else None
            except SettingsError as error:
                found = error
            if found is not None:
                break
        found = found or self._with_command_line(Settings())
        self._known.update(dict.fromkeys(passed, found))
        if isinstance(found, SettingsError):
            raise found
        return found

    def of(self, path: str) -> Settings:
        """The settings in force for a module file."""
        absolute = os.path.abspath(path)
        settings = self.at(os.path.dirname(absolute))
        if not settings.per_file_ignores:
            return settings
        folder = settings.folder_of("per-file-ignores") or ""
        if settings.source not in self._ignores:
            pairs = settings.per_file_ignores.items()
            self._ignores[settings.source] = [(ignore_spec([p]), codes) for p, codes in pairs]
        relative = os.path.relpath(absolute, folder).replace(os.sep, "/")
        codes: list[str] = []
        for spec, ignored in self._ignores[settings.source]:
            if spec.match_file(relative):
                codes += ignored
        return replace(settings, ignored_here=tuple(codes)) if codes else settings

    def _with_command_line(self, settings: Settings) -> Settings:
        _check_codes(settings)
        origins = dict(settings.origins)
        able = [rule.code for rule in all_rules() if rule.executes is self.executes]
        means_others = self.executes and not any(code.startswith(settings.select) for code in able)
        if self.select or means_others:
            settings = replace(settings, select=self.select, extend_select=())
            origins |= dict.fromkeys(("select", "extend-select"), Origin()) if self.select else {}
        if self.ignore:
            settings = replace(settings, ignore=settings.ignore + self.ignore)
            origins["ignore"] = Origin()
        return replace(settings, origins=origins)


def _check_codes(settings: Settings) -> None:
    """Raise :class:`SettingsError` where settings name a rule that does not exist."""
    codes = [rule.code for rule in all_rules()]
    named = {
        "select": settings.select,
        "extend-select": settings.extend_select,
        "ignore": settings.ignore,
        "per-file-ignores": [c for each in settings.per_file_ignores.values() for c in each],
    }
    for key, prefixes in named.items():
        for prefix in prefixes:
            if not begins_one(prefix, codes):
                message = f"{key!r}: no rule begins with {prefix!r}{nearest(prefix)}"
                raise SettingsError(str(settings.origins[key]), message)


def begins_one(prefix: str, codes: Iterable[str]) -> bool:
    """Whether a prefix selects any of the codes."""
    return any(code.startswith(prefix) for code in codes)


def nearest(code: str) -> str:
    """The end of a message about an unknown code: the nearest code or family, or where to look."""
    rules = [rule.code for rule in all_rules()]
    families = {rule[:3] for rule in rules}
    return did_you_mean(code, [*rules, *sorted(families)]) or "; see `modlint rule`"
