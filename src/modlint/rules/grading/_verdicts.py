"""What a graded cell finds out, and then keeps from nbgrader: checks that cannot fail.

A test tells nbgrader that an answer is wrong by an error that leaves the cell, or by text on
stderr. Seen in nbgrader 0.9: whatever else happens, the cell gets its points.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.scopes import is_generator
from modlint.analysis.trees import CLOSED, blocks_of, dotted, own_nodes, walk
from modlint.patterns import matches
from modlint.rules.grading._stderr import is_loud_runner
from modlint.rules.grading._tests import KernelRun, running
from modlint.rules.grading._values import Kind, kinds_of

_Scope = list[ast.AST]
_CAUGHT = ("AssertionError", "Exception", "BaseException")
_TRY = (ast.Try, ast.TryStar)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
#: Calls that report the failures of others and raise nothing.
_REPORTERS = (
    "doctest.testmod", "testmod", "doctest.run_docstring_examples", "run_docstring_examples",
    "pytest.main", "ipytest.run",
)  # fmt: skip
#: Calls that nbgrader never hears of: what writes on stderr takes all points away.
_QUIET = (
    "print", "pprint", "pp", "pprint.pprint", "pprint.pp", "display", "sys.stdout.write",
    "logging.info", "logging.debug", "*logger.info", "*logger.debug",
)  # fmt: skip


class Lost(NamedTuple):
    """A check whose outcome nbgrader does not learn: where it stands, and why."""

    node: ast.stmt | ast.expr
    why: str
    #: All the code that is lost with it.
    gone: tuple[ast.AST, ...] = ()


class Verdicts:
    """The checks that run with a graded cell: which are lost, and whether any is left."""

    def __init__(self, module: Module, unit: CodeUnit) -> None:
        self._module = module
        self._unit = unit
        run = KernelRun(module, unit)
        top: _Scope = list(running(unit.tree.body if unit.tree else []))
        self._scopes: list[tuple[_Scope, FunctionNode | None]] = [(top, None)]
        for function in self._reached(run):
            self._scopes.append((list(function.body), function))
        self.lost = list(self._all())
        gone = {
            id(part)
            for found in self.lost
            for whole in (found.node, *found.gone)
            for part in walk(whole)
        }
        self.has_others = module.grader.autotest in unit.text or any(
            id(check) not in gone
            for scope, _ in self._scopes
            for check in self._checks(scope)
            if not self._is_test_call(check)
        )

    def _reached(self, run: KernelRun) -> Iterator[FunctionNode]:
        """The functions of the cell that run with it, methods of classes of tests included."""
        for name, definitions in self._module.definitions.items():
            if not (run.reaches_all or name in run.reached):
                continue
            for definition in definitions:
                if definition.unit is self._unit:
                    inner = walk(definition.node)
                    yield from (node for node in inner if isinstance(node, FunctionNode))

    def _all(self) -> Iterator[Lost]:
        seen: set[int] = set()
        for scope, function in self._scopes:
            for finding in self._in_scope(scope, function):
                if id(finding.node) not in seen:
                    seen.add(id(finding.node))
                    yield finding

    def _in_scope(self, scope: _Scope, function: FunctionNode | None) -> Iterator[Lost]:
        for node in _own(scope):
            if isinstance(node, ast.Assert):
                yield from self._always_true(node)
            elif isinstance(node, _TRY):
                yield from self._swallowed(node, scope, function)
            elif isinstance(node, ast.With | ast.AsyncWith):
                yield from self._suppressed(node)
            elif isinstance(node, ast.Expr):
                yield from self._discarded(node, is_last=self._is_last(node))
        if function is not None:
            yield from self._behind_return(function)
        yield from self._forgotten(scope)

    def _is_last(self, node: ast.Expr) -> bool:
        """Whether a kernel shows the value: NBG013 says what comes of it."""
        return self._unit.tree is not None and node is self._unit.tree.body[-1]

    # checks

    def _checks(self, scope: Iterable[ast.AST]) -> Iterator[ast.stmt | ast.expr]:
        """What may fail on a wrong answer, and is there for that."""
        for node in _own(scope):
            if isinstance(node, ast.Assert | ast.Raise):
                yield node
            elif isinstance(node, ast.Call):
                last = dotted(node.func).rpartition(".")[2]
                if last.startswith("assert") or last == "fail" or self._is_test_call(node):
                    yield node

    def _is_test_call(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = dotted(node.func)
        known = name in self._module.definitions or name in self._module.imports
        return known and self._module.settings.is_test_name(name)

    def _always_true(self, node: ast.Assert) -> Iterator[Lost]:
        test = node.test
        what = ""
        if isinstance(test, ast.Tuple) and test.elts:
            what = "a tuple is always true: the assert checks nothing; drop the parentheses"
        elif isinstance(test, ast.List | ast.Set | ast.Dict) and _has_parts(test):
            what = "a list or dict with anything in it is always true: the assert checks nothing"
        elif _falls_back(test):
            what = (
                "`or` with a text is always true: the assert checks nothing; put a comma for `or`"
            )
        elif isinstance(test, ast.GeneratorExp):
            what = "a generator is always true: the assert checks nothing; `all(…)` looks into it"
        elif isinstance(test, ast.Constant | ast.JoinedStr) and not _is_bool(test):
            if isinstance(test, ast.JoinedStr) or test.value:
                what = "a text or a number is always true: the assert checks nothing"
        elif isinstance(test, ast.Lambda) or self._is_function(test):
            what = "a function that is not called is always true: the assert checks nothing"
        if what:
            yield Lost(node, what)

    def _is_function(self, name: ast.expr) -> bool:
        if not isinstance(name, ast.Name):
            return False
        found = self._module.definitions.get(name.id, [])
        return (
            bool(found)
            and all(isinstance(d.node, FunctionNode) and not d.node.decorator_list for d in found)
            and name.id not in self._module.variables
        )

    # swallowed

    def _swallowed(
        self, node: ast.Try | ast.TryStar, scope: _Scope, function: FunctionNode | None
    ) -> Iterator[Lost]:
        checks = tuple(filter(_is_verdict, self._checks(node.body)))
        if not checks:
            return
        handler = next((h for h in node.handlers if _catches(h)), None)
        if any(isinstance(part, ast.Return) for part in _own(node.finalbody)):
            yield Lost(checks[0], "`return` in the `finally` swallows its error", checks)
            return
        if handler is None or not self._only_tells(handler.body, function):
            return
        if self._is_recorded(node) or self._decides_on(node, scope):
            return
        caught = "except" if handler.type is None else f"except {ast.unparse(handler.type)}"
        yield Lost(checks[0], f"`{caught}` swallows its error", checks)

    def _only_tells(self, body: list[ast.stmt], function: FunctionNode | None) -> bool:
        """Whether a handler prints at most: it neither fails, nor writes down that it was there."""
        return all(
            isinstance(node, ast.Pass | ast.Continue | ast.Break)
            or (isinstance(node, ast.Expr) and self._is_quiet(node.value))
            or (isinstance(node, ast.Return) and self._is_unread(node, function))
            for node in body
        )

    def _is_quiet(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Constant):
            return True
        if not isinstance(value, ast.Call):
            return False
        path = dotted(value.func)
        file = next((ast.unparse(k.value) for k in value.keywords if k.arg == "file"), "sys.stdout")
        is_known = matches(path, _QUIET) and path not in self._module.definitions
        calls_more = any(isinstance(part, ast.Call | ast.NamedExpr) for part in _arguments(value))
        return is_known and file in ("sys.stdout", "stdout") and not calls_more

    def _is_unread(self, node: ast.Return, function: FunctionNode | None) -> bool:
        """Whether nobody looks at what is returned."""
        if node.value is None:
            return True
        return function is not None and self._is_discarded(function.name)

    def _is_discarded(self, name: str) -> bool:
        """Whether a function is named only where it is called, and its result thrown away."""
        discarded = {
            id(node.value.func)
            for unit in self._module.parsed_units
            for node in walk(unit.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        }
        return all(
            id(part) in discarded
            for unit in self._module.parsed_units
            for part in walk(unit.tree)
            if isinstance(part, ast.Name) and part.id == name
        )

    def _is_recorded(self, node: ast.stmt) -> bool:
        """Whether anything outside a statement reads what the statement sets."""
        inside = {id(part) for part in walk(node)}
        binds = {
            part.id
            for part in walk(node)
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
        }
        roots = {
            found.id
            for part in walk(node)
            if isinstance(part, ast.Attribute | ast.Subscript)
            and not isinstance(part.ctx, ast.Load)
            for found in walk(part)
            if isinstance(found, ast.Name)
        }
        read = {
            part.id
            for unit in self._module.parsed_units
            for part in walk(unit.tree)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
            if id(part) not in inside
        }
        return not read.isdisjoint(binds | roots) or _collects(node, read)

    def _decides_on(self, node: ast.Try | ast.TryStar, scope: _Scope) -> bool:
        """Whether what is below fails unless the checks have passed: a loop that tries again."""
        leaves = any(
            isinstance(part, ast.Return | ast.Break | ast.Continue)
            for part in _own([*node.body, *node.orelse])
        )
        around = [p for p in _own(scope) if isinstance(p, _LOOPS) and _holds(p, node)]
        if any(loop.orelse for loop in around):
            return True
        end = max([node, *around], key=lambda part: part.end_lineno or 0).end_lineno or 0
        return leaves and any(check.lineno > end for check in self._checks(scope))

    def _suppressed(self, node: ast.With | ast.AsyncWith) -> Iterator[Lost]:
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call) or not self._is_suppress(dotted(call.func)):
                continue
            named = {dotted(part).rpartition(".")[2] for part in call.args}
            checks = tuple(filter(_is_verdict, self._checks(node.body)))
            if checks and named & set(_CAUGHT) and not self._is_recorded(node):
                yield Lost(checks[0], f"`{ast.unparse(call)}` swallows its error", checks)

    def _is_suppress(self, path: str) -> bool:
        imports = self._module.imports.get(path.partition(".")[0], [])
        return path.rpartition(".")[2] == "suppress" and any(
            i.module == "contextlib" for i in imports
        )

    # results that nobody looks at

    def _discarded(self, node: ast.Expr, *, is_last: bool) -> Iterator[Lost]:
        call = node.value
        if not isinstance(call, ast.Call):
            return
        path = dotted(call.func)
        if matches(path, _REPORTERS) or self._runs_suite(call):
            if self._reports_only(call):
                shown = path or "the runner"
                yield Lost(node, f"`{shown}` reports failures and raises nothing")
            return
        found = self._module.definitions.get(path, [])
        test = found[-1].node if found else self._method(call.func)
        if not isinstance(test, FunctionNode):
            return
        path = path or test.name
        if is_generator(test):
            why = f"`{path}()` makes a generator that nobody runs: it has a `yield`"
            yield Lost(node, why, (test,))
        elif isinstance(test, ast.AsyncFunctionDef):
            yield Lost(node, f"`{path}()` is never awaited, so it does not run", (test,))
        elif not is_last and self._returns_verdict(path, test):
            yield Lost(node, f"`{path}()` returns whether it passed, and nobody looks at that")

    def _method(self, function: ast.expr) -> FunctionNode | None:
        """The method that is called on a new object of a class of the module: ``Tests().run``."""
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Call):
            return None
        found = self._module.definitions.get(dotted(function.value.func), [])
        if not found or not isinstance(found[-1].node, ast.ClassDef):
            return None
        methods = (part for part in found[-1].node.body if isinstance(part, FunctionNode))
        named = [method for method in methods if method.name == function.attr]
        return named[-1] if named and not named[-1].decorator_list else None

    def _runs_suite(self, call: ast.Call) -> bool:
        path = dotted(call.func)
        if path in ("unittest.main", "main") and self._is_of("unittest", path):
            return any(
                k.arg == "exit" and isinstance(k.value, ast.Constant) and k.value.value is False
                for k in call.keywords
            )
        return (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "run"
            and "TextTestRunner" in ast.unparse(call.func.value)
        )

    def _is_of(self, module: str, path: str) -> bool:
        imports = self._module.imports.get(path.partition(".")[0], [])
        return any(i.module == module for i in imports)

    def _reports_only(self, call: ast.Call) -> bool:
        """Whether failures are printed on stdout alone; NBG013 reports what writes on stderr."""
        path = dotted(call.func)
        if path in self._module.definitions or "raise_on_error" in self._unit.text:
            return False
        if path.startswith(("doctest", "pytest", "ipytest")):
            return True
        if path in ("testmod", "run_docstring_examples"):
            return self._is_of("doctest", path)
        return not any(
            is_loud_runner(part, self._module) for part in walk(call) if isinstance(part, ast.Call)
        )

    def _returns_verdict(self, path: str, test: FunctionNode) -> bool:
        if not self._module.settings.is_test_name(path) or any(self._checks(test.body)):
            return False
        values = [n.value for n in _own(test.body) if isinstance(n, ast.Return) and n.value]
        kinds = set().union(*(kinds_of(value, self._module, test) for value in values))
        has_calls = {
            dotted(n.func) for n in _own(test.body) if isinstance(n, ast.Call)
        } & self._module.definitions.keys()
        return kinds == {Kind.TRUTH} and not any(
            any(self._checks([definition.node]))
            for name in has_calls
            for definition in self._module.definitions[name]
        )

    def _behind_return(self, function: FunctionNode) -> Iterator[Lost]:
        """Checks that never run, in a function that has no others."""
        for position, node in enumerate(function.body):
            if isinstance(node, ast.Return):
                dead = tuple(self._checks(function.body[position + 1 :]))
                if dead and not any(self._checks(function.body[:position])):
                    yield Lost(dead[0], "`return` stands above it: it never runs", dead)
                return

    def _forgotten(self, scope: _Scope) -> Iterator[Lost]:
        """Comparisons that are a statement: their value is thrown away."""
        for node in _plain_blocks(scope):
            if not isinstance(node, ast.Expr) or self._is_last(node):
                continue
            if isinstance(node.value, ast.Compare):
                yield Lost(node, "the comparison has no `assert`: its value is thrown away")


# --- syntax -----------------------------------------------------------------------------------


def _own(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """The nodes and all in them, inner functions and classes left out."""
    return [node for node in own_nodes(nodes) if not isinstance(node, CLOSED)]


def _plain_blocks(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements, and those in blocks that neither catch nor expect anything."""
    for node in nodes:
        if isinstance(node, (*CLOSED, *_TRY, ast.With, ast.AsyncWith)):
            continue
        yield node
        if isinstance(node, ast.stmt):
            for block in blocks_of(node):
                yield from _plain_blocks(block)


def _holds(outer: ast.AST, inner: ast.AST) -> bool:
    return any(part is inner for part in walk(outer))


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether an ``except`` is where an AssertionError ends up."""
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(part).rpartition(".")[2] in _CAUGHT for part in types)


def _collects(node: ast.AST, read: set[str]) -> bool:
    """Whether a method that keeps something is called on an object that others read."""
    keeps = ("append", "add", "extend", "update", "insert", "setdefault", "put")
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in keeps
        and dotted(part.func).partition(".")[0] in read
        for part in walk(node)
    )


def _is_verdict(check: ast.AST) -> bool:
    """Whether a check speaks of the answer: other errors may be what the test provokes."""
    return not isinstance(check, ast.Raise) or "AssertionError" in ast.unparse(check)


def _has_parts(node: ast.List | ast.Set | ast.Dict) -> bool:
    """Whether a collection that is written down has something in it for certain."""
    if isinstance(node, ast.Dict):
        return any(key is not None for key in node.keys)
    return any(not isinstance(part, ast.Starred) for part in node.elts)


def _falls_back(test: ast.expr) -> bool:
    """Whether a test ends with ``or`` and a text: where all else is false, that is true."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.Or):
        return False
    texts = [
        piece
        for part in test.values
        # An f-string of nothing but values may be empty.
        for piece in (part.values if isinstance(part, ast.JoinedStr) else [part])
    ]
    return any(
        isinstance(piece, ast.Constant) and isinstance(piece.value, str) and piece.value != ""
        for piece in texts
    )


def _is_bool(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool | None)


def _arguments(call: ast.Call) -> Iterator[ast.AST]:
    """All in the arguments of a call but the texts that are put together in them."""
    for part in (*call.args, *(k.value for k in call.keywords)):
        for inner in walk(part):
            if not (isinstance(inner, ast.Call) and dotted(inner.func) in ("str", "repr", "type")):
                yield inner
