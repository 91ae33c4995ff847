"""What the user types: one file a command, imported only when that command runs."""

from __future__ import annotations

from importlib import import_module

import click

from modlint import __version__

_COMMANDS = ("check", "fix", "rule")


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


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="modlint")
def main() -> None:
    """A linter and fixer for course modules: what runs on import, what nbgrader refuses."""
