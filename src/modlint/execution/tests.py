"""The tests of a module, as verify runs them."""

from __future__ import annotations

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.testing import is_test, is_test_method
from modlint.execution.observation import Place


def tests_of(module: Module) -> dict[str, Place]:
    """The tests of the module, methods as ``Class.method``, and where each is defined."""
    found = {}
    for definitions in module.definitions.values():
        definition = definitions[-1]
        node, unit = definition.node, definition.unit
        if not is_test(node, module):
            continue
        if isinstance(node, FunctionNode):
            found[node.name] = Place(unit.index, unit.start(node).row)
            continue
        for member in node.body:
            if isinstance(member, FunctionNode) and is_test_method(member, module):
                found[f"{node.name}.{member.name}"] = Place(unit.index, unit.start(member).row)
    return found
