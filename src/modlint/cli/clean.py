"""``modlint clean``: forget."""

from __future__ import annotations

import click

from modlint import cache
from modlint.cli.telling import say


@click.command("clean")
def command() -> None:
    """Remove all results that earlier runs of `modlint check` have kept."""
    count = cache.clear()
    say(f"Removed {count} kept {'result' if count == 1 else 'results'}.")
