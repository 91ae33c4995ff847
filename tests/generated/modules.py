"""Modules put together from the two grammars, in every form in which a file can hold them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from generated.cells import BROKEN, HEADERS, course_cell
from generated.notebooks import notebook_of
from generated.statements import (
    GRADED_PRELUDE,
    HEADINGS,
    MARKERS,
    PRELUDE,
    block,
    definition,
    logical_starts,
    simple,
)
from generated.suppressions import suppressed


@dataclass(frozen=True)
class Generated:
    """A module file: its text, its name, and the text of the ``.py`` beside a notebook."""

    text: str
    name: str = "module.py"
    twin: str = ""

    def __str__(self) -> str:
        return self.text


_ENDS = ("\n", "\n\n", "\n# the end\n", "\n\n    # deep\n\n")


@st.composite
def modules(draw: st.DrawFn) -> Generated:
    """A percent file, or a notebook; half of the notebooks have their module beside them."""
    text = draw(st.one_of(scripts(), courses(), courses()))
    if draw(st.integers(0, 4)):
        return Generated(text)
    twin = draw(st.sampled_from(("", text, text + "\n# %%\nadded = 1\n")))
    return Generated(draw(notebook_of(text)), "module.ipynb", twin)


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """A module of statements that act in every way, in cells without grading metadata."""
    parts = [PRELUDE]
    for _ in range(draw(st.integers(1, 4))):
        parts.append(draw(_free_cell()))
    return draw(_forms(draw(suppressed("".join(parts)))))


@st.composite
def courses(draw: st.DrawFn) -> str:
    """A module of course cells, with cells of free statements among them."""
    parts = [draw(st.sampled_from(HEADERS)), draw(st.sampled_from((PRELUDE, GRADED_PRELUDE)))]
    for k in range(1, draw(st.integers(2, 6))):
        parts.append(draw(course_cell(k)))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(2, len(parts))), draw(_free_cell()))
    if draw(st.integers(0, 29)) == 0:
        parts.insert(draw(st.integers(2, len(parts))), draw(st.sampled_from(BROKEN)))
    return draw(_forms(draw(suppressed("".join(parts)))))


@st.composite
def _free_cell(draw: st.DrawFn) -> str:
    statements = st.one_of(simple(), simple(), block(), definition())
    body = "\n".join(draw(st.lists(statements, min_size=1, max_size=5)))
    start = draw(st.sampled_from(HEADINGS)) + draw(st.sampled_from(MARKERS))
    return start + body + draw(st.sampled_from(_ENDS))


@st.composite
def _forms(draw: st.DrawFn, text: str) -> str:
    """``text`` with tabs, with Windows lines, without its final newline."""
    if draw(st.booleans()) and (starts := logical_starts(text)):
        text = "\n".join(
            line.replace("    ", "\t") if n in starts and line.startswith("    ") else line
            for n, line in enumerate(text.split("\n"), 1)
        )
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text
