"""What is checked: a folder a family, a file a rule.

A rule is found by being here: every module of a family folder whose name does
not begin with an underscore holds one rule class.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from modlint.rules.base import Rule
from modlint.settings import Settings


@cache
def all_rules() -> tuple[Rule, ...]:
    """One instance of every rule, by code."""
    found: list[Rule] = []
    for family in iter_modules(__path__, f"{__name__}."):
        if not family.ispkg:
            continue
        package = import_module(family.name)
        for file in iter_modules(package.__path__, f"{family.name}."):
            if not file.name.rsplit(".", 1)[-1].startswith("_"):
                module = import_module(file.name)
                found += [
                    thing()
                    for thing in vars(module).values()
                    if isinstance(thing, type)
                    and issubclass(thing, Rule)
                    and thing.__module__ == file.name
                ]
    return tuple(sorted(found, key=lambda rule: rule.code))


def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """modlint's rules and those that the course adds, if they may run."""
    if not settings.local.may_run:
        return all_rules()
    from modlint.rules.local import loaded

    return (*all_rules(), *loaded(settings.local).rules)


def rules_in_force(settings: Settings) -> tuple[Rule, ...]:
    """The rules that ``settings`` select."""
    wants_local = any(map(settings.is_enabled, settings.local.codes))
    rules = rules_of(settings) if wants_local else all_rules()
    return tuple(rule for rule in rules if settings.is_enabled(rule.code))
