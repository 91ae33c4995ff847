"""The codemods of the IMP rules: put statements under a guard, or make them a demo function."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import libcst as cst

from modlint.analysis.module import Module
from modlint.analysis.moving import wants_function
from modlint.analysis.pairing import syntax_of
from modlint.analysis.runs import Run, runs_of
from modlint.analysis.suppressions import SIGN
from modlint.diagnostics import Patch
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text

_GUARD = 'if __name__ == "__main__":\n    pass\n'
#: Words that say nothing about a topic.
_FILLERS = frozenset(
    "a an and demo for from in is it let lets of on our s the this to we with your".split()
)
_TOPIC_WORDS = 5
_FENCE = re.compile(r"\s*(```|~~~)")
_CLOSING_FENCE = re.compile(r"\s*(```|~~~)[`~]*\s*$")


def guard_run(module: Module, run: Run) -> Patch:
    """The cell of ``run`` with the run kept from acting at import."""
    tree = run.unit.syntax
    lines = syntax_of(run.unit, [step.statement for step in run.steps])
    if wants_function(module, run):
        new = _demo(lines, demo_names(module)[id(run)], tree)
        if tree.body[0] is not lines[0] and not _has_blank(new[0]):
            blank = cst.EmptyLine(indent=False)
            new[0] = new[0].with_changes(leading_lines=[blank, blank, *_leading(new[0])])
    else:
        new = [_guarded(lines, tree)]
    tree = _replaced(tree, lines, new)
    return Patch({run.unit.index: (replace(run.unit.cell, source=tree.code),)})


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
    (line,) = syntax_of(run.unit, [run.steps[0].statement])
    lines = [*getattr(line, "leading_lines", ())]
    if line is run.unit.syntax.body[0]:
        lines = [*run.unit.syntax.header, *lines]
    comments = [part.comment.value for part in lines if part.comment is not None]
    return next((c.lstrip("# ") for c in comments if not c.startswith("#|")), "")


def _topic(heading: str) -> str:
    """``"### 🎯 Step 2: Why Layers Matter"`` → ``why_layers_matter``."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?i)\b(step|part|section|module|activity)\s*\d+\b", " ", plain)
    plain = plain.replace("/", "").replace("'", "")
    words = [w.lower() for w in re.findall(r"[A-Za-z0-9]+", plain)]
    words = [w for w in words if w not in _FILLERS]
    return "_".join(words[:_TOPIC_WORDS])


def _guarded(lines: Sequence[cst.BaseStatement], tree: cst.Module) -> cst.BaseStatement:
    guard = cst.ensure_type(cst.parse_statement(_GUARD, tree.config_for_parsing), cst.If)
    return guard.with_changes(
        leading_lines=_leading(lines[0])[: _above(lines[0])],
        body=guard.body.with_changes(body=_moved(lines)),
    )


def _demo(
    lines: Sequence[cst.BaseStatement], name: str, tree: cst.Module
) -> list[cst.BaseStatement]:
    config = tree.config_for_parsing
    define = cst.ensure_type(
        cst.parse_statement(f"def {name}():\n    pass\n", config), cst.FunctionDef
    )
    call = cst.ensure_type(
        cst.parse_statement(f'if __name__ == "__main__":\n    {name}()\n', config), cst.If
    )
    blank = cst.EmptyLine(indent=False)
    return [
        define.with_changes(
            leading_lines=_leading(lines[0])[: _above(lines[0])],
            body=define.body.with_changes(body=_moved(lines)),
        ),
        call.with_changes(leading_lines=[blank, blank]),
    ]


def _above(line: cst.BaseStatement) -> int:
    """How many of the lines that lead a line stay above its block: a suppression goes with it."""
    leading = _leading(line)
    comments = (part.comment.value if part.comment else "" for part in leading)
    return next((n for n, text in enumerate(comments) if SIGN in text), len(leading))


def _has_blank(line: cst.BaseStatement) -> bool:
    return any(part.comment is None for part in _leading(line))


def _leading(line: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    return cast("Sequence[cst.EmptyLine]", line.leading_lines)  # type: ignore[attr-defined]


def _moved(lines: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """The lines for a deeper block: comments above the first stay above the block."""
    first = lines[0].with_changes(leading_lines=_leading(lines[0])[_above(lines[0]) :])
    return [cast("cst.BaseStatement", line.visit(_BlankLines())) for line in (first, *lines[1:])]


class _BlankLines(cst.CSTTransformer):
    """Keeps blank lines blank where their block moves to the right."""

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        if original_node.comment is None and not original_node.whitespace.value.strip(" \t"):
            return updated_node.with_changes(indent=False)
        return updated_node


def _replaced(
    tree: cst.Module, old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement]
) -> cst.Module:
    """``tree`` with the neighbouring lines ``old`` of one block replaced by ``new``."""
    block = _block_holding(tree, old[0])
    at = next(i for i, line in enumerate(block.body) if line is old[0])
    body = [*block.body[:at], *new, *block.body[at + len(old) :]]
    changed = block.with_changes(body=body)
    if isinstance(changed, cst.Module):
        return changed
    return cst.ensure_type(tree.deep_replace(block, changed), cst.Module)


def _block_holding(node: cst.CSTNode, line: cst.CSTNode) -> cst.Module | cst.IndentedBlock:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Module | cst.IndentedBlock) and any(
            child is line for child in current.body
        ):
            return current
        stack.extend(
            child
            for child in current.children
            if isinstance(child, cst.BaseCompoundStatement | cst.BaseSuite)
            or hasattr(child, "body")
            or hasattr(child, "leading_lines")
        )
    raise ValueError("the line stands in no block of this tree")
