"""Bytes → cells, whatever the file format; the name of the file says which one it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from modlint.notebook import percent
from modlint.notebook.cell import ModuleFile


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a module file, and the encoding of its bytes."""

    text: str
    encoding: str = "utf-8"


def decode(data: bytes, name: str) -> Source:
    """The text of a module file; ``name`` ends in ``.ipynb`` for a notebook file.

    Raises UnreadableModule where the bytes are no text, or could not be written back
    unchanged.
    """
    if name.endswith(".ipynb"):
        from modlint.notebook import ipynb

        return Source(ipynb.decode(data))
    return Source(*percent.decode(data))


def cells_of(source: Source, name: str) -> ModuleFile:
    """The cells of a module file. Raises UnreadableModule where the text is no such file."""
    if name.endswith(".ipynb"):
        from modlint.notebook import ipynb

        return ipynb.read_text(source.text)
    return replace(percent.read_text(source.text), encoding=source.encoding)


def read(data: bytes, name: str = "module.py") -> ModuleFile:
    """Read a module file: :func:`decode`, and :func:`cells_of`."""
    return cells_of(decode(data, name), name)


def reread(file: ModuleFile) -> ModuleFile:
    """The text of ``file`` read anew, as the next reader will find it."""
    name = "module.py" if file.store is None else "module.ipynb"
    return cells_of(Source(file.text, file.encoding), name)
