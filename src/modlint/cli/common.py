"""What the commands share: options, files to check, colour, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modlint import cache
from modlint.cache import Trace, wants_colour
from modlint.codes import codes
from modlint.discovery import Failure, discover, twin_path
from modlint.output.text import printable
from modlint.reports import Report
from modlint.settings import RUNNING_FAMILY, Settings, SettingsError, find_settings

if TYPE_CHECKING:
    from modlint.modules import Checked, Find
    from modlint.workers import Task

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


def wants_changes(output_format: str) -> bool:
    """Whether the format tells what each fix changes."""
    return output_format == "json"


def show_all(reports: list[Report], output_format: str) -> str:
    """Write the findings of all files in the chosen format; what was written."""
    if output_format == "json":
        from modlint.output.json import render
    else:
        from modlint.output.text import render
    if not reports and output_format != "json":
        return ""
    return show(render(reports))


def limit_options(function: _F) -> _F:
    """How much time and memory a module that is run may take."""
    for decorate in (
        click.option("--memory", type=click.IntRange(64, 2**20), default=4096, show_default=True,
                     metavar="MB", help="The most memory that a module may take when it runs."),
        click.option("--timeout", type=click.FloatRange(0, 86_400, min_open=True), default=60,
                     show_default=True, metavar="SECONDS", callback=_number,
                     help="The longest that the import, the script run and each test may take."),
    ):  # fmt: skip
        function = decorate(function)
    return function


def _number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is no number of seconds")
    return value


def _codes(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    wanted = tuple(c.strip().upper() for part in value for c in part.split(",") if c.strip())
    for code in wanted:
        if not _begins(code, codes()):
            raise click.BadParameter(f"no rule begins with {code!r}; see `modlint rule`")
    return wanted


def _begins(prefix: str, of: tuple[str, ...]) -> bool:
    return any(code.startswith(prefix) for code in of)


def settings_for(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    *,
    executes: bool = False,
    trace: Trace | None = None,
) -> Settings:
    """The settings of the current folder, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``, which a selection of others in a
    file of settings does not mean. The files that are looked for are noted in ``trace``.
    """
    able = codes(executes=executes)
    for code in select:
        if not _begins(code, able):
            other = "check" if executes else "verify"
            raise click.UsageError(f"{code} belongs to `modlint {other}`")
    try:
        settings = find_settings(Path.cwd(), trace)
    except SettingsError as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    for code in (*settings.select, *settings.ignore):
        if not _begins(code, codes()):
            say(f"error: settings: no rule begins with {code!r}; see `modlint rule`")
            sys.exit(FAILED)
    if settings.evidence:
        _require_evidence_rules(settings)
    if executes and not (select or any(_begins(code, able) for code in settings.select)):
        select = (RUNNING_FAMILY,)
    if select:
        settings = replace(settings, select=select)
    if ignore:
        settings = replace(settings, ignore=settings.ignore + ignore)
    return settings


def _require_evidence_rules(settings: Settings) -> None:
    from modlint.rules import all_rules
    from modlint.rules.evidence import EvidenceRule

    named = {rule.name for rule in all_rules() if isinstance(rule, EvidenceRule)}
    for name in sorted(set(settings.evidence) - named):
        say(f"error: settings: no rule {name!r} looks for evidence; see `modlint rule`")
        sys.exit(FAILED)


class Run:
    """The modules of one run: those that could be checked, and what could not.

    ``pairs``: whether a module is held against its notebook, as they are now. ``find``
    finds the diagnostics, if not the rules of ``check`` do. What is looked at is noted
    in ``trace``.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        settings: Settings,
        stdin_name: str,
        *,
        pairs: bool = True,
        find: Find | None = None,
        trace: Trace | None = None,
    ) -> None:
        if stdin_name != _STDIN and paths not in ((), ("-",)):
            raise click.UsageError(
                "`--stdin-filename` names what `-` reads; it goes with no paths."
            )
        self.paths = paths or (("-",) if stdin_name != _STDIN else (".",))
        self.settings = settings
        self.stdin_name = stdin_name
        self.pairs = pairs
        self.find = find
        self.trace = trace or Trace()
        #: The absolute paths of all module files of the run, once it has begun.
        self.found: set[str] = set()
        #: What could not be checked (or written), as it was told.
        self.failures: list[Failure] = []
        self.count = 0

    def modules(self) -> Iterator[Checked]:
        """Each module file with its diagnostics; failures are told at once, the rest goes on."""
        from modlint.modules import check_bytes, check_path

        for item in self._stdin() if "-" in self.paths else self._files():
            if isinstance(item, Failure):
                checked: Checked | Failure = item
            elif isinstance(item, bytes):
                checked = check_bytes(self.stdin_name, item, self.settings, find=self.find)
            else:
                path, twin = item
                checked = check_path(path, self.settings, twin, self.find)
            if isinstance(checked, Failure):
                self.fail(checked)
            else:
                self.count += 1
                yield checked
        self._say_if_none()

    def reports(self, *, with_changes: bool, jobs: int | None, cached: bool) -> Iterator[Report]:
        """The report of each module file, as :meth:`modules` would find it.

        At most ``jobs`` processes share the work, by default one a core. Where it is
        ``cached``, it is only that which no earlier run has done.
        """
        if "-" in self.paths:
            from modlint.reports import report_of

            for checked in self.modules():
                yield report_of(checked, with_changes=with_changes)
            return
        results = cache.Results(self.settings) if cached else None
        files = list(self._files())
        known = self._known(files, results, with_changes) if results else {}
        tasks = [file for file in files if not isinstance(file, Failure) and file not in known]
        with closing(_check_all(tasks, self.settings, with_changes, jobs)) as outcomes:
            for file in files:
                if isinstance(file, Failure):
                    self.fail(file)
                    continue
                outcome = known.get(file) or next(outcomes)
                if isinstance(outcome, Failure):
                    self.fail(outcome)
                    continue
                if results and file not in known:
                    results.keep(*file, self.trace, outcome.content, outcome.to_data())
                self.count += 1
                yield outcome
        if results and tasks:
            cache.trim()
        self._say_if_none()

    def _known(
        self, files: list[Task | Failure], results: cache.Results, with_changes: bool
    ) -> dict[Task, Report]:
        """What earlier runs have found."""
        known = {}
        for file in files:
            if isinstance(file, Failure):
                continue
            data = results.find(*file, self.trace)
            report = Report.from_data(data) if data else None
            if report and (report.has_changes or not with_changes):
                known[file] = report
        return known

    def _say_if_none(self) -> None:
        if not self.count and not self.failed:
            say(f"error: no module files found in {', '.join(map(printable, self.paths))}")

    def _stdin(self) -> Iterator[bytes | Failure]:
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
            yield data

    def _files(self) -> Iterator[Task | Failure]:
        """Each file to check with the other one of its pair, and what stands in the way."""
        found = list(discover(self.paths, self.settings, self.trace))
        self.found = {os.path.abspath(path) for path in found if isinstance(path, str)}
        for path in found:
            if isinstance(path, Failure):
                yield path
            else:
                yield path, twin_path(path, self.found, self.trace) if self.pairs else None

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


def show(text: str) -> str:
    """Write the result on standard output, coloured where that is wanted; what was written."""
    if not wants_colour(sys.stdout):
        text = click.unstyle(text)
    click.echo(text, color=True)
    return f"{text}\n"


def _check_all(
    tasks: list[Task], settings: Settings, with_changes: bool, jobs: int | None
) -> Generator[Report | Failure, None, None]:
    if tasks:
        from modlint.workers import check_all

        yield from check_all(tasks, settings, with_changes=with_changes, jobs=jobs)
