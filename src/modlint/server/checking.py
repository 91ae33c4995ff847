"""A document that is open → what is said of it: as ``check`` would, were it saved now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lsprotocol import types

from modlint.analysis.module import Twin
from modlint.analysis.trees import forget
from modlint.baseline import Baseline, BaselineError, read_baseline
from modlint.cache import Signature, Trace, digest, signature
from modlint.course.survey import purpose_of_text
from modlint.diagnostics import Diagnostic
from modlint.discovery import Failure, ignore_spec, twin_path
from modlint.modules import Checked, check_bytes, twin_at
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.reading import read
from modlint.reports import report_of
from modlint.resolving import Resolver
from modlint.server.documents import Document
from modlint.server.texts import Text
from modlint.settings import Settings, SettingsError

#: After so many checks what was remembered of old versions of cells is forgotten.
_MEMORY = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A diagnostic and where it stands in the editor."""

    diagnostic: Diagnostic
    text: Text
    range: types.Range


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is found in a document.

    ``checked`` is None where there is nothing to say, ``shown`` what the baseline does not
    hold. ``failure`` says why the document could not be checked. ``stamp`` is another one for
    another content.
    """

    stamp: str = ""
    checked: Checked | None = None
    shown: list[Shown] = field(default_factory=list)
    failure: tuple[Text, types.Range, str] | None = None


class Desk:
    """Checks documents under the settings of their folders.

    ``folder`` is where those stand that are not saved yet. ``troubles`` collects what is wrong
    with settings and baselines, for the user to be told.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        self._told: set[str] = set()
        self._checks = 0
        self._twins: dict[str, tuple[Signature, Twin | None]] = {}
        self.reload()

    def reload(self) -> None:
        """Read all settings anew when next they are asked for."""
        self._trace = Trace()
        self._resolver = Resolver(trace=self._trace)
        self._baselines: dict[str, Baseline | None] = {}
        self._told.clear()

    def is_outdated(self) -> bool:
        """Whether a file of settings, or a baseline, is not as it was when it was read."""
        return any(signature(path) != was for path, was in self._trace.seen.items())

    def judge(self, document: Document, others: Iterable[Document] = ()) -> Judgement:
        """Check a document; ``others`` are those that are open beside it."""
        if not document.is_python:
            return Judgement()
        path = document.path or os.path.join(self.folder, document.name)
        try:
            settings = self._resolver.of(path)
        except SettingsError as error:
            self._complain(str(error))
            return Judgement()
        self._complain_of(self._resolver.not_run)
        if _is_excluded(path, settings):
            return Judgement()
        self._forget()
        twin = self._twin(path, others) if document.path else None
        try:
            data = document.data
        except UnreadableModule as error:
            return _failed(document, Failure(document.name, str(error)))
        said = self._resolver.kind_said(path, settings)
        settings = replace(settings, purpose=purpose_of_text(path, data, settings, said))
        checked = check_bytes(document.name, data, settings, twin)
        if isinstance(checked, Failure):
            return _failed(document, checked)
        self._complain_of(checked.faults)
        stamp = digest(data, repr(settings).encode()).hex()
        if not checked.file.is_notebook:
            return Judgement(stamp)
        locate = document.locator(checked.file)
        shown = [Shown(found, *locate(found)) for found in self._unknown(checked)]
        return Judgement(stamp, checked, shown)

    def _complain(self, trouble: str) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self.troubles.append(trouble)

    def _complain_of(self, failures: Iterable[Failure]) -> None:
        """Tell of rules of the course that do not run, or that failed."""
        for failure in failures:
            self._complain(str(failure))

    def _twin(self, path: str, others: Iterable[Document]) -> Twin | None:
        """The other file of a pair: as it stands in the editor, else on disk."""
        beside = {other.path: other for other in others if other.path}
        other = twin_path(path, beside)
        if other is None:
            return None
        if other in beside:
            try:
                return Twin(other, read(beside[other].data, other))
            except (ValueError, RecursionError):
                return None
        now = signature(other)
        known = self._twins.get(other)
        if known is None or known[0] != now:
            self._twins[other] = known = (now, twin_at(other))
        return known[1]

    def _unknown(self, checked: Checked) -> list[Diagnostic]:
        """What is found beyond the baseline of the settings."""
        path = checked.settings.path_of("baseline")
        if not path or not checked.diagnostics:
            return checked.diagnostics
        if path not in self._baselines:
            self._trace.look(path)
            self._baselines[path] = None
            try:
                if os.path.lexists(path):  # it may be still to come
                    self._baselines[path] = read_baseline(path)
            except BaselineError as error:
                self._complain(str(error))
        baseline = self._baselines[path]
        if baseline is None:
            return checked.diagnostics
        report = report_of(checked, with_changes=False)
        shown = {id(finding) for finding in baseline.hold(report, checked.settings).shown}
        pairs = zip(checked.diagnostics, report.findings, strict=True)
        return [diagnostic for diagnostic, finding in pairs if id(finding) in shown]

    def _forget(self) -> None:
        """Each version of a cell is remembered, for a check that comes once: here they pile up."""
        self._checks += 1
        if self._checks % _MEMORY == 0:
            forget()


def _failed(document: Document, failure: Failure) -> Judgement:
    return Judgement(failure=(*document.place_of(failure), f"not checked: {failure.message}"))


def _is_excluded(path: str, settings: Settings) -> bool:
    folder = settings.folder_of("exclude")
    if not settings.exclude or folder is None:
        return False
    relative = os.path.relpath(path, folder).replace(os.sep, "/")
    return ignore_spec(settings.exclude).match_file(relative)
