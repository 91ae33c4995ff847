"""What a call may meet: the functions, classes and methods whose parameters are beyond doubt."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from functools import cached_property
from typing import NamedTuple

from modlint.analysis.module import Definition, FunctionNode, Module
from modlint.analysis.returns import single_value
from modlint.analysis.scopes import local_names, names_of
from modlint.analysis.signatures import base_names, plain_definitions
from modlint.analysis.trees import below, dotted, walk
from modlint.analysis.types import last_name
from modlint.rules.signatures._binding import misfit

#: Bases that leave the way in which an object is made alone.
_QUIET_BASES = frozenset({"object", "ABC", "Protocol", "Generic"})
#: An attribute that is not called on the spot; comments and line ends may stand before its name.
_NO_METHOD_CALL = re.compile(r"\.(?:[\s\\]|#.*)*+(\w++)(?!\()")

#: Calls that look at a class and leave it as it is.
_LOOKS = frozenset({"isinstance", "issubclass", "type", "print", "help", "id", "repr", "str"})

_NOTHING = ast.arguments([], [], None, [], [], None, [])


class Target(NamedTuple):
    """What a call meets: a function, and how many of its parameters are given already."""

    definition: Definition
    function: FunctionNode | None  # None: a class without ``__init__``
    bound: int

    def refuses(self, call: ast.Call) -> str:
        """Why the call fails; empty where it does not."""
        arguments = _NOTHING if self.function is None else self.function.args
        return misfit(arguments, call, bound=self.bound)


class Targets:
    """The functions, classes and methods of a module whose parameters are beyond doubt."""

    def __init__(self, module: Module) -> None:
        plain = plain_definitions(module)
        self.functions: dict[str, list[Target]] = {}
        self.classes: dict[str, Definition] = {}
        for name, definitions in plain.items():
            if len(definitions) == 1 and isinstance(definitions[0].node, ast.ClassDef):
                self.classes[name] = definitions[0]
            elif all(isinstance(d.node, FunctionNode) for d in definitions):
                self.functions[name] = [
                    Target(d, d.node, 0) for d in definitions if isinstance(d.node, FunctionNode)
                ]
        self._module = module
        own = {member.name for d in self.classes.values() for member in _methods(d)}
        self.replaced = replaced_attributes(module, own | {"__init__", "__new__"})
        for name in self.classes:
            made = self._constructor(name)
            if made is not None:
                self.functions[name] = [made]
        self.bases = base_names(module)
        self.methods: dict[str, list[Target]] = {}
        for definition in self.classes.values():
            for member in _methods(definition):
                bound = _given_by_object(member)
                if bound is not None and member.name not in self.replaced:
                    target = Target(definition, member, bound)
                    self.methods.setdefault(member.name, []).append(target)

    def may_refuse(self, call: ast.Call) -> bool:
        """A first look, by the name alone: whether something of this name refuses ``call``."""
        callee = call.func
        if isinstance(callee, ast.Name):
            targets = self.functions.get(callee.id)
        elif isinstance(callee, ast.Attribute):
            targets = self.methods.get(callee.attr)
        else:
            return False
        # Most calls are of something else: this is asked of each call in the module.
        return targets is not None and any(target.refuses(call) for target in targets)

    def of(self, call: ast.Call, around: list[ast.AST]) -> list[Target]:
        """What ``call`` may meet; nothing where that is open."""
        callee = call.func
        if isinstance(callee, ast.Name):
            return [] if _is_shadowed(callee.id, around) else self.functions.get(callee.id, [])
        assert isinstance(callee, ast.Attribute)
        owner = self._class_of(callee.value, around)
        if owner is None:
            return []
        of_owner = [t for t in self.methods[callee.attr] if t.definition.node.name == owner]
        return of_owner if len(of_owner) == 1 else []

    def _class_of(self, receiver: ast.expr, around: list[ast.AST]) -> str | None:
        """The class that ``receiver`` surely is an object of."""
        if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name):
            name = receiver.func.id
            return name if name in self.classes and not _is_shadowed(name, around) else None
        if not isinstance(receiver, ast.Name):
            return None
        inner = next(
            (n for n in reversed(around) if isinstance(n, FunctionNode | ast.Lambda)), None
        )
        if not isinstance(inner, FunctionNode):
            return None
        if receiver.id == "self":
            owner = around[around.index(inner) - 1]
            is_own = isinstance(owner, ast.ClassDef) and owner.name not in self.bases
            return owner.name if is_own and isinstance(owner, ast.ClassDef) else None
        value = single_value(inner, receiver.id)
        if isinstance(value, ast.Call):
            return self._class_of(value, around)
        return None

    def _constructor(self, name: str) -> Target | None:
        """The ``__init__`` that making an object of class ``name`` calls."""
        if {"__init__", "__new__"} & self.replaced:
            return None
        seen: set[str] = set()
        current = name
        while current not in seen:
            seen.add(current)
            definition = self.classes.get(current)
            if definition is None:
                return None
            node = definition.node
            assert isinstance(node, ast.ClassDef)
            methods = [m for m in _methods(definition) if m.name in ("__init__", "__new__")]
            if node.keywords or any(m.name == "__new__" or m.decorator_list for m in methods):
                return None
            bases = [base for base in node.bases if last_name(base) not in _QUIET_BASES]
            if methods and all(self._is_ordinary(base) for base in bases):
                return Target(definition, methods[0], 1) if len(methods) == 1 else None
            if not bases:
                if _has_fields(node) and current in self._handed:
                    return None  # as to ``dataclass(C)``: it may get an ``__init__`` there
                is_empty = not methods and not node.bases and _is_plain_body(node)
                return Target(definition, None, 0) if is_empty else None
            if len(bases) > 1 or not isinstance(bases[0], ast.Name):
                return None
            current = bases[0].id
        return None

    @cached_property
    def _handed(self) -> set[str]:
        """The names that calls get by themselves."""
        statements = (s for unit in self._module.parsed_units for s in unit.block)
        return {name for s in statements for call in s.names.calls for name in _handed(call)}

    def _is_ordinary(self, base: ast.expr) -> bool:
        """Whether a base class surely lets the ``__init__`` of the class below it be called."""
        found = self.classes.get(base.id) if isinstance(base, ast.Name) else None
        if found is None:
            return False
        node = found.node
        assert isinstance(node, ast.ClassDef)
        return (
            not node.keywords
            and all(m.name != "__new__" for m in _methods(found))
            and all(last_name(b) in _QUIET_BASES or self._is_ordinary(b) for b in node.bases)
        )


def _handed(call: ast.Call) -> Iterator[str]:
    """The names that a call gets by themselves, but for calls that only look at a class."""
    if dotted(call.func) not in _LOOKS:
        for given in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(given, ast.Name):
                yield given.id


def _has_fields(node: ast.ClassDef) -> bool:
    """Whether a class declares attributes, as those do for which something writes ``__init__``."""
    return any(isinstance(member, ast.AnnAssign) for member in node.body)


def _methods(definition: Definition) -> list[FunctionNode]:
    assert isinstance(definition.node, ast.ClassDef)
    return [member for member in definition.node.body if isinstance(member, FunctionNode)]


def _is_plain_body(node: ast.ClassDef) -> bool:
    """Whether a class body holds nothing that may bind ``__init__`` unseen."""
    return all(
        isinstance(member, FunctionNode | ast.Pass | ast.Expr | ast.Assign | ast.AnnAssign)
        for member in node.body
    )


def _given_by_object(member: FunctionNode) -> int | None:
    """How many parameters ``object.method()`` fills by itself; None where a decorator decides."""
    if not member.decorator_list:
        return 1
    names = [dotted(decorator) for decorator in member.decorator_list]
    return {"staticmethod": 0, "classmethod": 1}.get(names[0]) if len(names) == 1 else None


def _is_shadowed(name: str, around: list[ast.AST]) -> bool:
    """Whether ``name`` means something else than the module's name, in one of these scopes."""
    for node in around:
        if isinstance(node, FunctionNode | ast.Lambda):
            if name in local_names(node):
                return True
        elif isinstance(node, ast.ClassDef):
            if name in names_of(node.body).binds:
                return True
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            targets = [part for generator in node.generators for part in walk(generator.target)]
            if any(isinstance(part, ast.Name) and part.id == name for part in targets):
                return True
    return False


def replaced_attributes(module: Module, methods: Set[str]) -> set[str]:
    """Those of ``methods`` that are assigned anywhere: they may be others by then."""
    found: set[str] = set()
    for unit in module.parsed_units:
        if unit.tree is None or not _may_assign(unit.text, methods):
            continue
        for node in below(unit.tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            elif isinstance(node, ast.Call) and dotted(node.func) == "setattr":
                found |= {str(a.value) for a in node.args[1:2] if isinstance(a, ast.Constant)}
    return found & methods


def _may_assign(text: str, names: Set[str]) -> bool:
    """Whether code may assign attributes of these names, told at a glance."""
    found = set(_NO_METHOD_CALL.findall(text))
    # Python takes letters that are not ASCII for others, which are.
    return "setattr" in text or not (found.isdisjoint(names) and all(map(str.isascii, found)))
