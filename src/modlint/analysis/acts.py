"""What each top-level statement does when its module is imported.

To act is to print, to raise, to write, to start something, or to call or
construct anything first-party. Definitions, imports, constants and quiet
set-up do not act.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from modlint.analysis.calls import CallSite, calls_in, names_used
from modlint.analysis.effects import effects_of
from modlint.analysis.guards import Truth, is_main_guard, truth_on_import
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, block_of
from modlint.analysis.nominate import may_act
from modlint.analysis.scopes import is_generator, names_in, names_of
from modlint.analysis.standing import is_namespace
from modlint.analysis.syntax import cst, expression_of, small_statements
from modlint.analysis.syntax import walk as nodes_of
from modlint.analysis.testing import needs_arguments
from modlint.analysis.trees import COMPOUND, blocks_of, walk
from modlint.analysis.vocabulary import MUTATORS, OUTSIDE, PRINTERS, QUIET_SETUP, SEEDS
from modlint.patterns import matches


class ActKind(Enum):
    """What a statement does at import."""

    TEST = "test"
    CALL = "call"
    PRINT = "print"
    OBJECT = "object"
    WORK = "work"


class Role(Enum):
    """What a statement is to its neighbours."""

    DEFINITION = "definition"
    IMPORT = "import"
    VALUE = "value"  # binds plain values, or says nothing: may belong to a demo
    SETUP = "set-up"
    GUARD = "guard"
    ACT = "act"


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """One thing that happens at import: the statement it happens in and what to call it."""

    kind: ActKind
    node: ast.stmt
    label: str


@dataclass(slots=True, eq=False)
class Step:
    """A statement of a block, with what it does at import.

    ``touches`` is the name of the object that a quiet statement changes
    (``results.append(x)``). ``blocks`` are the blocks inside that run at import.
    ``is_branch``: an ``elif``, which stands in no block of its own.
    ``is_fallback``: a ``try`` that chooses between imports, and at most prints. ``heads`` is how
    many of the acts, the first ones, are of the head of a compound statement.
    """

    unit: CodeUnit
    statement: Statement
    role: Role
    kind: ActKind | None = None
    acts: list[Act] = field(default_factory=list)
    blocks: list[list[Step]] = field(default_factory=list)
    touches: str | None = None
    is_branch: bool = False
    is_fallback: bool = False
    heads: int = 0
    calls: list[CallSite] = field(default_factory=list)

    @property
    def is_compound(self) -> bool:
        """Whether the statement holds blocks of its own."""
        return isinstance(self.statement.first, COMPOUND)


class Classifier:
    """Reads the top-level statements of a module, in order, cell after cell."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.settings = module.settings
        #: Variables that hold something first-party.
        self.objects: set[str] = set()
        #: Variables that hold tests, each with the name of one.
        self.test_lists: dict[str, str] = {}
        self.runners = _functions_that_run_tests(module)

    def steps(self, unit: CodeUnit) -> list[Step]:
        """The statements of one cell."""
        return self._block(unit, unit.block)

    def _block(self, unit: CodeUnit, statements: Iterable[Statement]) -> list[Step]:
        return [self._step(unit, statement) for statement in statements]

    def _step(self, unit: CodeUnit, statement: Statement) -> Step:
        node = statement.first
        if isinstance(node, FunctionNode):
            return Step(unit, statement, Role.DEFINITION)
        if isinstance(node, COMPOUND):
            return self._compound(Step(unit, statement, Role.SETUP))
        return self._simple(Step(unit, statement, Role.VALUE))

    # Compound statements

    def _compound(self, step: Step) -> Step:
        node = step.statement.first
        parts = blocks_of(node)
        if isinstance(node, ast.If):
            truth = truth_on_import(node.test)
            if truth is Truth.FALSE:
                parts = parts[1:]
                step.role = Role.GUARD if is_main_guard(node) and not parts else Role.SETUP
            elif truth is Truth.TRUE:
                parts = parts[:1]
        if isinstance(node, ast.ClassDef):
            step.role = Role.DEFINITION
        head = self._header_acts(step)
        step.blocks = [self._block(step.unit, block_of(body)) for body in parts]
        if isinstance(node, ast.ClassDef):
            for inner in (s for block in step.blocks for s in block if not _acts_in_class(s)):
                inner.acts, inner.kind, inner.role = [], None, Role.SETUP
        for block in step.blocks:
            for inner in block:
                inner.is_branch = _is_elif(inner, node)
        if isinstance(node, ast.Try | ast.TryStar) and _is_import_fallback(node):
            for block in step.blocks[1 : 1 + len(node.handlers)]:
                _silence_prints(block)
        step.heads = len(head)
        step.acts = head + [act for block in step.blocks for s in block for act in s.acts]
        if step.acts and step.role is not Role.DEFINITION:
            step.role = Role.ACT
            step.kind = _compound_kind(step.acts)
        if isinstance(node, ast.Try | ast.TryStar) and _is_import_fallback(node):
            step.is_fallback = all(act.kind is ActKind.PRINT for act in step.acts)
        return step

    def _header_acts(self, step: Step) -> list[Act]:
        node = step.statement.first
        heads = [part for part in _headers(node) if names_in(part).calls]
        try:
            step.calls = calls_in(*(expression_of(step.unit, part) for part in heads))
        except ValueError:  # LibCST reads less than Python does
            return [Act(ActKind.OBJECT, node, ast.unparse(heads[0]).splitlines()[0])]
        acts = [a for call in step.calls if (a := self._test_act(call, node))]
        if isinstance(node, ast.For) and not acts:
            called = {c.func.id for c in names_of(node.body).calls if isinstance(c.func, ast.Name)}
            named = names_in(node.target).binds, names_in(node.iter).loads
            acts = self._tests_in_loop(node, *named, called)
        if not acts:
            acts = [
                Act(ActKind.OBJECT, node, f"{call.path}()")
                for call in step.calls
                if self._is_first_party(call) or call.root in self.objects
            ][:1]
        reads = names_of(
            [n for n in (getattr(node, "iter", None), *getattr(node, "items", ())) if n]
        )
        if acts or reads.loads & self.objects:
            targets = [getattr(node, "target", None)]
            targets += [item.optional_vars for item in getattr(node, "items", ())]
            self.objects |= names_of([t for t in targets if t is not None]).binds
        return acts

    def _tests_in_loop(
        self, node: ast.stmt, target: set[str], over: set[str], called: set[str]
    ) -> list[Act]:
        """A loop over tests that calls what it loops over; all by their names."""
        if not called & target:
            return []
        tests = [name for name in sorted(over) if self._is_defined_test(name)]
        tests += [self.test_lists[name] for name in sorted(over) if name in self.test_lists]
        return [Act(ActKind.TEST, node, f"{tests[0]}()")] if tests else []

    # Simple statements

    def _simple(self, step: Step) -> Step:
        nodes = step.statement.nodes
        looked: Sequence[cst.BaseSmallStatement | None] = [None] * len(nodes)
        # What ``ast`` shows at a glance is not looked at more closely.
        if any(may_act(node) or self._reads_object(node) for node in nodes):
            try:
                looked = small_statements(step.unit, step.statement)
            except ValueError:  # LibCST reads less than Python does: better an alarm than none
                step.acts = [
                    Act(ActKind.WORK, node, ast.unparse(node).splitlines()[0])
                    for node in nodes
                    if may_act(node)
                ]
        for node, syntax in zip(nodes, looked, strict=True):
            self._small(step, node, syntax)
        if step.acts:
            step.role = Role.ACT
            kinds = {act.kind for act in step.acts}
            step.kind = next(k for k in _PRECEDENCE if k in kinds)
        return step

    def _small(self, step: Step, node: ast.stmt, syntax: cst.BaseSmallStatement | None) -> None:
        calls = [] if syntax is None else calls_in(syntax)
        if calls and (iterated := self._made_only(syntax)) is not None:
            calls = calls_in(*iterated)
            if not calls:
                self._note_tests(node)
                return
        step.calls += calls
        if isinstance(node, ast.Import | ast.ImportFrom):
            future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            step.role = Role.SETUP if future else Role.IMPORT
            return
        if isinstance(node, ast.Expr) and _is_guarded(node.value):
            step.role = Role.GUARD
            return
        self._note_tests(node)
        tests = [test for call in calls if (test := self._test_act(call, node))]
        is_call = isinstance(syntax, cst.Expr) and isinstance(syntax.value, cst.Call)
        for loop, body in _loops_in(syntax) if len(calls) > is_call else ():
            named = set(names_used(loop.target)), set(names_used(loop.iter))
            tests += self._tests_in_loop(node, *named, set(_plain_calls(body)))
        if tests:
            step.acts.append(tests[0])
            return
        kind = self._kind(step, node, syntax, calls)
        if kind is not None:
            label = f"{calls[0].path}()" if calls else ast.unparse(node).splitlines()[0]
            if kind is ActKind.OBJECT and calls and is_namespace(calls[0].path):
                label = next((f"{c.path}()" for c in calls if self._is_first_party(c)), label)
            step.acts.append(Act(kind, node, label))
            if kind is ActKind.OBJECT:
                self.objects |= names_in(node).binds

    def _made_only(self, syntax: cst.CSTNode | None) -> list[cst.CSTNode] | None:
        """What runs when a statement makes a generator or a coroutine, and does not run it.

        None for any other statement.
        """
        if not isinstance(syntax, cst.Expr | cst.Assign | cst.AnnAssign):
            return None
        value = syntax.value
        if isinstance(value, cst.GeneratorExp):
            return [value.for_in.iter]
        if not (isinstance(value, cst.Call) and isinstance(value.func, cst.Name)):
            return None
        name = value.func.value
        known = self.module.definitions.get(name)
        if not known or not all(_is_lazy(definition.node) for definition in known):
            return None
        if name in self.module.variables or name in self.module.imports:
            return None
        return [arg.value for arg in value.args]

    def _note_tests(self, node: ast.stmt) -> None:
        """Remember a variable that tests are put into."""
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            tests = sorted(n for n in names_in(node.value).loads if self._is_defined_test(n))
            if tests and not isinstance(node.value, ast.Call):
                self.test_lists |= dict.fromkeys(names_in(node).binds, tests[0])

    def _kind(
        self, step: Step, node: ast.stmt, syntax: cst.CSTNode | None, calls: list[CallSite]
    ) -> ActKind | None:
        if isinstance(syntax, cst.Assert):
            return ActKind.WORK
        if isinstance(syntax, cst.Raise):
            step.role = Role.SETUP  # a module that refuses to be imported means it
        if isinstance(syntax, cst.Expr):
            return self._expression_kind(step, node, syntax.value, calls)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            return self._assignment_kind(step, node, calls)
        return None

    def _expression_kind(
        self, step: Step, node: ast.stmt, value: cst.BaseExpression, calls: list[CallSite]
    ) -> ActKind | None:
        if not isinstance(value, cst.Call):
            acts = self._reads_object(node) or any(self._is_first_party(c) for c in calls)
            if acts or isinstance(value, cst.Await):
                return ActKind.WORK
            return ActKind.PRINT if any(self._prints(c) for c in calls) else None
        call = calls[0]
        if self._prints(call):
            return ActKind.PRINT
        if matches(call.path, self.settings.allow_calls):
            step.role = Role.SETUP
            return None
        if self._is_first_party(call):
            if call.is_plain and effects_of(self.module, call.root).only_sets_up:
                step.role = Role.SETUP
                return None
            return ActKind.CALL
        if matches(call.path, SEEDS):
            return None
        if matches(call.path, QUIET_SETUP) or call.path == "":
            step.role = Role.SETUP
            return None
        if (
            call.last in MUTATORS
            and call.root in self.module.variables
            and not self._reads_object(node)
        ):
            step.touches = call.root
            return None
        return ActKind.WORK

    def _assignment_kind(
        self, step: Step, node: ast.Assign | ast.AnnAssign | ast.AugAssign, calls: list[CallSite]
    ) -> ActKind | None:
        if any(self._prints(call) for call in calls):
            return ActKind.PRINT
        for call in calls:
            if self._is_first_party(call) and not matches(call.path, self.settings.allow_calls):
                if call.is_plain and effects_of(self.module, call.root).only_sets_up:
                    step.role = Role.SETUP
                    return None
                return ActKind.OBJECT
        if self._reads_object(node):
            return ActKind.OBJECT
        if any(matches(call.path, OUTSIDE) for call in calls):
            return ActKind.WORK
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Attribute | ast.Subscript):
                step.touches = next((n.id for n in walk(target) if isinstance(n, ast.Name)), None)
        return None

    # Names

    def _reads_object(self, node: ast.stmt) -> bool:
        return bool(self.objects) and not self.objects.isdisjoint(names_in(node).loads)

    def _is_test(self, name: str) -> bool:
        if not self.settings.is_test_name(name):
            return False
        if name in self.module.definitions:
            return _may_be_test(self.module, name)
        return name in self.module.imports or name not in self.module.variables

    def _is_defined_test(self, name: str) -> bool:
        """Whether ``name``, given as an argument, is a test: here a pattern alone says nothing."""
        if not self.settings.is_test_name(name):
            return False
        return _may_be_test(self.module, name) or name in self.module.imports

    def _test_act(self, call: CallSite, node: ast.stmt) -> Act | None:
        if matches(call.path, self.settings.allow_calls):
            return None
        if call.is_plain:
            # A helper is named as a test, and is given what it compares: `test_eq(f(1), 2)`.
            is_helper = call.is_given and call.root not in self.module.definitions
            runs = (self._is_test(call.path) and not is_helper) or call.path in self.runners
        else:
            is_helper = call.is_given and call.root in self.module.imports
            runs = (self.settings.is_test_name(call.last) and not is_helper) and (
                self.module.is_first_party(call.root) or call.root in self.objects
            )
            runs = runs or call.path in ("unittest.main", "pytest.main", "doctest.testmod")
        label = call.path
        if not runs and (call.is_nameless or self.module.is_first_party(call.root)):
            given = sorted(name for name in call.arguments if self._is_defined_test(name))
            runs = bool(given)
            label = given[0] if given and call.is_nameless else label
        return Act(ActKind.TEST, node, f"{label}()") if runs else None

    def _prints(self, call: CallSite) -> bool:
        return matches(call.path, PRINTERS) and call.root not in self.module.definitions

    def _is_first_party(self, call: CallSite) -> bool:
        return self.module.is_first_party(call.root)


_PRECEDENCE = (ActKind.TEST, ActKind.CALL, ActKind.WORK, ActKind.OBJECT, ActKind.PRINT)


def _is_lazy(node: ast.AST) -> bool:
    """Whether a call of a function runs nothing of it yet."""
    if not isinstance(node, FunctionNode) or node.decorator_list:
        return False
    return isinstance(node, ast.AsyncFunctionDef) or is_generator(node)


def _loops_in(syntax: cst.CSTNode | None) -> Iterator[tuple[cst.CompFor, cst.CSTNode]]:
    """The loops of comprehensions, each with what is computed in it."""
    kinds = (cst.ListComp, cst.SetComp, cst.GeneratorExp)
    for part in [] if syntax is None else nodes_of(syntax):
        if part.__class__ in kinds:
            assert isinstance(part, cst.BaseSimpleComp)
            loop: cst.CompFor | None = part.for_in
            while loop is not None:
                yield loop, part.elt
                loop = loop.inner_for_in


def _plain_calls(node: cst.CSTNode) -> Iterator[str]:
    """The bare names that are called in ``node``."""
    for part in nodes_of(node):
        if isinstance(part, cst.Call) and isinstance(part.func, cst.Name):
            yield part.func.value


def _compound_kind(acts: list[Act]) -> ActKind:
    kinds = {act.kind for act in acts}
    if ActKind.TEST in kinds:
        return ActKind.TEST
    if ActKind.CALL in kinds and kinds <= {ActKind.CALL, ActKind.PRINT}:
        return ActKind.CALL
    return ActKind.WORK


def _is_guarded(value: ast.expr) -> bool:
    """``__name__ == "__main__" and main()``, and the conditional expression of the kind."""
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.And):
        return any(truth_on_import(v) is Truth.FALSE for v in value.values[:-1])
    if isinstance(value, ast.IfExp) and isinstance(value.orelse, ast.Constant):
        return truth_on_import(value.test) is Truth.FALSE
    return False


def _headers(node: ast.stmt) -> list[ast.expr]:
    """What runs of a compound statement before, or instead of, its blocks."""
    if isinstance(node, ast.If | ast.While):
        return [node.test]
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter]
    if isinstance(node, ast.With | ast.AsyncWith):
        parts = [part for item in node.items for part in (item.context_expr, item.optional_vars)]
        return [part for part in parts if part is not None]
    return [node.subject] if isinstance(node, ast.Match) else []


def _is_elif(step: Step, outer: ast.stmt) -> bool:
    """Whether a statement in the block of ``outer`` is its ``elif``."""
    node = step.statement.first
    return (
        isinstance(outer, ast.If)
        and outer.orelse == [node]
        and isinstance(node, ast.If)
        and step.unit.segment(node).startswith("elif")
    )


def _acts_in_class(step: Step) -> bool:
    # An attribute of a class is made when the class is: that is what it is for.
    kinds = (ActKind.TEST, ActKind.CALL, ActKind.PRINT)
    return any(act.kind in kinds for act in step.acts)


def _is_import_fallback(node: ast.Try | ast.TryStar) -> bool:
    """Whether a ``try`` chooses between imports: its handler may say that a package is missing."""
    return any(isinstance(n, ast.Import | ast.ImportFrom) for n in node.body)


def _silence_prints(block: list[Step]) -> None:
    for step in block:
        for inner in step.blocks:
            _silence_prints(inner)
        step.acts = [act for act in step.acts if act.kind is not ActKind.PRINT]
        if not step.acts and step.role is Role.ACT:
            step.role, step.kind = Role.VALUE, None


def _may_be_test(module: Module, name: str) -> bool:
    """Whether the module defines ``name`` as something that can be called without arguments."""
    return any(
        not isinstance(definition.node, FunctionNode) or not needs_arguments(definition.node)
        for definition in module.definitions.get(name, ())
    )


def _functions_that_run_tests(module: Module) -> set[str]:
    """The module's functions that call a test, directly or through one another."""
    called: dict[str, set[str]] = {}
    for name, definitions in module.definitions.items():
        for definition in definitions:
            if isinstance(definition.node, FunctionNode):
                called.setdefault(name, set()).update(
                    call.func.id
                    for call in names_in(definition.node).calls
                    if isinstance(call.func, ast.Name)
                )
    runners = {
        n for n in module.definitions if module.settings.is_test_name(n) and _may_be_test(module, n)
    }
    grew = True
    while grew:
        more = {name for name, callees in called.items() if callees & runners} - runners
        grew = bool(more)
        runners |= more
    return runners
