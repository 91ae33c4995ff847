"""Where a finding stands in the file: found again by searching the text of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modlint.diagnostics import Position
from modlint.modules import Checked, check_bytes
from modlint.notebook import jsontext
from modlint.notebook.ipynb import NotebookStore
from modlint.places import Places
from modlint.reports import Place, report_of
from modlint.settings import Settings
from notebook_files import KERNEL, WRITERS, Json, written
from output.reading import IN_FILES, Told
from support import Run, how_many

#: Prints that run on import, each found again by its own text; before the third and the last,
#: characters that JSON or UTF-8 writes in more than one.
CELLS = [
    ("code", 'X = 1\n\nprint("first")\n'),
    ("markdown", '# Not code: print("nothing")\n"quoted" \\ & <é🔥>\n'),
    ("code", 'print("second")\nY = "é🔥\\t\\u2028<>&\'"; print("third")\n\n'),
    ("code", 'A = "\u2028"\n%time A\nprint("fourth")'),
    ("code", ""),
    ("code", 'Z = """\n🔥\U0001d518"""; print("fifth")\n# \\ "\nprint("sixth")'),
]
PRINTS = ["first", "second", "third", "fourth", "fifth", "sixth"]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _halves(text: str) -> list[str]:
    """Pieces that are no lines: an end of a print falls between two of them."""
    middle = text.rfind(")") + 1 or len(text) // 2
    return [text[:middle], "", text[middle:]]


CUTS: dict[str, Callable[[str], object]] = {"lines": _lines, "halves": _halves, "one": str}


def _book(cells: list[tuple[str, str]], cut: Callable[[str], object] = _lines) -> Json:
    entries: list[Json] = []
    for number, (kind, text) in enumerate(cells):
        entry: Json = {"cell_type": kind, "id": f"cell-{number}", "metadata": {"a": "print("}}
        if kind == "code":
            output = {"name": "stdout", "output_type": "stream", "text": ["first\n", "🔥"]}
            entry |= {"execution_count": None, "outputs": [output]}
        entries.append(entry | {"source": cut(text)})
    return {"cells": entries, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def _expected(text: str, name: str, occurrence: int = 0) -> tuple[int, int, int, int, int]:
    """Line, first column, the same in bytes, the two columns behind: of this print's source."""
    sought = f'print(\\"{name}\\")'
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(sought, at + 1)
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    line = text.count("\n", 0, at) + 1
    first, last = at - begin, at + len(sought) - begin
    in_bytes = len(text[begin:at].encode()) + 1
    return line, first + 1, in_bytes, last + 1, in_bytes + len(sought)


def _places(text: str, path: str = "m.ipynb") -> list[Place]:
    checked = check_bytes(path, text.encode(), Settings(select=("IMP",)))
    assert isinstance(checked, Checked)
    return [place for _, place in report_of(checked, with_changes=False).placed]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("writer", WRITERS)
def test_the_place_of_a_notebook_is_where_the_text_stands(writer: str, cut: str) -> None:
    text = written(_book(CELLS, CUTS[cut]), writer)
    found = [
        (p.start.row, p.start.column, p.bytes[0], p.end.column, p.bytes[1]) for p in _places(text)
    ]
    assert found == [_expected(text, name) for name in PRINTS]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", IN_FILES)
def test_services_are_told_the_line_of_the_file_and_the_row_of_the_cell(
    modlint: Run, tmp_path: Path, name: str, writer: str
) -> None:
    text = written(_book(CELLS), writer)
    (tmp_path / "m.ipynb").write_bytes(text.encode())
    result = modlint("check", "m.ipynb", "--select", "IMP002", "--output-format", name)
    cells = {"first": (1, 3), "second": (3, 1), "third": (3, 2), "fourth": (4, 3), "fifth": (6, 2),
             "sixth": (6, 4)}  # fmt: skip
    expected = []
    for print_name in PRINTS:
        line, column, in_bytes, _, _ = _expected(text, print_name)
        place = (line, in_bytes if name == "rdjson" else column)
        expected.append(Told("m.ipynb", "IMP002", *place, *cells[print_name]))
    assert list(IN_FILES[name](result.stdout)) == expected


def test_of_a_member_that_is_there_twice_the_last_counts() -> None:
    text = written(_book(CELLS[:1]), "nbformat")
    text = text.replace('"source": [', '"source": ["print(\\"first\\")"],\n   "source": [')
    (place,) = _places(text)
    assert place.start.row == _expected(text, "first", occurrence=1)[0]


def test_all_worksheets_of_an_old_notebook() -> None:
    sheets = [
        {"cells": [{"cell_type": "code", "language": "python", "input": [f'print("{name}")\n'],
                    "outputs": [], "metadata": {}}]}
        for name in ("first", "second")
    ]  # fmt: skip
    text = json.dumps({"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets},
                      indent=1)  # fmt: skip
    rows = [place.start.row for place in _places(text)]
    assert rows == [_expected(text, name)[0] for name in ("first", "second")]


def test_an_empty_cell_stands_where_its_source_does() -> None:
    text = json.dumps(_book([("code", "")]), indent=1)
    store = _store(text)
    assert text.startswith("[]", store.offset(0, 0))


def _store(text: str) -> NotebookStore:
    raw = json.loads(text)
    return NotebookStore(text, raw, (4, 5))


@st.composite
def _pieces(draw: st.DrawFn) -> list[tuple[str, str]]:
    """The characters of a text, each with one of the ways in which JSON may write it."""
    chars = draw(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/\n🔥')))
    found = []
    for char in chars:
        units = char.encode("utf-16-be").hex()
        escaped = "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
        ways = [escaped, escaped.upper().replace("\\U", "\\u"), json.dumps(char)[1:-1]]
        if char >= " " and char not in '"\\':
            ways.append(char)
        if char == "/":
            ways.append("\\/")
        found.append((char, draw(st.sampled_from(ways))))
    return found


@given(st.lists(_pieces(), max_size=4), st.text(alphabet=" \n", max_size=3))
def test_each_character_of_a_text_is_found(
    strings: list[list[tuple[str, str]]], space: str
) -> None:
    text = f"{space}["
    begins, ends = [], [0]
    for pieces in strings:
        text += '"' if text.endswith("[") else f',{space}"'
        for _, way in pieces:
            begins.append(len(text))
            text += way
            ends.append(len(text))
        text += '"'
    root = jsontext.root_of(text + "]")
    assert root.value == ["".join(char for char, _ in pieces) for pieces in strings]
    characters = jsontext.Characters((item.value for item in root.items), root.start)
    ends[0] = begins[0] if begins else root.start
    assert [characters.begin(index) for index in range(len(begins))] == begins
    assert [characters.end(index) for index in range(len(ends))] == ends
    assert characters.begin(len(begins)) == ends[-1]


def test_many_findings_in_a_file_of_one_line() -> None:
    count = how_many(300, 3000)
    source = "".join(f'print("é{n}")\n' for n in range(count))
    text = json.dumps(_book([("code", source)], str), ensure_ascii=False)
    places = _places(text)
    assert len(places) == count
    last = text.rindex("print(")
    assert places[-1].start == Position(1, last + 1)
    assert places[-1].bytes[0] == len(text[:last].encode()) + 1


LONG = "def test_x():\n" + "".join(f"    x{n} = {n}\n" for n in range(20)) + "\ntest_x()\n"


def test_many_findings_of_one_line_share_its_text() -> None:
    text = "# %%\n" + "print(1); " * 1000 + "\n"
    lines = {id(place.blocks[0][1]) for place in _places(text, "m.py")}
    assert len(lines) == 1


def test_the_lines_around_a_place() -> None:
    checked = check_bytes("m.py", b"# %%\n" + LONG.encode(), Settings(select=("NBG001", "IMP")))
    assert isinstance(checked, Checked)
    ungraded, call = (Places(checked.file).of(d) for d in checked.diagnostics)
    assert [row for row, _ in ungraded.lines] == [1, 2, 3, 4, 5, 21, 22, 23, 24]
    assert call.lines == [(22, "    x19 = 19"), (23, ""), (24, "test_x()")]
    assert (call.start, call.end) == (checked.diagnostics[1].start, checked.diagnostics[1].end)


def test_a_place_in_a_python_file_counts_bytes_too() -> None:
    (place,) = _places('# %%\nA = "é🔥"; print("x")\n', "m.py")
    assert (place.start.column, place.bytes) == (11, (15, 25))


@pytest.mark.parametrize("text", ["", "\n", "# %%", "# %%\n", "x", "x\r\n\r\n", "\ufeff# %%\nf(\n"])
def test_every_finding_has_a_place_in_the_file(text: str) -> None:
    checked = check_bytes("m.py", text.encode(), Settings())
    assert isinstance(checked, Checked)
    rows = text.count("\n") + 1
    for _, place in report_of(checked, with_changes=False).placed:
        assert 1 <= place.start.row <= place.end.row <= rows
