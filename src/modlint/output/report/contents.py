"""What a report says, whatever its format: sections, verdicts, places in words, totals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from modlint.codes import codes
from modlint.diagnostics import Diagnostic, Severity
from modlint.discovery import Failure
from modlint.notebook.cell import ModuleFile, editor_lines
from modlint.notebook.magics import unmasked
from modlint.output.report.comparison import Comparison, ModuleChange
from modlint.output.text import printable
from modlint.review.model import GradingCell, Issue, Item, Mark, Priority, Review, Role, Way
from modlint.rules import rule_of
from modlint.rules.evidence import Evidence

#: From this score on, the module is what the word says.
_VERDICTS = ((90, "Excellent"), (70, "Good"), (50, "Fair"), (0, "Weak"))


@dataclass(frozen=True, slots=True)
class Topic:
    """A section of a report: the items of the checklist and the rules that it is about.

    A rule that decides an item stands where that does, any other where its family does: each
    problem stands in one section.
    """

    title: str
    items: tuple[str, ...]
    families: tuple[str, ...] = ()


TOPICS = (
    Topic(
        "NBGrader cell structure",
        ("jupytext-header", "cell-metadata", "solution-regions", "markdown-format"),
        ("NBG", "CEL"),
    ),
    Topic(
        "Protected execution of tests and demos",
        ("test-guard", "silent-tests", "silent-demos", "main-block"),
        ("IMP",),
    ),
    Topic(
        "Docstrings and educational content",
        ("introduction", "objectives", "diagrams", "mathematics", "hints-outside", "progressive"),
        ("STR",),
    ),
    Topic(
        "Imports and module structure",
        ("imports", "silent-prints", "package-location", "summary"),
    ),
    Topic(
        "Memory profiling and performance",
        ("memory", "performance"),
    ),
    Topic("ML systems analysis", ("trade-offs", "questions")),
    Topic(
        "Test coverage",
        ("immediate-tests", "integration-test"),
        ("COV",),
    ),
    Topic(
        "Production context and real-world applications",
        ("production", "real-world"),
    ),
    Topic("Signatures, export and the rest", ()),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A topic, for one module."""

    title: str
    items: tuple[Item, ...]
    issues: tuple[Issue, ...]

    @property
    def shows_cells(self) -> bool:
        """Whether the table of the cells that nbgrader knows belongs here."""
        return any(item.key == "cell-metadata" for item in self.items)

    @property
    def shows_tests(self) -> bool:
        """Whether the table of the tests and the gaps belong here."""
        return any(item.key == "integration-test" for item in self.items) or bool(self._gaps)

    @property
    def problems(self) -> tuple[Issue, ...]:
        """The issues, without the gaps in coverage, which have a list of their own."""
        return tuple(issue for issue in self.issues if issue not in self._gaps)

    @property
    def _gaps(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if issue.code.startswith("COV"))

    @property
    def mark(self) -> Mark:
        """Unmet with an error or no item met, partly met with less; advice lowers nothing."""
        severities = {issue.severity for issue in self.issues}
        marks = {item.mark for item in self.items}
        if Severity.ERROR in severities or marks == {Mark.UNMET}:
            return Mark.UNMET
        return Mark.PARTLY if Severity.WARNING in severities or marks - {Mark.MET} else Mark.MET


@dataclass(frozen=True)
class Reviewed:
    """A module file and its review."""

    file: ModuleFile
    review: Review

    @property
    def path(self) -> str:
        """The path, fit to be shown."""
        return printable(self.review.path)

    @property
    def title(self) -> str:
        """The module's own title, or its path where it has none."""
        return printable(self.review.title) or self.path

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have something to say."""
        items = {item.key: item for item in self.review.items}
        found = []
        for topic in TOPICS:
            mine = tuple(items[key] for key in topic.items if key in items)
            issues = tuple(i for i in self.review.issues if topic_of(i.code) is topic)
            if mine or issues:
                found.append(Section(topic.title, mine, issues))
        return tuple(found)

    @property
    def assessment(self) -> str:
        """The overall assessment, in a sentence without its period."""
        review = self.review
        word = next(word for least, word in _VERDICTS if review.score >= least)
        if review.at(Priority.P1):
            return f"{word}, with critical issues that must be fixed"
        if review.critical:
            return f"{word}, with errors to fix before export"
        if review.at(Priority.P2):
            return f"{word}, with something to fix before export"
        left = "nothing blocks the export" if review.issues else "nothing to fix"
        return f"{word}, {left}"

    @property
    def sum(self) -> str:
        """How the score comes about: ``21 of 28 → 75/100``."""
        items = self.review.items
        gave = sum(item.weight * item.mark.credit for item in items)
        whole = sum(item.weight for item in items)
        less = ", for there are errors" if gave == whole and self.review.has_errors else ""
        return f"{number(float(gave))} of {whole} → {self.review.score}/100{less}"

    @property
    def blockers(self) -> str:
        """The rules that block the release, with the number of their problems."""
        counts: dict[str, int] = {}
        for issue in self.review.critical:
            counts[issue.code] = counts.get(issue.code, 0) + len(issue.diagnostics)
        return ", ".join(f"{code} ×{number}" for code, number in counts.items())

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(d.severity is Severity.ERROR for d in self.review.diagnostics)

    @property
    def steps(self) -> Iterator[tuple[Way, int]]:
        """What mends the problems, and how many each way mends."""
        for way in Way:
            number = sum(len(i.diagnostics) for i in self.review.issues if i.way is way)
            if number:
                yield way, number

    def place(self, thing: Evidence | Diagnostic) -> str:
        """``line 12``, ``lines 12–15``; in a notebook file ``cell 3, lines 2–5``."""
        first, last = thing.start.row, thing.end.row
        words = f"line {first}" if last <= first else f"lines {first}–{last}"
        return words if self.file.store is None else f"cell {thing.cell + 1}, {words}"

    def places(self, things: Sequence[Evidence | Diagnostic]) -> str:
        """The places of several things: ``lines 12, 15–17``; in a notebook file one by one."""
        things = sorted(things, key=lambda thing: (thing.cell, thing.start))
        if self.file.store is not None or len(things) == 1:
            return "; ".join(dict.fromkeys(self.place(thing) for thing in things))
        return "lines " + ", ".join(
            dict.fromkeys(self.place(thing).split(" ")[1] for thing in things)
        )

    @cached_property
    def lines(self) -> dict[tuple[int, int], str]:
        """The source, without line ends, by cell and row; of a ``.py`` the cell is always 0."""
        if self.file.store is None:
            texts = [self.file.text]
        else:
            texts = [unmasked(cell.source) for cell in self.file.cells]
        return {
            (index, row): line.rstrip("\r\n")
            for index, text in enumerate(texts)
            for row, line in enumerate(editor_lines(text), 1)
        }

    def key(self, cell: int, row: int) -> tuple[int, int]:
        """The key of :attr:`lines` for a row of a cell."""
        return (0 if self.file.store is None else cell, row)


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of ``modlint report`` has to say.

    ``codes``: the rules in force; ``failures``: what could not be reviewed;
    ``explain``: whether the credit of each item is wanted.
    """

    modules: tuple[Reviewed, ...]
    failures: tuple[Failure, ...]
    codes: tuple[str, ...]
    comparison: Comparison | None = None
    explain: bool = False

    def compared(self, comparison: Comparison) -> Report:
        """The same report, with what changed since an older one."""
        return replace(self, comparison=comparison)

    @property
    def distinct(self) -> tuple[Reviewed, ...]:
        """The modules without the notebooks that stand beside their ``.py``."""
        scripts = {module.path for module in self.modules}
        return tuple(
            module
            for module in self.modules
            if not module.path.endswith(".ipynb")
            or module.path.removesuffix(".ipynb") + ".py" not in scripts
        )

    @property
    def points(self) -> int | float:
        """The points of all modules, a module and its notebook counted once."""
        return sum(module.review.points for module in self.distinct)


def topic_of(code: str) -> Topic:
    """The section for the problems of a rule."""
    items = rule_of(code).checks if code in codes() else ()
    for topic in TOPICS:
        if items[0] in topic.items if items else code.startswith(topic.families):
            return topic
    return TOPICS[-1]


def role_of(cell: GradingCell) -> tuple[Mark, str]:
    """What nbgrader does with a cell, and whether its flags say so at all."""
    return Mark.PARTLY if cell.role is Role.NOTHING else Mark.MET, str(cell.role)


def label(priority: Priority) -> str:
    """``P1 – Must fix``."""
    return f"{priority.name} – {priority.value}"


def fixed_by(way: Way) -> str:
    """What mends an issue, in words; a command between backticks."""
    return "by hand" if way is Way.BY_HAND else f"`{way.value}`"


def earned(item: Item) -> str:
    """``+0.5 of 1``: what an item gave, and could give."""
    return f"+{number(float(item.weight * item.mark.credit))} of {item.weight}"


def scores(change: ModuleChange) -> str:
    """The score before and now: ``75 → 100 (+25)``."""
    if change.old_score is None:
        return f"{change.new_score}/100, not in the older report"
    if change.new_score is None:
        return f"was {change.old_score}/100, no longer there"
    return f"{change.old_score} → {change.new_score} ({change.new_score - change.old_score:+})"


def number(value: int | float) -> str:
    """A number without needless zeros."""
    return f"{value:g}"


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a message, each with whether it stood between backticks."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner is one of the text's own
        yield "`".join(parts), False
        return
    for index, part in enumerate(parts):
        if part:
            yield part, index % 2 == 1


def distinct(evidence: Iterable[Evidence]) -> list[tuple[str, list[Evidence]]]:
    """Evidence by what it shows: one word found at ten places is one entry."""
    groups: dict[str, list[Evidence]] = {}
    for found in evidence:
        groups.setdefault(printable(re.sub(r"\s+", " ", found.what).strip()), []).append(found)
    return list(groups.items())
