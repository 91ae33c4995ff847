"""The entries of the JSON list, a line each."""

from __future__ import annotations

import json

from modlint.output.json import entries
from modlint.output.results import Results


def render(results: Results) -> str:
    """Every finding of every file as one line of JSON."""
    return "\n".join(map(json.dumps, entries(results)))
