"""What all codemods have in common: what they are to LibCST, and how a user says which lines."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or "libcst.codemod" in sys.modules:
    from libcst.codemod import CodemodCommand, CodemodContext
else:
    # `import libcst.codemod` sets up matchers: 0.3 s, beside 0.24 s for LibCST itself and 0.8 s
    # for a whole `modlint fix` of the reference module. LibCST's tool and its tests have imported
    # it before they ask for a command; a fix needs nothing of it but these few lines.
    import libcst as cst

    class CodemodContext:
        """What commands share in one run."""

    class CodemodCommand:
        """A command as a fix runs it: LibCST's own would also copy the tree, for metadata."""

        DESCRIPTION = ""

        def __init__(self, context: CodemodContext) -> None:
            self.context = context

        @staticmethod
        def add_args(arg_parser: argparse.ArgumentParser) -> None:
            """What the command asks of a user."""

        def transform_module(self, tree: cst.Module) -> cst.Module:
            """The rewritten tree."""
            return self.transform_module_impl(tree)


__all__ = ["CodemodCommand", "CodemodContext", "Lines", "add_function", "add_lines"]

#: The first and the last line, counted from 1.
Lines = tuple[int, int]


def add_lines(arg_parser: argparse.ArgumentParser) -> None:
    """Ask for the lines of the file that are meant, as ``12-14`` or ``12``."""
    arg_parser.add_argument(
        "--lines",
        type=lines_in,
        required=True,
        metavar="FIRST-LAST",
        help="the lines of the statements",
    )


def add_function(arg_parser: argparse.ArgumentParser) -> None:
    """Ask for the function that is meant."""
    arg_parser.add_argument(
        "--function",
        required=True,
        metavar="NAME",
        help="the function, or Class.method",
    )


def lines_in(text: str) -> Lines:
    """``"12-14"`` → ``(12, 14)``. Raises ValueError for what does not say lines."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if found is None:
        raise ValueError(f"{text!r} does not say FIRST-LAST")
    return int(found[1]), int(found[2] or found[1])
