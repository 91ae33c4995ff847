"""What STR008 and STR009 share: functions that analyse, and the tools they use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import ClassVar

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.signatures import functions_of
from modlint.analysis.testing import is_test
from modlint.analysis.trees import walk
from modlint.analysis.words import phrases
from modlint.diagnostics import Diagnostic, Severity
from modlint.patterns import matches
from modlint.rules.evidence import Evidence, EvidenceRule, of_node


class AnalysisRule(EvidenceRule):
    """A rule that wants code that measures: a function named so, or a call of a tool.

    ``tools`` are patterns of dotted paths, ``figures`` are words in the names of
    variables that a function computes, ``topic`` is what is measured; tests do not
    count. Sections on the topic are evidence that falls short: words instead of
    figures.
    """

    severity = Severity.WARNING
    tools: ClassVar[tuple[str, ...]]
    figures: ClassVar[tuple[str, ...]] = ()
    topic: ClassVar[str]

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The code that measures, then the sections on it."""
        yield from self._measuring(module)
        yield from self.at_headings(module)

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Sections, and no code that measures what they speak of."""
        if next(self._measuring(module), None) is None:
            place = found[0]
            message = f"{self.topic} is described, and no function measures it"
            yield self.diagnostic(place.cell, place.start, place.end, message)

    def _measuring(self, module: Module) -> Iterator[Evidence]:
        """The functions, and the statements outside any function that use a tool."""
        for function in functions_of(module):
            node = function.node
            owner = function.owner
            if is_test(node, module) or (owner is not None and is_test(owner, module)):
                continue
            if self.matches(module, node.name) and not _is_stub(node):
                yield of_node(function.unit, node, f"{node.name}()")
            elif function.depth == (owner is not None):
                tool = self._tool(node) or self._figure(node)
                if tool:
                    yield of_node(function.unit, node, f"{node.name}(): {tool}")
        for unit in module.parsed_units:
            for statement in unit.tree.body if unit.tree else ():
                if isinstance(statement, FunctionNode | ast.ClassDef):
                    continue
                tool = self._tool(statement)
                if tool:
                    yield of_node(unit, statement, tool)

    def _figure(self, node: FunctionNode) -> str:
        """A variable of the function whose name says that it holds a figure."""
        for part in walk(node):
            if not isinstance(part, ast.Name) or not isinstance(part.ctx, ast.Store):
                continue
            if phrases(self.figures).search(part.id):
                return part.id
        return ""

    def _tool(self, node: ast.AST) -> str:
        for part in walk(node):
            if isinstance(part, ast.Attribute | ast.Name):
                path = ast.unparse(part)
                if len(path) < 80 and matches(path, self.tools):
                    return path
        return ""


def _is_stub(node: FunctionNode) -> bool:
    """Whether the function does nothing but pass or raise."""
    return all(
        isinstance(part, ast.Pass | ast.Raise)
        or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        for part in node.body
    )
