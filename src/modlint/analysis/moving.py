"""Whether statements of a module mean the same in a function, where their names are locals."""

from __future__ import annotations

import ast
import re

from modlint.analysis.flow import flow_of
from modlint.analysis.module import FunctionNode, Module, fact
from modlint.analysis.runs import Run
from modlint.analysis.standing import has_line_magic, is_of_grading
from modlint.analysis.trees import walk
from modlint.notebook.directives import is_exported

#: Names that tell a statement where it stands.
_SELF_AWARE = frozenset({"__annotations__", "inspect", "traceback"})
#: Words of code that asks who calls it, or that reads the names of its module by their text.
_ASKS = re.compile(
    r"_getframe|currentframe|\bf_code\b|funcName|\binspect\.(?:stack|trace)|\btraceback\b|"
    r"\b(?:find_caller|findCaller|stack_info)\b"
)
_BY_TEXT = re.compile(r"\bsys\.modules\b|__main__|__qualname__|\bimport_module\b|__import__")


def wants_function(module: Module, run: Run) -> bool:
    """Whether the run becomes a function of its own instead of a bare guarded block."""
    if not run.is_demo:
        return False  # said first: it is asked for each act, and the codes are those of all
    calls_first = {"IMP001", "IMP003"} & run.codes
    nested = run.steps[0].statement is not run.top and run.top not in [
        s.statement for s in run.steps
    ]
    return (
        not calls_first
        and not nested
        and not is_exported(run.unit.cell)
        and not is_of_grading(run.unit)
        and can_become_function(module, run)
    )


def can_become_function(module: Module, run: Run) -> bool:
    """Whether the run means the same inside a function: its names become locals there."""
    names = run.names
    if run.shared or names.dynamic or names.awaits or names.rebinds:
        return False
    if names.loads & _SELF_AWARE or any(_defines_class(node) for node in run.nodes):
        return False  # a class in a function has another name, and cannot be pickled
    if _hands_on_function(run) or _asks_where_it_stands(module, run):
        return False
    passing = _bound_for_a_while(run.nodes)
    if flow_of(run.nodes).exposed & (names.binds | passing):
        return False  # what is read before it is bound is somebody else's, or an error
    if names.deferred & _deleted(run.nodes):
        return False  # what a lambda misses goes by another error in a function
    inside = {id(node) for node in run.nodes}
    # `except … as e` also deletes a name `e` of the module.
    concerned = [
        statement
        for unit in module.parsed_units
        for statement in unit.block
        if statement.names.reads_any or statement.names.binds & passing
    ]
    return all(id(statement.first) in inside for statement in concerned)


def _hands_on_function(run: Run) -> bool:
    """Whether a function of the run does anything but to be called: in a function it has another
    name, and cannot be pickled.
    """
    parts = [part for node in run.nodes for part in walk(node)]
    made = {part.name for part in parts if isinstance(part, FunctionNode)}
    if not made:
        return False
    called = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    return any(
        isinstance(part, ast.Name)
        and part.id in made
        and isinstance(part.ctx, ast.Load)
        and id(part) not in called
        for part in parts
    )


@fact
def _asks_who_calls(module: Module) -> bool:
    return any(_ASKS.search(unit.text) for unit in module.parsed_units)


def _asks_where_it_stands(module: Module, run: Run) -> bool:
    """Whether the run, or a function of the module, may see that it stands in a function."""
    if _asks_who_calls(module):
        return True
    statements = [step.statement for step in run.steps]
    lines = run.unit.lines[statements[0].first_line - 1 : statements[-1].last_line]
    return any(map(_BY_TEXT.search, lines)) or has_line_magic(run.unit, statements)


def _bound_for_a_while(nodes: list[ast.stmt]) -> set[str]:
    """Names of ``except … as name``: unbound after the handler, but locals of a function."""
    return {
        part.name
        for node in nodes
        for part in walk(node)
        if isinstance(part, ast.ExceptHandler) and part.name
    }


def _deleted(nodes: list[ast.stmt]) -> set[str]:
    return {
        target.id
        for node in nodes
        for part in walk(node)
        if isinstance(part, ast.Delete)
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def _defines_class(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.ClassDef) for part in walk(node))
