"""LibCST's view of a statement, for the rules that look at code.

Only candidates are parsed, and LibCST is imported where the first of them is met.
"""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modlint.analysis import trees
from modlint.analysis.module import CodeUnit, DefinitionNode, FunctionNode, Statement
from modlint.analysis.parsing import concrete
from modlint.diagnostics import Position
from modlint.notebook.cell import indentation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import libcst

    cst = libcst
else:

    class _Lazy:
        """The names of LibCST, which is imported when the first of them is asked for."""

        def __getattr__(self, name: str) -> object:
            import libcst

            vars(self).update(vars(libcst))  # they are asked for again and again
            return getattr(libcst, name)

    cst = _Lazy()


#: What is fixed is read again and again, most of it unchanged; nobody changes a tree.
_concrete = trees.remembered(concrete)


class Candidate:
    """A statement of a cell's top level, or the header of a definition, as LibCST reads it.

    Of a header ``root`` is the definition with ``...`` for its body. ``nodes`` are the same in
    ``ast``, with the body. ``ahead`` and ``behind`` is what the lines from ``first`` to ``last``
    hold beside it: the body of a header, and what a backslash joins to a statement. Raises what
    :func:`~modlint.analysis.parsing.concrete` raises.
    """

    def __init__(self, unit: CodeUnit, what: Statement | DefinitionNode) -> None:
        self.unit = unit
        self.is_header = not isinstance(what, Statement)
        self._above = ""
        self.nodes = what.nodes if isinstance(what, Statement) else (what,)
        self.first = trees.first_line(self.nodes[0])
        self.last = trees.last_line(self.nodes[-1])
        if isinstance(what, Statement):
            self.ahead, text, self.behind = _cut_out(unit, what)
            self.tree = _concrete(text)
            self.root: cst.CSTNode = self.tree
        else:
            self.ahead = ""
            lines = unit.lines[self.first - 1 : self.last]
            header, self.behind = _header_and_body(lines, what)
            self._above = "if 1:\n" if indentation(header) else ""
            self.tree = _concrete(self._above + header)
            first = self.tree.body[0]
            self.root = first.body.body[0] if isinstance(first, cst.If) else first

    @cached_property
    def _ranges(self) -> Mapping[cst.CSTNode, Any]:
        from libcst.metadata import MetadataWrapper, PositionProvider

        return MetadataWrapper(self.tree, unsafe_skip_copy=True).resolve(PositionProvider)

    def same_in_ast(self, node: cst.CSTNode) -> ast.AST:
        """What ``ast`` has for a function, a class, or an annotation and its type."""
        return self._in_ast[node]

    @cached_property
    def _in_ast(self) -> dict[cst.CSTNode, ast.AST]:
        nodes: Iterable[ast.AST] = self.nodes
        if self.is_header:
            nodes = _header_parts(self.nodes[0])
        parts = [part for node in nodes for part in trees.walk(node)]
        if self.is_header:
            parts.append(self.nodes[0])
        # Both in the order of the text, which for these is the same.
        own = walk(self.root)
        named = (n for n in own if n.__class__ in (cst.FunctionDef, cst.ClassDef))
        defined = [part for part in parts if isinstance(part, FunctionNode | ast.ClassDef)]
        found: dict[cst.CSTNode, ast.AST] = {}
        found |= zip(named, sorted(defined, key=_place), strict=True)
        types = annotations_in(parts)
        annotations = [node for node in own if node.__class__ is cst.Annotation]
        for annotation, type_ in zip(annotations, sorted(types, key=_place), strict=True):
            found[annotation] = found[annotation.annotation] = type_
        return found

    def range_of(self, node: cst.CSTNode) -> tuple[Position, Position]:
        """Where ``node`` begins and ends in the file."""
        same = self._in_ast.get(node)
        if isinstance(same, ast.stmt | ast.expr):  # which costs no second walk over the text
            return self.unit.start(same), self.unit.end(same)
        found = self._ranges.get(node)
        if found is None:
            kind = type(node).__name__
            raise LookupError(f"this {kind} is no part of the statement that is being visited")
        return self._place(found.start), self._place(found.end)

    def _place(self, found: Any) -> Position:
        above = self.unit.row + self.first - 2 - bool(self._above)
        ahead = len(self.ahead) if found.line == 1 else 0
        return Position(above + found.line, ahead + found.column + 1)

    def with_replaced(self, node: cst.CSTNode, new: cst.CSTNode) -> str:
        """The lines from ``first`` to ``last`` with ``new`` for ``node``, joined by newlines.

        Raises ValueError where ``new`` would change the body of a header.
        """
        tree = cst.ensure_type(self.tree.deep_replace(node, new), cst.Module)
        code = tree.code.rstrip("\n").removeprefix(self._above)
        if not self.is_header:
            return self.ahead + code + self.behind
        if not code.endswith(_NO_BODY):
            raise ValueError("only the header of a definition is visited, and can be replaced")
        code = code.removesuffix(_NO_BODY)
        own_line = code.rfind("\n") + 1
        return (code if code[own_line:].strip() else code[:own_line]) + self.behind


def small_statements(unit: CodeUnit, statement: Statement) -> Sequence[cst.BaseSmallStatement]:
    """The simple statements of one line, in a block or not.

    Raises what :func:`~modlint.analysis.parsing.concrete` raises.
    """
    _, text, _ = _cut_out(unit, statement)
    return cst.ensure_type(_concrete(text).body[0], cst.SimpleStatementLine).body


def _cut_out(unit: CodeUnit, statement: Statement) -> tuple[str, str, str]:
    """The lines of a statement, with what stands ahead of it on the first, behind it on the last.

    Ahead is an indent, which a simple statement does without: the lines below its first stand in
    brackets, in a string, or behind a backslash. Or a semicolon, behind a backslash. Behind is a
    backslash that joins it to the next.
    """
    lines = unit.lines[statement.first_line - 1 : statement.last_line]
    ahead = behind = ""
    if unit.goes_on(statement.last_line):
        lines[-1], behind = _parted(lines[-1], statement.nodes[-1].end_col_offset or 0)
    if statement.first.col_offset:
        ahead, lines[0] = _parted(lines[0], statement.first.col_offset)
    return ahead, "\n".join(lines) + "\n", behind


def expression_of(unit: CodeUnit, node: ast.expr) -> cst.BaseExpression:
    """An expression, which may go over lines without brackets of its own.

    Raises what :func:`~modlint.analysis.parsing.concrete` raises.
    """
    tree = _concrete(f"({unit.segment(node)})\n")
    (small,) = cst.ensure_type(tree.body[0], cst.SimpleStatementLine).body
    return cst.ensure_type(small, cst.Expr).value


#: What stands in a header for the body.
_NO_BODY = "..."


def _header_and_body(lines: list[str], node: DefinitionNode) -> tuple[str, str]:
    """The lines of a definition's header, with a body that says nothing, and its real body."""
    body = node.body[0]
    below = trees.first_line(body) - trees.first_line(node)
    header, rest = lines[: below + 1], lines[below + 1 :]
    ahead, behind = _parted(lines[below], body.col_offset)
    if trees.first_line(body) == body.lineno and ahead.strip():
        header[-1] = ahead + _NO_BODY
    else:
        header[-1] = f"{indentation(lines[0])} {_NO_BODY}"
        behind = lines[below]
    return "\n".join(header) + "\n", "\n".join([behind, *rest])


def _parted(line: str, byte_column: int) -> tuple[str, str]:
    """A line before and behind a column of ``ast``."""
    data = line.encode()
    return data[:byte_column].decode(), data[byte_column:].decode()


def _header_parts(node: ast.AST) -> Iterator[ast.AST]:
    return (part for part in trees.children(node) if not isinstance(part, ast.stmt))


def annotations_in(parts: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The annotations of parameters, results and variables among ``parts``."""
    for part in parts:
        if isinstance(part, ast.arg | ast.AnnAssign):
            found = part.annotation
        else:
            found = part.returns if isinstance(part, FunctionNode) else None
        if found is not None:
            yield found


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


class _Parts(dict[type, tuple[str, ...]]):
    """The fields of each class of node, in the order of the text; none of any other class."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = [field.name for field in fields(kind)] if issubclass(kind, cst.CSTNode) else []
        if kind.__name__ == "IfExp":
            names.sort(key=lambda name: name == "test")
            names.sort(key=lambda name: name == "orelse")
        else:
            names.sort(key=lambda name: _PLACES.get(name, 0))
        self[kind] = found = tuple(reversed(names))
        return found


_FIRST = (
    "lpar", "leading_lines", "header", "decorators", "lines_after_decorators", "asynchronous",
    "lbracket", "lbrace", "relative", "keyword", "posonly_params", "posonly_ind",
)  # fmt: skip
_LAST = (
    "body", "trailing_whitespace", "handlers", "orelse", "finalbody", "footer", "semicolon",
    "comma", "rbracket", "rbrace", "rpar",
)  # fmt: skip
#: Where a field stands in the text, which the classes do not always say by their order.
_PLACES = {
    **{name: place - len(_FIRST) for place, name in enumerate(_FIRST)},
    **{name: place + 1 for place, name in enumerate(_LAST)},
}
_PARTS = _Parts()


class _CodeParts(_Parts):
    """The same without whitespace, comments and punctuation."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        self[kind] = found = tuple(name for name in _PARTS[kind] if not _NO_CODE.match(name))
        return found


_NO_CODE = re.compile(
    r"whitespace|leading_lines|lines_after|header|footer|trailing|[lr](?:par|brace|bracket)$|"
    r"comma$|semicolon$|equal$|dot$|colon$|asynchronous$|operator$"
)
#: For :func:`parts_of`: the nodes of code alone.
CODE = _CodeParts()


def parts_of(node: cst.CSTNode, parts: _Parts = _PARTS) -> list[cst.CSTNode]:
    """The nodes right below ``node``, the last of the text first."""
    found: list[cst.CSTNode] = []
    for name in parts[node.__class__]:
        part = getattr(node, name)
        if part.__class__ is list or part.__class__ is tuple:
            found += part[::-1]
        elif _PARTS[part.__class__]:
            found.append(part)
    return found


def walk(root: cst.CSTNode) -> list[cst.CSTNode]:
    """``root`` and all nodes below it, in the order in which a visitor of LibCST enters them."""
    found: list[cst.CSTNode] = []
    pending = [root]
    while pending:
        node = pending.pop()
        found.append(node)
        pending += parts_of(node)
    return found
