"""What is told of a checked module file: plain data, which every output is written from.

A :class:`Report` comes from a file that was just checked, from the cache or from another
process; nobody who reads it can tell which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from modlint.diagnostics import Applicability, Position, Severity
from modlint.discovery import Failure

if TYPE_CHECKING:
    from modlint.diagnostics import Diagnostic, Fix
    from modlint.modules import Checked
    from modlint.notebook.cell import ModuleFile


@dataclass(frozen=True, slots=True)
class Repair:
    """The fix of a finding.

    ``changes``: what :func:`modlint.edits.changes` says of it; None where that was not
    asked for, where the code is too deeply nested for the fix (not for the check), or where
    the fix of a course's own rule cannot be made.
    """

    applicability: Applicability
    message: str
    changes: Mapping[str, Any] | None = None

    @property
    def file_edits(self) -> list[Mapping[str, Any]]:
        """The edits of the text of the file, as far as they are known."""
        changes = self.changes or {"edits": []}
        edits: list[Mapping[str, Any]] = changes.get("file_edits", changes["edits"])
        return edits


class Place(NamedTuple):
    """Where a finding stands in the file itself, which is JSON where that is a notebook.

    Its first and its last row, its first column and the one behind it, the same ``columns`` in
    ``bytes`` of UTF-8; all are 1-based. ``blocks`` are the lines that stand there, with a
    few around them: a row (in a notebook, of the cell) and the text from there on. Of a long
    place, the middle is left out.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    bytes: tuple[int, int]
    blocks: tuple[tuple[int, str], ...]

    @property
    def lines(self) -> list[tuple[int, str]]:
        """The lines of the blocks: the row and the text of each, without its ending."""
        return [
            (row, line)
            for first, text in self.blocks
            for row, line in enumerate(text.split("\n"), first)
        ]

    @property
    def start(self) -> Position:
        """Where it begins."""
        return Position(self.rows[0], self.columns[0])

    @property
    def end(self) -> Position:
        """Where it ends, exclusive."""
        return Position(self.rows[1], self.columns[1])


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic as it is told. ``cell`` is the 0-based index of the cell.

    ``place`` is there in every finding of a :class:`Report`.
    """

    code: str
    name: str
    message: str
    severity: Severity
    cell: int
    start: Position
    end: Position
    fix: Repair | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the module file at ``path``.

    ``has_cells``: it is no plain Python file. ``counts_in_cells``: its rows are those of a
    cell, as in all notebook files. ``has_changes``: the repairs say what they change.
    ``content`` is the digest of what was checked: the file and its twin. ``faults`` are the
    rules that failed on it.
    """

    path: str
    has_cells: bool
    counts_in_cells: bool
    has_changes: bool
    findings: list[Finding]
    content: bytes
    faults: tuple[Failure, ...] = ()

    @property
    def placed(self) -> Iterator[tuple[Finding, Place]]:
        """Each finding and its place in the file."""
        for finding in self.findings:
            assert finding.place is not None
            yield finding, finding.place

    def to_data(self) -> tuple[object, ...]:
        """All of it in numbers, strings, lists and dicts."""
        # Many findings share one fix: its changes are told once.
        shared = {id(f.fix.changes): f.fix.changes for f in self.findings if f.fix}
        order = {key: number for number, key in enumerate(shared)}
        rows = [
            (
                (f.code, f.name, f.message, str(f.severity), f.cell),
                (f.start.row, f.start.column),
                (f.end.row, f.end.column),
                f.fix and (str(f.fix.applicability), f.fix.message, order[id(f.fix.changes)]),
                tuple(p),
            )
            for f, p in self.placed
        ]
        flags = (self.has_cells, self.counts_in_cells, self.has_changes)
        faults = [(f.path, f.message, f.row, f.cell, f.traceback) for f in self.faults]
        return (self.path, *flags, list(shared.values()), rows, self.content, faults)

    @classmethod
    def from_data(cls, data: Any) -> Report:
        """The report that said this of itself."""
        path, has_cells, counts_in_cells, has_changes, changes, rows, content, faults = data
        findings = [
            Finding(
                code,
                name,
                message,
                Severity(severity),
                cell,
                Position(*start),
                Position(*end),
                fix and Repair(Applicability(fix[0]), fix[1], changes[fix[2]]),
                Place._make(place),
            )
            for (code, name, message, severity, cell), start, end, fix, place in rows
        ]
        failed = tuple(Failure(*fault) for fault in faults)
        return cls(path, has_cells, counts_in_cells, has_changes, findings, content, failed)


def report_of(checked: Checked, content: bytes = b"", *, with_changes: bool) -> Report:
    """The report of a checked file; ``with_changes``: what each fix changes is computed."""
    from modlint.places import Places

    file = checked.file
    places = Places(file)
    known: dict[int, Mapping[str, Any] | None] = {}
    findings = []
    for diagnostic in checked.diagnostics:
        fix = diagnostic.fix
        if with_changes and fix is not None and id(fix) not in known:
            known[id(fix)] = _changes(file, fix)
        findings.append(finding_of(diagnostic, known.get(id(fix)), places.of(diagnostic)))
    flags = (file.is_notebook, file.store is not None, with_changes)
    return Report(checked.path, *flags, findings, content, checked.faults)


def finding_of(
    diagnostic: Diagnostic,
    changes: Mapping[str, Any] | None = None,
    place: Place | None = None,
) -> Finding:
    """The diagnostic as it is told."""
    fix = diagnostic.fix
    return Finding(
        diagnostic.code,
        diagnostic.name,
        diagnostic.message,
        diagnostic.severity,
        diagnostic.cell,
        diagnostic.start,
        diagnostic.end,
        Repair(fix.applicability, fix.message, changes) if fix else None,
        place,
    )


def _changes(file: ModuleFile, fix: Fix) -> Mapping[str, Any] | None:
    from modlint.analysis.depth import with_room
    from modlint.edits import changes

    try:
        return with_room(lambda: changes(file, fix.rewrite()))
    except (RecursionError, ValueError):
        return None
