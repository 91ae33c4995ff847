"""Whether statements of a module mean the same in a function, where their names are locals."""

from __future__ import annotations

import ast

from modlint.analysis.module import Module
from modlint.analysis.runs import Run
from modlint.analysis.scopes import flow_of
from modlint.analysis.trees import walk

#: Names that tell a statement where it stands.
_SELF_AWARE = frozenset({"__annotations__", "inspect", "traceback"})


def can_become_function(module: Module, run: Run) -> bool:
    """Whether the run means the same inside a function: its names become locals there."""
    names = run.names
    if run.shared or names.dynamic or names.awaits or names.rebinds:
        return False
    if names.loads & _SELF_AWARE or any(_defines_class(node) for node in run.nodes):
        return False  # a class in a function has another name, and cannot be pickled
    passing = _bound_for_a_while(run.nodes)
    if flow_of(run.nodes).exposed & (names.binds | passing):
        return False  # what is read before it is bound is somebody else's, or an error
    inside = {id(node) for node in run.nodes}
    return not any(
        # `except … as e` also deletes a name `e` of the module.
        statement.names.reads_any or statement.names.binds & passing
        for unit in module.parsed_units
        for statement in unit.block
        if id(statement.first) not in inside
    )


def _bound_for_a_while(nodes: list[ast.stmt]) -> set[str]:
    """Names of ``except … as name``: unbound after the handler, but locals of a function."""
    return {
        part.name
        for node in nodes
        for part in walk(node)
        if isinstance(part, ast.ExceptHandler) and part.name
    }


def _defines_class(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.ClassDef) for part in walk(node))
