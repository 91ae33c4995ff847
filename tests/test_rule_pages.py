"""The rule pages are the specification, and every example of theirs is executed.

The info string of a fenced block says what it is:

``python bad lines=4,7-9``
    A module on which ``modlint check`` finds this rule's diagnostics and nothing
    else, one for each entry of ``lines``: its first line and, behind a dash, its
    last line where that is another one. With ``only`` at the end, the other rules
    are left out: the fault cannot be shown without theirs.
``python good``, ``python good unsafe``, ``python good by-hand``
    What becomes of the bad module above: by the safe fixes of this rule, by its
    unsafe fixes (and by no safe one), or by its author (no fix changes anything).
    Between the two stands a line that says the same for who reads the page.
``python clean``
    A module in which no rule finds anything.

Examples of a rule that is off by default are shown with that rule alone in force.
``json bad cells=2,3``, ``json good``, …
    The same with a notebook file; ``cells`` are the cells of the diagnostics.
``toml``
    The ``pyproject.toml`` that is in force for the next example.
``python twin``
    The module beside the next example, which is the notebook made from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Applicability, Diagnostic
from modlint.execution.running import observe
from modlint.fixing.engine import Outcome, fix
from modlint.linting import judged, lint
from modlint.notebook.reading import read
from modlint.pages import page_name, page_of
from modlint.rules import all_rules
from modlint.rules.base import Rule
from modlint.settings import Settings, find_settings
from support import ROOT, Run

SECTIONS = ["What it does", "Why it matters", "Example", "Fix", "Fix safety"]
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BAD = re.compile(
    r"(?:(python) bad lines|(json) bad cells)=(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)( only)?"
)
GOOD = re.compile(r"(?:python|json) good(?: (unsafe|by-hand))?")
#: The language of a block → the file that it stands for.
NAMES = {"python": "module.py", "json": "module.ipynb"}
#: Kind of good example → what the line above it says.
CAPTIONS = {
    "safe": "`modlint fix --apply` writes:",
    "unsafe": "`modlint fix --apply --unsafe-fixes` writes:",
    "by-hand": "By hand:",
}
#: What a page may say of its fix → the kinds of good examples that it shows.
FIXES = {
    "safe": {"safe"},
    "unsafe": {"unsafe"},
    "safe or unsafe": {"safe", "unsafe"},
    "display-only": set[str](),
    "none": set[str](),
}
RULES = all_rules()
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


@dataclass(frozen=True)
class Around:
    """What an example stands in: its settings, the module beside it.

    ``executes``: what a rule of ``modlint verify`` says is seen when it runs.
    """

    executes: bool
    toml: str = ""
    twin: str = ""

    def settings(self, folder: Path) -> Settings:
        return settings_of(self.toml, folder)

    def found(self, text: str, settings: Settings, name: str = "module.py") -> list[Diagnostic]:
        if self.executes:
            module = Module(read(text.encode(), name), settings)
            module.observed = observe(module, name)
            return judged(module)
        twin = Twin("module.py", read(self.twin.encode())) if self.twin else None
        return lint(read(text.encode(), name), settings, twin)


@dataclass(frozen=True)
class Example:
    """A bad module and what becomes of it, as a page shows them."""

    code: str
    name: str
    bad: str
    spans: list[tuple[int, int]]
    is_alone: bool
    good: str
    kind: str
    around: Around

    @property
    def caption(self) -> str:
        """The line between the two modules."""
        rows = [str(a) if a == b else f"{a}-{b}" for a, b in dict.fromkeys(self.spans)]
        line = "cell" if self.name.endswith(".ipynb") else "line"
        line += "" if rows == [str(self.spans[0][0])] else "s"
        times = f", {len(self.spans)} times" if len(rows) < len(self.spans) else ""
        return f"Reported: {line} {', '.join(rows)}{times}. {CAPTIONS[self.kind]}"

    def settings(self, folder: Path) -> Settings:
        """The settings for what the page shows to be found."""
        found = in_force(self.code, self.around.settings(folder))
        return replace(found, select=(self.code,)) if self.is_alone else found

    def alone(self, folder: Path) -> Settings:
        """The settings for the fixes of this rule alone, or with all others if it asks them."""
        found = self.around.settings(folder)
        (rule,) = (rule for rule in RULES if rule.code == self.code)
        return found if rule.judges_suppressions else replace(found, select=(self.code,))

    def found(self, text: str, settings: Settings) -> list[Diagnostic]:
        """What modlint says of the bad or the good text."""
        return self.around.found(text, settings, self.name)

    def places(self, diagnostics: list[Diagnostic]) -> list[tuple[int, int]]:
        """What ``spans`` is to be: rows, or the cells of a notebook."""
        if self.name.endswith(".ipynb"):
            return [(d.cell + 1, d.cell + 1) for d in diagnostics]
        return [(d.start.row, d.end.row) for d in diagnostics]

    def fixed(self, text: str, folder: Path, *, unsafe: bool) -> str:
        """What the fixes of this rule alone make of a module."""
        settings = self.alone(folder)
        file = read(text.encode(), self.name)
        outcome: Outcome = fix(file, lint(file, settings), settings, unsafe=unsafe)
        assert outcome.fault == ""
        return outcome.file.to_bytes().decode()


@dataclass(frozen=True)
class Clean:
    """A module in which nothing is to be found."""

    code: str
    text: str
    around: Around


def in_force(code: str, settings: Settings) -> Settings:
    """``settings`` where the rule is on in them, else with the rule alone."""
    return settings if settings.is_enabled(code) else replace(settings, select=(code,))


def settings_of(toml: str, folder: Path) -> Settings:
    if not toml:
        return Settings()
    (folder / "pyproject.toml").write_text(toml, "utf-8")
    return find_settings(folder)


def blocks(rule: Rule) -> list[tuple[str, str]]:
    """The fenced blocks of a page: info string and text."""
    try:
        return [(m[1], m[2]) for m in BLOCK.finditer(page_of(rule))]
    except FileNotFoundError:
        return []  # test_a_page_says_what_its_class_says tells of it


def span(entry: str) -> tuple[int, int]:
    first, _, last = entry.partition("-")
    return int(first), int(last or first)


def examples(rule: Rule) -> Iterator[Example | Clean]:
    """What a page shows; anything that cannot be understood is an error."""
    pending = iter(blocks(rule))
    around = Around(rule.executes)
    for info, text in pending:
        if info == "toml":
            around = replace(around, toml=text)
            continue
        if info == "python twin":
            around = replace(around, twin=text)
            continue
        if info == "python clean":
            yield Clean(rule.code, text, around)
        elif info.startswith(("python", "json")):
            bad = BAD.fullmatch(info)
            assert bad is not None, info
            next_info, good_text = next(pending)
            good = GOOD.fullmatch(next_info)
            assert good is not None, next_info
            spans = [span(entry) for entry in bad[3].split(",")]
            kind = good[1] or "safe"
            name = NAMES[bad[1] or bad[2]]
            yield Example(rule.code, name, text, spans, bool(bad[4]), good_text, kind, around)
        around = Around(rule.executes)


SHOWN = [(f"{rule.code}-{n}", shown) for rule in RULES for n, shown in enumerate(examples(rule), 1)]
PAIRS = [pytest.param(shown, id=name) for name, shown in SHOWN if isinstance(shown, Example)]
CLEAN = [pytest.param(shown, id=name) for name, shown in SHOWN if isinstance(shown, Clean)]


# --- the pages and the classes ----------------------------------------------------------------


def test_every_page_has_a_class_and_every_class_a_page() -> None:
    pages = {path.name for path in (ROOT / "rules").iterdir()}
    assert pages == {page_name(rule) for rule in RULES}


@BY_CODE
def test_a_page_says_what_its_class_says(rule: Rule) -> None:
    title, empty, line, *_ = page_of(rule).split("\n")
    assert title == f"# {rule.code}: {rule.name}"
    assert empty == ""
    match = re.fullmatch(r"Severity: (.+)\. Fix: (.+)\.", line)
    assert match is not None, line
    assert match[1] == rule.severity
    assert match[2] in FIXES


@BY_CODE
def test_a_page_has_its_sections_in_order_and_none_is_empty(rule: Rule) -> None:
    text = BLOCK.sub("…", page_of(rule))  # a heading inside an example is none of the page's
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    assert parts[3::2] == SECTIONS
    assert all(body.strip() for body in parts[2::2])
    assert "```" not in text


@BY_CODE
def test_a_page_is_plain_text_of_lines_that_fit(rule: Rule) -> None:
    text = page_of(rule)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    prose = BLOCK.sub("", text).split("\n")
    assert [line for line in prose if len(line) > 100 or line != line.rstrip()] == []


@BY_CODE
def test_a_page_shows_each_kind_of_fix_that_it_names(rule: Rule) -> None:
    named = re.search(r"Fix: (.+)\.", page_of(rule))
    assert named is not None
    shown = {e.kind for e in examples(rule) if isinstance(e, Example)}
    assert shown, "a page without an example"
    assert shown - {"by-hand"} == FIXES[named[1]]


@BY_CODE
def test_the_line_above_each_good_example_says_what_it_is(rule: Rule) -> None:
    lines = re.findall(r"^```\n\n([^\n]*)\n\n```(?:python|json) good", page_of(rule), re.MULTILINE)
    assert lines == [e.caption for e in examples(rule) if isinstance(e, Example)]


# --- the examples -----------------------------------------------------------------------------


@pytest.mark.parametrize("example", PAIRS)
def test_a_bad_example_has_this_fault_where_it_is_marked(example: Example, tmp_path: Path) -> None:
    diagnostics = example.found(example.bad, example.settings(tmp_path))
    assert {d.code for d in diagnostics} == {example.code}
    assert example.places(diagnostics) == example.spans


@pytest.mark.parametrize("example", PAIRS)
def test_the_fix_of_a_bad_example_gives_exactly_the_good_one(
    example: Example, tmp_path: Path
) -> None:
    safely = example.fixed(example.bad, tmp_path, unsafe=False)
    assert safely == (example.good if example.kind == "safe" else example.bad)
    unsafely = example.fixed(example.bad, tmp_path, unsafe=True)
    assert unsafely == (example.bad if example.kind == "by-hand" else example.good)


@pytest.mark.parametrize("example", PAIRS)
def test_a_good_example_is_clean_and_a_second_fix_changes_nothing(
    example: Example, tmp_path: Path
) -> None:
    assert example.found(example.good, example.settings(tmp_path)) == []
    assert example.fixed(example.good, tmp_path, unsafe=True) == example.good


@pytest.mark.parametrize("example", PAIRS)
def test_what_is_mended_by_hand_has_no_fix_to_apply(example: Example, tmp_path: Path) -> None:
    fixes = [d.fix for d in example.found(example.bad, example.settings(tmp_path))]
    applicable = {f.applicability for f in fixes if f is not None}
    assert applicable <= {
        "safe": {Applicability.SAFE},
        "unsafe": {Applicability.UNSAFE},
        "by-hand": {Applicability.DISPLAY},
    }.get(example.kind, set())


@pytest.mark.parametrize("example", CLEAN)
def test_nothing_is_found_in_a_clean_example(example: Clean, tmp_path: Path) -> None:
    settings = in_force(example.code, example.around.settings(tmp_path))
    assert example.around.found(example.text, settings) == []


@pytest.mark.parametrize("example", [e for e in CLEAN if e.values[0].around.toml])  # type: ignore[union-attr]
def test_the_settings_of_a_clean_example_make_the_difference(example: Clean) -> None:
    found = example.around.found(example.text, in_force(example.code, Settings()))
    assert {d.code for d in found} == {example.code}


# --- the command ------------------------------------------------------------------------------


@BY_CODE
def test_the_command_prints_the_page(rule: Rule, modlint: Run) -> None:
    for asked in (rule.code, rule.code.lower(), rule.name):
        result = modlint("rule", asked)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == page_of(rule)


def test_the_command_lists_every_rule_with_its_severity(modlint: Run) -> None:
    result = modlint("rule")
    assert result.exit_code == 0
    listed = [line.split() for line in result.stdout.splitlines()]
    assert listed == [[rule.code, rule.name, str(rule.severity)] for rule in RULES]


@pytest.mark.parametrize("code", ["IMP999", "IMP", ""])
def test_an_unknown_code_is_an_error(code: str, modlint: Run) -> None:
    result = modlint("rule", code)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"no rule {code!r}" in result.stderr


@BY_CODE
def test_the_page_is_shown_on_a_terminal_too(
    rule: Rule, modlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = modlint("rule", rule.code)
    assert result.exit_code == 0
    assert rule.name in result.stdout
    assert "What it does" in result.stdout
