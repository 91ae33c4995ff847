"""The report as one HTML page that needs nothing else: no network, no other file.

Whatever comes from a module goes through :func:`_text`, which escapes it and makes
control characters visible. The page's policy allows its own style and script by their
hashes and nothing else, so that even a slip there could run nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from modlint import __version__
from modlint.diagnostics import Diagnostic
from modlint.notebook.grading import slug, unique
from modlint.output.report.comparison import Comparison, place_in
from modlint.output.report.contents import (
    Report,
    Reviewed,
    Section,
    distinct,
    earned,
    fixed_by,
    label,
    number,
    pieces,
    role_of,
    scores,
)
from modlint.output.text import counted
from modlint.review.model import Gap, Group, Issue, Item, Mark, Priority
from modlint.rules.evidence import Evidence

#: Lines of source around a problem, and the most that are shown of the problem itself.
_AROUND, _MOST = 2, 12
_MARKS = {mark.name.lower(): mark for mark in Mark}
_NAMES = {Mark.MET: "met", Mark.PARTLY: "partly met", Mark.UNMET: "not met"}
#: What has no picture of its own, or changes how its neighbours are drawn (tabs aside).
_HIDDEN = re.compile(r"[^\t\n]")


def render(report: Report) -> str:
    """The report as the text of an HTML file."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    pages = list(_modules(report))
    title = "Module review" if len(pages) == 1 else "Course review"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#report">Skip to the report</a>'
    yield f"<header>\n<h1>{title}</h1>"
    yield _controls(pages)
    yield '</header>\n<main id="report" tabindex="-1">'
    yield from _course(report, pages)
    for page in pages:
        yield from page.html(report.explain)
    yield f"</main>\n<footer>Written by modlint {_text(__version__)}.</footer>"
    yield f"<script>{script}</script>\n</body>\n</html>"


def _modules(report: Report) -> Iterator[_ModulePage]:
    taken: set[str] = set()
    for module in report.modules:
        yield _ModulePage(module, unique(slug(module.path) or "module", taken))


def _asset(name: str) -> str:
    return files("modlint.output.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# --- text ---


def _text(text: str) -> str:
    """Text of a module, escaped; characters that nobody would see are named."""
    return escape(text) if text.isprintable() else _HIDDEN.sub(_visible, text)


def _visible(found: re.Match[str]) -> str:
    sign = found[0]
    if sign.isprintable():
        return escape(sign)
    return f'<span class="hidden-sign">U+{ord(sign):04X}</span>'


def _plain(text: str) -> str:
    """The same where no tags can stand: in a title or an attribute."""
    return re.sub(r"<[^>]*>", "", _text(text))


def _message(text: str) -> str:
    """A message of modlint: what it has between backticks is code."""
    return "".join(
        f"<code>{_text(part)}</code>" if code else _text(part) for part, code in pieces(text)
    )


def _mark(mark: Mark) -> str:
    return f'<span role="img" aria-label="{_NAMES[mark]}">{mark}</span>'


def _list(entries: Iterable[str], tag: str = "ul") -> str:
    return f"<{tag}>{''.join(f'<li>{entry}</li>' for entry in entries)}</{tag}>"


def _table(name: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in a box that scrolls; the first cell of a row is its heading."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = ""
    for first, *others in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        body += f'<tr><th scope="row">{first}</th>{cells}</tr>\n'
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {_plain(name)}"><table>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


# --- the page around the modules ---


def _controls(pages: list[_ModulePage]) -> str:
    """Filters and the theme; useless without the script, which shows them."""

    def toggles(kind: str, names: Iterable[tuple[str, str]]) -> str:
        return "".join(
            f'<button type="button" data-{kind}="{value}" aria-pressed="true">{shown}</button>'
            for value, shown in names
        )

    severities = toggles("severity", ((s, s) for s in ("error", "warning", "info")))
    marks = toggles(
        "mark",
        ((m.name.lower(), f'<span aria-hidden="true">{m}</span> {_NAMES[m]}') for m in Mark),
    )
    choice = ""
    if len(pages) > 1:
        options = "".join(f'<option value="{p.id}">{_plain(p.module.path)}</option>' for p in pages)
        choice = (
            '<label>Module <select id="module-choice"><option value="">all modules</option>'
            f"{options}</select></label>"
        )
    return (
        '<div id="controls" hidden>'
        f'<div role="group" aria-label="Problems to show">Problems {severities}</div>'
        f'<div role="group" aria-label="Checklist items to show">Items {marks}</div>{choice}'
        '<button type="button" id="open-all" aria-pressed="false">Open all problems</button>'
        '<button type="button" id="theme" aria-pressed="false">Dark colours</button>'
        '<p id="shown" role="status"></p></div>'
    )


def _course(report: Report, pages: list[_ModulePage]) -> Iterator[str]:
    if report.failures:
        yield '<section aria-labelledby="failures"><h2 id="failures">Not reviewed</h2>'
        yield _list(_text(str(failure)) for failure in report.failures)
        yield "</section>"
    if report.comparison:
        yield '<section aria-labelledby="changes"><h2 id="changes">What changed</h2>'
        yield from _changes(report.comparison)
        yield "</section>"
    if len(pages) < 2:
        return
    yield '<section aria-labelledby="overview"><h2 id="overview">Course overview</h2>'
    yield _table(
        "Course overview",
        ["Module", "Score", "Tests", "Points", "Solutions", "Errors", "Blocks the release"],
        (page.overview() for page in pages),
    )
    modules = counted(len(report.distinct), "module")
    yield f"<p><b>Total points:</b> {number(report.points)} in {modules}</p></section>"


def _changes(comparison: Comparison) -> Iterator[str]:
    yield f"<p>{counted(comparison.mended, 'problem')} mended, {comparison.new} new.</p>"
    if comparison.not_compared:
        codes = ", ".join(map(_text, comparison.not_compared))
        yield f"<p>Not compared, since one report lacks them: {codes}.</p>"
    for change in comparison.modules:
        if change.is_change:
            yield f"<h3>{_text(change.path)}: {scores(change)}</h3>"
            yield _list(
                [
                    f"{_mark(_MARKS[m.old])} → {_mark(_MARKS[m.new])} {_message(m.title)}"
                    for m in change.marks
                ]
                + [
                    f"{sign} {said}: <code>{_text(p['code'])}</code> "
                    f"{_message(p['message'])} ({place_in(change.path, p)})"
                    for sign, said, problems in (
                        ('<span aria-hidden="true">❌</span>', "new", change.new),
                        ('<span aria-hidden="true">✅</span>', "mended", change.mended),
                    )
                    for p in problems
                ]
            )


# --- one module ---


class _ModulePage:
    """The part of the page that is about one module; ``id`` begins all of its anchors."""

    def __init__(self, module: Reviewed, anchor: str) -> None:
        self.module = module
        self.id = anchor
        self.taken: set[str] = set()

    def overview(self) -> list[str]:
        """The module's row in the table of the course."""
        module, review = self.module, self.module.review
        return [
            f'<a href="#{self.id}">{_text(module.path)}</a>',
            str(review.score),
            str(len(review.tests)),
            number(review.points),
            str(len(review.solutions)),
            str(module.errors),
            module.blockers or "nothing",
        ]

    def html(self, explain: bool) -> Iterator[str]:
        """Everything about the module."""
        module, review = self.module, self.module.review
        yield f'<section class="module" id="{self.id}" aria-labelledby="{self.id}-title">'
        yield f'<h2 id="{self.id}-title">{_text(module.title)}</h2>'
        yield f"<p><code>{_text(module.path)}</code></p>"
        yield (
            f'<p class="score"><b>{review.score}</b>/100 {module.assessment}</p>'
            f'<svg class="bar" role="img" aria-label="Score: {review.score} of 100" '
            'viewBox="0 0 100 2" preserveAspectRatio="none"><rect width="100" height="2"/>'
            f'<rect class="got" width="{review.score}" height="2"/></svg>'
        )
        yield (
            f"<p>{counted(review.points, 'point')} · {counted(len(review.tests), 'test')} · "
            f"{counted(len(review.solutions), 'solution')}</p>"
        )
        if review.critical:
            yield "<h3>Critical issues</h3>"
            yield _list((self.issue(issue) for issue in review.critical), "ol")
        if review.strengths:
            yield "<h3>Strengths</h3>"
            yield _list(
                f"{_mark(Mark.MET)} {_message(s.title)}: {self.places(s.evidence)}"
                for s in review.strengths
            )
        yield "<h3>Priority fix list</h3>"
        yield from self.priorities()
        yield "<h3>Compliance checklist</h3>"
        yield from self.checklist(explain)
        yield "<h3>Sections</h3>"
        for at, section in enumerate(module.sections, 1):
            yield from self.section(at, section)
        yield self.source()
        yield "</section>"

    def priorities(self) -> Iterator[str]:
        """The problems, the most urgent first, each with its source."""
        review = self.module.review
        if not review.issues:
            yield f"<p>{_mark(Mark.MET)} Nothing to fix.</p>"
        for priority in Priority:
            issues = review.at(priority)
            if not issues:
                continue
            yield f'<div class="filtered"><h4>{label(priority)}</h4>'
            for issue in issues:
                way = _message(f"Fix: {fixed_by(issue.way)}")
                yield f'<div class="filtered"><p><b>{_message(issue.title)}</b>. {way}</p>'
                yield from (self.problem(diagnostic) for diagnostic in issue.diagnostics)
                yield "</div>"
            yield "</div>"
        steps = [f"{fixed_by(way)}: {counted(many, 'problem')}" for way, many in self.module.steps]
        if steps:
            yield "<h4>Next steps</h4>" + _list(map(_message, steps), "ol")

    def problem(self, diagnostic: Diagnostic) -> str:
        """One problem; opened, it shows its lines."""
        place = self.module.place(diagnostic)
        anchor = self.anchor(f"{diagnostic.code}-{self.row_id(diagnostic)}")
        return (
            f'<details class="problem" id="{anchor}" data-severity="{diagnostic.severity}">'
            f'<summary><span class="severity">{diagnostic.severity}</span> '
            f"<code>{diagnostic.code}</code> {place}: {_message(diagnostic.message)}</summary>"
            f'<p><a href="#{anchor}">Link to this problem</a> · {self.places([diagnostic])} '
            f"in the source</p>{self.excerpt(diagnostic)}</details>"
        )

    def checklist(self, explain: bool) -> Iterator[str]:
        """The items by group, with what they gave if that is asked."""
        for group in Group:
            items = self.module.review.group(group)
            if items:
                entries = "".join(self.item(item, explain) for item in items)
                yield f'<div class="filtered"><h4>{group}</h4>'
                yield f'<ul class="plain">{entries}</ul></div>'
        if explain:
            yield f"<p><b>Score:</b> {self.module.sum}</p>"

    def item(self, item: Item, explain: bool) -> str:
        """One item of the checklist."""
        gave = f" <b>{earned(item)}</b>" if explain else ""
        places = f": {self.places(item.against)}" if item.against else ""
        why = f" ({item.reasons}{places})" if item.reasons else ""
        return (
            f'<li class="item" data-mark="{item.mark.name.lower()}">{_mark(item.mark)} '
            f"{_message(item.title)}{gave}{why}</li>"
        )

    def section(self, at: int, section: Section) -> Iterator[str]:
        """One section, folded."""
        title = f"{at}. {section.title}"
        yield f"<details><summary>{_mark(section.mark)} {title}</summary>"
        for item in section.items:
            shown = ", ".join(
                f"{_text(what)} ({self.places(found)})" for what, found in distinct(item.evidence)
            )
            yield f"<p>{_mark(item.mark)} {_message(item.title)}{': ' if shown else ''}{shown}</p>"
        if section.problems:
            yield _list(self.issue(issue) for issue in section.problems)
        if section.shows_cells and self.module.review.cells:
            yield self.cells()
        if section.shows_tests:
            yield from self.tests()
        yield "</details>"

    def issue(self, issue: Issue) -> str:
        """All problems of a rule, in a line."""
        return (
            f"<b>{_message(issue.title)}</b> (<code>{issue.code}</code>): "
            f"{self.places(issue.diagnostics)}"
        )

    def cells(self) -> str:
        """The table of the cells that nbgrader knows."""
        return _table(
            f"Cells that nbgrader knows in {self.module.path}",
            ["Cell", "Where", "Role", "Points", "Defines"],
            (
                [
                    _text(cell.grade_id) or "no id",
                    self.places([cell.place]),
                    f"{_mark(role_of(cell)[0])} {role_of(cell)[1]}",
                    "–" if cell.points is None else number(cell.points),
                    _text(cell.place.what),
                ]
                for cell in self.module.review.cells
            ),
        )

    def tests(self) -> Iterator[str]:
        """The table of the tests, and the gaps."""
        review = self.module.review
        if review.tests:
            yield _table(
                f"Tests in {self.module.path}",
                ["Test", "Where", "Graded", "Points", "Covers"],
                (
                    [
                        _text(test.name) or "statements",
                        self.places([test.place]),
                        "yes" if test.is_graded else "no",
                        "–" if test.points is None else number(test.points),
                        _text(", ".join(test.covers)) or "–",
                    ]
                    for test in review.tests
                ),
            )
        if review.gaps:
            yield "<h4>Coverage gaps</h4>" + _list(map(self.gap, review.gaps))

    def gap(self, gap: Gap) -> str:
        """One gap."""
        found = gap.diagnostic
        return (
            f"{_mark(gap.mark)} {self.places([found])}: {_message(found.message)} "
            f"(<code>{found.code}</code>)"
        )

    # --- the source ---

    def anchor(self, name: str) -> str:
        """An id in the page, not given twice."""
        return unique(f"{self.id}-{name}", self.taken)

    def row_id(self, thing: Evidence | Diagnostic) -> str:
        """``L12``; in a notebook file ``c3-L12``."""
        return self.line_id(*self.module.key(thing.cell, thing.start.row))

    def line_id(self, cell: int, row: int) -> str:
        """The end of the id of a line of the source."""
        return f"L{row}" if self.module.file.store is None else f"c{cell + 1}-L{row}"

    def places(self, things: Iterable[Evidence | Diagnostic]) -> str:
        """The places of several things, each a link into the source."""
        links: dict[str, None] = {}
        for thing in sorted(things, key=lambda thing: (thing.cell, thing.start)):
            href = f"#{self.id}-{self.row_id(thing)}"
            links[f'<a href="{href}">{self.module.place(thing)}</a>'] = None
        return ", ".join(links)

    def excerpt(self, diagnostic: Diagnostic) -> str:
        """The lines of a problem, marked, and those around it."""
        first, last = diagnostic.start.row, diagnostic.end.row
        shown = [*range(first - _AROUND, first + _MOST), *range(last - 1, last + _AROUND + 1)]
        rows = []
        before = None
        for row in sorted({row for row in shown if row <= last + _AROUND}):
            line = self.module.lines.get(self.module.key(diagnostic.cell, row))
            if line is None:
                continue
            if before is not None and row > before + 1:
                rows.append('<span class="row">⋯</span>')
            before = row
            rows.append(_row(row, line, hit=first <= row <= last))
        name = f"Source, {self.module.place(diagnostic)}"
        return f'<pre role="group" tabindex="0" aria-label="{name}">{"".join(rows)}</pre>'

    def source(self) -> str:
        """The whole source, folded: where the links lead."""
        rows = []
        in_cell = None
        for (cell, row), line in self.module.lines.items():
            if self.module.file.store is not None and cell != in_cell:
                rows.append(f'<span class="row cell">cell {cell + 1}</span>')
                in_cell = cell
            rows.append(_row(row, line, f' id="{self.id}-{self.line_id(cell, row)}"'))
        name = _plain(f"Source of {self.module.path}")
        return (
            f'<details class="source"><summary>{name}</summary>'
            f'<pre role="region" tabindex="0" aria-label="{name}">{"".join(rows)}</pre></details>'
        )


def _row(row: int, line: str, attributes: str = "", *, hit: bool = False) -> str:
    """A line of source with its number; a ``hit`` has a sign too, for whom colour says nothing."""
    sign = "▶" if hit else " "
    kind = "row hit" if hit else "row"
    return f'<span class="{kind}"{attributes}><i>{sign}{row:>5} </i>{_text(line)}</span>'
