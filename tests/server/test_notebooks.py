"""Notebooks in an editor: as notebooks, cell by cell, and as the JSON that they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from server.editor import Editor, asynchronous, editing
from support import REFERENCE_NOTEBOOK, Run

EVERYWHERE = types.Range(types.Position(0, 0), types.Position(100_000, 0))
CODE, MARKUP = types.NotebookCellKind.Code, types.NotebookCellKind.Markup


class Book:
    """A notebook that is open in an editor, from its file."""

    def __init__(self, editor: Editor, path: Path, raw: dict[str, Any], *, nested: bool) -> None:
        self.editor = editor
        self.uri = path.as_uri()
        self.version = 1
        self.cells: list[types.NotebookCell] = []
        items = [
            self.cell(n, entry["cell_type"], "".join(entry["source"]), entry["metadata"], nested)
            for n, entry in enumerate(raw["cells"])
        ]
        # VS Code tells of the metadata of the file with what stands beside it.
        told: Any = {k: v for k, v in raw.items() if k != "cells"} if nested else raw["metadata"]
        editor.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(self.uri, "jupyter-notebook", 1, self.cells, told), items
            )
        )

    def name(self, number: int) -> str:
        return self.cells[number].document

    def cell(
        self, number: int, kind: str, text: str, metadata: dict[str, Any], nested: bool = False
    ) -> types.TextDocumentItem:
        uri = self.uri.replace("file:", "vscode-notebook-cell:") + f"#W{number}"
        told: Any = {"metadata": metadata} if nested else metadata
        shown = MARKUP if kind == "markdown" else CODE
        self.cells.append(types.NotebookCell(shown, uri, told or None))
        self.editor.texts[uri], self.editor.versions[uri] = text, 1
        language = {"code": "python"}.get(kind, kind)
        return types.TextDocumentItem(uri, language, 1, text)

    def change(self, cells: types.NotebookDocumentCellChanges) -> None:
        self.version += 1
        self.editor.client.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(
                types.VersionedNotebookDocumentIdentifier(self.version, self.uri),
                types.NotebookDocumentChangeEvent(cells=cells),
            )
        )

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Edit the cells, and tell the server the whole new texts."""
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri = change.text_document.uri
            assert change.text_document.version == self.editor.versions[uri]
            for one in sorted(change.edits, key=lambda e: e.range.start, reverse=True):
                start = self.editor.offset(uri, one.range.start)
                end = self.editor.offset(uri, one.range.end)
                text = self.editor.texts[uri]
                assert isinstance(one, types.TextEdit)
                self.editor.texts[uri] = text[:start] + one.new_text + text[end:]
            self.write(uri, self.editor.texts[uri])

    def write(self, uri: str, text: str) -> None:
        self.editor.texts[uri] = text
        self.editor.versions[uri] += 1
        name = types.VersionedTextDocumentIdentifier(self.editor.versions[uri], uri)
        new = types.TextDocumentContentChangeWholeDocument(text)
        content = types.NotebookDocumentCellContentChanges(name, [new])
        self.change(types.NotebookDocumentCellChanges(text_content=[content]))


def _book(*cells: tuple[str, str]) -> dict[str, Any]:
    return {
        "cells": [
            {"cell_type": kind, "id": f"c{n}", "metadata": {}, "source": text.splitlines(True)}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for n, (kind, text) in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


LOUD = _book(("markdown", "# 🎉"), ("code", 'not "🎉"; print("🎉")\n'), ("code", "Y = 2"))


@pytest.mark.parametrize("nested", [True, False])
@asynchronous
async def test_each_cell_is_told_what_check_finds_in_it(
    modlint: Run, tmp_path: Path, nested: bool
) -> None:
    path = tmp_path / "quantization_dev.ipynb"
    path.write_bytes(REFERENCE_NOTEBOOK.read_bytes())
    listed = json.loads(modlint("check", "--output-format", "json", path).output)
    async with editing(tmp_path) as editor:
        book = Book(editor, path, json.loads(path.read_text()), nested=nested)
        found = [
            (cell, d.code, d.message, d.range.start.line + 1)
            for cell in range(len(book.cells))
            for d in await editor.diagnostics(book.name(cell))
        ]
    # Of a notebook that exports, only the exported cells run on import.
    assert len(found) == len(listed) == 18
    assert found == [
        (entry["cell"] - 1, entry["code"], entry["message"], entry["location"]["row"])
        for entry in listed
    ]


@pytest.mark.parametrize("name", ["b.ipynb", "m.py"])  # jupytext opens a module as a notebook
@asynchronous
async def test_a_cell_is_typed_in_mended_and_closed(tmp_path: Path, name: str) -> None:
    async with editing(tmp_path) as editor:
        book = Book(editor, tmp_path / name, LOUD, nested=True)
        uri = book.name(1)
        (found,) = await editor.diagnostics(uri)
        assert editor.marked(uri, found) == 'print("🎉")'
        actions = await editor.actions(uri, found.range)
        (action,) = [a for a in actions.values() if a.is_preferred]
        done = await editor.client.code_action_resolve_async(action)
        assert done.edit is not None
        book.apply(done.edit)
        assert not await editor.diagnostics(uri)
        assert 'if __name__ == "__main__":\n' in editor.texts[uri]
        book.write(book.name(2), "print(3)")
        assert len(await editor.diagnostics(book.name(2))) == 1
        editor.said.clear()
        names = [types.TextDocumentIdentifier(cell.document) for cell in book.cells]
        editor.client.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(book.uri), names)
        )
        await editor.until(lambda: len(editor.said) == 3)
        assert not any(said.diagnostics for said in editor.said.values())


@asynchronous
async def test_cells_come_go_and_move(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        book = Book(editor, tmp_path / "b.ipynb", LOUD, nested=False)
        gone = book.cells[1]
        assert len(await editor.diagnostics(gone.document)) == 1
        item = book.cell(7, "code", "print(1)", {})
        new = book.cells.pop()
        array = types.NotebookCellArrayChange(1, 1, [new])
        structure = types.NotebookDocumentCellChangeStructure(
            array, [item], [types.TextDocumentIdentifier(gone.document)]
        )
        book.change(types.NotebookDocumentCellChanges(structure=structure))
        assert len(await editor.diagnostics(new.document)) == 1
        await editor.until(lambda: not editor.said[gone.document].diagnostics)
        # The last cell moves to the top: no text is opened, and none closed.
        moved = [book.cells[2], book.cells[0], new]
        structure = types.NotebookDocumentCellChangeStructure(
            types.NotebookCellArrayChange(0, 3, moved)
        )
        editor.said.clear()
        book.change(types.NotebookDocumentCellChanges(structure=structure))
        await editor.until(lambda: len(editor.said) == 3)
        assert [d.code for d in editor.said[new.document].diagnostics] == ["IMP002"]


@asynchronous
async def test_metadata_is_seen_and_no_edit_of_text_mends_it(tmp_path: Path) -> None:
    test = "def test_a():\n    assert True\n\n\ntest_a()"
    async with editing(tmp_path) as editor:
        book = Book(editor, tmp_path / "b.ipynb", _book(("code", test)), nested=True)
        uri = book.name(0)
        found = await editor.diagnostics(uri)
        assert [d.code for d in found] == ["NBG001", "IMP001"]
        assert editor.marked(uri, found[0]) == "def test_a():\n    assert True"
        actions = await editor.actions(uri, EVERYWHERE)
        (refused,) = [a for a in actions.values() if a.disabled]
        assert refused.title.startswith("modlint (NBG001): ")
        assert refused.disabled is not None
        assert "use `modlint fix`" in refused.disabled.reason
        done = await editor.client.code_action_resolve_async(
            actions["modlint: Fix all auto-fixable problems"]
        )
        assert done.edit is not None
        book.apply(done.edit)
        assert [d.code for d in await editor.diagnostics(uri)] == ["NBG001"]
        complete: Any = {
            "grade": True, "grade_id": "a", "locked": True, "points": 1, "schema_version": 3,
            "solution": False, "task": False,
        }  # fmt: skip
        complete = {"metadata": {"nbgrader": complete}}
        new = types.NotebookCell(CODE, uri, complete)
        editor.said.clear()
        book.change(types.NotebookDocumentCellChanges(data=[new]))
        await editor.until(lambda: uri in editor.said)
        assert not editor.said[uri].diagnostics


@asynchronous
async def test_a_notebook_in_another_language_is_left_alone(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        raw = _book(("r", "print(1)")) | {"metadata": {"kernelspec": {"language": "R"}}}
        book = Book(editor, tmp_path / "b.ipynb", raw, nested=False)
        assert not await editor.diagnostics(book.name(0))


# --- as JSON ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("as_lines", [True, False])
@asynchronous
async def test_a_notebook_that_is_open_as_json(
    modlint: Run, tmp_path: Path, ascii_only: bool, as_lines: bool
) -> None:
    raw = _book(("markdown", "x"), ("code", 'X = 1\nnot "\\\\🎉"; print("🎉")\n'))
    if not as_lines:
        for cell in raw["cells"]:
            cell["source"] = "".join(cell["source"])
    path = tmp_path / "b.ipynb"
    path.write_text(json.dumps(raw, indent=1, ensure_ascii=ascii_only) + "\n")
    async with editing(tmp_path) as editor:
        uri = path.as_uri()
        editor.open(uri, path.read_text(), "json")
        (found,) = await editor.diagnostics(uri)
        assert json.loads(f'"{editor.marked(uri, found)}"') == 'print("🎉")'
        (action,) = [a for a in (await editor.actions(uri, found.range)).values() if a.is_preferred]
        await editor.apply(action)
        assert not await editor.diagnostics(uri)
        assert modlint("fix", "--apply", path).exit_code == 0
        assert editor.texts[uri] == path.read_text()
        editor.replace(uri, '"nbformat": 4', '"nbformat" 4')
        (why,) = await editor.diagnostics(uri)
        assert why.message.startswith("not checked: the file is not valid JSON")
        assert '"nbformat" 4' in editor.texts[uri].splitlines()[why.range.start.line]


@asynchronous
async def test_what_is_about_a_cell_stands_at_its_first_line(tmp_path: Path) -> None:
    raw = _book(("code", "X = 1\nY = 2"), ("code", ""))
    raw["cells"][0]["metadata"] = {"nbgrader": {"grade": True, "points": 1}}
    raw["cells"][1]["id"] = "c0"
    async with editing(tmp_path) as editor:
        uri = (tmp_path / "b.ipynb").as_uri()
        editor.open(uri, json.dumps(raw, indent=1), "json")
        marked = {editor.marked(uri, d) for d in await editor.diagnostics(uri)}
        assert marked == {"X = 1", "["}  # of the empty cell, where its text would stand


# --- pairs ------------------------------------------------------------------------------------


@asynchronous
async def test_a_pair_is_held_together_while_one_types(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.ipynb").write_text(json.dumps(_book(("code", "X = 1"))))
    (tmp_path / "m.py").write_text("# %%\nX = 1\n")
    script = (tmp_path / "m.py").as_uri()
    async with editing(tmp_path) as editor:
        editor.open(script, "# %%\nX = 1\n")
        assert not await editor.diagnostics(script)
        editor.replace(script, "X = 1", "X = 2")
        assert [d.code for d in await editor.diagnostics(script)] == ["MET002"]
        book = Book(editor, tmp_path / "m.ipynb", _book(("code", "X = 2")), nested=True)
        assert not await editor.diagnostics(book.name(0))
        editor.replace(script, "X = 2", "X = 3")
        await editor.until(lambda: bool(editor.said[book.name(0)].diagnostics))
        (found,) = editor.said[book.name(0)].diagnostics
        assert found.code == "MET002"
        assert "Suppress" not in "".join(await editor.actions(book.name(0), found.range))
