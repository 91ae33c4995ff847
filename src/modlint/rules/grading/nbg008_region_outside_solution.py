"""NBG008: a region, or a word that nbgrader acts on, in a cell that may not hold it."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import completed, is_graded
from modlint.notebook.marker import INCORRECT
from modlint.notebook.regions import (
    RegionKind,
    begin_of,
    delimiters,
    is_delimiter,
    may_hold,
    refusal_of,
    release,
    text_of,
)
from modlint.rules.base import ModuleRule
from modlint.rules.grading._family import grade_ids, invented_id, with_metadata
from modlint.rules.grading._regions import Places, span_of, structure_of, stub_problem, texts

_HOLDERS = {
    RegionKind.SOLUTION: "solution",
    RegionKind.HIDDEN_TESTS: "graded",
    RegionKind.MARK_SCHEME: "task",
}


class RegionOutsideSolution(ModuleRule):
    """A region in a cell of another role, be it code, prose or a string; ``AUTOTEST`` in code."""

    code = "NBG008"
    name = "region-outside-solution"
    severity = Severity.ERROR
    checks = ("solution-regions",)
    # While the whole cell was wiped, or refused, there was nothing to say of it.
    revealed_by = frozenset((Change.REGIONS,))

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each line that begins such a region, or has the word."""
        if not module.file.is_notebook:
            return
        taken = grade_ids(module)  # each invented id is new to those before it as well
        for index, cell in enumerate(module.file.cells):
            if cell.kind is CellKind.CODE and module.grader.autotest in cell.source:
                yield from self._autotests(module.grader, index, cell)
            if "nbgrader" in str(cell.metadata.get(INCORRECT, "")):
                continue  # which role the cell has cannot be read: CEL002 reports it
            by = module.grader
            if not is_delimiter(text_of(cell), by):
                continue
            for kind, text in texts(cell, by):
                if may_hold(cell, kind, by):
                    continue
                begins = [d.line for d in delimiters(text, by) if d.kind is kind and d.begins]
                fix = _role(module, index, kind, taken) if begins else None
                for line in begins:
                    message = _message(kind, by, refusal_of(text, kind, by))
                    yield self.diagnostic(index, *span_of(cell, line), message, fix)

    def _autotests(self, by: GraderConfig, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """Without its file, the word alone is refused; with it, a comment outside graded cells."""
        is_refused_here = not is_graded(cell) and "InstantiateTests" not in by.tolerates
        if "InstantiateTests" in by.skips or (by.autotests and not is_refused_here):
            return
        for line, text in enumerate(text_of(cell).split("\n"), 1):
            if by.autotest not in text or (by.autotests and not text.lstrip().startswith("#")):
                continue
            message = f"{by.autotest} outside a graded cell: nbgrader refuses the module"
            if not by.autotests:
                name = by.autotests_name
                message = (
                    f"{by.autotest} in a code cell: without {name} nbgrader refuses the module"
                )
            yield self.diagnostic(index, *span_of(cell, line), message)


def _message(kind: RegionKind, by: GraderConfig, words: str | None) -> str:
    what = (
        f"{begin_of(kind, by.marks)} outside a {_HOLDERS[kind]} cell: nbgrader refuses the module"
    )
    return f"{what}: {words}" if words else what


def _role(module: Module, index: int, kind: RegionKind, taken: set[str]) -> Fix | None:
    """The role of a solution cell, for one without any that holds an answer in a sound region."""
    cell = module.file.cells[index]
    if kind is not RegionKind.SOLUTION or "nbgrader" in cell.metadata or cell.is_unmarked:
        return None
    if not any(unit.index == index and unit.is_one_cell for unit in module.parsed_units):
        return None
    by = module.grader
    structure, places = structure_of(text_of(cell), kind, {}, by), Places(cell)
    if not structure.is_sound or not all(
        places.is_comment(begin)
        and places.is_comment(end)
        and any(places.holds_code(line) for line in range(begin, end))
        for begin, end in structure.regions
    ):
        return None
    try:
        answer = with_metadata(
            cell, completed({"solution": True}, invented_id(module, index, taken))
        )
    except ValueError:  # other metadata of the marker is in the way
        return None
    if release(answer, by).refusal or stub_problem(answer, by):
        return None
    return Fix(
        Applicability.SAFE,
        "Make it a solution cell",
        lambda: Patch({index: (answer,)}),
        Change.REGIONS,
    )
