"""The code of the module, prepared to be watched, and run."""

from __future__ import annotations
import __future__

import ast
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

#: The bits of a code object that `from __future__` sets.
_FUTURE = sum({getattr(__future__, n).compiler_flag for n in __future__.all_feature_names})
#: Names under which the compiled module finds what watches it.
CALL, TESTED = "__modlint_call__", "__modlint_tested__"


class Calls(ast.NodeTransformer):
    """Tells of every call that is made at module level, before it is made.

    To construct an object of a class without ``__init__`` runs no Python function that a
    profiler could see. A definition does not act: what a decorator, a base class, a default
    value or an attribute of a class calls is not told of.
    """

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed
        self.in_fallback = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """What is in a function does not run yet."""
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """As in a function."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """As in a function."""
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """An attribute of a class is made when the class is; anything else there acts."""
        node.body = [self.visit(n) if _acts_in_class(n) else n for n in node.body]
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """The handler of an import may say that a package is missing."""
        node.body = [self.visit(n) for n in node.body]
        before = self.in_fallback
        self.in_fallback |= any(isinstance(n, ast.Import | ast.ImportFrom) for n in node.body)
        node.handlers = [self.visit(n) for n in node.handlers]
        self.in_fallback = before
        node.orelse = [self.visit(n) for n in node.orelse]
        node.finalbody = [self.visit(n) for n in node.finalbody]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """An annotation may be kept as text, and then as it was written."""
        node.value = self.visit(node.value) if node.value else None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Pass the callee through the function that tells of it."""
        words = ast.unparse(node.func)
        self.generic_visit(node)
        if not is_allowed(words, self.allowed):
            told: list[ast.expr] = [
                node.func, ast.Constant(f"{words.splitlines()[0]}()"),
                ast.Constant(self.in_fallback),
            ]  # fmt: skip
            node.func = ast.Call(ast.Name(CALL, ast.Load()), told, [])
        return ast.fix_missing_locations(node)


class Tests(ast.NodeTransformer):
    """Makes each test tell when it is called, and whether it breaks off."""

    def __init__(self, tests: list[str]) -> None:
        self.tests = tests
        self.above = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Name the methods after their class."""
        before, self.above = self.above, f"{self.above}{node.name}."
        self.generic_visit(node)
        self.above = before
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Let a test tell."""
        return self._told(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Let a test tell."""
        return self._told(node)

    def _told(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        name = self.above + node.name
        if name in self.tests:
            call = ast.Call(ast.Name(TESTED, ast.Load()), [ast.Constant(name)], [])
            start = int(ast.get_docstring(node) is not None)
            body = node.body[start:] or [ast.copy_location(ast.Pass(), node.body[0])]
            told = ast.With([ast.withitem(call)], body)
            node.body[start:] = [ast.copy_location(told, body[0])]
        return ast.fix_missing_locations(node)


def is_allowed(path: str, allowed: list[str]) -> bool:
    """Whether the settings let a call run on import."""
    return any(fnmatchcase(path, pattern) for pattern in allowed)


def _acts_in_class(node: ast.stmt) -> bool:
    return not isinstance(node, ast.Assign | ast.AnnAssign)


def quiet_rows(tree: ast.Module, allowed: list[str]) -> Iterator[int]:
    """Rows on which functions may be called by other ways than a call that is written there."""
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, in_class = pending.pop()
        for child in ast.iter_child_nodes(node):
            is_definition = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            is_call = isinstance(child, ast.Call) and is_allowed(ast.unparse(child.func), allowed)
            is_attribute = in_class and isinstance(child, ast.Assign | ast.AnnAssign)
            if is_definition:
                yield from _header_rows(child)
            if is_definition and not isinstance(child, ast.ClassDef):
                continue
            if is_call or is_attribute:
                yield from range(child.lineno, child.end_lineno + 1)  # type: ignore[attr-defined]
            pending.append((child, isinstance(child, ast.ClassDef)))


def _header_rows(node: Any) -> range:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return range(first, max(first + 1, node.body[0].lineno))


@dataclass
class Code:
    """One text of the module, parsed."""

    index: int
    file: str
    text: str
    tree: ast.Module
    flags: int

    def compiled(self, body: list[ast.stmt]) -> types.CodeType:
        """Some of its statements, compiled as they are in the whole."""
        part = ast.Module(body, [])
        code: types.CodeType = compile(part, self.file, "exec", flags=self.flags, dont_inherit=True)
        return code


def parsed(index: int, file: str, text: str, *, is_notebook: bool = False) -> Code:
    """One text of the module. Raises what ``compile`` does."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if is_notebook else 0
    whole = compile(text, file, "exec", flags=flags, dont_inherit=True)
    flags |= whole.co_flags & _FUTURE
    return Code(index, file, text, ast.parse(text, file), flags)


def run(code: types.CodeType, space: dict[str, Any]) -> None:
    """Execute ``code``; a notebook's cell may await at the top level."""
    if code.co_flags & inspect.CO_COROUTINE:
        awaited(eval(code, space))
    else:
        exec(code, space)


def awaited(coroutine: Any) -> None:
    """Wait for ``coroutine`` in an event loop of its own."""
    import asyncio

    asyncio.run(coroutine)
