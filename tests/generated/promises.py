"""What is promised of every fix, held against one module."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from dataclasses import dataclass

from fixing.running import run
from generated.modules import Generated
from modlint.analysis.module import Twin
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import Outcome, fix
from modlint.linting import lint
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.marker import parse_marker
from modlint.notebook.reading import read, reread
from modlint.notebook.regions import near_miss
from modlint.notebook.repair import glued_marker
from modlint.settings import Settings

#: Rules whose safe fix puts comments into other words: the comments that may go, by code.
_REWORDS = ("CEL003",)
#: What a suppression has in it, which goes where it is of no use.
_SUPPRESSION = "modlint:"
#: Rules whose fix shows what is wrong with other cells, or makes other cells of the text.
_REREAD = ("CEL001", "CEL002", "CEL005")
#: Rules that report code which no rule of import time looks into.
_UNREAD = ("CEL006", "CEL008")


@dataclass(frozen=True)
class Seen:
    """What the linter and the fixer did with one module, for the statistics of a long run."""

    found: frozenset[str]
    applied: frozenset[str]
    ran: bool


def hold(module: Generated) -> Seen:
    """Raise AssertionError where any promise of a fix is broken on ``module``."""
    settings = Settings()
    file = read(module.text.encode(), module.name)
    twin = Twin("module.py", read(module.twin.encode())) if module.twin else None
    found = lint(file, settings, twin)
    safe = _settled(file, found, settings, unsafe=False)
    applied = {a.code for a in safe.applied}
    _nothing_lost(file, safe, applied)
    if applied.isdisjoint(_REREAD):
        _others_untouched(file, found, safe.file)
    ran = _same_script(_script(file), _script(safe.file), safe.remaining)
    unsafe = _settled(file, found, settings, unsafe=True)
    return Seen(
        frozenset(d.code for d in found), frozenset(applied | {a.code for a in unsafe.applied}), ran
    )


def _settled(
    file: ModuleFile, found: list[Diagnostic], settings: Settings, *, unsafe: bool
) -> Outcome:
    """The outcome of the fixes: proven, at rest, with nothing fixable left."""
    outcome = fix(file, found, settings, unsafe=unsafe)
    assert outcome.fault == "", outcome.fault
    wanted = [Applicability.SAFE, Applicability.UNSAFE] if unsafe else [Applicability.SAFE]
    left = [d for d in outcome.remaining if d.fix and d.fix.applicability in wanted]
    assert left == [], left
    again = reread(outcome.file)
    second = fix(again, lint(again, settings), settings, unsafe=unsafe)
    assert (second.fault, second.file.text) == ("", outcome.file.text)
    return outcome


def _nothing_lost(file: ModuleFile, outcome: Outcome, applied: set[str]) -> None:
    """Every comment, every string and the form of the lines are still there."""
    old, new = _comments(file), _comments(outcome.file)
    lost = Counter({c: n for c, n in (old - new).items() if not _may_go(c)})
    if applied.isdisjoint(_REWORDS):
        assert not lost, lost
    assert new.total() >= old.total() - sum(n for c, n in (old - new).items() if _may_go(c))
    assert not _strings(file) - _strings(outcome.file)
    if file.store is None:
        _same_lines(file.text, outcome.file.text)


def _may_go(comment: str) -> bool:
    return near_miss(comment) is not None or _SUPPRESSION in comment


def _same_lines(before: str, after: str) -> None:
    """Line endings and the end of the file stay as they were."""
    assert ("\r" in after) == ("\r" in before)
    assert "\r\n" not in before or "\n" not in after.replace("\r\n", "")
    assert after.endswith("\n") == before.endswith("\n")


def _others_untouched(file: ModuleFile, found: list[Diagnostic], new: ModuleFile) -> None:
    """Cells in which nothing is wrong stand there to the byte, in their order.

    A fix may come to a cell that has none at first, once others are mended.
    """
    touched = {diagnostic.cell for diagnostic in found}
    for diagnostic in found:
        if diagnostic.fix and diagnostic.fix.applicability is Applicability.SAFE:
            touched |= diagnostic.fix.rewrite().cells.keys()
    rest = map(_stored, new.cells)
    for index, cell in enumerate(file.cells):
        if index not in touched:
            assert any(other == _stored(cell) for other in rest), cell


def _stored(cell: Cell) -> tuple[object, ...]:
    return cell.marker, cell.source, dict(cell.metadata), dict(cell.members)


def _script(file: ModuleFile) -> str:
    """What Python runs: the text of a percent file, the code cells of a notebook."""
    if file.store is None:
        return file.text
    return "\n".join(cell.source for cell in file.cells if cell.kind is CellKind.CODE)


def _same_script(text: str, new: str, remaining: list[Diagnostic]) -> bool:
    """As a script the module does the same; imported, it does nothing that is not reported."""
    if not _compiles(text):
        return False
    ast.parse(new)
    before, after = run(text), run(new)
    assert (after.printed, after.error) == (before.printed, before.error)
    imported, was = run(new, "some_module"), run(text, "some_module")
    if _SUPPRESSION in new or any(d.code.startswith(("IMP", *_UNREAD)) for d in remaining):
        # A module that fails early prints little; its guarded half no longer fails.
        assert len(imported.printed) <= len(was.printed) or was.error
    else:
        assert imported.printed == ""
        assert not imported.error or was.error
    # Importers keep every function and class.
    kept = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert kept & was.names <= imported.names or imported.error == was.error != ""
    return not before.error


def _compiles(text: str) -> bool:
    """Whether Python takes the module: some of what parses is refused later."""
    try:
        compile(text, "<module>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _comments(file: ModuleFile) -> Counter[str]:
    """The comments of the code, without markers and what was meant as one."""
    found = _tokens(file, tokenize.COMMENT)
    return Counter(
        {c: n for c, n in found.items() if parse_marker(c) is None and not glued_marker(c)}
    )


def _strings(file: ModuleFile) -> Counter[str]:
    return _tokens(file, tokenize.STRING)


def _tokens(file: ModuleFile, kind: int) -> Counter[str]:
    """The tokens of all cells, as far as Python can read them."""
    found: Counter[str] = Counter()
    for cell in file.cells:
        readline = io.StringIO(cell.source.replace("\r\n", "\n")).readline
        try:
            found.update(t.string for t in tokenize.generate_tokens(readline) if t.type == kind)
        except (tokenize.TokenError, SyntaxError):
            continue
    return found
