"""Modules of a few lines, really run: what is seen of them, and what the RUN rules say."""

from __future__ import annotations

from pathlib import Path

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic
from modlint.execution.observation import Limits, Observation
from modlint.execution.running import observe
from modlint.linting import judged
from modlint.notebook.reading import read
from modlint.settings import Settings

#: Long enough for a busy machine; only what never ends takes it all.
LIMITS = Limits(timeout=60)
#: For modules that never end.
SHORT = Limits(timeout=2)


def seen(
    path: Path,
    text: str | bytes,
    *,
    limits: Limits = LIMITS,
    settings: Settings | None = None,
    mock_missing: bool = False,
) -> Module:
    """A module of this text, which stands at ``path`` and was run there."""
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(data)
    module = Module(read(data, path.name), settings or Settings())
    module.observed = observe(module, str(path), limits, mock_missing=mock_missing)
    return module


def observed(path: Path, text: str | bytes, **options: object) -> Observation:
    """What was seen of it."""
    observation = seen(path, text, **options).observed  # type: ignore[arg-type]
    assert observation is not None
    return observation


def acts(path: Path, text: str | bytes, **options: object) -> dict[int, list[str]]:
    """The rows of the statements that act on import, with what they do."""
    found = observed(path, text, **options)
    return {a.start.row: [words for _, words in a.acts] for a in found.acting}


def said(path: Path, text: str | bytes, **options: object) -> list[tuple[str, int, str]]:
    """What the RUN rules say: code, row, message."""
    found: list[Diagnostic] = judged(seen(path, text, **options))  # type: ignore[arg-type]
    return [(d.code, d.start.row, d.message) for d in found]
