"""The sections of a docstring: ``TODO``, ``APPROACH``, ``HINTS``, ``Args``, ``Returns``."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from modlint.analysis.module import CodeUnit, FunctionNode

#: Headings of the Google and NumPy styles, and of their cousins.
_KNOWN = (
    "args", "arguments", "parameters", "params", "attributes", "returns", "return", "yields",
    "raises", "example", "examples", "note", "notes", "warning", "warnings", "see also",
    "references", "hint", "hints", "todo", "approach",
)  # fmt: skip
_HEADING = re.compile(
    r"(?:\*\*)?([A-Za-z][A-Za-z /_-]*?)(?:\s*\([^)]*\))?(?:\*\*)?:(?:\*\*)?(\s.*|)$"
)
_TITLE = re.compile(r"[^\W\d_][\w /-]*")
_UNDERLINE = re.compile(r"\s*-{3,}\s*$")


class DocSection(NamedTuple):
    """A section of a docstring: ``name`` in lower case, ``lines`` as they stand, with indents.

    ``row`` is that of its heading in the file; the first of ``lines`` is what
    stands behind the heading's colon.
    """

    name: str
    row: int
    indent: int
    lines: tuple[str, ...]


def docstring_node(node: FunctionNode | ast.ClassDef) -> ast.Constant | None:
    """The docstring of a definition, if it has one."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value if isinstance(first.value.value, str) else None
    return None


def sections_of(unit: CodeUnit, node: FunctionNode | ast.ClassDef) -> list[DocSection]:
    """The sections of a definition's docstring, in order."""
    found = docstring_node(node)
    if found is None:
        return []
    first, last = found.lineno, found.end_lineno or found.lineno
    lines = unit.lines[first - 1 : last]
    headings = [
        (index, name, rest)
        for index, line in enumerate(lines)
        for name, rest in [_heading(lines, index, line)]
        if name
    ]
    sections: list[DocSection] = []
    for number, (index, name, rest) in enumerate(headings):
        end = headings[number + 1][0] if number + 1 < len(headings) else len(lines)
        line = lines[index]
        indent = len(line) - len(line.lstrip())
        body = (rest, *lines[index + 1 : end])
        sections.append(DocSection(name, unit.row + first - 1 + index, indent, body))
    return sections


def _heading(lines: list[str], index: int, line: str) -> tuple[str, str]:
    """Name and rest of the line where it begins a section; two empty strings elsewhere."""
    text = line.strip().lstrip("\"'").strip()
    # Whatever is underlined is a heading, be it misspelt.
    if index + 1 < len(lines) and _TITLE.fullmatch(text) and _UNDERLINE.match(lines[index + 1]):
        return text.lower(), ""
    match = _HEADING.match(text)
    if match and (match[1].lower() in _KNOWN or (match[1].isupper() and len(match[1]) > 2)):
        return match[1].lower(), match[2].strip()
    return "", ""
