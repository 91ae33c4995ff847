"""What the commands share: options, files to check, colour, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from modlint import cache
from modlint.cache import Trace, wants_colour
from modlint.cli.progress import hidden, tracked
from modlint.cli.target import target
from modlint.codes import codes
from modlint.discovery import Failure, Note, Task, discover, ignore_spec, twin_path
from modlint.output.text import printable
from modlint.reports import Report
from modlint.resolving import Resolver, begins_one, nearest
from modlint.settings import Settings, SettingsError

if TYPE_CHECKING:
    from modlint.modules import Checked, Find

CLEAN, FOUND, FAILED = 0, 1, 2
STDIN = "<stdin>"
_LOCAL_RULES = "modlint.local_rules"
#: The formats of diagnostics that are read by people.
FOR_READERS = ("concise", "grouped", "full")
FORMATS = (*FOR_READERS, "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson")

_NO_RULE = "no rule is left to check"

_F = TypeVar("_F", bound=Callable[..., Any])


def local_rules_option(function: _F) -> _F:
    """The folder of the course's own rules; :func:`settings_for` reads it from the context."""
    option = click.option(
        "--local-rules",
        type=click.Path(),
        metavar="FOLDER",
        expose_value=False,
        callback=_note_local_rules,
        help="RUN the course's own rules in FOLDER, too, in place of those of the settings.",
    )
    return option(function)


def _note_local_rules(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> None:
    context.meta[_LOCAL_RULES] = value


def named_local_rules() -> str:
    """The folder of the option, as an absolute path; empty where it is not given."""
    folder = click.get_current_context().meta.get(_LOCAL_RULES)
    return os.path.abspath(folder) if folder else ""


def code_options(function: _F) -> _F:
    """The choice of rules."""
    for decorate in reversed(
        (
            click.option("--select", multiple=True, metavar="CODES", callback=_codes,
                         help="Only these rules: codes or prefixes, separated by commas."),
            click.option("--ignore", multiple=True, metavar="CODES", callback=_codes,
                         help="All but these rules."),
            local_rules_option,
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def module_options(function: _F) -> _F:
    """The arguments of every command that reads modules."""
    for decorate in reversed(
        (
            # Not `readable`: one that is not stops click, and with it the check of all others.
            click.argument("paths", nargs=-1, type=click.Path(readable=False),
                           metavar="[PATHS]..."),
            code_options,
            click.option("--stdin-filename", metavar="NAME", default=STDIN,
                         help="The name of what is read from standard input with `-`."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def output_options(function: _F) -> _F:
    """The format in which diagnostics are written, and the file to write them to."""
    for decorate in reversed(
        (
            click.option("--output-format", type=click.Choice(FORMATS), default="concise",
                         show_default=True, help="How to write the diagnostics."),
            click.option("--output-file", "-o", type=click.Path(readable=False), metavar="FILE",
                         callback=target,
                         help="Write them to FILE instead, all or nothing."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def wants_changes(output_format: str) -> bool:
    """Whether the format tells what each fix changes."""
    return output_format in ("json", "json-lines", "rdjson", "sarif")


def show_all(
    run: Run,
    reports: list[Report],
    output_format: str,
    output_file: str | None = None,
    *,
    summary: bool = True,
    doubt: str = "",
) -> str | None:
    """Write all that the run has found in the chosen format; what was written.

    For a reader, with a ``summary``, which also tells a ``doubt``; where a file was written,
    the terminal has that alone.
    None where the same run could write something else another time or elsewhere.
    """
    from modlint.output.results import WIDTH, Results
    from modlint.output.text import summary as summed

    is_shown = output_format == "full" and output_file is None and _is_terminal(sys.stdout)
    width = WIDTH
    if is_shown:
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    failures = list(run.failures)
    if not run.count and not failures:
        failures = [run.none]
    results = Results(reports, failures, run.trace, width)
    text = import_module(f"modlint.output.{output_format.replace('-', '_')}").render(results)
    last = summed(reports, len(failures), doubt) if summary and reports else ""
    for_readers = output_format in FOR_READERS
    if not last:
        text = text.rstrip("\n")
    if output_file is not None:
        told = [f"error: {printable(str(failure))}" for failure in failures] if for_readers else []
        parts = (*told, text, last if for_readers else "")
        write_result(run, output_file, click.unstyle("".join(f"{p}\n" for p in parts if p)))
        if last:
            show(last)
        return None
    parts = (text, last if for_readers else "")
    text = "\n".join(part for part in parts if part)
    shown = show(text) if text else ""
    return None if is_shown else shown


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at it; there is no standard output where it was closed."""
    return stream is not None and stream.isatty()


def write_result(run: Run, path: str, text: str) -> None:
    """Write the result of a run to a file; where that cannot be done, say so and exit."""
    from modlint.writing import NotWritten, write_whole

    if os.path.realpath(path) in map(os.path.realpath, run.trace.seen):
        say(f"error: {printable(path)}: was read by this run, not written")
        sys.exit(FAILED)
    try:
        write_whole(path, text.encode("utf-8"))
    except NotWritten as error:
        say(f"error: {printable(path)}: {error}")
        sys.exit(FAILED)


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
    named = tuple(c.strip().upper() for part in value for c in part.split(",") if c.strip())
    if value and not named and parameter.name == "select":
        raise click.BadParameter(_NO_RULE)
    return named


def settings_for(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    *,
    executes: bool = False,
    trace: Trace | None = None,
) -> Resolver:
    """What finds the settings of each module, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``. The files that are looked for are
    noted in ``trace``.
    """
    context = click.get_current_context()
    local_rules = named_local_rules()
    resolver = Resolver(select, ignore, executes=executes, trace=trace, local_rules=local_rules)
    local: tuple[str, ...] = ()
    if not all(begins_one(code, codes()) for code in (*select, *ignore)):
        local = _local_codes(resolver, context.params.get("paths") or ())
    for option, chosen in (("--select", select), ("--ignore", ignore)):
        for code in chosen:
            if not begins_one(code, (*codes(), *local)):
                message = f"no rule begins with {code!r}{nearest(code, local)}"
                raise click.BadParameter(message, param_hint=f"'{option}'")
    able = codes(executes=executes) if executes else (*codes(executes=False), *local)
    for code in select:
        if not begins_one(code, able):
            other = "check" if executes else "verify"
            raise click.UsageError(f"{code} belongs to `modlint {other}`")
    return resolver


def _local_codes(resolver: Resolver, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of the rules that the settings of ``paths`` (or of here) name."""
    found: dict[str, None] = {}
    for path in paths or (".",):
        with suppress(SettingsError):  # told for each module
            at = path if os.path.isdir(path) else os.path.dirname(path) or "."
            found |= dict.fromkeys(resolver.at(at).local.codes)
    return tuple(found)


class Run:
    """The modules of one run: those that could be checked, and what could not.

    ``pairs``: whether a module is held against its notebook, as they are now. ``find``
    finds the diagnostics, if not the rules of ``check`` do. ``note`` is told what is passed
    over. What is looked at is noted in ``trace``. Without ``paths``, what the settings
    include is checked, in the current folder.
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
        trace: Trace | None = None,
    ) -> None:
        if stdin_name != STDIN and paths not in ((), ("-",)):
            raise click.UsageError(
                "`--stdin-filename` names what `-` reads; it goes with no paths."
            )
        self.paths = paths or (("-",) if stdin_name != STDIN else (".",))
        self.takes_included = not paths and "-" not in self.paths
        self.resolver = resolver
        self.note = note
        self.stdin_name = stdin_name
        self.pairs = pairs
        self.find = find
        self.trace = trace or Trace()
        #: The absolute paths of all module files of the run, once it has begun.
        self.found: set[str] = set()
        #: What could not be checked (or written), as it was told, in order.
        self.failures: dict[Failure, None] = {}
        self.count = 0
        #: What stood on standard input, once that was read.
        self.stdin_data = b""
        #: Whether to show, on a terminal, how far the run is.
        self.shows_progress = True

    def modules(self) -> Iterator[Checked]:
        """Each module file with its diagnostics; failures are told at once, the rest goes on."""
        from modlint.modules import check_bytes, check_path

        for item in self._stdin() if "-" in self.paths else self._tracked(list(self._tasks())):
            checked: Checked | Failure
            if isinstance(item, Failure):
                checked = item
            elif isinstance(item, Task):
                checked = check_path(item.path, item.settings, item.twin, self.find)
            else:
                data, settings = item
                checked = check_bytes(self.stdin_name, data, settings, find=self.find)
            if isinstance(checked, Failure):
                self.fail(checked)
            else:
                self.count += 1
                self._fail_all(checked.faults)
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
        results = cache.Results() if cached else None
        items = list(self._tasks())
        known = self._known(items, results, with_changes) if results else {}
        tasks = [item for item in items if isinstance(item, Task) and item.path not in known]
        with closing(_check_all(tasks, with_changes, jobs)) as outcomes:
            for item in self._tracked(items):
                if isinstance(item, Failure):
                    self.fail(item)
                    continue
                outcome = known.get(item.path) or next(outcomes)
                if isinstance(outcome, Failure):
                    self.fail(outcome)
                    continue
                self._fail_all(outcome.faults)
                if results and item.path not in known and not outcome.faults:
                    results.keep(*item, self.trace, outcome.content, outcome.to_data())
                self.count += 1
                yield outcome
        if results and tasks:
            cache.trim()
        self._say_if_none()

    def _tracked(self, items: list[Task | Failure]) -> Iterable[Task | Failure]:
        return tracked(items) if self.shows_progress else items

    def _known(
        self, items: list[Task | Failure], results: cache.Results, with_changes: bool
    ) -> dict[str, Report]:
        """What earlier runs have found, by path."""
        known = {}
        for item in items:
            if isinstance(item, Failure):
                continue
            data = results.find(*item, self.trace)
            report = Report.from_data(data) if data else None
            if report and (report.has_changes or not with_changes):
                known[item.path] = report
        return known

    def _say_if_none(self) -> None:
        if not self.count and not self.failed:
            say(f"error: {self.none.message}")

    @property
    def none(self) -> Failure:
        """What is to be said of a run that has found no module file."""
        where = ", ".join(map(printable, self.paths))
        return Failure(self.paths[0], f"no module files found in {where}")

    def _stdin(self) -> Iterator[tuple[bytes, Settings] | Failure]:
        if len(self.paths) > 1:
            raise click.UsageError("`-` stands alone: standard input is the one module.")
        if sys.stdin is None:
            yield Failure("-", "standard input is closed")
            return
        self.stdin_data = data = sys.stdin.buffer.read()
        if self.stdin_name == STDIN and data.lstrip().startswith(b"{"):
            advice = "looks like a notebook: say so with `--stdin-filename NAME.ipynb`"
            yield Failure(STDIN, advice)
            return
        settings = self._settings_of(self.stdin_name)
        yield settings if isinstance(settings, Failure) else (data, settings)

    def files(self) -> Iterator[str | Failure]:
        """The paths of the module files of the run, and what stands in the way."""
        found = discover(self.paths, self.resolver.at, self.note, self.trace)
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

    def _tasks(self) -> Iterator[Task | Failure]:
        found = list(self.files())
        self.found = {os.path.abspath(path) for path in found if isinstance(path, str)}
        for path in found:
            if isinstance(path, Failure):
                yield path
                continue
            settings = self._settings_of(path)
            if isinstance(settings, Failure):
                yield settings
                continue
            twin = twin_path(path, self.found, self.trace) if self.pairs else None
            yield Task(path, twin, settings)

    def _settings_of(self, path: str) -> Settings | Failure:
        try:
            settings = self.resolver.of(path)
        except SettingsError as error:
            return Failure(error.place, error.message)
        self._fail_all(self.resolver.not_run)
        is_report = self.find is not None and not self.resolver.executes  # has its own choice
        if not is_report and self.resolver.leaves_none(settings):
            origins = settings.origins
            return Failure(str(origins.get("ignore") or origins["select"]), _NO_RULE)
        return settings

    def _fail_all(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self.fail(failure)

    def fail(self, failure: Failure) -> None:
        """Tell that a path could not be checked (or written)."""
        if failure in self.failures:
            return  # faulty settings are those of many modules
        self.failures[failure] = None
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
    with hidden():
        click.echo(message, err=True)


def show(text: str, *, err: bool = False) -> str:
    """Write the result on standard output, coloured where that is wanted; what was written.

    ``err``: on standard error.
    """
    if not wants_colour(sys.stderr if err else sys.stdout):
        text = click.unstyle(text)
    with hidden():
        click.echo(text, color=True, err=err)
    return f"{text}\n"


def _check_all(
    tasks: list[Task], with_changes: bool, jobs: int | None
) -> Generator[Report | Failure, None, None]:
    if tasks:
        from modlint.workers import check_all

        yield from check_all(tasks, with_changes=with_changes, jobs=jobs)
