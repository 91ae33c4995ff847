"""Change what a function promises to return."""

from __future__ import annotations

import argparse

import libcst as cst

from modlint.codemods.base import CodemodCommand, CodemodContext, add_function
from modlint.codemods.functions import with_function


class ChangeReturnAnnotation(CodemodCommand):
    """Make ``annotation`` the return annotation of a function; without ``function``, of the only
    one that is there.
    """

    DESCRIPTION = "Change the return annotation of a function."

    def __init__(
        self, context: CodemodContext, annotation: str, function: str | None = None
    ) -> None:
        super().__init__(context)
        self._annotation = annotation
        self._function = function

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Which function, and what it returns."""
        add_function(arg_parser)
        arg_parser.add_argument("--annotation", required=True, help="such as `Optional[str]`")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the other annotation."""
        return with_function(tree, self._function, self._annotated)

    def _annotated(self, function: cst.FunctionDef) -> cst.FunctionDef:
        new = cst.parse_expression(self._annotation)
        if function.returns is None:
            return function.with_changes(returns=cst.Annotation(new))
        return function.with_changes(returns=function.returns.with_changes(annotation=new))
