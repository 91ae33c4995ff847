"""Modules of a few lines: checked, fixed, run as a script and imported, in this process.

They are compiled and run as :mod:`modlint.execution.child` does it. A process for each, as
``modlint verify`` has it, would make the hundreds of generated modules too slow to test.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from modlint.diagnostics import Applicability, Diagnostic
from modlint.execution.child import code as child_code
from modlint.fixing.engine import Outcome, fix
from modlint.linting import lint
from modlint.notebook.reading import read
from modlint.settings import Settings

#: Only the rules of this family, so that a case says nothing of metadata and signatures.
IMP = Settings(select=("IMP",))


@dataclass(frozen=True)
class Ran:
    """What became of a run: what it printed, how it ended, and the names that it left."""

    printed: str
    error: str
    names: frozenset[str]


def diagnostics(text: str, settings: Settings = IMP) -> list[Diagnostic]:
    """What ``modlint check`` finds in a module of this text."""
    return lint(read(text.encode()), settings)


def found(text: str, settings: Settings = IMP) -> list[tuple[str, int]]:
    """The diagnostics as (code, row)."""
    return [(d.code, d.start.row) for d in diagnostics(text, settings)]


def fixing(text: str, settings: Settings = IMP, *, unsafe: bool = False) -> Outcome:
    """What ``modlint fix`` makes of a module of this text."""
    file = read(text.encode())
    return fix(file, lint(file, settings), settings, unsafe=unsafe)


def fixed(text: str, settings: Settings = IMP, *, unsafe: bool = False) -> str:
    """The fixed text; a fix that fails its proof is an error here."""
    outcome = fixing(text, settings, unsafe=unsafe)
    assert outcome.fault == ""
    return outcome.file.text


def run(text: str, name: str = "__main__") -> Ran:
    """Execute a module's text under the name ``name``, with its output caught."""
    out = io.StringIO()
    space: dict[str, object] = {"__name__": name, "__builtins__": builtins}
    error = ""
    with _nothing_kept(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = child_code.parsed(0, "<module>", text)
            child_code.run(code.compiled(code.tree.body), space)
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"
    return Ran(out.getvalue(), error, frozenset(space))


@contextlib.contextmanager
def _nothing_kept() -> Iterator[None]:
    """``sys.path`` as it was, whatever the module does."""
    path = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = path


def safe_left(text: str, settings: Settings = IMP) -> list[tuple[str, int]]:
    """Diagnostics of ``text`` that a safe fix would mend."""
    return [
        (d.code, d.start.row)
        for d in diagnostics(text, settings)
        if d.fix is not None and d.fix.applicability is Applicability.SAFE
    ]


def prove_by_execution(text: str, *, silent: bool = True) -> str:
    """The fixed text, proven: the script does the same, the import nothing, a second fix nothing.

    With ``silent=False`` something that only its author can mend may still act on import.
    """
    new = fixed(text)
    before, after = run(text), run(new)
    assert after.printed == before.printed, new
    assert after.error == before.error, new
    assert safe_left(new) == [], new
    assert fixed(new) == new
    imported = run(new, "some_module")
    if silent:
        assert (imported.printed, imported.error) == ("", ""), new
    return new
