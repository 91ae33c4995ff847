"""Whether a fixed module does what it is to do: nothing on import, the same as a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic
from modlint.execution.observation import Limits, Script
from modlint.execution.running import Subject
from modlint.linting import judged
from modlint.notebook.cell import ModuleFile
from modlint.settings import RUNNING_FAMILY, Settings

#: How often the original is run, at most, to learn which of its numbers change.
_MOST_RUNS = 4
#: A number with its sign and the blanks that align it; an address.
_NUMBER = re.compile(r" *(?:0x[0-9a-fA-F]+|[-+]?\d+(?:[.,_:]\d+)*(?:[eE][-+]?\d+)?)")
_SHOWN = 3


def objection(
    path: str,
    before: ModuleFile,
    after: ModuleFile,
    remaining: Sequence[Diagnostic],
    settings: Settings,
    limits: Limits,
) -> str:
    """Why the fixed module ``after`` is not to take the place of ``before``; empty if it may.

    The import may do only what ``remaining``, the diagnostics that are left, say. The
    script must end and print as before. Lines that differ between runs of the original
    only in numbers are held against it with their numbers left out.
    """
    running = replace(settings, select=(RUNNING_FAMILY,), extend_select=())
    fixed = Subject(Module(after, running), path, limits)
    if why := _loud(fixed, remaining):
        return why
    original = Subject(Module(before, settings), path, limits)
    new = fixed.script()
    if new.is_cut:
        return f"its script cannot be compared: {_ending(new)}"
    runs = [original.script()]
    while (difference := _difference(runs, new, path)) and len(runs) < _MOST_RUNS:
        runs.append(original.script())
    return difference


def _loud(fixed: Subject, remaining: Sequence[Diagnostic]) -> str:
    """What the import of the fixed module does that no diagnostic speaks of."""
    module = fixed.module
    module.observed = fixed.imported(tests=False)
    told = [d for d in remaining if d.code.startswith("IMP")]
    for seen in judged(module):
        known = any(
            d.cell == seen.cell and d.start.row <= seen.end.row and seen.start.row <= d.end.row
            for d in told
        )
        if not known:
            what = seen.message.partition("; ")[0]  # a hint is for `modlint verify`
            return f"{module.where(seen.cell, seen.start.row)} of the fixed module: {what}"
    return ""


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
