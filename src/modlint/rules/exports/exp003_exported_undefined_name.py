"""EXP003: the package lacks a name that only an unexported cell binds."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.exports import Shortage, Use, needed_by, obstacle, package_module, shortages
from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.rules.base import ModuleRule, place_of
from modlint.rules.exports._family import exported

_SHOWN = 4


class ExportedUndefinedName(ModuleRule):
    """Exported code uses a name of a cell that is not exported."""

    code = "EXP003"
    name = "exported-undefined-name"
    severity = Severity.ERROR
    recounted_by = frozenset((Change.CELLS, Change.GUARDS))

    def count(self, module: Module) -> int:
        """The uses of names that the package lacks; they are reported by cell."""
        return sum(len(shortage.uses) for shortage in shortages(module))

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each cell that ought to be exported, with the names it binds."""
        if not module.file.is_notebook:
            return
        for shortage in shortages(module):
            group = needed_by(module, shortage.unit)
            obstacles = [(unit, obstacle(module, unit)) for unit in group]
            why = next(((unit, reason) for unit, reason in obstacles if reason is not None), None)
            message = _message(module, shortage)
            fix = None
            if why is None:
                fix = _fix(module, [unit.index for unit in group])
            elif why[0] is shortage.unit:
                message += f" (exporting the cell is not enough: {why[1]})"
            else:
                cell = module.file.cell_name(why[0].index)
                message += f" (exporting it needs {cell} too, and {why[1]})"
            yield self.on_marker(module, shortage.unit.index, message, fix)


def _message(module: Module, shortage: Shortage) -> str:
    at_import = shortage.at_import
    later = [use for use in shortage.uses if not use.at_import]
    names = _listed([use.name for use in (*at_import, *later)])
    target = package_module(module)
    package = f"`{target}`" if target else "the package"
    text = f"exported code uses {names} of this cell, which is not exported: "
    if at_import:
        first = at_import[0]
        return f"{text}{package} cannot be imported (NameError: {first.name}, {_at(module, first)})"
    first = later[0]
    return f"{text}a call in {package} raises NameError ({first.name}, {_at(module, first)})"


def _listed(names: list[str]) -> str:
    if len(names) > _SHOWN + 1:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more names"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _at(module: Module, use: Use) -> str:
    return place_of(module, use.unit, use.node)


def _fix(module: Module, indices: list[int]) -> Fix:
    """Export the cells: the one that binds the names, and those that it needs in turn."""

    def rewrite() -> Patch:
        return Patch({index: (exported(module.file.cells[index]),) for index in indices})

    more = len(indices) - 1
    also = f", and {more} that it needs" if more else ""
    return Fix(Applicability.UNSAFE, f"Export the cell{also}", rewrite, Change.DIRECTIVES)
