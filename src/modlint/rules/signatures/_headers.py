"""Where the parts of a function's header stand in the text of its cell."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from modlint.analysis.module import CodeUnit, FunctionNode
from modlint.notebook.cell import editor_lines

_NO_CODE = (tokenize.NL, tokenize.COMMENT)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a function, as slices of the text of its cell.

    ``parameters`` is what stands between the parentheses, ``result`` the arrow and the
    annotation behind it, ``annotation`` the annotation alone; both are empty where there is none.
    """

    name: slice
    parameters: slice
    result: slice
    annotation: slice


def header_of(unit: CodeUnit, node: FunctionNode) -> Header:
    """The header of ``node``, a function of ``unit``."""
    parts = list(_parts(unit, node))
    words = [word for word, _, _ in parts]
    name = words.index("def") + 1
    depths = list(_depths(words))
    opening = next(at for at, word in enumerate(words) if word == "(" and depths[at] == 1)
    closing = next(at for at in range(opening, len(words)) if words[at] == ")" and not depths[at])
    begin, end = parts[closing][1:]
    last = parts[-1][2]
    has_result = closing + 1 < len(parts)
    return Header(
        slice(*parts[name][1:]),
        slice(parts[opening + 1][1], begin),
        slice(end, last),
        slice(parts[closing + 2][1] if has_result else last, last),
    )


def _parts(unit: CodeUnit, node: FunctionNode) -> Iterator[tuple[str, int, int]]:
    """The tokens before the colon, with the offsets at which they begin and end."""
    lines = editor_lines(unit.text)
    # Before a header stand only blanks, whose bytes are characters.
    starts = [sum(map(len, lines[: node.lineno - 1])) + node.col_offset]
    text = unit.text[starts[0] :]
    for row in editor_lines(text):
        starts.append(starts[-1] + len(row))
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.string == ":" and token.type == tokenize.OP and not depth:
            return
        if token.type not in _NO_CODE:
            depth += _step(token.string) if token.type == tokenize.OP else 0
            begin, end = (starts[row - 1] + place for row, place in (token.start, token.end))
            yield token.string, begin, end


def _depths(words: list[str]) -> Iterator[int]:
    """How deep in brackets each word leaves us."""
    depth = 0
    for word in words:
        depth += _step(word)
        yield depth


def _step(word: str) -> int:
    return (word in ("(", "[", "{")) - (word in (")", "]", "}"))
