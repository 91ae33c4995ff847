"""What ``check`` and ``fix`` do, counted and not timed: a machine's load changes nothing of it.

``python benchmarks/count.py`` ends with status 1 where a count is above its budget. The order of
sets is the same in every run, and so are the counts, of one version of Python.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import corpus
import libcst

from modlint import Settings, lint, read
from modlint.analysis import trees
from modlint.fixing.engine import fix

#: Per character of the modules: the characters that LibCST and ``ast`` parse, and per line the
#: Python functions that are called. At most a tenth above what was counted last, on Python 3.11;
#: LibCST is given the statements that may be wrong, and of definitions the headers.
BUDGETS = {
    "faulty: LibCST": 0.025,
    "faulty: ast": 0.52,
    "faulty: calls a line": 29,
    "clean: LibCST": 0.0,
    "clean: ast": 0.25,
    "clean: calls a line": 15.8,
    "fix: LibCST": 0.075,
    "fix: ast": 1.84,
    "fix: calls a line": 96,
    "growth of calls, twice the cells": 2.1,
}


def _check(text: str) -> None:
    lint(read(text.encode()), Settings())


def _fix(text: str) -> None:
    file = read(text.encode())
    outcome = fix(file, lint(file, Settings()), Settings())
    assert not outcome.fault, outcome.fault


def counts(text: str, work: Callable[[str], None] = _check) -> dict[str, float]:
    """What one check, or other work, of a module costs."""
    trees.forget()
    parsed = {"LibCST": 0, "ast": 0}

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def parse(source: str, *others: Any, **options: Any) -> Any:
            parsed[name] += len(source)
            return real(source, *others, **options)

        return parse

    calls = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    kept = ast.parse, libcst.parse_module
    ast.parse, libcst.parse_module = (
        counting("ast", kept[0]),
        counting("LibCST", kept[1]),
    )
    sys.setprofile(note)
    try:
        work(text)
    finally:
        sys.setprofile(None)
        ast.parse, libcst.parse_module = kept
    lines = text.count("\n")
    shares = {name: count / len(text) for name, count in parsed.items()}
    return {**shares, "calls a line": calls / lines, "calls": calls}


def main() -> int:
    """Count, print, judge."""
    _fix(corpus.module(0, clean=False))  # imports are not counted
    found: dict[str, float] = {}
    for kind, work in (("faulty", _check), ("clean", _check), ("fix", _fix)):
        texts = [corpus.module(number, clean=kind == "clean") for number in range(4)]
        each = [counts(text, work) for text in texts]
        for name in ("LibCST", "ast", "calls a line"):
            found[f"{kind}: {name}"] = sum(one[name] for one in each) / len(each)
    # Each of the fixture's 30 cells stands in both at least twice: a second definition of a name
    # is work of another kind, not more of the same.
    few, many = (counts(corpus.module(0, clean=False, cells=n))["calls"] for n in (80, 160))
    found["growth of calls, twice the cells"] = many / few
    for name, value in found.items():
        verdict = "" if value <= BUDGETS[name] else "  TOO MUCH"
        print(f"{name:34} {value:8.2f}   budget {BUDGETS[name]:8.2f}{verdict}")
    return int(any(value > BUDGETS[name] for name, value in found.items()))


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    sys.exit(main())
