"""What the names of a module mean, as far as types and the ways out of a function ask for it.

A name is resolved to a path: ``:Side`` is the module's own, ``enum.Enum`` an import's,
``builtins.int`` Python's, ``?Side`` anybody's guess. Names of typing stand under ``typing.``
and those that typing only repeats under their own: ``typing.List`` is ``builtins.list``.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
from collections.abc import Mapping
from functools import cached_property

from modlint.analysis.module import FunctionNode, Module, fact
from modlint.analysis.trees import dotted

ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
#: Bases that make a member of an enumeration equal to its value.
_PLAIN_VALUES = frozenset({"enum.IntEnum", "enum.StrEnum", "builtins.int", "builtins.str"})
#: Names of typing for builtin types.
_ALIASES = {
    "List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple",
    "Text": "str", "Type": "type", "LiteralString": "str",
}  # fmt: skip
#: Modules that hold names of typing; ``t`` and the last are such where nothing binds them.
_TYPING = frozenset({"typing", "typing_extensions", "t", "collections.abc"})
_KNOWN_TYPING = frozenset(
    "Any Optional Union Literal Annotated Final ClassVar NoReturn Never TypeGuard TypeIs AnyStr "
    "Required NotRequired ReadOnly Callable TypeVar NewType TypeAlias Protocol Generic "
    "assert_never".split()
)


class Facts:
    """The module-level names that a function may meet; equal where the nodes behind are.

    ``classes`` and ``functions``: what is defined once; ``values``: what is assigned once;
    ``annotated``: the annotations of variables; ``imports``: name → dotted path; ``bound``:
    every name that the module binds.
    """

    def __init__(
        self,
        classes: Mapping[str, ast.ClassDef],
        functions: Mapping[str, FunctionNode],
        values: Mapping[str, ast.expr],
        annotated: Mapping[str, ast.expr],
        imports: Mapping[str, str],
        bound: frozenset[str],
        called: frozenset[str],
    ) -> None:
        self.classes = classes
        self.functions = functions
        self.values = values
        self.annotated = annotated
        self.imports = imports
        self.bound = bound
        self.called = called
        #: Functions of which it was asked whether they run to no end (how many calls deep).
        self.endless: dict[tuple[FunctionNode, int], bool] = {}
        self.ending_names: frozenset[str] | None = None
        parts = (classes, functions, values, annotated, imports)
        self._key = (*(tuple(part.items()) for part in parts), bound, called)
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def path(self, node: ast.expr) -> str:
        """What a name or a dotted path means; empty for anything else."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return ""
        text = dotted(node)
        first, dot, rest = text.partition(".")
        if not first.isidentifier():
            return ""
        if first in self.imports:
            return _one_home(self.imports[first] + dot + rest)
        if first in self.bound:
            return f":{text}" if first in self._own else f"?{text}"
        if not dot and hasattr(builtins, first):
            return f"builtins.{first}"
        if not dot and (first in _KNOWN_TYPING or first in _ALIASES):
            return _one_home(f"typing.{first}")
        # Below a star import, or before the import is written: taken at its word.
        return _one_home(text) if text.rpartition(".")[0] in _TYPING else f"?{text}"

    def special(self, node: ast.expr) -> str:
        """The name of a type of Python or of typing; empty for any other."""
        home, _, name = self.path(node).rpartition(".")
        return name if home in ("builtins", "typing", "collections.abc") else ""

    def class_of(self, path: str) -> ast.ClassDef | None:
        """The module's own class of a path."""
        return self.classes.get(path[1:]) if path[:1] == ":" else None

    def bases(self, node: ast.ClassDef) -> list[str]:
        """The paths of the bases of a class, without their parameters."""
        bases = [b.value if isinstance(b, ast.Subscript) else b for b in node.bases]
        return [self.path(base) for base in bases]

    def lineage(self, path: str) -> tuple[frozenset[str], bool]:
        """The path and those of all bases; whether that is all of them."""
        found: set[str] = set()
        pending = [path]
        complete = True
        while pending:
            current = pending.pop()
            if current in found:
                continue
            found.add(current)
            node = self.class_of(current)
            if node is not None:
                pending += [base or "?" for base in self.bases(node)]
            elif isinstance(kind := real_class(current), type):
                found |= {f"builtins.{base.__name__}" for base in kind.__mro__}
            elif current not in ENUMS and current not in ("typing.Generic", "typing.Protocol"):
                complete = False
        return frozenset(found), complete

    def method(self, path: str, name: str) -> FunctionNode | None:
        """The method that an object of the module's own class ``path`` has under ``name``."""
        seen: set[str] = set()
        pending = [path]
        while pending:
            current = pending.pop(0)
            node = self.class_of(current)
            if current in seen or node is None:
                continue
            seen.add(current)
            found = [m for m in node.body if isinstance(m, FunctionNode) and m.name == name]
            if found:
                return found[-1]
            pending = [*self.bases(node), *pending]
        return None

    def members(self, path: str) -> Mapping[str, ast.expr] | None:
        """The members of the module's own enumeration with their values; None for another class."""
        return self._enums.get(path)

    def has_plain_values(self, path: str) -> bool:
        """Whether a member of an enumeration equals its value: that of an ``IntEnum`` does."""
        return bool(self.lineage(path)[0] & _PLAIN_VALUES)

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset({*self.classes, *self.functions, *self.values, *self.annotated})

    @cached_property
    def _enums(self) -> dict[str, Mapping[str, ast.expr]]:
        return {
            f":{name}": members
            for name, node in self.classes.items()
            if self.lineage(f":{name}")[0] & ENUMS and (members := _members(node))
        }


#: What is known where nothing is.
NO_FACTS = Facts({}, {}, {}, {}, {}, frozenset(), frozenset())


@fact
def facts_of(module: Module) -> Facts:
    """The facts of a module."""
    return _facts_of(module)


def _facts_of(module: Module) -> Facts:
    imports: dict[str, str] = {}
    for name, found in module.imports.items():
        paths = {
            _one_home(i.module if i.original is None else f"{i.module}.{i.original}") for i in found
        }
        if found[-1].original is None and name == found[-1].module.split(".")[0]:
            paths = {name}  # `import os.path` binds os
        if len(paths) == 1 and name not in module.definitions and name not in module.variables:
            imports[name] = paths.pop()
    once = {
        name: definitions[0].node
        for name, definitions in module.definitions.items()
        if len(definitions) == 1 and name not in module.imports and name not in module.variables
    }
    values, annotated = _variables(module)
    bound = frozenset({*module.definitions, *module.imports, *module.variables})
    called = {
        call.func.id
        for unit in module.parsed_units
        for statement in unit.block
        for call in statement.names.calls
        if isinstance(call.func, ast.Name) and call.func.id in imports
    }
    return Facts(
        {name: node for name, node in once.items() if isinstance(node, ast.ClassDef)},
        {name: node for name, node in once.items() if isinstance(node, FunctionNode)},
        values,
        annotated,
        imports,
        bound,
        frozenset(called),
    )


def _variables(module: Module) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
    """What variables of the top level are bound to, where that is one thing; their annotations."""
    bound: dict[str, list[ast.expr | None]] = {}
    annotated: dict[str, ast.expr] = {}
    rebound: set[str] = set()
    for unit in module.parsed_units:
        for statement in unit.block:
            rebound |= statement.names.rebinds
            names = set(statement.names.binds)
            for node in statement.nodes:
                for target, value in _assigned(node):
                    bound.setdefault(target, []).append(value)
                    names.discard(target)
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    annotated[node.target.id] = node.annotation
            for name in names:
                bound.setdefault(name, []).append(None)
    values = {
        name: value[0]
        for name, value in bound.items()
        if len(value) == 1 and value[0] is not None and name not in rebound
    }
    return values, {n: a for n, a in annotated.items() if n not in module.definitions}


def _assigned(node: ast.stmt) -> list[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
        value: ast.expr | None = node.value
    elif isinstance(node, ast.AnnAssign):
        target, value = node.target, node.value
    elif node.__class__.__name__ == "TypeAlias":  # `type Mode = …`, from Python 3.12 on
        target, value = node.name, node.value  # type: ignore[attr-defined]
    else:
        return []
    return [(target.id, value)] if isinstance(target, ast.Name) and value is not None else []


def _members(node: ast.ClassDef) -> dict[str, ast.expr]:
    """The members of an enumeration; empty where its body leaves them open."""
    found: dict[str, ast.expr] = {}
    for part in node.body:
        if isinstance(part, FunctionNode | ast.ClassDef | ast.Pass | ast.Expr):
            continue
        assigned = _assigned(part)
        if not assigned and not isinstance(part, ast.AnnAssign):
            return {}
        for name, value in assigned:
            if not name.startswith("_") and not _is_no_member(value):
                found[name] = value
    return found


def _is_no_member(value: ast.expr) -> bool:
    if isinstance(value, ast.Lambda):
        return True
    return isinstance(value, ast.Call) and dotted(value.func).endswith(("nonmember", "property"))


def real_class(path: str) -> object:
    """The class of Python's own behind a path; None where there is none."""
    home, _, name = path.rpartition(".")
    if home == "builtins":
        return type(None) if name == "NoneType" else getattr(builtins, name, None)
    return getattr(collections.abc, name, None) if home == "collections.abc" else None


def _one_home(path: str) -> str:
    """``path`` under the module that the name belongs to."""
    home, _, name = path.rpartition(".")
    if path == "types.NoneType":
        return "builtins.NoneType"
    if home not in _TYPING:
        return path
    if name in _ALIASES:
        return f"builtins.{_ALIASES[name]}"
    is_abstract = name in collections.abc.__all__ and name != "Callable"
    return f"collections.abc.{name}" if is_abstract else f"typing.{name}"
