"""What a file is for: its kind decides which rules and fixes make sense for it.

A rule about imports says nothing of a lecture that nobody imports, and no fix may touch what a
tool has generated or a student has handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a file is for."""

    GENERATED = "generated"
    RELEASE = "release"
    SUBMISSION = "submission"
    MODULE = "module"
    ASSIGNMENT = "assignment"
    NOTEBOOK = "notebook"
    PLAIN = "plain"
    OTHER = "other"


#: The rules, by code or family, that say something of a file of each kind; all where it is missing.
_CHECKED: dict[Kind, tuple[str, ...]] = {
    Kind.GENERATED: ("IMP",),
    Kind.RELEASE: ("CEL008", "EXP005", "EXP006", "NBG017"),
    Kind.SUBMISSION: ("CEL008", "EXP005", "EXP006", "NBG017"),
    Kind.ASSIGNMENT: ("CEL", "COV", "EXP006", "MET", "NBG", "RUN", "SIG", "STR"),
    Kind.NOTEBOOK: ("CEL", "COV", "EXP006", "MET", "RUN", "SIG", "STR"),
    Kind.OTHER: (),
}
#: What stands as it was handed out, handed in or generated: a fix would be in the wrong file.
_NOT_FIXED = frozenset((Kind.GENERATED, Kind.RELEASE, Kind.SUBMISSION, Kind.OTHER))
#: The rules that judge nothing but a release or a submission.
_ONLY_RELEASED = ("NBG017",)
_RELEASED = frozenset((Kind.RELEASE, Kind.SUBMISSION))


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one file is for, and what the other files of the run want of it.

    ``evidence`` says in words by what the kind was recognised. ``only_exports``: of a notebook,
    nothing but the exported cells can be imported. ``imported`` are the names that other files
    of the run import from it (``*`` for all of them), ``importers`` is how many files do.
    ``source`` is the file that it was generated from, where that is known. ``is_graded``: the
    course uses nbgrader, as far as can be seen.
    """

    kind: Kind = Kind.MODULE
    evidence: str = ""
    only_exports: bool = False
    imported: tuple[str, ...] = ()
    importers: int = 0
    source: str = ""
    is_graded: bool = True

    @property
    def is_importable(self) -> bool:
        """Whether any of the file can be imported."""
        return self.kind in (Kind.MODULE, Kind.PLAIN, Kind.GENERATED)

    @property
    def is_fixed(self) -> bool:
        """Whether a fix of this file is in the right place."""
        return self.kind not in _NOT_FIXED

    @property
    def is_released(self) -> bool:
        """Whether students have it, or had it, in their hands."""
        return self.kind in _RELEASED

    def checks(self, code: str) -> bool:
        """Whether the rule ``code`` says something of a file of this kind."""
        if code.startswith(_ONLY_RELEASED) and not self.is_released:
            return False
        if code.startswith("NBG") and not self.is_graded:
            return False
        return self.kind not in _CHECKED or code.startswith(_CHECKED[self.kind])

    def is_wanted(self, name: str) -> bool:
        """Whether another file of the run imports ``name``."""
        return name in self.imported or ("*" in self.imported and not name.startswith("_"))
