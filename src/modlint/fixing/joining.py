"""Fixes put together: those of one cell whose lines are apart are made at once.

Each patch was computed from the same cells. What it changes of a cell's text is a few stretches
of lines; two patches go together where no stretch of the one meets a stretch of the other. A
patch of a cell's metadata goes with any of its text. What changes more of a cell (its kind, its
marker, the number of cells) is alone there. Nothing is promised of the sum: it is proven.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import NamedTuple

from modlint.diagnostics import Change, Diagnostic, Fix, Patch
from modlint.notebook.cell import Cell, ModuleFile, editor_lines

#: Lines that are compared one by one; where more of them change, they are one stretch.
_MOST_COMPARED = 300


@dataclass(frozen=True, slots=True)
class Repair:
    """A fix that is to be made: its patch, and the diagnostic that it is blamed on."""

    diagnostic: Diagnostic
    fix: Fix
    patch: Patch


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines from ``start`` to before ``end`` (0-based) of a cell's text, and what they become.

    Where ``start`` is ``end``, lines are put in before that line.
    """

    start: int
    end: int
    lines: tuple[str, ...]

    def meets(self, other: Stretch) -> bool:
        """Whether the two cannot be told apart: common lines, or lines put in at one place."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class _Part:
    """What is to become of one cell: another text, other metadata, or other cells.

    ``change`` is that of the fixes of its text; ``stretches`` are in order.
    """

    old: Cell
    change: Change | None = None
    stretches: list[Stretch] = field(default_factory=list)
    whole: tuple[Cell, ...] | None = None
    metadata: tuple[Cell, ...] | None = None
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = editor_lines(self.old.source)

    def allows(self, change: Change) -> bool:
        """Whether a fix of this kind may be looked at beside what is there."""
        if change is Change.METADATA:
            return self.metadata is None and self.whole is None
        return self.whole is None and self.change in (None, change)

    def fits(self, new: tuple[Cell, ...], change: Change) -> list[Stretch] | None:
        """What ``new`` changes of the text, where that goes with what is there; None: it does not.

        What is more than a change of text has no stretches, and goes where nothing is.
        """
        if not self.allows(change):
            return None
        if change is Change.METADATA:
            is_free = self.change is None
            return [] if is_free or (len(new) == 1 and new[0].source == self.old.source) else None
        if len(new) != 1 or not has_other_text(new[0], self.old):
            return [] if self.change is None and self.metadata is None else None
        found = stretches(self.lines, editor_lines(new[0].source))
        return None if any(map(self._is_taken, found)) else found

    def _is_taken(self, new: Stretch) -> bool:
        at = bisect_left(self.stretches, new.start, key=lambda old: old.start)
        # They do not meet one another: only the neighbours can meet a new one.
        return any(new.meets(old) for old in self.stretches[max(at - 1, 0) : at + 2])

    def take(self, new: tuple[Cell, ...], change: Change, found: list[Stretch]) -> None:
        """Add what :meth:`fits` has found to fit."""
        if change is Change.METADATA:
            self.metadata = new
            return
        self.change = change
        if not found:
            self.whole = new
        for stretch in found:
            at = bisect_left(self.stretches, stretch.start, key=lambda old: old.start)
            self.stretches.insert(at, stretch)

    def text(self) -> tuple[Cell, ...]:
        """The cells that only the fixes of the text make."""
        if self.whole is not None:
            return self.whole
        lines = [*self.lines]
        for stretch in reversed(self.stretches):
            lines[stretch.start : stretch.end] = stretch.lines
        return (replace(self.old, source="".join(lines)),)

    def cells(self) -> tuple[Cell, ...]:
        """The cells that all fixes together make."""
        if self.metadata is None:
            return self.text()
        if self.change is None:
            return self.metadata
        return (replace(self.metadata[0], source=self.text()[0].source),)


class _Moved(NamedTuple):
    """What a new cell was: the old one's index ``was``, and what has changed of it.

    ``stretches`` of the text of ``old``; or all, from ``old`` to ``new``; or nothing (no ``old``).
    """

    was: int
    stretches: tuple[Stretch, ...] | None
    old: Cell | None
    new: Cell | None


@dataclass(frozen=True, slots=True)
class Moves:
    """For each cell of a file that fixes have made: which it was, and where its lines were."""

    cells: list[_Moved]

    def before(self, cell: int, line: int) -> tuple[int, int]:
        """The cell and the line (0-based in its text, negative for its marker) that a line was.

        A line that was not there is the next one above it that was.
        """
        was, changed, old, new = self.cells[cell]
        if old is None or line < 0:
            return was, line
        if changed is None:
            assert new is not None
            return was, _line_before(editor_lines(old.source), editor_lines(new.source), line)
        shift = 0
        for stretch in changed:
            start = stretch.start + shift
            if line < start:
                break
            if line < start + len(stretch.lines):
                lines = editor_lines(old.source)[stretch.start : stretch.end]
                return was, stretch.start + _line_before(lines, stretch.lines, line - start)
            shift += len(stretch.lines) - (stretch.end - stretch.start)
        return was, line - shift


def _line_before(old: Sequence[str], new: Sequence[str], line: int) -> int:
    """Which of the lines ``old`` has become this one of ``new``, whatever its indentation."""
    before, after = ([text.strip() for text in lines] for lines in (old, new))
    last = 0
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        if block.b > line:
            break
        if block.size:
            last = block.a + min(line - block.b, block.size - 1)
    return last


class Joined:
    """Fixes of one file that are made together."""

    def __init__(self, file: ModuleFile) -> None:
        self.file = file
        self.repairs: list[Repair] = []
        self._parts: dict[int, _Part] = {}
        self._header: str | None = None

    @classmethod
    def of(cls, file: ModuleFile, repairs: Iterable[Repair]) -> Joined:
        """All of ``repairs``, which go together."""
        joined = cls(file)
        for repair in repairs:
            joined.add(repair)
        return joined

    def may_hold(self, diagnostic: Diagnostic, change: Change) -> bool:
        """Whether it is worth to compute the fix of a diagnostic: its cell may be changed so."""
        part = self._parts.get(diagnostic.cell)
        return part is None or part.allows(change)

    def add(self, repair: Repair) -> bool:
        """Add a fix; False where it does not go with those that are there."""
        patch, change = repair.patch, repair.fix.change
        if self._header is not None and patch.header is not None:
            return False
        found: dict[int, list[Stretch]] = {}
        parts: dict[int, _Part] = {}
        for index, new in patch.cells.items():
            parts[index] = part = self._parts.get(index) or _Part(self.file.cells[index])
            fitting = part.fits(new, change)
            if fitting is None:
                return False
            found[index] = fitting
        for index, new in patch.cells.items():
            parts[index].take(new, change, found[index])
        self._parts |= parts
        self._header = patch.header if patch.header is not None else self._header
        self.repairs.append(repair)
        return True

    @property
    def patch(self) -> Patch:
        """What all of them do."""
        return Patch({index: part.cells() for index, part in self._parts.items()}, self._header)

    def moves(self) -> Moves:
        """Where the lines of the file with all of them were before."""
        cells: list[_Moved] = []
        for index, old in enumerate(self.file.cells):
            part = self._parts.get(index)
            if part is None:
                cells.append(_Moved(index, None, None, None))
            elif part.stretches:
                cells.append(_Moved(index, tuple(part.stretches), old, None))
            else:
                cells += (_Moved(index, None, old, new) for new in part.cells())
        return Moves(cells)

    @property
    def changes(self) -> set[Change]:
        """What they declare to change."""
        return {repair.fix.change for repair in self.repairs}

    def by_change(self) -> Iterable[tuple[Fix, Patch]]:
        """What the fixes of each kind do alone, with one of them: each kind is proven apart."""
        fixes = {repair.fix.change: repair.fix for repair in self.repairs}
        for change, fix in fixes.items():
            cells = {
                index: part.metadata if change is Change.METADATA else part.text()
                for index, part in self._parts.items()
                if (part.metadata if change is Change.METADATA else part.change is change)
            }
            has_header = any(r.patch.header is not None and r.fix.change is change
                             for r in self.repairs)  # fmt: skip
            yield fix, Patch(cells, self._header if has_header else None)  # type: ignore[arg-type]


def has_other_text(new: Cell, old: Cell) -> bool:
    """Whether a cell was changed in its text, and in nothing else."""
    # The very same: equal ones may differ, as 1 and True do.
    is_same = new.metadata is old.metadata and new.members is old.members
    return is_same and replace(new, source=old.source) == old


def stretches(before: list[str], after: list[str]) -> list[Stretch]:
    """The lines that differ between two texts."""
    head = _alike(before, after)
    tail = min(_alike(before[::-1], after[::-1]), len(before) - head, len(after) - head)
    end, stop = len(before) - tail, len(after) - tail
    if end - head + stop - head > _MOST_COMPARED:
        return [Stretch(head, end, tuple(after[head:stop]))]
    matcher = SequenceMatcher(None, before[head:end], after[head:stop], autojunk=False)
    return [
        Stretch(head + i1, head + i2, tuple(after[head + j1 : head + j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines from the first on are the same; few steps, whatever their number."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
