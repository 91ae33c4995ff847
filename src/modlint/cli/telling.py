"""What a command tells: its result, words beside it, its exit status."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

import click

from modlint.cache import wants_colour
from modlint.cli.progress import hidden
from modlint.output.text import printable
from modlint.reports import Report

if TYPE_CHECKING:
    from modlint.cli.run import Run

CLEAN, FOUND, FAILED = 0, 1, 2
#: The formats of diagnostics that are read by people.
FOR_READERS = ("concise", "grouped", "full")
FORMATS = (*FOR_READERS, "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson")


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


def wants_changes(output_format: str) -> bool:
    """Whether the format tells what each fix changes."""
    return output_format in ("json", "json-lines", "rdjson", "sarif")


def show_all(
    run: Run,
    reports: list[Report],
    output_format: str,
    output_file: str | None,
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
    from modlint.output.text import skipped_files
    from modlint.output.text import summary as summed

    is_shown = output_format == "full" and output_file is None and _is_terminal(sys.stdout)
    width = WIDTH
    if is_shown:
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    failures = list(run.failures)
    if run.found_none and not failures:
        failures = [run.none]
    results = Results(reports, failures, run.trace, width)
    text = import_module(f"modlint.output.{output_format.replace('-', '_')}").render(results)
    last = summed(reports, len(failures), doubt) if summary and reports else ""
    if last and (skipped := skipped_files(run.skipped)):
        last += f"\nSkipped {skipped}."
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
