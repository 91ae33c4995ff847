"""What counts as a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, fact
from modlint.analysis.trees import walk
from modlint.notebook.grading import is_graded


def is_test(node: ast.stmt, module: Module) -> bool:
    """Whether ``node`` defines a test: callable without arguments, or a class of such methods."""
    if isinstance(node, FunctionNode):
        return module.settings.is_test_name(node.name) and not needs_arguments(node)
    return (
        isinstance(node, ast.ClassDef)
        and node.name.startswith("Test")
        and any(
            isinstance(member, FunctionNode) and is_test_method(member, module)
            for member in node.body
        )
    )


def is_test_method(node: FunctionNode, module: Module) -> bool:
    """Whether a method of a class of tests is a test."""
    return module.settings.is_test_name(node.name) and not needs_arguments(node, bound=1)


def tests_with_arguments(module: Module) -> list[str]:
    """The functions that are named as tests and are none, since a call must give arguments."""
    return [
        node.name
        for unit in module.parsed_units
        for node in (unit.tree.body if unit.tree else ())
        if isinstance(node, FunctionNode)
        and module.settings.is_test_name(node.name)
        and needs_arguments(node)
    ]


def needs_arguments(function: FunctionNode, bound: int = 0) -> bool:
    """Whether a call must give arguments beyond the first ``bound``."""
    args = function.args
    positional = len(args.posonlyargs) + len(args.args) - len(args.defaults)
    return positional > bound or any(default is None for default in args.kw_defaults)


@dataclass(frozen=True, slots=True, eq=False)
class ModuleTest:
    """One test of a module: a function, a class, or the bare statements of a graded cell.

    ``name`` is empty for bare statements.
    """

    name: str
    unit: CodeUnit
    nodes: tuple[ast.stmt, ...]


@fact
def tests_of(module: Module) -> list[ModuleTest]:
    """Every test of the module in order; computed once."""
    return list(_tests(module))


def _tests(module: Module) -> Iterator[ModuleTest]:
    for unit in module.parsed_units:
        body = unit.tree.body if unit.tree else []
        for node in body:
            if is_test(node, module):
                assert isinstance(node, FunctionNode | ast.ClassDef)
                yield ModuleTest(node.name, unit, (node,))
        if is_graded(unit.cell):
            bare = [part for node in body for part in _bare(node)]
            if any(isinstance(part, ast.Assert) for node in bare for part in walk(node)):
                yield ModuleTest("", unit, tuple(bare))


def _bare(node: ast.stmt) -> Iterator[ast.stmt]:
    """What runs of a statement of a cell's top level, where it is no definition or import."""
    if isinstance(node, ast.If) and is_main_guard(node):
        yield from node.body
    elif not isinstance(node, FunctionNode | ast.ClassDef | ast.Import | ast.ImportFrom):
        yield node
