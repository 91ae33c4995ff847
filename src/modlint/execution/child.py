"""What runs in the child process: the module, watched.

Started as ``python -P child.py JOB``; needs nothing but the standard library, so that no
module of modlint meets one of the course. ``JOB`` is a JSON file, see :class:`Job`; what
is seen goes out at once, one JSON object a line, through the pipe ``job.results``: what
was seen before a crash is not lost.

This is no sandbox. It keeps honest code from changing files and from running for ever.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import contextlib
import errno
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import linecache
import os
import signal
import sys
import threading
import types
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

#: The bits of a code object that `from __future__` sets.
_FUTURE = sum({getattr(__future__, n).compiler_flag for n in __future__.all_feature_names})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: Names under which the compiled module finds what watches it.
_CALL, _TESTED = "__modlint_call__", "__modlint_tested__"
#: Functions that Python makes of an expression, and lambdas: no function of the module.
_ANONYMOUS = frozenset(("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
#: Audit events that change a file or a folder: the verb for it.
_CHANGES = {
    "os.remove": "removes", "os.rmdir": "removes", "shutil.rmtree": "removes",
    "os.mkdir": "makes", "os.rename": "renames", "os.link": "makes", "os.symlink": "makes",
    "os.truncate": "writes", "os.chmod": "changes", "os.chown": "changes", "os.utime": "changes",
}  # fmt: skip
_STARTS = ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn",
           "os.spawn", "pty.spawn")  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What the child is to do.

    ``texts``: the code, each with the name of its file (a notebook has one for each cell);
    ``tests``: functions, and methods as ``Class.method``; ``memory`` in bytes, ``cpu`` in
    seconds; ``results``: the number of the pipe; ``parent``: the process that waits for it.
    """

    mode: str  # "import" (and run the tests) or "script"
    name: str
    package: str
    path: str
    scratch: str
    search: list[str]
    texts: list[tuple[str, str]]
    is_notebook: bool
    first_party: list[str]
    allowed: list[str]
    tests: list[str]
    mock_missing: bool
    memory: int
    cpu: int
    results: int
    parent: int


class Report:
    """What goes to the parent; a forked copy of this process has nothing to say."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.process = os.getpid()
        os.set_inheritable(descriptor, False)

    def send(self, event: str, **facts: Any) -> None:
        """Send one event."""
        if os.getpid() == self.process:
            data = (json.dumps({"event": event, **facts}) + "\n").encode()
            while data:
                data = data[os.write(self.descriptor, data) :]


# --- what a statement does --------------------------------------------------------------------


class Watch:
    """Sees what the statement that is running does beside binding names.

    ``space`` is the module's namespace, ``files`` are the names of its code objects'
    files, ``quiet`` the lines (file, row) on which calls are no acts.
    """

    def __init__(self, job: Job, space: dict[str, Any], report: Report) -> None:
        self.report = report
        self.patterns = job.first_party
        self.space = space
        self.scratch = job.scratch
        self.quiet: set[tuple[str, int]] = set()
        self.acts: list[tuple[str, str]] = []
        self.is_fallback = False
        self.is_on = False
        self.is_copying = False
        self.temporary: set[str] = set()
        self._streams = (os.dup(1), os.dup(2))
        self._printed = 0

    def begin(self) -> None:
        """A new statement is going to run."""
        self._flushed()
        self.acts, self.is_fallback, self.is_on = [], False, True
        self._printed = self._output()
        sys.setprofile(self._profile)

    def end(self) -> list[tuple[str, str]]:
        """The acts of the statement, as (kind, words)."""
        sys.setprofile(None)
        self.is_on = False
        self._flushed()
        if self._output() > self._printed and not self.is_fallback:
            self.acts.insert(0, ("print", "prints"))
        return self.acts

    def note(self, kind: str, words: str) -> None:
        """An act, if it is the running statement's own and not that of a module it imports."""
        if self.is_on and (kind, words) not in self.acts and self._own_frame() is not None:
            self.acts.append((kind, words))

    def called(self, callee: Any, words: str, in_fallback: bool) -> Any:
        """``callee``, which is going to be called at module level."""
        if in_fallback:
            self.is_fallback = True
        elif self.is_on and self._is_first_party(callee):
            sys.setprofile(None)
            if ("call", words) not in self.acts:
                self.acts.append(("call", words))
        return callee

    def _profile(self, frame: types.FrameType, event: str, _: Any) -> None:
        """Functions that are called by other ways than a call that is written there."""
        code = frame.f_code
        if event != "call" or not code.co_flags & inspect.CO_OPTIMIZED:
            return
        if code.co_name in _ANONYMOUS or not self.is_ours(frame.f_globals.get("__name__")):
            return
        own = self._own_frame(frame)
        if own is None or (own.f_code.co_filename, own.f_lineno) in self.quiet:
            return
        sys.setprofile(None)
        self.acts.append(("call", f"{code.co_qualname.removesuffix('.__init__')}()"))

    def _own_frame(self, frame: types.FrameType | None = None) -> types.FrameType | None:
        """The frame of the module, or of a class body in it, that led here; None if another did."""
        frame = frame or sys._getframe(1)
        while frame is not None:
            if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
                if frame.f_globals is self.space:
                    return frame
                if frame.f_code.co_name == "<module>":
                    return None
            frame = frame.f_back
        return None

    def _is_first_party(self, callee: Any) -> bool:
        made = callee if isinstance(callee, type) else getattr(callee, "__func__", callee)
        if not isinstance(made, type | types.FunctionType):
            made = type(getattr(callee, "__self__", callee))
        if made.__name__ in _ANONYMOUS:
            return False
        return self.is_ours(getattr(made, "__module__", None))

    def is_ours(self, module: object) -> bool:
        """Whether a module of this name is the one that runs, or another of the course."""
        if not isinstance(module, str):
            return False
        root = module.partition(".")[0]
        return module == self.space["__name__"] or any(fnmatchcase(root, p) for p in self.patterns)

    def _output(self) -> int:
        return sum(os.fstat(stream).st_size for stream in self._streams)

    def _flushed(self) -> None:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):  # it may be closed, or anything
                stream.flush()  # type: ignore[union-attr]

    # Files, processes, threads

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python's audit hook: sees what reaches outside, and keeps files outside as they are."""
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") if mode else (flags or 0) & _WRITES
            if writes and isinstance(path, str | bytes | os.PathLike):
                self._changes("writes", os.fsdecode(path))
        elif event in _CHANGES:
            paths = [p for p in arguments[:2] if isinstance(p, str | bytes | os.PathLike)]
            for path in paths if event == "os.rename" else paths[:1]:
                self._changes(_CHANGES[event], os.fsdecode(path))
        elif event in _STARTS:
            self.note("start", "starts a process")
        elif event == "socket.connect":
            self.note("connect", "connects to the network")
        elif event == "os.chdir":
            self.note("change", "changes the working folder")

    def _changes(self, verb: str, path: str) -> None:
        if self.is_copying or path.startswith("/dev/"):
            return
        self.note("write", f"{verb} {os.path.basename(path.rstrip(os.sep))}")
        path = os.path.abspath(path)
        if self._is_new_in_tmp(path):
            return
        self.is_copying = True  # what makes the copy is seen by the hook too
        try:
            own(path, self.scratch)
        finally:
            self.is_copying = False

    def _is_new_in_tmp(self, path: str) -> bool:
        """Whether ``path`` is new in the system's temporary folder; the parent takes it away."""
        steps = path.split(os.sep)
        top = os.sep.join(steps[:3])
        if steps[1] != "tmp" or len(steps) < 3:
            return False
        if top not in self.temporary and not os.path.lexists(top):
            self.temporary.add(top)
            self.report.send("temporary", path=top)
        return top in self.temporary

    def threads(self) -> None:
        """See threads being started, which Python does not audit."""
        import _thread

        def watched(start: Callable[..., Any]) -> Callable[..., Any]:
            def started(*arguments: Any, **named: Any) -> Any:
                self.note("start", "starts a thread")
                return start(*arguments, **named)

            return started

        threading.Thread.start = watched(threading.Thread.start)  # type: ignore[method-assign]
        _thread.start_new_thread = watched(_thread.start_new_thread)


def own(path: str, scratch: str) -> None:
    """Make ``path`` in the scratch folder a file of its own, where it is a link to the real one.

    Raises ``PermissionError`` for a path outside.
    """
    steps = os.path.relpath(path, scratch).split(os.sep)
    if steps[0] == os.pardir:
        raise PermissionError(errno.EACCES, "verify lets nothing outside be changed", path)
    here = scratch
    for step in steps:
        here = os.path.join(here, step)
        if not os.path.islink(here):
            continue
        real = os.path.realpath(here)
        if os.path.commonpath([real, scratch]) == scratch:
            continue
        os.unlink(here)
        if os.path.isdir(real):
            os.mkdir(here)
            for entry in os.scandir(real):
                os.symlink(entry.path, os.path.join(here, entry.name))
        elif os.path.exists(real):
            import shutil

            shutil.copyfile(real, here)


# --- the code, prepared -----------------------------------------------------------------------


class Calls(ast.NodeTransformer):
    """Tells of every call that is made at module level, before it is made.

    To construct an object of a class without ``__init__`` runs no Python function that a
    profiler could see. A definition does not act: what a decorator, a base class, a default
    value or an attribute of a class calls is not told of.
    """

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed
        self.in_fallback = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """What is in a function does not run yet."""
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """As in a function."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """As in a function."""
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """An attribute of a class is made when the class is; anything else there acts."""
        node.body = [self.visit(n) if _acts_in_class(n) else n for n in node.body]
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """The handler of an import may say that a package is missing."""
        node.body = [self.visit(n) for n in node.body]
        before = self.in_fallback
        self.in_fallback |= any(isinstance(n, ast.Import | ast.ImportFrom) for n in node.body)
        node.handlers = [self.visit(n) for n in node.handlers]
        self.in_fallback = before
        node.orelse = [self.visit(n) for n in node.orelse]
        node.finalbody = [self.visit(n) for n in node.finalbody]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """An annotation may be kept as text, and then as it was written."""
        node.value = self.visit(node.value) if node.value else None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Pass the callee through the function that tells of it."""
        words = ast.unparse(node.func)
        self.generic_visit(node)
        if not is_allowed(words, self.allowed):
            told: list[ast.expr] = [
                node.func, ast.Constant(f"{words.splitlines()[0]}()"),
                ast.Constant(self.in_fallback),
            ]  # fmt: skip
            node.func = ast.Call(ast.Name(_CALL, ast.Load()), told, [])
        return ast.fix_missing_locations(node)


class Tests(ast.NodeTransformer):
    """Makes each test tell when it is called."""

    def __init__(self, tests: list[str]) -> None:
        self.tests = tests
        self.above = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Name the methods after their class."""
        before, self.above = self.above, f"{self.above}{node.name}."
        self.generic_visit(node)
        self.above = before
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Let a test tell."""
        return self._told(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Let a test tell."""
        return self._told(node)

    def _told(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        name = self.above + node.name
        if name in self.tests:
            call = ast.Call(ast.Name(_TESTED, ast.Load()), [ast.Constant(name)], [])
            told = ast.copy_location(ast.Expr(call), node.body[0])
            node.body.insert(int(ast.get_docstring(node) is not None), told)
        return ast.fix_missing_locations(node)


def is_allowed(path: str, allowed: list[str]) -> bool:
    """Whether the settings let a call run on import."""
    return any(fnmatchcase(path, pattern) for pattern in allowed)


def _acts_in_class(node: ast.stmt) -> bool:
    return not isinstance(node, ast.Assign | ast.AnnAssign)


def quiet_rows(tree: ast.Module, allowed: list[str]) -> Iterator[int]:
    """Rows on which functions may be called by other ways than a call that is written there."""
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, in_class = pending.pop()
        for child in ast.iter_child_nodes(node):
            is_definition = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            is_call = isinstance(child, ast.Call) and is_allowed(ast.unparse(child.func), allowed)
            is_attribute = in_class and isinstance(child, ast.Assign | ast.AnnAssign)
            if is_definition:
                yield from _header_rows(child)
            if is_definition and not isinstance(child, ast.ClassDef):
                continue
            if is_call or is_attribute:
                yield from range(child.lineno, child.end_lineno + 1)  # type: ignore[attr-defined]
            pending.append((child, isinstance(child, ast.ClassDef)))


def _header_rows(node: Any) -> range:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return range(first, max(first + 1, node.body[0].lineno))


@dataclass
class Code:
    """One text of the module, parsed."""

    index: int
    file: str
    text: str
    tree: ast.Module
    flags: int

    def compiled(self, body: list[ast.stmt]) -> types.CodeType:
        """Some of its statements, compiled as they are in the whole."""
        part = ast.Module(body, [])
        code: types.CodeType = compile(part, self.file, "exec", flags=self.flags, dont_inherit=True)
        return code


def parsed(index: int, file: str, text: str, *, is_notebook: bool = False) -> Code:
    """One text of the module. Raises what ``compile`` does."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if is_notebook else 0
    whole = compile(text, file, "exec", flags=flags, dont_inherit=True)
    flags |= whole.co_flags & _FUTURE
    return Code(index, file, text, ast.parse(text, file), flags)


def run(code: types.CodeType, space: dict[str, Any]) -> None:
    """Execute ``code``; a notebook's cell may await at the top level."""
    if code.co_flags & inspect.CO_COROUTINE:
        _awaited(eval(code, space))
    else:
        exec(code, space)


def _awaited(coroutine: Any) -> None:
    import asyncio

    asyncio.run(coroutine)


# --- packages that are missing ----------------------------------------------------------------


class _StandInType(type):
    """Makes a class that has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()


class StandIn(metaclass=_StandInType):
    """Takes the place of what a missing package would have: may be called, computed with, …"""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """As a decorator it changes nothing."""
        decorates = len(arguments) == 1 and not named and inspect.isroutine(arguments[0])
        return arguments[0] if decorates else StandIn()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _: object) -> bool:
        return False

    def __getitem__(self, key: object) -> Any:
        if isinstance(key, int):  # else what iterates by index would never end
            raise IndexError(key)
        return StandIn()

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __int__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    __index__ = __round__ = __int__

    def __format__(self, _: str) -> str:
        return "1"

    def _same(self, *_: Any) -> Any:
        return StandIn()

    def _yes(self, _: object) -> bool:
        return True

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _same
    __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _same
    __matmul__ = __rmatmul__ = __neg__ = __pos__ = __abs__ = __and__ = __or__ = __invert__ = _same
    __lt__ = __le__ = __gt__ = __ge__ = _yes


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds, last of all, a stand-in for each top-level package that the course misses.

    What other packages try to import and do without is theirs (``is_ours`` tells by the
    name of the importing module); so is ``optional``, what the module can do without.
    """

    def __init__(
        self, report: Report, optional: set[str], is_ours: Callable[[object], bool]
    ) -> None:
        self.report = report
        self.optional = optional
        self.is_ours = is_ours
        self.made: set[str] = set()

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for a package that nobody else has found, and for what is in it."""
        root = name.partition(".")[0]
        if root not in self.made:
            if path is not None or root in self.optional or not self.is_ours(_importer()):
                return None
            self.made.add(root)
            self.report.send("mocked", name=root)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """A module in which every name is a class of stand-ins."""
        module = types.ModuleType(spec.name)

        def made(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (StandIn,), {"__module__": spec.name})

        module.__getattr__ = made  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to execute."""


def _importer() -> object:
    """The name of the module that an import is going on for."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame and str(frame.f_globals.get("__name__")).startswith(("importlib", "_frozen_")):
        frame = frame.f_back
    return frame.f_globals.get("__name__") if frame else None


def imported_roots(tree: ast.AST) -> Iterator[str]:
    """The top-level packages that a module imports absolutely, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def optional_roots(tree: ast.AST) -> set[str]:
    """The packages that a module can do without: every import of them stands in a ``try``."""
    tried = [
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for part in node.body
    ]
    counts = Counter(imported_roots(tree))
    counts.subtract(root for part in tried for root in imported_roots(part))
    return {root for root, needed in counts.items() if needed <= 0}


# --- the two ways to run ----------------------------------------------------------------------


class Runner:
    """Runs the module of a job."""

    def __init__(self, job: Job, report: Report) -> None:
        self.job = job
        self.report = report
        self.module = types.ModuleType("__main__" if job.mode == "script" else job.name)
        self.space = vars(self.module)
        self.space["__builtins__"] = builtins
        self.space["__package__"] = job.package or None
        if job.is_notebook:
            self.space |= {"display": print, "get_ipython": StandIn}
        else:
            self.space["__file__"] = job.path
        sys.modules[self.module.__name__] = self.module
        self.watch = Watch(job, self.space, report)
        self.codes: list[Code] = []
        self.finder: StandIns | None = None
        for file, text in job.texts:  # for tracebacks and inspect
            linecache.cache[file] = (len(text), None, text.splitlines(True), file)

    def all_parsed(self) -> bool:
        """Whether all texts are Python; if not, the first error is reported."""
        for index, (file, text) in enumerate(self.job.texts):
            try:
                self.codes.append(parsed(index, file, text, is_notebook=self.job.is_notebook))
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                row = getattr(error, "lineno", None) or 1
                words = getattr(error, "msg", None) or str(error)
                name = type(error).__name__
                self.report.send(
                    "error", text=index, row=row, inner=[index, row], type=name, message=words
                )
                return False
        roots = {root for code in self.codes for root in imported_roots(code.tree)}
        self.roots = sorted(roots - set(sys.builtin_module_names))
        if self.job.mock_missing:
            whole = ast.Module([node for code in self.codes for node in code.tree.body], [])
            optional = optional_roots(whole)
            self.finder = StandIns(self.report, optional, self.watch.is_ours)
            sys.meta_path.append(self.finder)
        return True

    def script(self) -> None:
        """Run the module as a script; tell which tests it calls."""
        called: set[str] = set()

        def tested(name: str) -> None:
            if name not in called:
                called.add(name)
                self.report.send("called", name=name)

        setattr(builtins, _TESTED, tested)
        for code in self.codes:
            tree = Tests(self.job.tests).visit(code.tree)
            try:
                run(code.compiled(tree.body), self.space)
            except SystemExit as stop:
                if stop.code is not None and stop.code != 0:
                    self.failed("error", stop, code.index)
                raise
            except BaseException as error:
                self.failed("error", error, code.index)
                sys.exit(1)

    def imported(self) -> bool:
        """Import the module, statement by statement; whether it came to its end."""
        setattr(builtins, _CALL, self.watch.called)
        self.space["__doc__"] = ast.get_docstring(self.codes[0].tree, clean=False)
        for code in self.codes:
            rows = quiet_rows(code.tree, self.job.allowed)
            self.watch.quiet.update((code.file, row) for row in rows)
            for node in code.tree.body:
                place = _place(code, node)
                self.report.send("begin", **place)
                if not self._statement(code, node, place):
                    return False
        return True

    def _statement(self, code: Code, node: ast.stmt, place: dict[str, Any]) -> bool:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Expr) and isinstance(value, ast.Constant):
            return True  # compiled alone, a string would become the docstring
        allowed = isinstance(value, ast.Call) and is_allowed(
            ast.unparse(value.func), self.job.allowed
        )
        compiled = code.compiled([Calls(self.job.allowed).visit(node)])
        goes_on = True
        self.watch.begin()
        try:
            run(compiled, self.space)
        except BaseException as error:
            acts = self.watch.end()
            # With stand-ins, what fails may only fail because of them.
            goes_on = self.finder is not None and bool(self.finder.made)
            if not goes_on:
                self.failed("error", error, code.index, place["row"])
        else:
            acts = self.watch.end()
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        if acts and not is_import and not allowed:
            self.report.send("acts", **place, acts=acts)
        return goes_on

    def tests(self) -> None:
        """Run the tests, one after another."""
        for name in self.job.tests:
            owner, _, method = name.rpartition(".")
            if (owner or name) not in self.space:
                continue
            self.report.send("test", name=name)
            os.chdir(os.path.dirname(self.job.path))
            try:
                test = self.space[owner or name]
                result = _method(test, method) if owner else test()
                if inspect.iscoroutine(result):
                    _awaited(result)
            except BaseException as error:
                if type(error).__name__ in ("SkipTest", "Skipped"):
                    self.report.send("passed", name=name)
                else:
                    self.failed("failed", error, 0, name=name)
            else:
                self.report.send("passed", name=name)

    def failed(
        self, event: str, error: BaseException, text: int, row: int = 0, **facts: Any
    ) -> None:
        """Report an exception: where it left the module's top level, and where it was raised."""
        files = [file for file, _ in self.job.texts]
        places = []
        traceback = error.__traceback__
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if file in files:
                places.append([files.index(file), traceback.tb_lineno])
            traceback = traceback.tb_next
        missing = []
        if isinstance(error, ModuleNotFoundError):
            missing = [root for root in self.roots if not _can_be_found(root)]
        try:
            words = str(error)
        except BaseException:
            words = ""
        outer, inner = (places[0], places[-1]) if places else ([text, row], [text, row])
        self.report.send(
            event, text=outer[0], row=row or outer[1], inner=inner, type=type(error).__name__,
            message=words[:1000], missing=missing, **facts,
        )  # fmt: skip


def _method(owner: Any, method: str) -> Any:
    """Call a method of a class of tests; raises what it does."""
    import unittest

    case = owner(method) if issubclass(owner, unittest.TestCase) else owner()
    if isinstance(case, unittest.TestCase):
        case.debug()  # as it runs, but what it raises comes through
        return None
    for before in ("setup_method", "setUp"):
        getattr(case, before, lambda: None)()
    return getattr(case, method)()


def _can_be_found(root: str) -> bool:
    try:
        return root in sys.modules or importlib.util.find_spec(root) is not None
    except (ImportError, ValueError):
        return False


def _place(code: Code, node: ast.stmt) -> dict[str, Any]:
    end = node.end_lineno or node.lineno
    lines = code.text.splitlines()
    return {
        "text": code.index,
        "row": node.lineno,
        "column": _column(lines, node.lineno, node.col_offset),
        "end_row": end,
        "end_column": _column(lines, end, node.end_col_offset or 0),
    }


def _column(lines: list[str], row: int, offset: int) -> int:
    """The 1-based column in characters of a byte offset."""
    line = lines[row - 1] if row <= len(lines) else ""
    return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1


def _limit(job: Job) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, limit in ((resource.RLIMIT_CPU, job.cpu), (resource.RLIMIT_AS, job.memory)):
        most = resource.getrlimit(what)[1]
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(what, (limit, limit))


def _end_with_parent(job: Job) -> None:
    """Let no run outlive the program that watches over it, however that one ends (Linux)."""
    set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    if os.getppid() != job.parent:  # it ended before that
        os._exit(1)


def main(path: str) -> None:
    """Do the job that is described in the file ``path``."""
    with open(path, encoding="utf-8") as stream:
        job = Job(**json.load(stream))
    report = Report(job.results)
    sys.argv[:] = [job.path]
    sys.path[:0] = job.search
    _limit(job)
    _end_with_parent(job)
    runner = Runner(job, report)
    if runner.all_parsed():
        sys.addaudithook(runner.watch.hook)
        if job.mode == "script":
            runner.script()
            report.send("end")
            return  # its threads and what it registered for the exit are its own
        runner.watch.threads()
        if runner.imported():
            report.send("imported")
            runner.tests()
    report.send("end")
    os._exit(0)  # threads that the module left running have nothing more to say


if __name__ == "__main__":
    main(sys.argv[1])
