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

``modlint rule --test`` and the tests of modlint itself go by the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from modlint.analysis.module import Module, Twin
from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import Outcome, fix
from modlint.linting import judged, lint_module
from modlint.notebook.kinds import Kind, Purpose
from modlint.notebook.reading import read
from modlint.pages import BLOCK, SUMMARY, page_name, page_of
from modlint.rules import is_in_force
from modlint.rules.base import Rule
from modlint.settings import SYNTAX_ERROR, LocalRules, Settings, find_settings

SECTIONS = ["What it does", "Why it matters", "Example", "Fix", "Fix safety"]
LONGEST_LINE = 100
_BAD = re.compile(
    r"(?:(python) bad lines|(json) bad cells)=(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)( only)?"
)
_GOOD = re.compile(r"(?:python|json) good(?: (unsafe|by-hand))?")
#: The language of a block → the file that it stands for.
_NAMES = {"python": "module.py", "json": "module.ipynb"}
#: Kind of good example → what the line above it says.
_CAPTIONS = {
    "safe": "`modlint fix --apply` writes:",
    "unsafe": "`modlint fix --apply --unsafe-fixes` writes:",
    "by-hand": "By hand:",
}
_CAPTION = re.compile(r"^```\n\n([^\n]*)\n\n```(?:python|json) good", re.MULTILINE)
#: Kind of good example → what a fix of its fault may be.
_APPLICABLE = {
    "safe": {Applicability.SAFE},
    "unsafe": {Applicability.UNSAFE},
    "by-hand": {Applicability.DISPLAY},
}
#: What a page may say of its fix → the kinds of good examples that it shows.
_FIXES = {
    "safe": {"safe"},
    "unsafe": {"unsafe"},
    "safe or unsafe": {"safe", "unsafe"},
    "display-only": set[str](),
    "none": set[str](),
}


class PageError(ValueError):
    """A page, or a rule on one of its examples, that does not work; the message says how."""


@dataclass(frozen=True)
class Around:
    """What an example stands in: its settings, the module beside it, the rules of its course.

    ``executes``: what a rule of ``modlint verify`` says is seen when it runs. ``purpose`` is what
    the example is for.
    """

    executes: bool = False
    local: LocalRules = field(default_factory=LocalRules)
    toml: str = ""
    twin: str = ""
    purpose: Purpose = field(default_factory=Purpose)

    def settings(self, folder: Path) -> Settings:
        """The settings in force, read from a file in ``folder``."""
        found = settings_of(self.toml, folder)
        return replace(found, local=self.local, purpose=self.purpose)

    def found(self, text: str, settings: Settings, name: str = "module.py") -> list[Diagnostic]:
        """What modlint says of a text. Raises :class:`PageError` where a rule fails on it."""
        twin = Twin("module.py", read(self.twin.encode())) if self.twin else None
        module = Module(read(text.encode(), name), settings, twin)
        if self.executes:
            from modlint.execution.running import observe

            module.observed = observe(module, name)
            return judged(module)
        found = lint_module(module)
        for fault in module.faults:
            raise PageError(f"{fault.code} failed: {fault.message}")
        return found


@dataclass(frozen=True)
class Example:
    """A bad module and what becomes of it, as a page shows them."""

    rule: Rule
    name: str
    bad: str
    spans: list[tuple[int, int]]
    is_alone: bool
    good: str
    kind: str
    around: Around

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.rule.code

    @property
    def is_notebook(self) -> bool:
        """Whether the file is a notebook, whose ``spans`` are cells."""
        return self.name.endswith(".ipynb")

    @property
    def caption(self) -> str:
        """The line between the two modules."""
        rows = _rows(list(dict.fromkeys(self.spans)))
        line = "cell" if self.is_notebook else "line"
        line += "" if rows == [str(self.spans[0][0])] else "s"
        times = f", {len(self.spans)} times" if len(rows) < len(self.spans) else ""
        return f"Reported: {line} {', '.join(rows)}{times}. {_CAPTIONS[self.kind]}"

    def settings(self, folder: Path) -> Settings:
        """The settings for what the page shows to be found."""
        found = in_force(self.code, self.around.settings(folder))
        return _only(self.code, found) if self.is_alone else found

    def alone(self, folder: Path) -> Settings:
        """The settings for the fixes of this rule alone, or with all others if it asks them."""
        found = self.around.settings(folder)
        return found if self.rule.judges_suppressions else _only(self.code, found)

    def found(self, text: str, settings: Settings) -> list[Diagnostic]:
        """What modlint says of the bad or the good text."""
        return self.around.found(text, settings, self.name)

    def places(self, diagnostics: list[Diagnostic]) -> list[tuple[int, int]]:
        """What ``spans`` is to be: rows, or the cells of a notebook."""
        if self.is_notebook:
            return [(d.cell + 1, d.cell + 1) for d in diagnostics]
        return [(d.start.row, d.end.row) for d in diagnostics]

    def fixed(self, text: str, folder: Path, *, unsafe: bool) -> str:
        """What the fixes of this rule alone make of a module. Raises :class:`PageError`."""
        settings = self.alone(folder)
        module = Module(read(text.encode(), self.name), settings)
        outcome: Outcome = fix(module.file, lint_module(module), settings, unsafe=unsafe)
        if outcome.fault:
            raise PageError(outcome.fault)
        return outcome.file.to_bytes().decode()

    def faults(self, folder: Path) -> Iterator[str]:
        """What is not as the page shows it. Raises :class:`PageError`."""
        settings = self.settings(folder)
        diagnostics = self.found(self.bad, settings)
        yield from _others(diagnostics, self.code, "the bad module")
        if (places := self.places(diagnostics)) != self.spans:
            what = "cells" if self.is_notebook else "lines"
            shown = ",".join(_rows(places)) or "none"
            yield f"the bad module is reported on {what}={shown}, not {','.join(_rows(self.spans))}"
        applicable = {d.fix.applicability for d in diagnostics if d.fix is not None}
        if not applicable <= _APPLICABLE[self.kind]:
            said = ", ".join(sorted(map(str, applicable)))
            yield f"the fix of the bad module is {said}, not {self.kind}"
        safely = self.fixed(self.bad, folder, unsafe=False)
        unsafely = self.fixed(self.bad, folder, unsafe=True)
        if safely != (self.good if self.kind == "safe" else self.bad):
            yield f"the safe fixes write:\n{safely}"
        if unsafely != (self.bad if self.kind == "by-hand" else self.good):
            yield f"the unsafe fixes write:\n{unsafely}"
        for diagnostic in self.found(self.good, settings):
            yield f"the good module is not clean: {_told(diagnostic)}"
        if self.fixed(self.good, folder, unsafe=True) != self.good:
            yield "a second fix changes the good module"


@dataclass(frozen=True)
class Clean:
    """A module in which nothing is to be found."""

    rule: Rule
    text: str
    around: Around

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.rule.code

    def faults(self, folder: Path) -> Iterator[str]:
        """What is not as the page shows it. Raises :class:`PageError`."""
        settings = in_force(self.code, self.around.settings(folder))
        for diagnostic in self.around.found(self.text, settings):
            yield f"the clean module is not clean: {_told(diagnostic)}"
        if not self.around.toml:
            return
        without = in_force(self.code, Settings(local=self.around.local))
        if {d.code for d in self.around.found(self.text, without)} != {self.code}:
            yield "the settings make no difference: without them nothing is reported, either"


def _rows(spans: list[tuple[int, int]]) -> list[str]:
    return [str(a) if a == b else f"{a}-{b}" for a, b in spans]


def _told(diagnostic: Diagnostic) -> str:
    return f"line {diagnostic.start.row}: {diagnostic.code} {diagnostic.message}"


def _others(diagnostics: list[Diagnostic], code: str, what: str) -> Iterator[str]:
    for diagnostic in diagnostics:
        if diagnostic.code != code:
            yield f"{what} has another fault, {_told(diagnostic)}"


def in_force(code: str, settings: Settings) -> Settings:
    """``settings`` where the rule is on in them, else with the rule alone."""
    return settings if is_in_force(code, settings) else _only(code, settings)


def _only(code: str, settings: Settings) -> Settings:
    """``settings`` with one rule alone in force."""
    others = () if code == SYNTAX_ERROR else (SYNTAX_ERROR,)
    return replace(settings, select=(code,), ignore=(*settings.ignore, *others))


def settings_of(toml: str, folder: Path) -> Settings:
    """The settings of a ``pyproject.toml`` with this text."""
    if not toml:
        return Settings()
    (folder / "pyproject.toml").write_text(toml, "utf-8")
    return find_settings(folder)


def examples(rule: Rule, local: LocalRules | None = None) -> Iterator[Example | Clean]:
    """What a page shows. Raises :class:`PageError` for what cannot be understood."""
    pending = ((m[1], m[2]) for m in BLOCK.finditer(page_of(rule)))
    start = around = Around(rule.executes, local or LocalRules(), purpose=_purpose_for(rule))
    for info, text in pending:
        if info == "toml":
            around = replace(around, toml=text)
            continue
        if info == "python twin":
            around = replace(around, twin=text)
            continue
        if info == "python clean":
            yield Clean(rule, text, around)
        elif info.startswith(("python", "json")):
            bad = _BAD.fullmatch(info)
            if bad is None:
                raise PageError(f"```{info}: not `python bad lines=…`, nor `python clean`")
            next_info, good_text = next(pending, ("", ""))
            good = _GOOD.fullmatch(next_info)
            if good is None:
                raise PageError(f"```{info}: no `python good` follows it")
            spans = [_span(entry) for entry in bad[3].split(",")]
            kind = good[1] or "safe"
            name = _NAMES[bad[1] or bad[2]]
            yield Example(rule, name, text, spans, bool(bad[4]), good_text, kind, around)
        around = start


def _purpose_for(rule: Rule) -> Purpose:
    """What the examples of a page are: modules, or where none would be judged, handed in."""
    own = Purpose()
    return own if own.checks(rule.code, rule.kinds) else Purpose(Kind.SUBMISSION)


def _span(entry: str) -> tuple[int, int]:
    first, _, last = entry.partition("-")
    return int(first), int(last or first)


def page_faults(rule: Rule, shown: list[Example | Clean]) -> Iterator[str]:
    """What a page lacks of the form that all pages have."""
    page = page_of(rule)
    title, empty, line, *_ = [*page.split("\n"), "", "", ""]
    if title != f"# {rule.code}: {rule.name}" or empty:
        yield f"does not begin with `# {rule.code}: {rule.name}` and an empty line"
    summary = SUMMARY.fullmatch(line)
    named = summary[2] if summary else ""
    if summary is None or summary[1] != rule.severity or named not in _FIXES:
        yield f"line 3 is not `Severity: {rule.severity}. Fix: {' | '.join(_FIXES)}.`"
    text = BLOCK.sub("…", page)  # a heading inside an example is none of the page's
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    if parts[3::2] != SECTIONS:
        yield f"its sections are not {', '.join(SECTIONS)}"
    if not all(body.strip() for body in parts[2::2]):
        yield "a section is empty"
    if "```" in text:
        yield "a fenced block is not closed"
    if not page.endswith("\n") or page.endswith("\n\n"):
        yield "does not end with one newline"
    for row, prose in enumerate(BLOCK.sub(_blanked, page).split("\n"), 1):
        if len(prose) > LONGEST_LINE or prose != prose.rstrip():
            yield f"line {row} has more than {LONGEST_LINE} characters, or spaces at its end"
    pairs = [example for example in shown if isinstance(example, Example)]
    kinds = {example.kind for example in pairs}
    if not pairs:
        yield "shows no example"
    elif named in _FIXES and kinds - {"by-hand"} != _FIXES[named]:
        yield f"names a fix that is {named}, and shows {', '.join(sorted(kinds))}"
    captions = [example.caption for example in pairs]
    if _CAPTION.findall(page) != captions:
        yield f"above the good modules should stand, in turn: {' / '.join(captions)}"


def _blanked(block: re.Match[str]) -> str:
    return "\n" * block[0].count("\n")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a page: how many examples it has, and what is wrong."""

    count: int
    faults: tuple[str, ...]


def try_page(rule: Rule, local: LocalRules | None = None) -> Trial:
    """Try the page of a rule and all that it shows; ``local`` are the rules of its course."""
    try:
        shown = list(examples(rule, local))
        faults = list(page_faults(rule, shown))
    except FileNotFoundError:
        return Trial(0, (f"there is no page {page_name(rule)}",))
    except PageError as error:
        return Trial(0, (str(error),))
    for number, example in enumerate(shown, 1):
        with TemporaryDirectory() as folder:
            try:
                faults += [f"example {number}: {fault}" for fault in example.faults(Path(folder))]
            except (PageError, ValueError) as error:
                faults.append(f"example {number}: {error}")
    return Trial(len(shown), tuple(faults))
