"""The fixes of the IMP rules: put statements under a guard, or make them a demo function."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import cast

from modlint.analysis.module import Module
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run, runs_of
from modlint.diagnostics import Patch
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text
from modlint.rules.imports._lines import indent_of, moved, run_lines

_GUARD = 'if __name__ == "__main__":'
#: Words that say nothing about a topic.
_FILLERS = frozenset(
    "a an and demo for from in is it let lets of on our s the this to we with your".split()
)
_TOPIC_WORDS = 5
_FENCE = re.compile(r"\s*(```|~~~)")
_CLOSING_FENCE = re.compile(r"\s*(```|~~~)[`~]*\s*$")


def guard_run(module: Module, run: Run) -> Patch:
    """The cell of ``run`` with the run kept from acting at import."""
    lines = run_lines(run)
    ending = run.unit.cell.line_ending
    deeper = lines.indent + indent_of(run.unit)
    body = moved(run, lines, deeper)
    if not body[-1].endswith(("\r", "\n")):  # the end of the file
        body[-1] += ending
    guard = lines.indent + _GUARD + ending
    above = lines.leading
    if wants_function(module, run):
        name = demo_names(module)[id(run)]
        if run.unit.block[0] is not run.steps[0].statement and not any(map(_is_blank, above)):
            above = [ending, ending, *above]
        define = f"def {name}():{ending}"
        new = [*above, define, *body, ending, ending, guard, f"{deeper}{name}(){ending}"]
    else:
        new = [*above, guard, *body]
    if not lines.below and not run.unit.text.endswith(("\r", "\n")):
        new[-1] = new[-1].rstrip("\r\n")
    source = "".join([*lines.above, *new, *lines.below])
    return Patch({run.unit.index: (replace(run.unit.cell, source=source),)})


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
    lines = run_lines(run)
    first = run.unit.block[0] is run.steps[0].statement
    comments = [line.strip() for line in [*(lines.above if first else []), *lines.leading]]
    return next((c.lstrip("# ") for c in comments if c and not c.startswith("#|")), "")


def _topic(heading: str) -> str:
    """``"### 🎯 Step 2: Why Layers Matter"`` → ``why_layers_matter``."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?i)\b(step|part|section|module|activity)\s*\d+\b", " ", plain)
    plain = plain.replace("/", "").replace("'", "")
    words = [w.lower() for w in re.findall(r"[A-Za-z0-9]+", plain)]
    words = [w for w in words if w not in _FILLERS]
    return "_".join(words[:_TOPIC_WORDS])


def _is_blank(line: str) -> bool:
    return not line.strip()
