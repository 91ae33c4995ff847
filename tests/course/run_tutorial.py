"""Go through the tutorial with the modules of the real course.

    python tests/course/run_tutorial.py PATH-TO-COURSE-CHECKOUT [--module 08_dataloader]

Copies ``src/`` of MLSysBook/TinyTorch at commit 02364f80 into a scratch repository and does
there what ``docs/tutorial.md`` does with three modules: ``modlint init``, the real pre-commit,
a commit that is refused, a baseline, one module mended, a new fault refused. Prints each
command, what it wrote and its exit status. pre-commit makes an environment for the hook, which
takes pip and what pip needs.

Exit status: 0 everything went as it should; 1 some step did not; 2 the checkout has no modules.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tutorial import REVISION, URL, Scratch


class Step(NamedTuple):
    """A command, the exit statuses that are right, and words that must be in what it writes."""

    command: str
    statuses: tuple[int, ...] = (0,)
    words: tuple[str, ...] = ()


def steps(module: str) -> Iterator[Step]:
    """The tutorial, with one module of the course to be touched and mended."""
    commit = "git add . && git commit -qm"
    yield Step("git init -q && git add . && git commit -qm 'The course'")
    init = f"modlint init --yes --repo {URL} --rev {REVISION}"
    yield Step(init, words=("+++ modlint.toml", "Wrote 3 files."))
    yield Step(init, words=("Nothing to write.",))
    yield Step("pre-commit install")
    yield Step(f"{commit} 'Check the modules with modlint'", words=("Skipped",))
    yield Step("modlint check | tail -n 1", words=("Found ",))
    yield Step(f"echo '# A remark.' >> {module}")
    yield Step(f"{commit} 'Add a remark' > refused.txt 2>&1", (1,))
    yield Step("grep -c . refused.txt; tail -n 2 refused.txt; rm refused.txt", words=("Found ",))
    yield Step("modlint baseline write", words=("holds ",))
    yield Step(f"{commit} 'Adopt modlint'", words=("Passed",))
    yield Step("modlint check", words=("All checks passed in 20 files.",))
    yield Step(f"modlint fix --apply {module}", (0, 1), ("Applied ",))
    # A test that is graded at last shows that nobody calls it: no baseline holds that.
    yield Step("modlint baseline write", (0, 1))
    yield Step(f"modlint fix --apply --unsafe-fixes --select NBG010 {module}", (0, 1))
    yield Step("modlint baseline write", words=("holds ",))
    yield Step(f"{commit} 'Mend a module'", words=("Passed",))
    yield Step(f"echo $'\\n# %%\\nprint(\"loud\")' >> {module}")
    yield Step(f"{commit} 'Add a fault'", (1,), ("runs on import", "exit code: 1"))
    yield Step("git log --format=%s | head -n 1", words=("Mend a module",))
    yield Step("git status --porcelain", words=(f"M  {module}",))
    yield Step(f"modlint fix --apply {module} 2>&1 | tail -n 1", words=("Applied 1 fix",))
    yield Step(f"{commit} 'Mend the fault'", words=("Passed",))


def main() -> int:
    """Copy the modules, take the steps, tell what went otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--module", default="08_dataloader")
    options = parser.parse_args()
    modules = sorted(options.checkout.glob("src/*/*.py"))
    if not modules:
        print(f"no modules in {options.checkout}/src", file=sys.stderr)
        return 2
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "course")
        for path in modules:
            target = course / path.relative_to(options.checkout)
            target.parent.mkdir(parents=True)
            shutil.copy(path, target)
        scratch = Scratch(course, Path(folder, "aside"))
        for step in steps(f"src/{options.module}/{options.module}.py"):
            said = scratch.run(step.command)
            print(f"$ {step.command}\n{said}[{scratch.status}]\n", flush=True)
            if scratch.status not in step.statuses:
                wrong.append(f"{step.command}: exit status {scratch.status}")
            wrong += [f"{step.command}: no {w!r}" for w in step.words if w not in said]
    print("\n".join(wrong) or "Everything went as it should.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
