"""The ways in which programs write notebook files, and notebooks made from percent text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jupytext

from modlint.notebook.ipynb import fresh_id

Json = dict[str, Any]
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook_of(percent: str) -> Json:
    """The notebook that jupytext makes of a module, with ids that are always the same."""
    node = jupytext.reads(percent, fmt="py:percent")
    raw: Json = json.loads(jupytext.writes(node, fmt="ipynb"))
    taken: set[str] = set()
    for cell in raw["cells"]:
        cell["id"] = fresh_id("".join(cell["source"]), taken)
    return raw


def lived_in(raw: Json) -> Json:
    """The notebook after use: it was run, it has pictures, other tools left their metadata."""
    raw = json.loads(json.dumps(raw))
    raw["metadata"] = KERNEL | {"colab": {"provenance": [], "toc": True}, "a": [1.50, 1e3, "é"]}
    for number, cell in enumerate(raw["cells"]):
        cell["metadata"] |= {"vscode": {"languageId": "python"}, "zz": [], "é": "ñ🔥\u2028"}
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [
                {"name": "stdout", "output_type": "stream", "text": ["é 🔥 \u2192\n", "</b>"]},
                {"data": {"text/plain": ["{}"]}, "metadata": {}, "output_type": "display_data"},
            ]
        else:
            cell["attachments"] = {"a.png": {"image/png": "AA=="}}
    return raw


def _dumps(**options: Any) -> Callable[[Json], str]:
    return lambda raw: json.dumps(raw, **{"ensure_ascii": False, **options})


def _ordered(raw: Any, order: Callable[[list[str]], list[str]]) -> Any:
    if isinstance(raw, dict):
        return {key: _ordered(raw[key], order) for key in order(list(raw))}
    return [_ordered(each, order) for each in raw] if isinstance(raw, list) else raw


def _in_order_of(*first: str) -> Callable[[Json], Json]:
    """Members named first come first, in that order; all others after them as they were."""

    def order(keys: list[str]) -> list[str]:
        return sorted(keys, key=lambda key: first.index(key) if key in first else len(first))

    return lambda raw: _ordered(raw, order)


def _with_text(raw: Json) -> Json:
    """Each source as one string."""
    cells = [cell | {"source": "".join(cell["source"])} for cell in raw["cells"]]
    return raw | {"cells": cells}


def _fitted(value: Any, indent: str = "") -> str:
    """As prettier writes it: short lists of plain values are on one line."""
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    if isinstance(value, list):
        parts, ends = [_fitted(v, inner) for v in value], "[]"
        one_line = f"[{', '.join(parts)}]"
        if len(inner + one_line) < 70 and not any(isinstance(v, dict | list) for v in value):
            return one_line
    else:
        parts, ends = (
            [f"{json.dumps(k, ensure_ascii=False)}: {_fitted(v, inner)}" for k, v in value.items()],
            "{}",
        )
    return f"{ends[0]}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{ends[1]}"


def by_hand(raw: Json) -> str:
    """As no program writes it: the white space and the escapes are others everywhere."""
    pieces = []
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', json.dumps(raw))
    for count, token in enumerate(tokens):
        pieces.append(("", " ", "\n", "\t", "\r\n  ", "")[count * 7 % 11 % 6] + token)
    return "".join(pieces) + "\n "


def cell_spans(text: str) -> list[tuple[int, int]]:
    """Where each cell begins and ends in the text of a notebook file."""
    at = text.index("[", text.index('"cells"')) + 1
    spans: list[tuple[int, int]] = []
    while True:
        at = _after(r"[\s,]*", text, at)
        if text[at] == "]":
            return spans
        _, end = json.JSONDecoder().raw_decode(text, at)
        spans.append((at, end))
        at = end


def _after(pattern: str, text: str, at: int) -> int:
    found = re.compile(pattern).match(text, at)
    assert found is not None
    return found.end()


def _same(raw: Json) -> Json:
    return raw


def _google(raw: Json) -> str:
    text = json.dumps(raw, indent=2, ensure_ascii=False)
    return re.sub("[<>&'\u2028]", lambda m: f"\\u{ord(m[0]):04x}", text)


#: Name of a way to write → what it does with the members, what it does with the text. Where the
#: white space follows no rule, the name is in ``UNRULED``.
WRITERS: dict[str, tuple[Callable[[Json], Json], Callable[[Json], str]]] = {
    "nbformat": (_same, lambda raw: _dumps(indent=1, sort_keys=True)(raw) + "\n"),
    "escaped, no final newline": (_same, _dumps(indent=2, ensure_ascii=True)),
    "indent 4": (_same, lambda raw: _dumps(indent=4)(raw) + "\n"),
    "tabs": (_same, lambda raw: _dumps(indent="\t")(raw) + "\n\n"),
    "VS Code": (_in_order_of("cell_type", "metadata", "source"), _dumps(indent=1)),
    "Colab": (
        _in_order_of("nbformat", "nbformat_minor", "metadata", "cells", "cell_type", "source"),
        _google,
    ),
    "one line": (_same, _dumps()),
    "compact": (_same, _dumps(separators=(",", ":"))),
    "CRLF": (_same, lambda raw: (_dumps(indent=1)(raw) + "\n").replace("\n", "\r\n")),
    "text": (_with_text, lambda raw: _dumps(indent=1)(raw) + "\n"),
    "text, compact": (_with_text, _dumps(separators=(",", ":"))),
    "prettier": (_same, lambda raw: _fitted(raw) + "\n"),
    "odd order": (
        lambda raw: _ordered(raw, lambda keys: sorted(keys, key=lambda key: key[::-1])),
        _dumps(indent=3),
    ),
    "by hand": (_same, by_hand),
}
#: What modlint adds to such a file is not laid out as the rest of it.
UNRULED = frozenset(("prettier", "by hand"))


def written(raw: Json, writer: str) -> str:
    """The text of a notebook file as this program writes it."""
    shape, dump = WRITERS[writer]
    return dump(shape(raw))


def rewritten(text: str, writer: str) -> str:
    """What the program makes of a notebook file of its own: the same text."""
    return WRITERS[writer][1](json.loads(text))
