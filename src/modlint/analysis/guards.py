"""Which conditions keep code from running on import."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType

from modlint.analysis.trees import walk


class Truth(Enum):
    """What a condition is while a module is imported, as far as its text decides it."""

    FALSE = "false"
    TRUE = "true"
    UNKNOWN = "unknown"


#: Names of a module, and the condition about ``__name__`` that each of them stands for.
Flags = Mapping[str, ast.expr]
NO_FLAGS: Flags = MappingProxyType({})
_COLLECTIONS = (ast.Tuple, ast.List, ast.Set)


def truth_on_import(test: ast.expr) -> Truth:
    """The value of ``test`` on import: ``__name__ == "__main__"`` is false there, in any spelling.

    Reversed operands, ``in ("__main__",)``, ``and``, ``or``, ``not``, ``TYPE_CHECKING``
    and constants are understood; anything else is unknown.
    """
    return _truth(test, is_script=False)


def never_in_script(node: ast.AST, flags: Flags = NO_FLAGS) -> bool:
    """Whether some branch right in ``node`` may run on import, and never runs in the script.

    Of an ``if``, a ``while``, a ``match``, a conditional expression, or of ``and`` and ``or``.
    ``flags`` are names that stand for a condition about ``__name__``.
    """
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        branches = [Truth.FALSE] if node.orelse and not isinstance(node, ast.While) else []
        return _waits(node.test, [Truth.TRUE, *branches], flags)
    if isinstance(node, ast.BoolOp):
        goes_on = Truth.TRUE if isinstance(node.op, ast.And) else Truth.FALSE
        return any(_waits(value, [goes_on], flags) for value in node.values[:-1])
    return isinstance(node, ast.Match) and any(map(bool, _for_importers(node)))


def runs_only_on_import(node: ast.stmt, first: ast.stmt, flags: Flags = NO_FLAGS) -> bool:
    """Whether the block of ``node`` that ``first`` begins never runs in the script."""
    if isinstance(node, ast.If):
        return _waits(node.test, [Truth.TRUE if first in node.body else Truth.FALSE], flags)
    if isinstance(node, ast.While):
        return first in node.body and _waits(node.test, [Truth.TRUE], flags)
    return isinstance(node, ast.Match) and any(first in body for body in _for_importers(node))


def flags_of(nodes: Iterable[ast.stmt]) -> Flags:
    """The names that statements bind once, to a condition about ``__name__``."""
    values: dict[str, list[ast.expr | None]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return {
        name: found[0]
        for name, found in values.items()
        if len(found) == 1 and found[0] is not None and mentions_name(found[0])
    }


def _waits(test: ast.expr, wanted: list[Truth], flags: Flags) -> bool:
    """Whether ``test`` is surely none of ``wanted`` in the script, and may be so on import."""
    if not any(isinstance(n, ast.Name) and _speaks(n.id, flags) for n in walk(test)):
        return False
    here = _truth(test, is_script=False, flags=flags)
    there = _truth(test, is_script=True, flags=flags)
    return here is not there and there in map(_negate, wanted)


def _speaks(name: str, flags: Flags) -> bool:
    return name == "__name__" or name in flags


def _for_importers(node: ast.Match) -> Iterator[list[ast.stmt]]:
    """The blocks of ``match __name__`` that the script does not reach."""
    if not _is_dunder_name(node.subject):
        return
    is_reached = True
    for case in node.cases:
        value = case.pattern.value if isinstance(case.pattern, ast.MatchValue) else None
        is_main = value is not None and _is_main_string(value)
        is_other = value is not None and _is_constant(value) and not is_main
        if is_other or not is_reached:
            yield case.body
        is_reached = is_reached and not (is_main and case.guard is None)


def _truth(test: ast.expr, *, is_script: bool, flags: Flags = NO_FLAGS) -> Truth:
    if isinstance(test, ast.Constant):
        return Truth.TRUE if test.value else Truth.FALSE
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _negate(_truth(test.operand, is_script=is_script, flags=flags))
    if isinstance(test, ast.BoolOp):
        values = {_truth(value, is_script=is_script, flags=flags) for value in test.values}
        decisive = Truth.FALSE if isinstance(test.op, ast.And) else Truth.TRUE
        if decisive in values:
            return decisive
        return Truth.UNKNOWN if Truth.UNKNOWN in values else _negate(decisive)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test.left, test.ops[0], test.comparators[0], is_script=is_script)
    if isinstance(test, ast.NamedExpr):
        return _truth(test.value, is_script=is_script, flags=flags)
    if isinstance(test, ast.Name) and test.id in flags:
        return _truth(flags[test.id], is_script=is_script)
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


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr, *, is_script: bool) -> Truth:
    if _is_dunder_name(right):
        left, right = right, left
    if not _is_dunder_name(left):
        return Truth.UNKNOWN
    is_member = isinstance(operator, ast.In | ast.NotIn)
    values = right.elts if isinstance(right, _COLLECTIONS) and is_member else [right]
    names_main = [_is_main_string(value) for value in values]
    if bool(values) and all(names_main):
        same = Truth.TRUE if is_script else Truth.FALSE
    elif is_script and any(names_main):
        same = Truth.TRUE
    elif is_script and not (is_member and values == [right]) and all(map(_is_constant, values)):
        same = Truth.FALSE
    else:
        return Truth.UNKNOWN
    if isinstance(operator, ast.Eq | ast.In | ast.Is):
        return same
    if isinstance(operator, ast.NotEq | ast.NotIn | ast.IsNot):
        return _negate(same)
    return Truth.UNKNOWN


def _is_dunder_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__name__"


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _is_main_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "__main__"
