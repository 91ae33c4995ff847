"""``modlint check``: find."""

from __future__ import annotations

import sys

import click

from modlint.cache import Answer, Trace
from modlint.cli.common import (
    FAILED,
    Run,
    module_options,
    output_option,
    settings_for,
    show_all,
    wants_changes,
)


@click.command("check")
@module_options
@output_option
@click.option("--no-cache", is_flag=True, help="Check all files anew, and keep no results.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    default=None,
    help="The most processes at work; by default, as many as there are cores.",
)
@click.pass_obj
def command(
    answer: Answer | None,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
    no_cache: bool,
    jobs: int | None,
) -> None:
    """Find what breaks the modules in PATHS (files or folders; the current folder by default).

    Nothing is run and nothing is changed. Exit status: 0 nothing found, 1
    diagnostics, 2 a path that could not be checked.
    """
    trace = Trace()
    run = Run(paths, settings_for(select, ignore, trace=trace), stdin_filename, trace=trace)
    changes = wants_changes(output_format)
    reports = list(run.reports(with_changes=changes, jobs=jobs, cached=not no_cache))
    text = show_all(reports, output_format)
    code = run.exit_code(any(report.findings for report in reports))
    if answer is not None and code != FAILED and "-" not in paths and not no_cache:
        answer.keep(code, text, trace)
    sys.exit(code)
