"""Judgements in the words of the protocol."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from modlint.codes import codes
from modlint.diagnostics import Severity
from modlint.rules import rule_of
from modlint.server.checking import Judgement, Shown
from modlint.server.texts import Text

SOURCE = "modlint"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def told(shown: Shown) -> types.Diagnostic:
    """A diagnostic. ``data`` names the rule, whose page has no address, and what its fix is."""
    found = shown.diagnostic
    return types.Diagnostic(
        range=shown.range,
        message=found.message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if _is_unnecessary(found.code) else None,
        data={"rule": found.name, "fix": str(found.fix.applicability) if found.fix else None},
    )


def _is_unnecessary(code: str) -> bool:
    return code in codes() and rule_of(code).is_unnecessary


def told_of(judgement: Judgement, text: Text) -> Sequence[types.Diagnostic]:
    """All that is said of one text of a document."""
    said = [told(shown) for shown in judgement.shown if shown.text is text]
    if judgement.failure is not None and judgement.failure[0] is text:
        _, place, why = judgement.failure
        level = types.DiagnosticSeverity.Error
        said.append(types.Diagnostic(place, why, severity=level, source=SOURCE))
    return said
