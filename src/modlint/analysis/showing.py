"""What a code cell displays as a notebook: the value of its last line, if that is an expression.

A semicolon behind it keeps the value from being displayed, and so does a value that is None. What
is not known to be None is taken for something that is displayed.
"""

from __future__ import annotations

import ast
import builtins
import re
from functools import cached_property

from modlint.analysis.module import FunctionNode
from modlint.analysis.parsing import parse
from modlint.analysis.scopes import names_in
from modlint.analysis.trees import dotted, own_nodes, remembered
from modlint.analysis.vocabulary import GIVES_NOTHING
from modlint.notebook.cell import CellKind, ModuleFile
from modlint.patterns import matches


class Values:
    """What is known of the values that expressions of a file have."""

    def __init__(self, file: ModuleFile) -> None:
        self._file = file
        self._none: dict[str, bool] = {}

    def shown(self, text: str, tree: ast.Module) -> ast.Expr | None:
        """The statement whose value a cell displays; None where it displays none."""
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, ast.Expr) or not self._file.is_notebook:
            return None
        if self._is_none(last.value):
            return None
        return None if is_hushed(text, last) else last

    def _is_none(self, node: ast.expr, *, awaited: bool = False) -> bool:
        if isinstance(node, ast.Constant):
            return node.value is None
        if isinstance(node, ast.IfExp):
            return self._is_none(node.body) and self._is_none(node.orelse)
        if isinstance(node, ast.Await):
            return self._is_none(node.value, awaited=True)
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Name):
            is_coroutine = not awaited and self._is_async(node.func.id)
            return not is_coroutine and self._gives_none(node.func.id)
        path = dotted(node.func)
        if path == "asyncio.run" and node.args and isinstance(node.args[0], ast.Call):
            return self._is_none(node.args[0], awaited=True)
        last = path.rpartition(".")[2]
        if isinstance(node.func, ast.Attribute) and self._methods_named(last):
            return self._method_gives_none(last, awaited=awaited)
        return matches(path, GIVES_NOTHING)

    def _is_async(self, name: str) -> bool:
        return any(isinstance(node, ast.AsyncFunctionDef) for node in self._binding.get(name, ()))

    def _gives_none(self, name: str) -> bool:
        if name not in self._none:
            self._none[name] = self._function_gives_none(name)
        return self._none[name]

    def _method_gives_none(self, name: str, *, awaited: bool) -> bool:
        """Whether no method of this name, of the file's classes, gives a value or a coroutine."""
        return all(
            _ends_without_value(node) and (awaited or isinstance(node, ast.FunctionDef))
            for node in self._methods_named(name)
        )

    def _methods_named(self, name: str) -> list[FunctionNode]:
        return self._methods.get(name, [])

    def _function_gives_none(self, name: str) -> bool:
        """Whether all that the file binds to ``name`` gives None when it is called."""
        bound = self._binding.get(name, [])
        if bound and all(isinstance(node, FunctionNode) for node in bound):
            return all(map(_ends_without_value, bound))
        if bound or self._is_dynamic:
            is_imported = all(isinstance(node, ast.Import | ast.ImportFrom) for node in bound)
            return is_imported and matches(name, GIVES_NOTHING)
        # What nobody binds raises an error, if it is none of Python's own.
        return matches(name, GIVES_NOTHING) or not hasattr(builtins, name)

    @cached_property
    def _binding(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind each name."""
        found: dict[str, list[ast.stmt]] = {}
        for node in self._statements:
            for name in names_in(node).binds:
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def _is_dynamic(self) -> bool:
        return any(names_in(node).dynamic for node in self._statements)

    @cached_property
    def _methods(self) -> dict[str, list[FunctionNode]]:
        """The methods of the file's classes, by their names."""
        found: dict[str, list[FunctionNode]] = {}
        for node in self._statements:
            for part in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(part, FunctionNode):
                    found.setdefault(part.name, []).append(part)
        return found

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        trees = [parse(cell.source) for cell in self._file.cells if cell.kind is CellKind.CODE]
        return [node for tree in trees if isinstance(tree, ast.Module) for node in tree.body]


@remembered
def _ends_without_value(node: ast.stmt) -> bool:
    if not isinstance(node, FunctionNode) or node.decorator_list:
        return False
    for part in own_nodes(node.body):
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(part, ast.Return) and not _is_none(part.value):
            return False
    return True


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def is_hushed(text: str, node: ast.Expr) -> bool:
    """Whether a semicolon behind a statement keeps its value from being displayed."""
    line = re.split(r"\r\n|\r|\n", text)[(node.end_lineno or node.lineno) - 1]
    return line.encode()[node.end_col_offset or 0 :].strip().startswith(b";")
