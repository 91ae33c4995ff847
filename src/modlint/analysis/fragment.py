"""Whole lines of a cell as LibCST has them, to be rewritten and put back.

A cell is parsed only where it changes: LibCST takes nine times as long as ``ast``, and what
a fix leaves alone stays as it was written anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

import libcst as cst

from modlint.analysis.module import CodeUnit
from modlint.analysis.parsing import concrete
from modlint.analysis.trees import blocks_of
from modlint.notebook.cell import editor_lines, indentation

_DEFAULT_INDENT = "    "


class Fragment:
    """Some neighbouring statements of one block of a cell, with the comments among them.

    ``first`` and ``last`` are their lines, counted from 1. ``indent`` is that of a block in
    this cell. Raises what
    :func:`~modlint.analysis.parsing.concrete` raises.
    """

    def __init__(self, unit: CodeUnit, first: int, last: int) -> None:
        lines = editor_lines(unit.text)
        text = "".join(lines[first - 1 : last])
        self._above = "".join(lines[: first - 1])
        self._below = "".join(lines[last:])
        ending = unit.cell.line_ending
        self.indent = indent_of(unit)
        # Statements of an inner block stand in a block here, too: their indent is theirs.
        code = (line for line in lines[first - 1 : last] if not _is_remark(line))
        self._outer = f"if 1:{ending}" if indentation(next(code, "")) else ""
        has_end = text.endswith(("\r", "\n"))  # LibCST sees no CR that ends a text
        self._tree = concrete(self._outer + text).with_changes(has_trailing_newline=has_end)
        if not has_end:
            self._tree = self._tree.with_changes(default_newline=ending)

    @property
    def _block(self) -> cst.Module | cst.IndentedBlock:
        if not self._outer:
            return self._tree
        return cst.ensure_type(cst.ensure_type(self._tree.body[0], cst.If).body, cst.IndentedBlock)

    @property
    def body(self) -> list[cst.BaseStatement]:
        """The statements; the first has the comments above it, however the block begins."""
        first, *others = self._block.body
        return [with_leading(first, [*self._header, *leading(first)]), *others]

    @property
    def footer(self) -> Sequence[cst.EmptyLine]:
        """The comments below the last statement."""
        return self._block.footer

    @property
    def _header(self) -> Sequence[cst.EmptyLine]:
        return self._block.header if isinstance(self._block, cst.Module) else ()

    def replaced(
        self, body: Sequence[cst.BaseStatement], footer: Sequence[cst.EmptyLine] = ()
    ) -> str:
        """The text of the cell with ``body`` in place of the statements."""
        block = self._block.with_changes(body=body, footer=footer)
        if isinstance(block, cst.Module):
            text = block.with_changes(header=()).code
        else:
            (outer,) = self._tree.body
            whole = self._tree.with_changes(body=[outer.with_changes(body=block)])
            text = whole.code.removeprefix(self._outer)
        return self._above + text + self._below


def keep_blank(block: cst.IndentedBlock) -> None:
    """Let the blank lines of a block stay blank where it moves to the right.

    They are changed where they are, in a tree that is nobody else's: a transformer would make
    every node of it anew, which takes longer than to parse it.
    """
    pending: list[Any] = [block]
    while pending:
        node = pending.pop()
        kind = node.__class__
        if kind is cst.EmptyLine:
            if node.comment is None and not node.whitespace.value.strip(" \t"):
                object.__setattr__(node, "indent", False)
        elif kind is list or kind is tuple:
            pending += node
        else:
            pending += [getattr(node, name) for name in _PARTS[kind]]


class _Parts(dict[type, tuple[str, ...]]):
    """The fields of each class of node; none of any other class."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = tuple(field.name for field in fields(kind)) if issubclass(kind, cst.CSTNode) else ()
        self[kind] = names
        return names


_PARTS = _Parts()


def leading(statement: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    """The comments and blank lines above a statement."""
    return cast("Sequence[cst.EmptyLine]", statement.leading_lines)  # type: ignore[attr-defined]


def with_leading(statement: cst.BaseStatement, lines: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    """``statement`` with other comments and blank lines above it."""
    return statement.with_changes(leading_lines=lines)


def indent_of(unit: CodeUnit) -> str:
    """By how much the cell indents its blocks: the first of them tells."""
    for statement in unit.block:
        node = statement.first
        if isinstance(node, ast.Match):
            return indentation(unit.lines[node.cases[0].pattern.lineno - 1])
        for block in blocks_of(node):
            if unit.leads_line(block[0]):
                return indentation(unit.lines[block[0].lineno - 1])
    return _DEFAULT_INDENT


def _is_remark(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")
