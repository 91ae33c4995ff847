"""The lines of a run, and how they move to the right.

Statements move as whole lines, so that all else in them stays as it was written: no
concrete syntax tree is needed, which takes longer to make than everything else in a fix.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from modlint.analysis.module import CodeUnit
from modlint.analysis.runs import Run
from modlint.analysis.suppressions import SIGN
from modlint.analysis.trees import COMPOUND, blocks_of, walk
from modlint.notebook.cell import editor_lines

_DEFAULT_INDENT = "    "


@dataclass(frozen=True, slots=True)
class RunLines:
    """The lines of a cell, taken apart round a run.

    ``leading`` are the comments and blank lines that lead the run and stay above a guard;
    ``moved`` is the run itself, with the comments that go with it. ``indent`` is that of
    its first line.
    """

    above: list[str]
    leading: list[str]
    moved: list[str]
    below: list[str]
    indent: str


def run_lines(run: Run) -> RunLines:
    """The lines of the cell of ``run``."""
    lines = editor_lines(run.unit.text)
    first = run.steps[0].statement.first_line - 1
    end = run.steps[-1].statement.last_line
    indent = _indent(lines[first])
    start = first
    top = max((s.last_line for s in run.unit.block if s.last_line <= first), default=0)
    while start > top and _leads(lines[start - 1], indent):
        start -= 1
    split = first
    for number in range(first - 1, start - 1, -1):
        if not lines[number].strip():
            break
        if SIGN in lines[number]:  # a suppression goes with the statement that it speaks of
            split = number
    if isinstance(run.steps[-1].statement.first, COMPOUND):
        end = _end_of_block(lines, end, indent)
    return RunLines(lines[:start], lines[start:split], lines[split:end], lines[end:], indent)


def _leads(line: str, indent: str) -> bool:
    """Whether a line above a statement is blank, or a comment that stands in no block above."""
    text = line.strip()
    return not text or (text.startswith("#") and len(_indent(line)) <= len(indent))


def _end_of_block(lines: list[str], end: int, indent: str) -> int:
    """The end of a compound statement with the comments at the end of its blocks."""
    for number in range(end, len(lines)):
        text = lines[number].strip()
        if text.startswith("#") and len(_indent(lines[number])) > len(indent):
            end = number + 1
        elif text:
            break
    return end


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def indent_of(unit: CodeUnit) -> str:
    """By how much the cell indents its blocks: the first of them tells."""
    for statement in unit.block:
        node = statement.first
        if isinstance(node, ast.Match):
            return _indent(unit.lines[node.cases[0].pattern.lineno - 1])
        for block in blocks_of(node):
            if unit.leads_line(block[0]):
                return _indent(unit.lines[block[0].lineno - 1])
    return _DEFAULT_INDENT


def moved(run: Run, lines: RunLines, deeper: str) -> list[str]:
    """The lines of a run with ``deeper`` in place of its indent.

    What goes on with a string, or stands below a backslash, stays as it is. A line of blanks
    loses those of its block.
    """
    fixed = _fixed(lines.moved)
    found: list[str] = []
    for number, (line, blocks) in enumerate(zip(lines.moved, _blocks(run, lines), strict=True)):
        if number in fixed:
            pass
        elif not line.strip():
            line = line.removeprefix(max(filter(line.startswith, blocks), key=len, default=""))
        elif line.startswith(lines.indent):
            line = deeper + line[len(lines.indent) :]
        found.append(line)
    return found


def _blocks(run: Run, lines: RunLines) -> list[list[str]]:
    """For each line of a run the indents of the blocks that it stands in, or may begin."""
    first = len(lines.above) + len(lines.leading) + 1
    parts = (part for node in run.nodes for part in walk(node) if isinstance(part, ast.stmt))
    begins = {part.lineno - first for part in parts if run.unit.leads_line(part)}
    found: list[list[str]] = []
    blocks: list[str] = []
    since = 0  # the line at which the statement before began
    for number, line in enumerate(lines.moved):
        if number in begins:
            own = _indent(line)
            if blocks and len(own) > len(blocks[-1]):
                for between in found[since + 1 :]:
                    between.append(own)
            blocks = [*(block for block in blocks if len(block) < len(own)), own]
            since = number
        found.append(list(blocks))
    return found


def _fixed(lines: Sequence[str]) -> set[int]:
    """The lines, counted from 0, that go on with a string or stand below a backslash."""
    text = "".join(lines)
    if "\\" not in text and "'''" not in text and '"""' not in text:
        return set()
    found: set[int] = set()
    opened: list[int] = []  # where the f-strings begin that are not at their end
    before: tokenize.TokenInfo | None = None
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if before is not None and before.type not in (tokenize.NL, tokenize.NEWLINE):
            found.update(range(before.end[0], token.start[0]))
        before = token
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            found.update(range(token.start[0], token.end[0]))
        elif kind == "FSTRING_START":  # from Python 3.12 on
            opened.append(token.start[0])
        elif kind == "FSTRING_END":
            found.update(range(opened.pop(), token.end[0]))
    return found
