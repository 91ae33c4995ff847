"""Options that commands share, and the settings that follow from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import click

from modlint.cache import Trace
from modlint.cli.run import FORCE_EXCLUDE, NO_RULE, STDIN
from modlint.cli.target import target
from modlint.cli.telling import FORMATS
from modlint.codes import codes
from modlint.resolving import Resolver, begins_one, nearest
from modlint.settings import NAMED_KINDS, SettingsError

_LOCAL_RULES, _KIND = "modlint.local_rules", "modlint.kind"

_F = TypeVar("_F", bound=Callable[..., Any])


def local_rules_option(function: _F) -> _F:
    """The folder of the course's own rules; :func:`settings_for` reads it from the context."""
    option = click.option(
        "--local-rules",
        type=click.Path(),
        metavar="FOLDER",
        expose_value=False,
        callback=_note_local_rules,
        help="RUN the course's own rules in FOLDER, too, in place of those of the settings.",
    )
    return option(function)


def _note_local_rules(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> None:
    context.meta[_LOCAL_RULES] = value


def _note_kind(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    context.meta[_KIND] = value or ""


def _note_force_exclude(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[FORCE_EXCLUDE] = value


def named_local_rules() -> str:
    """The folder of the option, as an absolute path; empty where it is not given."""
    folder = click.get_current_context().meta.get(_LOCAL_RULES)
    return os.path.abspath(folder) if folder else ""


def code_options(function: _F) -> _F:
    """The choice of rules."""
    for decorate in reversed(
        (
            click.option("--select", multiple=True, metavar="CODES", callback=_codes,
                         help="Only these rules (codes, prefixes), and syntax errors."),
            click.option("--ignore", multiple=True, metavar="CODES", callback=_codes,
                         help="All but these rules."),
            local_rules_option,
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def module_options(function: _F) -> _F:
    """The arguments of every command that reads modules."""
    for decorate in reversed(
        (
            # Not `readable`: one that is not stops click, and with it the check of all others.
            click.argument("paths", nargs=-1, type=click.Path(readable=False),
                           metavar="[PATHS]..."),
            code_options,
            click.option("--stdin-filename", metavar="NAME", default=STDIN,
                         help="The name of what is read from standard input with `-`."),
            click.option("--kind", type=click.Choice(NAMED_KINDS), metavar="KIND",
                         expose_value=False, callback=_note_kind,
                         help=f"What the files are for, where modlint takes them for something "
                         f"else: {', '.join(NAMED_KINDS)}."),
            click.option("--force-exclude", is_flag=True, expose_value=False,
                         callback=_note_force_exclude,
                         help="Skip files that are named just as in a folder: by `exclude`, by "
                         "their kind. For hooks, which name files."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def output_options(function: _F) -> _F:
    """The format in which diagnostics are written, and the file to write them to."""
    for decorate in reversed(
        (
            click.option("--output-format", type=click.Choice(FORMATS), default="concise",
                         show_default=True, help="How to write the diagnostics."),
            click.option("--output-file", "-o", type=click.Path(readable=False), metavar="FILE",
                         callback=target,
                         help="Write them to FILE instead, all or nothing."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def jobs_option(function: _F) -> _F:
    """How many processes share the files."""
    option = click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        default=None,
        help="The most processes at work; by default, as many as there are cores.",
    )
    return option(function)


def limit_options(function: _F) -> _F:
    """How much time and memory a module that is run may take."""
    for decorate in (
        click.option("--memory", type=click.IntRange(64, 2**20), default=4096, show_default=True,
                     metavar="MB", help="The most memory that a module may take when it runs."),
        click.option("--timeout", type=click.FloatRange(0, 86_400, min_open=True), default=60,
                     show_default=True, metavar="SECONDS", callback=_number,
                     help="The longest that the import, the script run and each test may take."),
    ):  # fmt: skip
        function = decorate(function)
    return function


def _number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is no number of seconds")
    return value


def _codes(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    named = tuple(c.strip().upper() for part in value for c in part.split(",") if c.strip())
    if value and not named and parameter.name == "select":
        raise click.BadParameter(NO_RULE)
    return named


def settings_for(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    *,
    executes: bool = False,
    trace: Trace | None = None,
) -> Resolver:
    """What finds the settings of each module, with the command line's on top.

    ``executes``: for the rules of ``modlint verify``. The files that are looked for are
    noted in ``trace``.
    """
    context = click.get_current_context()
    local_rules = named_local_rules()
    resolver = Resolver(
        select,
        ignore,
        executes=executes,
        trace=trace,
        local_rules=local_rules,
        kind=context.meta.get(_KIND, ""),
    )
    local: tuple[str, ...] = ()
    if not all(begins_one(code, codes()) for code in (*select, *ignore)):
        local = _local_codes(resolver, context.params.get("paths") or ())
    for option, chosen in (("--select", select), ("--ignore", ignore)):
        for code in chosen:
            if not begins_one(code, (*codes(), *local)):
                message = f"no rule begins with {code!r}{nearest(code, local)}"
                raise click.BadParameter(message, param_hint=f"'{option}'")
    able = codes(executes=executes) if executes else (*codes(executes=False), *local)
    for code in select:
        if not begins_one(code, able):
            other = "check" if executes else "verify"
            raise click.UsageError(f"{code} belongs to `modlint {other}`")
    return resolver


def _local_codes(resolver: Resolver, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of the rules that the settings of ``paths`` (or of here) name."""
    found: dict[str, None] = {}
    for path in paths or (".",):
        with suppress(SettingsError):  # told for each module
            at = path if os.path.isdir(path) else os.path.dirname(path) or "."
            found |= dict.fromkeys(resolver.at(at).local.codes)
    return tuple(found)
