"""Directives in the metadata of a cell or of the notebook, as nbdev 3 reads them.

Seen with nbdev 3.3.26 (``NbCell.directives``, ``NBProcessor``): the values are texts, ``"true"``
stands for a directive without a value, what a comment says wins, and those of the notebook belong
to its first code cell unless a cell has the same one.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from exporting import found, notebook, rows
from modlint.notebook.directives import export_of, leading, notebook_directives
from modlint.notebook.reading import read

CODE = "EXP001", "EXP002", "EXP003", "EXP004", "EXP005"


def with_metadata(text: str, metadata: dict[str, Any]) -> str:
    return json.dumps(json.loads(text) | {"metadata": metadata})


@pytest.mark.parametrize(
    ("value", "words"),
    [("true", "#| export"), ("", "#| export"), ("core.other", "#| export core.other")],
)
def test_a_cell_is_exported_by_its_metadata(value: str, words: str) -> None:
    nbdev = {"nbdev": {"export": value}}
    (cell,) = read(notebook("x = 1", metadata={0: nbdev}).encode(), "a.ipynb").cells
    (percent,) = read(f"# %% nbdev={json.dumps(nbdev['nbdev'])}\nx = 1\n".encode()).cells
    for each in (cell, percent):
        directive = export_of(each)
        assert directive is not None
        assert (directive.text, directive.is_metadata) == (words, True)


@pytest.mark.parametrize("value", [True, None, 3, ["true"]])
def test_what_is_no_text_is_no_directive(value: object) -> None:
    (cell,) = read(
        notebook("x = 1", metadata={0: {"nbdev": {"export": value}}}).encode(), "a.ipynb"
    ).cells
    assert leading(cell) == []


def test_a_comment_wins() -> None:
    text = notebook("#| export core.a\nx = 1", metadata={0: {"nbdev": {"export": "core.b"}}})
    assert [d.arguments for d in leading(read(text.encode(), "a.ipynb").cells[0])] == [("core.a",)]


def test_the_rules_know_such_an_export() -> None:
    metadata = {1: {"nbdev": {"export": "true"}}}
    good = notebook("#| default_exp core", "x = 1", "print(x)", metadata=metadata)
    assert found(good, *CODE) == []
    lost = notebook("x = 1", "def f():\n    return x", metadata=metadata)
    assert [(d.code, d.cell) for d in found(lost, *CODE)] == [("EXP003", 0), ("EXP002", 1)]
    torn = notebook("#| default_exp core", "%time x = 1", metadata=metadata)
    assert [(d.code, d.cell) for d in found(torn, *CODE)] == [("EXP005", 1)]
    percent = '# %%\n#| default_exp core\n\n# %% nbdev={"export": "true"}\n# %time x = 1\n'
    assert rows(percent, "EXP005") == [5]


def test_the_notebook_may_name_the_module() -> None:
    text = notebook("#| export\nx = 1")
    assert [d.code for d in found(text, *CODE)] == ["EXP002"]
    named = with_metadata(text, {"nbdev": {"default_exp": "core"}})
    assert found(named, *CODE) == []
    header = "# ---\n# jupyter:\n#   nbdev:\n#     default_exp: core\n# ---\n\n"
    assert found(f"{header}# %%\n#| export\nx = 1\n", *CODE) == []
    path = with_metadata(text, {"nbdev": {"default_exp": "core.py"}})
    (diagnostic,) = found(path, *CODE)
    assert (diagnostic.code, diagnostic.fix) == ("EXP002", None)


def test_what_a_cell_says_stands_before_what_the_notebook_says() -> None:
    text = with_metadata(
        notebook("#| default_exp b", "#| export\nx = 1"), {"nbdev": {"default_exp": "a"}}
    )
    assert notebook_directives(read(text.encode(), "a.ipynb")) == []
    assert found(text, *CODE) == []


def test_a_directive_of_nbdev_3_is_no_misspelling() -> None:
    assert found(notebook("#| default_exp core", "#| exportd\nx = 1"), *CODE) == []
