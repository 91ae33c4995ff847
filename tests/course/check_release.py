"""Hold modlint's predictions about releasing the real course against the real tools.

    python tests/course/check_release.py PATH-TO-COURSE-CHECKOUT [--modules 05,10] [--no-autograde]

Works on copies of ``src/`` of MLSysBook/TinyTorch at commit 02364f80, in three states:

before
    as it is
mended
    only the metadata completed (``fix`` with NBG002, NBG005 and NBG012), so that nbgrader
    gets far enough to show what it wipes and what an empty submission earns
after
    ``modlint fix --apply --unsafe-fixes``

For each module it prints what modlint predicts and, behind the stroke, what jupytext,
nbgrader, nbdev and Python do: whether ``generate_assignment`` refuses it, how many cells
it wipes, how many points an empty submission gets for tests that are never called, and
whether the exported module cannot be imported. After the fix it also prints the points of
the teacher's own answers, and counts the answers that another released cell shows. Then
every difference between prediction and tools, and every difference between the tools and
what they were seen to do before (``MEASURED``) or must do after the fix.

It runs code of the course, in child processes; without network where ``unshare`` is
permitted. All modules with grading take about ten minutes.

Exit status: 0 no difference; 1 some; 2 the checkout could not be checked.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from course.prediction import CannotCheck, Prediction, predict
from course.reality import Reality, observe
from modlint.rules import all_rules

_METADATA_RULES = ("NBG002", "NBG005", "NBG012")
_TOO_OLD = "Outdated schema version: 0 (expected 3)"
#: A test that passes on the stub, because it expects NotImplementedError: 5 points that no
#: rule can foresee.
_PASSES_ON_STUB = ("10_tokenization", "test-base-tokenizer")


class Measured(NamedTuple):
    """A module of the course, as the tools were seen to treat it in the states before the fix."""

    wiped: int
    uncalled: int
    empty_points: float
    importable: bool = True
    #: Tests that fail on the right answers, too: they call what no cell defines (EXP006).
    undefined: tuple[str, ...] = ()


MEASURED = {
    "01_tensor": Measured(1, 0, 0),
    "02_activations": Measured(1, 0, 0),
    "03_layers": Measured(5, 1, 20),
    "04_losses": Measured(6, 1, 20),
    "05_autograd": Measured(20, 1, 25),
    "06_optimizers": Measured(3, 1, 25),
    "07_training": Measured(3, 0, 0),
    "08_dataloader": Measured(2, 0, 0),
    "09_spatial": Measured(4, 0, 0),
    "10_tokenization": Measured(1, 0, 5),
    "11_embeddings": Measured(3, 1, 20),
    "12_attention": Measured(4, 3, 45),
    "13_transformers": Measured(3, 1, 25),
    "14_profiling": Measured(5, 0, 0),
    "15_quantization": Measured(3, 0, 0, undefined=("test-compare-sizes", "test_module")),
    "16_compression": Measured(
        2,
        0,
        0,
        undefined=(
            "test-measure-sparsity",
            "test-magnitude-prune",
            "test-structured-prune",
            "test-distillation",
            "test-compression-integration",
            "test-module",
        ),
    ),
    "17_memoization": Measured(0, 1, 20),
    "18_acceleration": Measured(5, 5, 60),
    "19_benchmarking": Measured(0, 1, 10, importable=False),
    "20_capstone": Measured(15, 0, 0, importable=False),
}

Outcome = tuple[Prediction, Reality]


def run_state(
    state: str, source: Path, originals: Path, names: list[str], grade: bool
) -> dict[str, Outcome]:
    """Predict and observe the modules of a copy; the teacher's answers are graded after the fix."""
    paths = {name: source / name / f"{name}.py" for name in names}
    predicted = {name: predict(path) for name, path in paths.items()}
    with tempfile.TemporaryDirectory(prefix="release") as folder:
        package = sorted(source.glob("*/*.py"))
        answers = state == "after"
        seen = observe(paths, originals, package, Path(folder), grade=grade, answers=answers)
    return {name: (predicted[name], seen[name]) for name in names}


def fix(source: Path, *options: str) -> list[str]:
    """Fix every module of a copy; the lines with which modlint says what it did not fix."""
    command = [sys.executable, "-m", "modlint", "fix", "--apply", "--unsafe-fixes", *options]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    lines = [line.replace(f"{source}/", "") for line in done.stderr.splitlines()]
    not_fixed = [line for line in lines if "not fixed: " in line]
    if done.returncode not in (0, 1) and not not_fixed:
        raise CannotCheck(done.stderr.strip() or f"modlint ended with status {done.returncode}")
    return not_fixed


def earned(reality: Reality) -> Mapping[str, float] | None:
    """The points of an empty submission by grade_id, those that are not 0."""
    if reality.empty is None:
        return None
    return {name: points for name, points in reality.empty.points.items() if points}


def print_table(state: str, outcomes: Mapping[str, Outcome]) -> None:
    """One line a module: predicted/real."""
    print(
        f"\n{state}\n{'module':18}{'refused':>10}{'wiped':>9}{'empty':>12}{'no import':>12}", end=""
    )
    print(f"{'answers':>10}  shown")
    for name, (said, seen) in outcomes.items():
        points = earned(seen)
        got = "-" if points is None else f"{sum(points.values()):g}"
        cells = (
            f"{_yes(said.refusal):>6}/{_yes(seen.refusal):3}",
            f"{len(said.wiped):>5}/{'-' if seen.refusal else len(seen.wiped):<3}",
            f"{sum(said.uncalled.values()):>7g}/{got:4}",
            f"{_yes(said.unimportable):>8}/{_yes(seen.import_error):3}",
        )
        full = f"{seen.full.total:g}/{seen.full.possible:g}" if seen.full else "-"
        print(f"{name:18}", *cells, f"{full:>10}  {len(seen.shown)}", sep="")
    refusals = sorted({seen.refusal for _, seen in outcomes.values() if seen.refusal})
    for text in refusals:
        count = sum(seen.refusal == text for _, seen in outcomes.values())
        print(f"refused {count} times: {text}")


def _yes(value: object) -> str:
    return "yes" if value else "no"


def surprises(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Where modlint predicted something else than what happened."""
    for name, (said, seen) in outcomes.items():
        if bool(said.refusal) != bool(seen.refusal):
            yield f"{name}: predicted refusal {said.refusal!r}, real {seen.refusal!r}"
        elif said.refusal not in seen.refusal and not said.refusal.startswith("NBG"):
            yield f"{name}: refused as predicted, but for {seen.refusal!r}, not {said.refusal!r}"
        if not seen.refusal:
            yield from _unlike(f"{name}: wiped", said.wiped, seen.wiped)
        points = earned(seen)
        if points is not None:
            what = f"{name}: points of an empty submission"
            gets = {item: n for item, n in points.items() if (name, item) != _PASSES_ON_STUB}
            yield from _unlike(what, said.uncalled.items(), gets.items())
        if seen.grading_error:
            yield f"{name}: nbgrader cannot grade an empty submission: {seen.grading_error}"
        if said.unimportable != bool(seen.import_error):
            yield f"{name}: import, predicted {said.unimportable}, real {seen.import_error!r}"


def _unlike(what: str, said: Set[object], seen: Set[object]) -> Iterator[str]:
    for verb, items in (("predicted only", said - seen), ("real only", seen - said)):
        if items:
            yield f"{what}, {verb}: {', '.join(sorted(map(str, items)))}"


def against_measured(state: str, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Where the tools did something else than what was measured, or is promised after the fix."""
    for name, (_, seen) in outcomes.items():
        known, points = MEASURED[name], earned(seen)
        if state == "before":
            if _TOO_OLD not in seen.refusal:
                yield f"{name}: refused with {seen.refusal!r}"
        elif seen.refusal:
            yield f"{name}: refused with {seen.refusal!r}"
        wiped = known.wiped if state == "mended" else 0
        if not seen.refusal and len(seen.wiped) != wiped:
            yield f"{name}: {len(seen.wiped)} cells wiped, {wiped} expected"
        if state == "after":
            yield from (f"{name}: the release shows the answer of {item}" for item in seen.shown)
            passes = 5.0 if name == _PASSES_ON_STUB[0] else 0
        else:
            passes = known.empty_points
        if points is not None and sum(points.values()) != passes:
            yield f"{name}: an empty submission earns {points}, {passes:g} points expected"
        if seen.full:
            given = {n: p for n, p in seen.full.points.items() if p is not None}  # not by hand
            lost = {n: p for n, p in given.items() if p != seen.full.maximum[n]}
            for item in lost.keys() ^ set(known.undefined):
                yield f"{name}: the right answers earn {given.get(item)} of {item}"
        if bool(seen.import_error) == (known.importable or state == "after"):
            yield f"{name}: import: {seen.import_error or 'works'}"


def report(state: str, outcomes: Mapping[str, Outcome]) -> int:
    """Print a state; the number of differences."""
    print_table(state, outcomes)
    said = [item[0] for item in outcomes.values()]
    calls = [points for prediction in said for points in prediction.uncalled.values()]
    wiped = [len(prediction.wiped) for prediction in said if prediction.wiped]
    print(f"predicted: {sum(wiped)} cells wiped in {len(wiped)} modules; ", end="")
    print(f"{len(calls)} graded tests never called = {sum(calls):g} points")
    lines = [f"prediction: {line}" for line in surprises(outcomes)]
    lines += [f"measured: {line}" for line in against_measured(state, outcomes)]
    print(*lines, sep="\n", end="\n" * bool(lines), flush=True)
    return len(lines)


def check(checkout: Path, only: list[str], grade: bool) -> int:
    """Run the three states; the number of differences."""
    source = checkout / "src"
    if not source.is_dir():
        raise CannotCheck(f"{source} is no folder: this needs a checkout of the course")
    names = [name for name in MEASURED if not only or name.partition("_")[0] in only]
    known = {rule.code for rule in all_rules()}
    select = ",".join(code for code in _METADATA_RULES if code in known)
    steps: dict[str, tuple[str, ...] | None] = {
        "before": None,
        "mended": ("--select", select),
        "after": (),
    }
    differences = 0
    for state, options in steps.items():
        print(state, file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="course") as folder:
            copy = Path(folder) / "src"
            for path in source.glob("*/*.py"):
                if path.stem in MEASURED:
                    (copy / path.stem).mkdir(parents=True)
                    shutil.copy(path, copy / path.stem)
            not_fixed = [] if options is None else fix(copy, *options)
            if options:
                print(f"\n(mended: only the metadata was completed, by the fixes of {select})")
            print(*not_fixed, sep="\n", end="\n" * bool(not_fixed))
            outcomes = run_state(state, copy, source, names, grade)
            differences += len(not_fixed) + report(state, outcomes)
    return differences


def main() -> int:
    """Read the arguments and say with the exit status how it stands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--modules", default="", help="numbers, with commas: 05,10")
    parser.add_argument("--no-autograde", action="store_true", help="grade nothing")
    given = parser.parse_args()
    try:
        only = given.modules.split(",") if given.modules else []
        return 1 if check(given.checkout.resolve(), only, not given.no_autograde) else 0
    except CannotCheck as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
