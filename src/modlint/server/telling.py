"""Judgements in the words of the protocol."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from modlint.diagnostics import Severity
from modlint.server.checking import Judgement, Shown
from modlint.server.texts import Text

SOURCE = "modlint"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
#: Rules about what could go without a loss.
_UNNECESSARY = ("MET001", "NBG015")


def told(shown: Shown) -> types.Diagnostic:
    """A diagnostic. ``data`` names the rule, whose page has no address, and what its fix is."""
    found = shown.diagnostic
    return types.Diagnostic(
        range=shown.range,
        message=found.message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if found.code in _UNNECESSARY else None,
        data={"rule": found.name, "fix": str(found.fix.applicability) if found.fix else None},
    )


def told_of(judgement: Judgement, text: Text) -> Sequence[types.Diagnostic]:
    """All that is said of one text of a document."""
    said = [told(shown) for shown in judgement.shown if shown.text is text]
    if judgement.failure is not None and judgement.failure[0] is text:
        _, place, why = judgement.failure
        level = types.DiagnosticSeverity.Error
        said.append(types.Diagnostic(place, why, severity=level, source=SOURCE))
    return said
