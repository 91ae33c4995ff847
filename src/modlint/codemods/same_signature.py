"""Give a function the parameters and the return annotation of another."""

from __future__ import annotations

import argparse

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, add_function
from modlint.codemods.functions import function_named, with_function


class CopySignature(CodemodCommand):
    """Give a function the signature of ``model``: another one of the module, or of any other."""

    DESCRIPTION = "Give a function the parameters and the return annotation of another."

    def __init__(
        self, context: CodemodContext, model: str | cst.FunctionDef, function: str | None = None
    ) -> None:
        super().__init__(context)
        self._model = model
        self._function = function

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which function, and like which."""
        add_function(arg_parser)
        arg_parser.add_argument("--model", required=True, help="the function that it is to be like")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with both alike."""
        model = function_named(tree, self._model) if isinstance(self._model, str) else self._model
        return with_function(
            tree,
            self._function,
            lambda found: found.with_changes(params=model.params, returns=model.returns),
        )
