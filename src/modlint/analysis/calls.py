"""The calls that a piece of code makes when it runs, in the order of its text."""

from __future__ import annotations

import ast
from typing import NamedTuple

from modlint.analysis.trees import children, walk

#: What does not run when it is read; and what hands on no names of its own as an argument.
_CLOSED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_OTHERS = (ast.Lambda, ast.Call)
#: What a callee may be chosen by.
_CHOICES = (ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Subscript)


class CallSite(NamedTuple):
    """One call: its callee as a dotted path and the plain names given to it.

    A call or a subscript inside the path is written ``()`` or ``[]``:
    ``Trainer().fit(model)`` has the path ``Trainer().fit`` and the root ``Trainer``. Of a
    callee that is chosen where it is called (``[f, g][0]()``) the names count as given to it.
    ``is_given``: something is given by its place.
    """

    path: str
    arguments: frozenset[str]
    is_given: bool = False

    @property
    def root(self) -> str:
        """The name that the path starts from; empty where it starts from a literal."""
        return self.path.split(".", 1)[0].rstrip("()[]")

    @property
    def last(self) -> str:
        """The last name of the path: the function or method that is called."""
        return self.path.rsplit(".", 1)[-1].rstrip("()[]")

    @property
    def is_plain(self) -> bool:
        """Whether the callee is a bare name."""
        return self.path.isidentifier()

    @property
    def is_nameless(self) -> bool:
        """Whether the callee is a lambda, or what an expression comes to."""
        return not self.path.strip("[]")


def calls_in(*nodes: ast.stmt | ast.expr) -> list[CallSite]:
    """The calls made when these parts run, outermost first.

    What stands in a lambda or in a nested function does not run yet, unless it is called where
    it stands.
    """
    found: list[CallSite] = []
    for node in nodes:
        if not any(part.__class__ is ast.Call for part in walk(node)):
            continue
        pending: list[ast.AST] = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, ast.Call):
                path = _path(part.func)
                given = _names_given_to(part, is_nameless=not path.strip("[]"))
                found.append(CallSite(path, given, bool(part.args)))
                if isinstance(part.func, ast.Lambda):
                    pending.append(part.func.body)
            if not isinstance(part, _CLOSED):
                pending += reversed(_in_order(part))
    return found


def _path(node: ast.expr) -> str:
    """The callee as text; empty for anything that starts from no name."""
    ends: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            ends.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            ends.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            ends.append("[]")
            node = node.value
        else:
            ends.append(node.id if isinstance(node, ast.Name) else "")
            return "".join(reversed(ends))


def _names_given_to(call: ast.Call, *, is_nameless: bool) -> frozenset[str]:
    """The names that the arguments are made of; those of a call in them are that call's own."""
    found: set[str] = set()
    pending: list[ast.AST] = [*call.args, *call.keywords]
    if is_nameless and isinstance(call.func, _CHOICES):
        pending.append(call.func)
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif not isinstance(part, _OTHERS):
            pending += children(part)
    return frozenset(found)


def _in_order(node: ast.AST) -> list[ast.AST]:
    """The nodes right below ``node`` in the order of the text, which ``ast`` does not always keep.

    Of a conditional expression, the value comes first in the text.
    """
    if isinstance(node, ast.IfExp):
        return [node.body, node.test, node.orelse]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [part for pair in pairs for part in pair if part is not None]
    if isinstance(node, ast.Call) and node.keywords:
        given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        return [node.func, *sorted(given, key=lambda part: (part.lineno, part.col_offset))]
    return children(node)
