"""LibCST's statements beside those of ``ast``.

``ast`` knows where a statement stands and which names it binds, at a ninth of
the cost; LibCST knows its exact text. Both list the same statements in the same
order, so walking them together gives each LibCST node its place without
LibCST's metadata, which costs twice a parse.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from modlint.analysis.module import Statement, block_of


def paired(
    lines: Sequence[cst.CSTNode], statements: list[Statement]
) -> list[tuple[cst.CSTNode, Statement]]:
    """Each LibCST statement with the same statement of ``ast``.

    Raises ``ValueError`` where the two do not match, which would be a bug.
    """
    return list(zip(lines, statements, strict=True))


def bodies(
    line: cst.CSTNode, statement: Statement
) -> list[tuple[Sequence[cst.CSTNode], list[Statement]]]:
    """The blocks inside a compound statement, as LibCST and as ``ast`` hold them, in order."""
    node = statement.first
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
    stored = [getattr(node, "body", [])]
    stored += [part.body for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))]
    stored += [getattr(node, name, []) for name in ("orelse", "finalbody")]
    blocks = [block_of(body) for body in stored if body]
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


def headers(line: cst.CSTNode) -> list[cst.CSTNode | None]:
    """The parts of a statement that run before, or instead of, its blocks."""
    if isinstance(line, cst.If | cst.While):
        return [line.test]
    if isinstance(line, cst.For):
        return [line.iter]
    if isinstance(line, cst.With):
        return list(line.items)
    if isinstance(line, cst.Match):
        return [line.subject]
    if isinstance(line, cst.Try | cst.TryStar | cst.ClassDef | cst.FunctionDef):
        return []
    return [line]
