"""What a course tells nbgrader: its ``nbgrader_config.py`` or ``.json``, which is read, never run.

nbgrader 0.9 reads both files in the folder where it is started and in the root of the course;
where both set the same, the JSON wins. Here it is the nearest folder above a module that has one.
Values that are not written down (``os.environ[…]``, what stands under an ``if``) are unknown: the
default counts.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from modlint.cache import Trace

#: The files of a configuration, the later one wins.
NAMES = ("nbgrader_config.py", "nbgrader_config.json")
_CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
#: The steps of ``nbgrader generate_assignment`` that a release depends on.
STEPS = ("InstantiateTests", "ClearSolutions", "ClearHiddenTests", "ClearMarkScheme")


class GraderConfigError(ValueError):
    """A configuration that nbgrader cannot read either; ``path`` and ``line`` say where."""

    def __init__(self, path: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class Marks(NamedTuple):
    """What begins and ends each kind of region, in the order of ``RegionKind``."""

    begin_solution: str = "BEGIN SOLUTION"
    end_solution: str = "END SOLUTION"
    begin_hidden_tests: str = "BEGIN HIDDEN TESTS"
    end_hidden_tests: str = "END HIDDEN TESTS"
    begin_mark_scheme: str = "BEGIN MARK SCHEME"
    end_mark_scheme: str = "END MARK SCHEME"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where nbgrader keeps what it makes; relative to ``root`` of the course.

    ``structure`` names the folders below each of them (``{nbgrader_step}``, ``{student_id}``,
    ``{assignment_id}``).
    """

    root: str = ""
    source: str = "source"
    release: str = "release"
    submitted: str = "submitted"
    autograded: str = "autograded"
    feedback: str = "feedback"
    solution: str = "solution"
    structure: str = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")


_MARKS, _FOLDERS = Marks(), Folders()


@dataclass(frozen=True)
class GraderConfig:
    """What nbgrader goes by when it makes the release of a module; the defaults are its own.

    ``path`` is the folder of the configuration, empty where there is none. ``marks`` are the
    delimiters; ``code_stub`` and ``text_stub`` what takes the place of an answer.
    ``tolerates``: the steps that take a region in a cell of any role (``enforce_metadata`` is
    False). ``skips``: the steps that do not run. ``autotest`` is the word of tests that nbgrader
    writes itself, ``autotests`` the file that says how (empty where there is none), and
    ``autotests_name`` its name. ``is_staged``: a command of the course completes metadata, and
    locks cells without a region, before nbgrader sees them.
    """

    path: str = ""
    marks: Marks = _MARKS
    code_stub: str = _CODE_STUB
    text_stub: str = "YOUR ANSWER HERE"
    tolerates: frozenset[str] = frozenset()
    skips: frozenset[str] = frozenset()
    folders: Folders = _FOLDERS
    autotest: str = "AUTOTEST"
    autotests_name: str = "autotests.yml"
    autotests: str = ""
    is_staged: bool = False

    def __repr__(self) -> str:
        """What only the same configuration has, in any process: sets are sorted."""
        parts = [*map(repr, (self.path, self.marks, self.code_stub, self.text_stub))]
        parts += [repr(sorted(self.tolerates)), repr(sorted(self.skips)), repr(self.folders)]
        parts += map(repr, (self.autotest, self.autotests_name, self.autotests, self.is_staged))
        return f"GraderConfig({', '.join(parts)})"

    @cached_property
    def code_lines(self) -> tuple[str, ...]:
        """The lines of the stub in code."""
        return tuple(self.code_stub.split("\n"))

    @cached_property
    def text_lines(self) -> tuple[str, ...]:
        """The lines of the stub in text."""
        return tuple(self.text_stub.split("\n"))


DEFAULT = GraderConfig()


def grader_config_above(folder: str, trace: Trace) -> GraderConfig:
    """The configuration for the modules in a folder: that of the nearest folder with one.

    Each path that is looked for is noted in ``trace``. Raises :class:`GraderConfigError` where a
    file cannot be read.
    """
    start = os.path.abspath(folder)
    above = _with_parents(start)
    for place in above:
        paths = [os.path.join(place, name) for name in NAMES]
        for path in paths:
            trace.look(path)
        there = [path for path in paths if os.path.isfile(path)]
        if there:
            values: dict[str, dict[str, object]] = {}
            for path in there:
                for section, named in _read(path).items():
                    values.setdefault(section, {}).update(named)
            return _with_autotests(_config(place, values), (start, place), trace)
    return _with_autotests(DEFAULT, above, trace)


def _with_parents(folder: str) -> list[str]:
    found = [folder]
    while (parent := os.path.dirname(found[-1])) != found[-1]:
        found.append(parent)
    return found


def _with_autotests(config: GraderConfig, places: Iterable[str], trace: Trace) -> GraderConfig:
    """``config`` with the file that says how tests are written, in the first of ``places``.

    nbgrader looks beside the notebook, and then where it is started: in the root of the course.
    """
    for place in dict.fromkeys(places):
        path = os.path.join(place, config.autotests_name)
        trace.look(path)
        if os.path.isfile(path):
            return replace(config, autotests=path)
    return config


# --- reading ----------------------------------------------------------------------------------


def _read(path: str) -> dict[str, dict[str, object]]:
    """What a file sets: section → name → value. Raises :class:`GraderConfigError`."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
        if path.endswith(".json"):
            import json

            return _of_json(json.loads(data.decode("utf-8")))
        return _of_python(ast.parse(data))
    except SyntaxError as error:
        raise GraderConfigError(path, f"cannot be read: {error.msg}", error.lineno) from error
    except OSError as error:
        raise GraderConfigError(path, f"cannot be read: {str(error.strerror).lower()}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        words = " ".join(str(error).split())
        raise GraderConfigError(path, f"cannot be read: {words}") from error


def _of_json(whole: object) -> dict[str, dict[str, object]]:
    if not isinstance(whole, Mapping):
        return {}
    return {
        str(section): dict(named) for section, named in whole.items() if isinstance(named, Mapping)
    }


def _of_python(tree: ast.Module) -> dict[str, dict[str, object]]:
    """The assignments ``c.Section.name = value`` at the top level whose value is written down.

    One that cannot be told takes away what was set above.
    """
    found: dict[str, dict[str, object]] = {}
    for section, name, value in _assignments(tree):
        named = found.setdefault(section, {})
        try:
            named[name] = _literal(value)
        except ValueError:
            named.pop(name, None)
    return found


def _assignments(tree: ast.Module) -> Iterator[tuple[str, str, ast.expr]]:
    roots = {"c"}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and _is_get_config(node.value):
                roots.add(target.id)
            elif (
                isinstance(target, ast.Attribute)
                and isinstance(section := target.value, ast.Attribute)
                and isinstance(section.value, ast.Name)
                and section.value.id in roots
            ):
                yield section.attr, target.attr, node.value


def _is_get_config(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "get_config"
    )


def _literal(value: ast.expr) -> object:
    """A value that is written down; in a list, a class is its name. Raises ValueError."""
    if isinstance(value, ast.List | ast.Tuple):
        return [
            ast.unparse(part) if isinstance(part, ast.Name | ast.Attribute) else _literal(part)
            for part in value.elts
        ]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
        if value.args or any(k.arg is None for k in value.keywords):
            raise ValueError
        return {str(k.arg): _literal(k.value) for k in value.keywords}
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _literal(value.left), _literal(value.right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        raise ValueError
    try:
        return ast.literal_eval(value)
    except (TypeError, SyntaxError, RecursionError) as error:
        raise ValueError from error


# --- what it means ----------------------------------------------------------------------------

#: Sections by the names that earlier versions of nbgrader gave them.
_FORMER = {"CourseDirectory": ("NbGrader",), "GenerateAssignment": ("Assign",)}


def _config(path: str, values: Mapping[str, Mapping[str, object]]) -> GraderConfig:
    def get(section: str, name: str, kind: type, default: Any) -> Any:
        for known in (section, *_FORMER.get(section, ())):
            value = values.get(known, {}).get(name)
            if isinstance(value, kind) and (value or kind is bool):
                return value
        return default

    own = Marks()
    ends = ("begin", "end")
    kinds = (("ClearSolutions", "solution"), ("ClearHiddenTests", "test"))
    marks = [
        get(step, f"{end}_{word}_delimeter", str, own[2 * i + j])
        for i, (step, word) in enumerate((*kinds, ("ClearMarkScheme", "mark_scheme")))
        for j, end in enumerate(ends)
    ]
    steps = get("GenerateAssignment", "preprocessors", list, None)
    names = {str(step).rpartition(".")[2] for step in steps or STEPS}
    return GraderConfig(
        path=path,
        marks=Marks(*marks),
        code_stub=_stub(values.get("ClearSolutions", {}).get("code_stub")),
        text_stub=get("ClearSolutions", "text_stub", str, DEFAULT.text_stub),
        tolerates=frozenset(s for s in STEPS if not get(s, "enforce_metadata", bool, True)),
        skips=frozenset(s for s in STEPS if s not in names or not get(s, "enabled", bool, True)),
        folders=_folders(path, get),
        autotest=get("InstantiateTests", "autotest_delimiter", str, DEFAULT.autotest),
        autotests_name=get("InstantiateTests", "autotest_filename", str, DEFAULT.autotests_name),
    )


def _stub(value: object) -> str:
    """The stub in Python: earlier versions of nbgrader had no other."""
    if isinstance(value, Mapping):
        value = value.get("python")
    return value if isinstance(value, str) else _CODE_STUB


def _folders(path: str, get: Callable[[str, str, type, Any], Any]) -> Folders:
    root = get("CourseDirectory", "root", str, "") or get("NbGrader", "course_directory", str, "")
    names = ("source", "release", "submitted", "autograded", "feedback", "solution")
    own = Folders()
    found = {
        name: get("CourseDirectory", f"{name}_directory", str, getattr(own, name)) for name in names
    }
    structure = get("CourseDirectory", "directory_structure", str, own.structure)
    return Folders(os.path.join(path, os.path.expanduser(root)), **found, structure=structure)
