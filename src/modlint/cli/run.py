"""The modules of one run, each checked or reported as a failure."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modlint import cache
from modlint.cache import Trace
from modlint.cli.progress import tracked
from modlint.cli.telling import CLEAN, FAILED, FOUND, say
from modlint.discovery import Failure, Note, Task, discover, ignore_spec, twin_path
from modlint.notebook.kinds import Kind, Purpose
from modlint.output.text import printable, skipped_files
from modlint.reports import Report
from modlint.resolving import Resolver
from modlint.settings import Settings, SettingsError

if TYPE_CHECKING:
    from modlint.cli.mending import Mended, Mending
    from modlint.fixing.engine import Outcome
    from modlint.modules import Checked, Find
    from modlint.workers import Job

T = TypeVar("T")

STDIN = "<stdin>"
NO_RULE = "no rule is left to check"
#: Where click keeps whether named files are skipped as those in folders are.
FORCE_EXCLUDE = "modlint.force_exclude"
_CONVERT = "modlint reads the percent format: `jupytext --to py:percent FILE` converts it"


class Run:
    """The modules of one run: those that could be checked, and what could not.

    ``pairs``: whether a module is held against its notebook, as they are now. ``find``
    finds the diagnostics, if not the rules of ``check`` do. ``note`` takes what is skipped, and
    why. What is looked at is noted in ``trace``. Without ``paths``, what the settings include is
    checked, in the current folder. ``needs_rules``: whether settings that leave no rule in force
    are an error; a review has a choice of its own. ``tracebacks``: of what fails in modlint or in
    a rule, Python's own account is printed, too.
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
        needs_rules: bool = True,
        tracebacks: bool = False,
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
        self.needs_rules = needs_rules
        self.tracebacks = tracebacks
        self.trace = trace or Trace()
        #: The absolute paths of all module files of the run, once it has begun.
        self.found: set[str] = set()
        #: What could not be checked (or written), as it was told, in order.
        self.failures: dict[Failure, None] = {}
        self.count = 0
        #: The files that were skipped: path → why.
        self.skipped: dict[str, str] = {}
        #: What each file is for, once the run has begun.
        self.purposes: dict[str, Purpose] = {}
        context = click.get_current_context(silent=True)
        self.force_exclude = bool(context and context.meta.get(FORCE_EXCLUDE))
        #: What stood on standard input, once that was read.
        self.stdin_data = b""
        #: Whether to show, on a terminal, how far the run is.
        self.shows_progress = True

    def modules(self) -> Iterator[Checked]:
        """Each module file with its diagnostics; failures are told at once, the rest goes on."""
        from modlint.modules import check_bytes, check_path

        for item in self._stdin() if "-" in self.paths else self._tracked(list(self.tasks())):
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
        items = list(self.tasks(cached=cached))
        known = self._known(items, results, with_changes) if results else {}
        for task, report in self._worked_off(items, _Checking(with_changes), jobs, known):
            self._fail_all(report.faults)
            if results and task.path not in known and not report.faults:
                results.keep(*task, self.trace, report.content, report.to_data())
            yield report
        if results and any(isinstance(i, Task) and i.path not in known for i in items):
            cache.trim()
        self._say_if_none()

    def mended(
        self,
        mending: Mending,
        jobs: int | None,
        outcome_of: Callable[[Checked], Outcome] | None = None,
    ) -> Iterator[Mended]:
        """What becomes of each module file.

        ``outcome_of`` chooses the fixes; where nobody does, all are applied, and at most
        ``jobs`` processes share the work.
        """
        if outcome_of or "-" in self.paths:
            for checked in self.modules():
                yield mending.of(checked, outcome_of or mending.outcome)
            return
        for _, mended in self._worked_off(list(self.tasks()), mending, jobs, {}):
            yield mended
        self._say_if_none()

    def _worked_off(
        self,
        items: list[Task | Failure],
        job: Job[T],
        jobs: int | None,
        known: Mapping[str, T],
    ) -> Iterator[tuple[Task, T]]:
        """What comes of each file, where that is not ``known``; failures are told at once."""
        tasks = [item for item in items if isinstance(item, Task) and item.path not in known]
        outcomes = _work_off(tasks, job, jobs)
        with closing(outcomes):
            for item in self._tracked(items):
                if isinstance(item, Failure):
                    self.fail(item)
                    continue
                outcome = known[item.path] if item.path in known else next(outcomes)
                if isinstance(outcome, Failure):
                    self.fail(outcome)
                    continue
                self.count += 1
                yield item, outcome

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
        if self.found_none and not self.failed:
            say(f"error: {self.none.message}")

    @property
    def found_none(self) -> bool:
        """Whether there was nothing to check; a hook may well be handed only what is skipped."""
        return not self.count and not (self.force_exclude and self.skipped)

    @property
    def none(self) -> Failure:
        """What is to be said of a run that has found no module file."""
        where = ", ".join(map(printable, self.paths))
        skipped = skipped_files(self.skipped)
        there = f": skipped {skipped}" if skipped else ""
        return Failure(self.paths[0], f"no module files found in {where}{there}")

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
        if isinstance(settings, Failure):
            yield settings
            return
        from modlint.course.survey import purpose_of_text

        said = self.resolver.kind_said(self.stdin_name, settings)
        purpose = purpose_of_text(self.stdin_name, data, settings, said, self.trace)
        yield data, replace(settings, purpose=purpose)

    def _files(self) -> Iterator[str | Failure]:
        """The paths of the files of the run, and what stands in the way."""
        found = discover(
            self.paths,
            self.resolver.at,
            self._skip,
            self.trace,
            force_exclude=self.force_exclude,
        )
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
            else:
                self._skip(path, f"not in `include` of {here.origins['include']}")

    def tasks(self, *, cached: bool = False) -> Iterator[Task | Failure]:
        """The module files of the run, and what stands in the way.

        ``cached``: what the text of a file says of its kind is kept for the next run.
        """
        from modlint.course.kinds import skipped_as
        from modlint.course.survey import Survey

        found = list(self._files())
        paths = [path for path in found if isinstance(path, str)]
        name = cache.name_of("survey", self.paths) if cached else ""
        survey = Survey(paths, self.trace, name)
        named = set() if self.force_exclude else set(self.paths)
        items: list[Task | Failure] = []
        for path in found:
            settings = path if isinstance(path, Failure) else self._settings_of(path)
            if isinstance(path, Failure) or isinstance(settings, Failure):
                items.append(settings)  # type: ignore[arg-type]
                continue
            said = self.resolver.kind_said(path, settings)
            purpose = survey.purpose(path, settings, said)
            why = skipped_as(purpose)
            if why and path not in named:
                self._skip(path, why)
            elif purpose.kind is Kind.OTHER and path.endswith(".py"):
                items.append(Failure(path, f"is in {purpose.evidence}; {_CONVERT}"))
            else:
                self.purposes[path] = purpose
                items.append(Task(path, None, replace(settings, purpose=purpose)))
        self.found = {os.path.abspath(item.path) for item in items if isinstance(item, Task)}
        for item in items:
            if self.pairs and isinstance(item, Task):
                item = item._replace(twin=twin_path(item.path, self.found, self.trace))
            yield item

    def _skip(self, path: str, why: str) -> None:
        """Note that a path is skipped, and why."""
        self.skipped[path] = why
        if self.note:
            self.note(path, why)

    def _settings_of(self, path: str) -> Settings | Failure:
        try:
            settings = self.resolver.of(path)
        except SettingsError as error:
            return Failure(error.place, error.message)
        self._fail_all(self.resolver.not_run)
        if self.needs_rules and self.resolver.leaves_none(settings):
            origins = settings.origins
            return Failure(str(origins.get("ignore") or origins["select"]), NO_RULE)
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
        if self.tracebacks and failure.traceback:
            say("\n".join(map(printable, failure.traceback.rstrip("\n").split("\n"))))

    @property
    def failed(self) -> bool:
        """Whether something could not be checked (or written)."""
        return bool(self.failures)

    def exit_code(self, found: bool) -> int:
        """0 clean, 1 something found, 2 something could not be done."""
        if self.failed or self.found_none:
            return FAILED
        return FOUND if found else CLEAN


@dataclass(frozen=True, slots=True)
class _Checking:
    """What ``check`` does with each file (:class:`modlint.workers.Job`)."""

    with_changes: bool

    def __call__(self, task: Task) -> Report | Failure:
        """The report of a file."""
        from modlint.modules import report_path

        return report_path(task.path, task.settings, task.twin, with_changes=self.with_changes)

    def pack(self, report: Report) -> bytes:
        """A report on its way between processes."""
        data: Any = report.to_data()
        return marshal.dumps(data)

    def unpack(self, data: bytes) -> Report:
        """The same where it arrives."""
        return Report.from_data(marshal.loads(data))


def _work_off(
    tasks: list[Task], job: Job[T], jobs: int | None
) -> Generator[T | Failure, None, None]:
    if tasks:
        from modlint.workers import work_off

        yield from work_off(tasks, job, jobs)
