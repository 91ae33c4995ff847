"""What the COV rules share: the words and the code of tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.coverage import Covered, coverage_of
from modlint.analysis.module import CodeUnit, FunctionNode, Module
from modlint.analysis.solutions import Solution, solutions_of
from modlint.analysis.trees import walk
from modlint.rules.evidence import Evidence, EvidenceRule, of_node


class TestRule(EvidenceRule):
    """A rule that wants a test of a certain kind."""

    __test__ = False  # not one of pytest's

    def subject(self, module: Module) -> Evidence | None:
        """The first solution: a module without any has nothing to be tested."""
        solution = next(iter(solutions_of(module)), None)
        return header(solution, solution.name) if solution else None


def header(solution: Solution, what: str) -> Evidence:
    """The first line of a solution, where its name stands."""
    return of_header(solution.unit, solution.node, what)


def of_header(unit: CodeUnit, node: FunctionNode | ast.ClassDef, what: str) -> Evidence:
    """The line of a definition where its name stands."""
    found = of_node(unit, node, what)
    return Evidence(found.cell, found.start, unit.position(node.lineno, 10**6), what)


def testing(module: Module) -> list[Covered]:
    """The tests that run at least one solution, directly or through other code."""
    nodes = [solution.node for solution in solutions_of(module)]
    return [c for c in coverage_of(module) if any(c.covers(node) for node in nodes)]


def of_test(covered: Covered, what: str) -> Evidence:
    """Evidence that is a whole test."""
    first, last = covered.test.nodes[0], covered.test.nodes[-1]
    found = of_node(covered.test.unit, first, what)
    return Evidence(found.cell, found.start, covered.test.unit.end(last), what)


def words_of(covered: Covered) -> str:
    """The text of a test: its name, its comments, its strings, its code."""
    lines = re.split(r"\r\n|\r|\n", covered.test.unit.text)
    first, last = covered.test.nodes[0], covered.test.nodes[-1]
    return "\n".join(lines[first.lineno - 1 : last.end_lineno])


def title_of(covered: Covered) -> str:
    """What a test says that it is about: its name and its docstring."""
    node = covered.test.nodes[0]
    if not isinstance(node, FunctionNode | ast.ClassDef):
        return ""
    return f"{node.name}\n{ast.get_docstring(node) or ''}"


def parts_of(covered: Covered) -> Iterator[ast.AST]:
    """Every node of a test, of what it defines inside too, but not of what it calls."""
    for node in covered.test.nodes:
        yield from walk(node)
