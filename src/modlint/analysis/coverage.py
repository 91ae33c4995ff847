"""Which test reaches which code of its module, and with which arguments.

Names are resolved over the cells as Python resolves them; a test reaches what it
calls, what that calls in turn, and the methods of the objects it makes. Where the
class of an object cannot be told (`model.layers[0].forward(x)`), a method counts as
reached when the test makes an object of its class: a doubt is no fault.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from modlint.analysis.module import Definition, FunctionNode, Module, fact
from modlint.analysis.operators import CALLED_BY_SYNTAX, special_methods
from modlint.analysis.scopes import local_names, names_of, parameters
from modlint.analysis.testing import ModuleTest, tests_of
from modlint.analysis.trees import children, walk

_Class = ast.ClassDef
_Code = FunctionNode | ast.ClassDef


@dataclass(frozen=True, slots=True)
class ReachedCall:
    """A call of a function of the module; ``bound`` parameters are filled by Python itself."""

    node: ast.Call
    bound: int


@dataclass(slots=True, eq=False)
class Reach:
    """What a piece of code reaches in its module when it runs.

    ``code``: functions, methods and classes; ``direct``: those that it names itself,
    and not only what it calls; ``calls``: those of each function that
    is called by name; ``escaped``: functions that are handed on as values, so that
    any arguments may be given to them; ``bodies``: everything that may run, the code
    itself included; ``is_total``: the code looks names up at run time.
    """

    code: set[ast.AST] = field(default_factory=set)
    direct: set[ast.AST] = field(default_factory=set)
    calls: dict[ast.AST, list[ReachedCall]] = field(default_factory=dict)
    escaped: set[ast.AST] = field(default_factory=set)
    bodies: list[ast.AST] = field(default_factory=list)
    is_total: bool = False

    def passes(self, function: FunctionNode, name: str) -> bool:
        """Whether a call gives an argument for the parameter ``name`` of ``function``."""
        if self.is_total or function in self.escaped:
            return True
        return any(_gives(function, call, name) for call in self.calls.get(function, ()))


@dataclass(frozen=True, slots=True)
class Covered:
    """A test with what it reaches."""

    test: ModuleTest
    reach: Reach

    def covers(self, node: ast.AST) -> bool:
        """Whether the test runs the function or method, or uses the class ``node``."""
        return self.reach.is_total or node in self.reach.code


@fact
def coverage_of(module: Module) -> list[Covered]:
    """Each test of the module with what it reaches; computed once."""
    installed = _installed(module)
    return [
        Covered(test, reach_of(module, [*test.nodes, *installed], test.unit.index))
        for test in tests_of(module)
    ]


def _installed(module: Module) -> list[ast.AST]:
    """Statements that put functions of the module into other classes when it is imported.

    ``enable_autograd()`` makes every ``a * b`` of a test run code of the module.
    """
    found: list[ast.AST] = []
    for unit in module.parsed_units:
        for node in unit.tree.body if unit.tree else ():
            call = node.value if isinstance(node, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                named = module.definitions.get(call.func.id, [])
                if any(_patches(definition.node) for definition in named):
                    found.append(node)
            elif isinstance(node, ast.Assign) and _patches(node):
                found.append(node)
    return found


def _patches(node: ast.AST) -> bool:
    """Whether ``node`` sets an attribute of a class: `Tensor.__add__ = tracked_add`."""
    targets = [
        target for part in walk(node) if isinstance(part, ast.Assign) for target in part.targets
    ]
    return any(
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id[:1].isupper()
        for target in targets
    )


def reach_of(module: Module, nodes: Iterable[ast.AST], cell: int) -> Reach:
    """What ``nodes`` reach when they run in the cell with the index ``cell``."""
    walk = _Walk(module, cell)
    walk.begin(list(nodes))
    return walk.reach


def _gives(function: FunctionNode, call: ReachedCall, name: str) -> bool:
    args = function.args
    positional = [a.arg for a in (*args.posonlyargs, *args.args)]
    if any(k.arg is None or k.arg == name for k in call.node.keywords):
        return True
    if name not in positional:
        return False
    if any(isinstance(a, ast.Starred) for a in call.node.args):
        return True
    return positional.index(name) < call.bound + len(call.node.args)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Names that are local to a function, the classes of some of them, and the class around it."""

    local: frozenset[str] = frozenset()
    types: dict[str, set[_Class] | None] = field(default_factory=dict)
    owner: _Class | None = None


class _Walk:
    """Follows code through the module until nothing new is reached."""

    def __init__(self, module: Module, cell: int) -> None:
        self.reach = Reach()
        self._module = module
        self._cell = cell
        self._open: list[tuple[str, ast.Call | None]] = []
        self._special: set[str] = set()
        self._pending: list[tuple[FunctionNode, _Class | None]] = []
        self._values = _values(module)
        self._aliases: set[str] = set()

    def begin(self, nodes: list[ast.AST]) -> None:
        """Run ``nodes``: the bodies of functions and classes, or statements."""
        for node in nodes:
            self.reach.is_total |= names_of([node]).reads_any
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, FunctionNode):
                        self._function(member, node)
            elif isinstance(node, FunctionNode):
                self._function(node, None)
            else:
                self.reach.bodies.append(node)
                types = self._types([node])
                self._visit(node, _Scope(types=types))
        self.reach.direct = set(self.reach.code)
        while self._pending or self._settle():
            while self._pending:
                self._function(*self._pending.pop())

    # --- what is reached ---

    def _function(self, node: FunctionNode, owner: _Class | None) -> None:
        self.reach.bodies.append(node)
        local = frozenset(local_names(node) - self._own_imports(node))
        scope = _Scope(local, self._types(node.body), owner)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._visit(default, scope)
        for statement in node.body:
            self._visit(statement, scope)

    def _own_imports(self, node: FunctionNode) -> set[str]:
        """Names that a test imports from the package, and that this module defines."""
        return {
            alias.asname or alias.name
            for part in walk(node)
            if isinstance(part, ast.ImportFrom)
            and self._module.settings.is_first_party("." * part.level + (part.module or ""))
            for alias in part.names
            if (alias.asname or alias.name) in self._module.definitions
        }

    def _take(self, node: FunctionNode, owner: _Class | None) -> None:
        if node not in self.reach.code:
            self.reach.code.add(node)
            self._pending.append((node, owner))

    def _take_class(self, node: _Class) -> None:
        if node in self.reach.code:
            return
        self.reach.code.add(node)
        for base in self._bases(node):
            self._take_class(base)
        for member in node.body:
            # Python calls these by itself, on construction; those of operators have to be used.
            if isinstance(member, FunctionNode) and _is_implicit(member.name):
                self._take(member, node)
            elif not isinstance(member, FunctionNode):
                self._visit(member, _Scope(owner=node))

    def _called(self, node: FunctionNode, owner: _Class | None, call: ast.Call, bound: int) -> None:
        self._take(node, owner)
        self.reach.calls.setdefault(node, []).append(ReachedCall(call, bound))

    def _constructed(self, node: _Class, call: ast.Call) -> None:
        self._take_class(node)
        for name in ("__init__", "__new__"):
            found = self._method(node, name)
            if found:
                self._called(*found, call, 1)

    def _settle(self) -> bool:
        """Resolve calls on objects of unknown class by the classes that were reached."""
        before = len(self.reach.code)
        classes = [c for c in self.reach.code if isinstance(c, _Class)]
        for owner in classes:
            for member in owner.body:
                if isinstance(member, FunctionNode) and member.name in self._special:
                    self._take(member, owner)
        for attribute, call in self._open:
            for owner in classes:
                for member in _methods(owner, attribute):
                    self._take(member, owner)
                    given = self.reach.calls.setdefault(member, [])
                    if call is not None and all(c.node is not call for c in given):
                        given.append(ReachedCall(call, _bound(member)))
        return len(self.reach.code) > before

    # --- how names are resolved ---

    def _resolve(self, name: str) -> Definition | None:
        """The definition a name has when the code runs: the last one above it, or the first."""
        found = self._module.definitions.get(name, [])
        above = [d for d in found if d.unit.index <= self._cell]
        return above[-1] if above else next(iter(found), None)

    def _class_named(self, name: str) -> _Class | None:
        found = self._resolve(name)
        return found.node if found and isinstance(found.node, _Class) else None

    def _bases(self, node: _Class) -> Iterator[_Class]:
        for base in node.bases:
            if isinstance(base, ast.Name):
                found = self._class_named(base.id)
                if found is not None and found is not node:
                    yield found

    def _method(
        self, node: _Class, name: str, seen: frozenset[_Class] = frozenset()
    ) -> tuple[FunctionNode, _Class] | None:
        """The method that an object of the class has under ``name``, inherited ones included."""
        for member in _methods(node, name):
            return member, node
        for base in self._bases(node):
            if base not in seen:
                found = self._method(base, name, seen | {node})
                if found:
                    return found
        return None

    def _types(self, body: Iterable[ast.AST]) -> dict[str, set[_Class] | None]:
        """The classes of local variables; None for a variable that may hold anything."""
        found: dict[str, set[_Class] | None] = {}
        assigned: set[ast.AST] = set()
        for statement in body:
            for node in walk(statement):
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    made = self._made(node.value)
                    for target in targets:
                        if isinstance(target, ast.Name):
                            assigned.add(target)
                            known = found.get(target.id, set())
                            both = made is not None and known is not None
                            found[target.id] = known | made if both else None  # type: ignore[operator]
        for statement in body:
            for node in walk(statement):
                if not isinstance(node, ast.Name) or node in assigned:
                    continue
                if isinstance(node.ctx, ast.Store):  # by a loop, a with, an unpacking
                    found[node.id] = None
        return found

    def _made(self, value: ast.expr) -> set[_Class] | None:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            found = self._class_named(value.func.id)
            return {found} if found else None
        return None

    def _classes(self, node: ast.expr, scope: _Scope) -> set[_Class] | None:
        """The classes that an object may have; None where they cannot be told."""
        if isinstance(node, ast.Name):
            if scope.owner is not None and node.id in ("self", "cls"):
                return {scope.owner, *self._subclasses(scope.owner)}
            if node.id in scope.types:
                return scope.types[node.id]
            return None
        return self._made(node)

    def _subclasses(self, node: _Class) -> Iterator[_Class]:
        for reached in list(self.reach.code):
            if isinstance(reached, _Class) and node in self._bases(reached):
                yield reached
                yield from self._subclasses(reached)

    # --- the walk ---

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        if not (isinstance(node, ast.Call) and self._is_own(node.func, scope)):
            self._special.update(special_methods(node))
        if isinstance(node, FunctionNode | ast.Lambda):
            inner = scope.local | local_names(node)
            body = node.body if isinstance(node.body, list) else [node.body]
            inner_types = dict.fromkeys(parameters(node))
            nested = replace(
                scope, local=inner, types={**scope.types, **inner_types, **self._types(body)}
            )
            for part in body:
                self._visit(part, nested)
        elif isinstance(node, ast.Call):
            self._visit_call(node, scope)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Load) and not self._is_library(node.value, scope):
                self._open.append((node.attr, None))  # a property, or a method handed on
            self._visit(node.value, scope)
        elif isinstance(node, ast.Name):
            self._visit_name(node, scope)
        else:
            for child in children(node):
                self._visit(child, scope)

    def _is_own(self, callee: ast.expr, scope: _Scope) -> bool:
        """Whether a function or class of the module is called: its own body tells the rest."""
        is_name = isinstance(callee, ast.Name) and callee.id not in scope.local
        return is_name and self._resolve(callee.id) is not None  # type: ignore[attr-defined]

    def _visit_name(self, node: ast.Name, scope: _Scope) -> None:
        if node.id in scope.local or not isinstance(node.ctx, ast.Load):
            return
        found = self._resolve(node.id)
        if found is not None:
            if isinstance(found.node, _Class):
                self._take_class(found.node)
            else:
                self._take(found.node, None)
                self.reach.escaped.add(found.node)
        elif node.id in self._values and node.id not in self._aliases:
            self._aliases.add(node.id)
            for value in self._values[node.id]:
                self._visit(value, _Scope())

    def _visit_call(self, node: ast.Call, scope: _Scope) -> None:
        callee = node.func
        if isinstance(callee, ast.Name):
            found = None if callee.id in scope.local else self._resolve(callee.id)
            if found is None:
                self._visit_name(callee, scope)
                self._object_called(callee, node, scope)
            elif isinstance(found.node, _Class):
                self._constructed(found.node, node)
            else:
                self._called(found.node, None, node, 0)
        elif isinstance(callee, ast.Attribute):
            self._method_called(callee, node, scope)
        else:
            self._visit(callee, scope)
            self._object_called(callee, node, scope)
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            self._visit(part, scope)

    def _object_called(self, callee: ast.expr, call: ast.Call, scope: _Scope) -> None:
        classes = self._classes(callee, scope)
        if classes is None:
            if not self._is_library(callee, scope):
                self._open.append(("__call__", call))
            return
        for owner in classes:
            found = self._method(owner, "__call__")
            if found:
                self._called(*found, call, 1)

    def _method_called(self, callee: ast.Attribute, call: ast.Call, scope: _Scope) -> None:
        receiver = callee.value
        self._visit(receiver, scope)
        if isinstance(receiver, ast.Name) and receiver.id not in scope.local:
            owner = self._class_named(receiver.id)
            found = self._method(owner, callee.attr) if owner else None
            if found:  # called on the class: `Layer.forward(layer, x)`, `Layer.load(path)`
                self._called(*found, call, _bound(found[0]) if _has_decorator(found[0]) else 0)
                return
        if self._is_super(receiver) and scope.owner is not None:
            for base in self._bases(scope.owner):
                found = self._method(base, callee.attr)
                if found:
                    self._called(*found, call, 1)
            return
        classes = self._classes(receiver, scope)
        if classes is None:
            if not self._is_library(receiver, scope):
                self._open.append((callee.attr, call))
            return
        for owner in classes:
            found = self._method(owner, callee.attr)
            if found:
                self._called(*found, call, _bound(found[0]))

    @staticmethod
    def _is_super(node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "super"
        )

    def _is_library(self, node: ast.expr, scope: _Scope) -> bool:
        """Whether the path starts at an imported module, or at what the package offers."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return (
            isinstance(node, ast.Name)
            and node.id not in scope.local
            and node.id in self._module.imports
        )


@fact
def _values(module: Module) -> dict[str, list[ast.expr]]:
    """What the variables of the module are assigned at the top level of its cells."""
    found: dict[str, list[ast.expr]] = {}
    for unit in module.parsed_units:
        for node in unit.tree.body if unit.tree else ():
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(node.value)
    return found


def _methods(node: _Class, name: str) -> Iterator[FunctionNode]:
    for member in node.body:
        if isinstance(member, FunctionNode) and member.name == name:
            yield member


def _is_implicit(name: str) -> bool:
    is_special = name.startswith("__") and name.endswith("__") and name != "__call__"
    return is_special and name not in CALLED_BY_SYNTAX


def _has_decorator(node: FunctionNode) -> bool:
    names = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    return bool(names & {"staticmethod", "classmethod"})


def _bound(node: FunctionNode) -> int:
    """How many parameters of a method Python fills when it is called on an object."""
    names = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    return 0 if "staticmethod" in names else 1
