"""The calls that a piece of code makes when it runs, found by a LibCST visitor."""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields
from functools import cache

import libcst as cst

from modlint.analysis.module import CodeUnit, concrete
from modlint.analysis.trees import walk


@dataclass(frozen=True, slots=True)
class CallSite:
    """One call: its callee as a dotted path and the plain names given to it.

    A call or a subscript inside the path is written ``()`` or ``[]``:
    ``Trainer().fit(model)`` has the path ``Trainer().fit`` and the root ``Trainer``.
    """

    path: str
    arguments: frozenset[str]

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


def dotted_path(node: cst.BaseExpression) -> str:
    """The callee as text; empty for anything that starts from no name."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{dotted_path(node.value)}.{node.attr.value}"
    if isinstance(node, cst.Call):
        return f"{dotted_path(node.func)}()"
    if isinstance(node, cst.Subscript):
        return f"{dotted_path(node.value)}[]"
    return ""


class CallVisitor(cst.CSTVisitor):
    """Collects calls; what stands in a lambda or a nested function does not run yet."""

    def __init__(self) -> None:
        self.calls: list[CallSite] = []

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        """Do not look inside."""
        return False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        """Do not look inside."""
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        """Note the call, and look for others in its arguments."""
        given = _Names()
        for argument in node.args:
            look(argument.value, given)
        self.calls.append(CallSite(dotted_path(node.func), frozenset(given.found)))
        return True


class _Names(cst.CSTVisitor):
    """Collects the names that an argument is made of."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.found.add(node.value)

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        look(node.value, self)
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        return False  # its own arguments are another call's


#: Fields of LibCST's nodes that hold signs and blanks alone.
_SIGNS = frozenset(
    "colon comma dot equal footer header lbrace lbracket lpar operator rbrace rbracket rpar "
    "semicolon star".split()
)
_BLANKS = ("leading_", "trailing_", "whitespace_")


def look(node: cst.CSTNode, visitor: cst.CSTVisitor) -> None:
    """Lead a visitor that only looks through ``node``, in the order of the text.

    ``node.visit(visitor)`` also goes through signs and blanks, and makes every node anew,
    which takes longer than the parser.
    """
    if visitor.on_visit(node):
        for name in _parts(type(node)):
            part = getattr(node, name)
            if isinstance(part, cst.CSTNode):
                look(part, visitor)
            elif isinstance(part, list | tuple):
                for inner in part:
                    look(inner, visitor)


@cache
def _parts(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a class that may hold code, in the order of the text."""
    if kind is cst.IfExp:
        return ("body", "test", "orelse")
    names = [field.name for field in fields(kind)]
    return tuple(n for n in names if n not in _SIGNS and not n.startswith(_BLANKS))


def calls_in(unit: CodeUnit, *nodes: ast.stmt | ast.expr) -> list[CallSite]:
    """The calls made when these parts of a unit run, outermost first.

    LibCST reads only what holds a call. Raises what :func:`concrete` raises.
    """
    visitor = CallVisitor()
    for node in nodes:
        if any(isinstance(part, ast.Call) for part in walk(node)):
            text = unit.segment(node)
            # An expression that spans lines has its brackets around it, or in the statement.
            look(concrete(text if isinstance(node, ast.stmt) else f"({text})"), visitor)
    return visitor.calls
