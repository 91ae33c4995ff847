"""What a call of one of the module's own functions changes outside itself.

A demo that merely computes and prints can be kept from running on import
without anybody missing it; a function that patches a class, sets a global or
registers something cannot.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modlint.analysis.module import FunctionNode, Module, imported_names
from modlint.analysis.scopes import local_names, parameters

#: Methods that change the container or object they are called on.
MUTATORS = frozenset(
    "add append appendleft clear discard extend insert pop popitem popleft register remove "
    "reverse setdefault sort subscribe update".split()
)
#: Calls into the outside world, by the module they come from; ``*`` is every one of its functions.
_OUTSIDE = {
    "subprocess": "*",
    "shutil": "*",
    "socket": "*",
    "os": "chdir makedirs mkdir putenv remove removedirs rename replace rmdir system unlink",
}
_UNRESOLVED_BUILTINS = frozenset({"exec", "eval", "compile", "__import__", "globals", "vars"})


@dataclass(slots=True)
class Effects:
    """What a function may change outside itself.

    ``changes``: module-level names it changes; ``parameters``: its parameters
    that it changes; ``unknown``: calls that cannot be resolved; ``sets_path``:
    it sets up ``sys.path``.
    """

    changes: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    sets_path: bool = False

    @property
    def only_computes(self) -> bool:
        """Whether nothing outside a call of the function, its arguments aside, can change."""
        return not (self.changes or self.unknown)

    @property
    def reason(self) -> str:
        """The first reason why it does more than compute and print, for a message."""
        if self.changes:
            named = sorted(self.changes)
            return f"it changes {', '.join(named[:2])}{' and more' if len(named) > 2 else ''}"
        if self.unknown:
            return f"what {min(self.unknown)}() does cannot be told from here"
        return ""

    def take(self, other: Effects) -> None:
        """Add the effects of something called, except on its parameters."""
        self.changes |= other.changes
        self.unknown |= other.unknown
        self.sets_path |= other.sets_path


def effects_of(module: Module, name: str) -> Effects:
    """The effects of calling the module's function or class ``name``, all versions together."""
    memo = module.cache.setdefault("effects", {})
    assert isinstance(memo, dict)
    if name not in memo:
        memo[name] = Effects()  # a recursive call adds nothing of its own
        found = Effects()
        for node in _callables(module, name):
            part = _FunctionEffects(module, node).effects
            found.take(part)
            found.parameters |= part.parameters
        memo[name] = found
    result = memo[name]
    assert isinstance(result, Effects)
    return result


def effects_of_statements(module: Module, nodes: Iterable[ast.stmt], own: set[str]) -> Effects:
    """The effects of module-level statements that bind the names ``own`` for themselves."""
    shell = ast.FunctionDef(
        name="",
        args=ast.arguments([], [], None, [], [], None, []),
        body=list(nodes),
        decorator_list=[],
    )
    walker = _FunctionEffects(module, shell)
    walker.effects.changes -= own
    return walker.effects


def _callables(module: Module, name: str) -> Iterator[FunctionNode]:
    for definition in module.definitions.get(_alias_target(module, name), ()):
        if isinstance(definition.node, ast.ClassDef):
            for member in definition.node.body:
                if isinstance(member, FunctionNode) and member.name in (
                    "__init__",
                    "__post_init__",
                ):
                    yield member
        else:
            yield definition.node


def _alias_target(module: Module, name: str) -> str:
    """The function that ``name`` stands for, through module-level ``name = function``."""
    aliases = module.cache.get("aliases")
    if aliases is None:
        aliases = module.cache["aliases"] = {
            target.id: node.value.id
            for unit in module.parsed_units
            for node in (unit.tree.body if unit.tree else [])
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
    assert isinstance(aliases, dict)
    seen = {name}
    while name in aliases and name not in module.definitions and aliases[name] not in seen:
        name = aliases[name]
        seen.add(name)
    return name


def _methods(module: Module) -> dict[str, list[FunctionNode]]:
    methods = module.cache.get("methods")
    if methods is None:
        table: dict[str, list[FunctionNode]] = {}
        for definitions in module.definitions.values():
            for definition in definitions:
                if isinstance(definition.node, ast.ClassDef):
                    for member in definition.node.body:
                        if isinstance(member, FunctionNode):
                            table.setdefault(member.name, []).append(member)
        methods = module.cache["methods"] = table
    assert isinstance(methods, dict)
    return methods


class _FunctionEffects:
    """One walk over a function's body, nested functions included: it may call them."""

    def __init__(self, module: Module, function: FunctionNode) -> None:
        self.module = module
        self.effects = Effects()
        self.parameters = parameters(function)
        self.locals = local_names(function)
        self.roots: dict[str, str] = {}  # local name → the name it is a part of
        self.imports: dict[str, tuple[str, str | None]] = {}
        self.globals: set[str] = set()
        nodes = [n for statement in function.body for n in ast.walk(statement)]
        for node in nodes:
            if isinstance(node, FunctionNode | ast.Lambda):
                self.locals |= local_names(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for name, source, original in imported_names(node):
                    self.imports[name] = (source, original)
            elif isinstance(node, ast.Global):
                self.globals.update(node.names)
            elif isinstance(node, ast.comprehension):
                self.locals |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        self.locals -= self.globals
        for node in nodes:
            self._note_alias(node)
        for node in nodes:
            self._note_effect(node)

    def _note_alias(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.For | ast.comprehension):
            target, value = node.target, node.iter
        else:
            return
        root = self._path_root(value)
        if root is not None:
            for name in ast.walk(target):
                if (
                    isinstance(name, ast.Name)
                    and isinstance(name.ctx, ast.Store)
                    and name.id != root
                ):
                    self.roots[name.id] = root

    def _note_effect(self, node: ast.AST) -> None:
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            self._change(self._root(node))
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if node.id in self.globals:
                self.effects.changes.add(node.id)
        elif isinstance(node, ast.Call):
            self._call(node)

    def _path_root(self, node: ast.expr) -> str | None:
        """The name that ``a.b[c]`` starts from; None for anything that makes a new object."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return node.id if isinstance(node, ast.Name) else None

    def _root(self, node: ast.expr) -> str | None:
        """The name whose object ``node`` is a part of, followed through local aliases."""
        root = self._path_root(node)
        seen: set[str] = set()
        while root in self.roots and root not in seen:
            seen.add(root)
            root = self.roots[root]
        return root

    def _change(self, root: str | None) -> None:
        if root is None:
            return
        if root in self.parameters:
            self.effects.parameters.add(root)
        elif root not in self.locals or root in self.imports:
            self.effects.changes.add(root)

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            self._call_name(node, function.id)
        elif isinstance(function, ast.Attribute):
            self._call_attribute(node, function)

    def _call_name(self, node: ast.Call, name: str) -> None:
        if name in self.imports:
            module, original = self.imports[name]
            self._call_imported(name, module, original)
        elif name in self.parameters:
            self.effects.unknown.add(name)
        elif name in self.locals:
            return
        elif _alias_target(self.module, name) in self.module.definitions:
            self._call_own(node, name)
        elif name in self.module.imports:
            for found in self.module.imports[name]:
                self._call_imported(name, found.module, found.original)
        elif name in ("setattr", "delattr") and node.args:
            self._change(self._root(node.args[0]))
        elif name in _UNRESOLVED_BUILTINS or name in self.module.variables:
            self.effects.unknown.add(name)
        elif name == "open" and _opens_for_writing(node):
            self.effects.changes.add("a file")
        elif not hasattr(builtins, name):
            self.effects.unknown.add(name)

    def _call_own(self, node: ast.Call, name: str) -> None:
        called = effects_of(self.module, name)
        self.effects.take(called)
        for version in _callables(self.module, name):
            bound = version.name in ("__init__", "__post_init__")
            self._change_arguments(node, parameters(version)[bound:], called.parameters)

    def _change_arguments(self, node: ast.Call, names: list[str], changed: set[str]) -> None:
        """What a call changes of the things given to it."""
        given: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
        given |= {k.arg: k.value for k in node.keywords if k.arg}
        for name in changed & given.keys():
            self._change(self._root(given[name]))

    def _call_imported(self, name: str, module: str, original: str | None) -> None:
        if self.module.settings.is_first_party(module):
            if not (original or name)[:1].isupper():
                self.effects.unknown.add(name)
        elif original is not None and _acts_outside(module, original):
            self.effects.changes.add(f"{module}.{original}")

    def _call_attribute(self, node: ast.Call, function: ast.Attribute) -> None:
        root = self._root(function.value)
        changes_receiver = function.attr in MUTATORS
        for method in _methods(self.module).get(function.attr, ()):
            called = _method_effects(self.module, method)
            names = parameters(method)
            is_static = any(ast.unparse(d) == "staticmethod" for d in method.decorator_list)
            self.effects.take(called)
            self._change_arguments(node, names if is_static else names[1:], called.parameters)
            changes_receiver |= not is_static and bool(set(names[:1]) & called.parameters)
        if root is None:
            return
        imported = self.imports.get(root)
        if imported is None and root not in self.locals and root in self.module.imports:
            found = self.module.imports[root][-1]
            imported = (found.module, found.original)
        if imported is not None:
            self._call_through_import(root, imported, function)
        elif changes_receiver:
            self._change(root)

    def _call_through_import(
        self, root: str, imported: tuple[str, str | None], function: ast.Attribute
    ) -> None:
        module, original = imported
        path = ast.unparse(function)
        if path.startswith("sys.path."):
            self.effects.sets_path = True
            self.effects.changes.add("sys.path")
        elif self.module.settings.is_first_party(module):
            if not function.attr[:1].isupper():
                self.effects.unknown.add(path)
        elif original is None and _acts_outside(module, function.attr):
            self.effects.changes.add(path)
        elif function.attr in MUTATORS:
            self.effects.changes.add(root)


def _method_effects(module: Module, method: FunctionNode) -> Effects:
    memo = module.cache.setdefault("method effects", {})
    assert isinstance(memo, dict)
    if id(method) not in memo:
        memo[id(method)] = Effects()
        memo[id(method)] = _FunctionEffects(module, method).effects
    result = memo[id(method)]
    assert isinstance(result, Effects)
    return result


def _acts_outside(module: str, function: str) -> bool:
    listed = _OUTSIDE.get(module.split(".")[0], "")
    return listed == "*" or function in listed.split()


def _opens_for_writing(node: ast.Call) -> bool:
    mode: ast.expr | None = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
    if mode is None:
        return False
    return not (isinstance(mode, ast.Constant) and str(mode.value).strip("tbU") == "r")
