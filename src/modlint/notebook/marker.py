"""The line that starts a cell of a percent file: its parts, and edits to its metadata.

The reading follows jupytext, odd corners included: what jupytext makes of a
marker line is what ends up in the notebook that students get.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from modlint.notebook.cell import CellKind

INCORRECT = "incorrectly_encoded_metadata"
"""The key under which jupytext keeps metadata text that it cannot parse."""

_START = re.compile(r"(\s*)(#\s*%%%*)\s")
_BARE = re.compile(r"(\s*)(#\s*(?:%%|<codecell>|In\[[0-9 ]*\]:?))\s*$")
# In the order in which jupytext looks for them.
_KINDS = (
    ("[markdown]", CellKind.MARKDOWN),
    ("[raw]", CellKind.RAW),
    ("[md]", CellKind.MARKDOWN),
)
_WORD = re.compile(r"[a-zA-Z_.][a-zA-Z0-9_.]*")
_KEY = re.compile(r"[a-zA-Z0-9_.@/-]+")

# How many characters all attempts to read one line's values may look at together.
# Real lines need a few hundred; without a limit a line of a million "=" would take
# hours, because a value may start after any of them.
_BUDGET = 1_000_000


class Option(NamedTuple):
    """One ``key=value`` (or bare ``key``) of a marker line; the span is in columns of the line."""

    key: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marker:
    """The parts of one marker line.

    ``comment`` is what makes it a marker, as written (``# %%``, ``#%%%``,
    ``# In[3]:``), ``indent`` the blanks before it. ``kind_text`` is
    ``[markdown]``, ``[md]``, ``[raw]`` or empty. ``options`` is the raw text of
    the metadata and ``options_span`` its columns in the line (empty span at the
    end of the text where there is none). ``metadata`` is what jupytext reads,
    without the cell type. ``items`` are the single options, from left to right
    (empty where the metadata is one JSON object or could not be parsed).
    """

    indent: str
    comment: str
    title: str
    kind_text: str
    kind: CellKind
    options: str
    options_span: tuple[int, int]
    metadata: dict[str, Any]
    items: tuple[Option, ...] = ()


def split_line_end(line: str) -> tuple[str, str]:
    """The first line of a text and its line ending, as ``str.splitlines`` sees them."""
    body = next(iter(line.splitlines()), "")
    return body, line[len(body) :]


@lru_cache(maxsize=1024)
def parse_marker(line: str) -> Marker | None:
    """The parts of a marker line (line ending or not), or None for any other line.

    Whether the line stands in a string or a fenced block is not known here.
    """
    body, _ = split_line_end(line)
    bare = _BARE.match(body)
    found = bare or _START.match(body)
    if found is None:
        return None
    indent, comment = found.groups()
    after = len(indent) + len(comment)
    if bare is not None:
        return Marker(indent, comment, "", "", CellKind.CODE, "", (after, after), {})
    return _parse_options(body, indent, comment)


def _parse_options(body: str, indent: str, comment: str) -> Marker:
    start = body.index("%%") + 2
    text = body[start:]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    head, cut = _split_head(text)
    items: tuple[Option, ...] = ()
    if text[cut : cut + 1] == "{":
        metadata = _load_object(text[cut:])
    else:
        metadata, items = _load_options(text, cut, start)
    kind_text, title = _split_title(head, metadata)
    kind = _pop_kind(kind_text, metadata)
    while cut < len(text) and text[cut].isspace():
        cut += 1
    span = (start + cut, start + len(text))
    return Marker(indent, comment, title, kind_text, kind, text[cut:], span, metadata, items)


def _split_head(text: str) -> tuple[str, int]:
    """The text before the metadata (title and type), and where the metadata starts."""
    curly, equal = text.find("{"), text.find("=")
    if curly >= 0 and not 0 <= equal < curly:
        return text[:curly].strip(), curly
    words = (text[:equal] if equal >= 0 else text).split(" ")
    if equal >= 0:
        while words and not words[-1]:
            words.pop()
        if words:  # the key on the left of the equal sign
            words.pop()
    while words and (not words[-1].strip() or words[-1].startswith(".")):
        words.pop()
    head = " ".join(words)
    return head, len(head)


def _split_title(head: str, metadata: dict[str, Any]) -> tuple[str, str]:
    """The cell type and the title in the text before the metadata.

    Title and cell depth are put into the metadata, where jupytext has them.
    """
    kind_text = next((text for text, _ in _KINDS if text in head), "")
    title = head.replace(kind_text, "").strip() if kind_text else head
    if kind_text == "[md]":
        metadata["region_name"] = "md"
    bare_title = title.lstrip("%")
    if len(bare_title) < len(title):
        metadata["cell_depth"] = len(title) - len(bare_title)
        title = bare_title.strip()
    if title:
        metadata["title"] = title
    return kind_text, title


def _pop_kind(kind_text: str, metadata: dict[str, Any]) -> CellKind:
    """The kind of the cell; takes out of the metadata what jupytext takes out for it."""
    in_notebook = kind_text or "cell_type" in metadata or _in_notebook(metadata)
    if not in_notebook and metadata.get("active") == "":
        del metadata["active"]
    named = metadata.pop("cell_type", "code" if in_notebook else "raw")
    for text, kind in _KINDS:
        if text == kind_text:
            return kind
    return CellKind(named) if named in ("code", "markdown") else CellKind.RAW


def _in_notebook(metadata: dict[str, Any]) -> bool:
    """Does the cell run in a notebook, or only in the script (``active="py"``)?"""
    control = metadata.get("run_control")
    if isinstance(control, dict) and control.get("frozen") is True:
        return True
    tags = metadata.get("tags")
    for tag in tags if isinstance(tags, list | tuple) else ():
        if isinstance(tag, str) and tag.startswith("active-"):
            return "ipynb" in tag.split("-")
    active = metadata.get("active")
    return not isinstance(active, str) or "ipynb" in re.split(r"[.,]", active)


def load_value(text: str) -> Any:
    """A metadata value: JSON, else a Python literal.

    Raises ValueError for text that is neither (or too deep for either parser).
    """
    text = text.strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("neither JSON nor a Python literal") from error


def _load_object(text: str) -> dict[str, Any]:
    """The metadata of a marker that holds it as one JSON object."""
    try:
        value = load_value(text)
    except ValueError:
        return {INCORRECT: text}
    # Jupytext stops with an error on a set; for a reader it is as good as unreadable.
    return value if isinstance(value, dict) else {INCORRECT: text}


def _load_options(text: str, begin: int, offset: int) -> tuple[dict[str, Any], tuple[Option, ...]]:
    """Read ``key=value`` pairs and bare words from ``text[begin:]``, the last one first.

    A value has no mark for its end, so each one is taken from the end of the text
    left, and starts at the right-most ``=`` after which it can be parsed.
    """
    metadata: dict[str, Any] = {}
    found: list[tuple[Option, bool]] = []
    budget = [_BUDGET]
    end = len(text)
    while True:
        while begin < end and text[begin].isspace():
            begin += 1
        while begin < end and text[end - 1].isspace():
            end -= 1
        if begin >= end:
            break
        option = _last_word(text, begin, end)
        is_word = option is not None
        option = option or _last_pair(text, begin, end, budget)
        if option is None:
            metadata[INCORRECT] = text[begin:end]
            break
        found.append((option, is_word))
        end = option.start
    for option, is_word in reversed(found):
        if not (is_word and option.key in metadata):
            metadata[option.key] = option.value
    items = (
        Option(option.key, option.value, option.start + offset, option.end + offset)
        for option, _ in reversed(found)
    )
    return metadata, tuple(items)


def _last_word(text: str, begin: int, end: int) -> Option | None:
    """The last word of the text, where it can be a key without a value."""
    if text.startswith("--", begin, end):
        return None
    start = text.rfind(" ", begin, end) + 1 or begin
    return Option(text[start:end], None, start, end) if _WORD.fullmatch(text, start, end) else None


def _last_pair(text: str, begin: int, end: int, budget: list[int]) -> Option | None:
    """The last ``key=value`` of the text: the one with the shortest value that parses."""
    equal = end
    while True:
        equal = text.rfind("=", begin, equal)
        if equal < 0:
            return None
        key_end = equal
        while key_end > begin and text[key_end - 1].isspace():
            key_end -= 1
        start = text.rfind(" ", begin, key_end) + 1 or begin
        while start < key_end and text[start].isspace():
            start += 1
        budget[0] -= equal - start
        if _KEY.fullmatch(text, start, key_end):
            # A long value is fine, many attempts at long values are not.
            if budget[0] < 0:
                return None
            budget[0] -= end - equal
            try:
                value = load_value(text[equal + 1 : end])
            except ValueError:
                continue
            return Option(text[start:key_end], value, start, end)
        if budget[0] < 0:
            return None


def option_span(line: str, key: str) -> tuple[int, int] | None:
    """The columns of ``key=value`` in a marker line, or None where it has no such option.

    Of several options with one key it is the last, which is the one that counts.
    None too where the metadata is one JSON object: there is nothing of that form then.
    """
    marker = parse_marker(line)
    spans = [(o.start, o.end) for o in marker.items if o.key == key] if marker else []
    return spans[-1] if spans else None


def with_nbgrader(marker_line: str, nbgrader: dict[str, Any] | None) -> str:
    """The marker line with this ``nbgrader`` option set (None: removed), all else as it was.

    Raises ValueError where the line is no marker, or where its other metadata is
    such that the option cannot be set without changing what jupytext reads.
    """
    marker = parse_marker(marker_line)
    if marker is None:
        raise ValueError("not a cell marker")
    if nbgrader is None and "nbgrader" not in marker.metadata:
        return marker_line
    unread = marker.metadata.get(INCORRECT, "")
    if (marker.options.startswith("{") and unread) or "nbgrader" in str(unread):
        raise ValueError("the marker has metadata that jupytext cannot parse")
    body, line_end = split_line_end(marker_line)
    if marker.options.startswith("{"):
        new = _with_json_nbgrader(body, marker, nbgrader)
    elif nbgrader is None:
        new = _without_option(body, marker, "nbgrader")
    else:
        new = _with_option(body, marker, "nbgrader=" + json.dumps(nbgrader, sort_keys=True))
    _check_edit(marker, new, nbgrader)
    return new + line_end


def _with_option(body: str, marker: Marker, option: str) -> str:
    span = option_span(body, "nbgrader")
    if span is not None:
        return body[: span[0]] + option + body[span[1] :]
    if "%%" not in marker.comment:
        # "# In[3]:" and "# <codecell>" have no place for options.
        return f"{marker.indent}# %% {option}"
    end = len(body.rstrip())
    return f"{body[:end]} {option}{body[end:]}"


def _without_option(body: str, marker: Marker, key: str) -> str:
    for option in reversed(marker.items):
        if option.key == key:
            before = body[: option.start].rstrip()
            body = before + body[option.end :]
    # "# %%%" alone starts no cell, "# %%% " does.
    return body if parse_marker(body) is not None else body + " "


def _with_json_nbgrader(body: str, marker: Marker, nbgrader: dict[str, Any] | None) -> str:
    start, end = marker.options_span
    metadata = _load_object(marker.options)
    if nbgrader is None:
        metadata.pop("nbgrader", None)
    else:
        metadata["nbgrader"] = dict(sorted(nbgrader.items()))
    if metadata:
        return body[:start] + json.dumps(metadata) + body[end:]
    body = body[:start].rstrip() + body[end:]
    return body if parse_marker(body) is not None else body + " "


def _check_edit(before: Marker, line: str, nbgrader: dict[str, Any] | None) -> None:
    """Make sure that jupytext reads from the new line what was asked for, and no other change."""
    after = parse_marker(line)
    wanted = {key: value for key, value in before.metadata.items() if key != "nbgrader"}
    if nbgrader is not None:
        wanted["nbgrader"] = json.loads(json.dumps(nbgrader))
    if after is None or after.metadata != wanted or after.kind is not before.kind:
        raise ValueError("the other metadata of the marker leaves no room for this edit")
