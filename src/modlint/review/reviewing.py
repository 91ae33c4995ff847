"""Module → review: every family of rules in one pass, and what follows from it."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from modlint.analysis.coverage import coverage_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Twin
from modlint.analysis.prose import BlockKind, prose_of
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Applicability, Diagnostic, Severity
from modlint.linting import judged
from modlint.notebook.cell import Cell, ModuleFile
from modlint.notebook.grading import grading_of, is_graded, is_solution
from modlint.review.checklist import CHECKLIST, Entry
from modlint.review.model import (
    Gap,
    GradingCell,
    Group,
    Issue,
    Item,
    Mark,
    Priority,
    Review,
    Role,
    Strength,
    TestSummary,
    Way,
)
from modlint.rules import all_rules, rules_of
from modlint.rules.base import Rule
from modlint.rules.evidence import of_node, rows
from modlint.settings import Settings

#: The families that are about quality; of the others each rule says how soon it is to be fixed.
_QUALITY = ("STR", "COV", "MET")
#: Groups whose met items are strengths: they take work; the others are mere conformity.
_STRONG = (Group.STRUCTURE, Group.EDUCATION, Group.SYSTEMS)


def settings_of_review(settings: Settings, select: tuple[str, ...] = ()) -> Settings:
    """``settings`` with ``select`` in force: without it all families, whatever they select."""
    codes = (*(rule.code for rule in all_rules()), *settings.local.codes)
    families = tuple(dict.fromkeys(code[:3] for code in codes))
    return replace(settings, select=select or families)


def entries_of(settings: Settings) -> list[Entry]:
    """The entries of the checklist that the selection leaves a rule to decide by.

    To ignore a rule is to be content with what it would find: its item stays.
    """
    selected = replace(settings, ignore=(), ignored_here=())
    return [entry for entry in CHECKLIST if any(map(selected.selects, entry.codes))]


def review(
    file: ModuleFile,
    settings: Settings,
    path: str = "",
    twin: Twin | None = None,
    select: tuple[str, ...] = (),
) -> Review:
    """The review of a module file.

    All families count, or those codes that ``select`` names, whatever ``settings``
    select; what they ignore stays ignored. What no selected rule decides is no item.
    """
    settings = settings_of_review(settings, select)
    module = Module(file, settings, twin)
    diagnostics = judged(module)
    items = tuple(entry.item(module, diagnostics) for entry in entries_of(settings))
    return Review(
        path=path,
        title=_title(module),
        items=items,
        issues=_issues(diagnostics, rules_of(settings)),
        strengths=_strengths(items),
        tests=_tests(module),
        gaps=_gaps(diagnostics),
        diagnostics=tuple(diagnostics),
        cells=tuple(_cells(module)),
        solutions=tuple(solution.name for solution in solutions_of(module)),
        faults=tuple(module.faults),
    )


def _title(module: Module) -> str:
    headings = (b.text for b in prose_of(module).blocks if b.kind is BlockKind.HEADING)
    return next(headings, "")


def _issues(diagnostics: list[Diagnostic], rules: Iterable[Rule]) -> tuple[Issue, ...]:
    """The diagnostics in groups, by priority and severity, else in the order of the file."""
    groups: dict[tuple[str, Way], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault((diagnostic.code, _way(diagnostic)), []).append(diagnostic)
    known = {rule.code: rule for rule in rules}
    issues = [
        Issue(
            code,
            found[0].name,
            _sentence(type(known[code])),
            found[0].severity,
            _priority(known[code]),
            way,
            tuple(found),
        )
        for (code, way), found in groups.items()
    ]
    severities = list(Severity)
    return tuple(
        sorted(issues, key=lambda i: (i.priority.name, severities.index(i.severity), i.code))
    )


def _sentence(rule: type) -> str:
    """The first line of a rule's docstring: what it finds."""
    return (inspect.getdoc(rule) or "").split("\n")[0].rstrip(".").replace("``", "`")


def _way(diagnostic: Diagnostic) -> Way:
    trust = diagnostic.fix.applicability if diagnostic.fix else Applicability.DISPLAY
    return {Applicability.SAFE: Way.APPLY, Applicability.UNSAFE: Way.UNSAFE}.get(trust, Way.BY_HAND)


def _priority(rule: Rule) -> Priority:
    is_quality = rule.code.startswith(_QUALITY) and rule.priority is Priority.P2
    return Priority.P3 if is_quality else rule.priority


def _strengths(items: tuple[Item, ...]) -> tuple[Strength, ...]:
    return tuple(
        Strength(item.title, item.evidence)
        for item in items
        if item.mark is Mark.MET and item.group in _STRONG
    )


def _tests(module: Module) -> tuple[TestSummary, ...]:
    solutions = solutions_of(module)
    found = []
    for covered in coverage_of(module):
        test = covered.test
        place = of_node(test.unit, test.nodes[0], test.name)
        place = replace(place, end=test.unit.end(test.nodes[-1]))
        cell = module.file.cells[place.cell]
        points = _points(cell)
        covers = tuple(s.name for s in solutions if covered.covers(s.node))
        found.append(TestSummary(test.name, place, is_graded(cell), points, covers))
    return tuple(found)


def _cells(module: Module) -> Iterator[GradingCell]:
    names = {unit.index: _defined(unit) for unit in module.parsed_units}
    for index, cell in enumerate(module.file.cells):
        if grading_of(cell):
            place = rows(module, index, cell.marker_row, cell.marker_row, names.get(index, ""))
            grade_id = grading_of(cell).get("grade_id")
            shown = grade_id if isinstance(grade_id, str) else ""
            yield GradingCell(place, _role(cell), shown, _points(cell))


def _defined(unit: CodeUnit) -> str:
    nodes = unit.tree.body if unit.tree else []
    return ", ".join(n.name for n in nodes if isinstance(n, FunctionNode | ast.ClassDef))


def _role(cell: Cell) -> Role:
    """As nbgrader derives it: a solution is never locked, a graded test always."""
    if grading_of(cell).get("task"):
        return Role.TASK
    if is_solution(cell):
        return Role.MANUAL if is_graded(cell) else Role.ANSWER
    if is_graded(cell):
        return Role.TESTS
    return Role.READ_ONLY if grading_of(cell).get("locked") else Role.NOTHING


def _points(cell: Cell) -> int | float | None:
    """The points of a graded cell or task; None where nbgrader would refuse them."""
    grading = grading_of(cell)
    points = grading.get("points")
    if not (grading.get("grade") or grading.get("task")) or isinstance(points, bool):
        return None
    return points if isinstance(points, int | float) and 0 <= points < math.inf else None


def _gaps(diagnostics: list[Diagnostic]) -> tuple[Gap, ...]:
    return tuple(
        Gap(Mark.PARTLY if d.severity is Severity.INFO else Mark.UNMET, d)
        for d in diagnostics
        if d.code.startswith("COV")
    )
