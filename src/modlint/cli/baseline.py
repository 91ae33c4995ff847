"""``modlint baseline``: record what is found now, to be shown only what comes later."""

from __future__ import annotations

import os
import sys

import click

from modlint.baseline import BASELINE_FILE, BaselineError, read_baseline
from modlint.cli.options import module_options, settings_for
from modlint.cli.run import Run
from modlint.cli.telling import CLEAN, FAILED, FOUND, say
from modlint.output.text import counted, printable
from modlint.settings import Settings, SettingsError
from modlint.writing import NotWritten


def _named(settings: Settings) -> str:
    """The baseline of the settings. Raises :class:`SettingsError` for one outside their folder.

    Settings come with a tree that may be a stranger's: they do not say where else to write.
    """
    path = os.path.normpath(settings.baseline)
    if os.path.isabs(path) or path.startswith(os.pardir):
        message = "'baseline' is outside of this folder: to write it, name it with --file"
        raise SettingsError(str(settings.origins["baseline"]), message)
    return settings.path_of("baseline")


@click.group("baseline")
def command() -> None:
    """Begin with modlint in an old course: `check --baseline` shows only what is new."""


@command.command("write")
@module_options
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"The baseline; by default that of the settings, or {BASELINE_FILE}.",
)
@click.option("--force", is_flag=True, help="Write it although it grows.")
def write(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    file: str | None,
    force: bool,
) -> None:  # fmt: skip
    """Record what is found in PATHS, by file and rule.

    A baseline that is there only shrinks, unless --force is given. What it holds of
    other files stays. Exit status: 0 written, or nothing to write; 1 it would grow; 2 a
    path that could not be checked, or the file could not be written.
    """
    if "-" in paths:
        raise click.UsageError("a baseline is about files, not about standard input.")
    run = Run(paths, settings_for(select, ignore), stdin_filename)
    try:
        path = file or _named(run.resolver.at(".")) or BASELINE_FILE
        baseline = read_baseline(path, may_be_new=True)
        reports = list(run.reports(with_changes=False, jobs=None, cached=True))
        if run.exit_code(found=False) == FAILED:
            sys.exit(FAILED)
        counts = baseline.of((report, run.resolver.of(report.path)) for report in reports)
        grown = counts - baseline.counts
        if baseline.data and grown and not force:
            for name, code in sorted(grown):
                was, now = baseline.counts[name, code], counts[name, code]
                say(f"{printable(name)}: {code}: {now} found, {was} in the baseline")
            say(f"{printable(path)} would grow: mend these, or write it with --force")
            sys.exit(FOUND)
        if counts != baseline.counts or not baseline.data:
            baseline.write(counts)
    except (BaselineError, SettingsError) as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    except NotWritten as error:
        say(f"error: {printable(path)}: {error}")
        sys.exit(FAILED)
    fewer = (baseline.counts - counts).total()
    said = f", {fewer} fewer than before" if fewer else ""
    say(f"{printable(path)} holds {counted(counts.total(), 'problem')}{said}.")
    sys.exit(CLEAN)
