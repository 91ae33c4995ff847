"""New text → disk, all of it or none of it."""

from __future__ import annotations

import os
import stat
import tempfile

_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class NotWritten(Exception):
    """The file stays as it was; the message says why."""


def write_atomically(path: str, expected: bytes, data: bytes) -> None:
    """Replace the content of ``path`` by ``data``, if it still is ``expected``.

    The new text goes to a temporary file in the same folder, is synced to disk
    and takes the old one's place by one rename, mode kept. Raises
    :class:`NotWritten`, with nothing changed and no litter left, where the file
    is a link, was changed meanwhile, or cannot be written.
    """
    temporary = None
    try:
        if os.path.islink(path):
            raise NotWritten("is a link; give the path of the file itself")
        status = os.stat(path)
        folder = os.path.dirname(path) or "."
        # The mode is somebody's wish, even where the user (root) could get round it.
        if not status.st_mode & _ANYBODY_WRITES or not os.access(path, os.W_OK):
            raise NotWritten("is read-only")
        if not os.stat(folder).st_mode & _ANYBODY_WRITES:
            raise NotWritten("stands in a read-only folder")
        handle, temporary = tempfile.mkstemp(prefix=".modlint-", dir=folder)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        with open(path, "rb") as stream:
            if stream.read() != expected:
                raise NotWritten("was changed by another program meanwhile")
        os.replace(temporary, path)
        temporary = None
        _sync_folder(folder)
    except OSError as error:
        raise NotWritten(f"cannot be written: {(error.strerror or str(error)).lower()}") from error
    finally:
        if temporary is not None:
            os.unlink(temporary)


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass  # not every file system syncs folders; the file itself is safe
    finally:
        os.close(handle)
