"""What is checked: a folder a family, a file a rule.

A rule is found by being here: every module of a family folder whose name does
not begin with an underscore holds one rule class. It is imported when it is wanted.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from modlint.codes import codes, homes
from modlint.notebook.kinds import WRITTEN, Kind
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


@cache
def about_suppressions() -> tuple[str, ...]:
    """The rules about suppressions themselves, which nothing suppresses."""
    return tuple(rule.code for rule in all_rules() if rule.judges_suppressions)


@cache
def _kinds_of(code: str) -> frozenset[Kind] | None:
    """The kinds of files that a rule names, or for which a course's own is; None: its family's."""
    return rule_of(code).kinds if code in homes() else WRITTEN


def is_in_force(code: str, settings: Settings) -> bool:
    """Whether the rule ``code`` is enabled, and about files such as the one of ``settings``."""
    return settings.is_enabled(code) and settings.purpose.checks(code, _kinds_of(code))


def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule, by code."""
    return tuple(map(rule_of, codes()))


def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """modlint's rules and those that the course adds, if they may run."""
    return (*all_rules(), *_added(settings))


def rules_in_force(settings: Settings, *, executes: bool = False) -> tuple[Rule, ...]:
    """The rules that ``settings`` select; of those that judge a module that ran, or the others."""
    own = tuple(rule_of(c) for c in codes(executes=executes) if is_in_force(c, settings))
    if executes or not any(is_in_force(code, settings) for code in settings.local.codes):
        return own
    return (*own, *(rule for rule in _added(settings) if is_in_force(rule.code, settings)))


def rule_for(code: str, settings: Settings) -> Rule | None:
    """The rule ``code``; None where it is one of the course's that does not run."""
    if code in codes():
        return rule_of(code)
    return next((rule for rule in _added(settings) if rule.code == code), None)


def _added(settings: Settings) -> tuple[Rule, ...]:
    """The rules that the course adds, if they may run."""
    if not settings.local.may_run:
        return ()
    from modlint.rules.local import loaded

    return loaded(settings.local).rules
