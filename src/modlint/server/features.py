"""What an editor tells and asks, one function a message; and the start of it all."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcInvalidParams

from modlint.baseline import BASELINE_FILE
from modlint.notebook.grader_config import NAMES as GRADER_CONFIGS
from modlint.server.actions import KINDS, Actions, Client, NotDone
from modlint.server.documents import Notebook, Script, opened, opened_notebook, path_of
from modlint.server.hovering import hovered
from modlint.server.serving import Server
from modlint.settings import OWN_FILE, SHARED_FILE

#: A change of one of these is a change of the settings.
_WATCHED = (OWN_FILE, SHARED_FILE, BASELINE_FILE, *GRADER_CONFIGS)

#: The protocol's word for a request that was right and cannot be met.
_REQUEST_FAILED = types.LSPErrorCodes.RequestFailed.value


def serve(endings: Iterable[int]) -> int:
    """Serve the editor at standard input and output until it leaves; the exit status.

    ``endings`` are the signals that end it.
    That is 0 where the editor has asked for the end before, as the protocol wants, else 1.
    """
    for number in endings:
        # A thread waits for input and would hold up any other end; nothing is left behind.
        signal.signal(number, lambda number, _: os._exit(128 + number))
    output = sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints does not print into the protocol
    server = make_server()
    server.start_io(stdout=output)
    return 0 if server.was_shut_down else 1


def make_server() -> Server:
    """A server that knows all messages."""
    server = Server()
    _open_and_close(server)
    _notebooks(server)
    _settings(server)
    _questions(server)
    return server


def _open_and_close(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        server.open(opened(params.text_document, server.encoding))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        document = server.documents.get(params.text_document.uri)
        if isinstance(document, Script):
            version = params.text_document.version
            document.text = document.text.changed(params.content_changes, version)
            server.changed(document)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveTextDocumentParams) -> None:
        if (document := server.documents.get(params.text_document.uri)) is not None:
            server.publish(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenNotebookDocumentParams) -> None:
        server.open(opened_notebook(params, server.encoding))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeNotebookDocumentParams) -> None:
        document = server.documents.get(params.notebook_document.uri)
        if isinstance(document, Notebook):
            server.withdraw(document.change(params, server.encoding))
            server.changed(document)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveNotebookDocumentParams) -> None:
        if (document := server.documents.get(params.notebook_document.uri)) is not None:
            server.publish(document)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseNotebookDocumentParams) -> None:
        server.close(params.notebook_document.uri)


def _settings(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def _(params: types.InitializeParams) -> None:
        folders = [folder.uri for folder in params.workspace_folders or ()]
        root = path_of(folders[0] if folders else params.root_uri or "") or params.root_path
        server.desk.folder = root or server.desk.folder

    @server.feature(types.INITIALIZED)
    def _(params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        files = workspace.did_change_watched_files if workspace else None
        if files and files.dynamic_registration:
            watchers = [types.FileSystemWatcher(f"**/{name}") for name in _WATCHED]
            registration = types.Registration(
                "modlint-settings",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
            server.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(params: types.DidChangeWatchedFilesParams) -> None:
        server.reload()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def _(params: types.DidChangeConfigurationParams) -> None:
        server.reload()

    @server.feature(types.SHUTDOWN)
    def _(params: None) -> None:
        server.was_shut_down = True


def _questions(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
    )
    def _(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        home = server.home_of(params.text_document.uri)
        return types.RelatedFullDocumentDiagnosticReport(server.pull(*home) if home else [])

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True),
    )
    def _(params: types.CodeActionParams) -> list[types.CodeAction]:
        home = server.home_of(params.text_document.uri)
        if home is None:
            return []
        document, text = home
        actions = Actions(document, server.judged(document), _client(server))
        return list(actions.offered(text.uri, params.range, params.context.only))

    @server.feature(types.CODE_ACTION_RESOLVE)
    def _(action: types.CodeAction) -> types.CodeAction:
        data: Any = action.data
        try:
            document, stamp = server.documents.get(data["uri"]), data["stamp"]
            if document is None or (judgement := server.judged(document)).stamp != stamp:
                raise JsonRpcContentModified("the document has changed")
            actions = Actions(document, judgement, _client(server))
            plan = actions.plan_of(data)
        except (TypeError, KeyError, ValueError) as error:
            raise JsonRpcInvalidParams("no action of modlint") from error
        try:
            action.edit = actions.edit(plan)
        except NotDone as why:
            server.warn(str(why))
            raise JsonRpcException(str(why), _REQUEST_FAILED) from why
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _(params: types.HoverParams) -> types.Hover | None:
        home = server.home_of(params.text_document.uri)
        if home is None:
            return None
        document, text = home
        said = hovered(server.judged(document), text, params.position)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said)) if said else None


def _client(server: Server) -> Client:
    return Client.of(server.client_capabilities)
