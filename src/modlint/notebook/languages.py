"""In which language a notebook is, and in which format of jupytext's a script is written.

modlint reads Python, in notebooks and in jupytext's percent format. All else is not wrong:
it is none of modlint's business, and who looks for modules passes it by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from modlint.notebook.cell import ModuleFile
from modlint.notebook.header import FORMATS, format_of, header_of
from modlint.notebook.marker import split_line_end
from modlint.notebook.percent import open_string

#: The name of the one language that modlint reads.
PYTHON = "python"
_PYTHONS = frozenset("ipython ipython2 ipython3 pyspark python python2 python3 xpython".split())
#: Kernels that do not say their language, by the beginning of their names.
_KERNELS = {
    "ir": "R", "irkernel": "R", "xr": "R", "julia": "julia", "bash": "bash", "iruby": "ruby",
    "ijavascript": "javascript", "javascript": "javascript", "jslab": "javascript",
    "tslab": "typescript", "deno": "typescript", "xcpp": "c++", "cling": "c++", "matlab": "matlab",
    "imatlab": "matlab", "octave": "octave", "scala": "scala", "almond": "scala",
    "gophernotes": "go", "gonb": "go", "rust": "rust", "evcxr": "rust", "ihaskell": "haskell",
    "haskell": "haskell", ".net-csharp": "csharp", ".net-fsharp": "fsharp", "sas": "sas",
    "stata": "stata", "sagemath": "sage", "maxima": "maxima", "lua": "lua", "xsql": "sql",
    "ocaml-jupyter": "ocaml", "wolframlanguage": "wolfram",
}  # fmt: skip
_KERNEL_VERSION = re.compile(r"[-_]?v?\d[\w.+-]*$")
#: What jupytext counts to recognise a format (``formats.guess_format``).
_MARIMO = re.compile(r"import marimo$|app = marimo\.App\(\)$|@app\.cell")
_DOCSTRINGS = ('"""', "'''", 'r"""')
_SPHINX = re.compile(r"# ?#{19,}\s*$")


def language_of(file: ModuleFile) -> str:
    """The language of a notebook or of a percent file: ``python``, or the name of another one."""
    if file.store is not None:
        return language_in(file.store.raw.get("metadata"))
    header = header_of(file)
    return language_in(header.jupyter) if header is not None else PYTHON


def language_in(metadata: Any) -> str:
    """The same by the metadata of a notebook: what its kernel says, then what jupytext says.

    A kernel's language stands there only once Jupyter has run the notebook.
    """
    if not isinstance(metadata, Mapping):
        return PYTHON
    kernel = _text(metadata, "kernelspec", "name").lower()
    found = (
        _text(metadata, "language_info", "name")
        or _text(metadata, "kernelspec", "language")
        or _text(metadata, "jupytext", "main_language")
        or _KERNELS.get(kernel)
        or _KERNELS.get(_KERNEL_VERSION.sub("", kernel))
        or PYTHON
    )
    return PYTHON if found.lower() in _PYTHONS else found


def _text(metadata: Mapping[str, Any], member: str, key: str) -> str:
    said = metadata.get(member)
    found = said.get(key) if isinstance(said, Mapping) else None
    return found if isinstance(found, str) else ""


def other_format(file: ModuleFile) -> str:
    """The format of jupytext's in which a ``.py`` is written and that modlint does not read.

    Empty where it is percent, where nothing but Python stands in it, and where the header names
    no format of jupytext's. Empty, too, where markers of the percent format stand in it, which
    jupytext does not read then: CEL005 reports that.
    """
    if file.store is not None:
        return ""
    if any(cell.marker is not None for cell in file.cells):
        header = header_of(file)
        is_hydrogen = header is not None and header.format_name == "hydrogen"
        return "hydrogen" if is_hydrogen else ""
    if not file.is_notebook:
        return _guessed(file.text)
    name = format_of(file)
    if name == "light":
        return _guessed(file.text) or name
    return name if name in FORMATS and name != "percent" else ""


def _guessed(text: str) -> str:
    """The format of a script without markers by its look: marimo, sphinx, or none that shows."""
    if "marimo" not in text and "#" * 19 not in text:
        return ""
    marimo = rules = 0
    quote: str | None = None
    for line in text.splitlines():
        body = split_line_end(line)[0]
        if quote is not None or "'''" in body or '"""' in body:
            quote = open_string(body, quote)
        if quote is None:
            marimo += _MARIMO.match(body) is not None
            rules += _SPHINX.match(body) is not None
    if marimo >= 2:
        return "marimo"
    # Rules of "#" stand in plain scripts, too; a gallery's begins with its title in a docstring.
    return "sphinx" if rules >= 2 and text.lstrip().startswith(_DOCSTRINGS) else ""
