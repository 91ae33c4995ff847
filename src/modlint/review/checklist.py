"""The checklist: 26 items in five groups, each with what it rests on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.solutions import regions_of
from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import editor_lines
from modlint.notebook.grading import grading_of, is_graded, is_solution, problems_of
from modlint.review.model import Group, Item, Mark
from modlint.rules import all_rules
from modlint.rules.evidence import Evidence, EvidenceRule, of_node, rows

#: Where a module breaks every importer, one fault undoes the item.
_BREAKS_IMPORTERS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """What an item of the checklist rests on.

    The rules say which items they are about. ``codes``: those whose diagnostics lower the mark,
    and whose evidence counts for it where they collect any; ``lowered_by``: those that can only
    lower it. ``shows``: evidence that no rule collects. A ``strict`` item is unmet as soon as
    there is a diagnostic, and met without any; any other is unmet without evidence, partly met
    with evidence and a diagnostic.
    """

    key: str
    title: str
    group: Group
    shows: Callable[[Module], Iterator[Evidence]] | None = None
    strict: bool = False
    weight: int = 1

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules that decide it, those that collect evidence first."""
        return _deciding()[0].get(self.key, ())

    @property
    def lowered_by(self) -> tuple[str, ...]:
        """The rules that can only lower it."""
        return _deciding()[1].get(self.key, ())

    def item(self, module: Module, diagnostics: list[Diagnostic]) -> Item:
        """The item for one module, given everything that is wrong with it."""
        codes = self.codes + self.lowered_by
        against = tuple(d for d in diagnostics if d.code in codes)
        evidence = [e for rule in _collectors(self.key) for e in rule.found(module)]
        if self.shows is not None:
            evidence += self.shows(module)
        if self.strict:
            mark = Mark.UNMET if against else Mark.MET
        elif not evidence:
            mark = Mark.UNMET
        else:
            mark = Mark.PARTLY if against else Mark.MET
        shown = tuple(evidence)
        return Item(self.key, self.title, self.group, mark, self.weight, codes, shown, against)


@cache
def _deciding() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The key of an item → the rules that decide it, and those that only lower it."""
    decide: dict[str, tuple[str, ...]] = {}
    lower: dict[str, tuple[str, ...]] = {}
    for rule in sorted(all_rules(), key=lambda rule: not isinstance(rule, EvidenceRule)):
        for keys, found in ((rule.checks, decide), (rule.lowers, lower)):
            for key in keys:
                found[key] = (*found.get(key, ()), rule.code)
    return decide, lower


def _collectors(key: str) -> Iterator[EvidenceRule]:
    for rule in all_rules():
        if isinstance(rule, EvidenceRule) and key in (*rule.checks, *rule.shows):
            yield rule


# --- evidence that no rule collects ---


def _header(module: Module) -> Iterator[Evidence]:
    """The jupytext header, or the kernel that a notebook names."""
    store = module.file.store
    if store is not None:
        if isinstance(store.raw.get("metadata"), dict) and store.raw["metadata"].get("kernelspec"):
            yield Evidence(0, Position(1), Position(1), "the notebook names its kernel")
        return
    lines = editor_lines(module.file.prefix)
    rules = [n for n, line in enumerate(lines, 1) if line.rstrip() in ("# ---", "---")]
    if len(rules) > 1:
        end = Position(rules[1], len(lines[rules[1] - 1].rstrip()) + 1)
        yield Evidence(0, Position(rules[0]), end, "the jupytext header")


def _graded_cells(module: Module) -> Iterator[Evidence]:
    """The graded cells whose role, id and points are right, whatever keys may be missing."""
    for index, cell in enumerate(module.file.cells):
        grading = grading_of(cell)
        wrong = [problem for problem in problems_of(cell) if not problem.missing]
        if is_graded(cell) and not wrong and "points" in grading and "grade_id" in grading:
            row = cell.marker_row
            place = rows(module, index, row, row, str(grading["grade_id"]))
            width = len((cell.marker or "").rstrip("\r\n"))
            yield Evidence(index, place.start, Position(row, width + 1), place.what)


def _regions(module: Module) -> Iterator[Evidence]:
    """The solution regions of solution cells."""
    for unit in module.units:
        if is_solution(unit.cell):
            for begin, end in regions_of(unit, module.grader):
                first, last = unit.row + begin - 1, unit.row + end - 1
                yield rows(module, unit.index, first, last, "BEGIN SOLUTION … END SOLUTION")


def _guarded(module: Module) -> Iterator[tuple[CodeUnit, ast.stmt, str]]:
    """The calls of functions of the module under main guards at the top level."""
    for unit in module.parsed_units:
        for guard in unit.tree.body if unit.tree else ():
            if not isinstance(guard, ast.If) or not is_main_guard(guard):
                continue
            for node in guard.body:
                call = node.value if isinstance(node, ast.Expr) else None
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                    yield unit, node, call.func.id


def _guarded_tests(module: Module) -> Iterator[Evidence]:
    for unit, node, name in _guarded(module):
        if module.settings.is_test_name(name):
            yield of_node(unit, node, f"{name}()")


def _guarded_demos(module: Module) -> Iterator[Evidence]:
    for unit, node, name in _guarded(module):
        definitions = module.definitions.get(name, ())
        is_own = any(isinstance(d.node, FunctionNode) for d in definitions)
        if is_own and not module.settings.is_test_name(name):
            yield of_node(unit, node, f"{name}()")


CHECKLIST = (
    Entry("jupytext-header", "Jupytext header present", Group.NBGRADER, _header),
    Entry(
        "cell-metadata",
        "Cell metadata complete",
        Group.NBGRADER,
        _graded_cells,
    ),
    Entry(
        "solution-regions",
        "BEGIN/END SOLUTION blocks used correctly",
        Group.NBGRADER,
        _regions,
    ),
    Entry(
        "hints-outside",
        "TODOs and hints outside solution blocks",
        Group.NBGRADER,
    ),
    Entry(
        "markdown-format",
        "Markdown cells properly formatted",
        Group.NBGRADER,
    ),
    Entry(
        "test-guard",
        "Test code protected by a `__main__` guard",
        Group.NBGRADER,
        _guarded_tests,
        strict=True,
    ),
    Entry(
        "introduction",
        "Clear introduction and prerequisites",
        Group.STRUCTURE,
    ),
    Entry("package-location", "Package structure explained", Group.STRUCTURE),
    Entry("progressive", "Progressive implementation", Group.STRUCTURE),
    Entry("integration-test", "Integration test present", Group.STRUCTURE),
    Entry("summary", "Module summary present", Group.STRUCTURE),
    Entry(
        "main-block",
        "Main execution block present and complete",
        Group.STRUCTURE,
    ),
    Entry("objectives", "Clear learning objectives", Group.EDUCATION),
    Entry("diagrams", "ASCII diagrams", Group.EDUCATION),
    Entry("mathematics", "Mathematical foundations", Group.EDUCATION),
    Entry(
        "immediate-tests",
        "Immediate testing after implementation",
        Group.EDUCATION,
    ),
    Entry("real-world", "Real-world context throughout", Group.EDUCATION),
    Entry("memory", "Memory profiling present", Group.SYSTEMS),
    Entry("performance", "Performance analysis present", Group.SYSTEMS),
    Entry("trade-offs", "Trade-off discussions present", Group.SYSTEMS),
    Entry("production", "Production insights present", Group.SYSTEMS),
    Entry("questions", "ML systems thinking questions present", Group.SYSTEMS),
    Entry(
        "silent-tests",
        "No test code executes on import",
        Group.IMPORTS,
        _guarded_tests,
        strict=True,
        weight=_BREAKS_IMPORTERS,
    ),
    Entry(
        "silent-demos",
        "No demo code executes on import",
        Group.IMPORTS,
        _guarded_demos,
        strict=True,
        weight=_BREAKS_IMPORTERS,
    ),
    Entry(
        "silent-prints",
        "No print statement executes on import",
        Group.IMPORTS,
        strict=True,
    ),
    Entry("imports", "Proper dependency imports", Group.IMPORTS),
)
