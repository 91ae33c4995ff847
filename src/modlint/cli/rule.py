"""``modlint rule``: the catalogue, and each rule's page."""

from __future__ import annotations

import sys

import click

from modlint.cache import wants_colour
from modlint.cli.common import say, show
from modlint.pages import page_of
from modlint.rules import all_rules


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """List the rules, or show the page of the rule CODE."""
    if code is None:
        show("\n".join(f"{rule.code}  {rule.name:28} {rule.severity}" for rule in all_rules()))
        return
    wanted = code.upper()
    rule = next((r for r in all_rules() if wanted in (r.code, r.name.upper())), None)
    if rule is None:
        say(f"error: no rule {code!r}; `modlint rule` lists them")
        sys.exit(2)
    text = page_of(rule)
    if not wants_colour(sys.stdout):
        show(text.rstrip("\n"))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(force_terminal=True).print(Markdown(text))
