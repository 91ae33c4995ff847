"""SIG005: the result of a function that returns None is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.scopes import local_names
from modlint.analysis.signatures import functions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.base import Rule, cell_at


class NoneResultUsed(Rule):
    """A call of one of the module's functions that gives None, where a value is needed."""

    code = "SIG005"
    name = "none-result-used"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each use."""
        silent = _functions_without_result(module)
        if not silent:
            return
        for unit in module.parsed_units:
            if unit.tree is None or not any(name in unit.text for name in silent):
                continue
            for call, name in _used_calls(unit.tree, silent):
                start, end = unit.start(call), unit.end(call)
                message = f"the result of {name}() is used, but it returns None"
                yield self.diagnostic(cell_at(unit, start.row), start, end, message)


def _functions_without_result(module: Module) -> set[str]:
    """Functions of the top level, defined once, undecorated, that surely return None."""
    return {
        function.node.name
        for function in functions_of(module)
        if function.depth == 0
        and function.owner is None
        and function.returns.never_gives_value
        and not function.node.decorator_list
        and isinstance(function.node, ast.FunctionDef)
        and len(module.definitions.get(function.node.name, ())) == 1
        and function.node.name not in module.variables
        and function.node.name not in module.imports
    }


def _used_calls(tree: ast.Module, names: set[str]) -> Iterator[tuple[ast.Call, str]]:
    """Calls of ``names`` whose result goes somewhere, each with the name."""
    stack: list[tuple[ast.AST, bool, frozenset[str]]] = [
        (node, False, frozenset()) for node in reversed(tree.body)
    ]
    while stack:
        node, used, shadowed = stack.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if used and name in names and name not in shadowed:
                yield node, name
        if isinstance(node, FunctionNode | ast.Lambda):
            shadowed |= local_names(node)
        stack.extend(
            (child, _is_use(child, node, used), shadowed)
            for child in reversed(list(ast.iter_child_nodes(node)))
        )


def _is_use(child: ast.AST, parent: ast.AST, parent_used: bool) -> bool:
    """Whether the value of the expression ``child`` matters to ``parent``."""
    if isinstance(parent, ast.Expr | ast.Return | ast.Lambda | ast.Await):
        return False
    if isinstance(parent, ast.Assign):
        names = [t.id for t in parent.targets if isinstance(t, ast.Name)]
        return child is parent.value and set(names) != {"_"}
    if isinstance(parent, ast.BoolOp) and child is parent.values[-1]:
        return parent_used  # `ready and start()` as a statement
    if isinstance(parent, ast.IfExp) and child is not parent.test:
        return parent_used
    if isinstance(parent, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return parent_used if child is parent.elt else False
    if isinstance(parent, ast.Compare):
        others = (parent.left, *parent.comparators)
        return not any(isinstance(o, ast.Constant) and o.value is None for o in others)
    return isinstance(child, ast.expr)
