"""Which files git tracks, as its index says.

The index is read here and git is not asked: its settings, which come with the tree, may name
programs for git to run, and ``check`` runs nothing of a tree.

The format is that of git's own documentation (``gitformat-index``), versions 2 to 4.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

_HEADER = struct.Struct(">4sII")
#: Times, device, inode, mode, owner, group, size and the object's name (SHA-1); then the flags.
_STAT = 60
_FLAGS = struct.Struct(">H")
_EXTENDED = 0x4000
_BLOCK = 8


def tracked(repository: str) -> frozenset[str]:
    """The absolute paths that git tracks in a repository; none where its index cannot be read."""
    try:
        with open(_index(repository), "rb") as stream:
            names = list(_names(stream.read()))
    except (OSError, ValueError, IndexError, struct.error):
        return frozenset()
    return frozenset(os.path.join(repository, *os.fsdecode(name).split("/")) for name in names)


def _index(repository: str) -> str:
    """Where the index stands: in ``.git``, or where that file of a work tree says."""
    place = os.path.join(repository, ".git")
    if os.path.isfile(place):
        with open(place, encoding="utf-8") as stream:
            place = os.path.join(repository, stream.read().removeprefix("gitdir:").strip())
    return os.path.join(place, "index")


def _names(data: bytes) -> Iterator[bytes]:
    """The names of the entries. Raises ValueError where the data are no index."""
    sign, version, count = _HEADER.unpack_from(data)
    if sign != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index of git")
    at, name = _HEADER.size, b""
    for _ in range(count):
        start = at
        (flags,) = _FLAGS.unpack_from(data, at + _STAT)
        at += _STAT + _FLAGS.size + (2 if flags & _EXTENDED else 0)
        if version == 4:  # the name is what stays of the one before, and more
            drop, at = _number(data, at)
            end = data.index(b"\0", at)
            name, at = name[: len(name) - drop] + data[at:end], end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + _BLOCK) // _BLOCK * _BLOCK
        yield name


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable width, as git writes offsets, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
