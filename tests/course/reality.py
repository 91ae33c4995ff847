"""What the real jupytext, nbgrader, nbdev and Python make of the modules of a course."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from real_tools.course import (
    Course,
    Refused,
    Score,
    answers_shown,
    converted,
    hidden_answers,
    offline,
)
from real_tools.package import Package, exported

#: What nbgrader makes of a whole cell without a region.
_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
_TARGET = re.compile(r"^#\|\s*default_exp\s+(\S+)", re.MULTILINE)
_EXPORT = re.compile(r"^#\|\s*export", re.MULTILINE)
_EMPTY, _FULL = "empty", "full"


@dataclass(frozen=True)
class Reality:
    """What was seen of one module.

    ``refusal`` and ``import_error`` are "" where all went well. ``wiped`` are the
    grade_ids of the cells of which nothing is left, ``shown`` the answers that another
    released cell shows. ``empty`` is the score of an empty submission, ``full`` that of the
    teacher's own answers; None where it was not graded. ``grading_error`` says why nbgrader
    could not.
    """

    refusal: str
    wiped: frozenset[str]
    shown: tuple[str, ...]
    empty: Score | None
    full: Score | None
    grading_error: str
    import_error: str


def observe(
    modules: Mapping[str, Path],
    originals: Path,
    all_modules: list[Path],
    folder: Path,
    *,
    grade: bool,
    answers: bool,
) -> dict[str, Reality]:
    """Release, grade (if wanted), export and import ``modules``, in ``folder``.

    With ``answers``, the teacher's own are handed in and graded too. The package that
    kernels import is what nbdev makes of ``all_modules``. ``originals`` is the ``src/`` that
    holds the modules as they were: a release must show none of the answers there.
    """
    package = exported(folder, *(p.read_text("utf-8") for p in all_modules), name="tinytorch")
    course = Course(folder / "course", pythonpath=[folder])
    seen = {}
    for name, path in modules.items():
        print(f"  {name}", file=sys.stderr)
        seen[name] = _observe(course, package, name, path, originals)
        if grade and not seen[name].refusal:
            seen[name] = _graded(course, name, seen[name], answers)
    return seen


def _observe(course: Course, package: Package, name: str, path: Path, originals: Path) -> Reality:
    error = _import_error(package, path)
    source = course.add(name, path)
    try:
        released = course.release(name)
    except Refused as refusal:
        return Reality(str(refusal), frozenset(), (), None, None, "", error)
    wiped = frozenset(
        before.metadata.nbgrader.grade_id
        for before, after in zip(source.cells, released.cells, strict=True)
        if after.source == _STUB and "BEGIN SOLUTION" not in before.source
    )
    original = converted(originals / name / path.name)
    answers = [*hidden_answers(source), *hidden_answers(original), *_meant_answers(original)]
    found = dict.fromkeys(answers_shown(answers, released))
    shown = tuple(f"{answer} in cell {n + 1}" for answer, n in found)
    return Reality("", wiped, shown, None, None, "", error)


def _meant_answers(source: NotebookNode) -> Iterator[tuple[str, list[str]]]:
    """The bodies of the functions that the course exports from solution cells without a region.

    nbgrader wipes them with all that is around; whatever a fix does, no release may hold them.
    """
    for cell in source.cells:
        has_region = "BEGIN SOLUTION" in cell.source
        if not is_solution(cell) or has_region or not _EXPORT.search(cell.source):
            continue
        lines = cell.source.splitlines()
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                start = node.body[0].lineno - 1 + _docstring_lines(node)
                yield cell.metadata.nbgrader.grade_id, lines[start : node.end_lineno]


def _docstring_lines(node: ast.FunctionDef) -> int:
    first = node.body[0]
    has_one = ast.get_docstring(node) is not None
    return (first.end_lineno or 0) - first.lineno + 1 if has_one else 0


def _graded(course: Course, name: str, seen: Reality, answers: bool) -> Reality:
    course.submit(name, _EMPTY)
    if answers:
        course.submit(name, _FULL, course.answers(name))
    try:
        course.autograde(name)
    except Refused as refusal:
        return replace(seen, grading_error=str(refusal))
    full = course.score(name, _FULL) if answers else None
    return replace(seen, empty=course.score(name, _EMPTY), full=full)


def _import_error(package: Package, path: Path) -> str:
    """How the import of what nbdev made of a module ends; its last line."""
    target = _TARGET.search(path.read_text("utf-8"))
    if target is None or not package.has(target[1]):
        return "nbdev exports nothing"
    done = subprocess.run(
        [*offline(), sys.executable, "-c", f"import {package.name}.{target[1]}"],
        cwd=package.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
