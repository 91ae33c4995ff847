"""Fixtures for all tests: the command line in process, and a copy of the reference module."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from modlint.cli import main
from sharing import Shared
from support import REFERENCE, ROOT, Run, as_modules

# The same examples in every CI run: a new failing one is found at a desk, not in somebody's push.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# Threads that wait for work by turning round cost more than the small arrays of a test.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A shell that starts the tests in the background has them ignore Ctrl-C, and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Set-ups that are made once for all workers of the run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Shared(folder)


@pytest.fixture(scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Empty folders, one after another.

    ``tmp_path_factory`` looks through all folders so far for a free number, which takes longer
    than most tests: each of thousands wants two.
    """

    def folder(number: int) -> Path:
        path = around / str(number)
        path.mkdir(0o700)
        return path

    around = tmp_path_factory.mktemp("own")
    return map(folder, count())


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, own_folders: Iterator[Path]) -> Path:
    """A cache of the test's own: what the user has kept answers no test."""
    path = next(own_folders)
    monkeypatch.setenv("MODLINT_CACHE_DIR", str(path))
    return path


@pytest.fixture(autouse=True)
def own_trust(monkeypatch: pytest.MonkeyPatch, own_folders: Iterator[Path]) -> Path:
    """A folder for settings of the test's own: what the user trusts runs in no test."""
    path = next(own_folders)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path))
    return path


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run ``modlint`` with the given arguments, and no others, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)

    return run


@pytest.fixture
def modlint(command_line: Run) -> Run:
    """The same about modules: a text of two lines, as most tests have, is not known as one."""

    def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
        return command_line(*as_modules(*map(str, arguments)), stdin=stdin)

    return run


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A copy of the reference module with its runtime beside it, free to be changed."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    return tmp_path / "fixtures" / REFERENCE.relative_to(ROOT / "fixtures")
