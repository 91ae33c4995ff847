"""Names of demo functions: from the nearest heading, else from what the demo does."""

from __future__ import annotations

import ast
import html
import keyword
import re
import unicodedata

from modlint.analysis.module import FunctionNode, Module, fact
from modlint.analysis.moving import wants_function
from modlint.analysis.runs import Run, runs_of
from modlint.analysis.trees import dotted, walk
from modlint.analysis.vocabulary import PRINTERS, SEEDS
from modlint.notebook.cell import CellKind
from modlint.notebook.percent import markdown_text
from modlint.notebook.regions import is_delimiter, near_miss
from modlint.patterns import matches
from modlint.rules.imports._lines import comments_above

#: Words that say nothing about a topic.
_FILLERS = frozenset(
    "a an and demo for from in is it let lets of on our s the this to we with your".split()
)
_TOPIC_WORDS = 5
_FENCE = re.compile(r"\s*(```|~~~)")
_CLOSING_FENCE = re.compile(r"\s*(```|~~~)[`~]*\s*$")
_HEADING = re.compile(
    r"^\s{0,3}#{1,6}[ \t]+(?P<marked>\S.*)$"
    r"|<h[1-6]\b[^>]*>(?P<tagged>.*?)</h[1-6]\s*>",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
#: What a heading is dressed in, with what is left of it.
_MARKUP = (
    (re.compile(r"<!--.*?-->", re.DOTALL), " "),
    (re.compile(r"</?[A-Za-z][^>]*>"), ""),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),  # a picture
    (re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])"), r"\1"),  # a link
    (re.compile(r"\{#[^}]*\}"), " "),  # an anchor
    (re.compile(r"\$\$?[^$]*\$\$?|\\\(.*?\\\)|\\\[.*?\\\]"), " "),  # a formula
    (re.compile(r"\\[A-Za-z]+"), " "),
    (re.compile(r"(?i)\b(step|part|section|module|activity)\s*\d+\b"), " "),
)
#: Calls that every demo makes, whatever it is about.
_ANY_DEMO = frozenset(
    "print len range enumerate zip str int float list dict tuple set sorted sum min max abs round "
    "open isinstance type repr format hasattr getattr display main run".split()
)


@fact
def demo_names(module: Module) -> dict[int, str]:
    """A name for each demo that becomes a function, by the id of its run."""
    names: dict[int, str] = {}
    taken = set(module.definitions) | module.variables | set(module.imports)
    for run in runs_of(module):
        if not wants_function(module, run):
            continue
        topic = _topic(_heading_above(module, run.unit.index))
        if not topic or f"demo_{topic}" in taken:
            topic = _topic(_comment_above(run)) or topic or _deed(module, run)
        base = name = f"demo_{topic}" if topic else "demo"
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        names[id(run)] = name
    return names


def _heading_above(module: Module, index: int) -> str:
    """The text of the nearest heading above a cell, Markdown or HTML; empty without one."""
    for cell in reversed(module.file.cells[:index]):
        if cell.kind is CellKind.MARKDOWN:
            for heading in reversed([*_HEADING.finditer(_unfenced(markdown_text(cell)))]):
                text = heading["marked"] or heading["tagged"] or ""
                if _topic(text):
                    return text
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
    """The first comment that leads the run; empty where there is none.

    A directive and a delimiter, also one that is meant as such, are no words about the run.
    """
    for comment in comments_above(run):
        is_word = not re.match(r"#\s*\||#\s*(?:modlint|noqa|type|fmt|pylint|%|!)", comment)
        if is_word and not is_delimiter(comment) and near_miss(comment) is None:
            return comment.lstrip("# ")
    return ""


def _deed(module: Module, run: Run) -> str:
    """What the demo defines or calls first, as a part of a name; empty where that says nothing.

    What it defines counts first, then what is the course's own, then any other call.
    """
    nodes = [part for node in run.nodes for part in _in_order(node)]
    defined = [part.name for part in nodes if isinstance(part, FunctionNode)]
    called = [dotted(part.func) for part in nodes if isinstance(part, ast.Call)]
    told = [
        path
        for path in called
        if re.fullmatch(r"[\w.]+", path)
        and not matches(path, PRINTERS)
        and not matches(path, SEEDS)
    ]
    own = [path for path in told if module.is_first_party(path.split(".")[0])]
    for path in (*defined, *own, *told):
        last = path.split(".")[-1]
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower().strip("_")
        if name and name not in _ANY_DEMO:
            return name.removeprefix("demo_")
    return ""


def _in_order(node: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement in the order of the text."""
    placed = [part for part in walk(node) if hasattr(part, "lineno")]
    return sorted(placed, key=lambda part: (part.lineno, part.col_offset))  # type: ignore[attr-defined]


def _topic(heading: str) -> str:
    """``"### 🎯 Step 2: Why <b>Layers</b> Matter"`` → ``why_layers_matter``; in any script."""
    plain = html.unescape(heading)
    for pattern, rest in _MARKUP:
        plain = pattern.sub(rest, plain)
    plain = unicodedata.normalize("NFKC", plain).replace("/", "").replace("'", "")
    words = [w.lower() for w in _words(_unaccented(plain))]
    words = [w for w in words if w not in _FILLERS and f"_{w}".isidentifier()]
    topic = unicodedata.normalize("NFKC", "_".join(words[:_TOPIC_WORDS]))
    # A number alone says where something stands, not what it is.
    return topic if re.search(r"[^\W\d_]", topic) and not keyword.iskeyword(topic) else ""


def _unaccented(text: str) -> str:
    """``text`` with Latin letters as ASCII has them; other scripts as they are."""
    found: list[str] = []
    for character in text:
        parts = unicodedata.normalize("NFKD", character)
        is_latin = len(parts) > 1 and parts[0].isascii()
        found.append(parts[0] if is_latin else character)
    return "".join(found)


def _words(text: str) -> list[str]:
    """Letters and digits, with the marks that stand on a letter; an emoji's are none."""
    kept: list[str] = []
    for character in text:
        is_mark = unicodedata.category(character).startswith("M") and kept and kept[-1] != " "
        kept.append(character if character.isalnum() or is_mark else " ")
    return "".join(kept).split()
