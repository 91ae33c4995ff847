"""modlint beside its peers and the floors, in one run: ``python benchmarks/run.py [FOLDER]...``.

What stands in one table was run in turn, round after round, so that the load of the machine
meets all alike. Each figure is the median, over the rounds, of a command's time over that of
``python -c pass`` in the same round; ``±`` is half the range in which the middle half of the
rounds lies. The last table holds the figures that matter against what they are measured by.
Measure an installed wheel: modlint is the program beside the Python that runs this. Peers that
are not installed are left out (``pip install 'modlint[bench]'`` installs them).
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import corpus

_BIN = Path(sys.executable).parent
_FLOOR = "python -c pass"
_CLICK = "python -c 'import click'"
_BOTH = "python -c 'import click, libcst'"
_PARSE = "bare LibCST parse"
_PARSING = "import sys, libcst; [libcst.parse_module(open(p, 'rb').read()) for p in sys.argv[1:]]"
#: Up to this many modules, the tools that take minutes run as well; up to the second, all
#: that is not cached.
_FEW, _MANY = 25, 250
_FIXIT_RULES = ("NoInheritFromObject", "UseAssertIn", "RewriteToLiteral")


@dataclass
class Measured:
    """One command and what each round of it took: seconds, and the megabytes of its largest
    process."""

    name: str
    command: list[str]
    before: Callable[[], object] = lambda: None
    environment: dict[str, str] = field(default_factory=dict)
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One round."""
        self.before()
        environment = {**os.environ, **self.environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or all is compiled anew each time
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
        self.memory.append(used.ru_maxrss / 1024)

    def forget(self) -> None:
        """Take the rounds so far for practice."""
        for times in (self.wall, self.processor, self.memory):
            times.clear()


def _commands(folder: Path, scratch: Path, count: int) -> list[Measured]:
    """All that is measured on ``folder``, which holds ``count`` modules."""
    kept, fresh, black, edited = (scratch / name for name in ("kept", "fresh", "black", "edited"))
    files = [str(path) for path in sorted(folder.rglob("*.py"))]
    python, path = sys.executable, str(folder)
    program = [str(_BIN / "modlint")]
    if not shutil.which(program[0]):
        program = [python, "-P", "-m", "modlint"]
    check = [*program, "check"]

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
        Measured(_CLICK, [python, "-c", "import click"]),
        Measured(_BOTH, [python, "-c", "import click, libcst"]),
        Measured("modlint warm", [*check, path], environment=cache(kept)),
        Measured("modlint, 1 cell edited", [*check, str(edited)], edit, cache(kept)),
    ]
    # Other arguments each time: no answer is known, but the result of each file is.
    other = Measured("modlint warm, no answer", [], environment=cache(kept))
    jobs_at_most = iter(range(2, 1_000_000))

    def ask() -> None:
        other.command = [*check, path, "--jobs", str(next(jobs_at_most))]

    other.before = ask
    found.append(other)
    ruff = ["ruff", "check", "--isolated"]
    peers = {"ruff warm": [*ruff, "--cache-dir", str(scratch / "ruff"), path]}
    if count <= _MANY:
        for jobs in (1, 2):
            command = [*check, path, "--jobs", str(jobs)]
            found.append(Measured(f"modlint cold, {jobs} jobs", command, forget, cache(fresh)))
        found.append(Measured(_PARSE, [python, "-c", _PARSING, *files]))
        found.append(Measured("modlint fix", [*program, "fix", path]))
        peers["ruff cold"] = [*ruff, "--no-cache", path]
        peers["flake8 -j2"] = ["flake8", "--isolated", "--jobs", "2", path]
        peers["black --check cold"] = ["black", "--check", "--no-cache", path]
        peers["black --check warm"] = ["black", "--check", path]
    if count <= _FEW:
        rules = ",".join(f"fixit.rules:{rule}" for rule in _FIXIT_RULES)
        peers["fixit, 3 rules"] = ["fixit", "--quiet", "--rules", rules, "lint", path]
        peers["pylint -j2"] = ["pylint", "--rcfile", os.devnull, "--jobs", "2", *files]
    for name, (tool, *arguments) in peers.items():
        if place := shutil.which(tool, path=f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"):
            environment = {"BLACK_CACHE_DIR": str(black)}
            found.append(Measured(name, [place, *arguments], environment=environment))
    return found


def measure(folder: Path, rounds: int, without: Sequence[str]) -> dict[str, Measured]:
    """The commands by name, with what each round of them took on a folder of modules."""
    with tempfile.TemporaryDirectory() as scratch:
        count = len(list(folder.rglob("*.py")))
        commands = [
            command
            for command in _commands(folder, Path(scratch), count)
            if not any(word in command.name for word in without)
        ]
        time.sleep(2.5)  # what was just written is not trusted to be unchanged
        for number in range(rounds + 2):
            for command in commands:
                command.run()
            if number < 2:  # these rounds fill the caches
                for command in commands:
                    command.forget()
                time.sleep(2.5)
    return {command.name: command for command in commands}


def _ratio(times: list[float], floor: list[float]) -> tuple[float, float]:
    """The median of the rounds' ratios, and half the range of the middle half of them."""
    ratios = [time / base for time, base in zip(times, floor, strict=True) if base]
    low, middle, high = statistics.quantiles(ratios or [0.0, 0.0], n=4)
    return middle, (high - low) / 2


def _table(title: str, commands: dict[str, Measured]) -> str:
    floor = commands[_FLOOR]
    lines = [
        f"\n{title} ({_FLOOR} = 1)",
        f"{'':34}{'wall':>9}{'±':>8}{'processor':>12}{'±':>8}{'MB':>6}",
    ]
    for command in commands.values():
        wall, spread = _ratio(command.wall, floor.wall)
        processor, other = _ratio(command.processor, floor.processor)
        memory = statistics.median(command.memory)
        lines.append(
            f"{command.name:34}{wall:9.2f}{spread:8.2f}{processor:12.2f}{other:8.2f}{memory:6.0f}"
        )
    return "\n".join(lines)


#: What matters: a command over another one, by which clock. More than 1 is slower.
_CLAIMS = (
    ("modlint cold, 1 jobs", _PARSE, "processor"),
    ("modlint cold, 2 jobs", _PARSE, "wall"),
    ("modlint fix", _PARSE, "wall"),
    ("modlint warm", _FLOOR, "wall"),
    ("modlint warm", _CLICK, "wall"),
    ("modlint warm", "ruff warm", "wall"),
    ("modlint, 1 cell edited", _BOTH, "wall"),
    ("modlint, 1 cell edited", _FLOOR, "wall"),
    ("flake8 -j2", "modlint cold, 2 jobs", "wall"),
    ("fixit, 3 rules", "modlint cold, 2 jobs", "wall"),
    ("pylint -j2", "modlint cold, 2 jobs", "wall"),
    ("black --check cold", "modlint cold, 2 jobs", "wall"),
    ("ruff cold", "modlint cold, 2 jobs", "wall"),
)


def _summary(results: dict[str, dict[str, Measured]]) -> list[dict[str, object]]:
    """The claims, on each folder where both commands ran; and what ten times the modules take."""
    rows: list[dict[str, object]] = []
    for title, commands in results.items():
        for name, base, clock in _CLAIMS:
            if name in commands and base in commands:
                ratio, spread = _ratio(*(getattr(commands[n], clock) for n in (name, base)))
                what = f"{name} / {base}, {clock}"
                rows.append({"on": title, "what": what, "ratio": ratio, "spread": spread})
    for kind in ("clean", "faulty"):
        few, many = (results.get(f"{count} {kind} modules", {}) for count in (20, 200))
        for name in ("modlint cold, 1 jobs", "modlint cold, 2 jobs"):
            if name in few and name in many:
                for clock in ("processor", "memory"):
                    ratio, spread = _ratio(*(getattr(c[name], clock) for c in (many, few)))
                    what = f"{name}, 200 modules / 20, {clock}"
                    rows.append({"on": kind, "what": what, "ratio": ratio, "spread": spread})
    return rows


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="*", type=Path, help="modules to measure on as well")
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs (7)")
    parser.add_argument(
        "--only", metavar="WORD", action="append", default=[], help="only corpora named so"
    )
    parser.add_argument(
        "--json", type=Path, default=Path("benchmarks.json"), help="the file to write"
    )
    parser.add_argument(
        "--without", metavar="WORD", action="append", default=[], help="no command named so"
    )
    options = parser.parse_args()
    results: dict[str, dict[str, Measured]] = {}
    with tempfile.TemporaryDirectory() as name:
        folders = {str(folder): folder.resolve() for folder in options.folder}
        for count in (20, 200, 1000):
            for kind in ("clean", "faulty"):
                title = f"{count} {kind} modules"
                if not options.only or any(word in title for word in options.only):
                    folders[title] = Path(name, f"{kind}{count}")
                    corpus.write(folders[title], count, clean=kind == "clean")
        for title, folder in folders.items():
            results[title] = measure(folder, max(2, options.rounds), options.without)
            print(_table(title, results[title]), flush=True)
    summary = _summary(results)
    print("\nWhat matters")
    for row in summary:
        print(f"{row['on']!s:28}{row['what']!s:60}{row['ratio']:8.2f} ± {row['spread']:.2f}")
    figures = {
        title: {
            each.name: {"wall": each.wall, "processor": each.processor, "memory": each.memory}
            for each in commands.values()
        }
        for title, commands in results.items()
    }
    options.json.write_text(json.dumps({"summary": summary, "rounds": figures}, indent=2), "utf-8")


if __name__ == "__main__":
    main()
