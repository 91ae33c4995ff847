"""Give a function another name."""

from __future__ import annotations

import argparse

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, add_function
from modlint.codemods.functions import with_function


class RenameFunction(CodemodCommand):
    """Define a function as ``name``; what calls it stays as it is."""

    DESCRIPTION = "Give the definition of a function another name."

    def __init__(self, context: CodemodContext, name: str, function: str | None = None) -> None:
        super().__init__(context)
        self._name = name
        self._function = function

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which function, and its name."""
        add_function(arg_parser)
        arg_parser.add_argument("--name", required=True, help="the new name")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the other name."""
        name = cst.Name(self._name)
        return with_function(tree, self._function, lambda found: found.with_changes(name=name))
