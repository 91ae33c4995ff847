"""MET001: a suppression that suppresses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from modlint.analysis.module import Module
from modlint.analysis.suppressions import Scope, Suppression
from modlint.codes import codes
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules import all_rules, rule_of
from modlint.rules.base import Rule
from modlint.rules.meta._family import SuppressionRule, reach, renamed

#: Rules about one of the two file formats: a pair has the same comments in both.
_PERCENT_ONLY = ("CEL001", "CEL002", "CEL003", "CEL004", "CEL005", "CEL006")
#: How like a code must be to be taken for what was meant: E501 is no MET001.
_NEAR = 0.75
_NOTEBOOK_ONLY = ("CEL007",)


class UnusedSuppression(SuppressionRule):
    """A suppression of what is not there, of a rule that does not exist, or that is not read."""

    code = "MET001"
    name = "unused-suppression"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each suppression, at its comment."""
        if not module.suppressions.found:
            return
        sees = _Sight(module)
        for suppression in module.suppressions.found:
            if suppression.fault:
                yield self.on(suppression, suppression.fault, None)
                continue
            unknown = [code for code in suppression.codes if code not in codes()]
            unused = [
                code
                for code in suppression.codes
                if code not in unknown
                and code not in suppression.used
                and sees.looks_for(rule_of(code), suppression)
            ]
            said = [_unknown(code) for code in unknown]
            if unused:
                verb = "is" if len(unused) == 1 else "are"
                said.append(f"{', '.join(unused)} {verb} not found {reach(suppression)}")
            elif not suppression.codes and not suppression.used and sees.all_of(suppression):
                said.append(f"nothing is found {reach(suppression)}")
            if not said:
                continue
            left = [code for code in suppression.codes if code not in (*unknown, *unused)]
            what = f"Take {', '.join((*unknown, *unused))} out" if left else "Take the comment out"
            fix = renamed(module, suppression, left, what)
            yield self.on(suppression, f"unused suppression: {'; '.join(said)}", fix)


@lru_cache(maxsize=256)
def _unknown(code: str) -> str:
    names = {rule.name.upper(): rule.code for rule in all_rules()}
    near = get_close_matches(code, [*names.values(), *names], 1, _NEAR)
    hint = f"; did you mean {names.get(near[0], near[0])}?" if near else ""
    return f"there is no rule {code}{hint}"


class _Sight:
    """What the rules have looked at: only then does it mean anything that they found nothing."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.unread = {
            index
            for unit in module.units
            if unit.tree is None
            for index in range(unit.index, unit.index + len(unit.cells))
        }

    def all_of(self, suppression: Suppression) -> bool:
        """Whether all code that a suppression speaks of parses: rules look at no other."""
        if suppression.scope is Scope.FILE:
            return not self.unread
        return suppression.cell not in self.unread

    def looks_for(self, rule: Rule, suppression: Suppression) -> bool:
        """Whether ``rule`` has looked at what a suppression speaks of."""
        is_percent = self.module.file.store is None
        return (
            self.module.settings.is_enabled(rule.code)
            and not rule.executes
            and not rule.judges_suppressions
            and not (rule.compares_files and self.module.twin is None)
            and rule.code not in (_NOTEBOOK_ONLY if is_percent else _PERCENT_ONLY)
            and self.all_of(suppression)
        )
