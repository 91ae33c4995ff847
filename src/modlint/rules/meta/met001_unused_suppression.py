"""MET001: a suppression that suppresses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from modlint.analysis.module import Module
from modlint.analysis.suppressions import Scope, Suppression
from modlint.codes import names
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules import is_in_force, rule_for
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
    is_unnecessary = True

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each suppression, at its comment."""
        if not module.suppressions.found:
            return
        # Those of the course that do not run, or could not be loaded, are rules all the same.
        known = (*names(), *module.settings.local.names)
        existing = {code for code, _ in known}
        families = {code[:3] for code in existing}
        sees = _Sight(module)
        for suppression in module.suppressions.found:
            if suppression.fault:
                yield self.on(suppression, suppression.fault, None)
                continue
            family = [code for code in suppression.codes if code in families]
            unknown = [c for c in suppression.codes if c not in existing and c not in families]
            unused = [
                code
                for code in suppression.codes
                if code in existing
                and code not in suppression.used
                and sees.looks_for(code, suppression)
            ]
            said = [f"{code} is a family: name the codes" for code in family]
            said += [_unknown(code, known) for code in unknown]
            if unused:
                verb = "is" if len(unused) == 1 else "are"
                said.append(f"{', '.join(unused)} {verb} not found {reach(suppression)}")
            elif not suppression.codes and not suppression.used and sees.all_of(suppression):
                said.append(f"nothing is found {reach(suppression)}")
            if not said:
                continue
            gone = (*unknown, *unused)
            left = [code for code in suppression.codes if code not in gone]
            what = f"Take {', '.join(gone)} out" if left else "Take the comment out"
            # Which codes of a family were meant is for the author to say.
            fix = renamed(module, suppression, left, what) if gone or not family else None
            yield self.on(suppression, f"unused suppression: {'; '.join(said)}", fix)


@lru_cache(maxsize=256)
def _unknown(code: str, known: tuple[tuple[str, str], ...]) -> str:
    meant = {name.upper(): code for code, name in known}
    near = get_close_matches(code, [*meant.values(), *meant], 1, _NEAR)
    hint = f"; did you mean {meant.get(near[0], near[0])}?" if near else ""
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

    def looks_for(self, code: str, suppression: Suppression) -> bool:
        """Whether the rule ``code`` has looked at what a suppression speaks of."""
        rule = rule_for(code, self.module.settings)
        is_percent = self.module.file.store is None
        return (
            rule is not None
            and is_in_force(code, self.module.settings)
            and all(fault.code != code for fault in self.module.faults)
            and not rule.executes
            and not rule.judges_suppressions
            and not (rule.compares_files and self.module.twin is None)
            and code not in (_NOTEBOOK_ONLY if is_percent else _PERCENT_ONLY)
            and self.all_of(suppression)
        )
