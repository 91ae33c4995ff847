"""The calls that a piece of code makes when it runs, found by a LibCST visitor."""

from __future__ import annotations

import ast
from dataclasses import dataclass

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
            argument.value.visit(given)
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
        node.value.visit(self)
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        return False  # its own arguments are another call's


def calls_in(unit: CodeUnit, *nodes: ast.stmt | ast.expr) -> list[CallSite]:
    """The calls made when these parts of a unit run, outermost first.

    LibCST reads only what holds a call. Raises what :func:`concrete` raises.
    """
    visitor = CallVisitor()
    for node in nodes:
        if any(isinstance(part, ast.Call) for part in walk(node)):
            text = unit.segment(node)
            # An expression that spans lines has its brackets around it, or in the statement.
            concrete(text if isinstance(node, ast.stmt) else f"({text})").visit(visitor)
    return visitor.calls
