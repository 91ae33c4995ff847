"""Which tests of a cell run when nbgrader executes it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.guards import Truth, mentions_name, truth_on_import
from modlint.analysis.module import CodeUnit, FunctionNode, Module, fact
from modlint.analysis.scopes import names_of
from modlint.analysis.trees import dotted, walk
from modlint.analysis.vocabulary import PRINTERS, QUIET_SETUP, SEEDS
from modlint.notebook.cell import Cell
from modlint.notebook.grading import grading_of
from modlint.patterns import matches

#: Calls that find the tests of a notebook by themselves and run them, where they come from
#: outside the module.
RUNNERS = (
    "unittest.main", "*TextTestRunner*.run", "*runner.run", "pytest.main", "ipytest.run",
    "doctest.*", "*run_*test*", "*runtests*",
)  # fmt: skip

_HARMLESS = (*PRINTERS, *QUIET_SETUP, *SEEDS)
#: Words of which one stands in the path of every runner.
_RUNNERS_SAY = ("unittest", "unner", "pytest", "doctest", "run_", "runtests")
_DEFINITIONS = (FunctionNode, ast.ClassDef)


@fact
def _known(module: Module) -> dict[int, tuple[set[str], bool]]:
    """What parts of the module read when they run, by the id of the node: filled on the way."""
    return {}


class KernelRun:
    """What happens when a notebook kernel runs a cell, where ``__name__`` is ``"__main__"``.

    ``reached``: names that the cell's top level reads, and those that the functions
    and classes read that it names in turn. To name a function is taken for a call.
    ``reaches_all``: names may be read without being written, by ``globals()``, ``exec``
    or a test runner. ``checks``: something at the top level may fail: an assert, a
    raise, a call that does more than print or set up.
    """

    def __init__(self, module: Module, unit: CodeUnit) -> None:
        self.reached: set[str] = set()
        self.reaches_all = False
        self.checks = False
        self._module = module
        self._unit = unit
        self._known = _known(module)
        body = unit.tree.body if unit.tree else []
        for part in running(body):
            self.checks |= _may_fail(part)
            self._take(part, unit)

    def _take(self, node: ast.AST, unit: CodeUnit) -> None:
        """Follow what ``node``, of ``unit``, reads when it runs."""
        uses, runs_all = self._known.get(id(node)) or self._look(node, unit)
        self.reaches_all |= runs_all
        new = uses - self.reached
        self.reached |= new
        for name in new:
            found = self._module.definitions.get(name, [])
            # A later definition of a name is not there yet; one of this cell wins.
            own = [d for d in found if d.unit is self._unit]
            for definition in own or found:
                self._take(definition.node, definition.unit)

    def _look(self, node: ast.AST, unit: CodeUnit) -> tuple[set[str], bool]:
        """What ``node`` reads, and whether it may run anything; remembered for other cells."""
        names = names_of([node])
        may_run = any(word in unit.text for word in _RUNNERS_SAY)
        runs_all = names.dynamic or (may_run and any(map(self._is_runner, set(_calls(node)))))
        found = self._known[id(node)] = (names.uses, runs_all)
        return found

    def _is_runner(self, path: str) -> bool:
        return matches(path, RUNNERS) and path not in self._module.definitions

    @property
    def missing_tests(self) -> list[str]:
        """Tests that are called and that the module neither defines nor imports."""
        module = self._module
        if any(imports_all(node) for unit in module.parsed_units for node in _top(unit)):
            return []
        known = module.definitions.keys() | module.imports.keys() | module.variables
        missing = self.reached - known - module.words_of_unparsed
        return sorted(name for name in missing if module.settings.is_test_name(name))


def _top(unit: CodeUnit) -> list[ast.stmt]:
    return unit.tree.body if unit.tree else []


def imports_all(node: ast.stmt) -> bool:
    """Whether a statement binds names that it does not name."""
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def worth(cell: Cell) -> str:
    """What a graded cell gives, in words."""
    points = grading_of(cell).get("points")
    if not isinstance(points, int | float):
        return "full points"
    return f"{points:g} point" + "s" * (points != 1)


def running(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What a kernel runs of a cell's top level; branches that are never taken are left out."""
    for node in body:
        if isinstance(node, ast.If):
            truth = truth_on_import(node.test)
            if mentions_name(node.test):  # decided the other way round: the cell is the script
                truth = {Truth.FALSE: Truth.TRUE, Truth.TRUE: Truth.FALSE}.get(truth, truth)
            yield node.test
            if truth is not Truth.FALSE:
                yield from running(node.body)
            if truth is not Truth.TRUE:
                yield from running(node.orelse)
        elif not isinstance(node, (*_DEFINITIONS, ast.Import, ast.ImportFrom)):
            yield node


def _may_fail(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Assert | ast.Raise) for part in walk(node)) or any(
        not matches(path, _HARMLESS) for path in _calls(node)
    )


def _calls(node: ast.AST) -> Iterator[str]:
    """The callees in ``node`` as dotted paths."""
    for part in walk(node):
        if part.__class__ is ast.Call:
            yield dotted(part.func)
