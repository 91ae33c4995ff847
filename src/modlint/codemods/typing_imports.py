"""Import names from ``typing``.

LibCST's own ``AddImportsVisitor`` puts new names in front of those that are there and so parts
these from their comments, writes into a cell of Markdown that is a string, writes nothing where
``typing`` is imported with a star; and to import it takes 0.3 s.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import cast

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext
from modlint.codemods.blocks import BLANK, leading, with_leading
from modlint.notebook.marker import parse_marker

#: What stays at the top of a cell, above an import: directives, a shebang, a coding line.
_LEADS = re.compile(r"#\s*\||#!|#.*coding[:=]")


class AddTypingImports(CodemodCommand):
    """Add ``names`` to the first ``from typing import …``; where there is none, write one.

    It stands below what must lead it: the marker and the directives of its cell, a docstring,
    imports from the future.
    """

    DESCRIPTION = "Import names from typing."

    def __init__(self, context: CodemodContext, names: Sequence[str]) -> None:
        super().__init__(context)
        self._names = names

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which names."""
        help_text = "such as `Optional`; may be given again"
        arg_parser.add_argument(
            "--name", dest="names", action="append", required=True, metavar="NAME", help=help_text
        )

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the names imported."""
        for number, line in enumerate(tree.body):
            if isinstance(line, cst.SimpleStatementLine) and any(map(_takes_names, line.body)):
                new = _with_names(line, self._names)
                return tree.with_changes(body=[*tree.body[:number], new, *tree.body[number + 1 :]])
        return _with_line(tree, self._names)


def _takes_names(node: cst.BaseSmallStatement) -> bool:
    return (
        isinstance(node, cst.ImportFrom)
        and isinstance(node.module, cst.Name)
        and node.module.value == "typing"
        and not node.relative
        and not isinstance(node.names, cst.ImportStar)
    )


def _with_names(line: cst.SimpleStatementLine, names: Sequence[str]) -> cst.SimpleStatementLine:
    """``line`` with ``names`` at the end of its import from typing; no other name moves."""
    at = next(number for number, small in enumerate(line.body) if _takes_names(small))
    node = cst.ensure_type(line.body[at], cst.ImportFrom)
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    *others, last = cast("Sequence[cst.ImportAlias]", node.names)
    added = [cst.ImportAlias(cst.Name(name), comma=comma) for name in names]
    added[-1] = added[-1].with_changes(comma=last.comma)
    new = node.with_changes(names=[*others, last.with_changes(comma=comma), *added])
    return line.with_changes(body=[*line.body[:at], new, *line.body[at + 1 :]])


def _with_line(tree: cst.Module, names: Sequence[str]) -> cst.Module:
    """``tree`` with an import of its own, and a blank line below."""
    body = cast("Sequence[cst.BaseStatement]", tree.body)
    at = 0
    while at < len(body) and _must_lead(body[at], at):
        at += 1
    # Comments stand above a statement, or at the end; at the top, in the header.
    rest = leading(body[at]) if at < len(body) else tree.footer
    lines = [*(() if at else tree.header), *rest]
    kept = _kept(lines, is_top=at == 0)
    aliases = [cst.ImportAlias(cst.Name(name)) for name in names]
    statement = cst.SimpleStatementLine([cst.ImportFrom(cst.Name("typing"), aliases)])
    above = [*body[:at], with_leading(statement, lines[:kept])]
    below = [BLANK, *lines[kept:]]
    header = tree.header if at else ()
    if at == len(body):
        return tree.with_changes(header=header, body=above, footer=below)
    first, *others = body[at:]
    return tree.with_changes(header=header, body=[*above, with_leading(first, below), *others])


def _must_lead(statement: cst.BaseStatement, position: int) -> bool:
    """Whether a statement must stay above an import: a docstring, a cell of text, the future."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    small = statement.body[0]
    if isinstance(small, cst.Expr) and isinstance(
        small.value, cst.SimpleString | cst.ConcatenatedString
    ):
        return position == 0 or any(map(_is_marker, statement.leading_lines))
    module = small.module if isinstance(small, cst.ImportFrom) else None
    return isinstance(module, cst.Name) and module.value == "__future__"


def _kept(lines: Sequence[cst.EmptyLine], *, is_top: bool) -> int:
    """How many of the lines above a statement stay above an import."""
    markers = [number for number, line in enumerate(lines) if _is_marker(line)]
    if not (markers or is_top):
        return 0
    kept = markers[-1] + 1 if markers else 0
    while kept < len(lines):
        comment = lines[kept].comment
        if comment is not None and not _LEADS.match(comment.value):
            break
        kept += 1
    return kept


def _is_marker(line: cst.EmptyLine) -> bool:
    return line.comment is not None and parse_marker(line.comment.value) is not None
