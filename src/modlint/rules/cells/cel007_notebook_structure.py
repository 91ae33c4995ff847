"""CEL007: what a notebook file stores beside the text of its cells is not as nbformat has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Position, Severity
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import FLAGS, grading_of
from modlint.notebook.marker import INCORRECT, parse_marker
from modlint.notebook.regions import delimiters
from modlint.notebook.repair import with_repaired_metadata
from modlint.rules.base import ModuleRule
from modlint.rules.grading._family import metadata_fix

#: nbformat's schema of a cell id, from version 4.5 on.
_ID = re.compile(r"[a-zA-Z0-9-_]+")
_ID_LENGTH = 64
_WITH_IDS = (4, 5)
#: What every code cell has, and no other: its value where nothing was run.
_OF_CODE: dict[str, Any] = {"execution_count": None, "outputs": []}
#: What nbgrader writes into the cells of a release.
_OF_RELEASES = ("cell_type", "checksum")
#: Data of these types may be any JSON, all other data is text.
_JSON_TYPE = re.compile(r"application/(.*\+)?json")
_NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
_OUTPUT_KEYS = {
    "stream": {"name", "text"},
    "display_data": {"data", "metadata"},
    "execute_result": {"data", "metadata", "execution_count"},
    "error": {"ename", "evalue", "traceback"},
}


class NotebookStructure(ModuleRule):
    """Ids, outputs and execution counts that are missing, doubled, misplaced; leftovers."""

    code = "CEL007"
    name = "notebook-structure"
    severity = Severity.ERROR

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each faulty cell, and one for each leftover of another tool."""
        store = module.file.store
        if store is None:
            return
        if store.nbformat[0] == 4:
            yield from self._members(module)
        is_source = any(_is_of_a_source(cell, module.grader) for cell in module.file.cells)
        for index, cell in enumerate(module.file.cells):
            if INCORRECT in cell.metadata:
                message = (
                    "jupytext could not read this metadata and keeps it as a text under "
                    f"`{INCORRECT}`: none of it counts"
                )
                yield self.on_marker(module, index, message, _read_at_last(cell, index))
            stray = [key for key in _OF_RELEASES if key in grading_of(cell)]
            if stray and is_source:
                kept = {k: v for k, v in grading_of(cell).items() if k not in stray}
                message = (
                    f"{_listed(stray)} in the nbgrader metadata: nbgrader writes that into a "
                    "release; in a source, `nbgrader validate` takes it for a change of the cell"
                )
                fix = metadata_fix(module, index, kept, f"Remove {_listed(stray)}")
                yield self.on_marker(module, index, message, fix)

    def _members(self, module: Module) -> Iterator[Diagnostic]:
        """What stands beside the text: modlint's own words first, then those of nbformat."""
        store = module.file.store
        assert store is not None
        has_ids = store.nbformat >= _WITH_IDS
        is_doubtful = _is_odd_notebook(store.raw)
        taken = {i for cell in module.file.cells if isinstance(i := cell.members.get("id"), str)}
        seen: set[str] = set()
        own: list[list[str]] = []
        mended: list[Mapping[str, Any]] = []
        for cell in module.file.cells:
            own.append(list(_faults(cell, has_ids, seen)))
            mended.append(_mended(cell, has_ids, seen, taken))
            seen.add(str(mended[-1].get("id")))
            is_doubtful = is_doubtful or _is_odd(cell, mended[-1], store.raw)
        others = list(_words_of_nbformat(store.raw, mended)) if is_doubtful else []
        for index, faults in enumerate(own):
            if faults:
                # nbformat names one fault of a cell: mended, it would name the next.
                hides = any(at == index for at, _ in others)
                fix = None if hides else _restored(module.file.cells[index], index, mended[index])
                yield self.on_marker(module, index, "; ".join(faults), fix)
        for at, words in others:
            message = f"nbformat refuses this notebook: {words}"
            if at is not None:
                yield self.on_marker(module, at, message)
            else:
                yield self.diagnostic(0, Position(1), Position(1), message)


def _faults(cell: Cell, has_ids: bool, seen: set[str]) -> Iterator[str]:
    """What is wrong with the members that nbformat asks for; ``seen`` are the ids above."""
    found = cell.members.get("id")
    if not has_ids:
        if "id" in cell.members:
            yield "a cell has an id only from nbformat 4.5 on: nbformat refuses the notebook"
    elif "id" not in cell.members:
        yield "this cell has no id: each tool that opens the notebook makes up another one"
    elif not _is_id(found):
        yield "the id of this cell is none: 1 to 64 of the signs a-z, A-Z, 0-9, - and _"
    elif found in seen:
        yield f"a cell above has the id {found} too: each tool that opens the notebook changes this"
    for key in _OF_CODE:
        if cell.kind is CellKind.CODE and key not in cell.members:
            yield f"a code cell needs `{key}`: nbformat refuses the notebook"
        elif cell.kind is not CellKind.CODE and key in cell.members:
            yield f"a {cell.kind} cell cannot have `{key}`: nbformat refuses the notebook"


def _is_id(found: Any) -> bool:
    return isinstance(found, str) and _ID.fullmatch(found) is not None and len(found) <= _ID_LENGTH


def _mended(cell: Cell, has_ids: bool, seen: set[str], taken: set[str]) -> dict[str, Any]:
    """The members of the cell without these faults; a new id is ``taken`` afterwards."""
    members = dict(cell.members)
    found = members.get("id")
    if not has_ids:
        members.pop("id", None)
    elif not _is_id(found) or found in seen:
        from modlint.notebook.ipynb import fresh_id

        members["id"] = fresh_id(cell.source, taken)
    for key, value in _OF_CODE.items():
        if cell.kind is not CellKind.CODE:
            members.pop(key, None)
        elif key not in members:
            members[key] = value
    return members


def _restored(cell: Cell, index: int, members: Mapping[str, Any]) -> Fix:
    def rewrite() -> Patch:
        return Patch({index: (replace(cell, members=members),)})

    # What somebody sees below the cell must not go without a question.
    loses = bool(cell.members.get("outputs")) and "outputs" not in members
    applicability = Applicability.UNSAFE if loses else Applicability.SAFE
    return Fix(applicability, "Store the cell as nbformat has it", rewrite, Change.STRUCTURE)


def _read_at_last(cell: Cell, index: int) -> Fix | None:
    """The metadata that the text must have meant, where it has one reading only."""
    text = cell.metadata[INCORRECT]
    line = with_repaired_metadata(f"# %% {text}") if isinstance(text, str) else None
    marker = parse_marker(line) if line is not None else None
    if marker is None or marker.kind is not CellKind.CODE or "title" in marker.metadata:
        return None
    kept = {key: value for key, value in cell.metadata.items() if key != INCORRECT}
    if kept.keys() & marker.metadata.keys():
        return None

    def rewrite() -> Patch:
        return Patch({index: (replace(cell, metadata={**kept, **marker.metadata}),)})

    return Fix(Applicability.SAFE, "Store what the text says", rewrite, Change.MARKER)


def _is_of_a_source(cell: Cell, by: GraderConfig) -> bool:
    """Whether the cell is one that nbgrader never puts into a release.

    It clears all regions, and writes a checksum into each cell that has a role.
    """
    if any(mark.begins for mark in delimiters(cell.source, by)):
        return True
    grading = grading_of(cell)
    return any(grading.get(flag) for flag in FLAGS) and "checksum" not in grading


def _listed(keys: list[str]) -> str:
    return " and ".join(f"`{key}`" for key in keys)


def _is_odd_notebook(raw: Mapping[str, Any]) -> bool:
    """A quick look at what stands above the cells: False where nbformat must agree."""
    if raw.keys() != _NOTEBOOK_KEYS:
        return True
    metadata = raw["metadata"]
    if not isinstance(metadata, dict):
        return True
    named = {"kernelspec": ("name", "display_name"), "language_info": ("name",)}
    for key, names in named.items():
        found = metadata.get(key)
        if key in metadata and not isinstance(found, dict):
            return True
        if found is not None and not all(isinstance(found.get(name), str) for name in names):
            return True
    return any(key in metadata for key in ("title", "authors", "orig_nbformat"))


def _is_odd(cell: Cell, members: Mapping[str, Any], raw: Mapping[str, Any]) -> bool:
    """A quick look at a cell: False where nbformat must agree with it."""
    known = {"id", *_OF_CODE} if cell.kind is CellKind.CODE else {"id", "attachments"}
    if not members.keys() <= known or "metadata" not in raw["cells"][cell.origin]:
        return True
    outputs = members.get("outputs", [])
    return (
        _is_odd_metadata(cell.metadata)
        or not _is_count(members.get("execution_count"))
        or not isinstance(outputs, list)
        or any(map(_is_odd_output, outputs))
        or not _are_attachments(members.get("attachments", {}))
    )


def _is_odd_metadata(metadata: Mapping[str, Any]) -> bool:
    """Whether one of the few keys that nbformat has a type for is of another type."""
    tags = metadata.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        return True
    jupyter = metadata.get("jupyter", {})
    return (
        len(set(tags)) < len(tags)
        or any("," in tag for tag in tags)
        or not isinstance(metadata.get("name", "a"), str)
        or not metadata.get("name", "a")
        or not isinstance(metadata.get("format", ""), str)
        or not isinstance(metadata.get("execution", {}), dict)
        or not isinstance(jupyter, dict)
        or not all(isinstance(value, bool) for value in jupyter.values())
        or not isinstance(metadata.get("collapsed", True), bool)
        or not (metadata.get("scrolled") == "auto" or type(metadata.get("scrolled", True)) is bool)
    )


def _is_odd_output(output: Any) -> bool:
    """Whether an output has other keys than its kind, or values of another type."""
    if not isinstance(output, dict) or not isinstance(output.get("output_type"), str):
        return True
    keys = _OUTPUT_KEYS.get(output["output_type"])
    if keys is None or output.keys() - {"output_type"} != keys:
        return True
    names = [output[key] for key in ("name", "ename", "evalue") if key in keys]
    return (
        not all(isinstance(name, str) for name in names)
        or not isinstance(output.get("metadata", {}), dict)
        or not _is_bundle(output.get("data", {}))
        or not _is_text(output.get("text", ""))
        or not (
            isinstance(output.get("traceback", []), list) and _is_text(output.get("traceback", []))
        )
        or not _is_count(output.get("execution_count"))
    )


def _is_bundle(data: Any) -> bool:
    """Whether this is what an output or an attachment holds: a text by media type."""
    return isinstance(data, dict) and all(
        _JSON_TYPE.fullmatch(key) or _is_text(value) for key, value in data.items()
    )


def _are_attachments(found: Any) -> bool:
    return isinstance(found, dict) and all(map(_is_bundle, found.values()))


def _is_count(found: Any) -> bool:
    return found is None or (type(found) is int and found >= 0)


def _is_text(found: Any) -> bool:
    if isinstance(found, list):
        return all(isinstance(line, str) for line in found)
    return isinstance(found, str)


def _words_of_nbformat(
    raw: Mapping[str, Any], mended: list[Mapping[str, Any]]
) -> Iterator[tuple[int | None, str]]:
    """What nbformat finds once the known faults are mended: index of the cell, words."""
    import nbformat
    from nbformat.validator import iter_validate

    own = ("cell_type", "source", "metadata")
    cells = [
        {**{key: entry[key] for key in own if key in entry}, **members}
        for entry, members in zip(raw["cells"], mended, strict=True)
    ]
    notebook = nbformat.from_dict({**raw, "cells": cells})  # type: ignore[no-untyped-call]
    for error in iter_validate(notebook):  # type: ignore[no-untyped-call]
        path = list(error.absolute_path)
        at = path[1] if path[:1] == ["cells"] and len(path) > 1 else None
        yield at, error.message.splitlines()[0]
