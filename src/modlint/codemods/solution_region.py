"""Put a solution region round the body of a function."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import libcst as cst

from modlint.analysis.vocabulary import GUIDANCE
from modlint.codemods.base import CodemodCommand, CodemodContext, add_function
from modlint.codemods.blocks import leading, with_leading
from modlint.codemods.functions import with_function


class PutSolutionRegion(CodemodCommand):
    """Put the comments ``begin`` and ``end`` round the body of a function.

    Its docstring, and comments at the top of its body that guide the student, stay outside.
    ``indent`` is that of a body that stood on the line of its header; None: as the module has it.
    """

    DESCRIPTION = "Put a solution region of nbgrader round the body of a function."

    def __init__(
        self,
        context: CodemodContext,
        function: str | None = None,
        begin: str = "### BEGIN SOLUTION",
        end: str = "### END SOLUTION",
        indent: str | None = None,
    ) -> None:
        super().__init__(context)
        self._function = function
        self._begin = begin
        self._end = end
        self._indent = indent

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which function."""
        add_function(arg_parser)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the region. Raises ValueError where no line is to be hidden."""
        return with_function(tree, self._function, self._hidden)

    def _hidden(self, function: cst.FunctionDef) -> cst.FunctionDef:
        body = function.body
        if isinstance(body, cst.SimpleStatementSuite):
            ending = body.trailing_whitespace
            line = cst.SimpleStatementLine(body.body, trailing_whitespace=ending)
            body = cst.IndentedBlock([line], indent=self._indent)
        block = cst.ensure_type(body, cst.IndentedBlock)
        start = _begins_with_docstring(block)
        shown, (first, *others) = block.body[:start], block.body[start:]
        above = leading(first)
        at = _first_hidden(above)
        first = with_leading(first, [*above[:at], _line(self._begin), *above[at:]])
        below = [number for number, line in enumerate(block.footer, 1) if line.comment is not None]
        end = below[-1] if below else 0
        footer = [*block.footer[:end], _line(self._end), *block.footer[end:]]
        return function.with_changes(
            body=block.with_changes(body=[*shown, first, *others], footer=footer)
        )


def _begins_with_docstring(block: cst.IndentedBlock) -> bool:
    line = block.body[0]
    if not isinstance(line, cst.SimpleStatementLine):
        return False
    small, *others = line.body
    value = small.value if isinstance(small, cst.Expr) else None
    if not isinstance(value, cst.SimpleString | cst.ConcatenatedString):
        return False
    if not isinstance(value.evaluated_value, str):
        return False
    if others or len(block.body) == 1:
        raise ValueError("no line of the body stands below the docstring")
    return True


def _first_hidden(lines: Sequence[cst.EmptyLine]) -> int:
    """Where a body begins: its comments belong to it, guidance for the student does not."""
    start = 0
    for number, line in enumerate(lines, 1):
        if line.comment is not None and GUIDANCE.match(line.comment.value):
            start = number
    while start < len(lines) and lines[start].comment is None:
        start += 1
    return start


def _line(text: str) -> cst.EmptyLine:
    """A line of a block that is only the comment ``text``, which may be indented in its turn."""
    comment = text.lstrip()
    space = cst.SimpleWhitespace(text[: len(text) - len(comment)])
    return cst.EmptyLine(whitespace=space, comment=cst.Comment(comment))
