"""The report as Markdown, to be read in a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from modlint.output.report.comparison import Comparison, Problem, place_in
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
from modlint.output.text import counted, printable
from modlint.review.model import Group, Item, Mark, Priority

#: More kinds of evidence than this say no more about an item; their lines follow in short.
_SHOWN = 6
_SPECIAL = re.compile(r"[\\`*\[\]<>~&$]|(?<![^\W_])_|_(?![^\W_])")
#: GitHub would make links of these, and call people; a comment parts the sign from the word.
_CALLS = re.compile(r"(?<!\w)([@#])(?=\w)")
_MARKS = {mark.name.lower(): mark.value for mark in Mark}


def render(report: Report, room: int | None = None) -> str:
    """The report as Markdown text, of at most ``room`` bytes.

    Where it would be longer, the modules with the lowest scores are shown whole, the others
    in short or in the table alone, and the report says so.
    """
    modules = _wanted(report)
    whole = [_folded(report, module, _module(module, report.explain)) for module in modules]
    text = _page(report, whole)
    if room is None or _size(text) <= room:
        return text
    short = [_folded(report, module, _brief(module)) for module in modules]
    worst = sorted(range(len(modules)), key=lambda index: modules[index].review.exact_score)
    text = _fitted(report, short, whole, worst, room)
    return text if _size(text) <= room else _first_lines(text, room)


def _page(report: Report, modules: Sequence[str], cut: str = "") -> str:
    return "\n\n".join(block for block in (*_course(report), cut, *modules) if block) + "\n"


def _folded(report: Report, module: Reviewed, blocks: Iterable[str]) -> str:
    """The blocks of a module; beside others, to be opened."""
    if len(report.modules) > 1:
        # Markdown ends where an HTML block begins: here HTML's own escapes count.
        heading = f"<b>{escape(module.path)}: {module.review.score}/100</b>"
        blocks = ["<details>", f"<summary>{heading}</summary>", *blocks, "</details>"]
    return "\n\n".join(block for block in blocks if block)


def _fitted(
    report: Report, short: Sequence[str], whole: Sequence[str], worst: Sequence[int], room: int
) -> str:
    """Each module in as much detail as there is room for, the ``worst`` first."""
    shown = [""] * len(worst)
    left = room - _size(_page(report, [], _cut(*[len(worst)] * 3)))
    for detail in (short, whole):
        for index in worst:
            more = _size(detail[index]) - _size(shown[index]) + len("\n\n")
            if more <= left:
                shown[index] = detail[index]
                left -= more
    in_short = sum(text == brief for text, brief in zip(shown, short, strict=True))
    return _page(report, shown, _cut(len(worst), in_short, shown.count("")))


def _cut(modules: int, short: int, none: int) -> str:
    """What is said of what is not there."""
    parts = [f"{number} {how}" for number, how in ((short, "in short"), (none, "not")) if number]
    return (
        f"✂️ **This is not the whole report.** Of {counted(modules, 'module')}, those with the "
        f"lowest scores are shown whole, {' and '.join(parts)}: there is no room for more here. "
        "`modlint report --output-format html` has it all."
    )


def _first_lines(page: str, room: int) -> str:
    """As many lines as there is room for: the table alone is too long."""
    lines = page.split("\n")
    last = "\n✂️ **Cut here:** there is no room for more. `modlint report` has it all.\n"
    kept: list[str] = []
    left = room - _size(last)
    for line in lines:
        left -= _size(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(kept) + "\n" + last


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _wanted(report: Report) -> list[Reviewed]:
    """The modules to be shown: beside others, not those that did not change."""
    if not report.comparison or len(report.modules) == 1:
        return list(report.modules)
    changed = {change.path for change in report.comparison.modules if change.is_change}
    return [module for module in report.modules if module.review.path in changed]


def escaped(text: str) -> str:
    """Text of a module, such that Markdown shows it and does nothing else."""
    shown = _SPECIAL.sub(_escape, printable(text))
    return _CALLS.sub(r"\1<!-- -->", shown)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(sign, f"\\{sign}")


def _message(text: str) -> str:
    """A message of modlint: what it has between backticks stays code."""
    return "".join(_code(part) if is_code else escaped(part) for part, is_code in pieces(text))


def _code(text: str) -> str:
    """A code span; text that holds a backtick cannot be one."""
    return escaped(text) if "`" in text else f"`{printable(text)}`"


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(headings), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    # A bar ends a cell even inside code.
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def _list(entries: Iterable[str], *, numbered: bool = False) -> str:
    return "\n".join(
        f"{at}. {entry}" if numbered else f"- {entry}" for at, entry in enumerate(entries, 1)
    )


# --- the course ---


def _course(report: Report) -> Iterator[str]:
    if report.comparison:
        yield "# What changed"
        yield from _changes(report.comparison)
    if report.failures:
        yield "# Not reviewed ❌"
        yield _list(escaped(str(failure)) for failure in report.failures)
    if len(report.modules) < 2:
        return
    yield "# Course overview"
    yield _table(
        ["Module", "Score", "Tests", "Points", "Solutions", "Errors", "Blocks the release"],
        (
            [
                escaped(module.path),
                str(module.review.score),
                str(len(module.review.tests)),
                number(module.review.points),
                str(len(module.review.solutions)),
                str(module.errors),
                module.blockers or "✅ nothing",
            ]
            for module in report.modules
        ),
    )
    modules = counted(len(report.distinct), "module")
    yield f"**Total points:** {number(report.points)} in {modules}"


def _changes(comparison: Comparison) -> Iterator[str]:
    said = f"✅ {counted(comparison.mended, 'problem')} mended, ❌ {comparison.new} new."
    if comparison.not_compared:
        said += f" Not compared, since one report lacks them: {', '.join(comparison.not_compared)}."
    yield said
    changed = [change for change in comparison.modules if change.is_change]
    if not changed:
        yield "Nothing changed."
    for change in changed:
        yield f"### {escaped(change.path)}: {scores(change)}"
        yield _list(
            [f"{_MARKS[m.old]} → {_MARKS[m.new]} {escaped(m.title)}" for m in change.marks]
            + [f"❌ new: {_changed(change.path, p)}" for p in change.new]
            + [f"✅ mended: {_changed(change.path, p)}" for p in change.mended]
        )


def _changed(path: str, problem: Problem) -> str:
    return f"{problem['code']} {_message(problem['message'])} ({place_in(path, problem)})"


# --- one module ---


def _brief(module: Reviewed) -> Iterator[str]:
    """The module in short: what it is worth and what to mend first."""
    yield from _head(module)
    yield "## Priority fix list"
    yield from _priorities(module)


def _head(module: Reviewed) -> Iterator[str]:
    review = module.review
    yield f"# {escaped(module.title)} – review"
    yield "## Summary"
    yield (
        f"**Overall assessment:** {module.assessment}  \n"
        f"**Compliance score:** {review.score}/100  \n"
        f"**Points:** {number(review.points)} · **Tests:** {len(review.tests)} · "
        f"**Solutions:** {len(review.solutions)} · **File:** {escaped(module.path)}"
    )
    if review.critical:
        yield "### Critical issues"
        yield _list(
            (
                f"❌ **{_message(issue.title)}** ({issue.code}): {module.places(issue.diagnostics)}"
                for issue in review.critical
            ),
            numbered=True,
        )


def _module(module: Reviewed, explain: bool) -> Iterator[str]:
    review = module.review
    yield from _head(module)
    if review.strengths:
        yield "### Strengths"
        yield _list(
            (f"✅ {escaped(s.title)}: {module.places(s.evidence)}" for s in review.strengths),
            numbered=True,
        )
    for at, section in enumerate(module.sections, 1):
        yield f"## {at}. {section.title} {section.mark}"
        yield from _section(module, section)
    yield "## Compliance checklist"
    for group in Group:
        items = review.group(group)
        if items:
            yield f"### {group}"
            yield _list(_checked(module, item) for item in items)
    if explain:
        yield "## Score"
        yield from _score(module)
    yield "## Priority fix list"
    yield from _priorities(module)
    yield from _steps(module)


def _section(module: Reviewed, section: Section) -> Iterator[str]:
    if section.items:
        yield _list(_shown(module, item) for item in section.items)
    for issue in section.problems:
        yield f"**{_message(issue.title)}** ({issue.code}, {issue.severity}):"
        yield _list(f"{module.place(d)}: {_message(d.message)}" for d in issue.diagnostics)
    if section.shows_cells and module.review.cells:
        yield "**Cells that nbgrader knows:**"
        yield _table(
            ["Where", "Role", "Id", "Points", "Defines"],
            (
                [
                    module.place(cell.place),
                    " ".join(role_of(cell)),
                    _code(cell.grade_id) if cell.grade_id else "–",
                    "–" if cell.points is None else number(cell.points),
                    ", ".join(map(_code, cell.place.what.split(", "))) if cell.place.what else "–",
                ]
                for cell in module.review.cells
            ),
        )
    if section.shows_tests:
        yield from _tests(module)


def _tests(module: Reviewed) -> Iterator[str]:
    if module.review.tests:
        yield "**Tests:**"
        yield _table(
            ["Test", "Where", "Graded", "Points", "Covers"],
            (
                [
                    _code(test.name) if test.name else "statements",
                    module.place(test.place),
                    "✅" if test.is_graded else "❌ no",
                    "–" if test.points is None else number(test.points),
                    ", ".join(map(_code, test.covers)) or "–",
                ]
                for test in module.review.tests
            ),
        )
    if module.review.gaps:
        yield "**Coverage gaps:**"
        yield _list(
            f"{gap.mark} {module.place(gap.diagnostic)}: {_message(gap.diagnostic.message)} "
            f"({gap.diagnostic.code})"
            for gap in module.review.gaps
        )


def _shown(module: Reviewed, item: Item) -> str:
    """An item with what shows it."""
    groups = distinct(item.evidence)
    shown = [f"{escaped(what)} ({module.places(places)})" for what, places in groups[:_SHOWN]]
    rest = [place for _, places in groups[_SHOWN:] for place in places]
    if rest:
        shown.append(f"and {module.places(rest)}")
    return f"{item.mark} {_message(item.title)}" + (f": {', '.join(shown)}" if shown else "")


def _checked(module: Reviewed, item: Item) -> str:
    """An item of the checklist with what lowered it."""
    places = f": {module.places(item.against)}" if item.against else ""
    why = f" ({item.reasons}{places})" if item.reasons else ""
    return f"{item.mark} {_message(item.title)}{why}"


def _score(module: Reviewed) -> Iterator[str]:
    items = module.review.items
    yield _table(
        ["Item", "Mark", "Gave"],
        ([_message(item.title), str(item.mark), earned(item)] for item in items),
    )
    yield f"**{module.sum}**"


def _priorities(module: Reviewed) -> Iterator[str]:
    if not module.review.issues:
        yield "✅ Nothing to fix."
    for priority in Priority:
        issues = module.review.at(priority)
        if not issues:
            continue
        yield f"### {label(priority)}"
        yield _list(
            (
                f"**{_message(issue.title)}** ({issue.code}): "
                f"{module.places(issue.diagnostics)}. Fix: {fixed_by(issue.way)}"
                for issue in issues
            ),
            numbered=True,
        )


def _steps(module: Reviewed) -> Iterator[str]:
    steps = [f"{fixed_by(way)}: {counted(many, 'problem')}" for way, many in module.steps]
    if steps:
        yield "## Next steps"
        yield _list([*steps, "`modlint report` again"], numbered=True)
