"""Where a statement needs a name, and which names it mentions in strings."""

from __future__ import annotations

import ast
import re

from modlint.analysis.module import Statement
from modlint.analysis.trees import children, dotted, walk


def place_of(name: str, statement: Statement) -> ast.stmt:
    """The statement, in whatever block or function, that reads ``name``: what to look at."""
    for node in statement.nodes:
        found = [n for n in walk(node) if isinstance(n, ast.stmt) and name in _own_reads(n)]
        if found:
            return found[0]
    return statement.first


def _own_reads(node: ast.stmt) -> set[str]:
    """Names that stand in a statement itself, not in the blocks below it."""
    read: set[str] = set()
    stack: list[ast.AST] = [child for child in children(node) if not isinstance(child, ast.stmt)]
    while stack:
        child = stack.pop()
        if isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Store):
            read.add(child.id)
        stack.extend(c for c in children(child) if not isinstance(c, ast.stmt))
    return read


def named_in_strings(statement: Statement) -> set[str]:
    """Names that ``__all__``, ``globals()``, ``exec`` and the like mention in strings."""
    lists_names = "__all__" in statement.names.binds | statement.names.loads
    if not (statement.names.dynamic or lists_names):
        return set()
    named: set[str] = set()
    for node in statement.nodes:
        for part in walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                named.update([part.value] if part.value.isidentifier() else [])
            elif isinstance(part, ast.Call) and dotted(part.func) in ("exec", "eval"):
                named.update(re.findall(r"\w+", ast.unparse(part)))
    return named
