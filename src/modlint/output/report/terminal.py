"""The report for a terminal: what matters, one screen or two a module."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from modlint.diagnostics import Severity
from modlint.output.report.comparison import Comparison, place_in
from modlint.output.report.contents import (
    Report,
    Reviewed,
    distinct,
    earned,
    fixed_by,
    label,
    number,
    pieces,
    scores,
)
from modlint.output.text import counted, printable
from modlint.review.model import Group as ItemGroup
from modlint.review.model import Issue, Mark, Priority

_WIDTH = 100  # where nothing tells the width
_SHOWN = 4  # places of a strength; all of them stand in the other formats
_STYLES = {
    Mark.MET: "green",
    Mark.PARTLY: "yellow",
    Mark.UNMET: "red",
}
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MARKS = {mark.name.lower(): mark for mark in Mark}


def render(report: Report, *, colour: bool = False) -> str:
    """The report as lines of text, coloured where that is wanted."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=shutil.get_terminal_size((_WIDTH, 24)).columns,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in _parts(report):
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _parts(report: Report) -> Iterator[RenderableType]:
    for module in report.modules:
        yield from _module(module, report.explain)
    if len(report.modules) > 1:
        yield Rule("Course overview")
        yield _overview(report)
    if report.comparison:
        yield Rule("What changed")
        yield from _changes(report.comparison)
    for failure in report.failures:
        yield Text(f"❌ not reviewed: {printable(str(failure))}", "red")


def _sign(mark: Mark) -> Text:
    return Text(mark, _STYLES[mark])


def _words(*parts: str | Text) -> Text:
    """Text of parts; what a plain part has between backticks is code."""
    text = Text()
    for part in parts:
        if isinstance(part, Text):
            text.append_text(part)
            continue
        for piece, is_code in pieces(part):
            text.append(piece, "cyan" if is_code else "")
    return text


def _table(*headings: str, right: Iterable[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left")
    return table


def _block(heading: str, *rows: RenderableType) -> RenderableType:
    return Group(Text(heading, "bold"), Padding(Group(*rows), (0, 0, 1, 2)))


# --- one module ---


def _module(module: Reviewed, explain: bool) -> Iterator[RenderableType]:
    review = module.review
    worst = Mark.UNMET if review.critical else Mark.PARTLY if review.issues else Mark.MET
    yield Panel(
        Group(
            _words(Text(module.path, "bold")),
            _words(Text(f"{review.score}/100", f"bold {_STYLES[worst]}"), f"  {module.assessment}"),
            f"{counted(review.points, 'point')}, {counted(len(review.tests), 'test')}, "
            f"{counted(len(review.solutions), 'solution')}",
        ),
        title=Text(module.title),
        title_align="left",
    )
    if review.critical:
        yield _block("Critical issues", *(_issue(module, issue) for issue in review.critical))
    if review.strengths:
        table = _table("", "", "")
        table.show_header = False
        for strength in review.strengths:
            groups = distinct(strength.evidence)[:_SHOWN]
            places = module.places([e for _, found in groups for e in found][:_SHOWN])
            more = len(strength.evidence) - _SHOWN
            table.add_row(
                _sign(Mark.MET),
                strength.title,
                Text(places + (f" and {more} more" if more > 0 else ""), "dim"),
            )
        yield _block("Strengths", table)
    yield _block("Sections", _sections(module))
    yield _block("Checklist", *_checklist(module, explain))
    if review.tests:
        yield _block("Tests", _tests(module))
    if review.gaps:
        yield _block(
            "Coverage gaps",
            *(
                _words(
                    _sign(gap.mark), f" {module.place(gap.diagnostic)}: {gap.diagnostic.message}"
                )
                for gap in review.gaps
            ),
        )
    for priority in Priority:
        issues = review.at(priority)
        if issues:
            yield _block(label(priority), *(_issue(module, i, fix=True) for i in issues))
    steps = [_words(f"{fixed_by(way)}: {counted(many, 'problem')}") for way, many in module.steps]
    yield _block("Next steps", *(steps or [Text("Nothing to fix.", "green")]))


def _issue(module: Reviewed, issue: Issue, *, fix: bool = False) -> Text:
    text = _words(
        Text(issue.code, f"bold {_SEVERITIES[issue.severity]}"),
        f" {issue.title}: ",
        Text(module.places(issue.diagnostics), "bold"),
    )
    return _words(text, f" → {fixed_by(issue.way)}") if fix else text


def _sections(module: Reviewed) -> Table:
    table = _table("", "", "")
    table.show_header = False
    for at, section in enumerate(module.sections, 1):
        found = sum(len(issue.diagnostics) for issue in section.issues)
        codes = ", ".join(dict.fromkeys(issue.code for issue in section.issues))
        why = f"{counted(found, 'problem')} ({codes})" if found else ""
        table.add_row(_sign(section.mark), f"{at}. {section.title}", Text(why, "dim"))
    return table


def _checklist(module: Reviewed, explain: bool) -> Iterator[RenderableType]:
    for group in ItemGroup:
        items = module.review.group(group)
        if not items:
            continue
        yield Text(group, "italic")
        table = _table("", "", "", "")
        table.show_header = False
        for item in items:
            codes = item.reasons
            gave = earned(item) if explain else ""
            table.add_row(_sign(item.mark), _words(item.title), gave, Text(codes, "dim"))
        yield Padding(table, (0, 0, 0, 2))
    if explain:
        yield Text(f"Score: {module.sum}", "bold")


def _tests(module: Reviewed) -> Table:
    table = _table("test", "where", "graded", "points", "covers", right=["points"])
    for test in module.review.tests:
        table.add_row(
            printable(test.name) or "statements",
            module.place(test.place),
            _sign(Mark.MET if test.is_graded else Mark.UNMET),
            "" if test.points is None else number(test.points),
            Text(printable(", ".join(test.covers)), "dim"),
        )
    return table


# --- the course ---


def _overview(report: Report) -> RenderableType:
    names = ["score", "tests", "points", "solutions", "errors"]
    table = _table("module", *names, "blocks the release", right=names)
    for module in report.modules:
        review = module.review
        table.add_row(
            Text(module.path),
            str(review.score),
            str(len(review.tests)),
            number(review.points),
            str(len(review.solutions)),
            str(module.errors),
            Text(module.blockers, "red") if module.blockers else Text("nothing", "green"),
        )
    modules = counted(len(report.distinct), "module")
    return Group(table, Text(f"Total: {counted(report.points, 'point')} in {modules}", "bold"))


def _changes(comparison: Comparison) -> Iterator[RenderableType]:
    yield f"{counted(comparison.mended, 'problem')} mended, {comparison.new} new."
    if comparison.not_compared:
        yield f"Not compared, since one report lacks them: {', '.join(comparison.not_compared)}."
    for change in comparison.modules:
        if not change.is_change:
            continue
        rows = [
            _words(_sign(_MARKS[m.old]), " → ", _sign(_MARKS[m.new]), f" {m.title}")
            for m in change.marks
        ]
        for name, problems, mark in (
            ("new", change.new, Mark.UNMET),
            ("mended", change.mended, Mark.MET),
        ):
            rows += [
                _words(
                    _sign(mark), f" {name}: {p['code']} {p['message']} ({place_in(change.path, p)})"
                )
                for p in problems
            ]
        yield _block(f"{printable(change.path)}: {scores(change)}", *rows)
