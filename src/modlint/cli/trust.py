"""``modlint trust``: let the rules of a course run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from modlint.cache import Trace
from modlint.cli.telling import FAILED, say
from modlint.local import LocalRulesError, read_folder, set_trust, trusted_file
from modlint.output.text import printable
from modlint.settings import SettingsError, find_settings
from modlint.writing import NotWritten


@click.command("trust")
@click.argument("folder", type=click.Path(), required=False)
@click.option("--forget", is_flag=True, help="Trust the folder no longer.")
def command(folder: str | None, forget: bool) -> None:
    """Let the rules in FOLDER run, as its files are now; by default that of the settings.

    The rules of a course are code: read them first. `check`, `fix` and `report` then run
    them for you, on this machine, until one of the files changes. Exit status: 0 done, 2 it
    could not be done.
    """
    try:
        folder = folder or find_settings(Path.cwd()).path_of("local-rules")
        if not folder:
            raise click.UsageError("the settings name no `local-rules`: name the FOLDER.")
        rules = read_folder(folder, Trace())
        set_trust(rules, not forget)
    except SettingsError as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    except LocalRulesError as error:
        say(f"error: {printable(f'{folder}: {error}')}")
        sys.exit(FAILED)
    except NotWritten as error:
        say(f"error: {printable(trusted_file())}: {error}")
        sys.exit(FAILED)
    shown = printable(os.path.relpath(rules.folder))
    if forget:
        say(f"{shown} is trusted no longer.")
        return
    files = ", ".join(printable(file) for file, _ in rules.sources)
    say(f"{shown} is trusted as it is now: {files}.")
