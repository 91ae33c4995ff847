"""STR021: what earlier modules built is not imported from the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, imported_names
from modlint.diagnostics import Diagnostic, Severity
from modlint.patterns import matches
from modlint.rules.evidence import Evidence, EvidenceRule, of_node

_Import = ast.Import | ast.ImportFrom


class DependencyImports(EvidenceRule):
    """Imports that hide their names or reach into a neighbour's folder."""

    code = "STR021"
    name = "dependency-imports"
    severity = Severity.WARNING
    checks = ("imports",)
    words = ("*_dev",)
    lack = "imports nothing: neither a library nor the package"

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The imports at the top level that take names from a package."""
        for unit, node in _imports(module):
            if not self._fault(module, node):
                yield of_node(unit, node, ast.unparse(node))

    def shortfalls(self, module: Module, found: list[Evidence]) -> Iterator[Diagnostic]:
        """Each import that works only here, or that hides where its names come from."""
        for unit, node in _imports(module):
            fault = self._fault(module, node)
            if fault:
                yield self.at(unit, node, fault)
        for unit, call in _path_changes(module):
            message = "sys.path is changed on import, for every importer; install the package"
            yield self.at(unit, call, message)

    def _fault(self, module: Module, node: _Import) -> str:
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            if "*" in names and module.settings.is_first_party(source):
                return f"`from {source} import *` hides which names come from there"
            names = [source]
        files = module.settings.evidence.get(self.name, self.words)
        for name in names:
            last = name.rsplit(".", 1)[-1]
            if matches(last, tuple(files)):
                return f"{name} is the source of a module, not the package: import what it exports"
        return ""


def _imports(module: Module) -> Iterator[tuple[CodeUnit, _Import]]:
    """Every import that runs when the module is imported, in blocks too."""
    for unit in module.parsed_units:
        for node in _running(unit.tree.body if unit.tree else []):
            if isinstance(node, _Import):
                is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
                has_names = any(imported_names(node)) or "*" in [a.name for a in node.names]
                if has_names and not is_future:
                    yield unit, node


def _path_changes(module: Module) -> Iterator[tuple[CodeUnit, ast.stmt]]:
    for unit in module.parsed_units:
        for node in _running(unit.tree.body if unit.tree else []):
            if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
                continue
            if ast.unparse(node.value.func) in ("sys.path.append", "sys.path.insert"):
                yield unit, node


def _running(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import, those in blocks included."""
    for node in body:
        yield node
        if isinstance(node, FunctionNode | ast.ClassDef) or is_main_guard(node):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _running(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from _running(handler.body)
