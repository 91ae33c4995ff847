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


#: The families of rules that are about files of each kind; all where it is missing. Settings ask
#: before any rule is imported; a rule that differs from its family says so (``Rule.kinds``).
_CHECKED: dict[Kind, tuple[str, ...]] = {
    Kind.GENERATED: ("IMP",),
    Kind.RELEASE: (),
    Kind.SUBMISSION: (),
    Kind.ASSIGNMENT: ("CEL", "COV", "MET", "NBG", "RUN", "SIG", "STR"),
    Kind.NOTEBOOK: ("CEL", "COV", "MET", "RUN", "SIG", "STR"),
    Kind.OTHER: (),
}
#: What an author writes: the kinds of files that a course's own rules are about.
WRITTEN = frozenset((Kind.MODULE, Kind.ASSIGNMENT, Kind.NOTEBOOK, Kind.PLAIN))
#: What stands as it was handed out, handed in or generated: a fix would be in the wrong file.
_NOT_FIXED = frozenset((Kind.GENERATED, Kind.RELEASE, Kind.SUBMISSION, Kind.OTHER))
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

    def checks(self, code: str, kinds: frozenset[Kind] | None = None) -> bool:
        """Whether the rule ``code`` is about a file of this kind.

        ``kinds`` are those that it names; where it names none, its family decides.
        """
        if code.startswith("NBG") and not self.is_graded:
            return False
        if kinds is not None:
            return self.kind in kinds
        return self.kind not in _CHECKED or code.startswith(_CHECKED[self.kind])

    def is_wanted(self, name: str) -> bool:
        """Whether another file of the run imports ``name``."""
        return name in self.imported or ("*" in self.imported and not name.startswith("_"))
