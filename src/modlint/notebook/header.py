"""The jupytext header of a percent file: what it says, and which format jupytext reads by it.

The rules are those of jupytext 1.19 (``header.py``, ``formats.py``), which is the oracle
in the tests. YAML itself is imported only for headers that are not of the plain form in
which jupytext writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modlint.notebook.cell import ModuleFile, editor_lines
from modlint.notebook.marker import split_line_end
from modlint.notebook.percent import open_string
from modlint.notebook.uncommented import may_be_taken, taken_for

#: The formats of ``.py`` files that jupytext knows.
FORMATS = frozenset(("light", "nomarker", "percent", "hydrogen", "sphinx", "marimo"))
_RULE = re.compile(r"# ?---\s*$")
_JUPYTER = re.compile(r"jupyter\s*:\s*$")
#: ``key:`` or ``key: value`` as jupytext writes it, the value a text in YAML.
_PLAIN = re.compile(
    r"(?P<indent> *)(?P<key>[A-Za-z_]\w*):"
    r"(?: (?:'(?P<single>[^'\\]*)'|(?P<flag>true|false)"
    r"|(?P<text>\.[A-Za-z]+|\d+\.\d+\.\w+|[A-Za-z]\w*(?: [A-Za-z0-9(][\w.()]*)*"
    r"|ipynb,py:percent|-all)))?$"
)
#: Words that are no text in YAML 1.1.
_NO_TEXT = frozenset("y n yes no on off true false null".split())
_SIGN = re.compile(r"#(?: ?%%(?:\s|$)| <codecell>| In\[[0-9 ]*\]:?)")


class Problem(NamedTuple):
    """Why jupytext cannot use a header; ``row`` is counted from 0 at the first line of it."""

    message: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """What stands between two rules: ``jupyter`` is the metadata under that key.

    ``rows`` is how many lines it has, rules included.
    """

    rows: int
    jupyter: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def jupytext(self) -> Mapping[str, Any]:
        """Jupytext's own settings."""
        found = self.jupyter.get("jupytext")
        return found if isinstance(found, Mapping) else {}

    @property
    def representation(self) -> Mapping[str, Any]:
        """What the header says of the format of the file."""
        found = self.jupytext.get("text_representation")
        return found if isinstance(found, Mapping) else {}

    @property
    def format_name(self) -> str | None:
        """The format that the header names for a ``.py``, if it does."""
        named = self.representation.get("format_name")
        if named and str(self.representation.get("extension", "")).endswith(".py"):
            # A list of lists, each by an alias of the one before, has no end as text.
            return "" if isinstance(named, dict | list) else str(named)
        formats = self.jupytext.get("formats")
        for entry in formats.split(",") if isinstance(formats, str) else ():
            ending, _, name = entry.strip().rpartition("/")[2].partition(":")
            if ending.rpartition(".")[2] == "py":
                return name or None
        return None


def header_at(lines: Sequence[str], start: int) -> Header | None:
    """The header with a ``jupyter:`` section whose first rule is line ``start``, if there is one.

    Where no second rule closes it, ``rows`` is 0.
    """
    if not _RULE.match(lines[start]):
        return None
    section: list[tuple[int, str]] = []
    is_jupyter = seen = False
    for at in range(start + 1, len(lines)):
        line = lines[at].rstrip("\r\n")
        if not line.startswith("#"):
            break
        if _RULE.match(line):
            return _parsed(at + 1 - start, start, section) if seen else None
        text = line[2:] if line.startswith("# ") else line[1:]
        if _JUPYTER.match(text):
            is_jupyter = seen = True
        elif text and not text[0].isspace():
            is_jupyter = False
        if is_jupyter:
            section.append((at, text))
    return Header(0) if seen else None


def header_of(file: ModuleFile) -> Header | None:
    """The header that jupytext reads at the top of a percent file, if it has one."""
    lines = editor_lines(file.prefix)
    for at, line in enumerate(lines[:3]):
        if _RULE.match(line):
            found = header_at(lines, at)
            return found if found and found.rows else None
    return None


def format_of(file: ModuleFile) -> str:
    """The format in which jupytext reads a percent file: mostly ``percent``.

    What a header says wins; else the look of the file decides, as :func:`guessed` says.
    """
    header = header_of(file)
    if header is not None:
        if header.format_name is not None:
            return header.format_name
        if "text_representation" in header.jupytext:
            return "light"  # jupytext's own choice where the name is missing
    if not file.is_notebook:
        return "light"
    return guessed(file.text)[0]


def uncomments(file: ModuleFile) -> bool:
    """Whether jupytext un-comments magics in the code cells of this file."""
    if file.store is not None or not file.is_notebook or format_of(file) != "percent":
        return False
    header = header_of(file)
    return header is None or header.jupytext.get("comment_magics", True) is True


def guessed(text: str) -> tuple[str, int | None]:
    """The format that jupytext takes a ``.py`` for by its look, and the row of what decided.

    ``percent`` where a marker stands at the left edge; ``hydrogen`` where there is also a
    magic in a line that does not begin with ``#`` (an indented comment counts); else
    ``light``.
    """
    signs, magic = False, None
    quote: str | None = None
    row = 1
    for line in text.splitlines(keepends=True):
        body = split_line_end(line)[0]
        if quote is not None or "'''" in body or '"""' in body:
            quote = open_string(body, quote)
        if quote is None and body:
            if body[0] == "#":
                signs = signs or _SIGN.match(body) is not None
            elif magic is None and may_be_taken(body) and taken_for(body, is_code=False):
                magic = row
        row += line.endswith(("\n", "\r"))
    if not signs:
        return "light", None
    return ("percent", None) if magic is None else ("hydrogen", magic)


def _parsed(rows: int, start: int, section: list[tuple[int, str]]) -> Header:
    found = _plain([text for _, text in section])
    if found is not None:
        return Header(rows, found, _shape_problem(found))
    import yaml

    try:
        loaded = yaml.safe_load("\n".join(text for _, text in section))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = section[min(mark.line, len(section) - 1)][0] if mark else start
        problem = getattr(error, "problem", None) or "it is no YAML"
        return Header(rows, problem=Problem(f"{type(error).__name__}: {problem}", at - start))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # What PyYAML itself stops with, at a date, a number or a flag that is none.
        return Header(rows, problem=Problem(f"{type(error).__name__}: {error}"))
    jupyter = loaded.get("jupyter") if isinstance(loaded, dict) else None
    return Header(rows, jupyter if isinstance(jupyter, dict) else {}, _shape_problem(jupyter))


#: Members of the notebook's metadata that nbformat has a type for.
_TYPES = {"title": str, "authors": list, "orig_nbformat": int}


def _shape_problem(jupyter: Any) -> Problem | None:
    """Why jupytext stops at metadata that is YAML and of another shape than it takes for granted.

    It asks ``jupytext`` and ``kernelspec`` for keys, and lets nbformat validate the rest.
    """
    if not isinstance(jupyter, dict):
        return Problem("`jupyter` has no keys below it")
    for key in ("jupytext", "kernelspec", "language_info"):
        if not isinstance(jupyter.get(key, {}), dict):
            return Problem(f"`{key}` has no keys below it")
    settings = jupyter.get("jupytext", {})
    representation = settings.get("text_representation", {})
    if not isinstance(representation, dict):
        return Problem("`text_representation` has no keys below it")
    for key in ("extension", "jupytext_version"):
        if not isinstance(representation.get(key, ""), str):
            return Problem(f"`{key}` is no text")
    if not isinstance(jupyter.get("kernelspec", {}).get("language") or "", str):
        return Problem("`language` is no text")
    for key, names in (("kernelspec", ("name", "display_name")), ("language_info", ("name",))):
        for name in names if key in jupyter else ():
            if not isinstance(jupyter[key].get(name), str):
                return Problem(f"`{key}` needs a `{name}` that is a text")
    for key, kind in _TYPES.items():
        if not isinstance(jupyter.get(key, kind()), kind):
            return Problem(f"`{key}` is of a type that notebooks do not allow")
    return None


def _plain(lines: list[str]) -> dict[str, Any] | None:
    """The mapping under ``jupyter:`` where all lines are of the plain form, else None."""
    root: dict[str, Any] = {}
    levels: list[dict[str, Any]] = [root]
    for line in lines:
        found = _PLAIN.match(line)
        if found is None or len(found["indent"]) % 2:
            return None
        depth = len(found["indent"]) // 2
        if depth >= len(levels):
            return None
        del levels[depth + 1 :]
        key, text = found["key"], found["text"]
        if key in levels[depth] or key.lower() in _NO_TEXT or (text or "").lower() in _NO_TEXT:
            return None
        if found["flag"]:
            levels[depth][key] = found["flag"] == "true"
        elif found["single"] is not None or text:
            levels[depth][key] = found["single"] if text is None else text
        else:
            levels.append({})
            levels[depth][key] = levels[-1]
    jupyter = root.get("jupyter")
    return jupyter if isinstance(jupyter, dict) and _is_full(jupyter) else None


def _is_full(mapping: dict[str, Any]) -> bool:
    """Whether each key has a value: a key with none is null in YAML."""
    return bool(mapping) and all(
        _is_full(value) for value in mapping.values() if isinstance(value, dict)
    )
