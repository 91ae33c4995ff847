"""``modlint settings``: what is in force, and where it comes from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from modlint.cli.options import code_options, settings_for
from modlint.cli.telling import FAILED, say, show
from modlint.output.text import printable
from modlint.settings import Origin, Settings, SettingsError, field_name, keys


@click.command("settings")
@click.argument("path", type=click.Path(exists=True), default=".")
@code_options
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write the settings.",
)
def command(
    path: str, select: tuple[str, ...], ignore: tuple[str, ...], output_format: str
) -> None:
    """Show each setting in force for PATH (a module or a folder), and where it is set."""
    resolver = settings_for(select, ignore)
    try:
        settings = resolver.at(path) if os.path.isdir(path) else resolver.of(path)
    except SettingsError as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    if output_format == "json":
        show(json.dumps({key: _entry(settings, key) for key in keys()}, indent=2))
        return
    for key in keys():
        origin = settings.origins.get(key)
        where = "default" if origin is None else printable(_shown(origin))
        show(f"{key} = {printable(_toml(_value(settings, key)))}  # {where}")
    if settings.grader_config.path:
        folder = os.path.relpath(settings.grader_config.path)
        show(f"# nbgrader goes by its configuration in {printable(folder)}")
    if settings.ignored_here:
        show(f"# not in force in this file: {', '.join(settings.ignored_here)}")


def _value(settings: Settings, key: str) -> Any:
    return getattr(settings, field_name(key))


def _entry(settings: Settings, key: str) -> dict[str, Any]:
    """``source`` is ``default``, ``file`` or ``command line``."""
    origin = settings.origins.get(key)
    source = "default" if origin is None else "file" if origin.path else "command line"
    return {
        "value": _value(settings, key),
        "source": source,
        "file": origin.path or None if origin else None,
        "line": origin.line if origin else None,
    }


def _shown(origin: Origin) -> str:
    """The origin with its path from the current folder, where the file is in or above it."""
    if not origin.path:
        return str(origin)
    return str(Origin(os.path.relpath(origin.path), origin.line))


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    shown = list(value) if isinstance(value, tuple) else value
    return json.dumps(shown, ensure_ascii=False)
