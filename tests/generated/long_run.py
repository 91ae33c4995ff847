"""Fix many generated modules, and tell how often each rule fired and each fix was applied.

    python tests/generated/long_run.py [--modules 20000] [--jobs 2] [--seed 0]

Each module is held against every promise of ``promises.py``, as a percent file or as a
notebook. A module that breaks one is printed whole: it becomes a case of a test.

Exit status: 0 no failure, and no rule fired and no fix was applied in less than 1 % of the
modules; 1 otherwise.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings

from generated.modules import Generated, modules
from generated.promises import hold
from modlint.pages import page_of
from modlint.rules import rules_in_force
from modlint.settings import Settings

#: Few, because what hypothesis draws from one seed is much alike.
_CHUNK = 100
_RAREST = 0.01
#: What a page calls the module that a fix makes, where modlint makes it.
_FIXED = re.compile(r"^```(?:python|json) good(?: unsafe)?$", re.MULTILINE)


@dataclass
class Tally:
    """What came of some modules; ``failures`` hold the seed, what was broken, and the module."""

    modules: int = 0
    ran: int = 0
    found: Counter[str] = field(default_factory=Counter)
    applied: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count what another process has seen."""
        self.modules += other.modules
        self.ran += other.ran
        self.found += other.found
        self.applied += other.applied
        self.failures += other.failures


def run_chunk(number: int, size: int) -> Tally:
    """Generate ``size`` modules from the seed ``number``, and hold each against the promises."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=size,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(modules())
    def each(module: Generated) -> None:
        tally.modules += 1
        try:
            seen = hold(module)
        except Exception:
            tally.failures.append((number, traceback.format_exc(limit=-2), str(module)))
            return
        tally.ran += seen.ran
        tally.found.update(seen.found)
        tally.applied.update(seen.applied)

    each()
    return tally


def report(tally: Tally, seconds: float) -> int:
    """Print the figures; the number of rules and fixes that were too rare."""
    rare = 0
    print(f"{tally.modules} modules in {seconds:.0f} s; {tally.ran} ran to their end as a script")
    print(f"{'rule':8}{'fired in':>10}{'fixed in':>18}")
    for rule in rules_in_force(Settings()):
        if rule.executes:
            continue
        found, applied = tally.found[rule.code], tally.applied[rule.code]
        is_fixed = _FIXED.search(page_of(rule)) is not None
        few = [found, applied] if is_fixed else [found]
        is_rare = min(few) < _RAREST * tally.modules
        rare += is_rare
        fixed = f"{applied} ({applied / tally.modules:.1%})" if is_fixed else "no fix"
        share = f"{found} ({found / tally.modules:.1%})"
        print(f"{rule.code:8}{share:>18}{fixed:>18}{'  too rare' * is_rare}")
    for number, trouble, module in tally.failures:
        print(f"\nFAILED, seed {number}\n{trouble}\n--- the module\n{module}\n---")
    print(f"{len(tally.failures)} failures")
    return rare


def main() -> int:
    """Read the arguments, share out the chunks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--modules", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given_ = parser.parse_args()
    sizes = [_CHUNK] * (given_.modules // _CHUNK)
    if given_.modules % _CHUNK:
        sizes.append(given_.modules % _CHUNK)
    seeds = range(given_.seed, given_.seed + len(sizes))
    tally, start = Tally(), time.monotonic()
    with ProcessPoolExecutor(given_.jobs) as pool:
        for done in pool.map(run_chunk, seeds, sizes):
            tally.add(done)
            print(f"{tally.modules} modules, {len(tally.failures)} failures", file=sys.stderr)
    rare = report(tally, time.monotonic() - start)
    return 1 if tally.failures or rare else 0


if __name__ == "__main__":
    sys.exit(main())
