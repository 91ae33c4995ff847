"""Replace builtin functions that stand where a type is meant."""

from __future__ import annotations

import argparse
import ast
import re

import libcst as cst

from modlint.analysis.vocabulary import MEANT_TYPES
from modlint.codemods.base import CodemodCommand

_WORD = re.compile(rf"(?<![\w.])({'|'.join(MEANT_TYPES)})\b")


class ReplaceBuiltinTypes(CodemodCommand):
    """Write ``Any`` and ``Callable`` for ``any`` and ``callable`` in all annotations."""

    DESCRIPTION = "Write `Any` and `Callable` for `any` and `callable` in annotations."

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Nothing: every annotation is meant."""

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with the types that were meant; nothing is imported."""
        return tree.visit(_Annotations())


class _Annotations(cst.CSTTransformer):
    def leave_Annotation(
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        new = updated_node.annotation.visit(_Names())
        return updated_node.with_changes(annotation=new)


class _Names(cst.CSTTransformer):
    def visit_Attribute(self, node: cst.Attribute) -> bool:
        return False  # `np.any` is a name of numpy's

    def visit_Call(self, node: cst.Call) -> bool:
        return False  # the arguments of a call are values

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.Subscript:
        """What ``Literal`` holds, and ``Annotated`` behind the type, are values, not types."""
        name = original_node.value
        last = name.attr.value if isinstance(name, cst.Attribute) else getattr(name, "value", "")
        if last == "Literal":
            return original_node
        if last == "Annotated":
            return updated_node.with_changes(
                slice=[updated_node.slice[0], *original_node.slice[1:]]
            )
        return updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        meant = MEANT_TYPES.get(updated_node.value)
        return updated_node if meant is None else updated_node.with_changes(value=meant)

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        try:
            ast.parse(str(original_node.evaluated_value).strip(), mode="eval")
        except (SyntaxError, ValueError):
            return updated_node  # prose
        text = _WORD.sub(lambda match: MEANT_TYPES[match.group()], updated_node.value)
        return updated_node.with_changes(value=text)
