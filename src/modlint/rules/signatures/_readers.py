"""What reads an annotation while a module runs: there, another annotation is another program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.facts import Facts, facts_of
from modlint.analysis.module import FunctionNode, Module, fact
from modlint.analysis.scopes import parameters
from modlint.analysis.trees import COMPOUND, blocks_of, dotted, walk

#: Code that asks for annotations.
_ASKS = re.compile(
    r"__annotations__|get_type_hints|get_annotations|getfullargspec|return_annotation"
    r"|\.annotation\b|\bsignature\(|__signature__|\bfields\("
    r"|\bhelp\(|\bpydoc\b|\bshow_doc\("  # which display the header of what they are given
)
#: Decorators that leave annotations alone, by their paths; a dot at the end: all of a module.
_IGNORE = (
    "builtins.staticmethod", "builtins.classmethod", "builtins.property", "functools.wraps",
    "functools.lru_cache", "functools.cache", "functools.cached_property",
    "functools.singledispatch", "functools.total_ordering", "abc.abstractmethod",
    "abc.abstractproperty", "typing.override", "typing.final", "typing.overload",
    "typing.no_type_check", "typing.runtime_checkable", "contextlib.contextmanager",
    "contextlib.asynccontextmanager", "enum.unique", "torch.no_grad", "torch.enable_grad",
    "torch.inference_mode", "pytest.fixture", "pytest.mark.", "unittest.skip", "unittest.skipIf",
    "unittest.skipUnless", "unittest.expectedFailure", "unittest.mock.patch",
    "unittest.mock.patch.", "atexit.register",
)  # fmt: skip
#: The same where only the class of ``self`` is read.
_READ_FIRST = tuple(
    f"fastcore.{home}.{name}"
    for home in ("basics", "all", "utils")
    for name in ("patch", "patch_to")
)
#: The same for a class: what they read of its fields is which there are.
_IGNORE_FIELDS = ("dataclasses.dataclass",)
_PROPERTY_PARTS = frozenset({"setter", "getter", "deleter"})
#: Bases that do not look at the annotations of a class.
_PLAIN_BASES = re.compile(
    r"builtins\.\w+|abc\.ABC|typing\.(Generic|Protocol|NamedTuple|TypedDict)|enum\.\w+"
    r"|collections\.abc\.\w+|torch\.nn\.Module|unittest\.TestCase"
)
#: Modules whose functions read the annotations of what they are given.
_READERS = re.compile(
    r"(pydantic|typer|fastapi|click|fire|typeguard|beartype|attrs?|cattrs|msgspec|strawberry"
    r"|fastcore|ipywidgets|langchain\w*|openai|mcp|fastmcp|fasthtml|gradio)\b"
)


def result_is_read(module: Module, function: FunctionNode, owner: ast.ClassDef | None) -> bool:
    """Whether something may read the annotation of a function's result."""
    return _is_read(module, function, owner, _IGNORE + _READ_FIRST)


def any_is_read(module: Module, tree: ast.Module, annotations: list[ast.expr]) -> bool:
    """Whether something may read one of ``annotations``, which stand somewhere in ``tree``."""
    wanted = set(annotations)
    return any(
        _is_read(module, node, owner, _IGNORE)
        if isinstance(node, FunctionNode)
        else _field_is_read(module, node)
        for node, owner, annotation in _annotated(tree)
        if annotation in wanted
    )


def _annotated(
    tree: ast.Module,
) -> Iterator[tuple[FunctionNode | ast.ClassDef, ast.ClassDef | None, ast.expr]]:
    """The annotations of functions and of the fields of classes, each with what it belongs to.

    Those of locals are never computed.
    """
    pending: list[tuple[ast.AST, ast.ClassDef | None]] = [(tree, None)]
    while pending:
        node, owner = pending.pop()
        if isinstance(node, FunctionNode):
            args = node.args
            given = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
            found = [arg.annotation for arg in given if arg is not None]
            for annotation in (*found, node.returns):
                if annotation is not None:
                    yield node, owner, annotation
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.AnnAssign):
                    yield node, None, part.annotation
        inner = node if isinstance(node, ast.ClassDef) else None
        blocks = [node.body] if isinstance(node, ast.Module) else []
        if isinstance(node, COMPOUND):
            blocks = blocks_of(node)
        pending += [(child, inner) for block in blocks for child in block]


def _is_read(
    module: Module, function: FunctionNode, owner: ast.ClassDef | None, ignore: tuple[str, ...]
) -> bool:
    if _asks_itself(module):
        return True
    facts = facts_of(module)
    decorators = list(function.decorator_list)
    if not all(_leaves_alone(facts, d, ignore) for d in decorators):
        return True
    if owner is not None:
        kinds = ignore + _IGNORE_FIELDS
        return not all(_leaves_alone(facts, d, kinds) for d in owner.decorator_list)
    return _is_given_away(module, facts, function.name, ignore)


def _field_is_read(module: Module, node: ast.ClassDef) -> bool:
    if _asks_itself(module) or node.keywords:
        return True
    facts = facts_of(module)
    if not all(_leaves_alone(facts, d, _IGNORE + _IGNORE_FIELDS) for d in node.decorator_list):
        return True
    bases: set[str] = set()
    for base in facts.bases(node):
        bases |= facts.lineage(base)[0]
    return not all(base[:1] == ":" or _PLAIN_BASES.fullmatch(base) for base in bases)


@fact
def _asks_itself(module: Module) -> bool:
    """Whether code of the module asks for annotations."""
    return any(_ASKS.search(unit.text) for unit in module.units)


def _leaves_alone(facts: Facts, decorator: ast.expr, ignore: tuple[str, ...]) -> bool:
    """Whether a decorator is known to ignore annotations."""
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(callee, ast.Attribute) and callee.attr in _PROPERTY_PARTS:
        return True
    path = facts.path(callee)
    if any(path == name or (name[-1] == "." and path.startswith(name)) for name in ignore):
        return True
    own = facts.functions.get(path[1:]) if path[:1] == ":" else None
    return own is not None and _only_wraps(facts, own)


def _only_wraps(facts: Facts, decorator: FunctionNode) -> bool:
    """Whether a decorator of the module hands its function to nobody who may read annotations."""
    names = set(parameters(decorator))
    for node in walk(decorator):
        if isinstance(node, FunctionNode):
            names |= set(parameters(node)[:1])
    return all(
        facts.path(call.func).startswith(("builtins.", "functools."))
        for call in walk(decorator)
        if isinstance(call, ast.Call)
        and any(isinstance(arg, ast.Name) and arg.id in names for arg in call.args)
        and dotted(call.func) not in names
    )


def _is_given_away(module: Module, facts: Facts, name: str, ignore: tuple[str, ...]) -> bool:
    """Whether a function is given to a call that may be a decorator: ``f = typed(f)``."""
    for node, call in _given_names(module).get(name, ()):
        callee = call.func.func if isinstance(call.func, ast.Call) else call.func
        binds = isinstance(node, ast.Assign) and name in map(dotted, node.targets)
        if binds and not _leaves_alone(facts, callee, ignore):
            return True
        if _READERS.match(facts.path(callee)):
            return True
    return False


@fact
def _given_names(module: Module) -> dict[str, list[tuple[ast.stmt, ast.Call]]]:
    """The calls that each name is given to, with their statements; computed once a module."""
    found: dict[str, list[tuple[ast.stmt, ast.Call]]] = {}
    for unit in module.parsed_units:
        for statement in unit.block:
            for call in statement.names.calls:
                for argument in call.args:
                    if isinstance(argument, ast.Name):
                        found.setdefault(argument.id, []).append((statement.first, call))
    return found
