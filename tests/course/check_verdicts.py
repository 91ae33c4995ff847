"""Hold modlint against the judged diagnostics of the real course.

    python tests/course/check_verdicts.py PATH-TO-COURSE-CHECKOUT

``verdicts.csv`` says of every diagnostic in ``src/`` of MLSysBook/TinyTorch at
commit 02364f80 whether it is true, as read in the code there. This command runs
``modlint check`` on ``src/`` of a checkout of that commit and prints, for each rule:

true kept
    judged true and still given
true lost
    judged true and no longer given: the rule has become worse
false mended
    judged false and no longer given: the rule has become better
false kept
    judged false and still given
unjudged
    given, and not in the file: read the code and add a line

Every lost, kept false and unjudged diagnostic follows, one a line. A diagnostic
is known by its module, row and code; its message may change freely.

Exit status: 0 nothing lost and nothing unjudged; 1 something is; 2 the checkout
could not be checked.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

VERDICTS = Path(__file__).with_name("verdicts.csv")
COLUMNS = ("true kept", "true lost", "false mended", "false kept", "unjudged")


class Key(NamedTuple):
    """What a verdict is about."""

    module: str
    row: int
    code: str


class CannotCheck(Exception):
    """The checkout, or what modlint says of it, is not what this command needs."""


def read_verdicts(path: Path) -> tuple[Counter[Key], Counter[Key]]:
    """The diagnostics judged true and those judged false."""
    judged: dict[str, Counter[Key]] = {"true": Counter(), "false": Counter()}
    with path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            judged[line["verdict"]][Key(line["module"], int(line["row"]), line["code"])] += 1
    return judged["true"], judged["false"]


def run_modlint(source: Path) -> dict[Key, list[str]]:
    """What modlint gives on ``source`` now: the messages of each key."""
    command = [sys.executable, "-m", "modlint", "check", "--output-format", "json", str(source)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if run.returncode not in (0, 1):
        raise CannotCheck(run.stderr.strip() or f"modlint ended with status {run.returncode}")
    given: dict[Key, list[str]] = {}
    for item in json.loads(run.stdout):
        module = Path(item["filename"]).resolve().relative_to(source).as_posix()
        key = Key(module, item["location"]["row"], item["code"])
        given.setdefault(key, []).append(item["message"])
    return given


def compare(
    true: Counter[Key], false: Counter[Key], given: Counter[Key]
) -> dict[str, Counter[Key]]:
    """The diagnostics of each column."""
    return {
        "true kept": true & given,
        "true lost": true - given,
        "false mended": false - (given - true),
        "false kept": false & (given - true),
        "unjudged": given - true - false,
    }


def print_report(found: dict[str, Counter[Key]], messages: dict[Key, list[str]]) -> None:
    """The table of the rules, and the diagnostics that somebody has to look at."""
    codes = sorted({key.code for keys in found.values() for key in keys})
    print("code   ", *COLUMNS, sep="  ")
    for code in codes:
        numbers = [sum(n for k, n in found[name].items() if k.code == code) for name in COLUMNS]
        cells = [f"{n:>{len(name)}}" for n, name in zip(numbers, COLUMNS, strict=True)]
        print(f"{code:7}", *cells, sep="  ")
    for name in ("true lost", "false kept", "unjudged"):
        for key in sorted(found[name]):
            said = "; ".join(messages.get(key, []))
            print(f"{name}: {key.module}:{key.row} {key.code} {said}".rstrip())


def main(arguments: list[str]) -> int:
    """Compare, print, and say with the exit status how it stands."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stdout if arguments in (["-h"], ["--help"]) else sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    source = Path(arguments[0]).resolve() / "src"
    try:
        if not source.is_dir():
            raise CannotCheck(f"{source} is no folder: this needs a checkout of the course")
        messages = run_modlint(source)
    except CannotCheck as error:
        print(error, file=sys.stderr)
        return 2
    true, false = read_verdicts(VERDICTS)
    given = Counter({key: len(said) for key, said in messages.items()})
    found = compare(true, false, given)
    print_report(found, messages)
    return 1 if found["true lost"] or found["unjudged"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
