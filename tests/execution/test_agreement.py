"""The linter and the machine agree: what acts on import is reported, what is reported acts.

To act is to print, to raise, to write, to start something, or to call or construct anything
first-party. Every module that the tests have is read by the IMP rules and run.
"""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from execution.seeing import LIMITS
from execution.test_acts import PRELUDE, STATEMENTS
from modlint.analysis.module import Module
from modlint.analysis.runs import runs_of
from modlint.examples import Clean, examples, settings_of
from modlint.execution.running import Subject
from modlint.linting import judged
from modlint.notebook.reading import read
from modlint.rules import all_rules
from modlint.settings import Settings
from support import ROOT

#: Where the two differ by design: the text of the statement → why.
CALLED_UNSEEN = "a function that is handed on is called where no call of it is written"
UNUSED = "another library's call is work where its result is not used, whatever it does"
OF_THE_DEMO = "a look at what the act above has computed goes with it"
DIFFERENCES = {
    "passed": OF_THE_DEMO,
    "assert passed == 10": OF_THE_DEMO,
    "LEVELS = list(map(quantize, (0.0, 0.5, 1.0)))": CALLED_UNSEEN,
    "x = list(map(helper, [1]))": CALLED_UNSEEN,
    "x = sorted([1], key=helper)": CALLED_UNSEEN,
    "open('beside').close()": UNUSED,
    "logging.getLogger('x')": UNUSED,
}


Places = set[tuple[int, int]]


def reported(module: Module) -> Places:
    """The (cell, row) of the top-level statements in which the IMP rules see an act.

    But for those of which RUN001 is to say nothing.
    """
    places = {
        (run.unit.index, run.unit.start(statement.first).row)
        for run in runs_of(module)
        for act in run.acts
        for statement in run.unit.block
        if statement.first.lineno <= act.node.lineno <= statement.last_line
    }
    return {place for place in places if not module.suppressions.hides("RUN001", *place)}


def seen(module: Module, path: Path) -> tuple[Places, tuple[float, float]]:
    """Those that were seen to act when the module was imported, and where the import failed.

    That a statement raises is for RUN002 to say; what stands below was not reached.
    """
    module.observed = Subject(module, str(path), LIMITS, mock_missing=True).imported(tests=False)
    trouble = module.observed.import_trouble
    end = (trouble.outer.cell, trouble.outer.row) if trouble else (inf, inf)
    return {(d.cell, d.start.row) for d in judged(module) if d.code == "RUN001"}, end


def compare(module: Module, path: Path) -> int:
    """Hold the two against each other; how many statements act."""
    by_running, end = seen(module, path)
    for cell, row in reported(module) ^ by_running:
        stored = module.file.cells[cell]
        line = stored.source.splitlines()[row - stored.row]
        assert (cell, row) >= end or line.rpartition("; ")[2] in DIFFERENCES, (cell, row, line)
    return len(by_running)


def page_modules() -> dict[str, tuple[str, str, str]]:
    """Every module that a rule page shows, once: name → file name, settings, text."""
    found: dict[tuple[str, str, str], str] = {}
    for rule in all_rules():
        for number, shown in enumerate(examples(rule), 1):
            texts = [shown.text] if isinstance(shown, Clean) else [shown.bad, shown.good]
            name = "module.py" if isinstance(shown, Clean) else shown.name
            for text in texts:
                found.setdefault((name, shown.around.toml, text), f"{rule.code}-{number}")
    return {f"{where}-{n}": key for n, (key, where) in enumerate(found.items())}


PAGES = page_modules()
FIXTURES = sorted((ROOT / "fixtures").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_on_the_modules_of_the_pages(page: str, tmp_path: Path) -> None:
    name, toml, text = PAGES[page]
    compare(Module(read(text.encode(), name), settings_of(toml, tmp_path)), tmp_path / name)


@pytest.mark.parametrize("why", sorted(set(DIFFERENCES.values())))
def test_each_reason_is_one_that_was_met(why: str) -> None:
    known = {statement.rpartition("; ")[2] for statement, _ in STATEMENTS}
    known |= {line for _, _, text in PAGES.values() for line in text.splitlines()}
    assert any(statement in known for statement, reason in DIFFERENCES.items() if reason == why)


@pytest.mark.parametrize("statement", [statement for statement, _ in STATEMENTS])
def test_on_single_statements(statement: str, tmp_path: Path) -> None:
    (tmp_path / "beside").write_text("real")
    text = f"{PRELUDE}{statement}\n"
    compare(Module(read(text.encode()), Settings()), tmp_path / "m.py")


@pytest.mark.parametrize("path", FIXTURES, ids=[str(p.relative_to(ROOT)) for p in FIXTURES])
def test_on_the_fixtures(path: Path) -> None:
    acting = compare(Module(read(path.read_bytes()), Settings()), path)
    assert bool(acting) is ("modules" in path.parts)
