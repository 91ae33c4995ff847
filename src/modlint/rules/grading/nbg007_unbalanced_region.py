"""NBG007: the delimiters of a region do not pair up as they are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.regions import (
    NearMiss,
    RegionKind,
    is_delimiter,
    may_hold,
    refusal_of,
    release,
    text_of,
)
from modlint.rules.base import Rule
from modlint.rules.grading._regions import (
    Fault,
    Flaw,
    Places,
    misses_of,
    near_misses,
    rows_of,
    span_of,
    structure_of,
    stub_problem,
    texts,
)


class UnbalancedRegion(Rule):
    """A delimiter without its other, inside another region, misspelt, or on a line of code."""

    code = "NBG007"
    name = "unbalanced-region"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each delimiter that nbgrader does not read as it is meant."""
        if not module.file.is_notebook:
            return
        for index, cell in enumerate(module.file.cells):
            words = text_of(cell)
            if not is_delimiter(words) and not misses_of(cell):
                continue
            for kind, text in texts(cell):
                near = near_misses(cell, kind)
                if near or is_delimiter(text):
                    yield from self._of_kind(index, cell, kind, text, near)

    def _of_kind(
        self, index: int, cell: Cell, kind: RegionKind, text: str, near: Mapping[int, NearMiss]
    ) -> Iterator[Diagnostic]:
        lines = text.split("\n")
        near = {line: miss for line, miss in near.items() if lines[line - 1]}
        found = structure_of(text, kind, near)
        words = refusal_of(text, kind)
        fix = _respelling(index, cell, near) if near and found.is_sound else None
        is_wiped = bool(near or found.faults) and release(cell).is_wiped
        for line in near:
            message = _misspelt(lines[line - 1].strip(), words, is_wiped=is_wiped)
            yield self.diagnostic(index, *span_of(cell, line), message, fix)
        for fault in found.faults:
            # In any other cell a BEGIN is NBG008's, whatever comes of it.
            is_ours = fault.flaw is Flaw.END_ALONE or may_hold(cell, kind)
            if is_ours and fault.line not in near:
                message = _message(fault, words, is_wiped=is_wiped)
                yield self.diagnostic(index, *span_of(cell, fault.line), message)
        if words is None and may_hold(cell, kind) and found.regions:
            begins = [begin for begin, _ in found.regions if not _is_comment(lines[begin - 1])]
            places = Places(cell) if begins else None
            for begin in begins:
                if places is not None and places.holds_code(begin):
                    message = f"BEGIN {kind} behind code: nbgrader silently drops the whole line"
                    yield self.diagnostic(index, *span_of(cell, begin), message)


def _is_comment(line: str) -> bool:
    """Whether no code can stand on a line; True for none on which a string ends."""
    return line.lstrip().startswith("#") and "'" not in line and '"' not in line


def _misspelt(written: str, words: str | None, *, is_wiped: bool) -> str:
    what = f"`{written}` is no delimiter to nbgrader"
    if words is not None:
        return f"{what}, which refuses the module: {words}"
    if is_wiped:
        return f"{what}: it silently replaces the whole cell"
    return f"{what}: the release silently shows what is meant to be hidden"


def _message(fault: Fault, words: str | None, *, is_wiped: bool) -> str:
    refuses = f": nbgrader refuses the module: {words}"
    if fault.flaw is Flaw.NESTED:
        return f"BEGIN {fault.kind} inside a region{refuses}"
    if fault.flaw is Flaw.OPEN:
        return f"BEGIN {fault.kind} without END{refuses}"
    if fault.flaw is Flaw.ONE_LINE:
        what = f"BEGIN and END {fault.kind} on one line are a BEGIN alone"
        return f"{what}{refuses}" if words else f"{what}: the region goes on to the next END"
    if is_wiped:
        return f"END {fault.kind} without BEGIN: nbgrader silently replaces the whole cell"
    return f"END {fault.kind} without BEGIN: nbgrader silently drops the line"


def _respelling(index: int, cell: Cell, near: Mapping[int, NearMiss]) -> Fix | None:
    """The delimiters as nbgrader reads them; None where the release would be no better."""
    rows, lines = rows_of(cell), text_of(cell).split("\n")
    for line, miss in near.items():
        written, meant = lines[line - 1].strip(), miss.mended.strip()
        rows[line - 1] = rows[line - 1].replace(written, meant, 1)
    mended = replace(cell, source="".join(rows))
    if stub_problem(mended) or (release(mended).refusal and not release(cell).refusal):
        return None
    words = sorted({f"{'BEGIN' if miss.begins else 'END'} {miss.kind}" for miss in near.values()})
    return Fix(
        Applicability.SAFE,
        f"Write {' and '.join(words)}",
        lambda: Patch({index: (mended,)}),
        Change.REGIONS,
    )
