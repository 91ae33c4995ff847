"""The calls that a piece of code makes when it runs, in the order of its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modlint.analysis.syntax import CODE, cst, parts_of


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


def calls_in(*nodes: cst.CSTNode) -> list[CallSite]:
    """The calls made when these parts run, outermost first.

    What stands in a lambda or in a nested function does not run yet, unless it is called where
    it stands.
    """
    found: list[CallSite] = []
    call, closed = cst.Call, (cst.Lambda, cst.FunctionDef)
    for node in nodes:
        pending: list[cst.CSTNode] = [node]
        while pending:
            part = pending.pop()
            if part.__class__ is call:
                assert isinstance(part, cst.Call)
                path = _path(part.func)
                given = frozenset(_names_given_to(part, is_nameless=not path.strip("[]")))
                is_given = any(arg.keyword is None and arg.star != "**" for arg in part.args)
                found.append(CallSite(path, given, is_given))
                if isinstance(part.func, cst.Lambda):
                    pending.append(part.func.body)
            if part.__class__ not in closed:
                pending += parts_of(part, CODE)
    return found


def names_used(node: cst.CSTNode) -> Iterator[str]:
    """The plain names in ``node``, those of calls and lambdas in it included."""
    pending: list[cst.CSTNode] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, cst.Name):
            yield part.value
        else:
            pending += _names_below(part)


def _path(node: cst.CSTNode) -> str:
    """The callee as text; empty for anything that starts from no name."""
    ends: list[str] = []
    while True:
        if isinstance(node, cst.Attribute):
            ends.append(f".{node.attr.value}")
            node = node.value
        elif isinstance(node, cst.Call):
            ends.append("()")
            node = node.func
        elif isinstance(node, cst.Subscript):
            ends.append("[]")
            node = node.value
        else:
            ends.append(node.value if isinstance(node, cst.Name) else "")
            return "".join(reversed(ends))


def _names_given_to(call: cst.Call, *, is_nameless: bool) -> Iterator[str]:
    """The names that the arguments are made of; those of a call in them are that call's own."""
    pending: list[cst.CSTNode] = [arg.value for arg in call.args]
    # A callee may be chosen by other names.
    choices = cst.IfExp | cst.BooleanOperation | cst.NamedExpr | cst.Subscript
    if is_nameless and isinstance(call.func, choices):
        pending.append(call.func)
    name, closed = cst.Name, (cst.Lambda, cst.Call)
    while pending:
        part = pending.pop()
        if part.__class__ is name:
            assert isinstance(part, cst.Name)
            yield part.value
        elif part.__class__ not in closed:
            pending += _names_below(part)


def _names_below(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The parts of a node, but for names that are none of a scope: attributes and keywords."""
    if node.__class__ in (cst.Attribute, cst.Arg):
        return [node.value]
    return parts_of(node, CODE)
