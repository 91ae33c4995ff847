"""Every function of a module with what its signature promises and what its body returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from modlint.analysis.module import CodeUnit, Definition, FunctionNode, Module
from modlint.analysis.returns import Returns, returns_of
from modlint.analysis.trees import blocks_of, compounds, dotted, remembered, walk
from modlint.analysis.types import last_name

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
            for node, returns, owner, depth in _read(unit.tree, never)
        ]
    return cast("list[Function]", module.cache["functions"])


@remembered
def _read(
    tree: ast.Module, never: frozenset[str]
) -> list[tuple[FunctionNode, Returns, ast.ClassDef | None, int]]:
    """The functions of a cell, remembered: fixing reads most cells again unchanged."""
    return [
        (node, returns_of(node, never.__contains__), owner, depth)
        for node, owner, depth in _functions_in(tree.body, None, 0)
    ]


def _functions_in(
    body: list[ast.stmt], owner: ast.ClassDef | None, depth: int
) -> Iterator[tuple[FunctionNode, ast.ClassDef | None, int]]:
    for node in compounds(body):
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
        written = dotted(node.returns).strip("'\"").split(".")[-1]
        if written in ("NoReturn", "Never"):
            return True
    if not isinstance(node.body[-1], (ast.Raise, ast.Expr, ast.Pass)):
        return False
    body = [n for n in node.body if not isinstance(n, (ast.Expr, ast.Pass))]
    return bool(body) and all(isinstance(n, ast.Raise) for n in body)


def base_names(module: Module) -> set[str]:
    """The names of all that a class of the module is derived from."""
    return {
        last_name(base)
        for definitions in module.definitions.values()
        for definition in definitions
        if isinstance(definition.node, ast.ClassDef)
        for base in definition.node.bases
    }


def plain_definitions(module: Module) -> dict[str, list[Definition]]:
    """Names that mean what their definitions say, wherever they are used, with these definitions.

    Nothing else binds such a name, no decorator changes what it is, none of its definitions
    depends on a condition, and no star import below them may bind it anew.
    """
    if "plain definitions" not in module.cache:
        module.cache["plain definitions"] = _plain_definitions(module)
    return cast("dict[str, list[Definition]]", module.cache["plain definitions"])


def _plain_definitions(module: Module) -> dict[str, list[Definition]]:
    other = module.variables | module.imports.keys() | module.words_of_unparsed
    last_star = (-1, 0)
    for unit in module.parsed_units:
        for statement in unit.block:
            other |= statement.names.rebinds
            if statement.names.dynamic and any(map(_imports_star, walk(statement.first))):
                last_star = (unit.index, statement.first_line)
    return {
        name: definitions
        for name, definitions in module.definitions.items()
        if name not in other
        and (definitions[0].unit.index, definitions[0].node.lineno) > last_star
        and not any(d.conditional or d.node.decorator_list for d in definitions)
    }


def _imports_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)


def signature_text(node: FunctionNode) -> str:
    """``name(parameters) -> result`` as it is written."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"
