"""Make statements a demo function, called under a main guard."""

from __future__ import annotations

import argparse

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, Lines, add_lines
from modlint.codemods.blocks import BLANK, Chosen, leading, rewritten, with_leading
from modlint.codemods.main_guard import guard, moved


class ExtractDemoFunction(CodemodCommand):
    """Make neighbouring statements the body of a function ``name``, and call it under a guard.

    ``indent`` is that of new blocks; None: as the module has it. Without ``lines``, ``is_first``
    says whether no statement stands above, so that no blank lines are needed.
    """

    DESCRIPTION = "Move statements into a function that is called under a main guard."

    def __init__(
        self,
        context: CodemodContext,
        name: str,
        lines: Lines | None = None,
        indent: str | None = None,
        is_first: bool = True,
    ) -> None:
        super().__init__(context)
        self._name = name
        self._lines = lines
        self._indent = indent
        self._is_first = is_first

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which lines, and the name."""
        add_lines(arg_parser)
        arg_parser.add_argument("--name", required=True, help="the name of the function")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the function and its call."""
        return rewritten(tree, self._lines, self._extracted)

    def _extracted(self, chosen: Chosen) -> Chosen:
        stays, body = moved(chosen, self._indent)
        define = cst.FunctionDef(cst.Name(self._name), cst.Parameters(), body)
        call = cst.SimpleStatementLine([cst.Expr(cst.Call(cst.Name(self._name)))])
        calls = guard(cst.IndentedBlock([call], indent=self._indent))
        is_first = chosen.is_first and self._is_first
        lines = (*chosen.above, *leading(chosen.body[0]))
        is_apart = is_first or any(line.comment is None for line in lines)
        above = [*([] if is_apart else [BLANK, BLANK]), *chosen.above]
        new = [with_leading(define, stays), with_leading(calls, [BLANK, BLANK])]
        return Chosen(new, above=above)
