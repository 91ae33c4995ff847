"""What each file is for: by the settings, by what its text says, by the files around it.

The first that fits counts, in the order of the functions below.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from modlint.course.facts import (
    CHECKSUM,
    DIRECTIVES,
    GRADING,
    GUARD,
    OTHER,
    PLAIN,
    REGION,
    Facts,
)
from modlint.notebook.grader_config import DEFAULT, Folders
from modlint.notebook.grader_config import NAMES as CONFIG_NAMES
from modlint.notebook.kinds import Kind, Purpose

#: What only a course of nbgrader has beside the folders that nbgrader makes.
_COURSE = (*CONFIG_NAMES, "gradebook.db", "source")


@dataclass(frozen=True, slots=True)
class Around:
    """What the files around a file say of it.

    ``importer`` is a file of the run that imports it, ``paired`` what the ``.py`` beside a
    notebook is for; ``folders`` are those of nbgrader, ``exists`` tells whether there is
    something at a path.
    """

    importer: str = ""
    paired: Purpose | None = None
    folders: Folders = DEFAULT.folders
    exists: Callable[[str], bool] = os.path.exists


def purpose_of(
    path: str, facts: Facts, around: Around, is_test: Callable[[str], bool], said: str = ""
) -> Purpose:
    """What the file at ``path`` is for; ``said`` is the kind that the user has named, if any."""
    if said:
        return _with_exports(path, facts, around, Purpose(Kind(said), "said by the user"))
    if facts.shape == OTHER:
        return Purpose(Kind.OTHER, facts.other)
    if facts.is_generated:
        sign, where = facts.signs[0]
        made = f"{sign} {where}" + (f", made from {facts.source}" if facts.source else "")
        return Purpose(Kind.GENERATED, made, source=facts.source)
    if released := _released(path, facts, around):
        return released
    if facts.shape == PLAIN:
        return Purpose(Kind.PLAIN, "no cell markers")
    if evidence := _of_module(path, facts, around, is_test):
        return _with_exports(path, facts, around, Purpose(Kind.MODULE, evidence))
    signs = dict(facts.signs)
    if GRADING in signs:
        return Purpose(Kind.ASSIGNMENT, f"{GRADING} {signs[GRADING]}")
    return Purpose(Kind.NOTEBOOK, "nothing in it is graded, exported or imported")


def _released(path: str, facts: Facts, around: Around) -> Purpose | None:
    """The purpose of what stands in a folder of nbgrader's, or has its checksums."""
    for name, kind in _folders_of(around.folders).items():
        before, found, _ = path.rpartition(os.sep + name + os.sep)
        if found and any(around.exists(os.path.join(before, mark)) for mark in _COURSE):
            return Purpose(kind, f"nbgrader's folder {name}")
    signs = dict(facts.signs)
    # A source that was taken from an old release has its checksums still.
    if CHECKSUM in signs and REGION not in signs:
        return Purpose(Kind.RELEASE, f"{CHECKSUM} {signs[CHECKSUM]}")
    return None


def _folders_of(folders: Folders) -> dict[str, Kind]:
    """The folders that hold what nbgrader has made, or what was handed in."""
    handed_in = (folders.submitted, folders.autograded, folders.feedback)
    return {
        os.path.normpath(folders.release): Kind.RELEASE,
        **{os.path.normpath(name): Kind.SUBMISSION for name in handed_in},
    }


def _of_module(path: str, facts: Facts, around: Around, is_test: Callable[[str], bool]) -> str:
    """By what a file is recognised as a module; empty where it is none."""
    signs = dict(facts.signs)
    if DIRECTIVES in signs:
        return f"{DIRECTIVES} {signs[DIRECTIVES]}"
    if path.endswith(".ipynb"):
        beside = around.paired if _is_paired(around) else None
        return f"paired with a module ({beside.evidence})" if beside else ""
    for sign in (GRADING, GUARD):
        if sign in signs:
            return f"{sign} {signs[sign]}"
    for name, where in facts.functions:
        if name.startswith("Test") or is_test(name):
            return f"{name}() {where}"
    return f"imported by {around.importer}" if around.importer else ""


def _is_paired(around: Around) -> bool:
    return around.paired is not None and around.paired.kind is Kind.MODULE


def _with_exports(path: str, facts: Facts, around: Around, purpose: Purpose) -> Purpose:
    """``purpose``, with what of a notebook can be imported."""
    exports = path.endswith(".ipynb") and DIRECTIVES in dict(facts.signs)
    return replace(purpose, only_exports=True) if exports and not _is_paired(around) else purpose


def skipped_as(purpose: Purpose) -> str:
    """Why a file that was found in a folder is not checked; empty where it is."""
    if purpose.kind is Kind.PLAIN:
        return "plain Python"
    return f"in {purpose.evidence}" if purpose.kind is Kind.OTHER else ""
