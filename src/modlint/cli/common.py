"""What the commands share: options, files to check, colour, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from modlint.discovery import Failure, discover
from modlint.modules import Checked, Find, check_bytes, check_path, twin_path
from modlint.output.text import printable
from modlint.rules import all_rules
from modlint.rules.base import Rule
from modlint.rules.evidence import EvidenceRule
from modlint.settings import RUNNING_FAMILY, Settings, SettingsError, find_settings

CLEAN, FOUND, FAILED = 0, 1, 2
_STDIN = "<stdin>"

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
            click.option("--stdin-filename", metavar="NAME", default=_STDIN,
                         help="The name of what is read from standard input with `-`."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def output_option(function: _F) -> _F:
    """The choice of the format in which diagnostics are written."""
    option = click.option(
        "--output-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to write the diagnostics.",
    )
    return option(function)


def show_all(checked: list[Checked], output_format: str) -> None:
    """Write the diagnostics of all files in the chosen format."""
    if output_format == "json":
        from modlint.output.json import render
    else:
        from modlint.output.text import render
    if checked or output_format == "json":
        show(render(checked))


def limit_options(function: _F) -> _F:
    """How much time and memory a module that is run may take."""
    for decorate in (
        click.option("--memory", type=click.IntRange(min=64), default=4096, show_default=True,
                     metavar="MB", help="The most memory that a module may take when it runs."),
        click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60,
                     show_default=True, metavar="SECONDS",
                     help="The longest that the import, the script run and each test may take."),
    ):  # fmt: skip
        function = decorate(function)
    return function


def _codes(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    codes = tuple(c.strip().upper() for part in value for c in part.split(",") if c.strip())
    for code in codes:
        if not _begins(code, all_rules()):
            raise click.BadParameter(f"no rule begins with {code!r}; see `modlint rule`")
    return codes


def _begins(code: str, rules: Iterable[Rule]) -> bool:
    return any(rule.code.startswith(code) for rule in rules)


def settings_for(
    select: tuple[str, ...], ignore: tuple[str, ...], *, executes: bool = False
) -> Settings:
    """The settings of the current folder, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``, which a selection of others in a
    file of settings does not mean.
    """
    able = [rule for rule in all_rules() if rule.executes is executes]
    for code in select:
        if not _begins(code, able):
            other = "check" if executes else "verify"
            raise click.UsageError(f"{code} belongs to `modlint {other}`")
    try:
        settings = find_settings(Path.cwd())
    except SettingsError as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    for code in (*settings.select, *settings.ignore):
        if not _begins(code, all_rules()):
            say(f"error: settings: no rule begins with {code!r}; see `modlint rule`")
            sys.exit(FAILED)
    named = {rule.name for rule in all_rules() if isinstance(rule, EvidenceRule)}
    for name in sorted(set(settings.evidence) - named):
        say(f"error: settings: no rule {name!r} looks for evidence; see `modlint rule`")
        sys.exit(FAILED)
    if executes and not (select or any(_begins(code, able) for code in settings.select)):
        select = (RUNNING_FAMILY,)
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
                return
            data = sys.stdin.buffer.read()
            if self.stdin_name == _STDIN and data.lstrip().startswith(b"{"):
                advice = "looks like a notebook: say so with `--stdin-filename NAME.ipynb`"
                yield Failure(_STDIN, advice)
            else:
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
