"""JSON text that is changed in places, all else to the byte as it was.

Notebook files are written by many programs: with other indents, escapes, orders of
keys, with lists on one line. To write such a file anew is to change every line of it.
Here a value is replaced where it stands, in the manner of its neighbours.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^ \t\r\n,\]}]*")
#: What stands between two brackets or strings.
_BETWEEN = re.compile(r'[^"\[\]{}]*')
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[\"\\/bfnrt])")
#: An escape, or the pair of escapes that is one character.
_WHOLE_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
)
_SHORT = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Item:
    """A member of an object or an element of a list, with the white space around it.

    ``key`` is the text from the key to before the value (`"source": `), empty in a
    list; ``name`` the key it means.
    """

    lead: str
    key: str
    name: str
    value: Node
    trail: str


@dataclass(frozen=True)
class Node:
    """A value in JSON text, from ``start`` to before ``end``."""

    text: str
    start: int
    end: int

    @cached_property
    def value(self) -> Any:
        """What the value means; read when it is asked for, and mostly it is not."""
        return _DECODER.raw_decode(self.text, self.start)[0]

    @property
    def raw(self) -> str:
        """The value as it stands in the text."""
        return self.text[self.start : self.end]

    @cached_property
    def items(self) -> list[Item]:
        """What an object or a list holds, in order; nothing is known of the values' own parts."""
        return list(self._items())

    def _items(self) -> Iterator[Item]:
        text, at = self.text, self.start + 1
        while True:
            begin = _after_space(text, at)
            lead = text[at:begin]
            if text[begin] in "]}":
                return
            name, value_at = "", begin
            if text[self.start] == "{":
                key_end = _string_end(text, begin)
                name = json.loads(text[begin:key_end])
                value_at = _after_space(text, _after_space(text, key_end) + 1)
            value = Node(text, value_at, _end_of(text, value_at))
            at = _after_space(text, value.end)
            yield Item(lead, text[begin:value_at], name, value, text[value.end : at])
            if text[at] != ",":
                return
            at += 1

    def member(self, name: str) -> Node:
        """The value of a key that is there (the last one, where it is there twice)."""
        return next(item.value for item in reversed(self.items) if item.name == name)


def root_of(text: str) -> Node:
    """The value that the whole of ``text`` means, which is known to be JSON."""
    start = _after_space(text, 0)
    return Node(text, start, _end_of(text, start))


def _end_of(text: str, start: int) -> int:
    """Where the value that begins at ``start`` ends.

    It is stepped over, not decoded: that would take as much memory as the value.
    """
    if text[start] not in '"[{':
        return _matched(_SCALAR, text, start)
    at, depth = start, 0
    while True:
        if text[at] == '"':
            at = _string_end(text, at)
        else:
            depth += 1 if text[at] in "[{" else -1
            at += 1
        if not depth:
            return at
        at = _matched(_BETWEEN, text, at)


def _string_end(text: str, at: int) -> int:
    while True:
        at = text.index('"', at + 1)
        slashes = 0
        while text[at - 1 - slashes] == "\\":
            slashes += 1
        if slashes % 2 == 0:
            return at + 1


class Characters:
    """Where the characters of a text stand that is stored as one string or several.

    ``nodes`` are the strings; where the text is empty, it stands at ``empty``.
    """

    def __init__(self, nodes: Iterable[Node], empty: int) -> None:
        self._strings = [_String(node) for node in nodes if node.value]
        self._firsts = list(accumulate((s.length for s in self._strings[:-1]), initial=0))
        self._empty = empty

    def begin(self, index: int) -> int:
        """Where the character of this index begins; behind the last one, where that ends."""
        return self._at(bisect_right(self._firsts, index) - 1, index)

    def end(self, index: int) -> int:
        """Where the one before it ends, which may be in another string."""
        return self._at(max(bisect_left(self._firsts, index) - 1, 0), index)

    def _at(self, number: int, index: int) -> int:
        if not self._strings:
            return self._empty
        return self._strings[number].offset(index - self._firsts[number])


class _String:
    """A string of JSON text: its characters, and where in the text they begin."""

    def __init__(self, node: Node) -> None:
        self.length = len(node.value)
        self._first = node.start + 1
        #: The indices of the characters that are written as escapes, and by how much all
        #: escapes up to each are longer than their characters.
        self._escaped: list[int] = []
        self._longer = [0]
        for escape in _WHOLE_ESCAPE.finditer(node.text, self._first, node.end - 1):
            self._escaped.append(escape.start() - self._first - self._longer[-1])
            self._longer.append(self._longer[-1] + len(escape.group()) - 1)

    def offset(self, index: int) -> int:
        return self._first + index + self._longer[bisect_left(self._escaped, index)]


def _after_space(text: str, at: int) -> int:
    return _matched(_SPACE, text, at)


def _matched(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a match of ``pattern`` at ``at`` ends, which may be empty."""
    found = pattern.match(text, at)
    assert found is not None
    return found.end()


class Style:
    """How a text writes JSON: its indent, its spaces, its escapes.

    ``root`` is an object. ``newline`` is the line ending, None where all stands on one
    line; ``indent`` that of one level.
    """

    def __init__(self, root: Node) -> None:
        items = root.items
        lead = items[0].lead if items else ""
        self.newline = re.sub(r"[^\r\n]", "", lead) or None
        self.indent = re.sub(r"[\r\n]", "", lead)
        self.colon = items[0].key.rpartition('"')[2] if items else ": "
        spaced = items[1].lead if len(items) > 1 else self.colon[1:]
        self.comma = "," + ("" if self.newline else spaced)
        escapes = {found.group() for found in _ESCAPE.finditer(root.text)}
        self._escapes = _habits(root.text, escapes)
        units = [escape[2:] for escape in escapes if escape[1] == "u"]
        self._is_ascii = root.text.isascii() and any(int(unit, 16) > 127 for unit in units)
        self._upper = any(re.search("[A-F]", unit) for unit in units)

    def string(self, text: str) -> str:
        """``text`` as a JSON string."""
        return '"' + "".join(self._char(char) for char in text) + '"'

    def _char(self, char: str) -> str:
        if char in self._escapes:
            return self._escapes[char]
        if char in '"\\':
            return "\\" + char
        if char < " ":
            return _SHORT.get(char) or self._unicode(char)
        if "\ud800" <= char <= "\udfff" or (char > "\x7e" and self._is_ascii):
            return self._unicode(char)
        return char

    def _unicode(self, char: str) -> str:
        units = char.encode("utf-16-be", "surrogatepass").hex()
        units = units.upper() if self._upper else units
        return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))

    def dump(self, value: Any, base: str) -> str:
        """``value`` as new text; its further lines stand below ``base``, an indent."""
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, Mapping):
            parts = [
                self.string(k) + self.colon + self.dump(v, base + self.indent)
                for k, v in value.items()
            ]
            return self._enclosed("{", parts, "}", base)
        if isinstance(value, list | tuple):
            return self._enclosed("[", [self.dump(v, base + self.indent) for v in value], "]", base)
        return json.dumps(value)

    def _enclosed(self, opening: str, parts: list[str], closing: str, base: str) -> str:
        if not parts or self.newline is None:
            return opening + self.comma.join(parts) + closing
        inner = self.newline + base + self.indent
        return opening + inner + f",{inner}".join(parts) + self.newline + base + closing


def _habits(text: str, escapes: set[str]) -> dict[str, str]:
    """Characters that the text escapes though it need not, or in a way of its own."""
    found: dict[str, str] = {}
    for escape in escapes:
        char = json.loads(f'"{escape}"')
        usual = _SHORT.get(char) or (f"\\{char}" if char in '"\\' else None)
        # Where a character stands both ways, the plain one is the habit.
        if escape == usual or "\ud800" <= char <= "\udfff":
            continue
        if char not in (text.replace(escape, "") if char in escape else text):
            found[char] = escape
    return found


def changed(node: Node, value: Any, style: Style) -> str:
    """The text of ``node`` made to mean ``value``: what is equal keeps its every byte."""
    if same(node.value, value):
        return node.raw
    if isinstance(node.value, dict) and isinstance(value, Mapping) and node.value and value:
        return _changed_object(node, value, style)
    if isinstance(node.value, list) and isinstance(value, list) and node.value and value:
        return _changed_list(node, value, style)
    return style.dump(value, _indent_before(node))


def same(old: Any, new: Any) -> bool:
    """Equal, and equal in JSON too: True is not 1, and the order of keys counts."""
    if old is new:
        return True
    if type(old) is not type(new) and not (
        isinstance(old, dict | Mapping) and isinstance(new, Mapping)
    ):
        return False
    if isinstance(old, Mapping):
        return list(old) == list(new) and all(same(old[k], new[k]) for k in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)


def _changed_object(node: Node, value: Mapping[str, Any], style: Style) -> str:
    names = [item.name for item in node.items]
    parts: list[_Part] = []
    for index, item in enumerate(node.items):
        if item.name not in value:
            continue
        is_last = item.name not in names[index + 1 :]
        text = changed(item.value, value[item.name], style) if is_last else item.value.raw
        parts.append(_Part(item.key + text, item, item.name))
    in_order = names == sorted(names)
    base = item_indent(node)
    for name in value:
        if name not in names:
            part = _Part(
                style.string(name) + style.colon + style.dump(value[name], base), None, name
            )
            at = next((i for i, p in enumerate(parts) if in_order and p.name > name), len(parts))
            parts.insert(at, part)
    return with_parts(node, parts, style)


def _changed_list(node: Node, value: list[Any], style: Style) -> str:
    old = [json.dumps(item.value.value) for item in node.items]
    new = [json.dumps(element) for element in value]
    base = item_indent(node)
    parts: list[_Part] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += [_Part(item.value.raw, item) for item in node.items[i1:i2]]
            continue
        for j in range(j1, j2):
            # A new element takes the place, and the white space, of an old one while there is one.
            place = node.items[i1 + j - j1] if i1 + j - j1 < i2 else None
            parts.append(_Part(style.dump(value[j], base), place))
    return with_parts(node, parts, style)


@dataclass(frozen=True, slots=True)
class _Part:
    """The text of a member or an element; ``place`` is the item whose white space it keeps."""

    text: str
    place: Item | None
    name: str = ""


def with_parts(node: Node, parts: list[_Part], style: Style) -> str:
    """The object or list of ``node`` with other parts, each on a line as its neighbours are."""
    items = node.items
    first, closing = items[0].lead, items[-1].trail
    between = items[1].lead if len(items) > 1 else first if "\n" in first else style.comma[1:]
    pieces = []
    for index, part in enumerate(parts):
        if index == 0:
            lead = first
        elif part.place is None or part.place is items[0]:
            lead = between
        else:
            lead = part.place.lead
        trail = ""
        if index < len(parts) - 1 and part.place is not None and part.place is not items[-1]:
            trail = part.place.trail
        pieces.append(lead + part.text + trail)
    text = node.text
    return text[node.start] + ",".join(pieces) + closing + text[node.end - 1]


def part_of(item: Item, text: str | None = None) -> _Part:
    """An element that stays (or, with ``text``, is written anew) in its place."""
    return _Part(item.value.raw if text is None else text, item)


def new_part(text: str) -> _Part:
    """An element that is new."""
    return _Part(text, None)


def item_indent(node: Node) -> str:
    """The indent of what the object or list holds."""
    lead = node.items[0].lead
    if "\n" not in lead:
        return _indent_before(node)
    return lead[max(lead.rfind("\n"), lead.rfind("\r")) + 1 :]


def _indent_before(node: Node) -> str:
    """The indent of the line on which the value begins."""
    line = node.text.rfind("\n", 0, node.start) + 1
    found = re.compile(r"[ \t]*").match(node.text, line)
    assert found is not None
    return found.group()
