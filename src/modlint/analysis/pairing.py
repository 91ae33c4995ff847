"""LibCST's statements beside those of ``ast``.

``ast`` knows where a statement stands and which names it binds, at a ninth of
the cost; LibCST knows its exact text. Both list the same statements in the same
order, so walking them together gives each LibCST node its place without
LibCST's metadata, which costs twice a parse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import libcst as cst

from modlint.analysis.module import CodeUnit, FunctionNode, Statement, block_of
from modlint.analysis.trees import blocks_of


def syntax_of(unit: CodeUnit, statements: Iterable[Statement]) -> list[cst.BaseStatement]:
    """What LibCST has for ``statements`` of a unit, at its top level or in blocks there.

    Raises ``ValueError`` where the two do not match, which would be a bug.
    """
    found: dict[int, cst.CSTNode] = {}
    lines: Sequence[cst.CSTNode] = unit.syntax.body
    pending = list(zip(lines, unit.block, strict=True))
    while pending:
        line, statement = pending.pop()
        found[id(statement.first)] = line
        if not isinstance(statement.first, FunctionNode):
            for lines, block in _bodies(line, statement):
                pending += zip(lines, block, strict=True)
    return [cast("cst.BaseStatement", found[id(s.first)]) for s in statements]


def _bodies(
    line: cst.CSTNode, statement: Statement
) -> list[tuple[Sequence[cst.CSTNode], list[Statement]]]:
    """The blocks inside a compound statement, as LibCST and as ``ast`` hold them, in order."""
    suites: list[cst.BaseSuite] = []
    if isinstance(line, cst.If):
        return _branches(line, statement)
    if isinstance(line, cst.For | cst.While):
        suites = [line.body, *([line.orelse.body] if line.orelse else [])]
    elif isinstance(line, cst.Try | cst.TryStar):
        suites = [line.body, *(h.body for h in line.handlers)]
        suites += [part.body for part in (line.orelse, line.finalbody) if part is not None]
    elif isinstance(line, cst.With | cst.ClassDef):
        suites = [line.body]
    elif isinstance(line, cst.Match):
        suites = [case.body for case in line.cases]
    blocks = [block_of(body) for body in blocks_of(statement.first)]
    return [(_lines(suite), block) for suite, block in zip(suites, blocks, strict=True)]


def _lines(suite: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    """The lines of a block; what stands behind the colon on the same line is one."""
    return suite.body if isinstance(suite, cst.IndentedBlock) else [suite]


def _branches(
    line: cst.If, statement: Statement
) -> list[tuple[Sequence[cst.CSTNode], list[Statement]]]:
    node = statement.first
    found = [(_lines(line.body), block_of(node.body))]  # type: ignore[attr-defined]
    if isinstance(line.orelse, cst.Else):
        found.append((_lines(line.orelse.body), block_of(node.orelse)))  # type: ignore[attr-defined]
    elif line.orelse is not None:
        # `elif` is one statement of its own to both, though neither writes it as a block.
        found.append(([line.orelse], block_of(node.orelse)))  # type: ignore[attr-defined]
    return found
