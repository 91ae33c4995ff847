"""What the commands share: options, files to check, colour, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar

import click

from modlint.discovery import Failure, Note, discover, ignore_spec
from modlint.modules import Checked, Find, check_bytes, check_path, twin_path
from modlint.output.text import printable
from modlint.resolving import Resolver, begins_one, nearest
from modlint.rules import all_rules
from modlint.settings import Settings, SettingsError

CLEAN, FOUND, FAILED = 0, 1, 2
_STDIN = "<stdin>"

_F = TypeVar("_F", bound=Callable[..., Any])


def code_options(function: _F) -> _F:
    """The choice of rules."""
    for decorate in reversed(
        (
            click.option("--select", multiple=True, metavar="CODES", callback=_codes,
                         help="Only these rules: codes or prefixes, separated by commas."),
            click.option("--ignore", multiple=True, metavar="CODES", callback=_codes,
                         help="All but these rules."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def module_options(function: _F) -> _F:
    """The arguments of every command that reads modules."""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATHS]..."),
            code_options,
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


def show_all(checked: list[Checked], output_format: str, *, summary: bool = True) -> None:
    """Write the diagnostics of all files in the chosen format; as text, with a summary."""
    if output_format == "json":
        from modlint.output.json import render
    else:
        from modlint.output.text import render
    if output_format == "text" and not summary:
        checked = [result for result in checked if result.diagnostics]
    if checked or output_format == "json":
        text = render(checked)
        show(text if summary or output_format == "json" else text.rpartition("\n")[0])


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
        if not begins_one(code, [rule.code for rule in all_rules()]):
            raise click.BadParameter(f"no rule begins with {code!r}{nearest(code)}")
    return codes


def settings_for(
    select: tuple[str, ...], ignore: tuple[str, ...], *, executes: bool = False
) -> Resolver:
    """What finds the settings of each module, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``.
    """
    able = [rule.code for rule in all_rules() if rule.executes is executes]
    for code in select:
        if not begins_one(code, able):
            other = "check" if executes else "verify"
            raise click.UsageError(f"{code} belongs to `modlint {other}`")
    return Resolver(select, ignore, executes=executes)


class Run:
    """The modules of one run: those that could be checked, and what could not.

    ``pairs``: whether a module is held against its notebook, as they are now. ``find``
    finds the diagnostics, if not the rules of ``check`` do. ``note`` is told what is passed
    over. Without ``paths``, what the settings include is checked, in the current folder.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        resolver: Resolver,
        stdin_name: str,
        *,
        pairs: bool = True,
        find: Find | None = None,
        note: Note | None = None,
    ) -> None:
        self.paths = paths or (".",)
        self.takes_included = not paths
        self.resolver = resolver
        self.note = note
        self.stdin_name = stdin_name
        self.pairs = pairs
        self.find = find
        #: The absolute paths of all module files of the run, once it has begun.
        self.found: set[str] = set()
        self.failed = False
        self._told: set[str] = set()  # faulty settings are those of many modules
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
                with_settings = self._settings_of(self.stdin_name)
                if isinstance(with_settings, Failure):
                    yield with_settings
                else:
                    yield check_bytes(self.stdin_name, data, with_settings, find=self.find)
            return
        found = list(self.files())
        self.found = {os.path.abspath(path) for path in found if isinstance(path, str)}
        for path in found:
            settings = path if isinstance(path, Failure) else self._settings_of(path)
            if isinstance(path, Failure):
                yield path
            elif isinstance(settings, Failure):
                yield settings
            else:
                twin = twin_path(path, self.found) if self.pairs else None
                yield check_path(path, settings, twin, self.find)

    def files(self) -> Iterator[str | Failure]:
        """The paths of the module files of the run, and what stands in the way."""
        found = discover(self.paths, self.resolver.at, self.note)
        try:
            here = self.resolver.at(".")
        except SettingsError:
            here = None  # told for each module
        if here is None or not here.include or not self.takes_included:
            yield from found
            return
        folder = here.folder_of("include") or ""
        included = ignore_spec(here.include)
        for path in found:
            relative = os.path.relpath(str(path), folder).replace(os.sep, "/")
            if isinstance(path, Failure) or included.match_file(relative):
                yield path
            elif self.note:
                self.note(path, f"not in `include` of {here.origins['include']}")

    def _settings_of(self, path: str) -> Settings | Failure:
        try:
            return self.resolver.of(path)
        except SettingsError as error:
            return Failure(error.place, error.message)

    def fail(self, failure: Failure) -> None:
        """Tell that a path could not be checked (or written)."""
        self.failed = True
        if (message := str(failure)) not in self._told:
            self._told.add(message)
            say(f"error: {printable(message)}")

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
