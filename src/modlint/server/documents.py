"""What is open in an editor, as module files: a text, or a notebook with a text for each cell."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from modlint.diagnostics import Diagnostic, Patch, Position
from modlint.discovery import Failure
from modlint.edits import line_edits
from modlint.notebook import percent
from modlint.notebook.cell import Cell, CellKind, ModuleFile, editor_lines
from modlint.notebook.magics import unmasked
from modlint.places import Places
from modlint.server.texts import Text

_DRIVE = re.compile(r"/[A-Za-z]:")
#: Finds the text and the range of a diagnostic.
Locate = Callable[[Diagnostic], tuple[Text, types.Range]]
#: The schemes of what is edited: files, and texts that will be some.
_EDITED = ("file", "untitled")
#: What no edit of text can do to a notebook that is open.
NO_TEXT = "it changes cells or their metadata, which no edit of text can: use `modlint fix`"


def path_of(uri: str) -> str | None:
    """The path of a file; None where a document is none (yet)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme != "file" or "\0" in path:
        return None
    if parts.netloc not in ("", "localhost"):
        path = f"//{unquote(parts.netloc)}{path}"
    elif _DRIVE.match(path):
        path = path[1:]
    return os.path.normpath(path)


class Script:
    """A percent file, open as text."""

    def __init__(self, text: Text) -> None:
        self.uri = text.uri
        self.path = path_of(text.uri)
        self.text = text

    @property
    def name(self) -> str:
        """What it is called to who reads it; the ending tells the format."""
        return self.path if self.path and self.path.endswith(".py") else "untitled.py"

    @property
    def texts(self) -> list[Text]:
        """All its texts."""
        return [self.text]

    @property
    def is_python(self) -> bool:
        """Whether it is in Python and can be edited: an old version that is shown is not."""
        return self.text.language == "python" and _is_edited(self.uri)

    @property
    def data(self) -> bytes:
        """The bytes that the editor would write.

        Raises UnreadableModule where its coding line has no way to write the text.
        """
        return percent.encoded(self.text.text)

    def locator(self, file: ModuleFile) -> Locate:
        """What finds the places of the diagnostics of ``file``."""
        return lambda found: (self.text, self.text.range(found.start, found.end))

    def place_of(self, failure: Failure) -> tuple[Text, types.Range]:
        """Where it stands why the document cannot be read: a line."""
        return self.text, self.text.row(failure.row or 1)

    def edits(self, old: ModuleFile, new: ModuleFile) -> Iterator[tuple[Text, types.TextEdit]]:
        """What is to be edited so that ``old`` becomes ``new``."""
        yield from _edits(self.text, new.text)


class NotebookText(Script):
    """A notebook file, open as the JSON that it is."""

    @property
    def name(self) -> str:
        """As that of a script."""
        return self.path if self.path and self.path.endswith(".ipynb") else "untitled.ipynb"

    @property
    def is_python(self) -> bool:
        """Whether it can be edited; what it is in, reading it tells."""
        return _is_edited(self.uri)

    @property
    def data(self) -> bytes:
        """The bytes that the editor would write."""
        return self.text.text.encode("utf-8", "surrogatepass")

    def locator(self, file: ModuleFile) -> Locate:
        """What finds places in the JSON; of a cell as a whole it is the first line of its text."""
        places = Places(file)

        def locate(found: Diagnostic) -> tuple[Text, types.Range]:
            if found.start == found.end:
                found = replace(found, end=Position(found.start.row, sys.maxsize))
            place = places.of(found)
            end = place.end
            if end == place.start:  # where a cell is empty, something is to be seen all the same
                end = Position(end.row, end.column + 1)
            return self.text, self.text.range(place.start, end)

        return locate


@dataclass
class Notebook:
    """A notebook, open as one; ``cells`` and ``texts`` go together."""

    uri: str
    cells: list[types.NotebookCell]
    texts: list[Text]
    metadata: Mapping[str, Any]
    path: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.path = path_of(self.uri)

    @property
    def name(self) -> str:
        """What it is called to who reads it."""
        return self.path if self.path and self.path.endswith(".ipynb") else "untitled.ipynb"

    @property
    def is_python(self) -> bool:
        """Whether it can be edited, and any of it is in Python."""
        return _is_edited(self.uri) and any(text.language == "python" for text in self.texts)

    @property
    def data(self) -> bytes:
        """A notebook file with these cells; ids and outputs, of which editors tell nothing, fit."""
        raw = {
            "cells": [
                self._entry(number, cell, text)
                for number, (cell, text) in enumerate(zip(self.cells, self.texts, strict=True))
            ],
            "metadata": _inner(self.metadata),
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        return json.dumps(raw).encode()

    def _entry(self, number: int, cell: types.NotebookCell, text: Text) -> dict[str, Any]:
        kind = _kind_of(cell, text)
        entry: dict[str, Any] = {
            "cell_type": str(kind),
            "id": f"cell-{number}",
            "metadata": _inner(plain(cell.metadata)),
            "source": text.text,
        }
        if kind is CellKind.CODE:
            entry |= {"execution_count": None, "outputs": []}
        return entry

    def locator(self, file: ModuleFile) -> Locate:
        """What finds the places of diagnostics; of a cell as a whole it is the first line."""

        def locate(found: Diagnostic) -> tuple[Text, types.Range]:
            text = self.texts[found.cell]
            if found.start == found.end:
                return text, text.row(found.start.row)
            return text, text.range(found.start, found.end)

        return locate

    def place_of(self, failure: Failure) -> tuple[Text, types.Range]:
        """Where it stands why the document cannot be read: a cell."""
        text = self.texts[(failure.cell or 1) - 1]
        return text, text.row(1)

    def can_take(self, file: ModuleFile, patch: Patch) -> bool:
        """Whether edits of its texts can make of ``file`` what the patch means."""
        return all(_differ_in_text((file.cells[i],), new) for i, new in patch.cells.items())

    def can_become(self, old: ModuleFile, new: ModuleFile) -> bool:
        """Whether edits of its texts can make ``new`` of ``old``."""
        return _differ_in_text(old.cells, new.cells)

    def edits(self, old: ModuleFile, new: ModuleFile) -> Iterator[tuple[Text, types.TextEdit]]:
        """What is to be edited so that ``old`` becomes ``new``."""
        for text, before, after in zip(self.texts, old.cells, new.cells, strict=True):
            if before.source != after.source:
                is_code = after.kind is CellKind.CODE
                yield from _edits(text, unmasked(after.source) if is_code else after.source)

    def change(self, params: types.DidChangeNotebookDocumentParams, encoding: str) -> list[Text]:
        """Take over a change; the texts that are gone."""
        change = params.change
        if change.metadata is not None:
            self.metadata = plain(change.metadata)
        if change.cells is None:
            return []
        texts = {text.uri: text for text in self.texts}
        structure = change.cells.structure
        if structure is not None:
            array = structure.array
            new = list(array.cells or ())
            self.cells[array.start : array.start + array.delete_count] = new
            texts |= {item.uri: text_of(item, encoding) for item in structure.did_open or ()}
        data = {cell.document: cell for cell in change.cells.data or ()}
        self.cells = [data.get(cell.document, cell) for cell in self.cells]
        for content in change.cells.text_content or ():
            uri = content.document.uri
            if uri in texts:
                texts[uri] = texts[uri].changed(content.changes, content.document.version)
        self.cells = [cell for cell in self.cells if cell.document in texts]
        self.texts = [texts.pop(cell.document) for cell in self.cells]
        return list(texts.values())


#: What is open.
Document = Script | Notebook


def _is_edited(uri: str) -> bool:
    return uri.partition(":")[0] in _EDITED


def text_of(item: types.TextDocumentItem, encoding: str) -> Text:
    """A text that was opened."""
    return Text(item.uri, item.text, item.version, item.language_id, encoding)


def opened(item: types.TextDocumentItem, encoding: str) -> Script:
    """A document that was opened as text.

    JupyterLab opens the code cells of a notebook as one text in Python under the notebook's
    name: that is no JSON, and no module file either.
    """
    text = text_of(item, encoding)
    name = re.split(r"[?#]", item.uri, maxsplit=1)[0]
    is_json = name.endswith(".ipynb") and text.language != "python"
    return NotebookText(text) if is_json else Script(text)


def opened_notebook(params: types.DidOpenNotebookDocumentParams, encoding: str) -> Notebook:
    """A document that was opened as a notebook."""
    notebook = params.notebook_document
    texts = {item.uri: text_of(item, encoding) for item in params.cell_text_documents}
    cells = [cell for cell in notebook.cells if cell.document in texts]
    told = plain(notebook.metadata)
    return Notebook(notebook.uri, cells, [texts[cell.document] for cell in cells], told)


def plain(told: object) -> Mapping[str, Any]:
    """Metadata as an editor tells it, as plain JSON."""
    return told if isinstance(told, dict) else {}


def _inner(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under ``metadata`` in the file: VS Code tells it with what stands beside it."""
    inner = told.get("metadata")
    return inner if isinstance(inner, dict) else told


def _kind_of(cell: types.NotebookCell, text: Text) -> CellKind:
    if cell.kind == types.NotebookCellKind.Markup:
        return CellKind.MARKDOWN
    return CellKind.RAW if text.language == "raw" else CellKind.CODE


def _differ_in_text(old: tuple[Cell, ...], new: tuple[Cell, ...]) -> bool:
    """Whether the cells are the same ones but for their texts."""
    stored = [[(cell.kind, cell.metadata, cell.members) for cell in cells] for cells in (old, new)]
    return stored[0] == stored[1]


def _edits(text: Text, new: str) -> Iterator[tuple[Text, types.TextEdit]]:
    lines = editor_lines(text.mark + new)
    for edit in line_edits(text.lines, lines, 1):
        place = types.Range(text.position(edit.start), text.position(edit.end))
        if place.start.line == 0:
            place.start.character = 0  # before a byte order mark
        yield text, types.TextEdit(place, edit.content)
