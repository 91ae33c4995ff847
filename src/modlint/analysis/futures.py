"""``from __future__`` imports that stand below other code: Python refuses the whole file.

In a notebook each cell is compiled by itself; a script is one text, and so is the module
that nbdev writes: the exported cells down to the last one with such an import, then
``__all__``, then the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.parsing import SyntaxProblem, parse, refusal
from modlint.notebook.cell import CellKind
from modlint.notebook.directives import export_of
from modlint.notebook.percent import markdown_text

#: What Python says of it.
WHY = "from __future__ imports must occur at the beginning of the file"


class LateFuture(NamedTuple):
    """An import that comes too late; ``above`` is the row of what stands before it.

    ``cell`` is the index of the cell with that row; None where nbdev itself writes it.
    """

    unit: CodeUnit
    node: ast.stmt
    cell: int | None
    above: int


class _Placed(NamedTuple):
    """A statement with the cell that it stands in; ``unit`` is None for a text cell."""

    unit: CodeUnit | None
    node: ast.stmt
    cell: int
    row: int


def late_in_script(module: Module) -> list[LateFuture]:
    """Those of a percent file that are fine in their own cell and come too late in the script."""
    if module.file.store is not None or not _names_future(module.units):
        return []
    return [
        late
        for late in _late(_of_script(module), has_docstring=False)
        if late.unit.tree and refusal(late.unit.tree) is None
    ]


def late_in_package(module: Module) -> list[LateFuture]:
    """Those of exported cells that come too late in the module that nbdev writes."""
    if not _names_future(module.units):
        return []
    targets: dict[tuple[str, ...], list[CodeUnit]] = {}
    for unit in module.parsed_units:
        directive = export_of(unit.cell)
        if directive is not None:
            targets.setdefault(directive.arguments, []).append(unit)
    found: list[LateFuture] = []
    for target, units in targets.items():
        placed = [_Placed(u, n, u.index, u.start(n).row) for u in units for n in _body(u)]
        if target:  # the file has its own `__all__` before anything is added
            found += (
                LateFuture(p.unit, p.node, None, 0)
                for p in placed
                if p.unit is not None and _is_future(p.node)
            )
        else:
            found += _late(placed, has_docstring=_has_docstring(module))
    return [late for late in found if late.unit.tree and refusal(late.unit.tree) is None]


def _names_future(units: Iterable[CodeUnit]) -> bool:
    return any("__future__" in unit.text for unit in units)


def _late(placed: Iterable[_Placed], *, has_docstring: bool) -> Iterator[LateFuture]:
    """The future imports below anything but a docstring and their like."""
    first: _Placed | None = None
    is_first = not has_docstring
    for found in placed:
        if _is_future(found.node):
            if first is not None and found.unit is not None:
                yield LateFuture(found.unit, found.node, first.cell, first.row)
        elif first is None and not (is_first and _is_string(found.node)):
            first = found
        is_first = False


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level


def _is_string(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _body(unit: CodeUnit) -> list[ast.stmt]:
    return unit.tree.body if unit.tree else []


def _of_script(module: Module) -> Iterator[_Placed]:
    """All statements of the file from top to bottom, those of text cells among them."""
    units = {unit.index: unit for unit in module.units}
    for index, cell in enumerate(module.file.cells):
        unit = units.get(index)
        if unit is not None:
            for node in _body(unit):
                yield _Placed(unit, node, index, unit.start(node).row)
        elif cell.kind is not CellKind.CODE and cell.marker is not None:
            tree = parse(cell.source)
            for node in [] if isinstance(tree, SyntaxProblem) else tree.body:
                yield _Placed(None, node, index, cell.row + node.lineno - 1)


def _has_docstring(module: Module) -> bool:
    """Whether nbdev writes a docstring: from the quotes below the title, in the cell of that."""
    for cell in module.file.cells:
        if cell.kind is CellKind.MARKDOWN and "# " in cell.source:
            text = markdown_text(cell)
            if text.lstrip("\n").startswith("# "):
                return any(line.startswith("> ") for line in text.splitlines())
    return False
