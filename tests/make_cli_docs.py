"""Write the reference of the command line, from the commands themselves.

.venv/bin/python tests/make_cli_docs.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from modlint.cli import main as program
from support import ROOT

REFERENCE = ROOT / "docs" / "cli.md"
_HEAD = """# Command line

Written by `tests/make_cli_docs.py` from the commands themselves; `modlint COMMAND --help` says the
same. `-h` and `--help` go with each command.
"""


def reference() -> str:
    """The whole page."""
    # With the settings of the program: click remembers, of each command, how it offers help.
    context = click.Context(program, info_name="modlint", **program.context_settings)
    return "\n".join([_HEAD, *_commands(program, context)])


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, parent=context, info_name=name)
        yield _section(command, inner)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _section(command: click.Command, context: click.Context) -> str:
    path = context.command_path
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    says = inspect.cleandoc(command.help or "")
    parts = [f"## `{path}`\n", f"```text\n{usage}\n```\n", f"{says}\n"]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        rows = [_row(option, context) for option in options]
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _row(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {_value(option, context)}"
    names = ", ".join(f"`{name}{value}`" for name in sorted(option.opts, key=len, reverse=True))
    says = option.help or ""
    if isinstance(option.type, click.Choice):
        says += f" One of {', '.join(f'`{choice}`' for choice in option.type.choices)}."
    if option.show_default and option.default is not None:
        says += f" Default: `{option.default}`."
    return f"| {_cell(names)} | {_cell(says)} |"


def _value(option: click.Option, context: click.Context) -> str:
    """What stands for the value: a list of choices is told in words."""
    if isinstance(option.type, click.Choice) and option.metavar is None:
        return (option.name or "").rpartition("_")[2].upper()
    return option.make_metavar(context)


def _cell(text: str) -> str:
    """Text for a cell of a table, where `|` would end it."""
    return text.replace("|", "\\|")


def main() -> None:
    """Write it."""
    REFERENCE.write_text(reference(), "utf-8")


if __name__ == "__main__":
    main()
