"""Notebook files (.ipynb): bytes to cells, and changed cells back into the text as it stands.

The JSON is read by the standard library, because importing nbformat costs more than
checking a module does; nbformat itself is the judge of what a fix has made
(:func:`structure_faults`) and of files that look odd. The text is never written anew:
a changed cell is changed where it stands (``jsontext.py``).
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from modlint.notebook import jsontext
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.errors import OtherLanguage, UnreadableModule
from modlint.notebook.jsontext import Node, Style
from modlint.notebook.languages import PYTHON, language_in
from modlint.notebook.magics import masked, names_bound, unmasked

#: The first version of the format in which every cell has an ``id``.
ID_VERSION = (4, 5)
_KINDS = {
    "code": CellKind.CODE,
    "markdown": CellKind.MARKDOWN,
    "raw": CellKind.RAW,
    "heading": CellKind.MARKDOWN,  # nbformat 3
    "html": CellKind.RAW,  # nbformat 3
}


def decode(data: bytes) -> str:
    """The text of a notebook file. Raises UnreadableModule where Jupyter reads none."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnreadableModule("the file begins with a byte order mark: Jupyter cannot open it")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = 1 + data.count(b"\n", 0, error.start)
        raise UnreadableModule("the file is not utf-8 text", row) from error
    if (nul := data.find(b"\0")) >= 0:
        row = 1 + data.count(b"\n", 0, nul)
        raise UnreadableModule("the file has a NUL byte: it is not a text file", row)
    return text


def read_text(text: str) -> ModuleFile:
    """Read the text of a notebook file; rows are those of each cell.

    Raises UnreadableModule for what Jupyter could not open either (no JSON, no cells,
    members of a wrong type, a version of the format that is none), and for a notebook
    in another language.
    """
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        why = "is empty" if not text.strip() else f"is not valid JSON: {error.msg.lower()}"
        raise UnreadableModule(f"the file {why}", error.lineno) from error
    except ValueError as error:
        raise UnreadableModule("the file has a number of too many digits to be read") from error
    if not isinstance(raw, dict):
        raise UnreadableModule("the file is no notebook: its JSON is not an object")
    store = NotebookStore(text, raw, _version(raw))
    _require_python(raw)
    cells = _cells(store.entries)
    return ModuleFile(cells, store=store)


def fresh_id(text: str, taken: set[str]) -> str:
    """A cell id that is not ``taken`` yet, the same one each time; it is taken afterwards."""
    number = 0
    while True:
        found = hashlib.sha1(f"{number}:{text}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
        if found not in taken:
            taken.add(found)
            return found
        number += 1


def structure_faults(raw: Mapping[str, Any]) -> list[str]:
    """What nbformat's own schema finds wrong with a notebook, in its words."""
    import warnings

    import nbformat
    from nbformat.validator import iter_validate

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        errors = iter_validate(nbformat.from_dict(raw))  # type: ignore[no-untyped-call]
        return [str(error.message) for error in errors]


@dataclass(frozen=True)
class NotebookStore:
    """The text of a notebook file and what it means.

    ``raw`` is the parsed JSON, ``nbformat`` the version of the format.
    """

    text: str
    raw: Mapping[str, Any]
    nbformat: tuple[int, int]

    @cached_property
    def entries(self) -> list[Any]:
        """The stored cells, in order; those of all worksheets in nbformat 3."""
        lists = [found for _, found in _cell_lists(self.raw, self.nbformat[0])]
        return [entry for found in lists for entry in found]

    def source(self, cell: int) -> str:
        """The text of the stored cell of this index, as it stands in the file."""
        return _text_of(self.entries[cell])

    def offset(self, cell: int, index: int, *, ends: bool = False) -> int:
        """Where in :attr:`text` the character of this index in the cell's text begins.

        ``ends``: where that before it ends, which may be in another string. In a text
        without characters it is where that text stands.
        """
        if cell not in self._characters:
            entry = self.entries[cell]
            source = self._entry_nodes[cell].member(_source_name(entry))
            is_list = isinstance(_stored(entry), list)
            strings = [item.value for item in source.items] if is_list else [source]
            self._characters[cell] = jsontext.Characters(strings, source.start)
        characters = self._characters[cell]
        return characters.end(index) if ends else characters.begin(index)

    @cached_property
    def _characters(self) -> dict[int, jsontext.Characters]:
        """Where the characters of those cells stand that were asked for."""
        return {}

    @cached_property
    def _entry_nodes(self) -> list[Node]:
        """Where the stored cells stand in the text, in order."""
        root = jsontext.root_of(self.text)
        return [item.value for node, _ in self.lists(root) for item in node.items]

    def lists(self, root: Node) -> Iterator[tuple[Node, int]]:
        """Where each list of cells stands below ``root``, and how many cells it holds."""
        for path, entries in _cell_lists(self.raw, self.nbformat[0]):
            node = root
            for step in path:
                node = node.items[step].value if isinstance(step, int) else node.member(step)
            yield node, len(entries)

    def settled(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """``cells`` as they will be read back: without marker, new ones with an id of their own."""
        ids = (cell.members.get("id") for cell in cells)
        taken = {found for found in ids if isinstance(found, str)}
        seen: set[int] = set()
        settled = []
        for cell in cells:
            if cell.origin is None or cell.origin in seen:
                cell = replace(cell, origin=None, members=self._members(cell, taken))
            else:
                seen.add(cell.origin)
            settled.append(replace(cell, marker=None, row=1, source=self._source(cell)))
        return tuple(settled)

    def _members(self, cell: Cell, taken: set[str]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        if cell.kind is CellKind.CODE:
            members["outputs"] = []
            if self.nbformat[0] == 3:
                members |= {"language": "python", "prompt_number": None}
            else:
                members["execution_count"] = None
        if self.nbformat >= ID_VERSION:
            members["id"] = fresh_id(cell.source, taken)
        return members

    def _source(self, cell: Cell) -> str:
        """The text as notebooks hold it: without the line ending that a percent file needs."""
        if cell.origin is not None:
            before = _text_of(self.entries[cell.origin])
            if before.endswith("\n") or before == unmasked(cell.source):
                return cell.source
        return cell.source.rstrip("\r\n")

    def text_with(self, cells: tuple[Cell, ...]) -> str:
        """The text of the file with these (settled) cells, all else to the byte as it was."""
        as_read = _cells(self.entries)
        if len(cells) == len(as_read) and all(map(_is_same, cells, as_read)):
            return self.text
        return _Writer(self, cells, as_read).text()


class _Writer:
    """Puts cells into the text of a notebook; those that are ``as_read`` are copied."""

    def __init__(
        self, store: NotebookStore, cells: tuple[Cell, ...], as_read: tuple[Cell, ...]
    ) -> None:
        self.store = store
        self.cells = cells
        self.as_read = as_read
        self.root = jsontext.root_of(store.text)
        self.style = Style(self.root)

    def text(self) -> str:
        """The whole text."""
        text, first = self.store.text, 0
        pieces: list[str] = []
        done = 0
        for node, count in self.store.lists(self.root):
            stop = first + count
            pieces += [text[done : node.start], self._list(node, first, stop)]
            done, first = node.end, stop
        return "".join([*pieces, text[done:]])

    def _list(self, node: Node, first: int, stop: int) -> str:
        """The list of cells that held those from ``first`` to before ``stop``."""
        parts = []
        # New cells stand with the cell above them, those at the top with the one below.
        mine = first == 0
        for cell in self.cells:
            if cell.origin is not None:
                mine = first <= cell.origin < stop
            if not mine:
                continue
            if cell.origin is None:
                entry = self._new_entry(cell)
                parts.append(jsontext.new_part(self.style.dump(entry, jsontext.item_indent(node))))
            else:
                item = node.items[cell.origin - first]
                if _is_same(cell, self.as_read[cell.origin]):
                    parts.append(jsontext.part_of(item))
                    continue
                new = self._entry(cell, item.value.value)
                parts.append(jsontext.part_of(item, jsontext.changed(item.value, new, self.style)))
        return jsontext.with_parts(node, parts, self.style) if node.items else node.raw

    def _entry(self, cell: Cell, stored: dict[str, Any]) -> dict[str, Any]:
        """The JSON of a cell that was there, in the order in which it stands."""
        new = {k: v for k, v in stored.items() if k in _OWN or k in cell.members}
        new |= cell.members
        if _kind(stored) is not cell.kind:
            new["cell_type"] = str(cell.kind)
        if _text_of(stored) != (source := _plain(cell)):
            new[_source_name(stored)] = _shaped(source, _stored(stored))
        if cell.metadata or "metadata" in stored:
            new["metadata"] = dict(cell.metadata)
        return new

    def _new_entry(self, cell: Cell) -> dict[str, Any]:
        """The JSON of a new cell, its members in the order that the file has them in."""
        name = "input" if self.store.nbformat[0] == 3 and cell.kind is CellKind.CODE else "source"
        alike = [e for e in self.store.entries if _kind(e) is cell.kind]
        shape = _stored(self.store.entries[0])
        entry = {
            "cell_type": str(cell.kind),
            **cell.members,
            "metadata": dict(cell.metadata),
            name: _shaped(_plain(cell), shape if isinstance(shape, str) else []),
        }
        known = [key for key in (alike[0] if alike else ()) if key in entry]
        return {key: entry[key] for key in (*known, *sorted(set(entry) - set(known)))}


_OWN = frozenset(("cell_type", "source", "input", "metadata"))


def _version(raw: Mapping[str, Any]) -> tuple[int, int]:
    major, minor = raw.get("nbformat"), raw.get("nbformat_minor", 0)
    if type(major) is not int or type(minor) is not int:
        raise UnreadableModule("the file is no notebook: it does not tell its nbformat version")
    if major < 3:
        advice = "convert it with `jupyter nbconvert --to notebook`"
        raise UnreadableModule(f"the notebook is of nbformat {major}, which is too old: {advice}")
    if major > 4:
        raise UnreadableModule(f"the notebook is of nbformat {major}, which modlint does not know")
    return major, minor


def _require_python(raw: Mapping[str, Any]) -> None:
    metadata = raw.get("metadata")
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise UnreadableModule("the notebook's metadata must be an object")
    if (language := language_in(metadata)) != PYTHON:
        raise OtherLanguage(language)


def _cell_lists(
    raw: Mapping[str, Any], major: int
) -> Iterator[tuple[tuple[str | int, ...], list[Any]]]:
    """Each list of cells and the way to it: one, or in nbformat 3 one a worksheet."""
    if major > 3:
        yield ("cells",), _list_of(raw, "cells", "the notebook")
        return
    for index, sheet in enumerate(_list_of(raw, "worksheets", "the notebook")):
        if not isinstance(sheet, dict):
            raise UnreadableModule(f"worksheet {index + 1} must be an object")
        yield ("worksheets", index, "cells"), _list_of(sheet, "cells", f"worksheet {index + 1}")


def _list_of(holder: Mapping[str, Any], name: str, what: str) -> list[Any]:
    if name not in holder:
        raise UnreadableModule(f"{what} has no {name}")
    found = holder[name]
    if not isinstance(found, list):
        raise UnreadableModule(f"{name} of {what} must be a list")
    return found


def _cells(entries: list[Any]) -> tuple[Cell, ...]:
    """The cells that are stored; IPython's own lines in them are masked."""
    cells: list[Cell] = []
    for index, entry in enumerate(entries):
        cells.append(_cell(entry, index, lambda name: _is_bound(name, cells)))
    return tuple(cells)


def _is_bound(name: str, above: list[Cell]) -> bool:
    """Whether one of these cells binds a name, or may bind any (a star import)."""
    for cell in above:
        if cell.kind is CellKind.CODE and (name in cell.source or "*" in cell.source):
            try:
                bound = names_bound(ast.parse(cell.source))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            if name in bound or "*" in bound:
                return True
    return False


def _cell(entry: Any, index: int, is_bound: Callable[[str], bool]) -> Cell:
    def refuse(why: str) -> UnreadableModule:
        return UnreadableModule(why, cell=index + 1)

    if not isinstance(entry, dict):
        raise refuse("must be an object")
    kind = entry.get("cell_type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise refuse(f"its cell_type cannot be {json.dumps(kind)}")
    name = _source_name(entry)
    if name not in entry:
        raise refuse("has no source")
    stored = entry[name]
    if not isinstance(stored, str) and not (
        isinstance(stored, list) and all(isinstance(line, str) for line in stored)
    ):
        raise refuse("its source must be a string or a list of strings")
    metadata = entry.get("metadata", {})
    if not isinstance(metadata, dict):
        raise refuse("its metadata must be an object")
    text = _text_of(entry)
    return Cell(
        _KINDS[kind],
        masked(text, is_bound) if kind == "code" else text,
        1,
        metadata=metadata,
        members={key: value for key, value in entry.items() if key not in _OWN},
        origin=index,
    )


def _is_same(cell: Cell, other: Cell) -> bool:
    """Whether both are stored alike; ``==`` would take 1 for True."""
    return (
        (cell.kind, cell.source, cell.origin) == (other.kind, other.source, other.origin)
        and jsontext.same(cell.metadata, other.metadata)
        and jsontext.same(cell.members, other.members)
    )


def _kind(entry: Mapping[str, Any]) -> CellKind:
    return _KINDS[entry["cell_type"]]


def _source_name(entry: Mapping[str, Any]) -> str:
    """The member that holds the text: ``input`` for code in nbformat 3."""
    return "input" if "input" in entry and "source" not in entry else "source"


def _stored(entry: Mapping[str, Any]) -> str | list[str]:
    source: str | list[str] = entry[_source_name(entry)]
    return source


def _text_of(entry: Mapping[str, Any]) -> str:
    stored = _stored(entry)
    return stored if isinstance(stored, str) else "".join(stored)


def _plain(cell: Cell) -> str:
    return unmasked(cell.source) if cell.kind is CellKind.CODE else cell.source


def _shaped(source: str, like: str | list[str]) -> str | list[str]:
    """``source`` as a string or a list of lines, whichever ``like`` is."""
    if isinstance(like, str):
        return source
    before = "".join(like)
    if like == [before] != _lines(before):
        return [source]
    # nbformat also ends a line at a form feed; some editors do not.
    for lines_of in (_splitlines, _lines):
        if like == lines_of(before):
            return lines_of(source)
    return _pieces(source, like)


def _splitlines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _pieces(source: str, like: list[str]) -> list[str]:
    """``source`` cut as ``like`` is, which is not cut at lines: what is new between, in lines."""
    first, at = 0, 0
    while first < len(like) and source.startswith(like[first], at):
        at += len(like[first])
        first += 1
    last, end = len(like), len(source)
    while last > first and source.endswith(like[last - 1], at, end):
        cut = end - len(like[last - 1])
        if source[:cut][-1:] != like[last - 2][-1:]:
            break  # this piece was a whole line, and is none any more
        last, end = last - 1, cut
    return [*like[:first], *_lines(source[at:end]), *like[last:]]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)
