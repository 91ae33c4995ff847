"""What the tests of the server share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forking import forking
from modlint.codes import homes
from server.editor import FORKED
from support import AS_MODULES

#: What a server imports, beside the rules: to serve, to check, to fix.
IMPORTED = [
    "modlint.cli.server",
    "modlint.server.features",
    "modlint.fixing.engine",
    "modlint.fixing.ignoring",
    "modlint.rules.imports._guard",
    "modlint.rules.signatures._annotations",
    "pathspec",
]


@pytest.fixture(autouse=True)
def modules(tmp_path: Path) -> None:
    """Settings that say of each text that it is a module; most tests have two lines."""
    (tmp_path / "modlint.toml").write_text(AS_MODULES)


@pytest.fixture(scope="session", autouse=True)
def forks() -> Iterator[None]:
    """Servers are forked from one that has imported what a server needs, which takes a second."""
    rules = [f"modlint.rules.{home}" for home in homes().values()]
    with forking(*IMPORTED, *rules) as command:
        FORKED[:] = command
        yield
