"""STR007: a solution without the scaffolding that leads a student to it."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.docstrings import DocSection, docstring_node, sections_of
from modlint.analysis.module import Module
from modlint.analysis.solutions import Solution, solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_node

#: One of these for each class is enough: an object is shown at work as a whole.
_ONCE_A_CLASS = frozenset({"example"})


class Scaffolding(EvidenceRule):
    """A solution whose docstring lacks a section: TODO, APPROACH, EXAMPLE, HINTS."""

    code = "STR007"
    name = "scaffolding"
    severity = Severity.INFO
    shows = ("hints-outside",)
    words = ("TODO", "APPROACH", "EXAMPLE", "HINTS")
    lack = "{} has no scaffolding: the docstring names no TODO, APPROACH, EXAMPLE or HINTS"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution."""
        for solution in solutions_of(module):
            return _header(solution, solution.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The docstrings that hold sections of scaffolding."""
        for solution in solutions_of(module):
            has = self._has(module, sections_of(solution.unit, solution.node))
            docstring = docstring_node(solution.node)
            if has and docstring is not None:
                what = f"{solution.name}: {', '.join(sorted(has)).upper()}"
                yield of_node(solution.unit, docstring, what)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each solution whose docstring lacks a section."""
        solutions = solutions_of(module)
        has = [self._has(module, sections_of(s.unit, s.node)) for s in solutions]
        once = [
            set().union(*(h for s, h in zip(solutions, has, strict=True) if s.top is own.top))
            for own in solutions
        ]
        for solution, mine, around in zip(solutions, has, once, strict=True):
            missing = [
                word
                for word in module.settings.evidence.get(self.name, self.words)
                if _stem(word) not in (around if _stem(word) in _ONCE_A_CLASS else mine)
            ]
            if missing:
                place = _header(solution, "")
                message = f"the docstring of {solution.name} lacks {', '.join(missing)}"
                yield self.diagnostic(place.cell, place.start, place.end, message)

    def _has(self, module: Module, sections: list[DocSection]) -> set[str]:
        wanted = {_stem(w) for w in module.settings.evidence.get(self.name, self.words)}
        return {_stem(section.name) for section in sections} & wanted


def _stem(name: str) -> str:
    """The same for ``HINT`` and ``HINTS``."""
    return name.lower().removesuffix("s")


def _header(solution: Solution, what: str) -> Evidence:
    """The lines of a function from its ``def`` to the one above its body."""
    node, unit = solution.node, solution.unit
    evidence = of_node(unit, node, what)
    first = node.body[0]
    last = first.lineno - 1 if first.lineno > node.lineno else node.lineno
    return Evidence(evidence.cell, evidence.start, unit.position(last, 10**6), what)
