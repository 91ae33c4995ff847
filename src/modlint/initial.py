"""What a course begins with: settings, the pre-commit entry, a step of CI.

Nothing is written here: :func:`plan` says what each file would become, and what is left alone.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from modlint.baseline import BASELINE_FILE
from modlint.cache import Trace
from modlint.notebook.cell import line_ending
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.grader_config import GraderConfigError, grader_config_above
from modlint.notebook.grading import FLAGS, grading_of
from modlint.notebook.reading import read
from modlint.settings import OWN_FILE, SHARED_FILE, SettingsError, find_settings

PRE_COMMIT = ".pre-commit-config.yaml"
WORKFLOWS = ".github/workflows"
WORKFLOW = f"{WORKFLOWS}/modlint.yml"
GITLAB = ".gitlab-ci.yml"

#: Folders beside ``source`` in which nbgrader puts what it makes of that.
_MADE_BY_NBGRADER = ("release", "submitted", "autograded", "feedback")
_NUMBERED = re.compile(r"\d.*_.*")
_PLAIN_YAML = re.compile(r"\^[\w^$()|/.\[\]*\\-]+")


class Source(NamedTuple):
    """Where modlint is installed from: a git repository and a revision of it."""

    url: str
    revision: str


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one file of the course; ``path`` is relative to its root.

    ``old`` is None for a new file, ``new`` for one that is left alone: ``why`` says so, and
    ``paste`` is what somebody could put there by hand.
    """

    path: str
    old: str | None = None
    new: str | None = None
    why: str = ""
    paste: str = ""


class Area(NamedTuple):
    """A place of modules: as a pattern of the settings, and as a regular expression."""

    pattern: str
    expression: str


def plan(root: Path, files: Sequence[str], source: Source | None) -> list[Step]:
    """What a course at ``root`` lacks.

    ``files`` are its Python files and notebooks, by paths relative to the root. Raises
    OSError where a file cannot be read.
    """
    areas = areas_of(root, files)
    steps = [_settings(root, areas, staging=is_staged(root, files))]
    if not (root / ".git").exists():
        why = "this is no git repository"
        return [*steps, Step(PRE_COMMIT, why=why), Step(WORKFLOW, why=why)]
    steps.append(_pre_commit(root, areas, source))
    has_gitlab = (root / GITLAB).exists()
    if has_gitlab:
        steps.append(_gitlab(root, source))
    if not has_gitlab or (root / WORKFLOWS).exists():
        steps.append(_github(root, source))
    return steps


def installed_from() -> Source | None:
    """The git repository that modlint was installed from (PEP 610); None where it was not."""
    try:
        text = distribution("modlint").read_text("direct_url.json")
        told = json.loads(text or "{}")
        return Source(told["url"], told["vcs_info"]["commit_id"])
    except (PackageNotFoundError, ValueError, KeyError, TypeError):
        return None


def areas_of(root: Path, files: Iterable[str]) -> list[Area]:
    """Where the modules of a course are: its files that have cells."""
    modules: dict[str, list[str]] = defaultdict(list)
    others: set[str] = set()
    for path in files:
        top = _top(root, path)
        if top is None:
            continue
        if _has_cells(root / path):
            modules[top].append(path.removeprefix(f"{top}/"))
        else:
            others.add(top)
    areas: dict[Area, None] = {}
    for top, inner in sorted(modules.items()):
        name, folder = re.sub(r"([\\*?\[])", r"\\\1", top), re.escape(top)
        if not top:
            areas |= dict.fromkeys(map(_of_root, inner))
        elif top in others and all(_NUMBERED.fullmatch(path.split("/")[0]) for path in inner):
            areas[Area(f"/{name}/[0-9]*_*", f"{folder}/[0-9][^/]*_")] = None
        else:
            areas[Area(f"/{name}/", f"{folder}/")] = None
    return list(areas)


def _top(root: Path, path: str) -> str | None:
    """The folder that a file counts for; None where nbgrader has made the file.

    That is the first one of its path, empty for a file at the root. Of a course of nbgrader
    only ``source`` is somebody's work.
    """
    *folders, _ = path.split("/")
    for index, name in enumerate(folders):
        course = root.joinpath(*folders[:index])
        if name in _MADE_BY_NBGRADER and (course / "source").is_dir():
            return None
        if name == "source" and any((course / made).is_dir() for made in _MADE_BY_NBGRADER):
            return "/".join(folders[: index + 1])
    return folders[0] if folders else ""


def _of_root(path: str) -> Area:
    ending = os.path.splitext(path)[1]
    if _NUMBERED.fullmatch(path):
        return Area(f"/[0-9]*_*{ending}", rf"[0-9][^/]*_[^/]*\{ending}$")
    return Area(f"/*{ending}", rf"[^/]*\{ending}$")


def _has_cells(path: Path) -> bool:
    if path.suffix == ".ipynb":
        return True
    try:
        data = path.read_bytes()
        return b"%%" in data and read(data, str(path)).is_notebook
    except (OSError, UnreadableModule):
        return False


#: The keys of nbgrader's metadata in a source that a command of the course completes: an
#: exercise, a test, given code.
_SHORT_SHAPES = (
    {"grade": False, "solution": True},
    {"grade": True, "locked": True},
    {"grade": False, "solution": False},
)


def is_staged(root: Path, files: Iterable[str]) -> bool:
    """Whether a command of the course seems to complete metadata before nbgrader sees it.

    Its configuration takes regions in any cell (``ClearSolutions.enforce_metadata = False``), and
    most of the cells with metadata have one of three short shapes, which nbgrader would refuse.
    """
    short = whole = 0
    for path in files:
        if _top(root, path) is None or not _tolerates(root / path):
            continue
        try:
            cells = read((root / path).read_bytes(), path).cells
        except (OSError, UnreadableModule):
            continue
        found = [grading for cell in cells if (grading := grading_of(cell))]
        whole += len(found)
        short += sum(map(_is_short, found))
    return 2 * short > whole


def _tolerates(path: Path) -> bool:
    try:
        return "ClearSolutions" in grader_config_above(str(path.parent), Trace()).tolerates
    except GraderConfigError:
        return False


def _is_short(grading: Mapping[str, Any]) -> bool:
    flags = {key: value for key, value in grading.items() if key in FLAGS}
    return "schema_version" not in grading and flags in _SHORT_SHAPES


def _settings(root: Path, areas: list[Area], *, staging: bool) -> Step:
    name = SHARED_FILE if (root / SHARED_FILE).exists() else OWN_FILE
    try:
        source = find_settings(root).source
    except SettingsError as error:
        return Step(name, why=f"there are settings that cannot be used: {error}")
    if source:
        return Step(os.path.relpath(source, root), why="the settings are there already")
    patterns = json.dumps([area.pattern for area in areas], ensure_ascii=False)
    lines = [f"include = {patterns}"] if areas else []
    lines += [
        "# `modlint baseline write` records what is found now; then only what is new is shown.",
        f'baseline = "{BASELINE_FILE}"',
    ]
    if staging:
        lines += [
            "# A command of the course completes the metadata of cells before nbgrader sees them.",
            "staging = true",
        ]
    lines.append("")
    own = "\n".join(lines)
    if name == OWN_FILE:
        return Step(OWN_FILE, new=own)
    table = f"[tool.modlint]\n{own}"
    old = _text(root / SHARED_FILE)
    new = _appended(old, table)
    try:
        before, after = tomllib.loads(old), tomllib.loads(new)
        del after["tool"]["modlint"]
        before.setdefault("tool", {})
        if before != after:
            return Step(SHARED_FILE, why="a table at its end would be read otherwise", paste=table)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Step(SHARED_FILE, why=f"no table can be added: {error}", paste=table)
    return Step(SHARED_FILE, old, new)


def _pre_commit(root: Path, areas: list[Area], source: Source | None) -> Step:
    hook: dict[str, Any] = {"id": "modlint-check"}
    if source is None:
        hook |= {
            "name": "modlint check",
            "entry": "modlint check --force-exclude",
            "language": "system",
            "require_serial": True,
            "types_or": ["python", "jupyter"],
        }
    if areas:
        files = "|".join(area.expression for area in areas)
        hook["files"] = f"^{files}" if len(areas) == 1 else f"^({files})"
    entry: dict[str, Any] = {"repo": source.url if source else "local"}
    if source:
        entry["rev"] = source.revision
    entry["hooks"] = [hook]
    lines = _yaml_lines(entry)
    whole = "".join(f"{line}\n" for line in ("repos:", *(f"  {line}" for line in lines)))
    path = root / PRE_COMMIT
    if not path.exists():
        return Step(PRE_COMMIT, new=whole)
    old = _text(path)
    try:
        before = yaml.safe_load(old)
        if _names_modlint(before):
            return Step(PRE_COMMIT, why="it has a hook of modlint already")
        new = _with_item(old, lines)
        if yaml.safe_load(new) == {**before, "repos": [*before["repos"], entry]}:
            return Step(PRE_COMMIT, old, new)
        why = "the hook has no place that is sure to be right"
    except yaml.YAMLError as error:
        why = f"it cannot be read: {' '.join(str(error).split())}"
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        why = "it has no list of `repos` with a line for each"
    return Step(PRE_COMMIT, why=why, paste=whole)


def _names_modlint(config: Any) -> bool:
    repos = config.get("repos") if isinstance(config, dict) else None
    return any(
        str(hook.get("id")).startswith("modlint")
        for repo in repos or ()
        for hook in repo.get("hooks") or ()
    )


def _yaml_lines(entry: dict[str, Any]) -> list[str]:
    """A repository of pre-commit as an item of a list, as people write it."""
    (hook,) = entry["hooks"]
    lines = [f"{key}: {_yaml(value)}" for key, value in entry.items() if key != "hooks"]
    inner = [f"{key}: {_yaml(value)}" for key, value in hook.items()]
    lines += ["hooks:", f"  - {inner[0]}", *(f"    {line}" for line in inner[1:])]
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _yaml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, str) and not _PLAIN_YAML.fullmatch(value):
        style: dict[str, Any] = {"width": float("inf"), "allow_unicode": True}
        dumped: str = yaml.safe_dump(value, **style)
        return dumped.removesuffix("\n...\n").removesuffix("\n")
    return value if isinstance(value, str) else json.dumps(value)


def _with_item(text: str, lines: list[str]) -> str:
    """``text`` with one more item in its list ``repos``, all else as it stands.

    The item comes behind the last one and the comments that are indented as parts of that.
    Raises AttributeError, LookupError, TypeError or ValueError where there is no such list.
    """
    top = yaml.compose(text, yaml.SafeLoader)
    repos = {key.value: value for key, value in top.value}["repos"]
    start, end = repos.start_mark, repos.end_mark
    if repos.flow_style and repos.value:
        raise ValueError
    if repos.flow_style:  # `repos: []`
        text = text[: start.index].rstrip(" ") + text[end.index :]
        column, at = 2, end.line + 1
    else:
        column, at = start.column, _line_after(repos)
    there = text.splitlines(keepends=True)
    while at < len(there) and re.match(r"\s*#", there[at]) and _indent(there[at]) > column:
        at += 1
    ending = line_ending(text)
    if not there[at - 1].endswith(("\n", "\r")):
        there[at - 1] += ending
    return "".join([*there[:at], *(" " * column + line + ending for line in lines), *there[at:]])


def _line_after(node: Any) -> int:
    """The 0-based line after the last one of a node: the mark of a block stands too far below."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.line + (node.end_mark.column > 0))
    last = node.value[-1]
    return _line_after(last[1] if isinstance(last, tuple) else last)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _github(root: Path, source: Source | None) -> Step:
    folder = root / WORKFLOWS
    if folder.resolve() != root.resolve() / WORKFLOWS:
        return Step(WORKFLOW, why="a link leads elsewhere")
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        if "modlint" in path.name or "modlint" in _text(path):
            return Step(path.relative_to(root).as_posix(), why="it runs modlint already")
    text = f"""\
name: modlint
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: {_install(source)}
      - run: modlint check --output-format github
"""
    if source is None:
        return Step(WORKFLOW, why=_NO_SOURCE, paste=text)
    return Step(WORKFLOW, new=text)


def _gitlab(root: Path, source: Source | None) -> Step:
    if "modlint" in _text(root / GITLAB):
        return Step(GITLAB, why="it runs modlint already")
    text = f"""\
modlint:
  image: python:3.12
  script:
    - {_install(source)}
    - modlint check --output-format gitlab --output-file modlint-quality.json
  artifacts:
    when: always
    reports:
      codequality: modlint-quality.json
"""
    return Step(GITLAB, why="its jobs are yours to arrange", paste=text)


_NO_SOURCE = "where to install modlint from is not known; `--repo URL --rev REVISION` says it"


def _install(source: Source | None) -> str:
    if source is None:
        return "pip install <where your copy of modlint lives>"
    return f"pip install {shlex.quote(f'git+{source.url}@{source.revision}')}"


def _appended(old: str, text: str) -> str:
    """``text`` behind ``old``, a blank line between them, in the line endings of that."""
    ending = line_ending(old)
    if old and not old.endswith(("\n", "\r")):
        old += ending
    return old + ending * bool(old) + text.replace("\n", ending)


def _text(path: Path) -> str:
    """The text of a file. Raises OSError where there is none."""
    if not path.is_file():  # a pipe would be read for ever
        raise OSError(f"{path.name} is not a file")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise OSError(f"{path.name} is no UTF-8 text") from error
