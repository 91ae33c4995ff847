"""NBG007: the delimiters of a region do not pair up as they are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.notebook.cell import Cell
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.regions import (
    NearMiss,
    RegionKind,
    begin_of,
    end_of,
    is_delimiter,
    may_hold,
    refusal_of,
    release,
    text_of,
)
from modlint.rules.base import CellRule
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


class UnbalancedRegion(CellRule):
    """A delimiter without its other, inside another region, misspelt, or on a line of code."""

    code = "NBG007"
    name = "unbalanced-region"
    severity = Severity.ERROR
    checks = ("solution-regions",)

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic for each delimiter that nbgrader does not read as it is meant."""
        if not module.file.is_notebook:
            return
        words = text_of(cell)
        by = module.grader
        if not is_delimiter(words, by) and not misses_of(cell, by):
            return
        for kind, text in texts(cell, by):
            near = near_misses(cell, kind, by)
            if near or is_delimiter(text, by):
                yield from self._of_kind(by, index, cell, kind, text, near)

    def _of_kind(
        self,
        by: GraderConfig,
        index: int,
        cell: Cell,
        kind: RegionKind,
        text: str,
        near: Mapping[int, NearMiss],
    ) -> Iterator[Diagnostic]:
        lines = text.split("\n")
        near = {line: miss for line, miss in near.items() if lines[line - 1]}
        found = structure_of(text, kind, near, by)
        words = refusal_of(text, kind, by)
        fix = _respelling(by, index, cell, near) if near and found.is_sound else None
        is_wiped = bool(near or found.faults) and release(cell, by).is_wiped
        for line in near:
            message = _misspelt(lines[line - 1].strip(), words, is_wiped=is_wiped)
            yield self.diagnostic(index, *span_of(cell, line), message, fix)
        for fault in found.faults:
            # In any other cell a BEGIN is NBG008's, whatever comes of it.
            is_ours = fault.flaw is Flaw.END_ALONE or may_hold(cell, kind, by)
            if is_ours and fault.line not in near:
                message = _message(fault, words, by, is_wiped=is_wiped)
                yield self.diagnostic(index, *span_of(cell, fault.line), message)
        if words is None and may_hold(cell, kind, by) and found.regions:
            begins = [begin for begin, _ in found.regions if not _is_comment(lines[begin - 1])]
            places = Places(cell) if begins else None
            for begin in begins:
                if places is not None and places.holds_code(begin):
                    mark = begin_of(kind, by.marks)
                    message = f"{mark} behind code: nbgrader silently drops the whole line"
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


def _message(fault: Fault, words: str | None, by: GraderConfig, *, is_wiped: bool) -> str:
    begin, end = begin_of(fault.kind, by.marks), end_of(fault.kind, by.marks)
    refuses = f": nbgrader refuses the module: {words}"
    if fault.flaw is Flaw.NESTED:
        return f"{begin} inside a region{refuses}"
    if fault.flaw is Flaw.OPEN:
        return f"{begin} without {_last(begin, end)}{refuses}"
    if fault.flaw is Flaw.ONE_LINE:
        what = f"{_both(begin, end)} on one line are a {_first(begin, end)} alone"
        return (
            f"{what}{refuses}"
            if words
            else f"{what}: the region goes on to the next {_last(begin, end)}"
        )
    if is_wiped:
        return f"{end} without {_first(begin, end)}: nbgrader silently replaces the whole cell"
    return f"{end} without {_first(begin, end)}: nbgrader silently drops the line"


def _first(begin: str, end: str) -> str:
    """How the begin is called beside the end: BEGIN, where that is all that differs."""
    return "BEGIN" if begin == f"BEGIN{end.removeprefix('END')}" else f"`{begin}`"


def _last(begin: str, end: str) -> str:
    return "END" if begin == f"BEGIN{end.removeprefix('END')}" else f"`{end}`"


def _both(begin: str, end: str) -> str:
    if begin == f"BEGIN{end.removeprefix('END')}":
        return f"BEGIN and {end}"
    return f"`{begin}` and `{end}`"


def _respelling(
    by: GraderConfig, index: int, cell: Cell, near: Mapping[int, NearMiss]
) -> Fix | None:
    """The delimiters as nbgrader reads them; None where the release would be no better."""
    rows, lines = rows_of(cell), text_of(cell).split("\n")
    for line, miss in near.items():
        written, meant = lines[line - 1].strip(), miss.mended.strip()
        rows[line - 1] = rows[line - 1].replace(written, meant, 1)
    mended = replace(cell, source="".join(rows))
    before = release(cell, by)
    if stub_problem(mended, by) or (release(mended, by).refusal and not before.refusal):
        return None
    words = sorted(
        {(begin_of if miss.begins else end_of)(miss.kind, by.marks) for miss in near.values()}
    )
    # What the release shows, and runs, today is gone from it afterwards.
    loses_nothing = before.refusal or before.is_wiped
    return Fix(
        Applicability.SAFE if loses_nothing else Applicability.UNSAFE,
        f"Write {' and '.join(words)}",
        lambda: Patch({index: (mended,)}),
        Change.REGIONS,
    )
