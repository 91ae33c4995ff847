"""Which settings are in force for which module file: the nearest file of settings above it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modlint.cache import Trace
from modlint.codes import codes
from modlint.discovery import Failure, ignore_spec
from modlint.notebook.grader_config import (
    GraderConfig,
    GraderConfigError,
    grader_config_above,
)
from modlint.settings import (
    RUNNING_FAMILY,
    LocalRules,
    Origin,
    Settings,
    SettingsError,
    did_you_mean,
    settings_in,
)

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Resolver:
    """Finds the settings of each module file, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``, which a selection of others in a
    file of settings does not mean. The files that are looked for are noted in ``trace``.
    What was read once is kept, and so is what is wrong with it: the methods raise
    :class:`SettingsError` each time.

    ``local_rules`` is a folder of rules that may run, named on the command line. ``not_run``
    are those that the settings name, that are in force and that the user does not trust.
    ``kind`` is what every file is for, whatever the settings say.
    """

    def __init__(
        self,
        select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
        *,
        executes: bool = False,
        trace: Trace | None = None,
        local_rules: str = "",
        kind: str = "",
    ) -> None:
        self.kind = kind
        self.select = select
        self.ignore = ignore
        self.executes = executes
        self.trace = trace or Trace()
        self.local_rules = local_rules
        self.not_run: list[Failure] = []
        self._known: dict[str, Settings | SettingsError] = {}
        self._graders: dict[str, GraderConfig | SettingsError] = {}
        self._joined: dict[tuple[int, GraderConfig], Settings] = {}
        self._ignores: dict[str, list[tuple[GitIgnoreSpec, tuple[str, ...]]]] = {}
        self._kinds: dict[str, list[tuple[GitIgnoreSpec, str]]] = {}

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
                read = settings_in(above, self.trace)
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
        settings = self._with_grader(self.at(os.path.dirname(absolute)), os.path.dirname(absolute))
        if not settings.per_file_ignores:
            return settings
        folder = settings.folder_of("per-file-ignores") or ""
        if settings.source not in self._ignores:
            pairs = settings.per_file_ignores.items()
            self._ignores[settings.source] = [(ignore_spec([p]), named) for p, named in pairs]
        relative = os.path.relpath(absolute, folder).replace(os.sep, "/")
        here: list[str] = []
        for spec, ignored in self._ignores[settings.source]:
            if spec.match_file(relative):
                here += ignored
        return replace(settings, ignored_here=tuple(here)) if here else settings

    def kind_said(self, path: str, settings: Settings) -> str:
        """What the user has said that a file is for: on the command line, or in ``settings``."""
        if self.kind or not settings.kinds:
            return self.kind
        if settings.source not in self._kinds:
            pairs = settings.kinds.items()
            self._kinds[settings.source] = [(ignore_spec([p]), kind) for p, kind in pairs]
        folder = settings.folder_of("kinds") or ""
        relative = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
        named = self._kinds[settings.source]
        return next((kind for spec, kind in named if spec.match_file(relative)), "")

    def _with_grader(self, settings: Settings, folder: str) -> Settings:
        """``settings`` with what the course tells nbgrader, for the modules in a folder.

        The same object for the same two.
        """
        found = self._graders.get(folder)
        if found is None:
            try:
                found = grader_config_above(folder, self.trace)
            except GraderConfigError as error:
                found = SettingsError(str(Origin(error.path, error.line)), str(error))
            self._graders[folder] = found
        if isinstance(found, SettingsError):
            raise found
        if found == settings.grader_config:
            return settings
        key = (id(settings), found)
        if key not in self._joined:
            self._joined[key] = replace(settings, grader_config=found)
        return self._joined[key]

    def leaves_none(self, settings: Settings) -> bool:
        """Whether all rules are out of force, and not for some files alone."""
        local = () if self.executes else settings.local.codes
        whole = replace(settings, ignored_here=()) if settings.ignored_here else settings
        return not any(map(whole.selects, (*codes(executes=self.executes), *local)))

    def _with_command_line(self, settings: Settings) -> Settings:
        origins = dict(settings.origins)
        if self.local_rules:
            settings = replace(settings, local_rules=self.local_rules)
            origins["local-rules"] = Origin()
        settings = replace(settings, origins=origins)
        if settings.local_rules:
            settings = replace(settings, local=self._local(settings))
        _check_codes(settings)
        means_others = self.executes and not any(
            code.startswith(settings.select) for code in codes(executes=True)
        )
        if self.select:
            settings = replace(settings, select=self.select, extend_select=())
            origins |= dict.fromkeys(("select", "extend-select"), Origin())
        elif means_others:
            settings = replace(settings, select=(RUNNING_FAMILY,), extend_select=())
        if self.ignore:
            settings = replace(settings, ignore=settings.ignore + self.ignore)
            origins["ignore"] = Origin()
        settings = replace(settings, origins=origins)
        if not settings.local.may_run and not self.executes:
            self._say_not_run(settings)
        return settings

    def _local(self, settings: Settings) -> LocalRules:
        """The rules of the course, and whether they may run."""
        from modlint.local import LocalRulesError, is_trusted, read_folder

        try:
            rules = read_folder(settings.path_of("local-rules"), self.trace)
        except LocalRulesError as error:
            place = str(settings.origins["local-rules"])
            message = f"'local-rules': {settings.local_rules}: {error}"
            raise SettingsError(place, message) from error
        return replace(rules, may_run=bool(self.local_rules) or is_trusted(rules, self.trace))

    def _say_not_run(self, settings: Settings) -> None:
        codes = [code for code in settings.local.codes if settings.selects(code)]
        if not codes:
            return
        folder = os.path.relpath(settings.local.folder)
        families = ",".join(dict.fromkeys(code[:3] for code in codes))
        message = (
            f"the rules in {folder} were not run: they are code, and new or changed since you "
            f"trusted them. Read them, then run `modlint trust {folder}`; or leave them out with "
            f"`--ignore {families}`"
        )
        self.not_run.append(Failure(str(settings.origins["local-rules"]), message))


def _check_codes(settings: Settings) -> None:
    """Raise :class:`SettingsError` where settings name a rule that does not exist."""
    named = {
        "select": settings.select,
        "extend-select": settings.extend_select,
        "ignore": settings.ignore,
        "per-file-ignores": [c for each in settings.per_file_ignores.values() for c in each],
    }
    known = (*codes(), *settings.local.codes)
    for key, prefixes in named.items():
        for prefix in prefixes:
            if not begins_one(prefix, known):
                near = nearest(prefix, settings.local.codes)
                message = f"{key!r}: no rule begins with {prefix!r}{near}"
                raise SettingsError(str(settings.origins[key]), message)
    if settings.evidence:
        _check_evidence(settings)


def _check_evidence(settings: Settings) -> None:
    from modlint.rules import all_rules
    from modlint.rules.evidence import EvidenceRule

    able = [rule.name for rule in all_rules() if isinstance(rule, EvidenceRule)]
    for name in settings.evidence:
        if name not in able:
            near = did_you_mean(name, able) or "; see `modlint rule`"
            message = f"'evidence': no rule {name!r} looks for evidence{near}"
            raise SettingsError(str(settings.origins["evidence"]), message)


def begins_one(prefix: str, of: Iterable[str]) -> bool:
    """Whether a prefix selects any of the codes."""
    return any(code.startswith(prefix) for code in of)


def nearest(code: str, local: Iterable[str] = ()) -> str:
    """The end of a message about an unknown code: the nearest code or family, or where to look."""
    known = (*codes(), *local)
    families = {rule[:3] for rule in known}
    return did_you_mean(code, [*known, *sorted(families)]) or "; see `modlint rule`"
