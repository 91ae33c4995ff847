"""What a fix changes, as a patch that ``git apply`` and ``patch -p1`` take."""

from __future__ import annotations

import os
import re
import sys
from difflib import diff_bytes, unified_diff

from modlint.cache import wants_colour
from modlint.output.diff import coloured

_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
#: What git escapes in a name, beside all other control characters.
_ESCAPES = {ord(char): f"\\{char}".encode() for char in '"\\'}
_ESCAPES |= {ord(char): code for char, code in (("\t", b"\\t"), ("\n", b"\\n"), ("\r", b"\\r"))}


def write(patch: bytes) -> None:
    """Write the patch on standard output: its every byte, or what a terminal can show of it."""
    if sys.stdout is None:  # it was closed
        return
    if sys.stdout.isatty():
        lines = patch.decode("utf-8", "backslashreplace").splitlines(keepends=True)
        shown = "".join(map(coloured, lines))
        sys.stdout.write(shown if wants_colour(sys.stdout) else re.sub(r"\x1b\[\d*m", "", shown))
    else:
        sys.stdout.buffer.write(patch)
    sys.stdout.flush()


def render(path: str, old: bytes, new: bytes) -> bytes:
    """The patch from ``old`` to ``new``, in the file's own encoding and line endings.

    ``path`` is told relative to the current folder, where git looks for it.
    """
    was, now = (_name(f"{side}/{os.path.relpath(path)}") for side in "ab")
    # A tab ends a name that has spaces.
    tab = b"\t" if b" " in was else b""
    # Without git's own header line, which would make the path one of the whole work tree.
    pieces = []
    before, after = _LINE.findall(old), _LINE.findall(new)
    for line in diff_bytes(unified_diff, before, after, was + tab, now + tab, lineterm=b"\n"):
        whole = line.endswith(b"\n")
        pieces.append(line if whole else line + b"\n\\ No newline at end of file\n")
    return b"".join(pieces)


def _name(path: str) -> bytes:
    """The name as git writes it: in quotation marks where it has characters that need them."""
    raw = os.fsencode(path.replace(os.sep, "/"))
    escaped = b"".join(
        _ESCAPES.get(byte) or (b"\\%03o" % byte if byte < 0x20 or byte == 0x7F else bytes([byte]))
        for byte in raw
    )
    return raw if escaped == raw else b'"%b"' % escaped
