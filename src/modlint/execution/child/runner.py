"""Two ways to run a module: import it, statement by statement, or run it as a script.

The third is that of a kernel (:mod:`.kernel`).
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.util
import inspect
import linecache
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

from .code import CALL, TESTED, Calls, Code, Tests, awaited, is_allowed, parsed, quiet_rows, run
from .job import Job, Report
from .standins import StandIn, StandIns, imported_roots, optional_roots
from .watch import Watch


class Runner:
    """Runs the module of a job."""

    def __init__(self, job: Job, report: Report) -> None:
        self.job = job
        self.report = report
        self.module = types.ModuleType(job.name if job.mode == "import" else "__main__")
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
        """Run the module as a script; tell which tests it calls, and which break off."""
        told: set[tuple[str, str]] = set()

        def tell(event: str, name: str) -> None:
            if (event, name) not in told:
                told.add((event, name))
                self.report.send(event, name=name)

        @contextlib.contextmanager
        def tested(name: str) -> Iterator[None]:
            tell("called", name)
            try:
                yield
            except BaseException:
                tell("broken", name)
                raise

        setattr(builtins, TESTED, tested)
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
        setattr(builtins, CALL, self.watch.called)
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
                    awaited(result)
                elif inspect.isgenerator(result) or inspect.isasyncgen(result):
                    raise TypeError("it is a generator: a call runs nothing of it")
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
