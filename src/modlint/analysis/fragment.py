"""Whole lines of a cell as LibCST has them, to be rewritten and put back.

A cell is parsed only where it changes: LibCST takes nine times as long as ``ast``, and what
a fix leaves alone stays as it was written anyway.
"""

from __future__ import annotations

import ast
import re

import libcst as cst

from modlint.analysis.module import CodeUnit
from modlint.analysis.parsing import concrete
from modlint.analysis.trees import blocks_of
from modlint.codemods.base import CodemodCommand
from modlint.notebook.cell import editor_lines, indentation

_DEFAULT_INDENT = "    "


class Fragment:
    """Some neighbouring statements of one block of a cell, with the comments among them.

    ``first`` and ``last`` are their lines in ``text``, counted from 1; ``ending`` is how its lines
    end. Raises what :func:`~modlint.analysis.parsing.concrete` raises.
    """

    def __init__(self, text: str, first: int, last: int, ending: str) -> None:
        lines = editor_lines(text)
        own = "".join(lines[first - 1 : last])
        self._above = "".join(lines[: first - 1])
        self._below = "".join(lines[last:])
        # Statements of an inner block stand in a block here, too: their indent is theirs.
        code = (line for line in lines[first - 1 : last] if not _is_remark(line))
        self._outer = f"if 1:{ending}" if indentation(next(code, "")) else ""
        # LibCST sees no CR that ends a text; and what is written where nothing was ends its line.
        has_end = not own or own.endswith(("\r", "\n"))
        self._tree = concrete(self._outer + own).with_changes(has_trailing_newline=has_end)
        if not own.endswith(("\r", "\n")):
            self._tree = self._tree.with_changes(default_newline=ending)

    @property
    def tree(self) -> cst.Module:
        """The statements as a module of their own, whatever block they stand in."""
        if not self._outer:
            return self._tree
        block = self._block
        return self._tree.with_changes(body=block.body, header=(), footer=block.footer)

    @property
    def _block(self) -> cst.IndentedBlock:
        return cst.ensure_type(cst.ensure_type(self._tree.body[0], cst.If).body, cst.IndentedBlock)

    def rewritten(self, command: CodemodCommand) -> str:
        """The whole text, with what ``command`` makes of the statements in their place."""
        new = command.transform_module(self.tree)
        if self._outer:
            block = self._block.with_changes(body=new.body, footer=new.footer)
            outer = self._tree.body[0].with_changes(body=block)
            new = self._tree.with_changes(body=[outer])
        return self._above + new.code.removeprefix(self._outer) + self._below


class Folder:
    """Puts a name in place of lines that a codemod moves, or leaves, as they are.

    LibCST need not read them then: that takes several times as long as all else.
    """

    def __init__(self, text: str) -> None:
        self._sign = "kept"
        while self._sign in text:
            self._sign += "_"
        self._kept: list[str] = []

    def fold(self, lines: list[str], indent: str = "") -> list[str]:
        """``lines`` with one in place of all but the blank ones around."""
        code = [number for number, line in enumerate(lines) if line.strip()]
        start, end = code[0], code[-1] + 1
        text = "".join(lines[start:end])
        kept = text.rstrip("\r\n")
        name = f"{indent}{self._sign}{len(self._kept)}"
        self._kept.append(kept.removeprefix(indent))
        return [*lines[:start], name + text[len(kept) :], *lines[end:]]

    def unfolded(self, code: str) -> str:
        """``code`` with all that the names stand for."""
        return re.sub(rf"{self._sign}(\d+)", lambda found: self._kept[int(found[1])], code)


def fragment_of(unit: CodeUnit, first: int, last: int) -> Fragment:
    """The lines from ``first`` to ``last`` of a cell."""
    return Fragment(unit.text, first, last, unit.cell.line_ending)


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
