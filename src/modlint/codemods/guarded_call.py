"""Append calls under a main guard."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, Lines, add_lines
from modlint.codemods.blocks import BLANK, Chosen, rewritten, with_leading
from modlint.codemods.main_guard import guard


class AppendGuardedCall(CodemodCommand):
    """Call functions without arguments below the last of some statements, under a main guard.

    A guard that is this last statement takes the calls, if its block can take another line.
    """

    DESCRIPTION = "Append calls of functions under a main guard."

    def __init__(
        self,
        context: CodemodContext,
        calls: Sequence[str],
        lines: Lines | None = None,
        indent: str | None = None,
    ) -> None:
        super().__init__(context)
        self._calls = calls
        self._lines = lines
        self._indent = indent

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Below which lines, and what is called."""
        add_lines(arg_parser)
        help_text = "a function to call; may be given again"
        arg_parser.add_argument(
            "--call", dest="calls", action="append", required=True, metavar="NAME", help=help_text
        )

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the calls."""
        return rewritten(tree, self._lines, self._appended)

    def _appended(self, chosen: Chosen) -> Chosen:
        calls = [
            cst.SimpleStatementLine([cst.Expr(cst.Call(cst.Name(name)))]) for name in self._calls
        ]
        *others, last = chosen.body
        block = _open_block(last)
        if block is not None:
            new = last.with_changes(body=block.with_changes(body=[*block.body, *calls]))
            return replace(chosen, body=[*others, new])
        footer = chosen.footer
        comments = [at for at, line in enumerate(footer, 1) if line.comment is not None]
        end = comments[-1] if comments else 0
        body = cst.IndentedBlock(calls, indent=self._indent)
        above = [*footer[:end], *[BLANK] * _distance(last, footer[:end])]
        new_guard = with_leading(guard(body), above)
        return replace(chosen, body=[*chosen.body, new_guard], footer=footer[end:])


def _open_block(statement: cst.BaseStatement) -> cst.IndentedBlock | None:
    """The block of a plain main guard, where a line can be added to it."""
    if not isinstance(statement, cst.If) or statement.orelse or not _is_guard(statement.test):
        return None
    block = statement.body
    if not isinstance(block, cst.IndentedBlock):
        return None
    last = block.body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        (*others, small) = last.body
        if others or isinstance(small.semicolon, cst.Semicolon):
            return None
    return block


def _is_guard(test: cst.BaseExpression) -> bool:
    if not (isinstance(test, cst.Comparison) and len(test.comparisons) == 1):
        return False
    target = test.comparisons[0]
    return (
        isinstance(test.left, cst.Name)
        and test.left.value == "__name__"
        and isinstance(target.operator, cst.Equal)
        and isinstance(target.comparator, cst.SimpleString)
        and target.comparator.evaluated_value == "__main__"
    )


def _distance(last: Any, comments: Sequence[cst.EmptyLine]) -> int:
    """How many blank lines stand above a guard: two below what is indented."""
    if comments:
        return 2 if comments[-1].whitespace.value else 1
    line = cst.Module([last]).code.rstrip().splitlines()[-1]
    return 2 if line[:1] in (" ", "\t") else 1
