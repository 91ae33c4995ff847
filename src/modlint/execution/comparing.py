"""Whether a fixed module does what it is to do: nothing on import, the same as a script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from modlint.analysis.module import Module, cell_at
from modlint.analysis.trees import dotted, walk
from modlint.diagnostics import Diagnostic
from modlint.execution.kernels import (
    names_difference,
    notebook_difference,
    release_difference,
)
from modlint.execution.observation import Limits, Script
from modlint.execution.running import Subject
from modlint.linting import judged
from modlint.notebook.cell import ModuleFile
from modlint.patterns import matches
from modlint.rules import rule_of
from modlint.settings import RUNNING_FAMILY, Settings

#: How often the original is run, at most, to learn which of its numbers change.
_MOST_RUNS = 4
#: A number with its sign and the blanks that align it; an address.
_NUMBER = re.compile(r" *(?:0x[0-9a-fA-F]+|[-+]?\d+(?:[.,_:]\d+)*(?:[eE][-+]?\d+)?)")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a comparison.

    ``objection`` says why the fixed module is not to take the place of the other; empty if
    it may. ``allowed`` counts the statements that act on import and that their author has
    told modlint to leave alone. ``failure`` says where and why the script fails, in both;
    empty if it does not. ``mocked`` are the packages that stand-ins took the place of.
    """

    objection: str
    allowed: int = 0
    failure: str = ""
    mocked: tuple[str, ...] = ()


def compare(
    path: str,
    before: ModuleFile,
    after: ModuleFile,
    remaining: Sequence[Diagnostic],
    settings: Settings,
    limits: Limits,
    *,
    mock_missing: bool = False,
) -> Comparison:
    """Whether the fixed module ``after`` may take the place of ``before``.

    The import may do only what ``remaining``, the diagnostics that are left, say, and what
    suppressions and ``allow-calls`` leave alone. The script must end and print as before.
    Lines that differ between runs of the original only in numbers are held against it with
    their numbers left out. So are the cells, run as a kernel runs them, and the graded cells of
    the release; and importers must find what they want.
    """
    running = replace(settings, select=(RUNNING_FAMILY,), extend_select=())
    fixed = Subject(Module(after, running), path, limits, mock_missing=mock_missing)
    loud = _loud(fixed, remaining, settings)
    if loud.objection:
        return loud
    original = Subject(Module(before, settings), path, limits, mock_missing=mock_missing)
    new = fixed.script()
    if new.is_cut:
        return Comparison(f"its script cannot be compared: {_ending(new)}")
    runs = [original.script()]
    while (difference := _difference(runs, new, path)) and len(runs) < _MOST_RUNS:
        runs.append(original.script())
    if not difference:
        difference = _other_difference(original, fixed, path)
    failure = _failure(fixed.module, new)
    mocked = tuple(dict.fromkeys((*loud.mocked, *new.mocked)))
    return replace(loud, objection=difference, failure=failure, mocked=mocked)


def _other_difference(original: Subject, fixed: Subject, path: str) -> str:
    """How the notebook, the release or what importers find differs; empty where nothing does."""

    def compared(runs: list[list[str]], new: list[str]) -> list[str]:
        texts = [_lines("\n".join(run), path) for run in runs]
        return _different_lines(texts, _lines("\n".join(new), path))

    purpose = original.module.settings.purpose
    assert fixed.module.observed is not None
    return (
        notebook_difference(original, fixed, compared)
        or release_difference(original, fixed, compared)
        or names_difference(
            lambda: original.imported(tests=False).names, fixed.module.observed.names, purpose
        )
    )


def _loud(fixed: Subject, remaining: Sequence[Diagnostic], settings: Settings) -> Comparison:
    """What the import of the fixed module does that no diagnostic speaks of."""
    module = fixed.module
    module.observed = fixed.imported(tests=False)
    left = [_rows(d) for d in remaining if d.code.startswith("IMP")]
    allowed: list[_Rows] | None = None
    count = 0
    for seen in judged(module):
        if any(_meet(_rows(seen), rows) for rows in left):
            continue
        if allowed is None:
            allowed = list(_allowed(Module(module.file, settings)))
        if not rule_of(seen.code).reports_acts or not any(
            _meet(_rows(seen), rows) for rows in allowed
        ):
            what = seen.message.partition("; ")[0]  # a hint is for `modlint verify`
            place = module.where(seen.cell, seen.start.row)
            return Comparison(f"{place} of the fixed module: {what}")
        count += 1
    # What is suppressed under the name of the rule that saw it was not judged at all.
    count += len(module.suppressions.hidden)
    return Comparison("", count, mocked=module.observed.mocked)


#: A cell, and the first and the last row of what stands there.
_Rows = tuple[int, int, int]


def _rows(diagnostic: Diagnostic) -> _Rows:
    return diagnostic.cell, diagnostic.start.row, diagnostic.end.row


def _meet(one: _Rows, other: _Rows) -> bool:
    return one[0] == other[0] and other[1] <= one[2] and one[1] <= other[2]


def _allowed(module: Module) -> Iterator[_Rows]:
    """What a module may do on import: what is suppressed, and calls that settings allow."""
    judged(module)
    for diagnostic in module.suppressions.hidden:
        if diagnostic.code.startswith("IMP"):
            yield _rows(diagnostic)
    for unit in module.parsed_units:
        for node in (node for statement in unit.block for node in statement.nodes):
            for part in walk(node):
                if isinstance(part, ast.Call) and matches(
                    dotted(part.func), module.settings.allow_calls
                ):
                    start, end = unit.start(part), unit.end(part)
                    yield cell_at(unit, start.row), start.row, end.row


def _difference(runs: list[Script], new: Script, path: str) -> str:
    """How ``new`` differs from what all ``runs`` of the original have in common."""
    endings = [_ending(run) for run in runs]
    if _ending(new) not in endings:
        return f"its script ended otherwise before: {endings[0]}; now: {_ending(new)}"
    for name in ("stdout", "stderr"):
        texts = [_lines(getattr(run, name), path) for run in runs]
        if lines := _different_lines(texts, _lines(getattr(new, name), path)):
            what = "prints" if name == "stdout" else "prints, as errors,"
            return "\n".join([f"its script {what} something else:", *lines])
    return ""


def _ending(run: Script) -> str:
    return run.trouble.words if run.trouble else f"status {run.status}"


def _failure(module: Module, run: Script) -> str:
    if run.trouble is None:
        return ""
    if run.trouble.is_final:  # the process ended without saying where
        return f"the script fails ({_ending(run)})"
    place = module.where(run.trouble.outer.cell, run.trouble.outer.row)
    return f"the script fails at {place} of the fixed module ({_ending(run)})"


def _lines(text: str, path: str) -> list[str]:
    """The lines of an output; where a line of the module stands is what a fix may change."""
    place = re.compile(re.escape(path) + r'(:|", line )\d+')
    return place.sub(r"\1", text).splitlines()


def _different_lines(runs: list[list[str]], new: list[str]) -> list[str]:
    """The first lines of ``new`` that are none of the original's, as a diff shows them."""
    shown: list[str] = []
    for row in zip_longest(new, *runs):
        line, olds = row[0], row[1:]
        if line in olds:
            continue
        masks = {_masked(old) for old in olds}
        if len(set(olds)) > 1 and len(masks) == 1 and _masked(line) in masks:
            continue
        shown += [f"- {old}" for old in dict.fromkeys(olds) if old is not None][:1]
        shown += [f"+ {line}"] if line is not None else []
        if len(shown) >= 2 * _SHOWN:
            break
    return shown


def _masked(line: str | None) -> str | None:
    return None if line is None else _NUMBER.sub(" #", line)
