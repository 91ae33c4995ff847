"""Notebook files (.ipynb)."""

from __future__ import annotations

from modlint.notebook.cell import ModuleFile
from modlint.notebook.errors import UnreadableModule


def read(data: bytes) -> ModuleFile:
    """Read a notebook file."""
    raise UnreadableModule("notebooks cannot be checked yet")


def read_text(text: str) -> ModuleFile:
    """Read the text of a notebook file."""
    raise UnreadableModule("notebooks cannot be checked yet")
