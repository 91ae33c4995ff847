"""What the user types: one file a command, imported only when that command runs."""

from __future__ import annotations

import contextlib
import signal
import sys
from importlib import import_module
from typing import Any

import click

from modlint import __version__

#: What a shell reports of a program ended by Ctrl-C: 128 and the signal's number.
_INTERRUPTED = 130
_COMMANDS = (
    "check", "fix", "verify", "report", "server", "init", "baseline", "settings", "rule", "trust",
    "clean",
)  # fmt: skip


#: Signals that end the program; SIGHUP comes when the terminal is closed.
ENDINGS = tuple(getattr(signal, n) for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n))


class _Terminated(BaseException):
    """A signal ends the program; no rule may take this for a failure of its own.

    Its argument is the exit status.
    """


def _terminated(number: int, _: object) -> None:
    """End as if by an exception: children are ended and temporary files removed on the way."""
    for ending in ENDINGS:  # a terminal that closes may send two: the way must be gone to its end
        signal.signal(ending, signal.SIG_IGN)
    raise _Terminated(128 + number)


class _Commands(click.Group):
    """The commands, by the files of this folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"modlint.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the program; a full disk ends it with words, not a traceback."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            with contextlib.suppress(OSError):  # of standard error itself: the status is left
                click.echo(f"error: {error.strerror or error}", err=True)
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interruption ends it with words, not a traceback."""
        with contextlib.suppress(ValueError):  # somebody's thread: signals are theirs
            for ending in ENDINGS:
                if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
                    signal.signal(ending, _terminated)
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(_INTERRUPTED)
        except _Terminated as end:
            sys.exit(*end.args)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="modlint")
def main() -> None:
    """A linter and fixer for course modules: what runs on import, what nbgrader refuses."""
