"""Each format, read back: what it says of which place, as its reader would understand it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

_HEADER = re.compile(r"^(?P<file>.*?):(?:cell (?P<cell>\d+):)?(?P<row>\d+):(?P<column>\d+)$")
_CODE = re.compile(r"([A-Z]{3}\d{3}) ")
_CELL = re.compile(r"cell (\d+), line (\d+): ")


class Told(NamedTuple):
    """A place: of the file, and in a notebook the cell and the row in it, 1-based."""

    file: str
    code: str
    row: int
    column: int
    cell: int = 0
    cell_row: int = 0


def _in_cell(told: Told, message: str) -> Told:
    """With the cell that the message of a service names."""
    found = _CELL.search(message)
    return told._replace(cell=int(found[1]), cell_row=int(found[2])) if found else told


def _header(where: str, code: str) -> Told:
    found = _HEADER.match(where)
    assert found, where
    place = (int(found["row"]), int(found["column"]), int(found["cell"] or 0))
    return Told(found["file"], code, *place, int(found["row"]) if found["cell"] else 0)


def concise(text: str) -> Iterator[Told]:
    for line in text.splitlines():
        where, colon, rest = line.partition(": ")
        if colon and (code := _CODE.match(rest)):
            yield _header(where, code[1])


def grouped(text: str) -> Iterator[Told]:
    file = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            file = line.removesuffix(":")
        elif found := re.match(r"  ((?:cell \d+:)?\d+:\d+) +([A-Z]{3}\d{3}) ", line):
            yield _header(f"{file}:{found[1]}", found[2])


def full(text: str) -> Iterator[Told]:
    code = ""
    for line in text.splitlines():
        if found := _CODE.match(line):
            code = found[1]
        elif where := re.match(r" *--> (.*)$", line):
            yield _header(where[1], code)


def json_list(text: str) -> Iterator[Told]:
    for entry in json.loads(text):
        yield _entry(entry)


def json_lines(text: str) -> Iterator[Told]:
    for line in text.splitlines():
        yield _entry(json.loads(line))


def _entry(entry: dict[str, Any]) -> Told:
    row, column = entry["location"]["row"], entry["location"]["column"]
    is_book = entry["filename"].endswith(".ipynb")
    inside = (entry["cell"], row) if is_book else (0, 0)
    return Told(entry["filename"], entry["code"], row, column, *inside)


def sarif(text: str) -> Iterator[Told]:
    (run,) = json.loads(text)["runs"]
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        region, file = physical["region"], unquote(physical["artifactLocation"]["uri"])
        told = Told(file, result["ruleId"], region["startLine"], region["startColumn"])
        yield _in_cell(told, result["message"]["text"])


def github(text: str) -> Iterator[Told]:
    for line in text.splitlines():
        properties, message = github_command(line)
        code = re.fullmatch(r"modlint \((.*)\)", properties["title"])
        assert code
        # Of a place in several lines GitHub takes no column.
        place = (int(properties["line"]), int(properties.get("col", 0)))
        inside = re.search(r":cell (\d+):(\d+):\d+: ", message)
        cell = (int(inside[1]), int(inside[2])) if inside else (0, 0)
        yield Told(properties["file"], code[1], *place, *cell)


def github_command(line: str) -> tuple[dict[str, str], str]:
    """The properties and the message of a workflow command, as GitHub's runner reads them."""
    found = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
    assert found, line
    properties = dict(part.split("=", 1) for part in found[2].split(","))
    escapes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]

    def plain(text: str, known: list[tuple[str, str]]) -> str:
        for escape, char in known:
            text = text.replace(escape, char)
        return text

    read = {key: plain(value, escapes) for key, value in properties.items()}
    return read, plain(found[3], [escapes[0], escapes[1], escapes[4]])


def gitlab(text: str) -> Iterator[Told]:
    for entry in json.loads(text):
        place = entry["location"]["positions"]["begin"]
        told = Told(entry["location"]["path"], entry["check_name"], place["line"], place["column"])
        yield _in_cell(told, entry["description"])


def junit(text: str) -> Iterator[Told]:
    for case in ElementTree.fromstring(text).iter("testcase"):
        for failure in case.iter("failure"):
            where, _, rest = (failure.text or "").partition(": ")
            yield _in_cell(_header(where, rest[:6]), failure.attrib["message"])


def rdjson(text: str) -> Iterator[Told]:
    """The columns are those of bytes."""
    for entry in json.loads(text)["diagnostics"]:
        place = entry["location"]["range"]["start"]
        told = Told(
            entry["location"]["path"], entry["code"]["value"], place["line"], place["column"]
        )
        yield _in_cell(told, entry["message"])


#: The formats that count in the cells of a notebook, and those that count in its file.
IN_CELLS: dict[str, Callable[[str], Iterator[Told]]] = {
    "concise": concise, "grouped": grouped, "full": full, "json": json_list,
    "json-lines": json_lines,
}  # fmt: skip
IN_FILES: dict[str, Callable[[str], Iterator[Told]]] = {
    "sarif": sarif, "github": github, "gitlab": gitlab, "junit": junit, "rdjson": rdjson,
}  # fmt: skip
FORMATS = IN_CELLS | IN_FILES
