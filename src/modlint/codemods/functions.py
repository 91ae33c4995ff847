"""A function that a codemod rewrites: by its name, or the only one that is there."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

Rewrite = Callable[[cst.FunctionDef], cst.FunctionDef]


def with_function(tree: cst.Module, name: str | None, rewrite: Rewrite) -> cst.Module:
    """``tree`` with a function rewritten: the one of this name, or the first statement."""
    if name is None:
        first, *others = tree.body
        return tree.with_changes(body=[rewrite(cst.ensure_type(first, cst.FunctionDef)), *others])
    function = function_named(tree, name)
    return cst.ensure_type(tree.deep_replace(function, rewrite(function)), cst.Module)


def function_named(tree: cst.Module, name: str) -> cst.FunctionDef:
    """The first function ``name``, or method ``Class.name``. Raises ValueError for none."""
    search = _Search(name.split("."))
    tree.visit(search)
    if search.found is None:
        raise ValueError(f"there is no function {name}")
    return search.found


class _Search(cst.CSTVisitor):
    def __init__(self, path: list[str]) -> None:
        super().__init__()
        self._path = path
        self._at: list[str] = []
        self.found: cst.FunctionDef | None = None

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._at.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._at.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._at.append(node.name.value)
        if self.found is None and self._at == self._path:
            self.found = node

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._at.pop()
