"""What a rule is."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from modlint.analysis.module import CodeUnit, Module
from modlint.analysis.module import cell_at as cell_at
from modlint.diagnostics import Diagnostic, Fix, Position, Severity


class Rule(ABC):
    """One fault that modlint knows: its code, its name, and how it is found and mended.

    A rule is stateless: one instance serves every module of a run.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    #: The folder that a rule of a course comes from; empty for modlint's own.
    folder: ClassVar[str] = ""
    #: Whether the rule is about a pair of files, which no fix of one of them mends.
    compares_files: ClassVar[bool] = False
    #: Whether the rule judges a module that ran: it belongs to ``modlint verify`` alone.
    executes: ClassVar[bool] = False
    #: Whether the rule is about suppressions: it asks what the others have found.
    judges_suppressions: ClassVar[bool] = False

    @abstractmethod
    def check(self, module: Module) -> Iterable[Diagnostic]:
        """Every diagnostic of this rule in ``module``, in any order."""

    def diagnostic(
        self,
        cell: int,
        start: Position,
        end: Position,
        message: str,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A diagnostic of this rule; ``severity`` where it is another one than the rule's."""
        level = severity or self.severity
        return Diagnostic(self.code, self.name, message, level, cell, start, end, fix)

    def on_marker(
        self,
        module: Module,
        cell: int,
        message: str,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A diagnostic about a cell as a whole, at its marker line."""
        found = module.file.cells[cell]
        marker = (found.marker or "").rstrip("\r\n")
        start = Position(found.marker_row, 1)
        end = Position(start.row, len(marker) + 1)
        return self.diagnostic(cell, start, end, message, fix, severity)


def place_of(module: Module, unit: CodeUnit, node: ast.stmt | ast.expr) -> str:
    """Where ``node`` stands, in words: ``line 12``, in a notebook ``cell 3, line 12``."""
    row = unit.start(node).row
    return module.where(cell_at(unit, row), row)
