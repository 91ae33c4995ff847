"""What is checked: a folder a family, a file a rule.

A rule is found by being here: every module of a family folder whose name does
not begin with an underscore holds one rule class. It is imported when it is wanted.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from modlint.codes import codes, homes
from modlint.rules.base import Rule
from modlint.settings import Settings


@cache
def rule_of(code: str) -> Rule:
    """The instance of the rule ``code``."""
    module = import_module(f"{__name__}.{homes()[code]}")
    return next(
        thing()
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Rule)
        and thing.__module__ == module.__name__
    )


def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule, by code."""
    return tuple(map(rule_of, codes()))


def rules_in_force(settings: Settings, *, executes: bool = False) -> tuple[Rule, ...]:
    """The rules that ``settings`` select; of those that judge a module that ran, or the others."""
    return tuple(rule_of(c) for c in codes(executes=executes) if settings.is_enabled(c))
