"""The fixes of the IMP rules: put statements under a guard, or make them a demo function."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import libcst as cst

from modlint.analysis.fragment import Fragment, keep_blank, leading, with_leading
from modlint.analysis.module import Module
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run, runs_of
from modlint.analysis.suppressions import SIGN
from modlint.diagnostics import Patch
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text
from modlint.rules.imports._lines import comments_above, span_of

_IS_SCRIPT = '__name__ == "__main__"'
_BLANK = cst.EmptyLine(indent=False)
#: Words that say nothing about a topic.
_FILLERS = frozenset(
    "a an and demo for from in is it let lets of on our s the this to we with your".split()
)
_TOPIC_WORDS = 5
_FENCE = re.compile(r"\s*(```|~~~)")
_CLOSING_FENCE = re.compile(r"\s*(```|~~~)[`~]*\s*$")


def guard_run(module: Module, run: Run) -> Patch:
    """The cell of ``run`` with the run kept from acting at import."""
    fragment = Fragment(run.unit, *span_of(run))
    first, *others = fragment.body
    lead = leading(first)
    stays = _stays(lead)
    moved = [with_leading(first, lead[stays:]), *others]
    body = cst.IndentedBlock(moved, indent=fragment.indent, footer=fragment.footer)
    keep_blank(body)
    if wants_function(module, run):
        name = demo_names(module)[id(run)]
        call = cst.SimpleStatementLine([cst.Expr(cst.Call(cst.Name(name)))])
        calls = cst.IndentedBlock([call], indent=fragment.indent)
        define = cst.FunctionDef(cst.Name(name), cst.Parameters(), body)
        new = [define, with_leading(_guard(calls), [_BLANK, _BLANK])]
        is_first = run.unit.block[0] is run.steps[0].statement
        blank = [] if is_first or any(map(_is_blank, lead)) else [_BLANK, _BLANK]
    else:
        new, blank = [_guard(body)], []
    new[0] = with_leading(new[0], [*blank, *lead[:stays]])
    source = fragment.replaced(new)
    return Patch({run.unit.index: (replace(run.unit.cell, source=source),)})


def _guard(body: cst.IndentedBlock) -> cst.If:
    return cst.If(cst.parse_expression(_IS_SCRIPT), body)


def _stays(lines: Sequence[cst.EmptyLine]) -> int:
    """How many of the lines above a run stay above its guard.

    A suppression goes with the statement that it speaks of, and what stands between them.
    """
    stays = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        comment = lines[number].comment
        if comment is None:
            break
        if SIGN in comment.value:
            stays = number
    return stays


def _is_blank(line: cst.EmptyLine) -> bool:
    return line.comment is None


def demo_names(module: Module) -> dict[int, str]:
    """A name, from the nearest heading, for each demo that becomes a function."""
    if "demo names" not in module.cache:
        names: dict[int, str] = {}
        taken = set(module.definitions) | module.variables | set(module.imports)
        for run in runs_of(module):
            if not wants_function(module, run):
                continue
            topic = _topic(_heading_above(module, run.unit.index))
            if not topic or f"demo_{topic}" in taken:
                topic = _topic(_comment_above(run)) or topic
            base = name = f"demo_{topic or f'cell_{run.unit.index + 1}'}"
            number = 2
            while name in taken:
                name, number = f"{base}_{number}", number + 1
            taken.add(name)
            names[id(run)] = name
        module.cache["demo names"] = names
    return cast("dict[int, str]", module.cache["demo names"])


def _heading_above(module: Module, index: int) -> str:
    """The text of the nearest Markdown heading above a cell; empty where there is none."""
    for cell in reversed(module.file.cells[:index]):
        if cell.kind is CellKind.MARKDOWN:
            headings = re.findall(
                r"(?m)^\s{0,3}#{1,6}[ \t]+(\S.*)$", _unfenced(markdown_text(cell))
            )
            if headings:
                return str(headings[-1])
    return ""


def _unfenced(markdown: str) -> str:
    """Markdown without fenced code, in which ``#`` begins a comment."""
    lines = markdown.splitlines(keepends=True)
    closings = {m[1]: at for at, line in enumerate(lines) if (m := _CLOSING_FENCE.match(line))}
    kept: list[str] = []
    fence = ""
    for at, line in enumerate(lines):
        if fence:
            closing = _CLOSING_FENCE.match(line)
            fence = "" if closing and closing[1] == fence else fence
            continue
        opening = _FENCE.match(line)
        # Without an end below it is no fence.
        if opening and closings.get(opening[1], at) > at:
            fence = opening[1]
        else:
            kept.append(line)
    return "".join(kept)


def _comment_above(run: Run) -> str:
    """The first comment that leads the run; empty where there is none."""
    comments = comments_above(run)
    return next((c.lstrip("# ") for c in comments if not c.startswith("#|")), "")


def _topic(heading: str) -> str:
    """``"### 🎯 Step 2: Why Layers Matter"`` → ``why_layers_matter``."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?i)\b(step|part|section|module|activity)\s*\d+\b", " ", plain)
    plain = plain.replace("/", "").replace("'", "")
    words = [w.lower() for w in re.findall(r"[A-Za-z0-9]+", plain)]
    words = [w for w in words if w not in _FILLERS]
    return "_".join(words[:_TOPIC_WORDS])
