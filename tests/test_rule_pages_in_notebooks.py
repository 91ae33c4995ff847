"""Every example of every rule page, as the notebook that jupytext makes of it.

The same codes at the same places of the same cells, and the fixed notebook is the
notebook of the fixed module.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modlint.diagnostics import Diagnostic, Position
from modlint.examples import Example
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.cell import CellKind, ModuleFile
from modlint.notebook.reading import read
from modlint.settings import Settings
from notebook_files import Json, notebook_of, written
from test_rule_pages import SHOWN

#: Examples about the text of percent files, and what becomes of them in a notebook.
ABOUT_PERCENT_TEXT = {
    "CEL001-1": "a marker that is not read: the notebook has one cell",
    "CEL001-2": "the same",
    "CEL001-3": "jupytext itself stops with an AttributeError",
    "CEL001-4": "comment signs at the left of Markdown belong to the percent file alone",
    "CEL002-1": "metadata that jupytext keeps as a text: CEL007 reports that",
    "CEL002-2": "metadata that jupytext takes for a title",
    "CEL002-3": "as the first",
    "CEL003-1": "comments that become magics: in the notebook they are magics",
    "CEL003-2": "the same",
    "CEL004-1": "an indented marker: the notebook has two cells that do not parse",
    "CEL005-1": "notebooks have no header",
    "CEL005-2": "the same",
    "CEL005-3": "the same",
    "CEL005-4": "jupytext itself stops with a ScannerError",
    "CEL006-1": "code below Markdown: the notebook shows it as text, as any other",
    "CEL006-2": "the same",
    "CEL008-2": "text that is no comment: Markdown in a notebook needs no comment signs",
    "CEL008-3": "a magic that is not commented out: in a notebook it runs",
    "CEL008-4": "a future import below other code: each cell of a notebook compiles by itself",
}
#: What jupytext writes into a notebook to make the same blank lines of it again.
_OF_JUPYTEXT = ("lines_to_next_cell",)

_MODULES = [
    pytest.param(shown, id=name)
    for name, shown in SHOWN
    # How a notebook is executed is tested where verify is.
    if not (isinstance(shown, Example) and shown.name.endswith(".ipynb"))
    and not shown.around.executes
]
BOTH = [param for param in _MODULES if param.id not in ABOUT_PERCENT_TEXT]


def test_what_is_left_out_is_there() -> None:
    assert ABOUT_PERCENT_TEXT.keys() <= {param.id for param in _MODULES}


def text_and_settings(shown: Any, folder: Path) -> tuple[str, Settings]:
    if isinstance(shown, Example):
        return shown.bad, shown.settings(folder)
    return shown.text, shown.around.settings(folder)


def as_notebook(text: str) -> ModuleFile:
    return read(written(notebook_of(text), "nbformat").encode(), "module.ipynb")


def places(file: ModuleFile, diagnostics: list[Diagnostic]) -> list[tuple[object, ...]]:
    """Code, cell, place in the cell, kind of fix; a marker is the begin of its cell.

    In text, rows alone: a percent file has comment signs before it.
    """

    def inside(position: Position, cell: int) -> tuple[int, int]:
        above = file.cells[cell].row - 1
        is_code = file.cells[cell].kind is CellKind.CODE
        row, column = (position.row - above, position.column) if position.row > above else (1, 1)
        return row, column if is_code else 0

    return sorted(
        (
            d.code,
            d.cell,
            inside(d.start, d.cell),
            inside(d.end, d.cell),
            d.fix.applicability if d.fix else "",
        )
        for d in diagnostics
    )


def meaning(file: ModuleFile) -> list[Json]:
    """The cells as students see them."""
    assert file.store is not None
    return [
        {
            "cell_type": cell["cell_type"],
            "source": "".join(cell["source"]),
            "metadata": {k: v for k, v in cell["metadata"].items() if k not in _OF_JUPYTEXT},
        }
        for cell in json.loads(file.text)["cells"]
    ]


@pytest.mark.parametrize("shown", BOTH)
def test_the_notebook_has_the_same_faults_at_the_same_places(shown: Any, tmp_path: Path) -> None:
    text, options = text_and_settings(shown, tmp_path)
    module, notebook = read(text.encode()), as_notebook(text)
    found, expected = lint(notebook, options), lint(module, options)
    assert places(notebook, found) == places(module, expected)
    assert bool(found) == isinstance(shown, Example)


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("shown", [p for p in BOTH if isinstance(p.values[0], Example)])
def test_the_fixed_notebook_is_the_notebook_of_the_fixed_module(
    shown: Example, unsafe: bool, tmp_path: Path
) -> None:
    text, all_rules = text_and_settings(shown, tmp_path)
    for options in (all_rules, replace(all_rules, select=(shown.code,))):
        module, notebook = read(text.encode()), as_notebook(text)
        meant = fix(module, lint(module, options), options, unsafe=unsafe)
        got = fix(notebook, lint(notebook, options), options, unsafe=unsafe)
        assert (got.fault, meant.fault) == ("", "")
        assert [a.code for a in got.applied] == [a.code for a in meant.applied]
        assert meaning(got.file) == meaning(as_notebook(meant.file.text))
        assert places(got.file, got.remaining) == places(meant.file, meant.remaining)
