"""NBG018: what students receive reads a name that only hidden code defines."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.scopes import names_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.regions import RegionKind, is_delimiter, release, role_of
from modlint.rules.base import ModuleRule, cell_at
from modlint.rules.grading._answers import chosen
from modlint.rules.grading._regions import structure_of
from modlint.rules.grading._tests import KernelRun, imports_all

_ALWAYS = frozenset((*dir(builtins), "__name__", "__file__", "get_ipython", "In", "Out", "display"))


class _Hidden(NamedTuple):
    """Where a name is defined, and by what it is hidden."""

    unit: CodeUnit
    line: int
    by: str


class HiddenDefinition(ModuleRule):
    """Hidden tests define a name, and code that stays in the release reads it."""

    code = "NBG018"
    name = "hidden-definition"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each such name of a cell, where it is first read."""
        regions = {u.index: found for u in module.parsed_units if (found := _hidden(module, u))}
        if not regions:
            return
        visible = {u.index: _visible(module, u, regions) for u in module.parsed_units}
        top = [node for nodes in visible.values() for node in nodes]
        if any(map(imports_all, top)):
            return
        known = names_of(top).binds | _ALWAYS | module.words_of_unparsed
        hidden: dict[str, _Hidden] = {}
        for unit in module.parsed_units:
            for begin, end, by in regions.get(unit.index, ()):
                assert unit.tree is not None
                for node in chosen(unit.tree.body, [(begin, end)], hidden=True):
                    for name in names_of([node]).binds - known:
                        hidden.setdefault(name, _Hidden(unit, node.lineno, by))
        for unit in module.parsed_units:
            yield from self._in_unit(module, unit, visible[unit.index], hidden)
            yield from self._in_functions(module, unit, regions.get(unit.index, []), known)

    def _in_unit(
        self,
        module: Module,
        unit: CodeUnit,
        visible: list[ast.stmt],
        hidden: dict[str, _Hidden],
    ) -> Iterator[Diagnostic]:
        if not hidden or not any(name in unit.text for name in hidden):
            return
        run = KernelRun(module, unit)
        told: set[str] = set()
        for node in visible:
            is_run = isinstance(node, FunctionNode) and node.name in run.reached
            names = names_of([node])
            for name in sorted((names.uses if is_run else names.loads) & hidden.keys() - told):
                told.add(name)
                yield self._at(module, unit, [node], name, hidden[name])

    def _in_functions(
        self, module: Module, unit: CodeUnit, regions: list[tuple[int, int, str]], known: set[str]
    ) -> Iterator[Diagnostic]:
        for function in walk(unit.tree) if regions and unit.tree else ():
            if not isinstance(function, FunctionNode):
                continue
            pairs = [(begin, end) for begin, end, _ in regions]
            shown = chosen(function.body, pairs, hidden=False)
            arguments = {part.arg for part in walk(function.args) if isinstance(part, ast.arg)}
            own = names_of(shown).binds | arguments | known
            told: set[str] = set()
            for begin, end, by in regions:
                for node in chosen(function.body, [(begin, end)], hidden=True):
                    lost = names_of([node]).binds - own - told
                    below = [part for part in shown if part.lineno > node.lineno]
                    for name in sorted(lost & names_of(below).uses):
                        told.add(name)
                        yield self._at(module, unit, below, name, _Hidden(unit, node.lineno, by))

    def _at(
        self,
        module: Module,
        unit: CodeUnit,
        nodes: Iterable[ast.stmt],
        name: str,
        hidden: _Hidden,
    ) -> Diagnostic:
        reads = (
            part
            for node in nodes
            for part in walk(node)
            if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
        )
        node = next(reads, None) or next(iter(nodes))
        row = hidden.unit.row + hidden.line - 1
        place = module.where(cell_at(hidden.unit, row), row)
        message = (
            f"{name} is defined in {hidden.by} alone ({place}): "
            "in the release this raises a NameError"
        )
        start = unit.start(node)
        return self.diagnostic(cell_at(unit, start.row), start, unit.end(node), message)


def _hidden(module: Module, unit: CodeUnit) -> list[tuple[int, int, str]]:
    """The regions that students neither see nor write: lines of BEGIN and END, and the kind."""
    by = module.grader
    if not is_delimiter(unit.text, by) or release(unit.cell, by).refusal:
        return []
    found = structure_of(unit.text, RegionKind.HIDDEN_TESTS, {}, by).regions
    regions = [(begin, end, "hidden tests") for begin, end in found]
    if by.is_staged:
        lines = unit.text.split("\n")
        for begin, end in structure_of(unit.text, RegionKind.SOLUTION, {}, by).regions:
            if role_of(lines[begin - 1]) == "instructor":
                regions.append((begin, end, "a region for the instructor"))
    return regions


def _visible(
    module: Module, unit: CodeUnit, regions: dict[int, list[tuple[int, int, str]]]
) -> list[ast.stmt]:
    """What nobody hides of a unit; an answer is there, since students write it."""
    assert unit.tree is not None
    pairs = [(begin, end) for begin, end, _ in regions.get(unit.index, ())]
    return chosen(unit.tree.body, pairs, hidden=False)
