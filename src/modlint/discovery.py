"""Paths → module files."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modlint.cache import Trace
from modlint.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

#: File endings of module files.
SUFFIXES = (".py", ".ipynb")

_NOT_REGULAR = "is a pipe or a device, not a module file"

_STARS = re.compile(r"\*+")
_MOST_STARS = 3

#: Folders that hold no course modules.
_SKIPPED_FOLDERS = frozenset(
    "__pycache__ __pypackages__ node_modules site-packages venv env build dist _build".split()
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A path that could not be checked, and why. ``row`` and ``cell`` are 1-based where known.

    ``traceback`` is Python's own account of it, of many lines, where there is one.
    """

    path: str
    message: str
    row: int | None = None
    cell: int | None = None
    traceback: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        place = self.path if self.row is None else f"{self.path}:{self.row}"
        inside = "" if self.cell is None else f"cell {self.cell}: "
        return f"{place}: {inside}{self.message}"


class Task(NamedTuple):
    """A module file to check, the other file of its pair, and the settings in force for it."""

    path: str
    twin: str | None
    settings: Settings


#: The settings in force in a folder; raises SettingsError where they cannot be used.
SettingsAt = Callable[[str], Settings]
#: Takes a path that is skipped, and why.
Note = Callable[[str, str], None]


def discover(
    paths: Iterable[str],
    settings_at: SettingsAt,
    note: Note | None = None,
    trace: Trace | None = None,
    *,
    force_exclude: bool = False,
) -> Iterator[str | Failure]:
    """The module files below ``paths``, each once and in order, and what stands in the way.

    In folders, hidden files, build output, what .gitignore lists (and git does not track) and
    what the settings exclude are skipped; ``note`` takes them. A file named outright is always
    found, but with ``force_exclude``. Each path that this depends on is noted in ``trace``.
    """
    trace = trace or Trace()
    note = note or (lambda path, why: None)
    seen: set[str] = set()
    for path in paths:
        if force_exclude and (why := _why_named(path, settings_at, trace)):
            note(path, why)
            continue
        for found in _below(path, settings_at, note, trace):
            key = os.path.abspath(found.path if isinstance(found, Failure) else found)
            if key not in seen:
                seen.add(key)
                yield found


def twin_path(path: str, in_run: Container[str], trace: Trace | None = None) -> str | None:
    """The path of the file that ``path`` is to be held against, if there is one beside it.

    A notebook is held against the ``.py`` of the same name; that one against the
    notebook only where the notebook is not itself one of the absolute paths of this
    run: one fault, one report. Where it may stand is noted in ``trace``.
    """
    stem, ending = os.path.splitext(path)
    other = stem + (".py" if ending == ".ipynb" else ".ipynb")
    (trace or Trace()).look(other)
    if not os.path.isfile(other):
        return None
    return other if ending == ".ipynb" or os.path.abspath(other) not in in_run else None


def _below(path: str, settings_at: SettingsAt, note: Note, trace: Trace) -> Iterator[str | Failure]:
    trace.look(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        message = "is a broken link" if os.path.islink(path) else "no such file or folder"
        yield Failure(path, message)
        return
    except (OSError, ValueError) as error:
        yield Failure(path, reason(error))
        return
    if not stat.S_ISDIR(mode):
        if not path.endswith(SUFFIXES):
            yield Failure(path, f"is not a module file ({', '.join(SUFFIXES)})")
        else:
            yield path if stat.S_ISREG(mode) else Failure(path, _NOT_REGULAR)
    elif path.rstrip(os.sep).endswith(SUFFIXES):
        yield Failure(path, "is a folder, not a module file")
    else:
        yield from _walk(path, settings_at, note, trace)


def _why_named(path: str, settings_at: SettingsAt, trace: Trace) -> str:
    """Why a file would be skipped in the current folder; empty where it would not."""
    if not os.path.isfile(path) or not path.endswith(SUFFIXES):
        return ""
    ignored = _Ignored(".", trace)
    steps = os.path.relpath(path).split(os.sep)
    for at in range(1, len(steps) + 1):
        name, part = steps[at - 1], os.path.join(*steps[:at])
        is_folder = at < len(steps)
        if name in (os.pardir, os.curdir):
            continue
        try:
            settings = settings_at(os.path.dirname(part) or ".")
        except SettingsError:
            return ""  # reported when the file is checked
        why = _why_skipped(name, part) if is_folder else "hidden" if name.startswith(".") else ""
        if why := why or ignored.why(part, is_folder, settings):
            return why
    return ""


def _walk(top: str, settings_at: SettingsAt, note: Note, trace: Trace) -> Iterator[str | Failure]:
    errors: list[Failure] = []

    def fail(error: OSError) -> None:
        errors.append(Failure(str(error.filename), reason(error)))

    ignored = _Ignored(top, trace)
    try:
        for folder, folders, files in os.walk(top, onerror=fail):
            shown = "" if folder == "." else folder.removeprefix(f".{os.sep}")
            yield from errors
            errors.clear()
            try:
                settings = settings_at(folder)
            except SettingsError as error:
                yield Failure(error.place, error.message)
                folders.clear()
                continue
            kept = []
            for name in sorted(folders):
                path = os.path.join(shown, name)
                if why := _why_skipped(name, path) or ignored.why(path, True, settings):
                    note(path + os.sep, why)
                else:
                    trace.look(path)
                    kept.append(name)
            folders[:] = kept
            for name in sorted(files):
                path = os.path.join(shown, name)
                if not name.endswith(SUFFIXES):
                    continue
                why = "hidden" if name.startswith(".") else ignored.why(path, False, settings)
                if why:
                    note(path, why)
                    continue
                trace.look(path)
                if os.path.isfile(path):
                    yield path
                else:
                    yield Failure(
                        path, _NOT_REGULAR if os.path.exists(path) else "is a broken link"
                    )
    except RecursionError:  # of os.walk, about a thousand folders deep
        yield Failure(top, "has folders that are too deeply nested")
    yield from errors


def _why_skipped(name: str, path: str) -> str:
    """Why a folder is not looked into, by its name and kind; empty where it is."""
    if name.startswith("."):
        return "hidden"
    if name in _SKIPPED_FOLDERS:
        return f"folders named {name} hold no modules of a course"
    return "a link to a folder" if os.path.islink(path) else ""


class _Ignored:
    """What .gitignore files, from the repository's root down, and the settings skip."""

    def __init__(self, top: str, trace: Trace) -> None:
        self.trace = trace
        self.excluded: dict[tuple[str, ...], GitIgnoreSpec] = {}
        self.specs: dict[str, GitIgnoreSpec | None] = {}
        start = os.path.abspath(top)
        here = os.getcwd()
        inside = os.path.commonpath([start, here]) == here
        above = (Path(start), *Path(start).parents)
        self.repository = next((str(p) for p in above if self._has_git(p)), None)
        self.root = self.repository or (here if inside else start)
        self.start = start

    def _has_git(self, folder: Path) -> bool:
        return isinstance(self.trace.look(str(folder / ".git")), tuple)

    def why(self, path: str, is_folder: bool, settings: Settings) -> str:
        """By what a path is skipped; empty where it is not."""
        absolute = os.path.abspath(path)
        if is_folder and absolute == settings.local.folder:
            return "holds rules, not modules"
        tail = "/" if is_folder else ""
        if patterns := settings.exclude:
            if patterns not in self.excluded:
                self.excluded[patterns] = ignore_spec(patterns)
            above = settings.folder_of("exclude") or self.start
            relative = os.path.relpath(absolute, above).replace(os.sep, "/")
            if self.excluded[patterns].match_file(relative + tail):
                return f"`exclude` of {settings.origins.get('exclude', 'the settings')}"
        decided: bool | None = None
        by = ""
        folder = self.root
        steps = os.path.relpath(os.path.dirname(absolute), self.root).split(os.sep)
        for step in ("", *(s for s in steps if s != ".")):
            folder = os.path.join(folder, step) if step else folder
            spec = self._spec_of(folder)
            if spec is not None:
                inner = os.path.relpath(absolute, folder).replace(os.sep, "/")
                # None where no pattern speaks of the path; the deepest file decides.
                result = spec.check_file(inner + tail).include
                if result is not None:
                    decided, by = result, os.path.join(folder, ".gitignore")
        return by if decided and absolute not in self._tracked else ""

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """What git tracks, with the folders above: no pattern ignores it. Read once."""
        if self.repository is None:
            return frozenset()
        from modlint.course.tracked import tracked

        self.trace.look(os.path.join(self.repository, ".git", "index"))
        files = tracked(self.repository)
        folders = {os.path.dirname(path) for path in files}
        above = (str(parent) for folder in folders for parent in Path(folder, "_").parents)
        return files.union(above)

    def _spec_of(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self.specs:
            path = Path(folder, ".gitignore")
            self.trace.look(str(path))
            self.specs[folder] = None
            # A pipe or a device under this name would be read for ever.
            if path.is_file():
                with contextlib.suppress(OSError):
                    text = path.read_text("utf-8", "replace")
                    self.specs[folder] = _readable_spec(text.splitlines())
        return self.specs[folder]


def _readable_spec(lines: list[str]) -> GitIgnoreSpec:
    """The patterns of a .gitignore; git skips a line that is none, and so do we."""
    try:
        return ignore_spec(lines)
    except ValueError:
        good = []
        for line in lines:
            try:
                ignore_spec([line])
            except ValueError:
                continue
            good.append(line)
        return ignore_spec(good)


def ignore_spec(lines: Sequence[str]) -> GitIgnoreSpec:
    """Patterns in the manner of .gitignore.

    Raises ValueError for a line that is none, or that could take hours to match: each
    further ``*`` in a name multiplies the time by the length of what is matched.
    """
    from pathspec import GitIgnoreSpec

    for line in lines:
        names = line.split("/")
        further = sum(max(0, len(_STARS.findall(name)) - 1) for name in names)
        if further > _MOST_STARS or names.count("**") > _MOST_STARS:
            raise ValueError(f"too many `*` in {line!r}")
    return GitIgnoreSpec.from_lines(lines)


def reason(error: OSError | ValueError) -> str:
    """The system's words for what went wrong, without the path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
