"""Comments of a percent file that jupytext takes for commands of IPython and un-comments.

In a percent file a magic is written as a comment (``# %matplotlib inline``), and jupytext
takes the ``#`` off when it makes the notebook. It goes by the look of the line alone, so
prose that looks like a command becomes one. The patterns are those of jupytext 1.19
(``magics.py``); jupytext itself is the oracle in the tests.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from modlint.notebook.percent import open_string

#: Words that are commands without any sign before them, at the left edge only.
COMMAND_WORDS = frozenset(
    ("cat", "cd", "cp", "mv", "rm", "rmdir", "mkdir", "copy", "ddir", "echo", "ls", "ldir", "ren")
)
_COMMAND_STARTS = [[word] for word in COMMAND_WORDS]

_MAGIC = re.compile(r"\s*(?:# |#)*%{1,3}[a-zA-Z]")
# An author's own word on a magic: "# %time  # noescape" stays a comment.
_KEPT = re.compile(r"\s*(?:# |#)*%{1,3}[a-zA-Z].*#\s*noescape")
_FORCED = re.compile(r"\s*(?:# |#)*%{1,3}[a-zA-Z].*#\s*escape")
_HELP_OR_SHELL = re.compile(r"\s*(?:(?:# |#)+\s*)?(?:\?|!)\s*[A-Za-z.~$\\/{}]")
_COMMAND = re.compile(rf"(?:# |#)*(?:{'|'.join(sorted(COMMAND_WORDS))})(?:$|\s$|\s[^=,])")
_QUESTION = re.compile(r"\s*(?:# )*\S*\?\s*$")
_ASSIGNMENT = re.compile(r"(?:# |#)*\s*[a-zA-Z_][a-zA-Z_$0-9]*\s*=\s*(?:%{1,3}|!)[a-zA-Z]")


class Taken(StrEnum):
    """What jupytext takes a line for."""

    MAGIC = "magic"
    SHELL = "shell"
    COMMAND = "command"
    ASSIGNMENT = "assignment"
    QUESTION = "question"
    CONTINUED = "continued"  # the line above is a command that ends in a backslash


def taken_for(line: str, *, is_code: bool = True) -> Taken | None:
    """What jupytext takes a line for, commented or not; None where it is nothing special.

    ``is_code``: the line stands in a cell that is known to be code; elsewhere a word with
    a question mark is no question to IPython.
    """
    if _FORCED.match(line):
        return Taken.MAGIC
    if _KEPT.match(line):
        return None
    if _MAGIC.match(line):
        return Taken.MAGIC
    if _HELP_OR_SHELL.match(line):
        return Taken.SHELL
    if _ASSIGNMENT.match(line):
        return Taken.ASSIGNMENT
    if is_code and _QUESTION.match(line):
        return Taken.QUESTION
    return Taken.COMMAND if _COMMAND.match(line) else None


def uncommented(lines: list[str]) -> dict[int, tuple[Taken, str]]:
    """Which lines of a code cell lose their ``#`` in the notebook: what for, what they become.

    ``lines`` are those of the cell as ``str.splitlines`` gives them, without line endings.
    """
    if not any(map(_may_change, lines)):
        return {}
    found: dict[int, tuple[Taken, str]] = {}
    quote: str | None = None
    continues = False
    for number, line in enumerate(lines):
        if quote is None:
            taken = taken_for(line) or (Taken.CONTINUED if continues else None)
            if taken is not None:
                continues = line.rstrip().endswith("\\")
                if (new := bared(line)) != line:
                    found[number] = (taken, new)
        if "'''" in line or '"""' in line:
            quote = open_string(line, quote)
    return found


@lru_cache(maxsize=1024)
def uncommented_in(text: str) -> dict[int, tuple[Taken, str]]:
    """The same of the text of a cell; remembered: several rules ask."""
    return uncommented(text.splitlines())


def _may_change(line: str) -> bool:
    """A quick answer for most lines: False where neither it nor the next can be un-commented."""
    if "\\" in line and line.rstrip().endswith("\\"):
        return True
    return "#" in line and line.lstrip()[0] == "#" and may_be_taken(line)


def may_be_taken(line: str) -> bool:
    """A quick answer for most lines: False where :func:`taken_for` would find nothing."""
    if "%" in line or "!" in line or "?" in line:
        return True
    return line.lstrip("# ").split(maxsplit=1)[:1] in _COMMAND_STARTS


def bared(line: str) -> str:
    """The line without its first ``#``, and without the blank behind that."""
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    return indent + (body[2:] if body.startswith("# ") else body.removeprefix("#"))
