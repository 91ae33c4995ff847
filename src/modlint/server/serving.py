"""The language server: the documents of one editor, and what it is told of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from modlint import __version__
from modlint.output.text import printable
from modlint.server.checking import Desk, Judgement
from modlint.server.documents import Document
from modlint.server.telling import told_of
from modlint.server.texts import Text

#: Seconds without a change after which a document is checked.
_PAUSE = 0.2
#: What pygls does with these it does to copies of its own, in which a form feed ends a line.
_OF_DOCUMENTS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Server(LanguageServer):
    """The documents that are open, and what was last found in each.

    An editor that asks for diagnostics by itself is told none unasked.
    """

    def __init__(self) -> None:
        notebooks = types.NotebookDocumentFilterNotebookType("jupyter-notebook")
        super().__init__(
            "modlint",
            __version__,
            notebook_document_sync=types.NotebookDocumentSyncOptions(
                [types.NotebookDocumentFilterWithNotebook(notebooks)], save=True
            ),
        )
        for method in _OF_DOCUMENTS:
            del self.protocol.fm.builtin_features[method]
        self.documents: dict[str, Document] = {}
        self.desk = Desk(os.getcwd())
        self.was_shut_down = False
        #: What was found in those documents that have not changed since.
        self._known: dict[str, Judgement] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        #: The texts about which the editor asks by itself.
        self._pulled: set[str] = set()

    @property
    def encoding(self) -> types.PositionEncodingKind | str:
        """The encoding in whose units places are counted."""
        return self.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def home_of(self, uri: str) -> tuple[Document, Text] | None:
        """A text that is open, and the document that it is (part of)."""
        for document in self.documents.values():
            for text in document.texts:
                if text.uri == uri:
                    return document, text
        return None

    def open(self, document: Document) -> None:
        """Take a document into care."""
        self.documents[document.uri] = document
        self.publish(document)
        for other in self._pair_of(document):
            self._schedule(other)

    def close(self, uri: str) -> None:
        """Forget a document, and take back what was said of it."""
        document = self.documents.pop(uri, None)
        if document is None:
            return
        self._forget(document)
        self.withdraw(document.texts)
        self._pulled.difference_update(text.uri for text in document.texts)
        for other in self._pair_of(document):
            self._schedule(other)

    def changed(self, document: Document) -> None:
        """A document is not what it was: check it, and its pair, when the typing pauses."""
        for each in (document, *self._pair_of(document)):
            self._schedule(each, _PAUSE)

    def judged(self, document: Document) -> Judgement:
        """What is found in a document as it is now."""
        if self.desk.is_outdated():
            self.reload()
        if document.uri not in self._known:
            others = [other for other in self.documents.values() if other is not document]
            self._known[document.uri] = self.desk.judge(document, others)
            for trouble in self.desk.troubles:
                self.warn(trouble)
            self.desk.troubles.clear()
        return self._known[document.uri]

    def publish(self, document: Document) -> None:
        """Check a document now, and tell what is found."""
        self._forget(document)
        for text in document.texts:
            if text.uri not in self._pulled:
                self._tell(text, told_of(self.judged(document), text))

    def pull(self, document: Document, text: Text) -> Sequence[types.Diagnostic]:
        """What is found in a text, for an editor that asks, and is told nothing more unasked."""
        if text.uri not in self._pulled:
            self._pulled.add(text.uri)
            self.withdraw([text])
        return told_of(self.judged(document), text)

    def withdraw(self, texts: Iterable[Text]) -> None:
        """Take back what was said of texts."""
        for text in texts:
            self._tell(text, [])

    def reload(self) -> None:
        """Read the settings anew, and check all documents under them."""
        self.desk.reload()
        for document in self.documents.values():
            self._schedule(document)
        workspace = self.client_capabilities.workspace
        pulls = workspace.diagnostics if workspace and self._pulled else None
        if pulls and pulls.refresh_support:
            self.workspace_diagnostic_refresh(None)

    def warn(self, trouble: str) -> None:
        """Say to the user what is wrong."""
        params = types.ShowMessageParams(types.MessageType.Error, f"modlint: {printable(trouble)}")
        self.window_show_message(params)

    def _tell(self, text: Text, said: Sequence[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(text.uri, said, text.version)
        self.text_document_publish_diagnostics(params)

    def _schedule(self, document: Document, delay: float = 0) -> None:
        self._forget(document)
        later = asyncio.get_running_loop().call_later
        self._waiting[document.uri] = later(delay, self.publish, document)

    def _forget(self, document: Document) -> None:
        """What was found in a document counts no longer."""
        self._known.pop(document.uri, None)
        if (timer := self._waiting.pop(document.uri, None)) is not None:
            timer.cancel()

    def _pair_of(self, document: Document) -> Iterator[Document]:
        """The other file of a pair, where it is open too."""
        stem = os.path.splitext(document.path or "")[0]
        for other in self.documents.values():
            if stem and other is not document and os.path.splitext(other.path or "")[0] == stem:
                yield other
