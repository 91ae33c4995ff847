"""What the tests of the EXP rules share: check and fix a text with some rules alone."""

from __future__ import annotations

import json
from typing import Any

from modlint.diagnostics import Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.settings import Settings

#: A cell that names the module of the package.
DEFAULT = "# %%\n#| default_exp core\n\n"


def found(text: str, *codes: str) -> list[Diagnostic]:
    """What the rules ``codes`` find, in the order of the file."""
    file = read(text.encode(), _name(text))
    return [d for d in lint(file, Settings(select=codes)) if d.code.startswith(codes)]


def rows(text: str, *codes: str) -> list[int]:
    """The rows of what is found (rows of the cell in a notebook)."""
    return [d.start.row for d in found(text, *codes)]


def fixed(text: str, *codes: str) -> str:
    """The text after all fixes of ``codes``, which a second run must leave alone."""
    settings = Settings(select=codes)
    once = _once(text, settings)
    assert _once(once, settings) == once
    return once


def _once(text: str, settings: Settings) -> str:
    file = read(text.encode(), _name(text))
    outcome = fix(file, lint(file, settings), settings, unsafe=True)
    assert outcome.fault == ""
    return outcome.file.to_bytes().decode()


def _name(text: str) -> str:
    return "module.ipynb" if text.startswith("{") else "module.py"


def notebook(*cells: str, metadata: dict[int, dict[str, Any]] | None = None) -> str:
    """A notebook file with these code cells; ``metadata`` by the number of the cell."""
    stored = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": (metadata or {}).get(number, {}),
            "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for number, text in enumerate(cells)
    ]
    whole = {"cells": stored, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


def sources(text: str) -> list[str]:
    """The texts of a notebook's cells."""
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
