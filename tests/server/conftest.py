"""What the tests of the server share."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import AS_MODULES


@pytest.fixture(autouse=True)
def modules(tmp_path: Path) -> None:
    """Settings that say of each text that it is a module; most tests have two lines."""
    (tmp_path / "modlint.toml").write_text(AS_MODULES)
