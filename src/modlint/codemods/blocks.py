"""Statements of one block that a codemod rewrites, with the comments among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

import libcst as cst

from modlint.codemods.base import Lines

Block = cst.Module | cst.IndentedBlock
_Node = TypeVar("_Node", bound=cst.CSTNode)

BLANK = cst.EmptyLine(indent=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Neighbouring statements, and what stands above and below them.

    ``above``: the comments and blank lines over the first that are not among the chosen lines; it
    has only those that are, however the block begins. ``footer``: the chosen ones below the last.
    ``is_first``: whether no other statement of the block stands above.
    """

    body: Sequence[cst.BaseStatement]
    footer: Sequence[cst.EmptyLine] = ()
    above: Sequence[cst.EmptyLine] = ()
    is_first: bool = True


Rewrite = Callable[[Chosen], Chosen]


def rewritten(tree: cst.Module, lines: Lines | None, rewrite: Rewrite) -> cst.Module:
    """``tree`` with what ``rewrite`` makes of the statements on ``lines``; of all without these.

    Raises ValueError where no statement stands on them, or not the whole of one.
    """
    if lines is None:
        new = rewrite(Chosen(_with_header(tree, tree.body), tree.footer))
        return tree.with_changes(header=(), body=_below(new), footer=new.footer)
    places = cst.MetadataWrapper(tree)
    tree = places.module
    rows = _Rows(places.resolve(cst.metadata.WhitespaceInclusivePositionProvider))
    block = _block_at(tree, lines, rows)
    new_block = _with_chosen(block, lines, rows, rewrite)
    if isinstance(new_block, cst.Module):
        return new_block
    return cst.ensure_type(tree.deep_replace(block, new_block), cst.Module)


class _Rows:
    """On which lines statements stand."""

    def __init__(self, places: Any) -> None:
        self._places = places

    def top(self, statement: cst.CSTNode) -> int:
        """The first of the lines above a statement, or its own."""
        return int(self._places[statement].start.line)

    def first(self, statement: cst.BaseStatement) -> int:
        """The first line of the statement itself, decorators included."""
        return self.top(statement) + len(leading(statement))

    def last(self, statement: cst.BaseStatement) -> int:
        """The last line, comments at the end of its blocks included."""
        end = self._places[statement].end
        return int(end.line - (end.column == 0))


def _block_at(block: Block, lines: Lines, rows: _Rows) -> Block:
    """The innermost block that has all of ``lines``."""
    for statement in _statements(block):
        if rows.first(statement) < lines[0] and lines[1] <= rows.last(statement):
            for inner in _blocks_in(statement):
                body = _statements(inner)
                if body and rows.top(body[0]) <= lines[0] and lines[1] <= rows.last(body[-1]):
                    return _block_at(inner, lines, rows)
    return block


def _blocks_in(node: cst.CSTNode) -> Iterator[cst.IndentedBlock]:
    """The blocks right inside a compound statement."""
    parts = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    parts += [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    for part in parts:
        if isinstance(part, cst.IndentedBlock):
            yield part
        elif part is not None and not isinstance(part, cst.SimpleStatementSuite):
            yield from _blocks_in(part)


def _with_chosen(block: Block, lines: Lines, rows: _Rows, rewrite: Rewrite) -> Block:
    body = _statements(block)
    at = [n for n, s in enumerate(body) if rows.first(s) <= lines[1] and lines[0] <= rows.last(s)]
    if not at or rows.first(body[at[0]]) < lines[0] or lines[1] < rows.last(body[at[-1]]):
        raise ValueError(f"on the lines {lines[0]}-{lines[1]} stand no whole statements")
    start, end = at[0], at[-1] + 1
    chosen = _with_header(block, body)[start:end]
    lead = leading(chosen[0])
    near = min(max(rows.first(body[start]) - lines[0], 0), len(lead))
    above, own = lead[: len(lead) - near], lead[len(lead) - near :]
    rest = body[end:]
    below = leading(rest[0]) if rest else block.footer
    count = max(lines[1] - rows.last(body[end - 1]), 0)
    new = rewrite(
        Chosen([with_leading(chosen[0], own), *chosen[1:]], below[:count], above, start == 0)
    )
    below = [*new.footer, *below[count:]]
    if rest:
        rest = [with_leading(rest[0], below), *rest[1:]]
    changed = block.with_changes(
        body=[*body[:start], *_below(new), *rest], footer=block.footer if rest else below
    )
    if isinstance(changed, cst.Module) and start == 0:
        changed = changed.with_changes(header=())
    return changed


def _below(chosen: Chosen) -> list[cst.BaseStatement]:
    """The statements with all that stands above them."""
    first, *others = chosen.body
    return [with_leading(first, [*chosen.above, *leading(first)]), *others]


def _statements(block: Block) -> Sequence[cst.BaseStatement]:
    return block.body


def _with_header(block: Block, body: Sequence[Any]) -> list[cst.BaseStatement]:
    """The statements; the first has the comments above it, however the block begins."""
    if not (body and isinstance(block, cst.Module) and block.header):
        return [*body]
    first, *others = body
    return [with_leading(first, [*block.header, *leading(first)]), *others]


def leading(statement: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    """The comments and blank lines above a statement."""
    return cast("Sequence[cst.EmptyLine]", statement.leading_lines)  # type: ignore[attr-defined]


def with_leading(statement: cst.BaseStatement, lines: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    """``statement`` with other comments and blank lines above it."""
    return statement.with_changes(leading_lines=lines)


def indented(
    body: Sequence[cst.BaseStatement], footer: Sequence[cst.EmptyLine], indent: str | None
) -> cst.IndentedBlock:
    """A block of statements that move to the right; its blank lines stay blank."""
    return with_blank_lines(cst.IndentedBlock(body, indent=indent, footer=footer))


def with_blank_lines(tree: _Node) -> _Node:
    """``tree`` with no indentation on blank lines.

    Only what leads to one is made again: a transformer would make every node of the tree again,
    which takes longer than to parse it.
    """
    nodes: list[Any] = [tree]
    above = [0]  # of each node, the number of the one that holds it
    stale = {0}
    for number, node in enumerate(nodes):  # which grow meanwhile
        kind = node.__class__
        if kind is cst.EmptyLine:
            if node.indent and node.comment is None and not node.whitespace.value.strip(" \t"):
                while number not in stale:
                    stale.add(number)
                    number = above[number]
            continue
        parts = node if kind is list or kind is tuple else [getattr(node, n) for n in _PARTS[kind]]
        nodes += parts
        above += [number] * len(parts)
    new: dict[int, Any] = {}
    for number in sorted(stale, reverse=True):
        new[id(nodes[number])] = _with_new(nodes[number], new)
    return cast("_Node", new[id(tree)])


def _with_new(node: Any, new: dict[int, Any]) -> Any:
    if isinstance(node, cst.EmptyLine):
        return node.with_changes(indent=False)
    if isinstance(node, list | tuple):
        return [new.get(id(part), part) for part in node]
    parts = {name: getattr(node, name) for name in _PARTS[node.__class__]}
    return node.with_changes(**{n: new[id(part)] for n, part in parts.items() if id(part) in new})


class _Parts(dict[type, tuple[str, ...]]):
    """The fields of each class of node; none of any other class."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = tuple(field.name for field in fields(kind)) if issubclass(kind, cst.CSTNode) else ()
        self[kind] = names
        return names


_PARTS = _Parts()
