"""The module run as the kernel of a notebook runs it: cell by cell, on after an error."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import sys
import types
from typing import Any

from .code import awaited, parsed, run
from .job import Job, Report

#: How much is kept of what a cell prints, and of a value that it displays.
_MOST_PRINTED, _MOST_SHOWN = 100_000, 2_000


class _Printed(io.StringIO):
    """What a cell prints, up to a limit."""

    def write(self, text: str) -> int:
        """Keep the text, or its first part."""
        left = _MOST_PRINTED - self.tell()
        if left > 0:
            super().write(text[:left])
        return len(text)


class Kernel:
    """Runs the texts of a job as cells, in the one namespace ``space``."""

    def __init__(self, job: Job, report: Report, space: dict[str, Any]) -> None:
        self.job = job
        self.report = report
        self.space = space
        self.shown: list[str] = []

    def run(self) -> None:
        """Run every cell, and tell of each what it prints, displays and raises."""
        sys.displayhook = self._display
        for index, (file, text) in enumerate(self.job.texts):
            printed, error = _Printed(), ""
            self.shown = []
            with contextlib.redirect_stdout(printed):
                try:
                    self._cell(index, file, text)
                except BaseException as raised:  # a cell that exits ends no kernel
                    error = type(raised).__name__
            self.report.send(
                "cell", index=index, shown=self.shown[-1:], error=error, printed=printed.getvalue()
            )

    def _cell(self, index: int, file: str, text: str) -> None:
        code = parsed(index, file, text, is_notebook=True)
        *body, last = code.tree.body or [ast.Pass()]
        if not isinstance(last, ast.Expr) or _is_hushed(text, last):
            run(code.compiled(code.tree.body), self.space)
            return
        run(code.compiled(body), self.space)
        end: types.CodeType = compile(
            ast.Interactive([last]), file, "single", flags=code.flags, dont_inherit=True
        )
        if end.co_flags & inspect.CO_COROUTINE:
            awaited(eval(end, self.space))
        else:
            exec(end, self.space)

    def _display(self, value: object) -> None:
        if value is None:
            return
        try:
            words = repr(value)
        except BaseException as error:
            words = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
        self.shown.append(words[:_MOST_SHOWN])


def _is_hushed(text: str, node: ast.Expr) -> bool:
    """Whether a semicolon behind a statement keeps its value from being displayed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    behind = lines[(node.end_lineno or node.lineno) - 1].encode()[node.end_col_offset or 0 :]
    return behind.strip().startswith(b";")


def words_of(space: dict[str, Any]) -> dict[str, list[str]]:
    """The public names of a namespace: what kind of thing each is, and its value in words."""
    found: dict[str, list[str]] = {}
    for name, value in [*space.items()]:
        if name.startswith("_") or isinstance(value, types.ModuleType):
            continue
        words = ""
        if not callable(value) or hasattr(value, "__dict__"):
            is_named = isinstance(value, type | types.FunctionType | types.BuiltinFunctionType)
            with contextlib.suppress(BaseException):
                whole = "" if is_named else repr(value)
                inside = vars(value) if not is_named and hasattr(value, "__dict__") else {}
                words = f"{whole} {inside or ''}".strip()
        found[name] = [type(value).__name__, words[:_MOST_SHOWN]]
    return found
