"""What kind of value an expression has, as far as a score depends on it."""

from __future__ import annotations

import ast
from enum import Enum

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.returns import returns_of
from modlint.analysis.trees import dotted, own_nodes
from modlint.analysis.types import literal_type
from modlint.patterns import matches

_NUMBERS = (
    "len", "sum", "abs", "round", "int", "float", "pow", "math.*", "statistics.*", "*.item",
    "time.time", "time.perf_counter", "np.mean", "np.sum", "np.prod", "np.median", "np.std",
    "np.var", "np.max", "np.min", "np.linalg.norm",
)  # fmt: skip
_TRUTHS = (
    "isinstance", "issubclass", "hasattr", "callable", "all", "any", "bool", "np.allclose",
    "np.array_equal", "np.all", "np.any", "math.isclose", "*.startswith", "*.endswith",
)  # fmt: skip


class Kind(Enum):
    """What a value may be. nbgrader takes a number for points, and nothing else."""

    NUMBER = "number"
    TRUTH = "truth"
    OTHER = "other"
    UNKNOWN = "unknown"


_Scope = FunctionNode | ast.Module
#: How many names and calls are followed.
_DEPTH = 4


def kinds_of(value: ast.expr, module: Module, scope: _Scope, depth: int = 0) -> set[Kind]:
    """What the value of an expression at the end of ``scope`` may be.

    ``True``, written down, is no truth that anything depends on.
    """
    if isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    elif isinstance(value, ast.BoolOp):
        parts = value.values
    elif isinstance(value, ast.NamedExpr | ast.Await):
        parts = [value.value]
    elif isinstance(value, ast.UnaryOp) and not isinstance(value.op, ast.Not):
        return {Kind.NUMBER}
    elif isinstance(value, ast.BinOp):
        operands = [kinds_of(part, module, scope, depth) for part in (value.left, value.right)]
        return {Kind.OTHER} if {Kind.OTHER} in operands else {Kind.NUMBER}
    elif isinstance(value, ast.Call):
        return _kinds_of_call(value, module, depth + 1)
    elif isinstance(value, ast.Name):
        return _kinds_of_name(value.id, module, scope, depth + 1)
    else:
        return {_plain_kind(value)}
    return set().union(*(kinds_of(part, module, scope, depth) for part in parts))


def _plain_kind(value: ast.expr) -> Kind:
    if isinstance(value, ast.Compare):
        return Kind.TRUTH
    if isinstance(value, ast.Attribute | ast.Subscript):
        return Kind.UNKNOWN
    literal = literal_type(value)
    if literal in ("int", "float"):
        return Kind.NUMBER
    is_true = isinstance(value, ast.Constant) and value.value is True
    return Kind.TRUTH if literal == "bool" and not is_true else Kind.OTHER


def _kinds_of_name(name: str, module: Module, scope: _Scope, depth: int) -> set[Kind]:
    """By what the scope binds the name to: all that may be its value at the end."""
    if depth > _DEPTH:
        return {Kind.UNKNOWN}
    values: list[ast.expr] = []
    counts = False
    for statement in scope.body:
        inner = own_nodes([statement])
        assigns = [
            n for n in inner if isinstance(n, ast.Assign | ast.AnnAssign) and _binds(n, name)
        ]
        if statement in assigns:
            values, counts = [], False
        values += [node.value for node in assigns if node.value is not None]
        counts |= any(isinstance(n, ast.AugAssign) and _binds(n, name) for n in inner)
    kinds = set().union(*(kinds_of(value, module, scope, depth) for value in values))
    if counts and Kind.OTHER not in kinds:
        return {Kind.NUMBER}
    return kinds or {Kind.UNKNOWN}


def _binds(node: ast.Assign | ast.AnnAssign | ast.AugAssign, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _kinds_of_call(call: ast.Call, module: Module, depth: int) -> set[Kind]:
    path = dotted(call.func)
    found = module.definitions.get(path, [])
    if found:
        node = found[-1].node
        if not isinstance(node, FunctionNode) or depth > _DEPTH:
            return {Kind.UNKNOWN}
        returns = returns_of(node)
        if returns.is_generator:
            return {Kind.OTHER}
        values = [returned.value for returned in returns.values if returned.value is not None]
        return set().union(*(kinds_of(v, module, node, depth) for v in values)) or {Kind.OTHER}
    if path in module.imports:
        return {Kind.UNKNOWN}
    if matches(path, _TRUTHS):
        return {Kind.TRUTH}
    return {Kind.NUMBER if matches(path, _NUMBERS) else Kind.UNKNOWN}
