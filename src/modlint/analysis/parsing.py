"""The text of a cell as Python reads it: its syntax tree, or what is wrong with it."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from modlint.analysis.depth import has_room
from modlint.analysis.scopes import names_in
from modlint.analysis.trees import remembered, walk

if TYPE_CHECKING:
    import libcst as cst

#: Operands of one chain that LibCST's parser is trusted with; it ends the process at 50,000.
_LONGEST_CHAIN = 5_000
#: Where a line begins that is no comment.
_CODE_LINE = re.compile(r"\n[ \t\f]*+(?![#\n])(?=.)", re.DOTALL)


class SyntaxProblem(NamedTuple):
    """Why a cell does not parse; ``line`` and ``column`` are 1-based in the cell's text."""

    message: str
    line: int
    column: int


@remembered
def parse(source: str) -> ast.Module | SyntaxProblem:
    """The syntax tree of one cell's text, remembered: fixing reads most cells again unchanged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is Python's to report
            return ast.parse(source)
    except SyntaxError as error:
        return SyntaxProblem(error.msg or "invalid syntax", error.lineno or 1, error.offset or 1)
    except ValueError as error:
        return SyntaxProblem(str(error), 1, 1)
    except (RecursionError, MemoryError):
        return SyntaxProblem("too deeply nested to parse", 1, 1)


def is_prose(source: str) -> bool:
    """Whether a text surely is to Python what a cell of Markdown should be, told at a glance.

    That is comments, or one string, and nothing else.
    """
    if "\0" in source or "\r" in source:
        return False
    if source.startswith("#"):
        prose = _CODE_LINE.search(source) is None
    else:
        text = source.strip("\n \t\f")
        inner = text[3:-3]
        quote = text[:3]
        prose = (
            source.lstrip("\n").startswith(('"""', "'''"))
            and len(text) >= 6
            and text.endswith(quote)
            and not inner.endswith(quote[0])
            and quote not in inner
            and "\\" not in inner
        )
    return prose and _can_be_stored(source)


def _can_be_stored(source: str) -> bool:
    """Whether a text can stand in a file: a lone half of a pair of surrogates cannot."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return False
    return True


@remembered
def refusal(tree: ast.Module) -> SyntaxProblem | None:
    """What Python refuses although it parses: a ``return`` outside a function and the like.

    A top-level ``await`` is fine, as it is in a notebook. Only what may be refused is compiled.
    Raises RecursionError where :func:`modlint.analysis.depth.with_room` may have room for it.
    """
    if not any(names_in(node).doubtful for node in tree.body):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return SyntaxProblem(error.msg or "invalid syntax", error.lineno or 1, error.offset or 1)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError) and not has_room():
            raise
        return SyntaxProblem("too deeply nested to compile", 1, 1)
    return None


def concrete(text: str) -> cst.Module:
    """The concrete syntax tree of Python code.

    Raises ValueError where LibCST cannot read what Python can: for a chain of ``and`` or of
    comparisons, too, so long that LibCST's parser, which reads each as nested in the one before,
    would end the process.
    """
    import libcst as cst

    tree = parse(text) if len(text) > _LONGEST_CHAIN else None
    if isinstance(tree, ast.Module):
        for node in walk(tree):
            chain = node.values if isinstance(node, ast.BoolOp) else ()
            if len(node.ops if isinstance(node, ast.Compare) else chain) > _LONGEST_CHAIN:
                raise ValueError("LibCST cannot read it (a chain of operators is too long)")
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        # It goes on with all that it would have read instead.
        why = error.message.partition(": expected")[0]
        raise ValueError(f"LibCST cannot read it ({why})") from error
