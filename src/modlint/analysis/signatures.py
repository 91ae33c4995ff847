"""Every function of a module with what its signature promises and what its body returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.returns import Returns, returns_of


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
            Function(unit, node, returns_of(node, never.__contains__), owner, depth)
            for unit in module.parsed_units
            if unit.tree
            for node, owner, depth in _functions_in(unit.tree.body, None, 0)
        ]
    return cast("list[Function]", module.cache["functions"])


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
            for name in ("body", "orelse", "finalbody"):
                yield from _functions_in(getattr(node, name, []), owner, depth)
            for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                yield from _functions_in(part.body, owner, depth)


def _never_return(module: Module) -> set[str]:
    """The module's functions that are annotated ``NoReturn`` or ``Never``."""
    return {
        name
        for name, definitions in module.definitions.items()
        for definition in definitions
        if isinstance(definition.node, FunctionNode)
        and definition.node.returns is not None
        and ast.unparse(definition.node.returns).split(".")[-1].strip("'\"")
        in ("NoReturn", "Never")
    }


def signature_text(node: FunctionNode) -> str:
    """``name(parameters) -> result`` as it is written."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"
