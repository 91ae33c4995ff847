"""A result → a file, all of it or none of it."""

from __future__ import annotations

import contextlib
import os
import stat

#: The mode of a new file, before the user's mask.
_NEW = 0o666
_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class NotWritten(Exception):
    """The file stays as it was; the message says why."""


def write_whole(path: str, data: bytes) -> None:
    """Write ``data`` to ``path``, new or in the place of what stands there.

    A reader sees the old text or the new one, never a part: the new one goes to a
    temporary file beside it, is synced and renamed; links are followed, the mode of an
    old file is kept. A pipe or a device (``/dev/stdout``) is written to as it is. Raises
    :class:`NotWritten`, with nothing changed and no litter left.
    """
    target = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(target), f".modlint-{os.urandom(8).hex()}")
    try:
        mode = os.stat(target).st_mode if os.path.exists(target) else None
        if mode is not None and not stat.S_ISREG(mode):
            with open(path, "wb") as stream:
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
