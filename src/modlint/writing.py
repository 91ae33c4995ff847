"""New text → disk, all of it or none of it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat

#: The mode of a new file, before the user's mask.
_NEW = 0o666
#: A stream that is open already, by its number.
_STREAM = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_MOST_LINKS = 40
_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
#: Attributes that the system itself gives to a new file.
_LABELS = ("security.", "trusted.")
_MEANWHILE = "was changed by another program meanwhile"
_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS)


class NotWritten(Exception):
    """The file stays as it was; the message says why."""


def write_whole(path: str, data: bytes, *, is_first: bool = False) -> None:
    """Write ``data`` to ``path``, new or in the place of what stands there.

    ``is_first``: nothing may have come to stand there meanwhile.

    A reader sees the old text or the new one, never a part: the new one goes to a
    temporary file beside it, is synced and renamed; links are followed, the mode of an
    old file is kept. A pipe, a device or an open stream (``/dev/stderr``, ``/dev/fd/3``) is
    written to as it is. Raises :class:`NotWritten`, with nothing changed and no litter left.
    """
    target = os.path.realpath(path)
    temporary = _beside(target)
    try:
        number = _number_of(path)
        mode = os.stat(target).st_mode if os.path.exists(target) else None
        if number is not None or (mode is not None and not stat.S_ISREG(mode)):
            # Opened by its name, the file behind a stream would be written from its beginning.
            with open(path if number is None else os.dup(number), "wb") as stream:
                stream.write(data)
            return
        # The mode is somebody's wish, even where the user (root) could get round it.
        if mode is not None and not (mode & _ANYBODY_WRITES and os.access(target, os.W_OK)):
            raise NotWritten("is read-only")
        try:
            with open(temporary, "xb", opener=lambda p, flags: os.open(p, flags, _NEW)) as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            if not (is_first and _linked(temporary, target)):
                os.replace(temporary, target)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except FileExistsError as error:
        raise NotWritten(_MEANWHILE) from error
    except OSError as error:
        raise NotWritten(f"cannot be written: {(error.strerror or str(error)).lower()}") from error


def _linked(path: str, name: str) -> bool:
    """Give a file a name that is free; False where the file system has no second names."""
    try:
        os.link(path, name)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _number_of(path: str) -> int | None:
    """The number of the stream that ``path`` names, or links to; None where it is none.

    The links are followed one by one: behind that of a stream stands a name that is no path
    (``pipe:[7]``), or the file that the shell has opened, which is not ours to replace.
    """
    for _ in range(_MOST_LINKS):
        path = os.path.abspath(path)
        if match := _STREAM.fullmatch(path):
            return int(match[1])
        if not os.path.islink(path):
            break
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    return None


def write_atomically(path: str, expected: bytes, data: bytes) -> None:
    """Replace the content of ``path`` by ``data``, if it still is ``expected``.

    The new text goes to a temporary file in the same folder, is synced to disk
    and takes the old one's place by one rename; owner, mode, access list and
    extended attributes stay. Raises :class:`NotWritten`, with nothing changed and
    no litter left, where the file is a link, has a second hard link (a rename
    would part the two), was changed meanwhile, or cannot be written as what it is.

    A process killed on the way can leave ``.modlint-*`` beside the file: hidden,
    and no module. An unnamed file (``O_TMPFILE``) would need such a name too, to
    be renamed from.
    """
    folder = os.path.dirname(path) or "."
    try:
        status = _status(path, expected)
        # The mode is somebody's wish, even where the user (root) could get round it.
        if not status.st_mode & _ANYBODY_WRITES or not os.access(path, os.W_OK):
            raise NotWritten("is read-only")
        if not os.stat(folder).st_mode & _ANYBODY_WRITES:
            raise NotWritten("stands in a read-only folder")
        temporary = _beside(path)
        try:
            with open(temporary, "xb", opener=_for_us_alone) as stream:
                stream.write(data)
                _take_owner(stream.fileno(), status)
                _take_attributes(path, temporary)
                os.chmod(temporary, stat.S_IMODE(status.st_mode))
                stream.flush()
                os.fsync(stream.fileno())
            if _identity(_status(path, expected)) != _identity(status):
                raise NotWritten(_MEANWHILE)
            os.replace(temporary, path)
        finally:
            # Gone after the rename; asked for all the same, since an interruption
            # may come between any two steps.
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except OSError as error:
        raise NotWritten(f"cannot be written: {(error.strerror or str(error)).lower()}") from error
    _sync_folder(folder)


def _beside(path: str) -> str:
    """A name in the folder of ``path``. Eight random bytes: no other file has it, so it is ours."""
    return os.path.join(os.path.dirname(path), f".modlint-{os.urandom(8).hex()}")


def _status(path: str, expected: bytes) -> os.stat_result:
    """What the system knows of a plain file that holds ``expected``."""
    if os.path.islink(path):
        raise NotWritten("is a link; give the path of the file itself")
    with open(path, "rb", opener=_unlinked) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotWritten("is a pipe or a device, not a module file")
        if status.st_nlink > 1:
            raise NotWritten("has a second name (a hard link), which would keep the old text")
        if stream.read() != expected:
            raise NotWritten(_MEANWHILE)
    return status


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mode, status.st_uid, status.st_gid


def _unlinked(path: str, flags: int) -> int:
    """Opens ``path`` without following a link, and without waiting for a pipe's other end."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _for_us_alone(path: str, flags: int) -> int:
    """Opens a new file that nobody else reads before it has the mode of the old one."""
    return os.open(path, flags, 0o600)


def _take_owner(handle: int, status: os.stat_result) -> None:
    """Give the file the owner and the group of another."""
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) == (status.st_uid, status.st_gid):
        return
    try:
        os.fchown(handle, status.st_uid, status.st_gid)
    except PermissionError as error:
        raise NotWritten("belongs to another user or group, who would lose it") from error


def _take_attributes(old: str, new: str) -> None:
    """Give ``new`` the extended attributes of ``old``, access lists among them, and no others."""
    if not hasattr(os, "listxattr"):  # Linux alone has them
        return
    try:
        wanted, there = set(os.listxattr(old)), set(os.listxattr(new))
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return
        raise
    for name in sorted(wanted | there):
        if name.startswith(_LABELS):
            continue
        if name in wanted:
            os.setxattr(new, name, os.getxattr(old, name))
        else:
            os.removexattr(new, name)


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable, where the system can; the file itself is safe."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
