"""Every function of a module with what its signature promises and what its body returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.returns import Returns, returns_of
from modlint.analysis.trees import blocks_of

_ENDING_IMPORTS = frozenset({("sys", "exit"), ("os", "_exit"), ("os", "abort")})


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function of a module: ``owner`` is its class, if any; ``depth`` 0 is the top level."""

    unit: CodeUnit
    node: FunctionNode
    returns: Returns
    owner: ast.ClassDef | None
    depth: int

    @property
    def annotation(self) -> ast.expr | None:
        """The return annotation; one written as a string is read as the type it holds."""
        found = self.node.returns
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            try:
                return ast.parse(found.value.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return None
        return found


def functions_of(module: Module) -> list[Function]:
    """All functions of the module, nested ones included, in order; computed once a module."""
    if "functions" not in module.cache:
        never = _never_return(module)
        module.cache["functions"] = [
            Function(unit, node, returns, owner, depth)
            for unit in module.parsed_units
            if unit.tree
            for node, returns, owner, depth in _read(unit.tree, never, "yield" in unit.text)
        ]
    return cast("list[Function]", module.cache["functions"])


@lru_cache(maxsize=1024)
def _read(
    tree: ast.Module, never: frozenset[str], may_yield: bool
) -> list[tuple[FunctionNode, Returns, ast.ClassDef | None, int]]:
    """The functions of a cell, remembered: fixing reads most cells again unchanged."""
    return [
        (node, returns_of(node, never.__contains__, may_yield=may_yield), owner, depth)
        for node, owner, depth in _functions_in(tree.body, None, 0)
    ]


def _functions_in(
    body: list[ast.stmt], owner: ast.ClassDef | None, depth: int
) -> Iterator[tuple[FunctionNode, ast.ClassDef | None, int]]:
    for node in body:
        if isinstance(node, FunctionNode):
            yield node, owner, depth
            yield from _functions_in(node.body, None, depth + 1)
        elif isinstance(node, ast.ClassDef):
            yield from _functions_in(node.body, node, depth + 1)
        else:
            for block in blocks_of(node):
                yield from _functions_in(block, owner, depth)


def _never_return(module: Module) -> frozenset[str]:
    """Calls that do not come back: of own functions and methods that say so or only raise."""
    never = {
        f"{name}"
        for name, found in module.imports.items()
        if any((i.module, i.original) in _ENDING_IMPORTS for i in found)
    }
    for definitions in module.definitions.values():
        for definition in definitions:
            node = definition.node
            if isinstance(node, FunctionNode) and _never_comes_back(node):
                never.add(node.name)
            elif isinstance(node, ast.ClassDef):
                never |= {
                    f"self.{member.name}"
                    for member in node.body
                    if isinstance(member, FunctionNode) and _never_comes_back(member)
                }
    return frozenset(never)


def _never_comes_back(node: FunctionNode) -> bool:
    if node.returns is not None:
        written = ast.unparse(node.returns).strip("'\"").split(".")[-1]
        if written in ("NoReturn", "Never"):
            return True
    body = [n for n in node.body if not isinstance(n, ast.Expr | ast.Pass)]
    return bool(body) and all(isinstance(n, ast.Raise) for n in body)


def signature_text(node: FunctionNode) -> str:
    """``name(parameters) -> result`` as it is written."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"
