"""Apply fixes until nothing fixable is left, proving them on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations

from modlint.analysis.depth import has_room, with_room
from modlint.analysis.module import Module
from modlint.analysis.runs import runs_of
from modlint.codes import codes
from modlint.diagnostics import Applicability, Change, Diagnostic
from modlint.edits import patched
from modlint.fixing.joining import Joined, Moves, Repair
from modlint.fixing.proof import file_objection, objection
from modlint.linting import judged
from modlint.memory import uncollected
from modlint.notebook.cell import Cell, ModuleFile
from modlint.notebook.reading import reread
from modlint.rules import about_suppressions, rule_of
from modlint.settings import Settings

#: Changes after which a file may be read as other cells.
BEFORE_ALL_OTHERS = (Change.HEADER, Change.MARKER)
#: Passes over one file before it counts as never settling.
MAX_PASSES = 100
#: Of so many fixes that failed alone each pair is tried.
_MOST_PAIRED = 8


@dataclass(frozen=True, slots=True)
class Applied:
    """One fix that was made."""

    code: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One fix that was not made: the place is that of its diagnostic in the file as it was."""

    code: str
    place: str
    why: str

    def __str__(self) -> str:
        return f"the fix of {self.code} at {self.place} {self.why}"


@dataclass(slots=True)
class Outcome:
    """What became of a file.

    ``file`` and ``remaining`` describe the result, ``refused`` are the fixes that did not pass
    their proof: their diagnostics remain, and have no fix any more. Where ``failure`` is set,
    none can be made, and ``file`` is the original. ``origins`` tells, for each cell of a
    changed notebook file, the index of the cell that it was before; None for a new one.
    """

    file: ModuleFile
    remaining: list[Diagnostic]
    applied: list[Applied] = field(default_factory=list)
    failure: str = ""
    origins: list[int | None] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def fault(self) -> str:
        """Why not all could be made that was to be made; empty where all was."""
        return self.failure or next(map(str, self.refused), "")


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
    """Apply every safe fix (and, with ``unsafe``, then every unsafe one) to ``file``.

    ``wants`` says for which diagnostics. Fixes that change other lines, or one the text and one
    the metadata of a cell, go together; the module is checked again behind them, and what is
    found then is fixed in its turn. All are proven before they are kept. One that does not pass
    is left out, and named in ``Outcome.refused``; the others are made. ``module`` is what the
    diagnostics were found in, where it is still at hand.
    """

    def is_wanted(diagnostic: Diagnostic) -> bool:
        return wants(diagnostic) and _is_applied(diagnostic, unsafe)

    known = [module]  # to the first attempt alone: one that fails may leave half an answer in it

    def work() -> Outcome:
        return _all(file, diagnostics, settings, known.pop() if known else None, is_wanted)

    with uncollected():
        return _guarded(file, diagnostics, work)


def fix_one(
    file: ModuleFile, diagnostics: list[Diagnostic], one: Diagnostic, settings: Settings
) -> Outcome:
    """Apply the fix of one of the ``diagnostics``, proven as :func:`fix` proves each."""
    with uncollected():
        return _guarded(
            file, diagnostics, lambda: _Fixing(file, diagnostics, settings, None).outcome_of(one)
        )


def _is_applied(diagnostic: Diagnostic, unsafe: bool) -> bool:
    if diagnostic.fix is None:
        return False
    kind = diagnostic.fix.applicability
    return kind is Applicability.SAFE or (unsafe and kind is Applicability.UNSAFE)


def _guarded(
    file: ModuleFile, diagnostics: list[Diagnostic], work: Callable[[], Outcome]
) -> Outcome:
    try:
        return with_room(work)
    except RecursionError:
        return Outcome(file, diagnostics, failure="the file is too deeply nested")


def _all(
    file: ModuleFile,
    diagnostics: list[Diagnostic],
    settings: Settings,
    module: Module | None,
    wants: Callable[[Diagnostic], bool],
) -> Outcome:
    fixing = _Fixing(file, diagnostics, settings, module)
    restless = fixing.come_to_rest(wants)
    if not restless:
        return fixing.outcome()
    # Without those that find no end, the others are made.
    again = _Fixing(file, diagnostics, settings, None)
    for diagnostic in diagnostics:
        if diagnostic.code in restless and wants(diagnostic):
            again.refuse(diagnostic, f"does not come to rest in {MAX_PASSES} passes")
    if again.come_to_rest(lambda d: wants(d) and d.code not in restless):
        why = f"the fixes did not come to rest in {MAX_PASSES} passes"
        return Outcome(file, diagnostics, failure=why)
    return again.outcome()


@dataclass(frozen=True, slots=True)
class _State:
    """Where the passes have come to: a file that is proven, and what is known of it.

    ``barred`` says of each diagnostic whether its fix was refused; ``moves`` lead, from the last
    to the first, to where a line stood in the file as it was at first.
    """

    file: ModuleFile
    module: Module
    found: list[Diagnostic]
    barred: list[bool]
    origins: list[int | None]
    applied: tuple[Applied, ...] = ()
    moves: tuple[Moves, ...] = ()


class _Search:
    """Finds, of fixes that do not pass the proof together, those that do."""

    def __init__(self, tried: Callable[[list[Repair]], _State]) -> None:
        self._tried = tried
        self.kept: list[Repair] = []
        self.state: _State | None = None  # with all that are kept
        self.failed: list[tuple[Repair, str]] = []

    def _adds(self, part: list[Repair]) -> str:
        """Why some fixes do not pass with those that are kept; empty where they are kept, too."""
        try:
            self.state = self._tried(self.kept + part)
        except FaultyFix as fault:
            return str(fault)
        self.kept += part
        return ""

    def fault_of(self, part: list[Repair]) -> str:
        """Why some fixes do not pass alone; empty where they do."""
        try:
            self._tried(part)
        except FaultyFix as fault:
            return str(fault)
        return ""

    def halve(self, repairs: list[Repair]) -> None:
        """Keep all that pass together; of what does not, each half for itself."""
        parts = [repairs] if repairs else []
        while parts:
            part = parts.pop()
            if not (why := self._adds(part)):
                continue
            if len(part) == 1:
                self.failed.append((part[0], why))
            else:
                half = len(part) // 2
                parts += [part[half:], part[:half]]

    def pair(self) -> None:
        """Keep, of those that failed, what passes by now, and pairs that only pass together.

        A statement may come under a guard only if those that need it do.
        """
        goes_on = True
        while goes_on and self.failed:
            singles = [[one] for one in self.failed]
            pairs = [[*pair] for pair in combinations(self.failed, 2)]
            few = pairs if len(self.failed) <= _MOST_PAIRED else []
            goes_on = False
            for group in (*(singles if self.kept else []), *few):
                if not self._adds([repair for repair, _ in group]):
                    self.failed = [one for one in self.failed if one not in group]
                    goes_on = True
                    break


class _Fixing:
    """The passes over one file: where they have come to, and what is known of it there."""

    def __init__(
        self,
        file: ModuleFile,
        diagnostics: list[Diagnostic],
        settings: Settings,
        module: Module | None,
    ) -> None:
        self.settings = settings
        self.refused: list[Refused] = []
        if module is None:
            module = Module(file, settings)
            if module.suppressions.found:
                judged(module)  # to know what they hide
        origins: list[int | None] = [*range(len(file.cells))]
        free = [False] * len(diagnostics)
        self.now = self.first = _State(file, module, diagnostics, free, origins)

    def outcome(self) -> Outcome:
        """What has become of the file."""
        now = self.now
        left = [
            replace(d, fix=None) if is_barred else d
            for d, is_barred in zip(now.found, now.barred, strict=True)
        ]
        return Outcome(now.file, left, list(now.applied), origins=now.origins, refused=self.refused)

    def outcome_of(self, one: Diagnostic) -> Outcome:
        """What becomes of the file when one diagnostic is fixed, and no other."""
        try:
            self.now = self._tried([self._repair(one)])
        except FaultyFix as fault:
            self.refuse(one, str(fault))
        return self.outcome()

    def come_to_rest(self, wants: Callable[[Diagnostic], bool]) -> set[str]:
        """Fix all that is wanted, pass by pass; the codes that would go on for ever, if any."""
        trail: list[tuple[_State, list[Repair]]] = []
        known = {hash(self.now.file.text): 0}  # the texts may hold megabytes of outputs
        while fixable := self._open(wants):
            if len(trail) == MAX_PASSES:
                return {r.diagnostic.code for _, made in trail[MAX_PASSES // 2 :] for r in made}
            before = self.now
            made = self._pass(_turn(fixable))
            if self.now is before:
                continue  # all were refused
            trail.append((before, made))
            text = hash(self.now.file.text)
            if text in known:
                self._go_back(trail[known[text] :])
                del trail[known[text] :]
            known[text] = len(trail)
        for state, _ in trail[1:]:  # in the first the diagnostics of the user were found
            state.module.take_apart()
        return set()

    def _open(self, wants: Callable[[Diagnostic], bool]) -> list[Diagnostic]:
        """What is wanted and not refused."""
        now = self.now
        return [d for d, is_barred in zip(now.found, now.barred, strict=True)
                if not is_barred and d.fix is not None and wants(d)]  # fmt: skip

    def refuse(self, diagnostic: Diagnostic, why: str) -> None:
        """Leave out the fix of a diagnostic, and of all others that share it."""
        now = self.now
        self.refused.append(Refused(diagnostic.code, self._place(diagnostic), why))
        for number, other in enumerate(now.found):
            if other is diagnostic or (other.fix is not None and other.fix is diagnostic.fix):
                now.barred[number] = True

    def _place(self, diagnostic: Diagnostic) -> str:
        """Where a diagnostic of now stands in the file as the user has it."""
        cell, line = _place_in(self.now.file, diagnostic)
        for moves in reversed(self.now.moves):
            cell, line = moves.before(cell, line)
        first = self.first.file
        return first.where(cell, max(first.cells[cell].row + line, 1))

    # One pass

    def _pass(self, fixable: list[Diagnostic]) -> list[Repair]:
        """Make all fixes that go together, but for those that fail; the ones that were made."""
        joined = Joined(self.now.file)
        taken: set[int] = set()
        for diagnostic in fixable:
            assert diagnostic.fix is not None
            if id(diagnostic.fix) in taken or not joined.may_hold(
                diagnostic, diagnostic.fix.change
            ):
                continue  # its turn comes in the next pass, if it is still there
            taken.add(id(diagnostic.fix))
            try:
                joined.add(self._repair(diagnostic))
            except FaultyFix as fault:
                self.refuse(diagnostic, str(fault))
        return self._kept(joined.repairs)

    def _repair(self, diagnostic: Diagnostic) -> Repair:
        """The fix of a diagnostic, computed. Raises FaultyFix where that fails."""
        assert diagnostic.fix is not None
        try:
            return Repair(diagnostic, diagnostic.fix, diagnostic.fix.rewrite())
        except (ValueError, RecursionError) as error:
            if isinstance(error, RecursionError) and not has_room():
                raise
            raise FaultyFix(f"cannot be made: {error}") from error
        except Exception as error:  # one fix that we fail on must not hide the others
            what = f"{type(error).__name__}: {error}"
            raise FaultyFix(f"cannot be made: internal error of modlint: {what}") from error

    def _kept(self, repairs: list[Repair]) -> list[Repair]:
        """Go on to the file with all of ``repairs`` that pass the proof; which these are.

        Together, if they pass together; else each half is tried, down to those at fault. One
        that passes alone, and not with others, waits for the next pass.
        """
        search = _Search(self._tried)
        search.halve(repairs)
        search.pair()
        for repair, why in search.failed:
            if not search.kept:
                self.refuse(repair.diagnostic, why)
            elif alone := search.fault_of([repair]):
                self.refuse(repair.diagnostic, alone)
        if search.state is not None:
            search.state.barred[:] = self._still_barred(search.state)
            self.now = search.state
        return search.kept

    def _tried(self, repairs: list[Repair]) -> _State:
        """The file with ``repairs``. Raises FaultyFix where it does not pass the proof."""
        try:
            return self._proven(Joined.of(self.now.file, repairs))
        except FaultyFix:
            raise
        except RecursionError as error:
            if not has_room():
                raise
            raise FaultyFix("would leave a file that is too deeply nested") from error
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise FaultyFix(f"cannot be proven: internal error of modlint: {what}") from error

    def _proven(self, joined: Joined) -> _State:
        now = self.now
        for fix, patch in joined.by_change():
            by, purpose = now.module.grader, self.settings.purpose
            if (why := objection(now.file, patch, fix, by, purpose)) is not None:
                raise FaultyFix(why)
        meant = patched(now.file, joined.patch)
        new = reread(meant)
        if shape_of(new.cells) != shape_of(meant.cells):
            raise FaultyFix("does not read back as the cells it meant")
        if (why := file_objection(self.first.file, new)) is not None:
            raise FaultyFix(why)
        module = Module(new, self.settings)
        found = judged(module)
        if module.faults:
            self._refuse_new_faults(module)
        self._compare(module, found, joined.changes)
        moves = joined.moves()
        origins = now.origins
        if new.store is not None:
            origins = [c.origin if c.origin is None else origins[c.origin] for c in meant.cells]
        applied = tuple(
            Applied(r.diagnostic.code, now.file.where(r.diagnostic.cell, r.diagnostic.start.row),
                    r.fix.message) for r in joined.repairs
        )  # fmt: skip
        barred = [False] * len(found)
        moved = (*now.moves, moves)
        return _State(new, module, found, barred, origins, now.applied + applied, moved)

    def _still_barred(self, new: _State) -> list[bool]:
        """Which diagnostics of the state that follows are those whose fixes were refused."""
        now = self.now
        if not any(now.barred):
            return new.barred
        refused = {
            (d.code, d.message, *_place_in(now.file, d))
            for d, is_barred in zip(now.found, now.barred, strict=True)
            if is_barred
        }
        before = new.moves[-1].before
        return [(d.code, d.message, *before(*_place_in(new.file, d))) in refused for d in new.found]

    def _compare(self, module: Module, found: list[Diagnostic], changes: set[Change]) -> None:
        """Raise FaultyFix where the fixed module has new problems, or has all the old ones."""
        now = self.now
        before = _Tally.of(now.module, now.found, changes)
        after = _Tally.of(module, found, changes)
        more = after.beyond(before)
        for code in [code for code in more if code in codes()]:
            if changes & rule_of(code).revealed_by:
                del more[code]
        # A marker or a header that is read at last may show faults that it hid.
        if more and changes.isdisjoint(BEFORE_ALL_OTHERS):
            raise FaultyFix(f"would bring a new {min(more)}")
        if after.told == before.told and _said(found) == _said(now.found):
            raise FaultyFix("mends nothing")

    def _refuse_new_faults(self, module: Module) -> None:
        """Nothing is known of what a rule would have found where it failed on the fixed text.

        Raises FaultyFix.
        """
        before = Module(self.now.file, self.settings)
        judged(before)
        if new := {f.code for f in module.faults} - {f.code for f in before.faults}:
            raise FaultyFix(f"gives a text on which {min(new)} fails")

    def _go_back(self, circle: list[tuple[_State, list[Repair]]]) -> None:
        """Return to where a circle began, and leave out the fixes that lead into it."""
        (self.now, made), *others = circle
        codes = {r.diagnostic.code for _, repairs in others for r in repairs}
        for repair in made:
            with_what = ", ".join(sorted(codes)) or repair.diagnostic.code
            self.refuse(repair.diagnostic, f"and that of {with_what} undo one another")


def _place_in(file: ModuleFile, diagnostic: Diagnostic) -> tuple[int, int]:
    """The cell of a diagnostic, and its line there: 0-based, negative for the marker."""
    return diagnostic.cell, diagnostic.start.row - file.cells[diagnostic.cell].row


def _turn(fixable: list[Diagnostic]) -> list[Diagnostic]:
    """Those whose turn it is: safe ones first, and what a cell is before what is in it."""
    safe = [d for d in fixable if d.fix and d.fix.applicability is Applicability.SAFE] or fixable
    return [d for d in safe if d.fix and d.fix.change in BEFORE_ALL_OTHERS] or safe


@dataclass(frozen=True, slots=True)
class _Tally:
    """How often each rule fired, counted by what does not depend on how it is reported.

    ``told`` is what nobody has suppressed, ``found`` is all. With one demo guarded, another
    may be reported in other pieces, but no act more than before: where guards are put up,
    acts at import are counted. Rules may ask the same (``recounted_by``).
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
        for code in [code for code in tallies[1] if code in codes()]:
            if changes & (rule := rule_of(code)).recounted_by:
                count = rule.count(module)
                for tally in tallies:
                    tally[code] = count if code in tally else 0
        return cls(*tallies)

    def beyond(self, before: _Tally) -> Counter[str]:
        """What there is more of than ``before``, suppressed or not.

        What was suppressed where it stood, and is told where it stands now, is not new. A
        suppression that has come to hide nothing, or to hide what was told, is no fault of
        the fix: it is mended in the next pass.
        """
        more = self.found - before.found
        for code in about_suppressions():
            del more[code]
        return more


def _said(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    """What is reported, wherever it stands: a fix moves lines."""
    return Counter((d.code, d.message) for d in diagnostics)


def shape_of(cells: tuple[Cell, ...]) -> list[tuple[object, ...]]:
    """What must be read back as it was meant: all of the cells but their rows."""
    return [(c.kind, c.marker, c.source, dict(c.metadata), dict(c.members)) for c in cells]
