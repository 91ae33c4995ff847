"""What is reported of a rule that failed: where, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from traceback import format_exception
from types import TracebackType

from modlint.analysis.module import CodeUnit, Module
from modlint.diagnostics import RuleFault
from modlint.notebook.cell import Cell
from modlint.rules.base import Rule

#: Where modlint's own code is.
_HOME = os.path.dirname(os.path.dirname(__file__))
#: So many frames are printed from either end of a traceback.
_MOST_FRAMES = 20


def fault_of(rule: Rule, module: Module, error: BaseException, cell: int | None) -> RuleFault:
    """The account of an exception, with the last line of the rule's own code that it came from.

    ``cell`` is the index of the cell that was being looked at, None where it was the whole.
    """
    folder = rule.folder or _HOME
    rows = [trace for trace in _frames(error) if _file_of(trace).startswith(folder)]
    place = ""
    if rows:
        place = f" ({os.path.relpath(_file_of(rows[-1]))}:{rows[-1].tb_lineno})"
    if cell is None:
        cell = _cell_in_hand(module, error)
    return RuleFault(rule.code, f"{words_of(error)}{place}", cell, traceback=account_of(error))


def account_of(error: BaseException) -> str:
    """Python's own account of an exception; of very many frames, the first and the last."""
    parts = format_exception(error)
    if len(parts) > 2 * _MOST_FRAMES:
        parts[_MOST_FRAMES:-_MOST_FRAMES] = ["  [...]\n"]
    return "".join(parts)


def words_of(error: BaseException) -> str:
    """What an exception says, in one line, with its class."""
    words = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return f"{type(error).__name__}: {words}"


def row_in(path: str, error: BaseException) -> int | None:
    """The line of a file in which an exception came up; None where it was not there."""
    rows = [trace.tb_lineno for trace in _frames(error) if _file_of(trace) == path]
    return rows[-1] if rows else None


def _cell_in_hand(module: Module, error: BaseException) -> int | None:
    """The cell that the rule was at: one that the innermost frame of its code has in hand."""
    cells = {id(cell): index for index, cell in enumerate(module.file.cells)}
    for trace in reversed(list(_frames(error))):
        for value in reversed(list(trace.tb_frame.f_locals.values())):
            if isinstance(value, CodeUnit):
                value = value.cell
            if isinstance(value, Cell) and id(value) in cells:
                return cells[id(value)]
    return None


def _frames(error: BaseException) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _file_of(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename
