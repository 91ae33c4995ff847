"""Two reports, an older and a newer one: what was mended, what came new.

Problems have no identity beyond their words: lines move. So they are matched by
module, rule and message, and counted; line numbers, what stands in brackets and capitals
do not count, for a fix of one problem can change those words of another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

#: A problem as it stands in a JSON report.
Problem = Mapping[str, Any]
_BESIDE = re.compile(r"\([^()]*\)|\b(?:lines?|cell) \d+|\s+")


class NotAReport(ValueError):
    """What was given as the older report is none; the message says why."""


@dataclass(frozen=True, slots=True)
class MarkChange:
    """An item of the checklist whose mark is another now (``met``, ``partly``, ``unmet``)."""

    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ModuleChange:
    """What changed in one module; a score is None where that report does not have it."""

    path: str
    old_score: int | None
    new_score: int | None
    mended: tuple[Problem, ...]
    new: tuple[Problem, ...]
    marks: tuple[MarkChange, ...]

    @property
    def is_change(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.old_score != self.new_score or self.mended or self.new or self.marks)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed, module by module, and which rules only one of the reports checked."""

    modules: tuple[ModuleChange, ...]
    not_compared: tuple[str, ...]

    @property
    def mended(self) -> int:
        """How many problems were mended."""
        return sum(len(module.mended) for module in self.modules)

    @property
    def new(self) -> int:
        """How many problems came new."""
        return sum(len(module.new) for module in self.modules)


def place_in(path: str, problem: Problem) -> str:
    """Where a problem of the module at ``path`` stands; in a notebook file with its cell."""
    line = f"line {problem['location']['row']}"
    return f"cell {problem['cell']}, {line}" if path.endswith(".ipynb") else line


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    import json

    text = files("modlint.output.report").joinpath("report.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def read_report(data: bytes) -> dict[str, Any]:
    """A JSON report. Raises :class:`NotAReport` where ``data`` is none of this version."""
    import json

    import jsonschema

    try:
        loaded: dict[str, Any] = json.loads(data)
        jsonschema.validate(loaded, schema())
    except jsonschema.ValidationError as error:
        place = "/".join(map(str, error.absolute_path)) or "the whole"
        raise NotAReport(f"is no report of this version of modlint: {place}: "
                         f"{error.message[:100]}") from error  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise NotAReport("is not JSON; write it with `--output-format json`") from error
    return loaded


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """What changed from one JSON report to another.

    Rules that only one of them checked are left out, and named. A module that was
    not reviewed now is left out too, unless the older report alone has it.
    """
    one_sided = set(old["codes"]) ^ set(new["codes"])
    before = {module["path"]: module for module in old["modules"]}
    after = {module["path"]: module for module in new["modules"]}
    unread = {failure["path"] for failure in new["failures"]}
    return Comparison(
        tuple(
            _module_change(path, before.get(path), after.get(path), one_sided)
            for path in dict.fromkeys([*after, *before])
            if path not in unread
        ),
        tuple(sorted(one_sided)),
    )


def _module_change(
    path: str, old: Problem | None, new: Problem | None, left_out: set[str]
) -> ModuleChange:
    before, after = list(_problems(old, left_out)), list(_problems(new, left_out))
    return ModuleChange(
        path,
        old["score"] if old else None,
        new["score"] if new else None,
        # What is no longer looked at is not mended.
        tuple(_beyond(before, after)) if new else (),
        tuple(_beyond(after, before)),
        tuple(_marks(old, new, left_out)) if old and new else (),
    )


def _problems(module: Problem | None, left_out: set[str]) -> Iterator[Problem]:
    for problem in module["problems"] if module else ():
        if problem["code"] not in left_out:
            yield problem


def _identity(problem: Problem) -> tuple[str, str]:
    return problem["code"], _BESIDE.sub("", problem["message"]).casefold()


def _beyond(problems: list[Problem], others: list[Problem]) -> Iterator[Problem]:
    """The problems that the others do not have; of several alike, the last ones."""
    left = Counter(map(_identity, others))
    for problem in problems:
        identity = _identity(problem)
        if left[identity]:
            left[identity] -= 1
        else:
            yield problem


def _marks(old: Problem, new: Problem, left_out: set[str]) -> Iterator[MarkChange]:
    before = {item["key"]: item for item in old["checklist"]}
    for item in new["checklist"]:
        other = before.get(item["key"])
        if other and other["mark"] != item["mark"] and left_out.isdisjoint(item["codes"]):
            yield MarkChange(item["title"], other["mark"], item["mark"])
