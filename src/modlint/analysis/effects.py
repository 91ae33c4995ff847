"""What a call of one of the module's own functions changes outside itself.

A demo that merely computes and prints can be kept from running on import
without anybody missing it; a function that patches a class, sets a global or
registers something cannot.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from modlint.analysis.module import FunctionNode, Module, fact, imported_names
from modlint.analysis.scopes import local_names, parameters
from modlint.analysis.trees import dotted, own_nodes, walk
from modlint.analysis.vocabulary import (
    CHANGES_FIRST,
    KNOWN_PACKAGES,
    LEAVES_ALONE,
    MUTATORS,
    OUTSIDE,
    PRINTERS,
    QUIET_SETUP,
)
from modlint.patterns import matches

_UNRESOLVED_BUILTINS = frozenset({"exec", "eval", "compile", "__import__", "globals", "vars"})
#: Builtins that hand on what they are given, or a part of it.
_HAND_ON = frozenset(
    "enumerate filter getattr iter list map max min next reversed set sorted tuple zip".split()
)
_PARTS = frozenset({"copy", "get", "items", "keys", "values"})
#: What may bind local names, make one stand for another, and have an effect.
_NAMING = frozenset(
    (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Import, ast.ImportFrom, ast.Global,
     ast.comprehension)
)  # fmt: skip
_BINDING = frozenset(
    (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension,
     ast.withitem)
)  # fmt: skip
_ACTING = frozenset(
    (ast.Attribute, ast.Subscript, ast.Name, ast.AugAssign, ast.Call, ast.FunctionDef,
     ast.AsyncFunctionDef, ast.ClassDef)
)  # fmt: skip
_PLACES = (ast.Attribute, ast.Subscript)
_CONSTRUCTORS = ("__init__", "__post_init__", "__new__")


@dataclass(slots=True)
class Effects:
    """What a function may change outside itself.

    ``changes``: module-level names, and settings of other modules, that it
    changes; ``outside``: calls that reach outside the process; ``parameters``:
    its parameters that it changes; ``unknown``: calls that cannot be resolved;
    ``prints``: it prints.
    """

    changes: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    prints: bool = False

    @property
    def only_sets_up(self) -> bool:
        """Whether all it does is what a module may do in silence: ``sys.path`` and the like."""
        if self.prints or self.outside or self.unknown or not self.changes:
            return False
        return all(matches(change, QUIET_SETUP) for change in self.changes)

    @property
    def reason(self) -> str:
        """The first reason why it does more than compute and print; empty where there is none."""
        calls = self.outside | {c for c in self.changes if matches(c, QUIET_SETUP)}
        if named := sorted(self.changes - calls):
            return f"it changes {', '.join(named[:2])}{' and more' if len(named) > 2 else ''}"
        if calls:
            return f"it calls {min(calls)}()"
        if self.unknown:
            return f"what {min(self.unknown)}() does cannot be told from here"
        return ""

    def take(self, other: Effects) -> None:
        """Add the effects of something called, except on its parameters."""
        self.changes |= other.changes
        self.outside |= other.outside
        self.unknown |= other.unknown
        self.prints |= other.prints


def effects_of(module: Module, name: str) -> Effects:
    """The effects of calling the module's function or class ``name``, all versions together."""
    found = Effects()
    for node in _known(module).callables(name):
        part = _known(module).of(node)
        found.take(part)
        found.parameters |= part.parameters
    return found


def effects_of_statements(module: Module, nodes: Iterable[ast.stmt], own: set[str]) -> Effects:
    """The effects of module-level statements that bind the names ``own`` for themselves."""
    empty = ast.arguments([], [], None, [], [], None, [])
    shell = ast.FunctionDef(name="", args=empty, body=list(nodes), decorator_list=[])
    found = _Walk(module, _known(module), shell).effects
    found.changes -= own
    return found


@fact
def _known(module: Module) -> _Known:
    return _Known(module)


class _Known:
    """The effects of a module's functions, each computed once.

    Functions that call one another are computed again and again, from nothing,
    until none of them changes: the order of the questions decides nothing.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.settled: dict[int, Effects] = {}
        self.guesses: dict[int, Effects] = {}
        self.returned: dict[int, set[str]] = {}
        self.versions: dict[str, list[FunctionNode]] = {}
        self.visited: set[int] | None = None  # in this round; None between rounds
        self.methods = _methods(module)
        self.aliases = _aliases(module)
        self.objects = _objects(module)

    def of(self, node: FunctionNode) -> Effects:
        """The effects of calling ``node``."""
        key = id(node)
        if key in self.settled:
            return self.settled[key]
        if self.visited is not None:
            if key not in self.visited:
                self.visited.add(key)
                self.guesses[key] = _Walk(self.module, self, node).effects
            return self.guesses.get(key, Effects())
        while True:  # one round after another, until a round changes nothing
            before = dict(self.guesses)
            self.visited = {key}
            self.guesses[key] = _Walk(self.module, self, node).effects
            if before == self.guesses:
                break
        self.settled |= self.guesses
        self.guesses, self.visited = {}, None
        return self.settled[key]

    def callables(self, name: str) -> list[FunctionNode]:
        """What runs when ``name`` is called: functions, or the constructors of a class."""
        if name not in self.versions:
            self.versions[name] = found = []
            for definition in self.module.definitions.get(self.target(name), ()):
                if isinstance(definition.node, ast.ClassDef):
                    members = (m for m in definition.node.body if isinstance(m, FunctionNode))
                    found += [member for member in members if member.name in _CONSTRUCTORS]
                else:
                    found.append(definition.node)
        return self.versions[name]

    def handed_out(self, function: FunctionNode) -> set[str]:
        """The names of the module that a function returns."""
        key = id(function)
        if key not in self.returned:
            self.returned[key] = {
                part.value.id
                for part in own_nodes(function.body)
                if isinstance(part, ast.Return) and isinstance(part.value, ast.Name)
                if part.value.id not in local_names(function)
            }
        return self.returned[key]

    def target(self, name: str) -> str:
        """The function that ``name`` stands for, through module-level ``name = function``."""
        seen = {name}
        while name not in self.module.definitions and self.aliases.get(name, name) not in seen:
            name = self.aliases[name]
            seen.add(name)
        return name


def _aliases(module: Module) -> dict[str, str]:
    return {
        target.id: node.value.id
        for unit in module.parsed_units
        for node in (unit.tree.body if unit.tree else [])
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _objects(module: Module) -> set[str]:
    """The variables of the module that may hold what can be changed: no numbers, no texts."""
    plain = {
        target.id
        for unit in module.parsed_units
        for node in (unit.tree.body if unit.tree else [])
        if isinstance(node, ast.Assign) and _is_unchangeable(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return module.variables - plain


def _is_unchangeable(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_unchangeable, node.elts))
    if isinstance(node, ast.BinOp):
        return _is_unchangeable(node.left) and _is_unchangeable(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_unchangeable(node.operand)
    return isinstance(node, ast.Constant | ast.JoinedStr)


def _leaves_alone(node: ast.Call, method: str) -> bool:
    """Whether a method is known to change neither its object nor what it is given."""
    if any(k.arg in ("inplace", "out") for k in node.keywords):
        return False
    is_known = method in LEAVES_ALONE or hasattr(str, method)
    return is_known or method.startswith(("is_", "has_", "assert"))


def _methods(module: Module) -> dict[str, list[FunctionNode]]:
    table: dict[str, list[FunctionNode]] = {}
    for definitions in module.definitions.values():
        for definition in definitions:
            if isinstance(definition.node, ast.ClassDef):
                for member in definition.node.body:
                    if isinstance(member, FunctionNode):
                        table.setdefault(member.name, []).append(member)
    return table


class _Walk:
    """One walk over a function's body, nested functions included: it may call them."""

    def __init__(self, module: Module, known: _Known, function: FunctionNode) -> None:
        self.module = module
        self.known = known
        self.effects = Effects()
        self.parameters = parameters(function)
        self.locals = local_names(function)
        self.roots: dict[str, set[str]] = {}  # local name → names it may be (a part of)
        self.imports: dict[str, tuple[str, str | None]] = {}
        self.globals: set[str] = set()
        nodes = [n for statement in function.body for n in walk(statement)]
        for node in nodes:
            if node.__class__ in _NAMING:
                self._note_names(node)
        self.locals -= self.globals
        for node in nodes:
            if node.__class__ in _BINDING:
                self._note_alias(node)
        for node in nodes:
            # What is only read changes nothing.
            if node.__class__ in _ACTING and getattr(node, "ctx", None).__class__ is not ast.Load:
                self._note_effect(node)

    def _note_names(self, node: ast.AST) -> None:
        if isinstance(node, FunctionNode | ast.Lambda):
            self.locals |= local_names(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name, source, original in imported_names(node):
                self.imports[name] = (source, original)
        elif isinstance(node, ast.Global):
            self.globals.update(node.names)
        elif isinstance(node, ast.comprehension):
            self.locals |= _stored(node.target)

    # What a local may be a part of

    def _note_alias(self, node: ast.AST) -> None:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets, value = [node.optional_vars], node.context_expr
            if isinstance(value, ast.Call):  # a manager may hand on what it is given
                value = ast.Tuple([value, *value.args], ast.Load())
        if value is not None:
            sources = self._sources(value)
            for target in targets:
                for name in _stored(target):
                    self.roots.setdefault(name, set()).update(sources - {name})

    def _sources(self, node: ast.expr) -> set[str]:
        """The names that the value of ``node`` may be, or be a part of; none for a new object."""
        if isinstance(node, ast.Name):
            return {node.id}
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.NamedExpr):
            return self._sources(node.value)
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = [*node.elts]
        elif isinstance(node, ast.Dict):
            parts = [*node.keys, *node.values]
        elif isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            parts = [*node.values]
        elif isinstance(node, ast.Call):
            return self._sources_of_call(node)
        return {name for part in parts if part is not None for name in self._sources(part)}

    def _sources_of_call(self, node: ast.Call) -> set[str]:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _PARTS:
            return self._sources(function.value)
        if isinstance(function, ast.Name) and function.id in _HAND_ON:
            return {name for argument in node.args for name in self._sources(argument)}
        if isinstance(function, ast.Name) and function.id in self.module.definitions:
            versions = self.known.callables(function.id)
            return {name for version in versions for name in self.known.handed_out(version)}
        return set()

    def _roots_of(self, node: ast.expr) -> set[str]:
        """The names that a change of ``node`` may reach, followed through local aliases."""
        found: set[str] = set()
        pending = self._sources(node)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending |= self.roots.get(name, set())
        return found

    # What changes

    def _note_effect(self, node: ast.AST) -> None:
        if isinstance(node, _PLACES):
            self._change(node)
            self._change_of_class(node.value)
        elif isinstance(node, ast.Name):
            if node.id in self.globals:
                self.effects.changes.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            for name in self.roots.get(node.target.id, ()):
                self._change(ast.Name(name, ast.Load()))
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, FunctionNode | ast.ClassDef):
            self._decorate(node)

    def _change(self, node: ast.expr) -> None:
        for name in self._roots_of(node):
            if name in self.parameters:
                self.effects.parameters.add(name)
            elif name not in self.locals or name in self.imports:
                self.effects.changes.add(name)

    def _change_of_class(self, node: ast.expr) -> None:
        """``type(x).y = …`` and ``x.__class__.y = …`` change more than ``x``."""
        called = dotted(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
        is_class = isinstance(node, ast.Attribute) and node.attr == "__class__"
        if is_class or called in ("type", "import_module"):
            self.effects.changes.add(ast.unparse(node))

    def _decorate(self, node: FunctionNode | ast.ClassDef) -> None:
        called = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
        for decorator in called:
            if isinstance(decorator, ast.Name) and decorator.id in self.module.definitions:
                self.effects.take(effects_of(self.module, decorator.id))
        for base in getattr(node, "bases", ()):
            if isinstance(base, ast.Name) and base.id in self.module.definitions:
                for method in self.known.methods.get("__init_subclass__", ()):
                    self.effects.take(self.known.of(method))

    # Calls

    def _call(self, node: ast.Call) -> None:
        function = node.func
        path = dotted(function)
        if matches(path, PRINTERS):
            self.effects.prints = True
        if isinstance(function, ast.Name):
            self._call_name(node, function.id)
        elif isinstance(function, ast.Attribute):
            self._call_attribute(node, function, path)
        elif isinstance(function, ast.Call):
            inner = dotted(function.func)
            if not inner.split(".")[-1][:1].isupper():  # `ReLU()(x)` calls an object
                self.effects.unknown.add(inner)

    def _call_name(self, node: ast.Call, name: str) -> None:
        if name in self.imports:
            self._call_imported(node, name, *self.imports[name])
        elif name in self.parameters:
            self.effects.unknown.add(name)
        elif name in self.locals:
            return
        elif self.known.target(name) in self.module.definitions:
            self._call_own(node, name)
        elif name in self.module.imports:
            for found in self.module.imports[name]:
                self._call_imported(node, name, found.module, found.original)
        elif name in CHANGES_FIRST and node.args:
            self._change(node.args[0])
        elif name in _UNRESOLVED_BUILTINS or name in self.module.variables:
            self.effects.unknown.add(name)
        elif name == "open" and _opens_for_writing(node):
            self.effects.outside.add("open")
        elif matches(name, OUTSIDE):
            self.effects.outside.add(name)
        elif not hasattr(builtins, name):
            self.effects.unknown.add(name)

    def _call_own(self, node: ast.Call, name: str) -> None:
        for version in self.known.callables(name):
            called = self.known.of(version)
            self.effects.take(called)
            if called.parameters:
                bound = version.name in _CONSTRUCTORS
                self._change_arguments(node, parameters(version)[bound:], called.parameters)

    def _change_arguments(self, node: ast.Call, names: list[str], changed: set[str]) -> None:
        """What a call changes of the things given to it."""
        given: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
        given |= {k.arg: k.value for k in node.keywords if k.arg}
        for name in changed & given.keys():
            self._change(given[name])

    def _call_imported(self, node: ast.Call, name: str, module: str, original: str | None) -> None:
        if self.module.settings.is_first_party(module):
            if not (original or name)[:1].isupper():
                self.effects.unknown.add(name)
            return
        path = f"{module}.{original}"
        if matches(path, OUTSIDE):
            self.effects.outside.add(path)
        elif matches(path, QUIET_SETUP):
            self.effects.changes.add(path)
        elif original in CHANGES_FIRST and node.args:
            self._change(node.args[0])
        else:
            self._give(node, module, original or name)

    def _give(self, node: ast.Call, module: str, function: str) -> None:
        """What a function of another library may do to what is given to it."""
        for keyword in node.keywords:
            if keyword.arg == "out":
                self._change(keyword.value)
        root = module.split(".")[0]
        is_known = root in KNOWN_PACKAGES or root in sys.stdlib_module_names
        if function.endswith("_") and not function.endswith("__"):
            for argument in node.args[:1]:
                self._change(argument)
        elif not is_known and not function[:1].isupper():
            for argument in (*node.args, *(k.value for k in node.keywords)):
                self._change_object(argument)

    def _change_object(self, node: ast.expr) -> None:
        """Note a change of what ``node`` is, unless nothing can change that."""
        for name in self._roots_of(node):
            if name in self.parameters:
                self.effects.parameters.add(name)
            elif name in self.known.objects and name not in self.locals:
                self.effects.changes.add(name)

    def _call_attribute(self, node: ast.Call, function: ast.Attribute, path: str) -> None:
        own = self.known.methods.get(function.attr, ())
        changes_receiver = function.attr in MUTATORS
        for method in own:
            called = self.known.of(method)
            self.effects.take(called)
            if not called.parameters:
                continue
            names = parameters(method)
            is_static = any(ast.unparse(d) == "staticmethod" for d in method.decorator_list)
            self._change_arguments(node, names if is_static else names[1:], called.parameters)
            changes_receiver |= not is_static and bool(set(names[:1]) & called.parameters)
        if matches(path, OUTSIDE):
            self.effects.outside.add(path)
            return
        through = [n for n in self._roots_of(function.value) if self._import_of(n) is not None]
        if through:
            self._call_through_import(node, through[0], function, path)
        elif changes_receiver:
            self._change(function.value)
        elif not own and not _leaves_alone(node, function.attr):
            self._change_object(function.value)

    def _import_of(self, name: str) -> tuple[str, str | None] | None:
        if name in self.imports:
            return self.imports[name]
        if name not in self.locals and name in self.module.imports:
            found = self.module.imports[name][-1]
            return (found.module, found.original)
        return None

    def _call_through_import(
        self, node: ast.Call, root: str, function: ast.Attribute, path: str
    ) -> None:
        imported = self._import_of(root)
        assert imported is not None
        if matches(path, QUIET_SETUP):
            self.effects.changes.add(path)
        elif self.module.settings.is_first_party(imported[0]):
            if not function.attr[:1].isupper():
                self.effects.unknown.add(path)
        elif function.attr in CHANGES_FIRST and node.args:
            self._change(node.args[0])
        elif function.attr in MUTATORS:
            self.effects.changes.add(root)
        else:
            self._give(node, imported[0], function.attr)


def _stored(target: ast.expr) -> set[str]:
    """The names that a target binds."""
    return {n.id for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _opens_for_writing(node: ast.Call) -> bool:
    mode: ast.expr | None = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
    if mode is None:
        return False
    return not (isinstance(mode, ast.Constant) and str(mode.value).strip("tbU") == "r")
