"""``modlint check``: find."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from modlint.baseline import Baseline, BaselineError, read_baseline
from modlint.cli.common import (
    CLEAN,
    FOUND,
    Run,
    module_options,
    output_option,
    say,
    settings_for,
    show,
    show_all,
)
from modlint.discovery import Failure
from modlint.modules import Checked
from modlint.output.text import printable


@click.command("check")
@module_options
@output_option
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Show only what is not in this baseline (see `modlint baseline`).",
)
@click.option("--statistics", is_flag=True, help="Show how often each rule fires, and no more.")
@click.option("--show-files", is_flag=True, help="List the files to check, and check none.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 although something is found.")
@click.option("--quiet", "-q", is_flag=True, help="Show the diagnostics and nothing else.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Also say which settings count, and what is passed over and why.",
)
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
    baseline: str | None,
    statistics: bool,
    show_files: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
) -> None:  # fmt: skip
    """Find what breaks the modules in PATHS (files or folders).

    Without PATHS, what the settings include, or all modules, in the current folder.
    Nothing is run and nothing is changed. Exit status: 0 nothing found, 1
    diagnostics, 2 a path that could not be checked.
    """
    note = (lambda path, why: say(printable(f"{path}: passed over: {why}"))) if verbose else None
    run = Run(paths, settings_for(select, ignore), stdin_filename, note=note)
    if show_files:
        sys.exit(_list(run))
    checked = list(run.modules())
    if verbose:
        for result in checked:
            source = result.settings.source or "the defaults"
            say(printable(f"{result.path}: settings of {source}"))
    checked = _Holding(run, baseline, quiet).without_known(checked)
    if statistics:
        from modlint.output.statistics import render

        show(render(checked, output_format))
    else:
        show_all(checked, output_format, summary=not quiet)
    code = run.exit_code(any(result.diagnostics for result in checked))
    sys.exit(CLEAN if exit_zero and code == FOUND else code)


def _list(run: Run) -> int:
    """Show the paths of the files to check."""
    for path in run.files():
        if isinstance(path, Failure):
            run.fail(path)
        else:
            run.count += 1
            show(printable(path))
    return run.exit_code(found=False)


class _Holding:
    """The baselines of a run: the one of the command line, or that of each module's settings."""

    def __init__(self, run: Run, path: str | None, quiet: bool) -> None:
        self.run = run
        self.path = path
        self.quiet = quiet
        self.read: dict[str, Baseline | None] = {}

    def without_known(self, results: list[Checked]) -> list[Checked]:
        """The results without what the baselines hold, and a word on what that was."""
        left, hidden, fewer = [], 0, 0
        for result in results:
            baseline = self._of(result)
            if baseline is None:
                left.append(result)
                continue
            held = baseline.hold(result)
            left.append(replace(result, diagnostics=held.shown))
            hidden += held.hidden
            fewer += held.fewer
            for code, now, was in held.grown:
                name = printable(result.path)
                say(f"{name}: {code}: {now} found, {was} in the baseline: all are shown")
        if not self.quiet and hidden:
            say(f"{hidden} more in the baseline.")
        if not self.quiet and fewer:
            say(f"{fewer} fewer than in the baseline; `modlint baseline write` records it.")
        return left

    def _of(self, result: Checked) -> Baseline | None:
        path = self.path or result.settings.path_of("baseline")
        if path and path not in self.read:
            try:
                self.read[path] = read_baseline(path)
            except BaselineError as error:
                self.read[path] = None
                self.run.failed = True
                say(f"error: {printable(str(error))}")
        return self.read[path] if path else None
