"""The rule kit: what a course's own rule is written with, in one import.

A rule is one class, of one of three kinds: a :class:`StatementRule` visits the code as LibCST
reads it, a :class:`CellRule` is asked about each cell, a :class:`ModuleRule` about the whole. See
``docs/local-rules.md``. The names are imported when first asked for: start-up is a feature.
"""

TYPE_CHECKING = False  # `typing` alone takes as long as Python's own start
if TYPE_CHECKING:
    from typing import Any

    from modlint.analysis.module import (
        CodeUnit,
        DefinitionNode,
        FunctionNode,
        Module,
        Statement,
    )
    from modlint.analysis.syntax import Candidate
    from modlint.diagnostics import (
        Applicability,
        Change,
        Diagnostic,
        Fix,
        Patch,
        Position,
        Severity,
    )
    from modlint.notebook.cell import Cell, CellKind, ModuleFile, editor_lines
    from modlint.notebook.kinds import Kind, Purpose
    from modlint.rules.base import CellRule, ModuleRule, StatementRule
    from modlint.settings import Settings

__all__ = [
    "Applicability", "Candidate", "Cell", "CellKind", "CellRule", "Change", "CodeUnit",
    "DefinitionNode", "Diagnostic", "Fix", "FunctionNode", "Kind", "Module", "ModuleFile",
    "ModuleRule", "Patch", "Position", "Purpose", "Settings", "Severity", "Statement",
    "StatementRule", "editor_lines",
]  # fmt: skip

_HOMES = {
    "modlint.analysis.module": (
        "CodeUnit", "DefinitionNode", "FunctionNode", "Module", "Statement",
    ),
    "modlint.analysis.syntax": ("Candidate",),
    "modlint.diagnostics": (
        "Applicability", "Change", "Diagnostic", "Fix", "Patch", "Position", "Severity",
    ),
    "modlint.notebook.cell": ("Cell", "CellKind", "ModuleFile", "editor_lines"),
    "modlint.notebook.kinds": ("Kind", "Purpose"),
    "modlint.rules.base": ("CellRule", "ModuleRule", "StatementRule"),
    "modlint.settings": ("Settings",),
}  # fmt: skip


def __getattr__(name: str) -> "Any":
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
