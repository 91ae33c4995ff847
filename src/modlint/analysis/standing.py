"""Whether statements may be rewritten where they stand, whatever they do.

A notebook shows the value of a cell's last expression, and nbgrader gives points by it; a cell
magic takes the text below it as it is; nbgrader takes lines out of a cell; and what an author
has written for importers alone never runs in a script.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from modlint.analysis.guards import Flags, flags_of, never_in_script
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, fact
from modlint.analysis.scopes import names_in
from modlint.analysis.showing import Values
from modlint.analysis.trees import COMPOUND, children, walk
from modlint.notebook.cell import indentation
from modlint.notebook.grading import grading_of, is_graded, needs_id
from modlint.notebook.magics import has_cell_magic, is_masked
from modlint.notebook.regions import Delimiter, RegionKind, delimiters

_COMMENTED_MAGIC = re.compile(r"\s*#\s*(?:%[A-Za-z]|![\w./])")
_NAMESPACES = ("globals", "vars", "locals")
_CHANGES = frozenset("update setdefault pop popitem clear __setitem__ __delitem__".split())


def obstacle(module: Module, unit: CodeUnit, statements: list[Statement]) -> str:
    """Why neighbouring statements of a unit are not to be rewritten; empty where they may be.

    The words continue "runs on import; ".
    """
    if has_cell_magic(unit.cell):
        return "it stays as it is under a cell magic"
    if is_graded(unit.cell) and shows_value(module, unit, statements):
        return "it stays where it is, since nbgrader may give points by its value"
    if any(waits_for_import(module, statement) for statement in statements):
        return "it stays as it is, since it never runs in the script"
    if any(binds_by_text(statement) for statement in statements):
        return "it stays where it is, since it binds names that only a run can tell"
    if _is_torn(unit, statements):
        return "it stays where it is, since a region of nbgrader begins or ends in it"
    return ""


def has_line_magic(unit: CodeUnit, statements: list[Statement]) -> bool:
    """Whether a line of IPython's stands among the statements; it sees no local names."""
    if "%" not in unit.text and "!" not in unit.text:
        return False
    first, last = statements[0].first_line, statements[-1].last_line
    lines = unit.lines[first - 1 : last]
    return any(is_masked(line) or _COMMENTED_MAGIC.match(line) for line in lines)


# Regions


def is_of_grading(unit: CodeUnit) -> bool:
    """Whether nbgrader has a role for the cell, or takes lines out of it."""
    return needs_id(grading_of(unit.cell)) or bool(delimiters(unit.text))


def split_by_regions(unit: CodeUnit, above: Statement, below: Statement) -> bool:
    """Whether a delimiter of a region stands between two neighbouring statements."""
    return any(above.last_line < d.line < below.first_line for d in delimiters(unit.text))


def _is_torn(unit: CodeUnit, statements: list[Statement]) -> bool:
    """Whether a region begins or ends inside the statements and does not both.

    One that is whole inside a block moves with it.
    """
    found = delimiters(unit.text)
    if not found:
        return False
    for statement in statements:
        end = _end(unit, statement)
        inside = [d for d in found if statement.first_line <= d.line <= end]
        if inside and not (isinstance(statement.first, COMPOUND) and _is_whole(inside)):
            return True
    return False


def _end(unit: CodeUnit, statement: Statement) -> int:
    """The last line of a statement, with the comments at the end of its blocks."""
    end = statement.last_line
    indent = indentation(unit.lines[statement.first_line - 1])
    for number in range(end, len(unit.lines)):
        line = unit.lines[number]
        if line.lstrip().startswith("#") and len(indentation(line)) > len(indent):
            end = number + 1
        elif line.strip():
            break
    return end


def _is_whole(inside: list[Delimiter]) -> bool:
    """Whether delimiters come in pairs: each begin with the end of its kind next."""
    pairs = list(zip(inside[::2], inside[1::2], strict=False))
    return len(inside) % 2 == 0 and all(
        a.begins and not b.begins and a.kind is b.kind for a, b in pairs
    )


# Values that a cell shows


@fact
def shown_values(module: Module, unit: CodeUnit) -> list[Statement]:
    """The last statement of a cell, where a notebook shows its value, or may.

    With it the last one of the release, without hidden tests. A percent file is a notebook as
    well; plain Python, without a marker, is none.
    """
    if not unit.block:
        return []
    lasts = [unit.block[-1], *_last_released(unit)]
    return [last for last in lasts if _may_show(module, unit, last)]


def shows_value(module: Module, unit: CodeUnit, statements: Iterable[Statement]) -> bool:
    """Whether the notebook, or its release, shows the value of one of ``statements``, or may."""
    shown = shown_values(module, unit)
    return bool(shown) and any(statement in shown for statement in statements)


def _last_released(unit: CodeUnit) -> list[Statement]:
    """The last statement above a region at the end that students are not given."""
    found = delimiters(unit.text)
    if not found or found[0].kind is RegionKind.SOLUTION:
        return []
    given = [s for s in unit.block if not _is_hidden(s, found)]
    return given[-1:]


def _is_hidden(statement: Statement, found: Sequence[Delimiter]) -> bool:
    above = [d for d in found if d.line <= statement.first_line]
    return bool(above) and above[-1].begins and above[-1].kind is not RegionKind.SOLUTION


@fact
def _values(module: Module) -> Values:
    return Values(module.file)


def _may_show(module: Module, unit: CodeUnit, statement: Statement) -> bool:
    return _values(module).shown(unit.text, ast.Module([*statement.nodes], [])) is not None


# Branches for importers, and names that are bound by their text


def waits_for_import(module: Module, statement: Statement) -> bool:
    """Whether some part of a statement may run on import, and never runs in the script."""
    flags = script_flags(module)
    loads = statement.names.loads
    if "__name__" not in loads and loads.isdisjoint(flags):
        return False
    return any(never_in_script(part, flags) for node in statement.nodes for part in walk(node))


@fact
def script_flags(module: Module) -> Flags:
    """The names of the top level that say whether the module is the script."""
    return flags_of(
        node
        for unit in module.parsed_units
        if "__name__" in unit.text
        for node in (unit.tree.body if unit.tree else [])
    )


def is_namespace(path: str) -> bool:
    """Whether a call gives the names of the module: ``globals()`` and its like."""
    return path in _NAMESPACES


def binds_by_text(statement: Statement) -> bool:
    """Whether a statement itself binds names of the module that are no names in its text.

    ``globals()[name] = …``, ``setattr(sys.modules[__name__], …)``, ``exec(…)``; not where a
    function of it would do so.
    """
    if not (statement.names.dynamic or "__name__" in statement.names.loads):
        return False
    return any(_binds_by_text(part) for part in _run_parts(statement.nodes))


def _run_parts(nodes: Iterable[ast.AST]) -> Iterable[ast.AST]:
    """The nodes that run with the statements: none in functions and lambdas."""
    pending = [*nodes]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda):
            pending += children(node)


def _binds_by_text(part: ast.AST) -> bool:
    if isinstance(part, ast.ImportFrom):
        return part.names[0].name == "*"
    if isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load):
        return _is_own_namespace(part.value)
    if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load):
        return _is_own_module(part.value)
    if not isinstance(part, ast.Call):
        return False
    function = part.func
    if isinstance(function, ast.Attribute):
        return function.attr in _CHANGES and _is_own_namespace(function.value)
    if isinstance(function, ast.Name) and function.id in ("setattr", "delattr"):
        return bool(part.args) and _is_own_module(part.args[0])
    return isinstance(function, ast.Name) and function.id == "exec" and len(part.args) < 2


def _is_own_namespace(node: ast.expr) -> bool:
    """``globals()``, ``vars(sys.modules[__name__])``, ``sys.modules[__name__].__dict__``."""
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__" and _is_own_module(node.value)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    if node.func.id not in _NAMESPACES:
        return False
    return not node.args or _is_own_module(node.args[0])


def _is_own_module(node: ast.expr) -> bool:
    """``sys.modules[__name__]``, ``importlib.import_module(__name__)`` and their like."""
    return "__name__" in names_in(node).loads and not isinstance(node, ast.Name)
