"""Every function of a module with what its signature promises and what its body returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from modlint.analysis.context import Context
from modlint.analysis.facts import Facts, facts_of
from modlint.analysis.module import CodeUnit, Definition, FunctionNode, Module, fact
from modlint.analysis.returns import Look, Returns, returns_of
from modlint.analysis.scopes import is_namespace
from modlint.analysis.trees import blocks_of, compounds, dotted, remembered, walk
from modlint.analysis.types import last_name

#: What evaluates, times or shows with the names of a module, and binds none.
_ONLY_READ = frozenset(
    ("eval", "timeit", "timeit.timeit", "timeit.repeat", "timeit.Timer", "Timer", "print", "len",
     "sorted", "list", "set", "dict", "pprint", "pprint.pprint", "dir", "callable", "id", "type")
)  # fmt: skip
#: What gives all names of the module, and the methods that bind some of them.
_NAMESPACE = re.compile(r"\b(?:globals|vars|locals)\b")
_BINDING = frozenset({"update", "setdefault", "pop", "__setitem__", "__delitem__"})


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function of a module: ``owner`` is its class, if any; ``depth`` 0 is the top level."""

    unit: CodeUnit
    node: FunctionNode
    context: Context
    owner: ast.ClassDef | None
    depth: int
    look: Look = Look.USUAL

    def at(self, look: Look) -> Function:
        """The same, with ``returns`` as another look finds them."""
        return replace(self, look=look)

    @property
    def returns(self) -> Returns:
        """What its body returns; computed when first asked for."""
        return _returns(self.context, self.look)

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


@fact
def functions_of(module: Module) -> list[Function]:
    """All functions of the module, nested ones included, in order; computed once a module."""
    facts = facts_of(module)
    return [
        Function(unit, node, context, owner, depth)
        for unit in module.parsed_units
        if unit.tree
        for node, context, owner, depth in _read(unit.tree, facts)
    ]


@remembered
def _returns(context: Context, look: Look) -> Returns:
    return returns_of(context.node, context, look)


@remembered
def _read(
    tree: ast.Module, facts: Facts
) -> list[tuple[FunctionNode, Context, ast.ClassDef | None, int]]:
    """The functions of a cell, remembered: fixing reads most cells again unchanged."""
    return list(_functions_in(tree.body, facts, None, 0, None))


def _functions_in(
    body: list[ast.stmt],
    facts: Facts,
    owner: ast.ClassDef | None,
    depth: int,
    outer: Context | None,
) -> Iterator[tuple[FunctionNode, Context, ast.ClassDef | None, int]]:
    pending = compounds(body)[::-1]
    while pending:  # a chain of ``elif`` is as deep as it is long
        node = pending.pop()
        if isinstance(node, FunctionNode):
            context = Context(facts, node, owner, outer)
            yield node, context, owner, depth
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


@fact
def plain_definitions(module: Module) -> dict[str, list[Definition]]:
    """Names that mean what their definitions say, wherever they are used, with these definitions.

    Nothing else binds such a name, no decorator changes what it is, none of its definitions
    depends on a condition, no star import below them may bind it again, and ``globals()`` is not
    used to bind it (any name: where the text does not tell which).
    """
    unseen = _bound_by_text(module)
    if unseen is None:
        return {}
    other = module.variables | module.imports.keys() | module.words_of_unparsed | unseen
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


def _bound_by_text(module: Module) -> set[str] | None:
    """The names that are bound through ``globals()``; None where that may be any name."""
    found: set[str] = set()
    for unit in module.parsed_units:
        if unit.tree is None or not _NAMESPACE.search(unit.text):
            continue
        nodes = walk(unit.tree)
        spaces = {
            target.id
            for node in nodes
            if isinstance(node, ast.Assign) and is_namespace(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes:
            names = _bound_in_namespace(node, spaces)
            if names is None:
                return None
            found |= names
    return found


def _bound_in_namespace(node: ast.AST, spaces: set[str]) -> set[str] | None:
    """The names that one node binds in a namespace (or in one of the variables ``spaces``)."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return _texts([node.slice]) if _is_space(node.value, spaces) else set()
    if not isinstance(node, ast.Call):
        return set()
    if _hands_over(node):
        return None  # ``make(name, globals())`` binds what it likes
    if not isinstance(node.func, ast.Attribute):
        return set()
    if node.func.attr not in _BINDING or not _is_space(node.func.value, spaces):
        return set()
    if node.func.attr != "update":
        return _texts(node.args[:1])
    found = {keyword.arg for keyword in node.keywords}
    keys = [key for arg in node.args for key in getattr(arg, "keys", [None])]
    names = _texts(keys)
    if names is None or None in found:
        return None
    return names | {name for name in found if name}


def _hands_over(call: ast.Call) -> bool:
    """Whether a call gets ``globals()`` itself, and is not known to read it alone."""
    given = (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg))
    return dotted(call.func) not in _ONLY_READ and any(
        is_namespace(part) and dotted(part.func) == "globals"
        for part in given
        if isinstance(part, ast.Call)
    )


def _is_space(node: ast.expr, spaces: set[str]) -> bool:
    return is_namespace(node) or (isinstance(node, ast.Name) and node.id in spaces)


def _texts(nodes: Iterable[ast.expr | None]) -> set[str] | None:
    """What literal texts say; None where one is not literal."""
    found: set[str] = set()
    for node in nodes:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return None
        found.add(node.value)
    return found


def _imports_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)


def signature_text(node: FunctionNode) -> str:
    """``name(parameters) -> result`` as it is written."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"
