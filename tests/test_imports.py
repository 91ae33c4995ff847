"""What each way through the program may import: start-up is a feature."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import ROOT

#: Runs the program and tells which modules that has brought.
PROBE = """
import sys
before = set(sys.modules)
sys.argv[0] = "modlint"
from modlint.__main__ import main
try:
    main()
except SystemExit:
    pass
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""
QUIET = "# %%\nX = 1\n"
LOUD = '# %%\n#| export\nprint("hi")\n'
HEAVY = "ast dataclasses json multiprocessing re subprocess tempfile tomllib typing".split()
#: What click brings of these, in one version or another.
OF_CLICK = {"ast", "dataclasses", "re", "typing"}


#: LibCST, and what it imports in its turn.
OF_LIBCST = {"libcst", "yaml"}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """One module of each kind, in folders of their own."""
    for name, text in {"quiet/m.py": QUIET, "loud/m.py": LOUD}.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    book = tmp_path / "book" / "m.ipynb"
    book.parent.mkdir()
    book.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return tmp_path


def _imported(folder: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split("\n")[-2].split())


def _packages(modules: set[str]) -> set[str]:
    """The packages among ``modules`` that Python does not bring."""
    tops = {name.split(".")[0] for name in modules}
    return {name for name in tops if name not in sys.stdlib_module_names and name.islower()}


def _own(modules: set[str]) -> set[str]:
    """The parts of modlint among ``modules``."""
    return {name.split(".")[1] for name in modules if name.startswith("modlint.")}


def test_the_version(course: Path) -> None:
    found = _imported(course, "--version")
    assert _packages(found) <= {"click", "modlint"}
    assert _own(found) == {"__main__", "cache", "cli"}
    assert found & set(HEAVY) <= OF_CLICK


def test_an_answer_imports_next_to_nothing(course: Path) -> None:
    time.sleep(2.1)  # what was just written is not trusted to be unchanged
    _imported(course, "check")
    found = _imported(course, "check")
    assert found <= {
        "__future__",
        "gc",
        "marshal",
        "modlint",
        "modlint.__main__",
        "modlint.cache",
        "zlib",
    }


def test_known_results_need_no_rules(course: Path) -> None:
    _imported(course, "check", "--output-format", "json")
    found = _imported(course, "check")  # other arguments: no answer, but each file's result
    assert _packages(found) <= {"click", "modlint"}
    assert _own(found) == {
        "__main__", "cache", "cli", "codes", "course", "diagnostics", "discovery", "notebook",
        "output", "patterns", "reports", "resolving", "settings",
    }  # fmt: skip
    assert found & set(HEAVY) <= OF_CLICK | {"dataclasses", "re", "typing"}


@pytest.mark.parametrize("folder", ["quiet", "loud", "book"])
def test_a_first_check(course: Path, folder: str) -> None:
    """LibCST is for statements that may act; a notebook is read by a reader of modlint's own."""
    found = _imported(course, "check", "--no-cache", folder)
    assert _packages(found) - OF_LIBCST == {"click", "modlint"}
    if folder == "loud":
        assert "libcst" in found
    else:
        assert not {"libcst", "multiprocessing", "subprocess", "tempfile"} & found


def test_libcst_is_there_to_tell_what_a_fix_changes(course: Path) -> None:
    found = _imported(course, "check", "--no-cache", "--output-format", "json", "loud")
    assert "libcst" in _packages(found)


def test_the_server_is_imported_where_it_serves(course: Path) -> None:
    found = _imported(course, "server", "--help")
    assert _packages(found) <= {"click", "modlint"}
    found = _imported(course, "server")
    assert {"lsprotocol", "pygls"} <= _packages(found)
    assert not {"jsonschema", "libcst", "nbformat", "rich"} & _packages(found)
