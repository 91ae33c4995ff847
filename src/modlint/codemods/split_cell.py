"""Make several cells of the statements of one."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, Lines, lines_in
from modlint.codemods.blocks import BLANK, Chosen, leading, rewritten, with_leading

_Node = cst.EmptyLine | cst.BaseStatement
#: A comment, or a statement without what stands above it; and the lines that it takes.
_Item = tuple[_Node, int, int]


class SplitCell(CodemodCommand):
    """Put statements into cells of their own.

    ``cells``: for each new cell, in order, the lines of what comes into it; together they are all
    lines of the statements. Where lines are some of those of a block under an ``if`` without
    ``else``, such as a main guard, its header goes along.
    """

    DESCRIPTION = "Make several cells of the statements of one."

    def __init__(self, context: CodemodContext, cells: Sequence[Sequence[Lines]]) -> None:
        super().__init__(context)
        self._cells = cells

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """The lines of each cell."""
        arg_parser.add_argument(
            "--cell",
            dest="cells",
            action="append",
            type=_several_lines,
            required=True,
            metavar="FIRST-LAST,…",
            help="the lines of one new cell; to be given for each",
        )

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with a marker above each cell but the first."""
        every = [line for cell in self._cells for lines in cell for line in lines]
        return rewritten(tree, (min(every), max(every)), self._split)

    def parts(self, tree: cst.Module) -> list[cst.Module]:
        """The new cells of ``tree``, which is the old one, each as a module of its own.

        A blank line ends each but the last. Raises ValueError where a statement stands in none of
        them, or in part.
        """
        chosen = Chosen([*tree.body], tree.footer)
        first, *others = chosen.body
        first = with_leading(first, [*tree.header, *leading(first)])
        made: list[cst.Module] = []
        for body, footer in self._of(Chosen([first, *others], tree.footer), 1):
            header = () if body else footer
            below = footer if body else ()
            made.append(
                tree.with_changes(header=header, body=body, footer=below, has_trailing_newline=True)
            )
        return made

    def _split(self, chosen: Chosen) -> Chosen:
        first, *others = self._of(chosen, min(lines[0] for cell in self._cells for lines in cell))
        body, footer = first
        marker = cst.EmptyLine(comment=cst.Comment("# %%"))
        for more, below in others:
            if not (body and more):
                raise ValueError("a cell without a statement is none of Python")
            body += [with_leading(more[0], [*footer, marker, *leading(more[0])]), *more[1:]]
            footer = below
        return Chosen(body, footer, chosen.above)

    def _of(
        self, chosen: Chosen, row: int
    ) -> Iterator[tuple[list[cst.BaseStatement], list[cst.EmptyLine]]]:
        """The statements of each cell and the comments below them; ``row`` is the first line."""
        items = [*_items(chosen.body, chosen.footer, row)]
        count = 0
        for number, cell in enumerate(self._cells):
            found = [part for lines in cell for part in _on(items, lines)]
            count += sum(last - first + 1 for _, first, last in found)
            nodes = [node for node, _, _ in found]
            if number:
                nodes = _trimmed(nodes)
            if number < len(self._cells) - 1:
                nodes = [*_trimmed(nodes[::-1])[::-1], BLANK]
            yield _as_block(nodes)
        if count != sum(last - first + 1 for _, first, last in items):
            raise ValueError("the cells are not all of the lines, each of them once")


def _several_lines(text: str) -> list[Lines]:
    """``"3-5,9"`` → ``[(3, 5), (9, 9)]``."""
    return [lines_in(part) for part in text.split(",")]


def _items(
    body: Iterable[cst.BaseStatement], footer: Iterable[cst.EmptyLine], row: int
) -> Iterator[_Item]:
    for statement in body:
        for line in leading(statement):
            yield line, row, row
            row += 1
        bare = with_leading(statement, ()) if leading(statement) else statement
        size = len(cst.Module([bare]).code.splitlines())  # type: ignore[list-item]
        yield bare, row, row + size - 1
        row += size
    for line in footer:
        yield line, row, row
        row += 1


def _on(items: Iterable[_Item], lines: Lines) -> Iterator[_Item]:
    """What stands on ``lines``: of a guard, as much of its block as stands there."""
    for node, first, last in items:
        start, end = max(first, lines[0]), min(last, lines[1])
        if (start, end) == (first, last):
            yield node, first, last
        elif start <= end:
            if start > first:
                yield from ((BLANK, 0, -1), (BLANK, 0, -1))
            yield _part_of(node, first, (start, end)), start, end


def _part_of(node: cst.CSTNode, row: int, lines: Lines) -> cst.If:
    """An ``if`` with some of the lines of its block, whose first is that below ``row``."""
    if not (isinstance(node, cst.If) and isinstance(node.body, cst.IndentedBlock)) or node.orelse:
        raise ValueError(f"on the lines {lines[0]}-{lines[1]} stand no whole statements")
    block = node.body
    items = _items([*block.body], block.footer, row + 1)
    body, footer = _as_block([part for part, _, _ in _on(items, lines)])
    if not body:
        raise ValueError(f"on the lines {lines[0]}-{lines[1]} stands no statement of the block")
    return node.with_changes(body=block.with_changes(body=body, footer=footer))


def _as_block(
    nodes: Iterable[cst.CSTNode],
) -> tuple[list[cst.BaseStatement], list[cst.EmptyLine]]:
    """Statements with the comments above each, and the comments below the last."""
    body: list[cst.BaseStatement] = []
    above: list[cst.EmptyLine] = []
    for node in nodes:
        if isinstance(node, cst.EmptyLine):
            above.append(node)
        elif isinstance(node, cst.BaseStatement):
            body.append(with_leading(node, above) if above else node)
            above = []
    return body, above


def _trimmed(
    nodes: list[cst.EmptyLine | cst.BaseStatement],
) -> list[cst.EmptyLine | cst.BaseStatement]:
    """``nodes`` without the blank lines that they begin with."""
    start = 0
    while start < len(nodes):
        node = nodes[start]
        if not isinstance(node, cst.EmptyLine) or node.comment is not None:
            break
        start += 1
    return nodes[start:]
