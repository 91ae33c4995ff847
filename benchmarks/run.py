"""modlint beside its peers and the floors, in one run: ``python benchmarks/run.py [FOLDER]``.

What stands in one table was run in turn, round after round, so that the load of the machine
meets all alike. Each figure is the median of the rounds over that of ``python -c pass`` in the
same rounds; ``±`` is half the range in which the middle half of the rounds lies. Peers that are
not installed are left out (``pip install 'modlint[bench]'`` installs them).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import corpus

_BIN = Path(sys.executable).parent
_FLOOR = "python -c pass"
_PARSE = "import sys, libcst; [libcst.parse_module(open(p, 'rb').read()) for p in sys.argv[1:]]"


@dataclass
class Measured:
    """One command and what each round of it took, in seconds."""

    name: str
    command: list[str]
    before: Callable[[], object] = lambda: None
    environment: dict[str, str] = field(default_factory=dict)
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One round."""
        self.before()
        environment = {**os.environ, **self.environment}
        began = time.perf_counter()
        child = subprocess.Popen(
            self.command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0  # the one that wait4 has seen; what the tools find does not matter
        self.wall.append(time.perf_counter() - began)
        self.processor.append(used.ru_utime + used.ru_stime)


def _commands(folder: Path, scratch: Path, *, slow: bool) -> list[Measured]:
    """All that is measured on ``folder``; ``slow``: the tools that take minutes as well."""
    kept, fresh, black, edited = (scratch / name for name in ("kept", "fresh", "black", "edited"))
    files = [str(path) for path in sorted(folder.rglob("*.py"))]
    python, path = sys.executable, str(folder)
    modlint = [str(_BIN / "modlint"), "check"]
    if not shutil.which(modlint[0]):
        modlint = [python, "-P", "-m", "modlint", "check"]

    def cache(place: Path) -> dict[str, str]:
        return {"MODLINT_CACHE_DIR": str(place)}

    def forget() -> None:
        shutil.rmtree(fresh, ignore_errors=True)

    def edit() -> None:
        if not edited.exists():
            shutil.copytree(folder, edited)
        changed = next(iter(sorted(edited.rglob("*.py"))))
        changed.write_text(changed.read_text("utf-8") + "# edited\n", "utf-8")

    found = [
        Measured(_FLOOR, [python, "-c", "pass"]),
        Measured("python -c 'import click'", [python, "-c", "import click"]),
        Measured("python -c 'import libcst'", [python, "-c", "import libcst"]),
        Measured("bare LibCST parse", [python, "-c", _PARSE, *files]),
        Measured("modlint cold", [*modlint, path], forget, cache(fresh)),
        Measured("modlint cold, 1 job", [*modlint, path, "--jobs", "1"], forget, cache(fresh)),
        Measured("modlint, 1 file edited", [*modlint, str(edited)], edit, cache(kept)),
        Measured("modlint warm", [*modlint, path], environment=cache(kept)),
    ]
    # Other arguments each time: no answer is known, but the result of each file is.
    other = Measured("modlint warm, no answer", [], environment=cache(kept))
    names = iter(range(1_000_000))

    def ask() -> None:
        other.command = [*modlint, path, "--stdin-filename", str(next(names))]

    other.before = ask
    found.append(other)
    peers = {
        "ruff cold": ["ruff", "check", "--isolated", "--no-cache", path],
        "ruff warm": ["ruff", "check", "--isolated", "--cache-dir", str(scratch / "ruff"), path],
        "flake8": ["flake8", "--isolated", path],
        "black --check cold": ["black", "--check", "--no-cache", path],
        "black --check warm": ["black", "--check", path],
    }
    if slow:
        peers["fixit"] = ["fixit", "--quiet", "lint", path]
        peers["pylint"] = ["pylint", "--rcfile", os.devnull, "--jobs", "0", *files]
    for name, (tool, *arguments) in peers.items():
        if place := shutil.which(tool, path=f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"):
            environment = {"BLACK_CACHE_DIR": str(black)}
            found.append(Measured(name, [place, *arguments], environment=environment))
    return found


def measure(
    folder: Path, rounds: int, without: list[str], *, slow: bool
) -> list[dict[str, object]]:
    """The figures of one folder of modules."""
    with tempfile.TemporaryDirectory() as scratch:
        commands = [
            command
            for command in _commands(folder, Path(scratch), slow=slow)
            if not any(word in command.name for word in without)
        ]
        time.sleep(2.5)  # what was just written is not trusted to be unchanged
        for number in range(rounds + 2):
            for command in commands:
                command.run()
            if number < 2:  # these rounds fill the caches
                for command in commands:
                    command.wall.clear()
                    command.processor.clear()
                time.sleep(2.5)
    floor = commands[0]
    return [
        {
            "name": command.name,
            "wall": _ratio(command.wall, floor.wall),
            "processor": _ratio(command.processor, floor.processor),
            "seconds": {"wall": command.wall, "processor": command.processor},
        }
        for command in commands
    ]


def _ratio(times: list[float], floor: list[float]) -> dict[str, float]:
    base = statistics.median(floor)
    low, middle, high = statistics.quantiles(times, n=4)
    return {"median": middle / base, "spread": (high - low) / 2 / base}


def _table(title: str, rows: list[dict[str, object]]) -> str:
    lines = [f"\n{title} ({_FLOOR} = 1)", f"{'':28}{'wall':>9}{'±':>8}{'processor':>12}{'±':>8}"]
    for row in rows:
        figures = []
        for kind in ("wall", "processor"):
            ratio = row[kind]
            assert isinstance(ratio, dict)
            figures += [ratio["median"], ratio["spread"]]
        wall, spread, processor, other = figures
        lines.append(f"{row['name']:28}{wall:9.2f}{spread:8.2f}{processor:12.2f}{other:8.2f}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="modules to measure on as well")
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs (7)")
    parser.add_argument("--only", metavar="WORD", default="", help="only corpora named so")
    parser.add_argument(
        "--json", type=Path, default=Path("benchmarks.json"), help="the file to write"
    )
    parser.add_argument(
        "--without", metavar="WORD", action="append", default=[], help="no command named so"
    )
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folders = {}
        for count in (20, 200):
            for kind in ("clean", "faulty"):
                folder = Path(name, f"{kind}{count}")
                folders[f"{count} {kind} modules"] = folder
                if options.only in f"{count} {kind} modules":
                    corpus.write(folder, count, clean=kind == "clean")
        if options.folder:
            folders[str(options.folder)] = options.folder.resolve()
        for title, folder in folders.items():
            if options.only in title:
                few = len(list(folder.rglob("*.py"))) <= 20
                results[title] = measure(folder, max(7, options.rounds), options.without, slow=few)
                print(_table(title, results[title]), flush=True)
    options.json.write_text(json.dumps(results, indent=2), "utf-8")


if __name__ == "__main__":
    main()
