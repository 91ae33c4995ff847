"""A result → a file, all of it or none of it."""

from __future__ import annotations

import contextlib
import os
import re
import stat

#: The mode of a new file, before the user's mask.
_NEW = 0o666
#: A stream that is open already, by its number.
_STREAM = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_MOST_LINKS = 40
_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class NotWritten(Exception):
    """The file stays as it was; the message says why."""


def write_whole(path: str, data: bytes) -> None:
    """Write ``data`` to ``path``, new or in the place of what stands there.

    A reader sees the old text or the new one, never a part: the new one goes to a
    temporary file beside it, is synced and renamed; links are followed, the mode of an
    old file is kept. A pipe, a device or an open stream (``/dev/stderr``, ``/dev/fd/3``) is
    written to as it is. Raises :class:`NotWritten`, with nothing changed and no litter left.
    """
    target = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(target), f".modlint-{os.urandom(8).hex()}")
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
            os.replace(temporary, target)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except OSError as error:
        raise NotWritten(f"cannot be written: {(error.strerror or str(error)).lower()}") from error


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
