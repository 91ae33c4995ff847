"""``modlint check``: find."""

from __future__ import annotations

import sys

import click

from modlint.cli.common import Run, module_options, output_option, settings_for, show_all


@click.command("check")
@module_options
@output_option
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
) -> None:
    """Find what breaks the modules in PATHS (files or folders; the current folder by default).

    Nothing is run and nothing is changed. Exit status: 0 nothing found, 1
    diagnostics, 2 a path that could not be checked.
    """
    run = Run(paths, settings_for(select, ignore), stdin_filename)
    checked = list(run.modules())
    show_all(checked, output_format)
    sys.exit(run.exit_code(any(result.diagnostics for result in checked)))
