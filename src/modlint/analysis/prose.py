"""The Markdown cells of a module, read as Markdown: headings, lists, code, tables, diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from modlint.analysis.module import Module, fact
from modlint.notebook.cell import CellKind, editor_lines
from modlint.notebook.percent import markdown_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class BlockKind(StrEnum):
    """What a block of Markdown is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a Markdown cell.

    ``cell`` is the 0-based index of its cell, ``first`` and ``last`` are rows of the
    file (of the cell, in a notebook). ``text`` is the text without what marks the
    block; ``level`` is that of a heading, ``info`` the language of a fence.
    ``is_open``: a fence that nothing closes.
    """

    kind: BlockKind
    cell: int
    first: int
    last: int
    text: str
    level: int = 0
    info: str = ""
    is_open: bool = False

    @property
    def label(self) -> str:
        """What stands in bold at the beginning: ``**Prerequisites**: Module 01``."""
        match = _LABEL.match(self.text)
        return match[1] if match else ""

    @property
    def is_diagram(self) -> bool:
        """Whether the block is a picture: drawn with characters, in Mermaid, or an image."""
        if self.kind is BlockKind.CODE:
            return self.info.startswith("mermaid") or (
                self.info in _PLAIN and _is_drawn(self.text, arrows=True)
            )
        return self.kind is BlockKind.PARAGRAPH and (
            _is_drawn(self.text, arrows=False) or bool(_IMAGE.search(self.text))
        )

    @property
    def is_formula(self) -> bool:
        """Whether the block holds an equation: TeX, or signs of mathematics about an equals."""
        if self.kind is BlockKind.CODE and (self.info not in _PLAIN or self.is_diagram):
            return False
        return any(_TEX.search(line) or _EQUATION.search(line) for line in self.text.split("\n"))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading that is not below it.

    ``last`` is its last row in the cell of the heading; ``blocks`` go on through
    later cells.
    """

    heading: Block
    last: int
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Prose:
    """All blocks of the Markdown cells in order, and the sections they form."""

    blocks: list[Block]
    sections: list[Section]


_LABEL = re.compile(r"\s*(?:\*\*|__)(.+?)(?:\*\*|__)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]+\)|<img\b", re.IGNORECASE)
_PLAIN = frozenset({"", "text", "txt", "ascii", "plain", "diagram", "none"})
_BOX = re.compile(r"[─-╿▀-▟]")
_STROKE = re.compile(r"[─-╿▀-▟▲▼◀▶►◄]|\+--|--\+|^\s*\|.*\|\s*$")
_ARROW = re.compile(r"[←-⇿⟵-⟿]|--+>|<--+|==+>")
_TEX = re.compile(r"\$\$|\\\[|\\\(|\$[^$\n]*[\\^_=][^$\n]*\$|\\(?:frac|sum|sqrt|partial|cdot)\b")
_EQUATION = re.compile(r"(?=.*(?:=|≈|≤|≥|∝))(?=.*[×·ΣσμθαβγδεηλΔ∑∏√∂∫∇ᵀ²³ᵢⱼₜ₁₂∞≤≥≈∝^])")


def _is_drawn(text: str, *, arrows: bool) -> bool:
    """Two lines with strokes, or one with several; one arrow a line is no drawing yet."""
    lines = text.split("\n")
    strokes = [len((_STROKE if arrows else _BOX).findall(line)) for line in lines]
    chains = [len(_ARROW.findall(line)) for line in lines] if arrows else [0]
    return sum(count > 0 for count in strokes) > 1 or max(*strokes, *chains) > 1


@fact
def prose_of(module: Module) -> Prose:
    """The Markdown of a module; computed once."""
    blocks = [
        block
        for index, cell in enumerate(module.file.cells)
        if cell.kind is CellKind.MARKDOWN
        for block in _blocks(index, cell.row, markdown_text(cell))
    ]
    return Prose(blocks, list(_sections(module, blocks)))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 20 ms, and only the STR and COV rules need it

    return MarkdownIt("commonmark").enable("table")


def _blocks(cell: int, row: int, text: str) -> Iterator[Block]:
    lines = text.split("\n")
    tokens = _parser().parse(text)
    items = tables = 0
    for index, token in enumerate(tokens):
        items += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        tables += {"table_open": 1, "table_close": -1}.get(token.type, 0)
        if token.map is None:
            continue
        first, end = row + token.map[0], row + token.map[1] - 1
        if token.type == "heading_open":
            level = int(token.tag[1:])
            title = tokens[index + 1].content
            yield Block(BlockKind.HEADING, cell, first, end, title, level)
        elif token.type == "paragraph_open":
            kind = BlockKind.ITEM if items else BlockKind.PARAGRAPH
            yield Block(kind, cell, first, end, tokens[index + 1].content)
        elif token.type in ("fence", "code_block"):
            is_open = token.type == "fence" and not _is_closed(token, lines)
            info = token.info.strip().lower()
            yield Block(BlockKind.CODE, cell, first, end, token.content, 0, info, is_open)
        elif token.type == "table_open" and tables == 1:
            content = "\n".join(lines[token.map[0] : token.map[1]])
            yield Block(BlockKind.TABLE, cell, first, end, content)
        elif token.type == "html_block":
            yield Block(BlockKind.PARAGRAPH, cell, first, end, token.content)


def _is_closed(token: Token, lines: list[str]) -> bool:
    assert token.map is not None
    first, end = token.map
    # In a list or a quote the fence is indented or behind a `>`.
    closing = lines[end - 1].strip(" \t>")
    return end - 1 > first and closing.startswith(token.markup) and not closing.strip("`~")


def _sections(module: Module, blocks: list[Block]) -> Iterator[Section]:
    for index, heading in enumerate(blocks):
        if heading.kind is not BlockKind.HEADING:
            continue
        inside: list[Block] = []
        last = _last_row(module, heading.cell)
        for block in blocks[index + 1 :]:
            if block.kind is BlockKind.HEADING and block.level <= heading.level:
                if block.cell == heading.cell:
                    last = block.first - 1
                break
            inside.append(block)
        in_cell = [block.last for block in inside if block.cell == heading.cell]
        yield Section(heading, min(last, max(in_cell, default=heading.last)), inside)


def _last_row(module: Module, cell: int) -> int:
    found = module.file.cells[cell]
    return found.row + len(editor_lines(found.source)) - 1
