"""Which conditions keep code from running on import."""

from __future__ import annotations

import ast
from enum import Enum

from modlint.analysis.trees import walk


class Truth(Enum):
    """What a condition is while a module is imported, as far as its text decides it."""

    FALSE = "false"
    TRUE = "true"
    UNKNOWN = "unknown"


def truth_on_import(test: ast.expr) -> Truth:
    """The value of ``test`` on import: ``__name__ == "__main__"`` is false there, in any spelling.

    Reversed operands, ``in ("__main__",)``, ``and``, ``or``, ``not``, ``TYPE_CHECKING``
    and constants are understood; anything else is unknown.
    """
    return _truth(test, is_script=False)


def never_in_script(node: ast.AST) -> bool:
    """Whether some branch right in ``node`` runs on import and never in the script.

    Of an ``if``, of a conditional expression, or of ``and`` and ``or``.
    """
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        if not mentions_name(node.test):
            return False
        branches = [Truth.FALSE] if node.orelse else []
        return _differs(node.test, [Truth.TRUE, *branches])
    if isinstance(node, ast.BoolOp):
        goes_on = Truth.TRUE if isinstance(node.op, ast.And) else Truth.FALSE
        return any(mentions_name(v) and _differs(v, [goes_on]) for v in node.values[:-1])
    return False


def runs_only_on_import(node: ast.If, *, orelse: bool) -> bool:
    """Whether the body of an ``if``, or its ``else``, never runs in the script, but on import."""
    if not mentions_name(node.test):
        return False
    return _differs(node.test, [Truth.FALSE if orelse else Truth.TRUE])


def _differs(test: ast.expr, wanted: list[Truth]) -> bool:
    """Whether ``test`` is one of ``wanted`` on import and surely something else in the script."""
    here = _truth(test, is_script=False)
    return here in wanted and _truth(test, is_script=True) is _negate(here)


def _truth(test: ast.expr, *, is_script: bool) -> Truth:
    if isinstance(test, ast.Constant):
        return Truth.TRUE if test.value else Truth.FALSE
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _negate(_truth(test.operand, is_script=is_script))
    if isinstance(test, ast.BoolOp):
        values = {_truth(value, is_script=is_script) for value in test.values}
        decisive = Truth.FALSE if isinstance(test.op, ast.And) else Truth.TRUE
        if decisive in values:
            return decisive
        return Truth.UNKNOWN if Truth.UNKNOWN in values else _negate(decisive)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        found = _compared(test.left, test.ops[0], test.comparators[0])
        return _negate(found) if is_script else found
    if isinstance(test, ast.NamedExpr):
        return _truth(test.value, is_script=is_script)
    if (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    ):
        return Truth.FALSE
    return Truth.UNKNOWN


def is_main_guard(node: ast.stmt) -> bool:
    """Whether ``node`` is an ``if`` whose body runs only when the file is the script."""
    return isinstance(node, ast.If) and mentions_name(node.test) and _is_false(node.test)


def mentions_name(test: ast.expr) -> bool:
    """Whether ``__name__`` stands in ``test``."""
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in walk(test))


def _is_false(test: ast.expr) -> bool:
    return truth_on_import(test) is Truth.FALSE


def _negate(value: Truth) -> Truth:
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(value, value)


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Truth:
    if _is_dunder_name(right):
        left, right = right, left
    if not _is_dunder_name(left):
        return Truth.UNKNOWN
    if isinstance(operator, ast.In | ast.NotIn) and isinstance(
        right, ast.Tuple | ast.List | ast.Set
    ):
        only_main = bool(right.elts) and all(_is_main_string(e) for e in right.elts)
    else:
        only_main = _is_main_string(right)
    if not only_main:
        return Truth.UNKNOWN
    if isinstance(operator, ast.Eq | ast.In | ast.Is):
        return Truth.FALSE
    if isinstance(operator, ast.NotEq | ast.NotIn | ast.IsNot):
        return Truth.TRUE
    return Truth.UNKNOWN


def _is_dunder_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__name__"


def _is_main_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "__main__"
