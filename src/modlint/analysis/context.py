"""Where a function stands: what its names, its object and the functions around it are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from modlint.analysis.atoms import (
    BOOL,
    Atom,
    Atoms,
    atoms_of,
    of_class,
)
from modlint.analysis.facts import Facts
from modlint.analysis.module import FunctionNode
from modlint.analysis.scopes import local_names
from modlint.analysis.trees import below, dotted, own_nodes, remembered


class Context:
    """One function, its class, and the function around it (whose own context is ``outer``)."""

    def __init__(
        self,
        facts: Facts,
        function: FunctionNode,
        owner: ast.ClassDef | None = None,
        outer: Context | None = None,
    ) -> None:
        self.facts = facts
        self.node = function
        self.owner = owner
        self.outer = outer
        #: What locals without an annotation were first bound to.
        self.inferred: dict[str, Atoms] = {}
        self._asked: list[str] = []

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the function, those of functions inside it included."""
        return below(self.node)

    @property
    def owner_path(self) -> str:
        """The path of the class whose method this is, also for a function inside the method."""
        if self.owner is None:
            return self.outer.owner_path if self.outer else ""
        is_known = self.facts.classes.get(self.owner.name) is self.owner
        return f":{self.owner.name}" if is_known else ""

    def is_local(self, name: str) -> bool:
        """Whether a name is one of this function or of one around it."""
        name = name.split(".")[0]
        return name in self._locals or bool(self.outer and self.outer.is_local(name))

    def declared(self, name: str) -> Atoms | None:
        """The values that the annotation of a parameter or of a variable leaves open."""
        if name in self._locals:
            if name in self._annotations:
                return self._annotations[name]
            return self._object if name == self._first else None
        if self.outer is not None:
            return self.outer.declared(name)
        return atoms_of(self.facts, self.facts.annotated.get(name))

    def type_of(self, node: ast.expr) -> Atoms | None:
        """The values of an expression by annotations alone."""
        if isinstance(node, ast.Name):
            declared = self.declared(node.id)
            if declared is None and not self.is_local(node.id):
                return self._made(node.id)
            return self.inferred.get(node.id) if declared is None else declared
        if isinstance(node, ast.Await):
            call = node.value
            return self._result(call, awaited=True) if isinstance(call, ast.Call) else None
        if isinstance(node, ast.Call):
            return self._result(node, awaited=False)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bool):
                return BOOL
            return atoms_of(self.facts, ast.Name(type(node.value).__name__))
        is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        return BOOL if is_not else None

    def _made(self, name: str) -> Atoms | None:
        """The values of a variable of the module, by the call that makes it."""
        made = self.facts.values.get(name)
        if not isinstance(made, ast.Call) or name in self._asked:
            return None
        self._asked.append(name)  # `a = b.copy()` and `b = a.copy()` ask for one another
        atoms = self._result(made, awaited=False)
        self._asked.pop()
        return atoms

    def attribute(self, path: str, name: str) -> Atoms | None:
        """The values of an attribute of the objects of one of the module's own classes."""
        seen = self.facts.lineage(path)[0]
        for current in sorted(seen, key=lambda each: each != path):
            node = self.facts.class_of(current)
            if node is not None and (found := _attributes(node).get(name)) is not None:
                return atoms_of(self.facts, found)
        return None

    def function(self, callee: ast.expr) -> FunctionNode | None:
        """The function or method of the module that a call of ``callee`` surely runs."""
        if isinstance(callee, ast.Name):
            if callee.id in self._locals:
                return self._functions.get(callee.id)
            if self.outer is not None:
                return self.outer.function(callee)
            return self.facts.functions.get(callee.id)
        if not isinstance(callee, ast.Attribute):
            return None
        for path in self.receivers(callee.value):
            found = self.facts.method(path, callee.attr)
            if found is not None:
                return found
        return None

    def receivers(self, node: ast.expr) -> list[str]:
        """The paths of the classes whose method an attribute of ``node`` is, the nearest first."""
        text = dotted(node)
        if text == "super()" and self.owner_path:
            own = self.facts.class_of(self.owner_path)
            return self.facts.bases(own) if own else []
        if text in ("self", "cls", "type(self)", "self.__class__") and self.owner_path:
            return [self.owner_path]
        path = "" if self.is_local(text) else self.facts.path(node)
        if self.facts.class_of(path) is not None:
            return [path]
        atoms = self.type_of(node)
        if atoms is None and isinstance(node, ast.Attribute) and self.owner_path:
            owner, _, name = text.rpartition(".")
            atoms = self.attribute(self.owner_path, name) if owner == "self" else None
        return [atom.name for atom in atoms] if atoms and len(atoms) == 1 else []

    def _result(self, call: ast.Call, *, awaited: bool) -> Atoms | None:
        path = "" if self.is_local(dotted(call.func)) else self.facts.path(call.func)
        if not awaited and path:
            if self.facts.class_of(path) is not None:
                return of_class(self.facts, path)
            if path == "builtins.bool":
                return BOOL
            name = path.rpartition(".")[2]
            if path[:1] not in ("?", ":") and name[:1].isupper() and not name.isupper():
                return frozenset({Atom("class", path)})  # made by a class of another module
        function = self.function(call.func)
        if function is None or (function.decorator_list and not _is_plain(function)):
            return None
        if isinstance(function, ast.AsyncFunctionDef) is not awaited:
            return None
        return atoms_of(self.facts, function.returns)

    @cached_property
    def _locals(self) -> set[str]:
        return local_names(self.node)

    @cached_property
    def _classes(self) -> set[type]:
        """The classes of the nodes in the function."""
        return {node.__class__ for node in self.nodes[1:]}

    @cached_property
    def _functions(self) -> dict[str, FunctionNode]:
        """The functions defined right in this one, each once."""
        if self._classes.isdisjoint((ast.FunctionDef, ast.AsyncFunctionDef)):
            return {}
        found = [n for n in own_nodes(self.node.body) if isinstance(n, FunctionNode)]
        names = [n.name for n in found]
        return {n.name: n for n in found if names.count(n.name) == 1}

    @property
    def _first(self) -> str:
        args = [*self.node.args.posonlyargs, *self.node.args.args]
        return args[0].arg if args else ""

    @cached_property
    def _object(self) -> Atoms | None:
        """What ``self`` is."""
        is_static = any(dotted(d) in ("staticmethod", "classmethod") for d in _decorators(self))
        known = self.owner is not None and self.owner_path and not is_static
        return of_class(self.facts, self.owner_path) if known else None

    @cached_property
    def _annotations(self) -> dict[str, Atoms | None]:
        """What parameters and locals with an annotation may be."""
        args = self.node.args
        positional = [*args.posonlyargs, *args.args]
        defaults = dict(zip(reversed(positional), reversed(args.defaults), strict=False))
        defaults |= {a: d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d}
        found: dict[str, Atoms | None] = {}
        for arg in (*positional, *args.kwonlyargs):
            if arg.annotation is None:
                continue
            atoms = atoms_of(self.facts, arg.annotation)
            default = defaults.get(arg)
            if atoms and isinstance(default, ast.Constant) and default.value is None:
                atoms |= {Atom("none", "builtins.NoneType")}  # whatever the annotation says
            found[arg.arg] = atoms
        if ast.AnnAssign not in self._classes:
            return found
        for node in own_nodes(self.node.body):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = atoms_of(self.facts, node.annotation)
        return found


@remembered
def _attributes(node: ast.ClassDef) -> dict[str, ast.expr]:
    """The annotations of the attributes of a class, and the classes that make them."""
    found: dict[str, ast.expr] = {}
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            found[part.target.id] = part.annotation
        elif isinstance(part, FunctionNode):
            if part.returns is not None and any(
                dotted(d) in ("property", "cached_property", "functools.cached_property")
                for d in part.decorator_list
            ):
                found[part.name] = part.returns
            found |= {k: v for k, v in _made_attributes(part) if k not in found}
    return found


def _made_attributes(method: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    """``self.kind: Kind = …``, and ``self.kind = kind`` of a parameter with an annotation."""
    args = method.args
    annotated = {a.arg: a.annotation for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
    for node in own_nodes(method.body):
        if isinstance(node, ast.AnnAssign):
            target, value = node.target, node.annotation
        elif isinstance(node, ast.Assign) and method.name == "__init__" and len(node.targets) == 1:
            target, value = node.targets[0], _type_written(node.value, annotated)  # type: ignore[assignment]
        else:
            continue
        if isinstance(target, ast.Attribute) and dotted(target.value) == "self" and value:
            yield target.attr, value


def _type_written(value: ast.expr, annotated: dict[str, ast.expr | None]) -> ast.expr | None:
    """The annotation of the parameter that a value is, or the class that makes it."""
    if isinstance(value, ast.Name):
        return annotated.get(value.id)
    if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2][:1].isupper():
        return value.func
    return None


def _decorators(context: Context) -> list[ast.expr]:
    return context.node.decorator_list


def _is_plain(function: FunctionNode) -> bool:
    """Whether the decorators leave the result of a call as it is annotated."""
    plain = ("staticmethod", "classmethod", "abstractmethod", "cache", "lru_cache", "override")
    return all(
        dotted(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] in plain
        for d in function.decorator_list
    )
