"""What was seen of a module while it ran."""

from __future__ import annotations

from dataclasses import dataclass, field

from modlint.diagnostics import Position


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each part of a run may take, in seconds, and how much memory it may have, in MB.

    The parts are the import, the script run and each test.
    """

    timeout: float = 60.0
    memory: int = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the module: the 0-based index of the cell and the row, as diagnostics give it."""

    cell: int
    row: int


@dataclass(frozen=True, slots=True)
class Acting:
    """A top-level statement that did something on import.

    ``acts``: what it did, as (kind, words); the kinds are print, call, write, start,
    connect and change.
    """

    cell: int
    start: Position
    end: Position
    acts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a part of a run did not come to its end.

    ``outer`` is the statement of the top level, ``inner`` the line of the module that the
    exception comes from. ``missing`` are the packages that are not installed. ``is_final``:
    to run the module in another way would end no better.
    """

    words: str
    outer: Place
    inner: Place
    missing: tuple[str, ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A run as a script: what it wrote (the first MB of each stream) and how it ended.

    ``is_cut``: it was stopped before its end. ``called`` are the tests that it called,
    ``broken`` those of them that raised, whether it went on or not. ``mocked``: as that of
    an observation.
    """

    stdout: str
    stderr: str
    status: int
    is_cut: bool
    trouble: Trouble | None
    called: frozenset[str]
    broken: frozenset[str]
    mocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellRun:
    """What a cell did in a kernel: what it displayed (None: nothing), raised and printed."""

    shown: str | None
    error: str
    printed: str


@dataclass(slots=True)
class Observation:
    """Everything seen of one module.

    ``tests`` maps each test that was run to what is wrong with it, or None. ``script`` is
    None where there was no point in running it. ``mocked`` are the packages that stand-ins
    took the place of. ``names`` are the public names that the import has bound, each with the
    kind of its value and the value in words; None where the import does not come to its end.
    """

    acting: list[Acting] = field(default_factory=list)
    import_trouble: Trouble | None = None
    tests: dict[str, Trouble | None] = field(default_factory=dict)
    script: Script | None = None
    mocked: tuple[str, ...] = ()
    names: dict[str, tuple[str, str]] | None = None

    @property
    def failed(self) -> dict[str, Trouble]:
        """The tests that fail, but for those that passed wherever the script called them.

        nbgrader runs a module as a script. After the import, they may fail because a later
        cell binds a name anew, or because what ``__main__`` does has not been done.
        """
        failed = {name: trouble for name, trouble in self.tests.items() if trouble}
        script = self.script
        if script is None or script.trouble is not None:
            return failed
        passed = script.called - script.broken
        return {name: trouble for name, trouble in failed.items() if name not in passed}
