"""What the commands share: options, files to check, colour, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from modlint.discovery import Failure, discover
from modlint.modules import Checked, Find, check_bytes, check_path, twin_path
from modlint.output.text import printable
from modlint.rules import all_rules
from modlint.rules.evidence import EvidenceRule
from modlint.settings import Settings, SettingsError, find_settings

CLEAN, FOUND, FAILED = 0, 1, 2

_F = TypeVar("_F", bound=Callable[..., Any])


def module_options(function: _F) -> _F:
    """The arguments of every command that reads modules."""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]..."),
            click.option("--select", multiple=True, metavar="CODES", callback=_codes,
                         help="Only these rules: codes or prefixes, separated by commas."),
            click.option("--ignore", multiple=True, metavar="CODES", callback=_codes,
                         help="All but these rules."),
            click.option("--stdin-filename", metavar="NAME", default="<stdin>",
                         help="The name of what is read from standard input with `-`."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def _codes(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    codes = tuple(c.strip().upper() for part in value for c in part.split(",") if c.strip())
    for code in codes:
        if not _is_known(code):
            raise click.BadParameter(f"no rule begins with {code!r}; see `modlint rule`")
    return codes


def _is_known(code: str) -> bool:
    return any(rule.code.startswith(code) for rule in all_rules())


def settings_for(select: tuple[str, ...], ignore: tuple[str, ...]) -> Settings:
    """The settings of the current folder, with the command line's on top."""
    try:
        settings = find_settings(Path.cwd())
    except SettingsError as error:
        say(f"error: {error}")
        sys.exit(FAILED)
    for code in (*settings.select, *settings.ignore):
        if not _is_known(code):
            say(f"error: settings: no rule begins with {code!r}; see `modlint rule`")
            sys.exit(FAILED)
    named = {rule.name for rule in all_rules() if isinstance(rule, EvidenceRule)}
    for name in sorted(set(settings.evidence) - named):
        say(f"error: settings: no rule {name!r} looks for evidence; see `modlint rule`")
        sys.exit(FAILED)
    if select:
        settings = replace(settings, select=select)
    if ignore:
        settings = replace(settings, ignore=settings.ignore + ignore)
    return settings


class Run:
    """The modules of one run: those that could be checked, and what could not.

    ``pairs``: whether a module is held against its notebook, as they are now. ``find``
    finds the diagnostics, if not the rules of ``check`` do.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        settings: Settings,
        stdin_name: str,
        *,
        pairs: bool = True,
        find: Find | None = None,
    ) -> None:
        self.paths = paths or (".",)
        self.settings = settings
        self.stdin_name = stdin_name
        self.pairs = pairs
        self.find = find
        #: The absolute paths of all module files of the run, once it has begun.
        self.found: set[str] = set()
        #: What could not be checked (or written), as it was told.
        self.failures: list[Failure] = []
        self.count = 0

    def modules(self) -> Iterator[Checked]:
        """Each module file with its diagnostics; failures are told at once, the rest goes on."""
        for found in self._found():
            if isinstance(found, Failure):
                self.fail(found)
            else:
                self.count += 1
                yield found
        if not self.count and not self.failed:
            say(f"error: no module files found in {', '.join(map(printable, self.paths))}")

    def _found(self) -> Iterator[Checked | Failure]:
        if "-" in self.paths:
            if len(self.paths) > 1:
                raise click.UsageError("`-` stands alone: standard input is the one module.")
            if sys.stdin is None:
                yield Failure("-", "standard input is closed")
            else:
                data = sys.stdin.buffer.read()
                yield check_bytes(self.stdin_name, data, self.settings, find=self.find)
            return
        found = list(discover(self.paths, self.settings))
        self.found = {os.path.abspath(path) for path in found if isinstance(path, str)}
        for path in found:
            if isinstance(path, Failure):
                yield path
            else:
                twin = twin_path(path, self.found) if self.pairs else None
                yield check_path(path, self.settings, twin, self.find)

    def fail(self, failure: Failure) -> None:
        """Tell that a path could not be checked (or written)."""
        self.failures.append(failure)
        say(f"error: {printable(str(failure))}")

    @property
    def failed(self) -> bool:
        """Whether something could not be checked (or written)."""
        return bool(self.failures)

    def exit_code(self, found: bool) -> int:
        """0 clean, 1 something found, 2 something could not be done."""
        if self.failed or not self.count:
            return FAILED
        return FOUND if found else CLEAN


def say(message: str) -> None:
    """A word to the user, on standard error."""
    click.echo(message, err=True)


def show(text: str) -> None:
    """The result, on standard output, coloured where a terminal (or FORCE_COLOR) wants it."""
    click.echo(text, color=wants_colour(sys.stdout))


def wants_colour(stream: IO[Any] | None) -> bool:
    """Whether to colour: FORCE_COLOR and NO_COLOR decide, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream is not None and stream.isatty())
