"""Markers and metadata that jupytext does not take as their author meant them.

Nothing here guesses: where two readings of a line are possible, there is no repair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from modlint.notebook.marker import INCORRECT, Marker, load_value, parse_marker, split_line_end

_MARKER = re.compile(r"(\s*#\s*%%%*)(.*)$")
_KIND = re.compile(r"\[[ \t]*(markdown|md|raw)[ \t]*\]", re.IGNORECASE)
# Text that is never glued to "%%" on purpose; "%%time" and its like are cell magics.
_GLUED = re.compile(
    r"\s*#\s*%%(?:\[[ \t]*(?:markdown|md|raw)[ \t]*\]|(?:nbgrader|tags)[ \t]*=|\{[ \t]*[\"'])",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?<![\w.@/-])([\w.@/-]+)[ \t]*=[ \t]*(?=[\[{\"'\w-])")
_BRACKET_OR_STRING = re.compile(r"[\[\](){}\"'“”‘’]")
_PLAIN_VALUE = re.compile(r"[\w.+-]+")
_PLAIN_WORD = re.compile(r"[A-Za-z_.][\w.]*")
_GAP = re.compile(r"[\s,]*")
_CLOSING = {"[": "]", "{": "}", "(": ")", "“": "”", "‘": "’"}


@dataclass(slots=True)
class _Parts:
    """What stands on a marker line behind ``%%``, without the gaps."""

    title: str
    kinds: list[str]
    options: list[str]
    is_late: bool = False  # the cell type stands behind an option
    has_comma: bool = False
    comment: str = ""


def glued_marker(line: str) -> bool:
    """Is this a marker but for the missing blank after ``%%``?"""
    return _GLUED.match(line) is not None


@lru_cache(maxsize=1024)
def repaired_marker(line: str) -> str | None:
    """The marker line as its author must have meant it, or None.

    Mends text glued to ``%%``, a cell type in capitals or with blanks, a cell
    type behind the metadata, commas or tabs between options. None where the line
    is fine, is no near miss, or can be read in two ways.
    """
    body, line_end = split_line_end(line)
    match = _MARKER.match(body)
    if match is None or not match[2].strip():
        return None
    start, rest = match.groups()
    is_glued = glued_marker(body)
    if not is_glued and not rest[0].isspace():
        return None
    parts = _scan(rest)
    if parts is None or len(parts.kinds) > 1 or parts.comment:
        return None
    kind = "".join(_canonical(text) for text in parts.kinds)
    new = " ".join(text for text in (start, parts.title, kind, *parts.options) if text)
    before = parse_marker(body)
    after = before if new == body else parse_marker(new)
    if after is None or not _is_meant(after, parts, kind):
        return None
    changes_kind = parts.is_late or [kind] != (parts.kinds or [""])
    if is_glued or changes_kind or parts.has_comma or (before and _is_mended(before, after)):
        return new + line_end
    return None


def _canonical(kind_text: str) -> str:
    return f"[{kind_text[1:-1].strip().lower()}]"


def _is_mended(before: Marker, after: Marker) -> bool:
    return INCORRECT in before.metadata and INCORRECT not in after.metadata


def _is_meant(marker: Marker, parts: _Parts, kind_text: str) -> bool:
    """Does jupytext find the type and all options, each one with the value it has alone?"""
    if marker.kind_text != kind_text or marker.title.lstrip("%").strip() != parts.title:
        return False
    if INCORRECT in marker.metadata:
        # Only objects and lists can be at fault then; those have a repair of their own.
        # Anything else that cannot be read may be text: "a = b, c = d" is a fine title.
        unreadable = [option for option in parts.options if _is_unreadable(option)]
        return bool(unreadable) and all(option[-1] in "}]" for option in unreadable)
    keys = [_KEY.match(option) for option in parts.options]
    return all(key is None or key[1] in marker.metadata for key in keys)


def _is_unreadable(option: str) -> bool:
    key = _KEY.match(option)
    if key is None and not option.startswith("{"):
        return False
    try:
        load_value(option[key.end() if key else 0 :])
    except ValueError:
        return True
    return False


def _scan(rest: str) -> _Parts | None:
    """Take apart the text behind ``%%``; None where it is no row of options."""
    begin = _first_option(rest)
    parts = _Parts(rest[:begin].strip(), [], [])
    _take_kind(parts)
    at = begin
    while at < len(rest):
        end = _piece(rest, at, parts)
        if end is None:
            return None
        gap = _GAP.match(rest, end)
        at = gap.end() if gap else end
        parts.has_comma = parts.has_comma or "," in rest[end:at]
    return parts


def _first_option(rest: str) -> int:
    key = _KEY.search(rest)
    curly = rest.find("{")
    at = key.start() if key else len(rest)
    return curly if 0 <= curly < at else at


def _take_kind(parts: _Parts) -> None:
    """Move the cell type from the start or the end of the title, where it can stand."""
    title = parts.title
    bare = title.rstrip(" \t,")
    kinds = list(_KIND.finditer(title))
    meant = [
        kind
        for kind in kinds
        if kind[0] == kind[0].lower().replace(" ", "").replace("\t", "")
        or kind.start() == 0
        or kind.end() == len(bare)
    ]
    parts.kinds = [kind[0] for kind in meant]
    if len(meant) == 1:
        (kind,) = meant
        if kind.end() == len(bare) < len(title):
            title = bare
            parts.has_comma = True
        parts.title = (title[: kind.start()].rstrip() + " " + title[kind.end() :].lstrip()).strip()


def _piece(rest: str, at: int, parts: _Parts) -> int | None:
    """Put the piece at this place where it belongs; its end, or None if it is none."""
    kind = _KIND.match(rest, at)
    if kind is not None:
        parts.kinds.append(kind[0])
        parts.is_late = True
        return kind.end()
    if rest[at] == "#":
        parts.comment = rest[at:].rstrip()
        return len(rest)
    key = _KEY.match(rest, at)
    if key is not None:
        end = _value_end(rest, key.end())
    elif rest[at] == "{" and not parts.options:
        end = _value_end(rest, at)
    else:
        word = _PLAIN_WORD.match(rest, at)
        end = word.end() if word else None
    if end is not None:
        parts.options.append(rest[at:end])
    return end


def _value_end(text: str, at: int) -> int | None:
    """The end of the value that starts here: a string, something in brackets, or a word."""
    if text[at] not in "[{\"'":
        word = _PLAIN_VALUE.match(text, at)
        return word.end() if word else None
    closings: list[str] = []
    while True:
        found = _BRACKET_OR_STRING.search(text, at)
        if found is None:
            return None
        at = found.end()
        sign = found[0]
        if sign in "\"'“‘":
            end = _string_end(text, at, _CLOSING.get(sign, sign))
            if end is None:
                return None
            at = end
        elif sign in _CLOSING:
            closings.append(_CLOSING[sign])
        elif not closings or closings.pop() != sign:
            return None
        if not closings:
            return at


def _string_end(text: str, at: int, closing: str) -> int | None:
    while True:
        end = text.find(closing, at)
        if end < 0:
            return None
        slashes = end
        while slashes > at and text[slashes - 1] == "\\":
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end + 1
        at = end + 1


def with_repaired_metadata(line: str) -> str | None:
    """The marker line with the option values repaired that jupytext cannot parse, or None.

    A ``# comment`` behind the options goes too, since it is what breaks them.
    None where nothing is broken, or where something broken has no unique repair.
    """
    before = parse_marker(line)
    body, line_end = split_line_end(line)
    match = _MARKER.match(body)
    if before is None or INCORRECT not in before.metadata or match is None:
        return None
    parts = _scan(match[2])
    if parts is None or parts.has_comma or parts.is_late or parts.kinds != _written(before):
        return None
    options: list[str] = []
    for option in parts.options:
        mended = _mended_option(option) if _is_unreadable(option) else option
        if mended is None:
            return None
        options.append(mended)
    pieces = (match[1], parts.title, before.kind_text, *options)
    new = " ".join(piece for piece in pieces if piece)
    after = parse_marker(new)
    if after is None or INCORRECT in after.metadata or after.kind_text != before.kind_text:
        return None
    return new + line_end


def _written(marker: Marker) -> list[str]:
    return [marker.kind_text] if marker.kind_text else []


def _mended_option(option: str) -> str | None:
    key = _KEY.match(option)
    start = key.end() if key else 0
    value = repaired_metadata(option[start:])
    return None if value is None else option[:start] + value


_TOKEN = re.compile(
    r"""
    (?P<gap>\s+)
    | (?P<punctuation>[{}\[\],:])
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<curly>“[^“”"\\]*”|‘[^‘’'\\]*’|”[^“”"\\]*”|’[^‘’'\\]*’)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_]\w*)
    | (?P<comment>\#.*)
    """,
    re.VERBOSE,
)
_CONSTANTS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "None": None,
}
_DEEPEST = 40
_Token = tuple[str, str]


def repaired_metadata(text: str) -> str | None:
    """The JSON text of an object that jupytext cannot parse, or None.

    Mends mixed JSON and Python constants and quotes, a comma before the closing
    bracket, keys without quotes, curly quotes, and a comment behind the object.
    None where the text needs no repair, is no object, or can be read in two ways
    (a key that comes twice, a value without quotes, a missing bracket).
    """
    try:
        if isinstance(load_value(text), dict):
            return None
    except ValueError:
        pass
    try:
        tokens = _tokens(text)
        value = _read_value(tokens, 0)
        if next(tokens, None) is not None or not isinstance(value, dict):
            return None
        return json.dumps(value)
    except (ValueError, SyntaxError, StopIteration):
        return None


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens of the object; a comment is skipped at the end only."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"unexpected sign at {at}")
        if match.lastgroup not in ("gap", "comment"):
            yield match.lastgroup, match[0]
        at = match.end()


def _read_value(tokens: Iterator[_Token], depth: int, token: _Token | None = None) -> Any:
    kind, text = token or _next(tokens)
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if text == "{":
        return _read_object(tokens, depth)
    if text == "[":
        return _read_list(tokens, depth)
    if kind == "word" and text in _CONSTANTS:
        return _CONSTANTS[text]
    if kind == "number":
        return json.loads(text)
    return _read_string(kind, text)


def _next(tokens: Iterator[_Token]) -> _Token:
    token = next(tokens, None)
    if token is None:
        raise ValueError("text ends too early")
    return token


def _read_string(kind: str, text: str) -> str:
    if kind == "curly":
        return text[1:-1]
    if kind != "string":
        raise ValueError(f"{text} is no value")
    return str(load_value(text))


def _read_object(tokens: Iterator[_Token], depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    while True:
        kind, text = _next(tokens)
        if text == "}":
            return result
        key = text if kind == "word" else _read_string(kind, text)
        if key in result or _next(tokens)[1] != ":":
            raise ValueError("a key twice, or without a value")
        result[key] = _read_value(tokens, depth + 1)
        separator = _next(tokens)[1]
        if separator == "}":
            return result
        if separator != ",":
            raise ValueError("a comma is missing")


def _read_list(tokens: Iterator[_Token], depth: int) -> list[Any]:
    result: list[Any] = []
    while True:
        token = _next(tokens)
        if token[1] == "]":
            return result
        result.append(_read_value(tokens, depth + 1, token))
        separator = _next(tokens)[1]
        if separator == "]":
            return result
        if separator != ",":
            raise ValueError("a comma is missing")
