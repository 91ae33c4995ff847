"""Which statements are worth a closer look."""

from __future__ import annotations

import ast

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.trees import blocks_of


def acting_units(module: Module) -> list[CodeUnit]:
    """The code in which some top-level statement might act at import."""
    return [
        unit
        for unit in module.parsed_units
        if unit.tree and any(may_act(node) for node in unit.tree.body)
    ]


def may_act(node: ast.stmt) -> bool:
    """Whether a statement might act at import, by a look that never misses one that does."""
    if isinstance(node, FunctionNode | ast.Import | ast.ImportFrom | ast.Pass | ast.Delete):
        return False
    if isinstance(node, ast.ClassDef):
        return any(may_act(n) for n in node.body)
    if isinstance(node, ast.If) and is_main_guard(node) and not node.orelse:
        return False
    if isinstance(node, ast.Try | ast.TryStar):  # mostly a choice between imports
        return any(may_act(n) for block in blocks_of(node) for n in block)
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is not None and not _is_plain(node.value)
    return True


def _is_plain(value: ast.expr) -> bool:
    """Whether an expression is a literal, a name or a lambda: nothing runs for it."""
    if isinstance(value, ast.Constant | ast.Lambda | ast.Name):
        return True
    if isinstance(value, ast.Attribute):
        return _is_plain(value.value)
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return all(_is_plain(e) for e in value.elts)
    if isinstance(value, ast.Dict):
        return all(_is_plain(e) for e in (*value.keys, *value.values) if e is not None)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.operand, ast.Constant)
    if isinstance(value, ast.BinOp):  # `1024 * 1024`
        return isinstance(value.left, ast.Constant) and isinstance(value.right, ast.Constant)
    return False
