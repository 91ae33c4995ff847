"""``modlint report``: the review of every module."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import click

from modlint.cache import wants_colour
from modlint.cli.options import module_options, settings_for
from modlint.cli.run import Run
from modlint.cli.target import target
from modlint.cli.telling import FAILED, FOUND, say, write_result
from modlint.codes import codes as own_codes
from modlint.diagnostics import Diagnostic
from modlint.discovery import twin_path
from modlint.modules import failure_of, twin_at
from modlint.notebook.cell import ModuleFile
from modlint.output.report import json as json_format
from modlint.output.report.comparison import NotAReport, compare, read_report
from modlint.output.report.contents import Report, Reviewed
from modlint.output.text import printable
from modlint.review.model import Review
from modlint.review.reviewing import entries_of, review, settings_of_review
from modlint.settings import Settings

#: What GitHub takes, in bytes; of a comment it says 65,536 characters, a job's summary is 1 MiB.
_ROOM = {"comment": 65_536, "summary": 2**20}


@click.command("report")
@module_options
@click.option(
    "--output-format",
    type=click.Choice(["terminal", "markdown", "json", "html"]),
    default="terminal",
    show_default=True,
    help="How to write the report.",
)
@click.option(
    "--output-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, readable=False),
    callback=target,
    help="Write the report to FILE, whole or not at all, instead of standard output.",
)
@click.option(
    "--fit",
    metavar="PLACE",
    type=click.Choice([*_ROOM]),
    help="Keep the Markdown within what GitHub takes, as the comment on a pull request or the "
    "summary of a job: the lowest scores whole, other modules in short, and say so.",
)
@click.option("--explain-score", is_flag=True, help="List what each item of the checklist gave.")
@click.option(
    "--compare",
    "older",
    metavar="OLD.json",
    type=click.Path(exists=True, dir_okay=False),
    help="Show what was mended and what came new since this JSON report.",
)
@click.option(
    "--fail-under",
    metavar="SCORE",
    type=click.IntRange(0, 100),
    default=0,
    help="Exit with status 1 where a module scores less.",
)
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
    output_file: str | None,
    fit: str | None,
    explain_score: bool,
    older: str | None,
    fail_under: int,
) -> None:
    """Review the modules in PATHS: checklist and score, issues by priority, tests and gaps.

    All families of rules count, STR and COV too, unless --select names others.
    Nothing is run and nothing is changed. Exit status: 0 the report is written, 1 a
    module scores less than --fail-under, 2 something could not be reviewed or written.
    """
    if fit and output_format != "markdown":
        raise click.UsageError("--fit is for --output-format markdown.")
    if not entries_of(settings_of_review(Settings(), select)):
        raise click.UsageError("no item of the checklist rests on these rules; use `modlint check`")
    before = _older(older) if older else None
    reviews: list[Review] = []

    def find(path: str, file: ModuleFile, settings: Settings) -> list[Diagnostic]:
        is_file = os.path.abspath(path) in run.found  # not standard input under its name
        other = twin_path(path, run.found) if is_file else None
        twin = twin_at(other) if other else None
        reviews.append(review(file, settings, path, twin, select))
        for fault in reviews[-1].faults:
            run.fail(failure_of(fault, path, file))
        return list(reviews[-1].diagnostics)

    resolver = settings_for(select, ignore)
    run = Run(paths, resolver, stdin_filename, find=find, needs_rules=False)
    checked = list(run.modules())
    report = Report(
        modules=tuple(map(Reviewed, (each.file for each in checked), reviews)),
        failures=tuple(run.failures),
        codes=_codes(settings_of_review(each.settings, select) for each in checked),
        explain=explain_score,
    )
    if before:
        now = json_format.document(report)
        if not _paths(before) & _paths(now):
            say(f"warning: {printable(older or '')} has none of these modules: paths must be alike")
        report = report.compared(compare(before, now))
    _write(report, output_format, output_file, run, _ROOM[fit] if fit else None)
    sys.exit(_exit_code(report, run, fail_under))


def _paths(document: Mapping[str, Any]) -> set[str]:
    return {module["path"] for module in document["modules"]}


def _codes(settings: Iterable[Settings]) -> tuple[str, ...]:
    """The rules that are in force for every module: what is told of all can be compared."""
    from modlint.rules import is_in_force

    each = list(settings)
    codes = {code: None for s in each for code in (*own_codes(), *s.local.codes)}
    return tuple(code for code in codes if all(is_in_force(code, s) for s in each))


def _older(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as stream:
            return read_report(stream.read())
    except NotAReport as error:
        say(f"error: {printable(path)}: {printable(str(error))}")
        sys.exit(FAILED)


def _write(
    report: Report, output_format: str, output_file: str | None, run: Run, room: int | None
) -> None:
    if not report.modules and output_format == "terminal":
        return
    to_terminal = output_file is None and wants_colour(sys.stdout)
    render = import_module(f"modlint.output.report.{output_format}").render
    if output_format == "terminal":
        text = render(report, colour=to_terminal)
    else:
        text = render(report) if room is None else render(report, room)
    if output_file is None:
        click.echo(text, nl=False, color=to_terminal)
        return
    write_result(run, output_file, text)


def _exit_code(report: Report, run: Run, fail_under: int) -> int:
    low = [module for module in report.modules if module.review.score < fail_under]
    for module in low:
        say(f"{module.path}: scores {module.review.score}, less than {fail_under}")
    if run.exit_code(found=False) == FAILED:
        return FAILED
    return FOUND if low else 0
