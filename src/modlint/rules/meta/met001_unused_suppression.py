"""MET001: a suppression that suppresses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from modlint.analysis.module import Module
from modlint.analysis.suppressions import Scope, Suppression
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules import all_rules
from modlint.rules.base import Rule
from modlint.rules.meta._family import SuppressionRule, reach, renamed

#: Rules about one of the two file formats: a pair has the same comments in both.
_PERCENT_ONLY = ("CEL001", "CEL002", "CEL003", "CEL004", "CEL005", "CEL006")
_NOTEBOOK_ONLY = ("CEL007",)


class UnusedSuppression(SuppressionRule):
    """A suppression of what is not there, of a rule that does not exist, or that is not read."""

    code = "MET001"
    name = "unused-suppression"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each suppression, at its comment."""
        rules = {rule.code: rule for rule in all_rules()}
        for suppression in module.suppressions.found:
            if suppression.fault:
                yield self.on(suppression, suppression.fault, None)
                continue
            unknown = [code for code in suppression.codes if code not in rules]
            unused = [
                code
                for code in suppression.codes
                if code in rules
                and code not in suppression.used
                and _is_judged(module, suppression, rules[code])
            ]
            said = [_unknown(code, rules) for code in unknown]
            if unused:
                said.append(f"{', '.join(unused)} is not found {reach(suppression)}")
            elif not suppression.codes and not suppression.used and _sees(module, suppression):
                said.append(f"nothing is found {reach(suppression)}")
            if not said:
                continue
            left = [code for code in suppression.codes if code not in (*unknown, *unused)]
            what = f"Take {', '.join((*unknown, *unused))} out" if left else "Take the comment out"
            fix = renamed(module, suppression, left, what)
            yield self.on(suppression, f"unused suppression: {'; '.join(said)}", fix)


def _unknown(code: str, rules: dict[str, Rule]) -> str:
    names = {rule.name.upper(): rule.code for rule in rules.values()}
    near = get_close_matches(code, [*rules, *names], 1)
    hint = f"; did you mean {names.get(near[0], near[0])}?" if near else ""
    return f"there is no rule {code}{hint}"


def _is_judged(module: Module, suppression: Suppression, rule: Rule) -> bool:
    """Whether ``rule`` has looked at all that the suppression speaks of."""
    other_format = _PERCENT_ONLY if module.file.store is not None else _NOTEBOOK_ONLY
    return (
        module.settings.is_enabled(rule.code)
        and not rule.executes
        and not rule.judges_suppressions
        and not (rule.compares_files and module.twin is None)
        and rule.code not in other_format
        and _sees(module, suppression)
    )


def _sees(module: Module, suppression: Suppression) -> bool:
    """Whether the code that a suppression speaks of parses: no rule looks at any other."""
    return all(
        unit.tree is not None
        for unit in module.units
        if suppression.scope is Scope.FILE
        or unit.index <= suppression.cell < unit.index + len(unit.cells)
    )
