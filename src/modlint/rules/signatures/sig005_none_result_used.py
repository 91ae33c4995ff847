"""SIG005: the result of a function that returns None is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import FunctionNode, Module, Statement
from modlint.analysis.scopes import local_names, names_of
from modlint.analysis.signatures import Function, base_names, functions_of, plain_definitions
from modlint.analysis.trees import children, dotted, walk
from modlint.diagnostics import Diagnostic, Severity
from modlint.notebook.tags import may_raise
from modlint.rules.base import ModuleRule, cell_at
from modlint.rules.signatures._targets import replaced_attributes


class NoneResultUsed(ModuleRule):
    """A call of one of the module's functions that gives None, where a value is needed."""

    code = "SIG005"
    name = "none-result-used"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each use."""
        used = _used_names(module)
        silent = _functions_without_result(module, used)
        methods = _methods_without_result(module, used)
        names = silent | {name for _, name in methods}
        for unit in module.parsed_units:
            nodes = [node for s in unit.block if _may_use(s, names) for node in s.nodes]
            if unit.tree is None or not nodes or may_raise(unit.cell):
                continue
            uses = _Uses(unit.tree, nodes, silent, methods)
            for call, name in uses.found:
                start, end = unit.start(call), unit.end(call)
                message = f"the result of {name}() is used, but it returns None"
                yield self.diagnostic(cell_at(unit, start.row), start, end, message)


def _functions_without_result(module: Module, used: set[str]) -> set[str]:
    """Functions of the top level, defined once, undecorated, that surely return None."""
    plain = plain_definitions(module)
    return {
        function.node.name
        for function in functions_of(module)
        if function.depth == 0
        and function.owner is None
        and function.node.name in used
        and _surely_gives_none(function)
        and len(plain.get(function.node.name, ())) == 1
    }


def _methods_without_result(module: Module, used: set[str]) -> set[tuple[str, str]]:
    """Class and method, where no other class of the module can override it.

    An attribute of that name, assigned to any object, may hide the method.
    """
    bases = base_names(module)
    found: set[tuple[str, str]] = set()
    for function in functions_of(module):
        owner = function.owner
        if owner is None or owner.bases or owner.name in bases or function.depth != 1:
            continue
        names = [m.name for m in owner.body if isinstance(m, FunctionNode)]
        is_used = function.node.name in used
        if is_used and names.count(function.node.name) == 1 and _surely_gives_none(function):
            found.add((owner.name, function.node.name))
    replaced = replaced_attributes(module, {name for _, name in found}) if found else set()
    return {(owner, name) for owner, name in found if name not in replaced}


def _used_names(module: Module) -> set[str]:
    """The names of own functions whose calls do not all stand alone: no others are asked about."""
    own = {function.node.name for function in functions_of(module)}
    found: set[str] = set()
    for unit in module.parsed_units:
        for statement in unit.block:
            called = {call: name for call, name in _calls_in(statement) if name in own}
            if called:
                alone = {
                    part.value
                    for node in statement.nodes
                    for part in walk(node)
                    if isinstance(part, ast.Expr)
                }
                found |= {name for call, name in called.items() if call not in alone}
    return found


def _surely_gives_none(function: Function) -> bool:
    return (
        isinstance(function.node, ast.FunctionDef)
        and not function.node.decorator_list
        and function.returns.never_gives_value
    )


def _may_use(statement: Statement, names: set[str]) -> bool:
    """Whether something of these names is called in it, other than as a statement."""
    calls = {call for call, name in _calls_in(statement) if name in names}
    if not calls:
        return False
    parts = (part for node in statement.nodes for part in walk(node))
    return not calls <= {part.value for part in parts if isinstance(part, ast.Expr)}


def _calls_in(statement: Statement) -> list[tuple[ast.Call, str]]:
    """The calls in a statement, each with the last name of what is called; without one left out."""
    return [
        (call, callee.attr if isinstance(callee, ast.Attribute) else callee.id)
        for call in statement.names.calls
        if isinstance(callee := call.func, ast.Attribute | ast.Name)
    ]


class _Uses:
    """The calls whose result goes somewhere, found in one walk that knows what a parent needs."""

    def __init__(
        self,
        tree: ast.Module,
        nodes: list[ast.stmt],
        functions: set[str],
        methods: set[tuple[str, str]],
    ) -> None:
        self.functions = functions
        self.methods = methods
        self.asked = _compared_with_none(tree)
        self.found: list[tuple[ast.Call, str]] = []
        for node in nodes:
            self._walk(node, False, frozenset(), "")

    def _walk(self, node: ast.AST, used: bool, shadowed: frozenset[str], owner: str) -> None:
        if isinstance(node, ast.Call) and used:
            self._note(node, shadowed, owner)
        if isinstance(node, FunctionNode | ast.Lambda):
            shadowed |= local_names(node)
        elif isinstance(node, ast.ClassDef):
            owner = node.name
            shadowed |= names_of(node.body).binds
        for child in children(node):
            self._walk(child, self._is_use(child, node, used), shadowed, owner)

    def _note(self, call: ast.Call, shadowed: frozenset[str], owner: str) -> None:
        callee = call.func
        if isinstance(callee, ast.Name):
            if callee.id in self.functions and callee.id not in shadowed:
                self.found.append((call, callee.id))
        elif (
            isinstance(callee, ast.Attribute)
            and isinstance(callee.value, ast.Name)
            and callee.value.id == "self"
            and (owner, callee.attr) in self.methods
        ):
            self.found.append((call, f"self.{callee.attr}"))

    def _is_use(self, child: ast.AST, parent: ast.AST, parent_used: bool) -> bool:
        """Whether the value of the expression ``child`` matters to ``parent``."""
        if isinstance(parent, ast.Expr | ast.Return | ast.Lambda | ast.Await | ast.Yield):
            return False
        if isinstance(parent, ast.Assign):
            names = {t.id for t in parent.targets if isinstance(t, ast.Name)}
            return child is parent.value and names != {"_"} and not names & self.asked
        if isinstance(parent, ast.BoolOp) and child is parent.values[-1]:
            return parent_used  # `ready and start()` as a statement
        if isinstance(parent, ast.IfExp) and child is not parent.test:
            return parent_used
        if isinstance(parent, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return parent_used and child is parent.elt
        if isinstance(parent, ast.DictComp):
            return parent_used and child is parent.value
        if isinstance(parent, ast.Tuple | ast.List | ast.Set | ast.Dict):
            return parent_used
        if isinstance(parent, ast.Compare):
            return not _is_asked_for_none(parent)
        if isinstance(parent, ast.Call):
            # `self.assertIsNone(f())` and `isinstance(f(), type(None))` ask for the None.
            return not dotted(parent.func).endswith(("None", "isinstance", "type"))
        return isinstance(child, ast.expr)


def _is_asked_for_none(node: ast.Compare) -> bool:
    return any(isinstance(o, ast.Constant) and o.value is None for o in _operands(node))


def _operands(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _compared_with_none(tree: ast.Module) -> set[str]:
    """Variables that are asked whether they are None: a test that nothing is returned."""
    return {
        operand.id
        for node in walk(tree)
        if isinstance(node, ast.Compare) and _is_asked_for_none(node)
        for operand in _operands(node)
        if isinstance(operand, ast.Name)
    }
