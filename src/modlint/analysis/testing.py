"""What counts as a test."""

from __future__ import annotations

import ast

from modlint.analysis.module import FunctionNode, Module


def is_test(node: ast.stmt, module: Module) -> bool:
    """Whether ``node`` defines a test: callable without arguments, or a class of such methods."""
    if isinstance(node, FunctionNode):
        return module.settings.is_test_name(node.name) and not needs_arguments(node)
    return (
        isinstance(node, ast.ClassDef)
        and node.name.startswith("Test")
        and any(
            isinstance(member, FunctionNode) and is_test_method(member, module)
            for member in node.body
        )
    )


def is_test_method(node: FunctionNode, module: Module) -> bool:
    """Whether a method of a class of tests is a test."""
    return module.settings.is_test_name(node.name) and not needs_arguments(node, bound=1)


def needs_arguments(function: FunctionNode, bound: int = 0) -> bool:
    """Whether a call must give arguments beyond the first ``bound``."""
    args = function.args
    positional = len(args.posonlyargs) + len(args.args) - len(args.defaults)
    return positional > bound or any(default is None for default in args.kw_defaults)
