"""COV008: nothing measures how fast the code is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import reach_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.solutions import solutions_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Severity
from modlint.patterns import matches
from modlint.rules.coverage._family import TestRule
from modlint.rules.evidence import Evidence, of_node


class NoBenchmark(TestRule):
    """No function measures the time that the solutions take."""

    code = "COV008"
    name = "no-benchmark"
    severity = Severity.INFO
    #: Patterns of calls that read a clock, as they are written in the code.
    words = (
        "time.perf_counter*", "time.time*", "time.monotonic*", "time.process_time*",
        "perf_counter*", "default_timer", "timer", "timeit.*", "timeit", "*.measure_latency",
    )  # fmt: skip
    lack = "no benchmark: nothing measures the time that {} or another solution takes"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The functions and statements that read a clock and run a solution."""
        nodes = {solution.node for solution in solutions_of(module)}
        for unit, node in _top_level(module):
            clock = self._clock(module, node)
            if clock and nodes & reach_of(module, [node], unit.index).code:
                name = f"{node.name}: " if isinstance(node, FunctionNode | ast.ClassDef) else ""
                yield of_node(unit, node, f"{name}{clock}")

    def _clock(self, module: Module, node: ast.stmt) -> str:
        words = module.settings.evidence.get(self.name, self.words)
        for part in walk(node):
            if isinstance(part, ast.Call) and matches(ast.unparse(part.func), words):
                return ast.unparse(part.func)
        return ""


def _top_level(module: Module) -> Iterator[tuple[CodeUnit, ast.stmt]]:
    for unit in module.parsed_units:
        for node in unit.tree.body if unit.tree else ():
            yield unit, node
