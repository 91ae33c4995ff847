"""What a review says of one module.

Everything in it was found in the module: a mark stands on evidence (places in the
file) and on diagnostics; nothing is estimated. An output needs no more than this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from modlint.diagnostics import Diagnostic, RuleFault, Severity
from modlint.diagnostics import Priority as Priority
from modlint.rules.evidence import Evidence


class Mark(StrEnum):
    """How an item of the checklist is met; the value is the sign that shows it."""

    MET = "✅"
    PARTLY = "⚠️"
    UNMET = "❌"

    @property
    def credit(self) -> Fraction:
        """The part of the item's weight that it earns."""
        return {Mark.MET: Fraction(1), Mark.PARTLY: Fraction(1, 2)}.get(self, Fraction(0))


class Group(StrEnum):
    """The five groups of the checklist, in the order of a report; the value is its heading."""

    NBGRADER = "NBGrader Requirements"
    STRUCTURE = "Module Structure"
    EDUCATION = "Educational Quality"
    SYSTEMS = "Systems Analysis"
    IMPORTS = "Import Safety"


class Way(StrEnum):
    """What mends something; the value is the command, or ``by hand``."""

    APPLY = "modlint fix --apply"
    UNSAFE = "modlint fix --apply --unsafe-fixes"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist.

    ``key`` is stable, for machines (``main-block``); ``title`` is for people. ``codes``
    are the rules that the item rests on, ``evidence`` what speaks for it, ``against``
    the diagnostics that lowered its mark. ``weight`` is 1, or 2 where a fault breaks
    every importer.
    """

    key: str
    title: str
    group: Group
    mark: Mark
    weight: int
    codes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    against: tuple[Diagnostic, ...]

    @property
    def reasons(self) -> str:
        """Why the mark is no better: the codes of the diagnostics, or that there is nothing."""
        if self.against:
            return ", ".join(sorted({diagnostic.code for diagnostic in self.against}))
        return "none found" if self.mark is Mark.UNMET else ""


@dataclass(frozen=True, slots=True)
class Issue:
    """All diagnostics of one rule that are mended in the same way.

    ``title`` is the sentence of the rule (what it finds), without a period. A
    ``critical`` issue breaks import or grading: it belongs in the summary.
    """

    code: str
    name: str
    title: str
    severity: Severity
    priority: Priority
    way: Way
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_critical(self) -> bool:
        """Whether it must be mended, or is an error on the way to the export."""
        return self.priority is Priority.P1 or self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Strength:
    """Something that the module does well: a met item with the places that show it."""

    title: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TestSummary:
    """One test: what it covers and whether it is graded.

    ``name`` is empty for the bare statements of a graded cell; ``points`` is None where
    its cell gives none. ``covers`` are the solutions that it reaches, in order.
    """

    __test__ = False  # not one of pytest's

    name: str
    place: Evidence
    is_graded: bool
    points: int | float | None
    covers: tuple[str, ...]


class Role(StrEnum):
    """What nbgrader does with a cell; the value is what its documentation calls it."""

    ANSWER = "autograded answer"
    TESTS = "autograder tests"
    MANUAL = "manually graded answer"
    TASK = "manually graded task"
    READ_ONLY = "read-only"
    NOTHING = "no role"


@dataclass(frozen=True, slots=True)
class GradingCell:
    """A cell with nbgrader metadata.

    ``place`` is its marker (in a notebook its first line), ``what`` of it the
    functions and classes that the cell defines. ``grade_id`` is empty where there is
    none; ``points`` is None where the cell gives none that nbgrader accepts.
    """

    place: Evidence
    role: Role
    grade_id: str
    points: int | float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that no test covers; ``mark`` is UNMET, or PARTLY for what matters less."""

    mark: Mark
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one module.

    ``title`` is the module's own (its first heading), else empty. ``diagnostics`` are
    those of the rules in force, in order; ``issues`` the same in groups, the most urgent
    first. ``cells`` are those that nbgrader knows, ``solutions`` the names of what
    students write. ``faults`` are the rules that failed on the module.
    """

    path: str
    title: str
    items: tuple[Item, ...]
    issues: tuple[Issue, ...]
    strengths: tuple[Strength, ...]
    tests: tuple[TestSummary, ...]
    gaps: tuple[Gap, ...]
    diagnostics: tuple[Diagnostic, ...]
    cells: tuple[GradingCell, ...]
    solutions: tuple[str, ...]
    faults: tuple[RuleFault, ...] = ()

    @property
    def exact_score(self) -> Fraction:
        """The score from 0 to 100, not rounded: the credit of the items by their weight."""
        earned = sum((item.weight * item.mark.credit for item in self.items), Fraction())
        return 100 * earned / sum(item.weight for item in self.items)

    @property
    def score(self) -> int:
        """The score from 0 to 100, rounded; 100 only with every item met, and without an error."""
        if self.exact_score == 100 and not self.has_errors:
            return 100
        return min(round(self.exact_score), 99)

    @property
    def has_errors(self) -> bool:
        """Whether a diagnostic is an error, be there an item of the checklist for it or not."""
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)

    @property
    def points(self) -> int | float:
        """What a student can earn in the module."""
        return sum(cell.points or 0 for cell in self.cells)

    @property
    def critical(self) -> tuple[Issue, ...]:
        """The issues for the summary."""
        return tuple(issue for issue in self.issues if issue.is_critical)

    def group(self, group: Group) -> tuple[Item, ...]:
        """The items of one group, in the checklist's order."""
        return tuple(item for item in self.items if item.group is group)

    def at(self, priority: Priority) -> tuple[Issue, ...]:
        """The issues of one priority."""
        return tuple(issue for issue in self.issues if issue.priority is priority)
