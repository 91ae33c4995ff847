"""Put statements under a main guard."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import libcst as cst

from modlint.analysis.suppressions import SIGN
from modlint.codemods.base import CodemodCommand, CodemodContext, Lines, add_lines
from modlint.codemods.blocks import Chosen, indented, leading, rewritten, with_leading
from modlint.notebook.regions import is_delimiter

_IS_SCRIPT = '__name__ == "__main__"'


class PutUnderGuard(CodemodCommand):
    """Put neighbouring statements under ``if __name__ == "__main__":``.

    ``indent`` is that of the new block; None: as the module has it.
    """

    DESCRIPTION = f"Put statements under `if {_IS_SCRIPT}:`."

    def __init__(
        self, context: CodemodContext, lines: Lines | None = None, indent: str | None = None
    ) -> None:
        super().__init__(context)
        self._lines = lines
        self._indent = indent

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which lines."""
        add_lines(arg_parser)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the guard."""
        return rewritten(tree, self._lines, self._guarded)

    def _guarded(self, chosen: Chosen) -> Chosen:
        stays, body = moved(chosen, self._indent)
        return Chosen([with_leading(guard(body), stays)], above=chosen.above)


def guard(body: cst.IndentedBlock) -> cst.If:
    """A main guard over ``body``."""
    return cst.If(cst.parse_expression(_IS_SCRIPT), body)


def moved(chosen: Chosen, indent: str | None) -> tuple[Sequence[cst.EmptyLine], cst.IndentedBlock]:
    """The lines above that stay where they are, and the rest as a block."""
    first, *others = chosen.body
    lead = leading(first)
    stays = _stays(lead)
    body = [with_leading(first, lead[stays:]), *others]
    return lead[:stays], indented(body, chosen.footer, indent)


def _stays(lines: Sequence[cst.EmptyLine]) -> int:
    """How many of the lines above statements stay above their guard.

    A suppression goes with the statement that it speaks of, and what stands between them, unless
    a region of nbgrader begins or ends there.
    """
    stays = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        comment = lines[number].comment
        if comment is None or is_delimiter(comment.value):
            break
        if SIGN in comment.value:
            stays = number
    return stays
