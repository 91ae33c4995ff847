"""What STR014 and STR016 share: which tests are those of the module as a whole."""

from __future__ import annotations

from modlint.analysis.coverage import Covered, coverage_of
from modlint.analysis.module import Module
from modlint.analysis.words import phrases

#: The name under which the settings may give other names of tests.
RULE = "integration-test"
WORDS = ("test_module", "test_integration*", "integration test*")


def integration_tests(module: Module) -> list[Covered]:
    """The integration tests of the module, in order, with what they reach."""
    names = phrases(tuple(module.settings.evidence.get(RULE, WORDS)))
    return [covered for covered in coverage_of(module) if names.search(covered.test.name)]
