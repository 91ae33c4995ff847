"""The codemod of SIG003."""

from __future__ import annotations

import ast

import libcst as cst

from modlint.rules.signatures.sig003_builtin_as_type import MEANT, WORD


def renamed(tree: cst.Module) -> cst.Module:
    """``tree`` with the types that were meant in place of builtin functions, in annotations."""
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
        meant = MEANT.get(updated_node.value)
        return updated_node if meant is None else updated_node.with_changes(value=meant)

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        try:
            ast.parse(str(original_node.evaluated_value).strip(), mode="eval")
        except (SyntaxError, ValueError):
            return updated_node  # prose
        text = WORD.sub(lambda match: MEANT[match.group()], updated_node.value)
        return updated_node.with_changes(value=text)
