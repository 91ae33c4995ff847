"""What the NBG rules share: new ids, points of the settings, and fixes of one marker."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modlint.analysis.module import FunctionNode, Module, fact
from modlint.analysis.testing import is_test
from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.notebook.cell import Cell
from modlint.notebook.grading import grading_of, slug, unique
from modlint.notebook.marker import with_nbgrader


def grade_ids(module: Module) -> set[str]:
    """Every grade_id that the module holds."""
    ids = (grading_of(cell).get("grade_id") for cell in module.file.cells)
    return {i for i in ids if isinstance(i, str)}


def with_metadata(cell: Cell, nbgrader: Mapping[str, Any] | None) -> Cell:
    """``cell`` with its nbgrader metadata replaced (or, for None, removed)."""
    metadata = {k: v for k, v in cell.metadata.items() if k != "nbgrader"}
    if nbgrader is not None:
        # What is there keeps its order; what is new stands as nbgrader writes it.
        known = grading_of(cell)
        metadata["nbgrader"] = dict(nbgrader) if known else dict(sorted(nbgrader.items()))
    if cell.origin is not None:
        return replace(cell, metadata=metadata)
    marker = with_nbgrader(
        cell.marker or "# %%\n", dict(nbgrader) if nbgrader is not None else None
    )
    return replace(cell, metadata=metadata, marker=marker)


def metadata_fix(
    module: Module,
    index: int,
    nbgrader: Mapping[str, Any] | None,
    message: str,
    applicability: Applicability = Applicability.SAFE,
) -> Fix:
    """A fix that sets the nbgrader metadata of one cell and touches nothing else."""

    def rewrite() -> Patch:
        return Patch({index: (with_metadata(module.file.cells[index], nbgrader),)})

    return Fix(applicability, message, rewrite, Change.METADATA)


def invented_id(module: Module, index: int, taken: set[str] | None = None) -> str:
    """A grade_id for a cell that has none, from what it defines; new to the module.

    ``taken`` holds the ids that it must not be, those of the module by default.
    """
    taken = grade_ids(module) if taken is None else taken
    defined = _first_defined(module).get(index)
    if defined is not None:
        return unique(slug(defined.replace("_", "-")), taken)
    return unique(f"cell-{index + 1}", taken)


@fact
def _first_defined(module: Module) -> dict[int, str]:
    """For each cell that defines something, the name that the module has first."""
    names: dict[int, str] = {}
    for name, definitions in module.definitions.items():
        for definition in definitions:
            names.setdefault(definition.unit.index, name)
    return names


def points_for(module: Module, index: int) -> int | float | None:
    """What the settings say that a cell is worth: the sum for its tests, or what ``"*"`` says.

    None where they say nothing of it.
    """
    settings = module.settings
    tests = _tests_in(module, index)
    if not tests:
        return settings.points.get("*")
    if not all(settings.sets_points_of(test) for test in tests):
        return None
    return sum(settings.points_of(test) for test in tests)


def _tests_in(module: Module, index: int) -> set[str]:
    """The names of the tests that the top level of a cell defines."""
    return {
        node.name
        for unit in module.parsed_units
        if unit.index == index and unit.tree is not None
        for node in unit.tree.body
        if isinstance(node, FunctionNode | ast.ClassDef) and is_test(node, module)
    }
