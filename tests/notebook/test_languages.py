"""Which language, which format of jupytext's: jupytext itself is asked."""

from __future__ import annotations

import json
from typing import Any

import jupytext
import pytest

from modlint.notebook.errors import OtherLanguage
from modlint.notebook.languages import language_in, language_of, other_format
from modlint.notebook.percent import read_text
from modlint.notebook.reading import read

PYTHONS: list[Any] = [
    {},
    None,
    {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    {"kernelspec": {"name": "conda-env-course-py", "display_name": "Course"}},
    {"kernelspec": {"name": "my-project", "display_name": "P", "language": "python"}},
    {"language_info": {"name": "ipython"}},
    {"jupytext": {"main_language": "python"}},
    {"jupytext": "x", "kernelspec": [], "language_info": {"name": 3}},
    {"kernelspec": {"language": "python", "name": "x"}, "jupytext": {"main_language": "R"}},
]
OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"jupytext": {"main_language": "R"}}, "R"),
    ({"jupytext": {"main_language": "julia", "formats": "ipynb,jl"}}, "julia"),
    ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
    ({"kernelspec": {"name": "julia-1.9", "display_name": "Julia 1.9"}}, "julia"),
    ({"kernelspec": {"name": "xcpp17", "display_name": "C++17"}}, "c++"),
    ({"kernelspec": {"name": "x", "display_name": "x", "language": "bash"}}, "bash"),
    ({"language_info": {"name": "scala"}}, "scala"),
]


@pytest.mark.parametrize("metadata", PYTHONS)
def test_a_notebook_is_in_python_unless_it_says_otherwise(metadata: Any) -> None:
    assert language_in(metadata) == "python"


@pytest.mark.parametrize(("metadata", "language"), OTHERS)
def test_another_language_is_named(metadata: dict[str, Any], language: str) -> None:
    assert language_in(metadata) == language
    raw = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    with pytest.raises(OtherLanguage, match=f"in {language}, not in Python".replace("+", r"\+")):
        read(json.dumps(raw).encode(), "a.ipynb")


def test_the_header_of_a_script_names_a_language() -> None:
    header = "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: R\n#     name: ir\n# ---\n\n"
    assert language_of(read_text(header + "# %%\nx = 1\n")) == "R"
    assert language_of(read_text("# %%\nx = 1\n")) == "python"


HEAD = "# ---\n# jupyter:\n#   jupytext:\n"
RULE = "#" * 60


def named(name: str) -> str:
    extension = "#     text_representation:\n#       extension: .py\n"
    return f"{HEAD}{extension}#       format_name: {name}\n# ---\n\n"


READ = [
    "x = 1\n", "# %%\nx = 1\n", "# +\nx = 1\n# -\n", "# region a\nx = 1\n# endregion\n", "",
    named("percent") + "# %%\nx = 1\n", f"{HEAD}#     formats: ipynb,py:percent\n# ---\n\nx = 1\n",
    f"{RULE}\n# Banner\n{RULE}\nx = 1\n", "import marimo\n", f's = """\n{RULE}\n{RULE}\n"""\n',
    # Markers that jupytext does not read, or a format that it does not know: CEL005.
    named("light") + "# %%\nx = 1\n", named("sphinx") + "# %%\nx = 1\n", named("none") + "x = 1\n",
]  # fmt: skip
NOT_READ = {
    "light": [
        named("light") + "# Words.\n\nx = 1\n",
        f"{HEAD}#     formats: ipynb,py:light\n# ---\n\nx = 1\n",
        "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: P\n#     name: python3\n# ---\n\n"
        "# Words.\n\nx = 1\n",
    ],
    "sphinx": [
        named("sphinx") + "x = 1\n",
        f'"""\nTitle\n=====\n"""\n\n{RULE}\n# Words\n\nx = 1\n{RULE}\n# More\n\ny = 1\n',
    ],
    "nomarker": [named("nomarker") + "x = 1\n"],
    "hydrogen": [named("hydrogen") + "# %%\n%matplotlib inline\n", named("hydrogen") + "x = 1\n"],
    "marimo": ["import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n    return\n"],
}


@pytest.mark.parametrize("text", READ)
def test_what_modlint_reads_or_reports_is_no_other_format(text: str) -> None:
    assert other_format(read(text.encode())) == ""


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in NOT_READ.items() for t in ts])
def test_another_format_is_the_one_that_jupytext_takes_it_for(name: str, text: str) -> None:
    assert other_format(read(text.encode())) == name
    if name == "marimo":  # which jupytext reads by marimo itself
        assert jupytext.formats.guess_format(text, ".py")[0] == name
        return
    representation = jupytext.reads(text, {"extension": ".py"}).metadata["jupytext"]
    assert representation["text_representation"]["format_name"] == name
