"""COV002: no test gives an argument for a parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.coverage import Covered, coverage_of
from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.solutions import Solution, solutions_of
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.base import ModuleRule, cell_at


class UntestedParameter(ModuleRule):
    """A parameter with a default that every test leaves at its default."""

    code = "COV002"
    name = "untested-parameter"
    severity = Severity.INFO

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each such parameter of a solution that is tested."""
        if not module.file.is_notebook:
            return
        for solution in solutions_of(module):
            tests = [c for c in coverage_of(module) if c.covers(solution.node)]
            for parameter in _optional(solution.node) if tests else ():
                if parameter.arg.startswith("_"):
                    continue
                if not any(_passes(c, solution, parameter.arg) for c in tests):
                    start = solution.unit.start(parameter)
                    message = f"no test passes {parameter.arg} to {solution.name}"
                    yield self.diagnostic(
                        cell_at(solution.unit, start.row),
                        start,
                        solution.unit.end(parameter),
                        message,
                    )


def _passes(covered: Covered, solution: Solution, name: str) -> bool:
    return covered.reach.passes(solution.node, name)


def _optional(node: FunctionNode) -> list[ast.arg]:
    """The parameters that a call may leave out."""
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    found = positional[len(positional) - len(args.defaults) :]
    found += [a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    return found
