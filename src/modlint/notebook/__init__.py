"""Module files as cells: the data model and the readers of the file formats."""

from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.errors import UnreadableModule

__all__ = ["Cell", "CellKind", "ModuleFile", "UnreadableModule"]
