"""``modlint check``: find."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from modlint.cache import Answer, Trace
from modlint.cli.options import jobs_option, module_options, output_options, settings_for
from modlint.cli.run import STDIN, Run
from modlint.cli.telling import (
    CLEAN,
    FAILED,
    FOR_READERS,
    FOUND,
    say,
    show,
    show_all,
    wants_changes,
)
from modlint.discovery import Failure
from modlint.output.text import printable
from modlint.reports import Report

if TYPE_CHECKING:
    from modlint.baseline import Baseline


@click.command("check")
@module_options
@output_options
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Show only what is not in this baseline (see `modlint baseline`).",
)
@click.option("--statistics", is_flag=True, help="Show how often each rule fires, and no more.")
@click.option(
    "--show-files", is_flag=True, help="List the files to check, with their kinds; check none."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 although something is found.")
@click.option("--quiet", "-q", is_flag=True, help="Show the diagnostics and nothing else.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Also say what each file is for, which settings count, what is skipped and why, and "
    "print the traceback where a rule fails.",
)
@click.option("--no-cache", is_flag=True, help="Check all files anew, and keep no results.")
@jobs_option
@click.option(
    "--watch",
    "-w",
    is_flag=True,
    help="Check again whenever a module, or the settings, have changed, until Ctrl-C.",
)
@click.pass_obj
def command(answer: Answer | None, /, watch: bool, **options: Any) -> None:
    """Find what breaks the modules in PATHS (files or folders).

    Without PATHS, what the settings include, or all modules, in the current folder.
    Nothing is run and nothing is changed. Exit status: 0 nothing found, 1
    diagnostics, 2 a path that could not be checked.
    """
    if not watch:
        sys.exit(_check(answer, Trace(), **options))
    if "-" in options["paths"] or options["stdin_filename"] != STDIN:
        raise click.UsageError("--watch is about files, not about standard input.")
    from modlint.cli.watching import check_forever

    check_forever(lambda trace: _check(None, trace, **options))


def _check(
    answer: Answer | None,
    trace: Trace,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
    output_file: str | None,
    baseline: str | None,
    statistics: bool,
    show_files: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Check once, and note in ``trace`` what that depends on; the exit status."""
    if statistics and (output_file or output_format not in (*FOR_READERS, "json")):
        raise click.UsageError("`--statistics` is written as text or as json, and to no file.")
    note = (lambda path, why: say(printable(f"{path}: skipped: {why}"))) if verbose else None
    resolver = settings_for(select, ignore, trace=trace)
    run = Run(paths, resolver, stdin_filename, note=note, trace=trace, tracebacks=verbose)
    if show_files:
        return _list(run)
    changes = wants_changes(output_format)
    reports = list(run.reports(with_changes=changes, jobs=jobs, cached=not no_cache))
    if verbose:
        for report in reports:
            source = resolver.of(report.path).source or "the defaults"
            kind = (
                f"{purpose.kind} ({purpose.evidence}); "
                if (purpose := run.purposes.get(report.path))
                else ""
            )
            say(printable(f"{report.path}: {kind}settings of {source}"))
    holding = _Holding(run, baseline, quiet)
    reports = holding.without_known(reports)
    text: str | None
    if statistics:
        from modlint.output.statistics import render

        text = show(render(reports, output_format))
    else:
        text = show_all(run, reports, output_format, output_file, summary=not quiet)
    code = run.exit_code(any(report.findings for report in reports))
    if exit_zero and code == FOUND:
        code = CLEAN
    # An answer is what stands on standard output: a run that said more gives none.
    if verbose or holding.said or code == FAILED or "-" in paths or no_cache:
        text = None
    if answer is not None and text is not None:
        answer.keep(code, text, trace)
    return code


def _list(run: Run) -> int:
    """Show the paths of the files to check, and what each is for."""
    for item in run.tasks():
        if isinstance(item, Failure):
            run.fail(item)
        else:
            run.count += 1
            purpose = run.purposes[item.path]
            show(printable(f"{item.path}: {purpose.kind} ({purpose.evidence})"))
    return run.exit_code(found=False)


class _Holding:
    """The baselines of a run: the one of the command line, or that of each module's settings.

    ``said``: whether the user was told anything.
    """

    def __init__(self, run: Run, path: str | None, quiet: bool) -> None:
        self.run = run
        self.path = path
        self.quiet = quiet
        self.read: dict[str, Baseline | None] = {}
        self.said = False

    def without_known(self, reports: list[Report]) -> list[Report]:
        """The reports without what the baselines hold, and a word on what that was."""
        left, hidden, fewer = [], 0, 0
        for report in reports:
            settings = self.run.resolver.of(report.path)
            baseline = self._at(self.path or settings.path_of("baseline"))
            if baseline is None:
                left.append(report)
                continue
            held = baseline.hold(report, settings)
            left.append(replace(report, findings=held.shown))
            hidden += held.hidden
            fewer += held.fewer
            for code, now, was in held.grown:
                name = printable(report.path)
                self._say(f"{name}: {code}: {now} found, {was} in the baseline: all are shown")
        if not self.quiet and hidden:
            self._say(f"{hidden} more in the baseline.")
        if not self.quiet and fewer:
            self._say(f"{fewer} fewer than in the baseline; `modlint baseline write` records it.")
        return left

    def _say(self, message: str) -> None:
        self.said = True
        say(message)

    def _at(self, path: str) -> Baseline | None:
        """The baseline at ``path``, if that names one; None where it cannot be used."""
        if not path:
            return None
        if path not in self.read:
            from modlint.baseline import BaselineError, read_baseline

            self.run.trace.look(path)
            try:
                # One that the settings foresee may still be to come.
                self.read[path] = read_baseline(path, may_be_new=not self.path)
            except BaselineError as error:
                self.read[path] = None
                self.run.fail(Failure(error.place, error.message))
        return self.read[path]
