"""CEL003: a comment that jupytext takes for a command of IPython and un-comments."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Position, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.header import uncomments
from modlint.notebook.uncommented import Taken, uncommented
from modlint.rules.base import ModuleRule
from modlint.rules.cells._commands import Found, found_in, is_command, is_meant


class CommentBecomesMagic(ModuleRule):
    """Prose that looks like a shell command, a magic or a question to IPython."""

    code = "CEL003"
    name = "comment-becomes-magic"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each comment that was not meant for IPython."""
        if module.file.store is not None or not module.file.is_notebook:
            return
        hits = [
            (index, found)
            for index, cell in enumerate(module.file.cells)
            for found in found_in(cell)
            if not is_meant(found, cell, module)
        ]
        if not hits or not uncomments(module.file):
            return
        for index, found in hits:
            column = len(found.line) - len(found.line.lstrip()) + 1
            end = Position(found.row, len(found.line) + 1)
            fix = _fix(module, index, found)
            message = _message(found, module.file.cells[index])
            yield self.diagnostic(index, Position(found.row, column), end, message, fix)


def _message(found: Found, cell: Cell) -> str:
    text = found.becomes.strip()
    if cell.kind is CellKind.MARKDOWN:
        shown = text.removeprefix("#").strip()
        return (
            f"jupytext takes this heading for a command: in the notebook it is the text `{shown}`"
        )
    what = {
        Taken.MAGIC: "a magic",
        Taken.SHELL: "a shell command" if text.startswith("!") else "a question to IPython",
        Taken.COMMAND: "a shell command",
        Taken.ASSIGNMENT: "a command",
        Taken.QUESTION: "a question to IPython",
    }[found.taken]
    return f"jupytext takes this comment for {what} and un-comments it: the notebook has `{text}`"


def _fix(module: Module, index: int, found: Found) -> Fix | None:
    """Other words for the comment, where that cannot touch anything but the comment."""
    cell = module.file.cells[index]
    # A cell magic in the middle of a cell is meant, only not there.
    new = None if found.becomes.lstrip().startswith("%%") else _reworded(found, cell)
    if new is None or uncommented([new]) or not _is_comment(cell, found):
        return None

    def rewrite() -> Patch:
        lines = cell.source.splitlines(keepends=True)
        lines[found.number] = new + lines[found.number][len(found.line) :]
        return Patch({index: (replace(cell, source="".join(lines)),)})

    # A magic that modlint does not know may be one all the same; prose is not.
    prose = found.taken in (Taken.COMMAND, Taken.QUESTION)
    applicability = Applicability.SAFE if prose else Applicability.UNSAFE
    return Fix(applicability, f"Write `{new.strip()}`", rewrite, Change.COMMENTS)


def _reworded(found: Found, cell: Cell) -> str | None:
    """The line in words that jupytext leaves alone."""
    line = found.line.rstrip()
    start = len(line) - len(line.lstrip("# \t"))
    word = line[start:].split()[0]
    if found.taken is Taken.COMMAND and not is_command(line[start:]):
        return f"{line[:start]}{word.capitalize()}{line[start + len(word) :]}"
    if cell.kind is CellKind.MARKDOWN:
        return None
    return f"{line[: len(line) - len(line.lstrip())]}# ({line[start:]})"


def _is_comment(cell: Cell, found: Found) -> bool:
    """Whether Python sees a comment there, in a cell that it can read."""
    if isinstance(parse(cell.source), SyntaxProblem):
        return False
    readline = io.StringIO(cell.source, newline="").readline
    try:
        return any(
            token.type == tokenize.COMMENT and token.start[0] == found.row - cell.row + 1
            for token in tokenize.generate_tokens(readline)
        )
    except (tokenize.TokenError, SyntaxError):
        return False
