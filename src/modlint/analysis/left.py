"""Names that statements leave behind on purpose, whoever reads them: flags, choices, constants.

Most names of a demo are its own. A name is not where branches decide its value, or where it is
written as a constant: `HAS_GPU = True` in a ``try``, and `HAS_GPU = False` in its handler.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from modlint.analysis.module import FunctionNode, Statement
from modlint.analysis.scopes import names_in
from modlint.analysis.trees import COMPOUND, blocks_of

_LETTERS = 3


def names_left(statements: Iterable[Statement]) -> Iterator[str]:
    """The names that ``statements`` leave behind on purpose; those that begin with `_` are not."""
    for statement in statements:
        for node in statement.nodes:
            for name in _left_by(node, in_block=False):
                if not name.startswith("_"):
                    yield name


def is_constant(name: str) -> bool:
    """Whether a name is written as that of a constant; of one or two letters it may be a matrix."""
    return name.isupper() and sum(map(str.isalpha, name)) >= _LETTERS


def _bound_in(block: list[ast.stmt]) -> set[str]:
    return set().union(*(names_in(node).binds for node in block))


def _left_by(node: ast.stmt, *, in_block: bool) -> Iterator[str]:
    if isinstance(node, FunctionNode | ast.ClassDef):
        if in_block:
            yield node.name
        return
    if isinstance(node, COMPOUND):
        blocks = blocks_of(node)
        bound = Counter(name for block in blocks for name in _bound_in(block))
        yield from (name for name, count in bound.items() if count > 1)
        for inner in (inner for block in blocks for inner in block):
            yield from _left_by(inner, in_block=True)
        return
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return
    is_flag = in_block and isinstance(node.value, ast.Constant)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for name in (name for target in targets for name in names_in(target).binds):
        if is_flag or is_constant(name):
            yield name
