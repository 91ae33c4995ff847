"""What a course can set, with the defaults of a TinyTorch course."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeGuard

from modlint.cache import Trace

#: The family of the rules that execute a module: those of `modlint verify`.
RUNNING_FAMILY = "RUN"
#: Families of rules that are in force unless `select` says otherwise.
DEFAULT_FAMILIES = ("CEL", "EXP", "IMP", "MET", "NBG", RUNNING_FAMILY, "SIG")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run.

    ``first_party``: module patterns whose names belong to the course;
    ``test_names``: patterns of test functions; ``allow_calls``: calls that may
    run on import; ``points``: pattern of a test name → points, first match wins;
    ``select`` and ``ignore``: code prefixes (``IMP``, ``IMP001``), without ``select``
    the default families; ``exclude``: path patterns in the manner of .gitignore;
    ``evidence``: name of a STR or COV rule → the words that it looks for, in place
    of its own.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    first_party: tuple[str, ...] = ("tinytorch", "*_dev")
    test_names: tuple[str, ...] = ("test_*",)
    allow_calls: tuple[str, ...] = ()
    points: Mapping[str, int | float] = field(
        default_factory=lambda: {"test_module": 20, "*": 5},
    )
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_first_party(self, module: str) -> bool:
        """Whether the imported ``module`` (dotted) belongs to the course."""
        root = module.split(".")[0]  # empty for a relative import
        return not root or any(fnmatchcase(root, pattern) for pattern in self.first_party)

    def is_test_name(self, name: str) -> bool:
        """Whether ``name`` is that of a test."""
        return any(fnmatchcase(name, pattern) for pattern in self.test_names)

    def points_of(self, test: str) -> int | float:
        """The points that a new graded cell for ``test`` gets."""
        for pattern, points in self.points.items():
            if fnmatchcase(test, pattern):
                return points
        return 0

    def sets_points_of(self, test: str) -> bool:
        """Whether any pattern of ``points`` is about ``test``."""
        return any(fnmatchcase(test, pattern) for pattern in self.points)

    def is_enabled(self, code: str) -> bool:
        """Whether the rule ``code`` is in force: the longest matching prefix decides."""
        if self.select:
            chosen = max((len(p) for p in self.select if code.startswith(p)), default=-1)
        else:
            chosen = 0 if code.startswith(DEFAULT_FAMILIES) else -1
        dropped = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return chosen > dropped


class SettingsError(ValueError):
    """Settings that cannot be used; the message names the file and the key."""


def find_settings(start: Path, trace: Trace | None = None) -> Settings:
    """The settings in force at the folder ``start``: the nearest file that has any.

    ``modlint.toml`` counts before ``[tool.modlint]`` of a ``pyproject.toml`` in the
    same folder. Each file that is looked for is noted in ``trace``. Raises
    :class:`SettingsError` where the file cannot be used.
    """
    trace = trace or Trace()
    for folder in (start, *start.parents):
        own, shared = folder / "modlint.toml", folder / "pyproject.toml"
        trace.look(str(own))
        trace.look(str(shared))
        if os.path.lexists(own):
            return _from_table(own, _toml(own))
        if os.path.lexists(shared):
            table = _shared_table(shared)
            if table is not None:
                return _from_table(shared, table)
    return Settings()


def _shared_table(path: Path) -> object:
    """``[tool.modlint]`` of a ``pyproject.toml``; None where it does not speak of modlint."""
    if b"modlint" not in _bytes(path):
        return None
    tool = _toml(path).get("tool", {})
    return tool.get("modlint") if isinstance(tool, Mapping) else None


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_bytes(path).decode("utf-8"))
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{path}: is too deeply nested") from error


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SettingsError(f"{path}: is a pipe or a device, not a file")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error


def _from_table(path: Path, table: object) -> Settings:
    if not isinstance(table, Mapping):
        raise SettingsError(f"{path}: [tool.modlint] must be a table")
    known = {field.name.replace("_", "-"): field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise SettingsError(f"{path}: unknown key {key!r}{hint}")
        values[known[key]] = _value(path, key, value)
    return Settings(**values)


def _value(path: Path, key: str, value: object) -> object:
    if key == "points":
        numbers = isinstance(value, Mapping) and all(
            isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v < float("inf")
            for v in value.values()
        )
        if not numbers:
            raise SettingsError(f"{path}: {key!r} must map test names to points (numbers from 0)")
        return value
    if key == "evidence":
        if not isinstance(value, Mapping) or not all(map(_is_words, value.values())):
            raise SettingsError(f"{path}: {key!r} must map rule names to lists of strings")
        return {name: tuple(words) for name, words in value.items()}
    if not _is_words(value):
        raise SettingsError(f"{path}: {key!r} must be a list of strings")
    if key == "exclude":
        from modlint.discovery import ignore_spec

        try:
            ignore_spec(value)
        except ValueError as error:
            raise SettingsError(f"{path}: {key!r}: {error}") from error
    return tuple(value)


def _is_words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
