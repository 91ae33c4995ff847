"""``modlint rule``: the catalogue, each rule's page, and the rules that a course adds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from modlint.cache import wants_colour
from modlint.cli.options import local_rules_option, named_local_rules, settings_for
from modlint.cli.telling import CLEAN, FAILED, FOUND, say, show
from modlint.output.text import counted, printable
from modlint.pages import SUMMARY, local_page, page_of, plain
from modlint.resolving import Resolver
from modlint.rules import all_rules, rules_of
from modlint.rules.base import Rule
from modlint.settings import Settings, SettingsError, find_settings

#: No page is shown wider than this.
_WIDEST = 100


class _Entry(NamedTuple):
    """A rule of the catalogue; ``page`` is None where there is none."""

    code: str
    name: str
    page: str | None


@click.command("rule")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@local_rules_option
@click.option("--new", is_flag=True, help="Write a rule of the course's own: --new CODE NAME.")
@click.option(
    "--test", is_flag=True, help="Try the examples of the pages (of those CODEs, or all)."
)
def command(codes: tuple[str, ...], new: bool, test: bool) -> None:
    """List the rules, or show the page of the rule CODE.

    --new writes a rule and its page into the folder of the settings (`local-rules`) or of
    --local-rules. --test tries what each page shows: the bad example is reported where it
    is marked, the fix makes the good one of it. It runs the rules of the course, where
    they are trusted. Exit status: 0 done, 1 an example fails, 2 it could not be done.
    """
    if new and test:
        raise click.UsageError("--new and --test exclude each other.")
    try:
        if new:
            _write_new(codes)
            return
        resolver = settings_for((), ())
        settings = resolver.at(".")
        entries = list(_entries(settings))
        wanted = [_find(code, entries) for code in codes] or entries
        if test:
            _test_and_exit(resolver, settings, {entry.code for entry in wanted})
    except SettingsError as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    if not codes:
        show("\n".join(f"{code}  {name:28} {_severity(page)}" for code, name, page in entries))
    for entry in wanted if codes else ():
        _show_page(entry)


def _entries(settings: Settings) -> Iterable[_Entry]:
    """The catalogue. No code of the course is run for it: its files say what its rules are."""
    for rule in all_rules():
        yield _Entry(rule.code, rule.name, _page_of(rule))
    for code, name in settings.local.names:
        yield _Entry(code, name, local_page(settings.local.folder, code, name))


def _page_of(rule: Rule) -> str | None:
    try:
        return page_of(rule)
    except FileNotFoundError:
        return None


def _severity(page: str | None) -> str:
    said = SUMMARY.search(page or "")
    return printable(said[1]) if said else "(no page)"


def _find(code: str, entries: list[_Entry]) -> _Entry:
    wanted = code.upper()
    for entry in entries:
        if wanted in (entry.code, entry.name.upper()):
            return entry
    say(f"error: no rule {code!r}; `modlint rule` lists them")
    sys.exit(FAILED)


def _show_page(entry: _Entry) -> None:
    if entry.page is None:
        say(f"error: {entry.code} has no page: {entry.code}-{entry.name}.md is not there")
        sys.exit(FAILED)
    text = "\n".join(map(printable, entry.page.split("\n")))
    if not wants_colour(sys.stdout):
        show(plain(text))
        return
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    # Without a background of its own, code can be read on light and dark.
    console = Console(force_terminal=True, theme=Theme({"markdown.code": "bold cyan"}))
    console.print(Markdown(text, code_theme="ansi_dark"), width=min(console.width, _WIDEST))


def _test_and_exit(resolver: Resolver, settings: Settings, codes: set[str]) -> NoReturn:
    if not settings.local.may_run and codes & set(settings.local.codes):
        for failure in resolver.not_run:
            say(f"error: {printable(str(failure))}")
        _test(settings, codes)
        sys.exit(FAILED)
    sys.exit(FOUND if _test(settings, codes) else CLEAN)


def _test(settings: Settings, codes: set[str]) -> bool:
    """Try the examples of the rules; whether any fails."""
    from modlint.examples import try_page
    from modlint.rules.local import loaded

    fails = count = tried = 0
    for broken in loaded(settings.local).faults if settings.local.may_run else ():
        if broken.code in codes:
            place = broken.path if broken.row is None else f"{broken.path}:{broken.row}"
            show(printable(f"{broken.code}: cannot be loaded: {broken.message} ({place})"))
            fails += 1
    for rule in rules_of(settings):
        if rule.code in codes:
            result = try_page(rule, settings.local if rule.folder else None)
            tried += 1
            count += result.count
            fails += len(result.faults)
            for fault in result.faults:
                show("\n".join(map(printable, f"{rule.code}: {fault}".split("\n"))))
    what = f"{counted(count, 'example')} of {counted(tried, 'rule')}"
    say(f"Tried {what}: {counted(fails, 'fault') if fails else 'all hold'}.")
    return bool(fails)


def _write_new(words: tuple[str, ...]) -> None:
    from modlint.local import LocalRulesError
    from modlint.skeleton import write_skeleton

    if len(words) != 2:
        raise click.UsageError("--new takes a code and a name: --new CRS001 cell-too-long")
    code, name = words[0].upper(), words[1].lower()
    settings = find_settings(Path.cwd())
    folder = os.path.relpath(named_local_rules() or settings.path_of("local-rules") or ".")
    if folder == ".":
        raise click.UsageError(
            "name the folder: --local-rules FOLDER, or `local-rules` in the settings."
        )
    try:
        rule, page = write_skeleton(folder, code, name)
    except (LocalRulesError, OSError) as error:
        say(f"error: {printable(str(error))}")
        sys.exit(FAILED)
    show(printable(f"Wrote {rule}"))
    show(printable(f"Wrote {page}"))
    steps = [
        "Say on the page what is reported and why; show it, bad and good.",
        f"Write the rule, until all examples hold: "
        f"modlint rule --test {code} --local-rules {folder}",
    ]
    if not settings.local_rules:
        steps.append(f'Name the folder in the settings: local-rules = "{folder}"')
    steps.append(
        f"Let it run: `modlint trust {folder}` here, `--local-rules {folder}` in CI and hooks."
    )
    for number, step in enumerate(steps, 1):
        say(printable(f"{number}. {step}"))
