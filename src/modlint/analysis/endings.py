"""Calls that do not come back, and context managers that may swallow an exception."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from modlint.analysis.context import Context
from modlint.analysis.facts import Facts
from modlint.analysis.module import FunctionNode
from modlint.analysis.trees import below, children, dotted

#: Functions of other modules that never return, by their paths.
_ENDLESS = frozenset(
    "sys.exit builtins.exit builtins.quit os._exit os.abort os.execv os.execve os.execvp "
    "os.execvpe os.execl os.execle os.execlp os.execlpe typing.assert_never ?parser.error "
    "pytest.fail pytest.skip pytest.exit pytest.xfail _pytest.outcomes.fail "
    "_pytest.outcomes.skip _pytest.outcomes.exit _pytest.outcomes.xfail".split()
)
#: The same without an import, which a module may get from a star import.
_BY_NAME = frozenset("sys.exit os._exit os.abort pytest.fail pytest.skip pytest.exit".split())
#: Methods of classes of other modules that never return.
_ENDLESS_METHODS = {
    "argparse.ArgumentParser": {"error", "exit"},
    "click.Context": {"fail", "exit", "abort"},
    "click.core.Context": {"fail", "exit", "abort"},
}
#: Methods of a test case, where the class does not define its own.
_OF_A_TEST_CASE = frozenset({"self.fail", "self.skipTest"})

#: Functions that make a context manager which swallows.
_SWALLOWING = frozenset({"contextlib.suppress", "pytest.raises"})
_SWALLOWING_NAMES = frozenset(
    {"suppress", "raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp"}
)
_STACKS = frozenset({"contextlib.ExitStack", "contextlib.AsyncExitStack"})
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_OPEN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

#: Whether a function of the module runs to no end, by its body; asked for at most once each.
RunsToNoEnd = Callable[[FunctionNode], bool]


def sure_calls(node: ast.expr) -> Iterator[tuple[ast.Call, bool]]:
    """The calls that are surely made when an expression is computed; whether each is awaited."""
    pending: list[tuple[ast.AST, bool]] = [(node, False)]
    while pending:
        part, awaited = pending.pop()
        if isinstance(part, ast.Call):
            yield part, awaited
        if isinstance(part, _OPEN):
            continue
        if isinstance(part, ast.BoolOp):
            pending.append((part.values[0], False))
        elif isinstance(part, ast.IfExp):
            pending.append((part.test, False))
        else:
            is_await = isinstance(part, ast.Await)
            pending += [(child, is_await) for child in children(part)]


_ENDING_NAMES = frozenset(
    {path.rpartition(".")[2] for path in _ENDLESS | _OF_A_TEST_CASE}
    | {name for names in _ENDLESS_METHODS.values() for name in names}
)


def ending_names(facts: Facts) -> frozenset[str]:
    """The last names of all calls that may not come back: of most calls it is told at once."""
    if facts.ending_names is None:
        found = set(_ENDING_NAMES)
        found |= {n for n, path in facts.imports.items() if path in _ENDLESS}
        functions = [
            function
            for top in (*facts.functions.values(), *facts.classes.values())
            for function in below(top)
            if isinstance(function, FunctionNode)
        ]
        for _ in range(2):  # one that ends in another one that ends
            found |= {f.name for f in functions if f.name not in found and _may_not_end(f, found)}
        facts.ending_names = frozenset(found)
    return facts.ending_names


def _may_not_end(function: FunctionNode, names: set[str]) -> bool:
    if function.returns is not None and not (
        isinstance(function.returns, ast.Constant) and function.returns.value is None
    ):
        return dotted(function.returns).strip("'\"").endswith(("NoReturn", "Never"))
    for node in below(function):
        kind = node.__class__
        if kind is ast.Raise or kind is ast.While:
            return True
        if isinstance(node, ast.Call) and called_name(node) in names:
            return True
    return False


def called_name(call: ast.Call) -> str:
    """The last name of what is called."""
    callee = call.func
    if isinstance(callee, ast.Name):
        return callee.id
    return callee.attr if isinstance(callee, ast.Attribute) else ""


class Endings:
    """The calls and the context managers of one function.

    ``candidates`` are the calls in it that may not come back, by their names.
    """

    def __init__(self, context: Context, runs_to_no_end: RunsToNoEnd) -> None:
        self.context = context
        self.facts: Facts = context.facts
        self._runs_to_no_end = runs_to_no_end
        self._asked: list[FunctionNode] = []
        names = ending_names(self.facts)
        self.candidates = [
            node
            for node in context.nodes
            if node.__class__ is ast.Call and called_name(node) in names
        ]

    def never_returns(self, node: ast.expr) -> bool:
        """Whether computing an expression never ends, or ends with an exception."""
        if not self.candidates or not any(call in self.candidates for call in below(node)):
            return False
        return any(
            self._is_endless(call, awaited)
            for call, awaited in sure_calls(node)
            if call in self.candidates
        )

    def _is_endless(self, call: ast.Call, awaited: bool) -> bool:
        callee = call.func
        text = dotted(callee) if isinstance(callee, ast.Name | ast.Attribute) else ""
        if isinstance(callee, ast.Attribute) and text:
            owners = self.context.receivers(callee.value)
            if any(callee.attr in _ENDLESS_METHODS.get(owner, ()) for owner in owners):
                return True
        function = self.context.function(callee)
        if function is not None:
            return self._is_endless_function(function, callee, awaited)
        if self.context.is_local(text):
            return text in _OF_A_TEST_CASE
        path = self.facts.path(callee)
        return path in _ENDLESS or text in _OF_A_TEST_CASE or (path[:1] == "?" and text in _BY_NAME)

    def _is_endless_function(self, function: FunctionNode, callee: ast.expr, awaited: bool) -> bool:
        if isinstance(function, ast.AsyncFunctionDef) is not awaited:
            return False
        annotation = function.returns
        if isinstance(annotation, ast.Constant) and (
            str(annotation.value).strip().rpartition(".")[2] in ("NoReturn", "Never")
        ):
            return True
        if annotation is not None and self.facts.special(annotation) in ("NoReturn", "Never"):
            return True
        if isinstance(callee, ast.Attribute) and _is_to_be_overridden(function):
            return False
        is_none = isinstance(annotation, ast.Constant) and annotation.value is None
        return (annotation is None or is_none) and self._runs_to_no_end(function)

    def swallows(self, node: ast.With | ast.AsyncWith) -> bool:
        """Whether a ``with`` may end an exception of its body, so that what follows runs."""
        is_async = isinstance(node, ast.AsyncWith)
        return any(
            self._swallows(item.context_expr, is_async) or self._stack_swallows(item, node)
            for item in node.items
        )

    def _swallows(self, manager: ast.expr, is_async: bool) -> bool:
        if isinstance(manager, ast.Call):
            path = self._path(manager.func)
            if path in _SWALLOWING:
                return True
            function = self.context.function(manager.func)
            if function is not None:
                return self._made_by(function, is_async)
            if path[:1] in ("?", "") and dotted(manager.func).split(".")[-1] in _SWALLOWING_NAMES:
                return True
        atoms = self.context.type_of(manager)
        return any(self._class_swallows(atom.name, is_async) for atom in atoms or ())

    def _path(self, node: ast.expr) -> str:
        return "" if self.context.is_local(dotted(node)) else self.facts.path(node)

    def _made_by(self, function: FunctionNode, is_async: bool) -> bool:
        """Whether what a function of the module makes swallows."""
        names = {dotted(d).rpartition(".")[2] for d in function.decorator_list}
        if names & _MANAGERS:
            if function in self._asked:
                return False  # it uses itself
            self._asked.append(function)
            swallows = any(map(self._handles_its_yield, below(function)))
            self._asked.pop()
            return swallows
        if not names and function.returns is not None:
            return self._class_swallows(self.facts.path(function.returns), is_async)
        return False

    def _handles_its_yield(self, node: ast.AST) -> bool:
        """Whether an exception that comes from a ``yield`` ends here."""
        if isinstance(node, ast.With | ast.AsyncWith):
            return self.swallows(node) and _yields(node.body)
        if not isinstance(node, ast.Try | ast.TryStar) or not _yields(node.body):
            return False
        return any(not _raises(handler.body) for handler in node.handlers)

    def _class_swallows(self, path: str, is_async: bool) -> bool:
        name = "__aexit__" if is_async else "__exit__"
        method = self.facts.method(path, name)
        if method is None:
            return bool(self.facts.lineage(path)[0] & _SWALLOWING)
        values = [n.value for n in below(method) if isinstance(n, ast.Return) and n.value]
        annotation = method.returns
        if annotation is not None and self.facts.special(annotation) == "bool":
            # Said so, unless every value that it gives says otherwise.
            return not values or not all(_is_false(value) for value in values)
        literal = isinstance(annotation, ast.Subscript) and annotation
        if literal and self.facts.special(literal.value) == "Literal":
            return any(getattr(p, "value", None) is True for p in below(literal.slice))
        return any(map(_is_surely_meant, values))

    def _stack_swallows(self, item: ast.withitem, node: ast.With | ast.AsyncWith) -> bool:
        """Whether something that swallows is put on an ``ExitStack``."""
        made, stack = item.context_expr, item.optional_vars
        if not (isinstance(made, ast.Call) and self._path(made.func) in _STACKS):
            return False
        if not isinstance(stack, ast.Name):
            return False
        return any(
            self._swallows(call.args[0], "async" in call.func.attr)
            for statement in node.body
            for call in below(statement)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and dotted(call.func.value) == stack.id
            and call.func.attr in ("enter_context", "enter_async_context", "push")
            and call.args
        )


def _is_to_be_overridden(method: FunctionNode) -> bool:
    """Whether a method only says that a class below is to define it."""
    if any(dotted(d).endswith("abstractmethod") for d in method.decorator_list):
        return True
    return any(
        isinstance(node, ast.Raise)
        and node.exc is not None
        and dotted(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        == "NotImplementedError"
        for node in below(method)
    )


def _yields(body: list[ast.stmt]) -> bool:
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for node in body for part in below(node))


def _raises(body: list[ast.stmt]) -> bool:
    """Whether a handler surely ends with an exception, as far as its last statement tells.

    So does one that yields again: contextlib refuses a generator that does not stop.
    """
    if _yields(body):
        return True
    if any(isinstance(part, ast.Return) for node in body for part in below(node)):
        return False
    return isinstance(body[-1], ast.Raise)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def _is_surely_meant(value: ast.expr) -> bool:
    """Whether what an ``__exit__`` without ``-> bool`` returns is to swallow all the same."""
    if isinstance(value, ast.Constant):
        return bool(value.value)
    if isinstance(value, ast.BoolOp):
        return all(map(_is_surely_meant, value.values))
    if isinstance(value, ast.Call):
        return dotted(value.func) in ("isinstance", "issubclass")
    return isinstance(value, ast.Compare)
