"""Apply fixes until nothing fixable is left, proving each one on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from modlint.analysis.exports import shortages
from modlint.analysis.module import Module
from modlint.analysis.runs import runs_of
from modlint.analysis.suppressions import ABOUT_SUPPRESSIONS
from modlint.diagnostics import Applicability, Change, Diagnostic, Patch
from modlint.edits import patched
from modlint.fixing.proof import file_objection, objection
from modlint.linting import judged
from modlint.memory import uncollected
from modlint.notebook.cell import Cell, ModuleFile
from modlint.notebook.reading import reread
from modlint.settings import Settings

#: What a fix may show of the cells that it changes. A new solution region: an answer that
#: stands elsewhere, a hint inside it, a role that the cell has not; while the whole cell was
#: wiped, or refused, there was nothing to say of them. A new graded cell: a test that scores
#: wrongly; it had no score.
_SHOWN_BY = {
    Change.REGIONS: ("NBG008", "NBG011", "NBG014"),
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
    module: Module | None = None,
) -> Outcome:
    """Apply every safe fix (and, with ``unsafe``, every unsafe one) to ``file``.

    ``wants`` says for which diagnostics. Fixes that touch the same cell are applied one
    after another, and the module is checked again between them; only one of its text and one
    of its metadata go together. Every fix is proven before
    it is kept; if one fails, or the passes do not come to rest, the file stays as it was and
    ``Outcome.fault`` says which fix was at fault. ``module`` is what the diagnostics were
    found in, where it is still at hand.
    """
    wanted = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    with uncollected():
        return _Fixing(file, diagnostics, settings, module).outcome(
            lambda d: d.fix is not None and d.fix.applicability in wanted and wants(d)
        )


def fix_one(
    file: ModuleFile, diagnostics: list[Diagnostic], one: Diagnostic, settings: Settings
) -> Outcome:
    """Apply the fix of one of the ``diagnostics``, proven as :func:`fix` proves each."""
    with uncollected():
        return _Fixing(file, diagnostics, settings, None).outcome_of(one)


class _Fixing:
    """The passes over one file: where they have come to, and what is known of it there."""

    def __init__(
        self,
        file: ModuleFile,
        diagnostics: list[Diagnostic],
        settings: Settings,
        module: Module | None,
    ) -> None:
        self.file = file
        self.diagnostics = diagnostics
        self.settings = settings
        self.now = Outcome(file, diagnostics, origins=list(range(len(file.cells))))
        if module is None:
            module = Module(file, settings)
            if module.suppressions.found:
                judged(module)  # to know what they hide
        self.module = self.first = module

    def outcome(self, wants: Callable[[Diagnostic], bool]) -> Outcome:
        """What becomes of the file when all that ``wants`` says is mended."""
        return self._proven(lambda: self._come_to_rest(wants))

    def outcome_of(self, one: Diagnostic) -> Outcome:
        """What becomes of the file when one diagnostic is mended."""
        return self._proven(lambda: self._apply([one]))

    def _proven(self, mend: Callable[[], None]) -> Outcome:
        try:
            mend()
            if (why := file_objection(self.file, self.now.file)) is not None:
                raise FaultyFix(why)
            return self.now
        except FaultyFix as fault:
            return Outcome(self.file, self.diagnostics, fault=str(fault))
        except RecursionError:
            return Outcome(self.file, self.diagnostics, fault="the file is too deeply nested")

    def _come_to_rest(self, wants: Callable[[Diagnostic], bool]) -> None:
        seen = {hash(self.file.text)}  # the texts themselves may hold megabytes of outputs
        for _ in range(MAX_PASSES):
            fixable = [d for d in self.now.remaining if wants(d)]
            if not fixable:
                return
            # What a cell is comes before what is in it.
            first = [d for d in fixable if d.fix and d.fix.change in BEFORE_ALL_OTHERS]
            self._pass(first or fixable)
            if hash(self.now.file.text) in seen:
                codes = ", ".join(sorted({d.code for d in fixable}))
                raise FaultyFix(f"the fixes of {codes} undo one another")
            seen.add(hash(self.now.file.text))
        raise FaultyFix(f"the fixes did not come to rest in {MAX_PASSES} passes")

    def _pass(self, fixable: list[Diagnostic]) -> None:
        """Apply the fixes that do not meet in a cell, and check the whole module again."""
        try:
            self._apply(fixable)
        except FaultyFix:
            # Together they failed; alone, the one at fault can be named.
            self._apply(fixable[:1])

    def _apply(self, fixable: list[Diagnostic]) -> None:
        file = self.now.file
        whole: dict[int, tuple[Cell, ...]] = {}
        header: str | None = None
        applied: list[Applied] = []
        changes: set[Change] = set()
        of_cells: dict[int, set[Change]] = {}
        for diagnostic in fixable:
            assert diagnostic.fix is not None
            change = diagnostic.fix.change
            if not _may_join(change, of_cells.get(diagnostic.cell)):
                continue  # its turn comes in the next pass
            try:
                patch = diagnostic.fix.rewrite()
            except ValueError as error:
                raise FaultyFix(blame(file, diagnostic, f"cannot be made: {error}")) from error
            is_free = all(_may_join(change, of_cells.get(index)) for index in patch.cells)
            joined = _joined(file, whole, patch.cells, change) if is_free else None
            if joined is None or (header is not None and patch.header is not None):
                continue
            if (why := objection(file, patch, diagnostic.fix, self.module.grader)) is not None:
                raise FaultyFix(blame(file, diagnostic, why))
            whole.update(joined)
            for index in patch.cells:
                of_cells.setdefault(index, set()).add(change)
            header = header if patch.header is None else patch.header
            changes.add(change)
            place = file.where(diagnostic.cell, diagnostic.start.row)
            applied.append(Applied(diagnostic.code, place, diagnostic.fix.message))
        meant = patched(file, Patch(whole, header))
        new = reread(meant)
        names = ", ".join(f"{a.code} ({a.place})" for a in applied)
        if shape_of(new.cells) != shape_of(meant.cells):
            raise FaultyFix(f"the fix of {names} does not read back as the cells it meant")
        module = Module(new, self.settings)
        found = judged(module)
        if module.faults:
            self._refuse_new_faults(module, names)
        before = _Tally.of(self.module, self.now.remaining, changes)
        after = _Tally.of(module, found, changes)
        more = after.beyond(before)
        for change in changes:
            more -= Counter({code: more[code] for code in _SHOWN_BY.get(change, ())})
        # A marker or a header that is read at last may show faults that it hid.
        if more and changes.isdisjoint(BEFORE_ALL_OTHERS):
            raise FaultyFix(f"the fix of {names} would bring a new {min(more)}")
        if after.told == before.told and _said(found) == _said(self.now.remaining):
            raise FaultyFix(f"the fix of {names} mends nothing")
        if file.store is not None:
            self.now.origins = [
                c.origin if c.origin is None else self.now.origins[c.origin] for c in meant.cells
            ]
        if self.module is not self.first:  # in which the diagnostics of the user were found
            self.module.take_apart()
        self.module = module
        self.now.file, self.now.remaining = new, found
        self.now.applied += applied

    def _refuse_new_faults(self, after: Module, names: str) -> None:
        """Raise :class:`FaultyFix` where a rule fails on what became, and did not before."""
        before = Module(self.now.file, self.settings)
        judged(before)
        if new := {f.code for f in after.faults} - {f.code for f in before.faults}:
            raise FaultyFix(f"the fix of {names} gives a text on which {min(new)} fails")


def _may_join(change: Change, others: set[Change] | None) -> bool:
    """Whether a fix may be made of a cell beside ``others``: if it alone changes metadata, or text.

    These are proven apart, and neither reads what the other writes.
    """
    if not others:
        return True
    if change is Change.METADATA:
        return Change.METADATA not in others
    return others == {Change.METADATA}


def _joined(
    file: ModuleFile,
    cells: Mapping[int, tuple[Cell, ...]],
    more: Mapping[int, tuple[Cell, ...]],
    change: Change,
) -> dict[int, tuple[Cell, ...]] | None:
    """What becomes of the cells of a patch where others have changed some of them already.

    None where the change that is not of metadata is of more than a cell's text.
    """
    joined = dict(more)
    for index in cells.keys() & more.keys():
        pair = cells[index], more[index]
        texts, rests = pair if change is Change.METADATA else pair[::-1]
        if len(texts) > 1 or len(rests) > 1 or not _has_other_text(texts[0], file.cells[index]):
            return None
        joined[index] = (replace(rests[0], source=texts[0].source),)
    return joined


def _has_other_text(new: Cell, old: Cell) -> bool:
    """Whether a cell was changed in its text, and in nothing else."""
    # The very same: equal ones may differ, as 1 and True do.
    is_same = new.metadata is old.metadata and new.members is old.members
    return is_same and replace(new, source=old.source) == old


@dataclass(frozen=True, slots=True)
class _Tally:
    """How often each rule fired, counted by what does not depend on how it is reported.

    ``told`` is what nobody has suppressed, ``found`` is all. With one demo guarded, another
    may be reported in other pieces, but no act more than before: where guards are put up,
    acts at import are counted. There, and where a cell is split, so are the names that the
    package lacks, which EXP003 reports by cell.
    """

    told: Counter[str]
    found: Counter[str]

    @classmethod
    def of(cls, module: Module, diagnostics: list[Diagnostic], changes: set[Change]) -> _Tally:
        """The tally of ``module``, before or after ``changes``."""
        told = Counter(d.code for d in diagnostics)
        tallies = told, told + Counter(d.code for d in module.suppressions.hidden)
        if Change.GUARDS in changes:
            acts = sum(len(run.acts) for run in runs_of(module))
            for tally in tallies:
                for code in [code for code in tally if code.startswith("IMP")]:
                    del tally[code]
                tally["act at import"] = acts
        if changes & {Change.CELLS, Change.GUARDS} and any("EXP003" in t for t in tallies):
            uses = sum(len(shortage.uses) for shortage in shortages(module))
            for tally in tallies:
                tally["EXP003"] = uses if "EXP003" in tally else 0
        return cls(*tallies)

    def beyond(self, before: _Tally) -> Counter[str]:
        """What there is more of than ``before``, suppressed or not.

        What was suppressed where it stood, and is told where it stands now, is not new. A
        suppression that has come to hide nothing, or to hide what was told, is no fault of
        the fix: it is mended in the next pass.
        """
        more = self.found - before.found
        for code in ABOUT_SUPPRESSIONS:
            del more[code]
        return more


def _said(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    """What is reported, wherever it stands: a fix moves lines."""
    return Counter((d.code, d.message) for d in diagnostics)


def blame(file: ModuleFile, diagnostic: Diagnostic, why: str) -> str:
    """What is said of a fix that did not pass its proof."""
    place = file.where(diagnostic.cell, diagnostic.start.row)
    return f"the fix of {diagnostic.code} at {place} {why}"


def shape_of(cells: tuple[Cell, ...]) -> list[tuple[object, ...]]:
    """What must be read back as it was meant: all of the cells but their rows."""
    return [(c.kind, c.marker, c.source, dict(c.metadata), dict(c.members)) for c in cells]
