"""What nbgrader reads from a cell's metadata (schema version 3).

Every fact here was seen in nbgrader 0.9: the schema in its ``v3.json``, the roles in
its ``nbgraderformat`` and ``utils``. The regions in a cell's text: ``regions.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from modlint.notebook.cell import Cell, CellKind

SCHEMA_VERSION = 3
FLAGS = ("grade", "solution", "locked")
KEYS = frozenset((*FLAGS, "cell_type", "checksum", "grade_id", "points", "schema_version", "task"))
_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")
#: The schema's own pattern: its ``$`` stops before a line feed at the end, too.
_SCHEMA_ID = re.compile(r"^[a-zA-Z0-9_\-]*$")
_CHECKSUM_LENGTH = 32
_MEANT = {"true": True, "false": False, "1": True, "0": False}
#: The repair of a key that should not be there.
DROP = object()


class Problem(NamedTuple):
    """One thing in a cell's metadata that nbgrader's schema does not mean to allow.

    ``missing``: a required key is absent (or the schema version is an old one).
    ``repair`` is the value that mends the key, :data:`DROP` to remove it, or None
    where nothing can be told. ``certain`` is False where the repair is a guess.
    ``refused`` is False where ``generate_assignment`` lets it through all the same.
    """

    key: str
    message: str
    missing: bool = False
    repair: object = None
    certain: bool = True
    refused: bool = True


def grading_of(cell: Cell) -> Mapping[str, Any]:
    """The cell's nbgrader metadata; empty where it has none that is a mapping."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, (dict, Mapping)) else {}  # it is told of a dict at once


def is_graded(cell: Cell) -> bool:
    """Whether nbgrader gives points for the cell."""
    return bool(grading_of(cell).get("grade"))


def is_solution(cell: Cell) -> bool:
    """Whether the cell is the student's to fill in."""
    return bool(grading_of(cell).get("solution"))


def is_task(cell: Cell) -> bool:
    """Whether the cell is a task that a person grades."""
    return bool(grading_of(cell).get("task"))


def test_metadata(grade_id: str, points: float) -> dict[str, Any]:
    """The metadata of an autograder test cell, every required key filled."""
    return {
        "grade": True,
        "grade_id": grade_id,
        "locked": True,
        "points": points,
        "schema_version": SCHEMA_VERSION,
        "solution": False,
    }


def completed(metadata: Mapping[str, Any], grade_id: str) -> dict[str, Any]:
    """``metadata`` with every required key, the missing ones as its role has them.

    All keys are filled together: with ``schema_version`` alone, ``nbgrader
    update`` would refuse to fill in the rest.
    """
    full = dict(metadata)
    grade, solution = is_set(full, "grade"), is_set(full, "solution")
    full.setdefault("grade", False)
    full.setdefault("solution", False)
    full.setdefault("locked", grade and not solution)
    full["schema_version"] = SCHEMA_VERSION
    if needs_id(full):
        full.setdefault("grade_id", grade_id)
    return full


def needs_id(metadata: Mapping[str, Any]) -> bool:
    """Whether nbgrader wants a ``grade_id``: for every cell that has a role."""
    return has_flag(metadata) or is_set(metadata, "task")


def needs_points(metadata: Mapping[str, Any]) -> bool:
    """Whether nbgrader wants ``points``: for what is graded, by a program or a person."""
    return is_set(metadata, "grade") or is_set(metadata, "task")


def has_flag(metadata: Mapping[str, Any]) -> bool:
    """Whether ``grade``, ``solution`` or ``locked`` is set: its validator passes over others."""
    return any(is_set(metadata, flag) for flag in FLAGS)


def has_no_role(metadata: Mapping[str, Any]) -> bool:
    """Whether every flag is false, or missing, which means the same."""
    return all(flag_of(metadata, flag) is False for flag in (*FLAGS, "task"))


def is_set(metadata: Mapping[str, Any], flag: str) -> bool:
    """Whether a flag is true, or is written so that true must be meant (``1``, ``"true"``)."""
    return flag_of(metadata, flag) is True


def flag_of(metadata: Mapping[str, Any], flag: str) -> bool | None:
    """What a flag says or must mean; False where it is missing, None where it may mean anything."""
    value = metadata.get(flag, False)
    return value if isinstance(value, bool) else _MEANT.get(str(value).strip().lower())


def problems_of(cell: Cell) -> list[Problem]:
    """Everything in the cell's metadata that nbgrader's schema refuses, duplicates aside.

    Missing points and roles that do not fit the kind of the cell are not in the schema.
    """
    if "nbgrader" not in cell.metadata:
        return []
    stored = cell.metadata["nbgrader"]
    if not isinstance(stored, Mapping):
        return [Problem("nbgrader", f"nbgrader must be an object, not {_shown(stored)}")]
    if not stored:
        return [Problem("nbgrader", "nbgrader is empty", repair=DROP)]
    found = [*_missing(stored), *_version(stored)]
    for key, value in stored.items():
        if key not in KEYS:
            found.append(Problem(key, f"unknown key {_shown(key)}", repair=DROP))
        elif key != "schema_version":
            found += _value(key, value, stored)
    return found


def _missing(stored: Mapping[str, Any]) -> list[Problem]:
    keys = [key for key in (*FLAGS, "schema_version") if key not in stored]
    if needs_id(stored) and "grade_id" not in stored:
        keys.append("grade_id")
    found = [Problem(key, f"{key} is missing", missing=True) for key in sorted(keys)]
    if (version := old_schema_of(stored)) is not None:
        wants = f"nbgrader wants {SCHEMA_VERSION}: run `nbgrader update`"
        message = f"schema_version is {version}, {wants}"
        found.append(Problem("schema_version", message, missing=True))
    return found


def old_schema_of(metadata: Mapping[str, Any]) -> int | None:
    """The schema version that metadata names, where ``nbgrader update`` would raise it."""
    version = metadata.get("schema_version")
    return version if type(version) is int and version < SCHEMA_VERSION else None


def _version(stored: Mapping[str, Any]) -> list[Problem]:
    version = stored.get("schema_version", SCHEMA_VERSION)
    if type(version) is int and version <= SCHEMA_VERSION:
        return []
    if type(version) is int:
        return [
            Problem("schema_version", f"schema_version {version} is newer than {SCHEMA_VERSION}")
        ]
    message = f"schema_version must be {SCHEMA_VERSION}, not {_shown(version)}"
    return [Problem("schema_version", message, repair=SCHEMA_VERSION)]


def _value(key: str, value: object, stored: Mapping[str, Any]) -> list[Problem]:
    if key in (*FLAGS, "task"):
        return _flag(key, value)
    if key == "points":
        return _points(value, needs_points(stored))
    if key == "grade_id":
        return _grade_id(value, has_flag(stored))
    if key == "checksum" and not (isinstance(value, str) and len(value) == _CHECKSUM_LENGTH):
        return [Problem(key, f"checksum must be {_CHECKSUM_LENGTH} characters", repair=DROP)]
    if key == "cell_type" and value not in tuple(CellKind):
        return [Problem(key, f"cell_type cannot be {_shown(value)}", repair=DROP)]
    return []


def _flag(key: str, value: object) -> list[Problem]:
    if isinstance(value, bool):
        return []
    meant = _MEANT.get(str(value).strip().lower())
    return [Problem(key, f"{key} must be true or false, not {_shown(value)}", repair=meant)]


def _points(value: object, counts: bool) -> list[Problem]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value != value:  # NaN, which jupytext reads from a marker
            return [Problem("points", "points must be a number, not NaN", refused=counts)]
        if value > sys.float_info.max and isinstance(value, int):
            return [Problem("points", "points are too large for nbgrader", refused=counts)]
        if value >= 0:
            return []
        message = f"points cannot be negative ({_shown(value)})"
        return [Problem("points", message, repair=0, certain=False)]
    repair: object = None
    if isinstance(value, str):
        for kind in (int, float):
            try:
                number = kind(value)
            except ValueError:
                continue
            repair = number if 0 <= number < float("inf") else None
            break
    return [Problem("points", f"points must be a number, not {_shown(value)}", repair=repair)]


def _grade_id(value: object, counts: bool) -> list[Problem]:
    if not isinstance(value, str):
        return [Problem("grade_id", f"grade_id cannot be {_shown(value)}")]
    if _GRADE_ID.fullmatch(value):
        return []
    refused = not _SCHEMA_ID.search(value) or (not value and counts)
    if not value.strip():
        return [Problem("grade_id", f"grade_id cannot be {_shown(value)}", refused=refused)]
    message = f"grade_id {_shown(value)} may hold only letters, digits, - and _"
    return [Problem("grade_id", message, repair=slug(value) or None, refused=refused)]


def slug(text: str) -> str:
    """``text`` as a grade_id: what nbgrader refuses becomes a dash."""
    return re.sub(r"[^a-zA-Z0-9_]+", "-", text).strip("-")


def unique(wanted: str, taken: set[str]) -> str:
    """``wanted``, with a number behind it where it is taken already; it is taken afterwards."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    taken.add(name)
    return name


def _shown(value: object) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 40 else text[:37] + "…"
