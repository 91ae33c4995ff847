"""An editor as small as can be: it speaks to a real server, and keeps its texts by itself."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from support import ROOT

#: Seconds after which a server is taken for dead; a good one needs a fraction of it.
DEADLINE = 60
#: How ``modlint`` is started anew, and how it is forked: ``conftest.py`` says what that takes.
ANEW = (sys.executable, "-m", "modlint")
FORKED: list[str] = []
_P = ParamSpec("_P")

RESOLVES = types.ClientCodeActionResolveOptions(properties=["edit"])


def asynchronous(test: Callable[_P, Awaitable[None]]) -> Callable[_P, None]:
    """A test that waits for what the server says."""

    @wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        async def whole() -> None:
            await asyncio.wait_for(test(*args, **kwargs), 3 * DEADLINE)

        asyncio.run(whole())

    return run


def capabilities(
    *,
    encodings: Sequence[str] = ("utf-16",),
    resolves: bool = True,
    disabled: bool = True,
    versions: bool = True,
    pulls: bool = False,
) -> types.ClientCapabilities:
    """What the editor says that it can do; by default, what VS Code says."""
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=list(encodings)),
        text_document=types.TextDocumentClientCapabilities(
            code_action=types.CodeActionClientCapabilities(
                data_support=resolves,
                disabled_support=disabled,
                resolve_support=RESOLVES if resolves else None,
            ),
            diagnostic=types.DiagnosticClientCapabilities() if pulls else None,
        ),
        notebook_document=types.NotebookDocumentClientCapabilities(
            types.NotebookDocumentSyncClientCapabilities()
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=versions),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(True),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        ),
    )


class Editor:
    """The texts that are open, and what the server has said of each."""

    def __init__(self, client: LanguageClient, encoding: str) -> None:
        self.client = client
        self.encoding = encoding
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.said: dict[str, types.PublishDiagnosticsParams] = {}
        self.messages: list[str] = []
        self.registered: list[types.Registration] = []
        self.refreshed = 0
        self._news = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the server has said what makes this hold."""

        async def wait() -> None:
            while not holds():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), DEADLINE)

    def hear_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.said[params.uri] = params
        self._news.set()

    def hear_message(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params.message)
        self._news.set()

    def hear_registration(self, params: types.RegistrationParams) -> None:
        self.registered += params.registrations
        self._news.set()

    def hear_refresh(self, params: None) -> None:
        self.refreshed += 1
        self._news.set()

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close(self, uri: str) -> None:
        self.said.pop(uri, None)
        name = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(name))

    def save(self, uri: str) -> None:
        name = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(name))

    def change(self, uri: str, *edits: types.TextEdit) -> None:
        """Edit a text, and tell the server the edits one by one, from the last one up."""
        changes: list[types.TextDocumentContentChangeEvent] = []
        for edit in sorted(edits, key=lambda e: e.range.start, reverse=True):
            changes.append(types.TextDocumentContentChangePartial(edit.range, edit.new_text))
            start = self.offset(uri, edit.range.start)
            end = self.offset(uri, edit.range.end)
            text = self.texts[uri]
            self.texts[uri] = text[:start] + edit.new_text + text[end:]
        self.versions[uri] += 1
        name = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(name, changes))

    def replace(self, uri: str, old: str, new: str) -> None:
        """Edit the one place where ``old`` stands."""
        text = self.texts[uri]
        assert text.count(old) == 1
        start = text.index(old)
        place = types.Range(self.position(uri, start), self.position(uri, start + len(old)))
        self.change(uri, types.TextEdit(place, new))

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What is said of the text as it is now."""
        version = self.versions.get(uri)
        await self.until(lambda: uri in self.said and self.said[uri].version == version)
        return list(self.said[uri].diagnostics)

    async def actions(
        self, uri: str, place: types.Range, *only: str
    ) -> dict[str, types.CodeAction]:
        """What can be done at a place, by title."""
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                place,
                types.CodeActionContext([], only=list(only) or None),
            )
        )
        actions = [a for a in found or () if isinstance(a, types.CodeAction)]
        titles = {action.title: action for action in actions}
        assert len(titles) == len(actions), "two actions with one title"
        return titles

    async def apply(self, action: types.CodeAction) -> None:
        """Do it, as an editor does."""
        if action.edit is None:
            action = await self.client.code_action_resolve_async(action)
        assert action.edit is not None
        if action.edit.document_changes:
            for change in action.edit.document_changes:
                assert isinstance(change, types.TextDocumentEdit)
                assert change.text_document.version == self.versions[change.text_document.uri]
                edits = [e for e in change.edits if isinstance(e, types.TextEdit)]
                self.change(change.text_document.uri, *edits)
        for uri, edits_of in (action.edit.changes or {}).items():
            self.change(uri, *edits_of)

    async def hover(self, uri: str, position: types.Position) -> str:
        """What is shown at a position."""
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), position)
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def pull(self, uri: str) -> list[types.Diagnostic]:
        """What the server answers when it is asked."""
        report = await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        )
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def leave(self) -> int:
        """Take leave as the protocol wants; the server's exit status."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        return await self.ended()

    async def ended(self) -> int:
        """The exit status of a server that ends."""
        process = self.client._server
        assert process is not None
        return await asyncio.wait_for(process.wait(), DEADLINE)

    # --- places, computed in another way than the server does ---------------------------------

    def offset(self, uri: str, position: types.Position) -> int:
        """How many characters stand before a position."""
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.texts[uri])
        assert position.line < len(lines), "a line beyond the end"
        line = lines[position.line].encode(self._codec)
        at = position.character * self._width
        assert at <= len(line), "a column beyond the end of the line"
        before = sum(map(len, lines[: position.line]))
        return before + len(line[:at].decode(self._codec))

    def position(self, uri: str, offset: int) -> types.Position:
        """The position before which so many characters stand."""
        before = re.split(r"\r\n|\r|\n", self.texts[uri][:offset])
        return types.Position(len(before) - 1, len(before[-1].encode(self._codec)) // self._width)

    def marked(self, uri: str, diagnostic: types.Diagnostic) -> str:
        """The text that a diagnostic marks."""
        place = diagnostic.range
        return self.texts[uri][self.offset(uri, place.start) : self.offset(uri, place.end)]

    @property
    def _codec(self) -> str:
        return self.encoding if self.encoding == "utf-8" else f"{self.encoding}-le"

    @property
    def _width(self) -> int:
        """Bytes of a unit."""
        return {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]


@asynccontextmanager
async def editing(
    folder: Path,
    can: types.ClientCapabilities | None = None,
    start: Sequence[str] = FORKED,
    **options: Any,
) -> AsyncIterator[Editor]:
    """An editor in a folder, with a server of its own."""
    client = LanguageClient("a small editor", "1")
    can = can or capabilities()
    encodings = can.general.position_encodings if can.general else None
    editor = Editor(client, str(encodings[0]) if encodings else "utf-16")

    for method, hear in (
        (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, editor.hear_diagnostics),
        (types.WINDOW_SHOW_MESSAGE, editor.hear_message),
        (types.CLIENT_REGISTER_CAPABILITY, editor.hear_registration),
        (types.WORKSPACE_DIAGNOSTIC_REFRESH, editor.hear_refresh),
    ):
        client.feature(method)(partial(hear))  # which takes the marks that pygls makes
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    await client.start_io(*start, "server", cwd=folder, env=environment, **options)
    try:
        await client.initialize_async(
            types.InitializeParams(
                can, workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)]
            )
        )
        client.initialized(types.InitializedParams())
        yield editor
    finally:
        process = client._server
        if process is not None and process.returncode is None:
            process.kill()
        await client.stop()  # type: ignore[no-untyped-call]
