"""STR014: no main block that runs the module's tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import reach_of
from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.testing import tests_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_node
from modlint.rules.structure._integration import integration_tests


class MainBlock(EvidenceRule):
    """No ``if __name__ == "__main__":`` with the test of the whole module in it."""

    code = "STR014"
    name = "main-block"
    severity = Severity.WARNING
    checks = ("main-block",)
    lack = 'no `if __name__ == "__main__":` block runs the module as a whole'

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The blocks that run the integration test; where there is none, the last block."""
        found = list(_blocks(module))
        for unit, node in [b for b in found if _runs_all(module, *b)] or found[-1:]:
            yield of_node(unit, node, ast.unparse(node.test))

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Blocks, none of which runs the test of the whole module."""
        blocks = list(_blocks(module))
        if not any(_runs_all(module, *block) for block in blocks):
            what = "the integration test" if integration_tests(module) else "a test"
            yield self.at(*blocks[-1], f"no main block runs {what} of the module")


def _runs_all(module: Module, unit: CodeUnit, node: ast.If) -> bool:
    """Whether the block runs the integration test; where there is none, any test."""
    reached = reach_of(module, node.body, unit.index)
    whole = [covered.test for covered in integration_tests(module)] or tests_of(module)
    return reached.is_total or any(part in reached.code for test in whole for part in test.nodes)


def _blocks(module: Module) -> Iterator[tuple[CodeUnit, ast.If]]:
    for unit in module.parsed_units:
        for node in unit.tree.body if unit.tree else ():
            if isinstance(node, ast.If) and is_main_guard(node):
                yield unit, node
