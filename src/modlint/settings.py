"""What a course can set, with the defaults of a TinyTorch course.

The fields of :class:`Settings` are the one list of keys: reading, ``modlint settings``, the
JSON schema (``settings.schema.json``) and the reference (``docs/settings.md``) go by it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from modlint.cache import Trace
from modlint.notebook.grader_config import DEFAULT, GraderConfig
from modlint.notebook.kinds import Kind, Purpose
from modlint.patterns import matches

#: The family of the rules that execute a module: those of `modlint verify`.
RUNNING_FAMILY = "RUN"
#: The rule that says which cells cannot be read: in force unless it is ignored. Named here, and
#: not by its class: whether any rule is left is asked before a rule is imported.
SYNTAX_ERROR = "CEL008"
#: Families of rules that are in force unless `select` says otherwise.
DEFAULT_FAMILIES = ("CEL", "EXP", "IMP", "MET", "NBG", RUNNING_FAMILY, "SIG")

#: The kinds that a user may name.
NAMED_KINDS = tuple(str(kind) for kind in Kind if kind is not Kind.OTHER)

#: The file that holds nothing but settings, and the one that others share.
OWN_FILE, SHARED_FILE = "modlint.toml", "pyproject.toml"


class ValueType(StrEnum):
    """What the value of a key may be; the words follow "must be"."""

    CODES = "a list of codes or prefixes of codes"
    NAMES = "a list of strings"
    PATTERNS = "a list of paths, written as in .gitignore"
    CODES_BY_PATTERN = "a table of paths, written as in .gitignore, with a list of codes each"
    POINTS = "a table of names of tests with points (numbers from 0)"
    WORDS_BY_RULE = "a table of names of rules with a list of strings each"
    KIND_BY_PATTERN = "a table of paths, written as in .gitignore, with a kind of file each"
    FILE = "the path of a file"
    FOLDER = "the path of a folder"
    SWITCH = "true or false"


def _key(kind: ValueType, says: str, default: object) -> Any:
    """A field that is a key: what it may be, and what it is for, for whoever reads about it."""
    metadata = {"kind": kind, "says": says}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: a file and its line, if that is known; else the command line."""

    path: str = ""
    line: int | None = None

    def __str__(self) -> str:
        if not self.path:
            return "command line"
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class LocalRules:
    """The rules that a course adds, as their folder was read; :mod:`modlint.rules.local` runs them.

    ``folder`` is its absolute path, ``sources`` the name and the content of each Python file
    in it, ``digest`` what only these have. ``names`` are the code and the name of each rule,
    as the files are named. ``may_run``: the user allows to run that code.
    """

    folder: str = ""
    sources: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    digest: str = ""
    names: tuple[tuple[str, str], ...] = ()
    may_run: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of each rule."""
        return tuple(code for code, _ in self.names)


_MODULE = Purpose()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force for a module file.

    Codes may be prefixes (``IMP``, ``IMP001``). ``origins`` tells, for each key (as in the
    file) that is not a default, where it was set; paths are relative to that file.
    ``source`` is the file of settings itself, ``ignored_here`` what ``per-file-ignores``
    says of the one module, ``local`` the rules in the folder ``local_rules``, ``purpose`` what
    the one file is for, ``grader_config`` what the course tells nbgrader.
    """

    select: tuple[str, ...] = _key(
        ValueType.CODES,
        "The rules in force, beside CEL008; empty: those of all families but STR and COV.",
        (),
    )
    extend_select: tuple[str, ...] = _key(
        ValueType.CODES, "Rules in force beside those of `select`.", ()
    )
    ignore: tuple[str, ...] = _key(
        ValueType.CODES,
        "Rules that are not in force; where both match, the longer code decides.",
        (),
    )
    per_file_ignores: Mapping[str, tuple[str, ...]] = _key(
        ValueType.CODES_BY_PATTERN,
        "Rules that are not in force in these files, whatever else is.",
        {},
    )
    include: tuple[str, ...] = _key(
        ValueType.PATTERNS,
        "What is checked below the current folder when no path is given; empty: all modules.",
        (),
    )
    exclude: tuple[str, ...] = _key(
        ValueType.PATTERNS, "What is skipped in folders; a file named outright is checked.", ()
    )
    kinds: Mapping[str, str] = _key(
        ValueType.KIND_BY_PATTERN,
        "What these files are for, where modlint cannot see it; the first match counts. See "
        "[Kinds of files](kinds.md).",
        {},
    )
    extend: str = _key(
        ValueType.FILE, "Another file of settings, whose values count where this one is silent.", ""
    )
    baseline: str = _key(
        ValueType.FILE,
        "The baseline that `check` holds against what it finds, once it is there.",
        "",
    )
    local_rules: str = _key(
        ValueType.FOLDER, "Rules of the course's own; they run where the user trusts them.", ""
    )
    first_party: tuple[str, ...] = _key(
        ValueType.NAMES, "Patterns of modules that belong to the course.", ("tinytorch", "*_dev")
    )
    test_names: tuple[str, ...] = _key(
        ValueType.NAMES, "Patterns of names of test functions.", ("test_*",)
    )
    demo_names: tuple[str, ...] = _key(
        ValueType.NAMES,
        "Patterns of names of functions that show or measure; `demo_*` means `demo` too.",
        (
            "analy[sz]e_*", "demo_*", "demonstrate_*", "explore_*", "plot_*", "show_*",
            "visuali[sz]e_*",
        ),
    )  # fmt: skip
    allow_calls: tuple[str, ...] = _key(
        ValueType.NAMES, "Patterns of calls that may run on import, such as `enable_autograd`.", ()
    )
    points: Mapping[str, int | float] = _key(
        ValueType.POINTS,
        "Pattern of the name of a test → points of a new graded cell; the first match counts.",
        {"test_module": 20, "*": 5},
    )
    staging: bool = _key(
        ValueType.SWITCH,
        "Whether a command of the course completes metadata, and locks cells without a region, "
        "before nbgrader runs.",
        False,
    )
    evidence: Mapping[str, tuple[str, ...]] = _key(
        ValueType.WORDS_BY_RULE,
        "Name of a STR or COV rule → the words that it looks for, in place of its own.",
        {},
    )
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False, repr=False)
    source: str = field(default="", compare=False, repr=False)
    ignored_here: tuple[str, ...] = ()
    local: LocalRules = LocalRules()
    purpose: Purpose = _MODULE
    grader_config: GraderConfig = DEFAULT

    @property
    def grader(self) -> GraderConfig:
        """What nbgrader goes by, and whether the course has a step of its own before it."""
        if self.staging and not self.grader_config.is_staged:
            return replace(self.grader_config, is_staged=True)
        return self.grader_config

    def is_first_party(self, module: str) -> bool:
        """Whether the imported ``module`` (dotted) belongs to the course."""
        root = module.split(".")[0]  # empty for a relative import
        return not root or matches(root, self.first_party)

    def is_test_name(self, name: str) -> bool:
        """Whether ``name`` is that of a test."""
        return matches(name, self.test_names)

    def is_demo_name(self, name: str) -> bool:
        """Whether ``name`` is that of a function that shows or measures something."""
        return any(matches(form, self.demo_names) for form in (name, f"{name}_"))

    def points_of(self, test: str) -> int | float:
        """The points that a new graded cell for ``test`` gets."""
        for pattern, points in self.points.items():
            if matches(test, (pattern,)):
                return points
        return 0

    def sets_points_of(self, test: str) -> bool:
        """Whether any pattern of ``points`` is about ``test``."""
        return matches(test, tuple(self.points))

    def is_enabled(self, code: str) -> bool:
        """Whether the rule ``code`` is selected, and may run, whatever the file is for.

        A cell that cannot be read is reported whatever is selected: to no rule it is clean.
        """
        if not self.local.may_run and self.local.names and code in self.local.codes:
            return False
        return self.selects(code) or (code == SYNTAX_ERROR and not self._ignores(code))

    def _ignores(self, code: str) -> bool:
        return code.startswith((*self.ignored_here, *self.ignore))

    def selects(self, code: str) -> bool:
        """Whether the rule ``code`` would be in force if it may run.

        The longest matching prefix decides.
        """
        if code.startswith(self.ignored_here):
            return False
        if self.select:
            chosen = _longest(code, self.select)
        else:
            chosen = 0 if code.startswith((*DEFAULT_FAMILIES, *self.local.codes)) else -1
        chosen = max(chosen, _longest(code, self.extend_select))
        dropped = _longest(code, self.ignore)
        return chosen > dropped

    def folder_of(self, key: str) -> str | None:
        """The folder that the paths of ``key`` are relative to; None where no file sets it."""
        origin = self.origins.get(key)
        return os.path.dirname(origin.path) if origin and origin.path else None

    def path_of(self, key: str) -> str:
        """The file that ``key`` names, from the current folder; empty where it names none."""
        value = str(getattr(self, field_name(key)))
        return value and os.path.relpath(os.path.join(self.folder_of(key) or "", value))


def _longest(code: str, prefixes: Iterable[str]) -> int:
    longest = -1
    for prefix in prefixes:
        if code.startswith(prefix):
            longest = max(longest, len(prefix))
    return longest


def field_name(key: str) -> str:
    """The field of a key: ``first-party`` → ``first_party``."""
    return key.replace("-", "_")


def keys() -> dict[str, ValueType]:
    """Every key, as it is written in a file, with what it may be."""
    return {f.name.replace("_", "-"): f.metadata["kind"] for f in fields(Settings) if f.metadata}


def says(key: str) -> str:
    """What a key is for, in one sentence."""
    return next(str(f.metadata["says"]) for f in fields(Settings) if f.name == field_name(key))


class SettingsError(ValueError):
    """Settings that cannot be used; the message names the file, the line and the key."""

    def __init__(self, place: str | Path, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = str(place)
        self.message = message


def find_settings(start: Path, trace: Trace | None = None) -> Settings:
    """The settings in force at the folder ``start``: the nearest file that has any.

    ``modlint.toml`` counts before ``[tool.modlint]`` of a ``pyproject.toml`` in the
    same folder. Each file that is looked for is noted in ``trace``. Raises
    :class:`SettingsError` where the file cannot be used.
    """
    trace = trace or Trace()
    for folder in (start, *start.parents):
        found = settings_in(folder, trace)
        if found is not None:
            return found
    return Settings()


def settings_in(folder: Path, trace: Trace) -> Settings | None:
    """The settings of the file in ``folder``; None where there is none.

    Each file that is looked for is noted in ``trace``. Raises :class:`SettingsError`
    where it cannot be used.
    """
    own, shared = folder / OWN_FILE, folder / SHARED_FILE
    trace.look(str(own))
    trace.look(str(shared))
    if os.path.lexists(own):
        return _loaded(own, trace)
    if os.path.lexists(shared) and _table(shared) is not None:
        return _loaded(shared, trace)
    return None


def _loaded(path: Path, trace: Trace) -> Settings:
    """The settings of ``path`` and, where it is silent, of the files that it extends."""
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    chain: list[str] = []
    source = str(path)
    while True:
        chain.append(os.path.realpath(path))
        table = _table(path)
        if not isinstance(table, Mapping):
            what = "must be a table" if table is not None else "is missing"
            raise SettingsError(path, f"[tool.modlint] {what}")
        text = _bytes(path).decode("utf-8-sig")
        for key, value in table.items():
            origin = Origin(str(path), _line_of(key, text, path.name == SHARED_FILE))
            read = _value(origin, key, value)
            if key == "extend-select" and key in values:
                values[key] = (*read, *values[key])
            values.setdefault(key, read)
            origins.setdefault(key, origin)
        if not table.get("extend"):
            break
        origin = Origin(str(path), _line_of("extend", text, path.name == SHARED_FILE))
        path = path.parent / table["extend"]
        trace.look(str(path))
        if not path.is_file():
            raise SettingsError(str(origin), f"'extend': no such file: {table['extend']}")
        if os.path.realpath(path) in chain:
            circle = " → ".join(os.path.basename(p) for p in [*chain, os.path.realpath(path)])
            raise SettingsError(str(origin), f"'extend' leads in a circle: {circle}")
    named = {field_name(key): value for key, value in values.items()}
    return Settings(**named, origins=origins, source=source)


def _table(path: Path) -> object:
    """What a file says to modlint; None where a shared one does not speak of it."""
    if path.name != SHARED_FILE:
        return _toml(path)
    if b"modlint" not in _bytes(path):
        return None
    tool = _toml(path).get("tool", {})
    return tool.get("modlint") if isinstance(tool, Mapping) else None


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    data = _bytes(path)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))  # Windows editors write a BOM
    except ValueError as error:
        raise SettingsError(path, str(error)) from error
    except RecursionError as error:
        raise SettingsError(path, "is too deeply nested") from error


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SettingsError(path, "is a pipe or a device, not a file")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(path, str(error.strerror)) from error


def _line_of(key: str, text: str, is_shared: bool) -> int | None:
    """The line on which a key is set, as people write it; None for a more unusual way.

    The TOML parser of the standard library tells no places.
    """
    wanted = ["tool", "modlint"] if is_shared else []
    section: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            section = _words(header[1])
            if section[: len(wanted) + 1] == [*wanted, key]:
                return number
        elif (entry := _ENTRY.match(line)) and [*section, *_words(entry[1])][: len(wanted) + 1] == [
            *wanted,
            key,
        ]:
            return number
    return None


_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#|$)")
_ENTRY = re.compile(r"\s*([\w.\"'-]+)\s*=")


def _words(dotted: str) -> list[str]:
    return [word.strip().strip("\"'") for word in dotted.split(".")]


def _value(origin: Origin, key: str, value: object) -> Any:
    """The value of a key as it is kept. Raises :class:`SettingsError` where it cannot be."""
    kind = keys().get(key)
    if kind is None:
        name = os.path.basename(origin.path)
        if key == "tool" and name != SHARED_FILE:
            hint = f": in {name} the keys stand at the top, without [tool.modlint]"
        else:
            hint = did_you_mean(key, keys())
        raise SettingsError(str(origin), f"unknown key {key!r}{hint}")
    if not _fits(kind, value):
        near = f"; did you mean {[value]!r}?" if isinstance(value, str) else ""
        raise SettingsError(str(origin), f"{key!r} must be {kind}{near}")
    if kind in (ValueType.PATTERNS, ValueType.CODES_BY_PATTERN, ValueType.KIND_BY_PATTERN):
        from modlint.discovery import ignore_spec

        try:
            ignore_spec(list(value))  # type: ignore[call-overload]
        except ValueError as error:
            raise SettingsError(str(origin), f"{key!r}: {error}") from error
    if isinstance(value, list):
        return _upper(value) if kind is ValueType.CODES else tuple(value)
    if isinstance(value, Mapping) and kind is ValueType.CODES_BY_PATTERN:
        return {pattern: _upper(codes) for pattern, codes in value.items()}
    if isinstance(value, Mapping) and kind is ValueType.KIND_BY_PATTERN:
        for named in value.values():
            if named not in NAMED_KINDS:
                near = did_you_mean(str(named), NAMED_KINDS) or f"; one of {', '.join(NAMED_KINDS)}"
                raise SettingsError(str(origin), f"{key!r}: no kind of file is {named!r}{near}")
    if isinstance(value, Mapping) and kind is ValueType.WORDS_BY_RULE:
        return {name: tuple(words) for name, words in value.items()}
    return value


def _fits(kind: ValueType, value: object) -> bool:
    if kind in (ValueType.FILE, ValueType.FOLDER):
        return isinstance(value, str)
    if kind is ValueType.SWITCH:
        return isinstance(value, bool)
    if kind is ValueType.POINTS:
        return isinstance(value, Mapping) and all(
            isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v < float("inf")
            for v in value.values()
        )
    if kind is ValueType.KIND_BY_PATTERN:
        return isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
    if kind in (ValueType.CODES_BY_PATTERN, ValueType.WORDS_BY_RULE):
        return isinstance(value, Mapping) and all(map(_is_list, value.values()))
    return _is_list(value)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _upper(codes: list[str]) -> tuple[str, ...]:
    return tuple(code.upper() for code in codes)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, if one is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
