"""Whether a fixed module does the same in a notebook, for its importers and for the grader.

The cells are run as a kernel runs them, before and after; then what nbgrader makes of them for the
release. Whatever changes from run to run of the original says nothing of the fix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from modlint.execution.observation import CellRun
from modlint.execution.running import Subject
from modlint.notebook.cell import CellKind, ModuleFile
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import grading_of, is_graded, is_solution
from modlint.notebook.kinds import Purpose
from modlint.notebook.magics import has_cell_magic
from modlint.notebook.regions import delimiters, release, text_of

#: Compares the lines of a few runs of the original with those of the fixed module.
_Compare = Callable[[list[list[str]], list[str]], list[str]]
#: The names that an import binds: the kind of each value, and the value in words.
_Names = Mapping[str, tuple[str, str]]
_MOST_RUNS = 3
#: Kinds of values that a flag has.
_FLAGS = ("bool", "NoneType")


def notebook_difference(original: Subject, fixed: Subject, compare: _Compare) -> str:
    """What the fixed module displays, raises or prints otherwise as a notebook; empty: nothing."""
    before, after = _code_cells(original.module.file), _code_cells(fixed.module.file)
    if not original.module.file.is_notebook:
        return ""
    by_cell = len(before) == len(after)
    lines = _again(
        partial(_lines, original, before, by_cell=by_cell),
        _lines(fixed, after, by_cell=by_cell),
        compare,
    )
    return "\n".join(["its notebook does something else:", *lines]) if lines else ""


def release_difference(original: Subject, fixed: Subject, compare: _Compare) -> str:
    """What the graded cells of the release do otherwise; empty: nothing.

    Nothing is said where a fix changes what is cleared, or a cell's role: it is to do that.
    """
    before, after = original.module.file, fixed.module.file
    by = original.module.grader
    if _cleared(before, by) != _cleared(after, by):
        return ""
    known = _graded(before).keys() & _graded(after).keys()
    texts = _release_cells(before, by), _release_cells(after, by)
    if not known or None in texts:
        return ""
    lines = _again(
        lambda: _grades(original, texts[0] or {}, known),
        _grades(fixed, texts[1] or {}, known),
        compare,
    )
    return "\n".join(["its release is graded otherwise:", *lines]) if lines else ""


def names_difference(
    seen: Callable[[], _Names | None],
    new: _Names | None,
    purpose: Purpose,
) -> str:
    """What importers would find otherwise: a name that they want, or a flag; empty: nothing.

    ``seen`` imports the original.
    """
    old = seen()
    if old is None or new is None:
        return ""  # an import that fails says nothing of what follows
    different = sorted(name for name in old if _differs(name, old, new, purpose))
    if not different:
        return ""
    again = seen() or {}
    for name in different:
        if again.get(name) == old[name]:
            was, now = old[name][1], new[name][1] if name in new else "missing"
            return f"importers find another {name}: {was or old[name][0]} before, {now} now"
    return ""


def _differs(
    name: str,
    old: _Names,
    new: _Names,
    purpose: Purpose,
) -> bool:
    if name not in new:
        return purpose.is_wanted(name)
    is_flag = old[name][0] in _FLAGS or new[name][0] in _FLAGS
    return (purpose.is_wanted(name) or is_flag) and old[name] != new[name]


def _again(runs_of: Callable[[], list[str]], new: list[str], compare: _Compare) -> list[str]:
    """What is different from every one of a few runs of the original."""
    runs = [runs_of()]
    while (lines := compare(runs, new)) and len(runs) < _MOST_RUNS:
        runs.append(runs_of())
    return lines


def _code_cells(file: ModuleFile) -> dict[int, str]:
    """The cells that a kernel runs as Python, by their index."""
    return {
        index: cell.source
        for index, cell in enumerate(file.cells)
        if cell.kind is CellKind.CODE and not has_cell_magic(cell)
    }


def _lines(subject: Subject, cells: Mapping[int, str], *, by_cell: bool) -> list[str]:
    """What the cells do, in lines; named by their number where a fix has made no other cells."""
    seen = subject.kernel(cells)
    lines: list[str] = []
    for number, index in enumerate(sorted(cells), 1):
        if index not in seen:
            break
        what = f"cell {number} " if by_cell else ""
        lines += (f"{what}{line}" for line in _told(seen[index]))
    return lines


def _told(run: CellRun) -> list[str]:
    told = [f"prints {line}" for line in run.printed.splitlines()]
    told += [f"raises {run.error}"] if run.error else []
    return told + ([f"displays {run.shown}"] if run.shown is not None else [])


def _graded(file: ModuleFile) -> dict[str, int]:
    """The index of each graded cell of code, by its id."""
    return {
        str(grading_of(cell).get("grade_id")): index
        for index, cell in enumerate(file.cells)
        if cell.kind is CellKind.CODE and is_graded(cell)
    }


def _cleared(file: ModuleFile, by: GraderConfig) -> tuple[Counter[tuple[str, bool]], set[str]]:
    """The delimiters of a file, and the cells that students fill in."""
    marks = Counter(
        (str(mark.kind), mark.begins)
        for cell in file.cells
        for mark in delimiters(text_of(cell), by)
    )
    return marks, {
        str(grading_of(cell).get("grade_id")) for cell in file.cells if is_solution(cell)
    }


def _release_cells(file: ModuleFile, by: GraderConfig) -> dict[int, str] | None:
    """What students receive of the cells; None where nbgrader stops at one."""
    cells: dict[int, str] = {}
    for index in _code_cells(file):
        released = release(file.cells[index], by)
        if released.refusal:
            return None
        cells[index] = released.source
    return cells


def _grades(subject: Subject, cells: Mapping[int, str], known: set[str]) -> list[str]:
    """How each graded cell of the release ends, and what it displays."""
    seen = subject.kernel(cells)
    lines: list[str] = []
    for name, index in _graded(subject.module.file).items():
        if name in known and (run := seen.get(index)):
            lines.append(f"{name} {'fails' if run.error else 'passes'}")
            lines += [f"{name} displays {run.shown}"] if run.shown is not None else []
    return sorted(lines)
