"""COV003: the module raises errors, and no test expects one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Severity
from modlint.patterns import matches
from modlint.rules.coverage._family import TestRule, of_test, parts_of, testing
from modlint.rules.evidence import Evidence, of_node

_EXPECTING = ("pytest.raises", "raises", "*.assertRaises*", "*.assertWarns*", "*assert_raises*")
#: Errors of an optional dependency, which a test catches for another reason.
_FALLBACKS = frozenset({"ImportError", "ModuleNotFoundError"})


class NoErrorTest(TestRule):
    """No test provokes an error that the solutions raise."""

    code = "COV003"
    name = "no-error-test"
    severity = Severity.INFO
    lack = "no test expects an error, though {}"

    def subject(self, module: Module) -> Evidence | None:
        """The first error that a solution raises; without any there is nothing to test."""
        for solution in solutions_of(module):
            for node in walk(solution.node):
                if isinstance(node, ast.Raise) and node.exc is not None:
                    name = _name(node.exc)
                    if name and name != "NotImplementedError":
                        return of_node(solution.unit, node, f"{solution.name} raises {name}")
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests that expect an error."""
        for covered in testing(module):
            for node in parts_of(covered):
                if isinstance(node, ast.Call) and matches(ast.unparse(node.func), _EXPECTING):
                    yield of_test(covered, f"{covered.test.name} expects an error")
                    break
                if isinstance(node, ast.ExceptHandler) and not _is_fallback(node):
                    yield of_test(covered, f"{covered.test.name} catches an error")
                    break


def _name(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(called).rsplit(".", 1)[-1]


def _is_fallback(handler: ast.ExceptHandler) -> bool:
    names = {n.id for n in walk(handler.type) if isinstance(n, ast.Name)} if handler.type else ()
    return bool(_FALLBACKS & set(names))
