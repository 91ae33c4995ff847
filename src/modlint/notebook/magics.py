"""IPython's own lines in the code cells of a notebook: ``%magic``, ``!command``, ``name?``.

They are no Python, so they are read as statements that do nothing, with the line itself
in a comment behind; in the file they stay as they are.
"""

from __future__ import annotations

import ast
import re

#: What a line is masked with; the line itself stands behind it.
_MASK = "# ipython: "
_MASKED = re.compile(rf"^([ \t]*+)(?:[^\n#]*  )?{_MASK}(.*)$", re.M)
_CANDIDATE = re.compile(r"^[ \t]*(?:%|!|\?)|\?[ \t]*$|=[ \t]*(?:%|!)", re.M)
_CELL_MAGIC = re.compile(r"%%(\w+)")
_LINE = re.compile(
    r"[ \t]*+(?:"
    r"%{1,2}[a-zA-Z_]|!|\?{1,2}[\w.*%]"  # %magic, !command, ?name
    r"|%{0,2}[\w.*\[\]]+\?{1,2}[ \t]*(?:#.*)?$"  # name?
    r"|(?P<names>[\w.,\[\]](?:[\w., \t\[\]]*[\w.,\[\]])?)[ \t]*="
    r"[ \t]*(?:!|%[a-zA-Z_])"  # files = !ls
    r")"
)
#: Cell magics whose cell is Python all the same (IPython 8).
_PYTHON_MAGICS = frozenset(("capture", "prun", "time", "timeit", "debug", "python", "python3"))
_TOKEN = re.compile(
    r"#[^\n]*|(?P<quote>'''|\"\"\"|'|\")|(?P<open>[(\[{])|(?P<close>[)\]}])|\\\r?\n|(?P<end>\n)"
)


def masked(source: str) -> str:
    """``source`` with IPython's lines made statements of Python, line for line.

    A text that is Python as it stands is left alone, and so is one that holds the
    mask already.
    """
    if not _CANDIDATE.search(source) or _MASK in source or _is_python(source):
        return source
    magic = _CELL_MAGIC.match(source.lstrip())
    if magic and magic.group(1) not in _PYTHON_MAGICS:
        return "".join(_commented(line) for line in source.splitlines(keepends=True))
    lines = source.split("\n")
    for number in _statement_starts(source):
        index = number
        if not _LINE.match(lines[index]):
            continue
        lines[index] = _mask(lines[index], opens=not "".join(lines[:index]).strip())
        while lines[index].rstrip("\r").endswith("\\") and index + 1 < len(lines):
            index += 1
            lines[index] = _commented(lines[index])
    return "\n".join(lines)


def unmasked(source: str) -> str:
    """``source`` with IPython's lines as they were."""
    return _MASKED.sub(r"\1\2", source) if _MASK in source else source


def is_masked(line: str) -> bool:
    """Whether the line stands for one of IPython's."""
    return _MASK in line


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _mask(line: str, opens: bool) -> str:
    """The line as Python; ``opens`` tells whether it is the first that is not blank."""
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)]
    found = _LINE.match(line)
    names = found.group("names") if found else None
    if opens and body.startswith("%%"):
        return f"{indent}{_MASK}{body}"
    if names and names.strip():
        return f"{indent}{names.strip()} = None  {_MASK}{body}"
    return f"{indent}pass  {_MASK}{body}"


def _commented(line: str) -> str:
    body = line.lstrip(" \t")
    return f"{line[: len(line) - len(body)]}{_MASK}{body}" if body.strip() else line


def _statement_starts(source: str) -> list[int]:
    """The 0-based numbers of the lines that begin outside brackets, strings and continuations.

    IPython's lines are stepped over whole: an apostrophe in a shell command opens
    no string.
    """
    starts: list[int] = []
    line, at, depth = 0, 0, 0
    while at <= len(source):
        end = source.find("\n", at)
        end = len(source) if end < 0 else end
        if depth == 0:
            starts.append(line)
            if _LINE.match(source[at:end]):
                while source[at:end].rstrip("\r").endswith("\\") and end < len(source):
                    at, line = end + 1, line + 1
                    end = source.find("\n", at)
                    end = len(source) if end < 0 else end
                at, line = end + 1, line + 1
                continue
        stop, depth = _logical_end(source, at, depth)
        line += source.count("\n", at, stop)
        at = stop if stop > at else len(source) + 1
    return starts


def _logical_end(source: str, at: int, depth: int) -> tuple[int, int]:
    """Where the line that begins at ``at`` ends, strings and continuations in it included."""
    while found := _TOKEN.search(source, at):
        at = found.end()
        if quote := found.group("quote"):
            at = _string_end(source, at, quote)
        elif found.group("open"):
            depth += 1
        elif found.group("close"):
            depth = max(0, depth - 1)
        elif found.group("end"):
            return at, depth
    return len(source) + 1, depth


def _string_end(source: str, at: int, quote: str) -> int:
    ending = (
        re.compile(rf"(?:\\.|[^\\])*?{quote}", re.S)
        if len(quote) == 3
        else re.compile(rf"(?:\\.|[^\\\n])*?(?:{quote}|(?=\n))", re.S)
    )
    found = ending.match(source, at)
    return found.end() if found else len(source)
