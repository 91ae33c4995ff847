"""Bytes → cells, whatever the file format; the name of the file says which one it is."""

from __future__ import annotations

from dataclasses import replace

from modlint.notebook import percent
from modlint.notebook.cell import ModuleFile


def read(data: bytes, name: str = "module.py") -> ModuleFile:
    """Read a module file; ``name`` ends in ``.ipynb`` for a notebook file.

    Raises UnreadableModule where the bytes are no such file, or could not be
    written back unchanged.
    """
    if name.endswith(".ipynb"):
        from modlint.notebook import ipynb

        return ipynb.read(data)
    return percent.read(data)


def reread(file: ModuleFile) -> ModuleFile:
    """The text of ``file`` read anew, as the next reader will find it."""
    if file.store is not None:
        from modlint.notebook import ipynb

        return replace(ipynb.read_text(file.text), encoding=file.encoding)
    return replace(percent.read_text(file.text), encoding=file.encoding)
