"""What was already found: the answers of earlier runs, and the results of single files.

A *result* is what was found in one file; it holds while the file has the same content. An
*answer* is all that ``check`` wrote in one run; it holds while each path that the run looked
at is as it was. Both are data, read with ``marshal`` (nothing in them can be executed) behind
a checksum: what is damaged, or comes from another version, counts as not there. What cannot
be written is not written: a cache is never an error.

Start-up imports this module before all others, so it imports next to nothing itself.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
import zlib

from modlint import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

#: What the file system says of a path: mode, inode, size and the times of its last changes;
#: True of a broken link, None of nothing.
Signature = tuple[int, int, int, int, int] | bool | None

#: The most bytes that the folder may hold; beyond it, the oldest entries go.
MOST_BYTES = 64 * 2**20
_ENDING = ".modlint"
_CHECKSUM = 4
#: A file changed since this long (seconds) could change again and show the same times.
_YOUNG = 2.0


def folder() -> str | None:
    """Where the cache stands: ``$MODLINT_CACHE_DIR``, or the user's folder for caches.

    None where there is none, or where it is not the user's own: what another could write
    is not to be trusted, and what root writes would be in the user's way.
    """
    path = os.environ.get("MODLINT_CACHE_DIR") or _default_folder()
    if not os.path.isabs(path) and "MODLINT_CACHE_DIR" not in os.environ:
        return None  # `~` stands for no folder
    try:
        owner = os.stat(path).st_uid
    except (OSError, ValueError):
        return path  # to be made
    return path if sys.platform == "win32" or owner == os.geteuid() else None


def _default_folder() -> str:
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        caches = os.path.expanduser("~/Library/Caches")
    else:
        caches = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(caches):  # as the XDG specification asks
            caches = os.path.expanduser("~/.cache")
    return os.path.join(caches, "modlint")


def name_of(what: str, parts: Sequence[str]) -> str:
    """The name under which ``what`` is kept of ``parts``, seen from the current folder."""
    try:
        place = "\0".join((*parts, os.getcwd())).encode("utf-8", "backslashreplace")
    except OSError:
        return ""
    return f"{what}-{sys.implementation.cache_tag}-{zlib.crc32(place):08x}"


def load(name: str, key: Any) -> Any:
    """What was saved under ``name`` for exactly this ``key``; None where nothing was."""
    place = folder()
    if place is None:
        return None
    try:
        with open(os.path.join(place, name + _ENDING), "rb") as stream:
            data = stream.read()
        body = memoryview(data)[_CHECKSUM:]
        if zlib.crc32(body) != int.from_bytes(data[:_CHECKSUM], "big"):
            return None
        found, value = marshal.loads(body)
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return value if found == key else None


def save(name: str, key: Any, value: Any) -> None:
    """Keep ``value`` (numbers, strings, bytes, tuples, lists, dicts) under ``name``."""
    place = folder()
    if place is None:
        return
    path = os.path.join(place, name + _ENDING)
    new = f"{path.removesuffix(_ENDING)}-{os.urandom(4).hex()}{_ENDING}"
    try:
        body = marshal.dumps((key, value))
        os.makedirs(place, 0o700, exist_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            with open(handle, "wb") as stream:
                stream.write(zlib.crc32(body).to_bytes(_CHECKSUM, "big") + body)
            os.replace(new, path)
        except BaseException:
            os.unlink(new)
            raise
    except (OSError, ValueError):
        return


_BINARY: int = getattr(os, "O_BINARY", 0)


def trim(most: int = MOST_BYTES) -> None:
    """Drop the oldest entries until the folder holds less than ``most`` bytes."""
    entries = sorted(_entries())
    excess = sum(size for _, size, _ in entries) - most
    for _, size, path in entries:
        if excess <= 0:
            break
        _unlink(path)
        excess -= size


def clear() -> int:
    """Drop all entries, and the folder if nothing else is in it; how many there were."""
    entries = list(_entries())
    for _, _, path in entries:
        _unlink(path)
    try:
        os.rmdir(folder() or "")
    except OSError:  # not there, or not ours alone
        return len(entries)
    return len(entries)


def _entries() -> list[tuple[int, int, str]]:
    """Age, size and path of each entry."""
    found = []
    try:
        with os.scandir(folder() or os.devnull) as listing:
            for entry in listing:
                if entry.name.endswith(_ENDING) and entry.is_file(follow_symlinks=False):
                    known = entry.stat(follow_symlinks=False)
                    found.append((known.st_mtime_ns, known.st_size, entry.path))
    except OSError:
        pass
    return found


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # another run was faster
        return


def signature(path: str) -> Signature:
    """How the file or folder at ``path`` is now; a folder changes with the names in it."""
    try:
        now = os.stat(path)
    except (OSError, ValueError):
        return os.path.islink(path) or None
    return (now.st_mode, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


def is_settled(known: Signature) -> bool:
    """Whether any later change is bound to show: not where the last one was just now.

    The time of a change (``ctime``) cannot be set back; Windows has none.
    """
    if not isinstance(known, tuple):
        return True
    return known[3 if sys.platform == "win32" else 4] / 1e9 + _YOUNG < time.time()


class Trace:
    """What a run looks at: each path, and how it was when it was first looked at.

    ``young`` are the paths that had changed so shortly before that they could change again
    and look the same.
    """

    def __init__(self) -> None:
        self.seen: dict[str, Signature] = {}
        self.young: set[str] = set()

    def look(self, path: str) -> Signature:
        """Note ``path``, before it is read."""
        if path not in self.seen:
            self.seen[path] = known = signature(path)
            if not is_settled(known):
                self.young.add(path)
        return self.seen[path]


def contents(path: str | None) -> bytes | None:
    """What stands in a file; None where nothing can be read."""
    try:
        if path is not None:
            with open(path, "rb") as stream:
                return stream.read()
    except (OSError, ValueError):
        pass
    return None


def digest(*parts: bytes | None) -> bytes:
    """What only the same contents have."""
    from hashlib import blake2b

    whole = blake2b(digest_size=20)
    for part in parts:
        whole.update(b"-" if part is None else b"%d:" % len(part))
        whole.update(part or b"")
    return whole.digest()


class Results:
    """What was found in single files, each under the settings in force for it.

    A result is that of a path as it is named to the user: messages name files.
    """

    def __init__(self) -> None:
        self.context: tuple[object, ...] = ()
        try:
            by = digest(repr(program()).encode())
            self.context = (os.getcwd(), by)
        except OSError:
            return

    def find(self, path: str, twin: str | None, settings: object, trace: Trace) -> Any:
        """What was kept of the file and its twin, if both have the same content still."""
        if not self.context:
            return None
        name, key = self._entry(path, twin, settings)
        known = load(name, key)
        if known is None:
            return None
        seen, content, result = known
        if seen is not None and seen == _looked(path, twin, trace):
            return result
        if content != digest(contents(path), contents(twin)):
            return None
        self.keep(path, twin, settings, trace, content, result)
        return result

    def keep(
        self,
        path: str,
        twin: str | None,
        settings: object,
        trace: Trace,
        content: bytes,
        result: object,
    ) -> None:
        """Save what was found where the file and its twin had this ``content``."""
        if self.context:
            seen = _looked(path, twin, trace)
            name, key = self._entry(path, twin, settings)
            save(name, key, (None if trace.young & {path, twin} else seen, content, result))

    def _entry(
        self, path: str, twin: str | None, settings: object
    ) -> tuple[str, tuple[object, ...]]:
        folder, by = self.context
        named_by = (folder, repr(settings), path, twin)
        key = (*named_by, by)
        # Not the program: what a new one finds takes the place of what the old one found.
        named = digest(repr(named_by).encode()).hex()
        return f"result-{sys.implementation.cache_tag}-{named}", key


def _looked(path: str, twin: str | None, trace: Trace) -> tuple[Signature, Signature]:
    """How both files were before they were read."""
    return (trace.look(path), trace.look(twin) if twin else None)


def program() -> tuple[object, ...]:
    """What computes the results: modlint's version and sources, Python, what is installed."""
    own = os.path.dirname(__file__)
    # Installing or updating a package changes the folder of packages.
    around = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
    return (__version__, sys.version, *_sources(own), *map(signature, around))


def _sources(path: str) -> list[Signature]:
    found = []
    with os.scandir(path) as listing:
        for entry in sorted(listing, key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                found.append(signature(entry.path))
            elif "." not in entry.name and entry.name != "__pycache__":
                found += _sources(entry.path)
    return found


class Answer:
    """The answer to one command line, given here and now.

    Two command lines with the same arguments have the same answer, so what they mean need
    not be known.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.key: tuple[object, ...] = ()
        try:
            here = os.getcwd()
            self.key = (tuple(arguments), here, wants_colour(sys.stdout), *program())
        except OSError:
            return
        place = "\0".join((*arguments, here)).encode("utf-8", "backslashreplace")
        self.name = f"answer-{sys.implementation.cache_tag}-{zlib.crc32(place):08x}"

    def recall(self) -> tuple[int, str] | None:
        """Exit code and text of an earlier run, if nothing that it looked at has changed."""
        found = load(self.name, self.key) if self.key else None
        if found is None:
            return None
        code, text, seen = found
        for path, was in seen.items():
            if signature(path) != was:
                return None
        return code, text

    def keep(self, code: int, text: str, trace: Trace) -> None:
        """Save what a run wrote on standard output, all that it wrote."""
        if self.key and not trace.young:
            save(self.name, self.key, (code, text, trace.seen))


def wants_colour(stream: TextIO | None) -> bool:
    """Whether to colour: FORCE_COLOR and NO_COLOR decide, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream is not None and stream.isatty())
