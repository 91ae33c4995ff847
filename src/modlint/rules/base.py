"""What a rule is: one class, of one of three kinds, and one page.

A :class:`CellRule` is asked about each cell, a :class:`StatementRule` visits the code, and a
:class:`ModuleRule` looks at the whole. :mod:`modlint.linting` goes over the module, and asks them.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from modlint.analysis.module import CodeUnit, DefinitionNode, Module, Statement
from modlint.analysis.module import cell_at as cell_at
from modlint.diagnostics import Change, Diagnostic, Fix, Position, Priority, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.kinds import Kind

if TYPE_CHECKING:
    import libcst as cst

    from modlint.analysis.syntax import Candidate


#: What a rule may fail with: one of a course may even leave the program.
FAILURES = (Exception, SystemExit)


class Rule(ABC):
    """One problem that modlint knows: its code, its name, and how it is found and fixed."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    #: The folder that a rule of a course comes from; empty for modlint's own.
    folder: ClassVar[str] = ""
    #: Whether the rule is about a pair of files, which no fix of one of them mends.
    compares_files: ClassVar[bool] = False
    #: Whether the rule judges a module that ran: it belongs to ``modlint verify`` alone.
    executes: ClassVar[bool] = False
    #: Whether its diagnostics are what was seen to act on import.
    reports_acts: ClassVar[bool] = False
    #: Whether the rule is about suppressions: it asks what the others have found.
    judges_suppressions: ClassVar[bool] = False
    #: The kinds of files that it is about; None: those that its family is about.
    kinds: ClassVar[frozenset[Kind] | None] = None
    #: The kinds of fixes behind which it may report what was there, and could not be seen.
    revealed_by: ClassVar[frozenset[Change]] = frozenset()
    #: The kinds of fixes before and behind which it is counted by :meth:`count`.
    recounted_by: ClassVar[frozenset[Change]] = frozenset()
    #: Whether it is about what could go without a loss; an editor shows that so.
    is_unnecessary: ClassVar[bool] = False
    #: How soon a review wants it fixed.
    priority: ClassVar[Priority] = Priority.P2
    #: The items of a review's checklist (their keys) that it decides; those that it only lowers;
    #: those for which its evidence is shown, whatever it reports.
    checks: ClassVar[tuple[str, ...]] = ()
    lowers: ClassVar[tuple[str, ...]] = ()
    shows: ClassVar[tuple[str, ...]] = ()

    def count(self, module: Module) -> int:
        """How much is wrong, by what does not depend on how it is reported.

        For rules whose diagnostics a fix may part or join (``recounted_by``).
        """
        raise NotImplementedError

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


class ModuleRule(Rule):
    """A rule about a module as a whole. It keeps nothing: one instance serves all modules."""

    @abstractmethod
    def check(self, module: Module) -> Iterable[Diagnostic]:
        """Every diagnostic of this rule in ``module``, in any order."""


class CellRule(Rule):
    """A rule about single cells. It keeps nothing: one instance serves all modules.

    It overrides one of the two methods, or both.
    """

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterable[Diagnostic]:
        """Every diagnostic in the cell ``index`` of the file, whatever its kind."""
        return ()

    def check_code(self, module: Module, unit: CodeUnit) -> Iterable[Diagnostic]:
        """Every diagnostic in a code cell that is valid Python."""
        return ()


class StatementRule(Rule):
    """A rule about code: a visitor of LibCST, of which each module gets an instance of its own.

    Methods named ``visit_Call`` or ``leave_Call`` are called with the nodes of that class, those
    right below the statement that is being visited included, in the order of the text. One that
    returns False is not called for what is inside the node.

    ``module``, ``unit`` and ``candidate`` are what is being visited: the module, its cell, and the
    statement of the top level with its syntax tree.
    """

    module: Module
    unit: CodeUnit
    candidate: Candidate

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def candidates(self, module: Module, unit: CodeUnit) -> Iterable[Statement | DefinitionNode]:
        """What of a cell the rule wants to visit, and maybe more: statements of its top level.

        A definition, wherever it stands, for its header alone: it has ``...`` for a body. To ask
        is cheap, to visit is not: what ``ast`` shows at a glance is enough.
        """
        return unit.block

    def leave_cell(self) -> None:
        """Called when the candidates of a cell have been visited, if there were any."""

    def report(
        self,
        node: cst.CSTNode,
        message: str,
        fix: Fix | None = None,
        *,
        replacement: cst.CSTNode | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Report ``node``; ``replacement`` is what would stand there instead, as an unsafe fix."""
        if replacement is not None:
            from modlint.rules.replacing import replaced

            fix = replaced(self.candidate, node, replacement)
        start, end = self.candidate.range_of(node)
        cell = cell_at(self.unit, start.row)
        self.found.append(self.diagnostic(cell, start, end, message, fix, severity))


def place_of(module: Module, unit: CodeUnit, node: ast.stmt | ast.expr) -> str:
    """Where ``node`` stands, in words: ``line 12``, in a notebook ``cell 3, line 12``."""
    row = unit.start(node).row
    return module.where(cell_at(unit, row), row)
