"""STR016: no test of the module as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.evidence import Evidence, EvidenceRule, of_node
from modlint.rules.structure._integration import RULE, WORDS, integration_tests


class IntegrationTest(EvidenceRule):
    """No ``test_module``: no test uses the parts of the module together."""

    code = "STR016"
    name = RULE
    severity = Severity.WARNING
    checks = ("integration-test",)
    words = WORDS
    lack = "no integration test: no test_module uses the parts together"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests of that name."""
        for covered in integration_tests(module):
            yield of_node(covered.test.unit, covered.test.nodes[0], covered.test.name)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """A test of that name that uses nothing of what students write."""
        tests = integration_tests(module)
        tops = {solution.top for solution in solutions_of(module)}
        if tops and not any(covered.covers(top) for covered in tests for top in tops):
            test = tests[-1].test
            yield self.at(test.unit, test.nodes[0], f"{test.name} uses no solution of the module")
