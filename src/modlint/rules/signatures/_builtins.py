"""The codemod of SIG003."""

from __future__ import annotations

import libcst as cst

from modlint.rules.signatures.sig003_builtin_as_type import _WORD, MEANT


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

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        meant = MEANT.get(updated_node.value)
        return updated_node if meant is None else updated_node.with_changes(value=meant)

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        text = _WORD.sub(lambda match: MEANT[match.group()], updated_node.value)
        return updated_node.with_changes(value=text)
