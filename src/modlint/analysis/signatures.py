"""Every function of a module with what its signature promises and what its body returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from modlint.analysis.context import Context
from modlint.analysis.facts import Facts, facts_of
from modlint.analysis.module import CodeUnit, Definition, FunctionNode, Module
from modlint.analysis.returns import Returns, returns_of
from modlint.analysis.trees import blocks_of, compounds, remembered, walk
from modlint.analysis.types import last_name


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
        facts = facts_of(module)
        module.cache["functions"] = [
            Function(unit, node, returns, owner, depth)
            for unit in module.parsed_units
            if unit.tree
            for node, returns, owner, depth in _read(unit.tree, facts)
        ]
    return cast("list[Function]", module.cache["functions"])


@remembered
def _read(
    tree: ast.Module, facts: Facts
) -> list[tuple[FunctionNode, Returns, ast.ClassDef | None, int]]:
    """The functions of a cell, remembered: fixing reads most cells again unchanged."""
    return list(_functions_in(tree.body, facts, None, 0, None))


def _functions_in(
    body: list[ast.stmt],
    facts: Facts,
    owner: ast.ClassDef | None,
    depth: int,
    outer: Context | None,
) -> Iterator[tuple[FunctionNode, Returns, ast.ClassDef | None, int]]:
    pending = compounds(body)[::-1]
    while pending:  # a chain of ``elif`` is as deep as it is long
        node = pending.pop()
        if isinstance(node, FunctionNode):
            context = Context(facts, node, owner, outer)
            yield node, returns_of(node, context), owner, depth
            yield from _functions_in(node.body, facts, None, depth + 1, context)
        elif isinstance(node, ast.ClassDef):
            yield from _functions_in(node.body, facts, node, depth + 1, outer)
        else:
            for block in reversed(blocks_of(node)):
                pending += compounds(block)[::-1]


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
