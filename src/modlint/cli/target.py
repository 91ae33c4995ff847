"""``--output-file``: where a result may go, and where it would destroy what is not modlint's."""

from __future__ import annotations

import os

import click

from modlint.discovery import SUFFIXES
from modlint.settings import OWN_FILE, SHARED_FILE

_STANDARD_OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def target(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The file to write to; None for standard output. Raises BadParameter for one to be kept.

    A name of modules is refused though nothing has it yet: the next run would check the result.
    """
    if value is None or value in _STANDARD_OUTPUT:
        return None
    for path in (value, os.path.realpath(value)):
        if path.endswith(SUFFIXES):
            raise click.BadParameter(f"{path} is the name of a module, not of a result")
        if os.path.basename(path) in (OWN_FILE, SHARED_FILE):
            raise click.BadParameter(f"{path} holds settings, not a result")
    if os.path.isfile(value) and _is_baseline(value):
        raise click.BadParameter(f"{value} is a baseline; `modlint baseline write` writes it")
    return value


def _is_baseline(path: str) -> bool:
    from modlint.baseline import BaselineError, read_baseline

    try:
        read_baseline(path)
    except BaselineError:
        return False
    return True
