"""``modlint server``: in the editor."""

from __future__ import annotations

import signal
import sys

import click

from modlint.cli import ENDINGS
from modlint.cli.telling import FAILED, say

#: What the extra brings.
_EXTRA = ("cattrs", "lsprotocol", "pygls")


@click.command("server")
@click.option("--stdio", is_flag=True, help="For editors that say so; there is no other way.")
def command(stdio: bool) -> None:
    """Serve an editor over standard input and output: diagnostics, fixes, rule pages.

    A server of the Language Server Protocol, to be started by the editor. Nothing is run, and
    no file is changed. Exit status: 0 the editor asked for the end, 1 it went away, 2 the
    server could not start.
    """
    try:
        from modlint.server.features import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _EXTRA:
            raise
        say("error: `modlint server` needs pygls 2: pip install 'modlint[server]'")
        sys.exit(FAILED)
    if sys.stdin is None or sys.stdout is None:
        say("error: standard input or output is closed")
        sys.exit(FAILED)
    if sys.stdin.isatty():
        say("modlint server waits for an editor to speak to it; Ctrl-C ends it.")
    sys.exit(serve((signal.SIGINT, *ENDINGS)))
