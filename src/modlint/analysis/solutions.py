"""What students write: the functions that hold a solution region.

Where no cell of a module has a region, nbgrader hands out empty solution cells, and
students write all that stands in them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modlint.analysis.module import CodeUnit, FunctionNode, Module, fact
from modlint.analysis.testing import is_test
from modlint.notebook.grader_config import DEFAULT, GraderConfig
from modlint.notebook.grading import is_solution
from modlint.notebook.regions import RegionKind, delimiters, is_shown


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A function or method that students write, wholly or in part.

    ``top`` is the definition at the top level of its cell: ``node`` itself or the
    class that it belongs to.
    """

    unit: CodeUnit
    node: FunctionNode
    top: FunctionNode | ast.ClassDef

    @property
    def owner(self) -> ast.ClassDef | None:
        """The class, for a method."""
        return self.top if isinstance(self.top, ast.ClassDef) else None

    @property
    def name(self) -> str:
        """``relu``, or ``Linear.forward``."""
        return f"{self.top.name}.{self.node.name}" if self.owner else self.node.name


def regions_of(unit: CodeUnit, by: GraderConfig = DEFAULT) -> list[tuple[int, int]]:
    """The solution regions of a unit that are closed: lines of BEGIN and END in its text."""
    found: list[tuple[int, int]] = []
    begin = 0
    for delimiter in delimiters(unit.text, by):
        if delimiter.kind is not RegionKind.SOLUTION:
            continue
        if delimiter.begins:
            begin = delimiter.line
        elif begin:
            found.append((begin, delimiter.line))
            begin = 0
    return found


@fact
def solutions_of(module: Module) -> list[Solution]:
    """Every solution of the module, in order; computed once."""
    return list(_solutions(module))


def _solutions(module: Module) -> Iterator[Solution]:
    units = [unit for unit in module.parsed_units if is_solution(unit.cell)]
    by = module.grader
    has_regions = any(regions_of(unit, by) for unit in units)
    for unit in units:
        regions = _written_regions(unit, by) if has_regions else None
        for top in unit.tree.body if unit.tree else ():
            if is_test(top, module):
                continue
            if isinstance(top, FunctionNode) and _is_written(top, regions):
                yield Solution(unit, top, top)
            elif isinstance(top, ast.ClassDef):
                for member in top.body:
                    if isinstance(member, FunctionNode) and _is_written(member, regions):
                        yield Solution(unit, member, top)


def _written_regions(unit: CodeUnit, by: GraderConfig) -> list[tuple[int, int]]:
    """The regions that students write: not those whose role keeps them in what they receive."""
    lines = unit.text.split("\n")
    return [pair for pair in regions_of(unit, by) if not is_shown(lines[pair[0] - 1], by)]


def _is_written(node: FunctionNode, regions: list[tuple[int, int]] | None) -> bool:
    """Whether a region begins inside the definition, or encloses it."""
    last = node.end_lineno or node.lineno
    return regions is None or any(
        node.lineno < begin <= last or (begin < node.lineno and last < end)
        for begin, end in regions
    )
