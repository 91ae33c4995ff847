"""Apply fixes until nothing fixable is left, proving each one on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from modlint.analysis.exports import shortages
from modlint.analysis.module import Module
from modlint.analysis.runs import runs_of
from modlint.diagnostics import Applicability, Change, Diagnostic, Patch
from modlint.edits import patched
from modlint.fixing.proof import file_objection, objection
from modlint.linting import lint_module
from modlint.notebook.cell import Cell, ModuleFile
from modlint.notebook.reading import reread
from modlint.settings import Settings

#: What a fix may show of the cells that it changes. A new solution region: an answer that
#: stands elsewhere, a hint inside it; while the whole cell was wiped, there was nothing to
#: say of them. A new graded cell: a test that scores wrongly; it had no score.
_SHOWN_BY = {
    Change.REGIONS: ("NBG011", "NBG014"),
    Change.CELLS: ("NBG010", "NBG013"),
}
#: Changes after which a file may be read as other cells.
BEFORE_ALL_OTHERS = (Change.HEADER, Change.MARKER)
#: Passes over one file before it counts as never settling.
MAX_PASSES = 100


@dataclass(frozen=True, slots=True)
class Applied:
    """One fix that was made."""

    code: str
    place: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of a file.

    ``file`` and ``remaining`` describe the result; where ``fault`` is set, no fix
    of the file is to be written, and ``file`` is the original. ``origins`` tells, for
    each cell of a changed notebook file, the index of the cell that it was before;
    None for a new one.
    """

    file: ModuleFile
    remaining: list[Diagnostic]
    applied: list[Applied] = field(default_factory=list)
    fault: str = ""
    origins: list[int | None] = field(default_factory=list)


class FaultyFix(Exception):
    """A fix that did not pass its proof."""


def fix(
    file: ModuleFile,
    diagnostics: list[Diagnostic],
    settings: Settings,
    *,
    unsafe: bool = False,
    wants: Callable[[Diagnostic], bool] = lambda diagnostic: True,
) -> Outcome:
    """Apply every safe fix (and, with ``unsafe``, every unsafe one) to ``file``.

    ``wants`` says for which diagnostics. Fixes that touch the same cell are applied one
    after another, and the module is checked again between them. Every fix is proven before
    it is kept; if one fails, or the passes do not come to rest, the file stays as it was and
    ``Outcome.fault`` says which fix was at fault.
    """
    wanted = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    outcome = Outcome(file, diagnostics, origins=list(range(len(file.cells))))
    seen = {hash(file.text)}  # the texts themselves may hold megabytes of outputs
    try:
        for _ in range(MAX_PASSES):
            fixable = [
                d for d in outcome.remaining if d.fix and d.fix.applicability in wanted and wants(d)
            ]
            if not fixable:
                if (why := file_objection(file, outcome.file)) is not None:
                    raise FaultyFix(why)
                return outcome
            # What a cell is comes before what is in it.
            first = [d for d in fixable if d.fix and d.fix.change in BEFORE_ALL_OTHERS]
            _one_pass(outcome, first or fixable, settings)
            if hash(outcome.file.text) in seen:
                codes = ", ".join(sorted({d.code for d in fixable}))
                raise FaultyFix(f"the fixes of {codes} undo one another")
            seen.add(hash(outcome.file.text))
        raise FaultyFix(f"the fixes did not come to rest in {MAX_PASSES} passes")
    except FaultyFix as fault:
        return Outcome(file, diagnostics, fault=str(fault))
    except RecursionError:
        return Outcome(file, diagnostics, fault="the file is too deeply nested")


def fix_one(
    file: ModuleFile, diagnostics: list[Diagnostic], one: Diagnostic, settings: Settings
) -> Outcome:
    """Apply the fix of one of the ``diagnostics``, proven as :func:`fix` proves each."""
    outcome = Outcome(file, diagnostics, origins=list(range(len(file.cells))))
    try:
        _apply(outcome, [one], settings)
        if (why := file_objection(file, outcome.file)) is not None:
            raise FaultyFix(why)
        return outcome
    except FaultyFix as fault:
        return Outcome(file, diagnostics, fault=str(fault))
    except RecursionError:
        return Outcome(file, diagnostics, fault="the file is too deeply nested")


def _one_pass(outcome: Outcome, fixable: list[Diagnostic], settings: Settings) -> None:
    """Apply the fixes that do not meet in a cell, and check the whole module again."""
    try:
        _apply(outcome, fixable, settings)
    except FaultyFix:
        # Together they failed; alone, the one at fault can be named.
        _apply(outcome, fixable[:1], settings)


def _apply(outcome: Outcome, fixable: list[Diagnostic], settings: Settings) -> None:
    file = outcome.file
    whole: dict[int, tuple[Cell, ...]] = {}
    header: str | None = None
    applied: list[Applied] = []
    changes: set[Change] = set()
    for diagnostic in fixable:
        assert diagnostic.fix is not None
        if diagnostic.cell in whole:
            continue  # its turn comes in the next pass
        try:
            patch = diagnostic.fix.rewrite()
        except ValueError as error:
            raise FaultyFix(blame(file, diagnostic, f"cannot be made: {error}")) from error
        if whole.keys() & patch.cells.keys() or (header is not None and patch.header is not None):
            continue
        if (why := objection(file, patch, diagnostic.fix)) is not None:
            raise FaultyFix(blame(file, diagnostic, why))
        whole.update(patch.cells)
        header = header if patch.header is None else patch.header
        changes.add(diagnostic.fix.change)
        place = file.where(diagnostic.cell, diagnostic.start.row)
        applied.append(Applied(diagnostic.code, place, diagnostic.fix.message))
    meant = patched(file, Patch(whole, header))
    new = reread(meant)
    names = ", ".join(f"{a.code} ({a.place})" for a in applied)
    if shape_of(new.cells) != shape_of(meant.cells):
        raise FaultyFix(f"the fix of {names} does not read back as the cells it meant")
    module = Module(new, settings)
    found = lint_module(module)
    if module.faults:
        _refuse_new_faults(file, module, names)
    before = _tally(file, outcome.remaining, settings, changes)
    after = _tally(new, found, settings, changes)
    # A marker or a header that is read at last may show faults that it hid.
    more = after - before
    del more["MET001"]  # what was suppressed is mended: taken out in the next pass
    for change in changes:
        more -= Counter({code: more[code] for code in _SHOWN_BY.get(change, ())})
    if more and changes.isdisjoint(BEFORE_ALL_OTHERS):
        raise FaultyFix(f"the fix of {names} would bring a new {min(more)}")
    if after == before and _said(found) == _said(outcome.remaining):
        raise FaultyFix(f"the fix of {names} mends nothing")
    if file.store is not None:
        outcome.origins = [
            c.origin if c.origin is None else outcome.origins[c.origin] for c in meant.cells
        ]
    outcome.file, outcome.remaining = new, found
    outcome.applied += applied


def _refuse_new_faults(file: ModuleFile, after: Module, names: str) -> None:
    """Raise :class:`FaultyFix` where a rule that could look at ``file`` fails on what became."""
    before = Module(file, after.settings)
    lint_module(before)
    if new := {fault.code for fault in after.faults} - {fault.code for fault in before.faults}:
        raise FaultyFix(f"the fix of {names} gives a text on which {min(new)} fails")


def _tally(
    file: ModuleFile, diagnostics: list[Diagnostic], settings: Settings, changes: set[Change]
) -> Counter[str]:
    """How often each rule fired, counted by what does not depend on how it is reported.

    With one demo guarded, another may be reported in other pieces, but no act more than
    before: where guards are put up, acts at import are counted. Where a cell is split, so
    are the names that the package lacks, which EXP003 reports by cell.
    """
    tally = Counter(d.code for d in diagnostics)
    if Change.GUARDS in changes:
        tally = Counter({c: n for c, n in tally.items() if not c.startswith("IMP")})
        tally["act at import"] = sum(len(run.acts) for run in runs_of(Module(file, settings)))
    if Change.CELLS in changes and "EXP003" in tally:
        uses = [use for shortage in shortages(Module(file, settings)) for use in shortage.uses]
        tally["EXP003"] = len(uses)
    return tally


def _said(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    """What is reported, wherever it stands: a fix moves lines."""
    return Counter((d.code, d.message) for d in diagnostics)


def blame(file: ModuleFile, diagnostic: Diagnostic, why: str) -> str:
    """What is wrong with a fix, naming it and its place."""
    place = file.where(diagnostic.cell, diagnostic.start.row)
    return f"the fix of {diagnostic.code} at {place} {why}"


def shape_of(cells: tuple[Cell, ...]) -> list[tuple[object, ...]]:
    """What must be read back as it was meant: all of the cells but their rows."""
    return [(c.kind, c.marker, c.source, dict(c.metadata), dict(c.members)) for c in cells]
