"""Notebook files that are odd or broken: a correct result, or one clear line and exit 2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modlint.notebook.cell import CellKind
from modlint.notebook.errors import UnreadableModule
from modlint.notebook.ipynb import fresh_id
from modlint.notebook.reading import read
from notebook_files import KERNEL, Json
from support import Run

SOURCE = 'print("hi")'
GUARDED = 'if __name__ == "__main__":\n    print("hi")'


def code(**members: Any) -> Json:
    cell: Json = {"cell_type": "code", "execution_count": None, "id": "c1", "metadata": {}}
    return cell | {"outputs": [], "source": SOURCE} | members


def notebook(*cells: Any, **members: Any) -> Json:
    whole: Json = {"cells": list(cells), "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return whole | members


def without(holder: Json, *keys: str) -> Json:
    return {key: value for key, value in holder.items() if key not in keys}


def dump(raw: Any) -> str:
    return json.dumps(raw, indent=1) + "\n"


TEXT = dump(notebook(code()))
V3_CODE: Json = {"cell_type": "code", "input": [SOURCE], "language": "python", "metadata": {}}
V3_CODE |= {"outputs": [], "collapsed": False}
HEADING: Json = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Title"]}
NO_VERSION = "the file is no notebook: it does not tell its nbformat version"
NO_OBJECT = "the file is no notebook: its JSON is not an object"
SOURCE_TYPE = "cell 1: its source must be a string or a list of strings"


def v3(**members: Any) -> Json:
    sheets = [{"cells": [HEADING, V3_CODE], "metadata": {}}, {"cells": [V3_CODE]}]
    whole: Json = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    return whole | {"worksheets": sheets} | members


#: Values that are neither a text nor an object.
ODD: list[Any] = [None, 1, True, [1], ["a", None]]

#: What the file holds → row of the error (None: no row), message.
REFUSED: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", 1, "the file is empty"),
    "blank": (b" \n", 2, "the file is empty"),
    "list": (b"[]", None, NO_OBJECT),
    "number": (b"5", None, NO_OBJECT),
    "cut off": (TEXT[:100].encode(), 7, "the file is not valid JSON: expecting value"),
    "a bracket that is missing": (
        TEXT.replace('"outputs": []', '"outputs": [').encode(),
        8,
        "the file is not valid JSON: expecting value",
    ),
    "merge conflict": (
        b"{\n<<<<<<< HEAD\n" + TEXT[2:].encode(),
        2,
        "the file is not valid JSON: expecting property name enclosed in double quotes",
    ),
    "more behind": ((TEXT + "x").encode(), 22, "the file is not valid JSON: extra data"),
    "byte order mark": (
        b"\xef\xbb\xbf" + TEXT.encode(),
        None,
        "the file begins with a byte order mark: Jupyter cannot open it",
    ),
    "UTF-16": (TEXT.encode("utf-16"), 1, "the file is not utf-8 text"),
    "UTF-16 without a mark": (
        TEXT.encode("utf-16-le"),
        1,
        "the file has a NUL byte: it is not a text file",
    ),
    "NUL": (TEXT.encode() + b"\0", 22, "the file has a NUL byte: it is not a text file"),
    "latin-1": (TEXT.replace("hi", "é").encode("latin-1"), 9, "the file is not utf-8 text"),
    "too deep": (b"[" * 100_000 + b"]" * 100_000, None, "is too deeply nested to be checked"),
    "deep outputs": (
        dump(notebook(code(outputs=["X"]))).replace('"X"', "[" * 9000 + "]" * 9000).encode(),
        None,
        "is too deeply nested to be checked",
    ),
    "5000 digits": (
        dump(notebook(code(outputs=["X"]))).replace('"X"', "1" * 5000).encode(),
        None,
        "the file has a number of too many digits to be read",
    ),
    "no cells": (dump(without(notebook(), "cells")).encode(), None, "the notebook has no cells"),
    "cells object": (
        dump(notebook(cells={})).encode(),
        None,
        "cells of the notebook must be a list",
    ),
    "no version": (dump({"cells": [], "metadata": {}}).encode(), None, NO_VERSION),
    "version text": (dump(notebook(nbformat="4")).encode(), None, NO_VERSION),
    "version float": (dump(notebook(nbformat=4.0)).encode(), None, NO_VERSION),
    "version true": (dump(notebook(nbformat=True)).encode(), None, NO_VERSION),
    "minor text": (dump(notebook(nbformat_minor="5")).encode(), None, NO_VERSION),
    "old": (
        dump(v3(nbformat=2)).encode(),
        None,
        "the notebook is of nbformat 2, which is too old: "
        "convert it with `jupyter nbconvert --to notebook`",
    ),
    "new": (
        dump(notebook(nbformat=5)).encode(),
        None,
        "the notebook is of nbformat 5, which modlint does not know",
    ),
    "metadata list": (
        dump(notebook(metadata=[])).encode(),
        None,
        "the notebook's metadata must be an object",
    ),
    "Julia": (
        dump(notebook(metadata={"language_info": {"name": "julia"}})).encode(),
        None,
        "the notebook is in julia, not in Python",
    ),
    "R": (
        dump(notebook(metadata={"kernelspec": {"name": "ir", "language": "R"}})).encode(),
        None,
        "the notebook is in R, not in Python",
    ),
    "sheet without cells": (
        dump(v3(worksheets=[{}])).encode(),
        None,
        "worksheet 1 has no cells",
    ),
    "sheet number": (dump(v3(worksheets=[5])).encode(), None, "worksheet 1 must be an object"),
    "no sheets": (
        dump(without(v3(), "worksheets")).encode(),
        None,
        "the notebook has no worksheets",
    ),
    "cell null": (dump(notebook(code(), None)).encode(), None, "cell 2: must be an object"),
    "no source": (
        dump(notebook(without(code(), "source"))).encode(),
        None,
        "cell 1: has no source",
    ),
    "unknown type": (
        dump(notebook(code(cell_type="sql"))).encode(),
        None,
        'cell 1: its cell_type cannot be "sql"',
    ),
    "type list": (
        dump(notebook(code(cell_type=[]))).encode(),
        None,
        "cell 1: its cell_type cannot be []",
    ),
    **{
        f"source {value!r}": (dump(notebook(code(source=value))).encode(), None, SOURCE_TYPE)
        for value in ODD
    },
    **{
        f"metadata {value!r}": (
            dump(notebook(code(metadata=value))).encode(),
            None,
            "cell 1: its metadata must be an object",
        )
        for value in [*ODD[:4], "x"]
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(
    modlint: Run, tmp_path: Path, name: str
) -> None:
    data, row, message = REFUSED[name]
    (tmp_path / "m.ipynb").write_bytes(data)
    place = "m.ipynb" if row is None else f"m.ipynb:{row}"
    for command in (["check"], ["fix", "--apply"]):
        result = modlint(*command, "m.ipynb")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"error: {place}: {message}\n"
    assert (tmp_path / "m.ipynb").read_bytes() == data


#: Odd files that are mended: before, and what becomes of a part of the text.
MENDED: dict[str, tuple[str, str, str]] = {
    "NaN and Infinity": (
        dump(notebook(code(metadata={"a": [float("nan"), float("inf"), -float("inf")]}))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "numbers as they stand": (
        dump(notebook(code(metadata={"a": "X"}))).replace('"X"', "[1.00, 1E5, -0, 1e999]"),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "a number of 400 digits": (
        dump(notebook(code(metadata={"a": 10**400}))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "half a surrogate pair in the metadata": (
        dump(notebook(code(metadata={"a": "\ud800"}))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "a key twice": (
        TEXT.replace('"id": "c1"', '"id": "c0",\n   "id": "c1"'),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "source twice: the last one counts": (
        TEXT.replace('"metadata": {},', '"metadata": {},\n   "source": "print(1)",', 1),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "cells twice: the last ones count": (
        TEXT.replace('"cells": [', '"cells": [],\n "cells": ['),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "lines without an end": (
        dump(notebook(code(source=["x = 1;", "y = 2\n", SOURCE]))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n",\n    "    print(\\"hi\\")"',
    ),
    "lines that end in CR": (
        dump(notebook(code(source=["x = 1\r", SOURCE + "\r", "y = 2"]))),
        '"print(\\"hi\\")\\r"',
        '"if __name__ == \\"__main__\\":\\r",\n    "    print(\\"hi\\")\\r"',
    ),
    "lines that end in CRLF": (
        dump(notebook(code(source=["x = 1\r\n", SOURCE + "\r\n", "y = 2"]))),
        '"print(\\"hi\\")\\r\\n"',
        '"if __name__ == \\"__main__\\":\\r\\n",\n    "    print(\\"hi\\")\\r\\n"',
    ),
    "a form feed": (
        dump(notebook(code(source=["x = 1\n", "\x0c", "\n", SOURCE]))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n",\n    "    print(\\"hi\\")"',
    ),
    "empty cells": (
        dump(notebook(code(source=[]), code(source="", id="c2"), code(id="c3"))),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "attachments": (
        dump(
            notebook(
                {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "![](attachment:a)"}
                | {"attachments": {"a": {"image/png": "AA=="}}},
                code(),
            )
        ),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "two worksheets": (
        dump(v3(worksheets=[{"cells": [HEADING]}, {"cells": [HEADING, V3_CODE]}])),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n",\n      "    print(\\"hi\\")"',
    ),
    "nbformat 4.0": (
        dump(notebook(without(code(), "id"), nbformat_minor=0)),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
    "CR for line endings": (
        TEXT.replace("\n", "\r"),
        '"print(\\"hi\\")"',
        '"if __name__ == \\"__main__\\":\\n    print(\\"hi\\")"',
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_of_an_odd_file_only_the_fault_is_mended(modlint: Run, tmp_path: Path, name: str) -> None:
    text, old, new = MENDED[name]
    assert text.count(old) == 1
    path = tmp_path / "m.ipynb"
    path.write_bytes(text.encode())
    result = modlint("fix", "--apply", "--select", "IMP", "m.ipynb")
    assert (result.exit_code, result.stderr) == (0, "Applied 1 fix in 1 file.\n")
    assert path.read_bytes().decode() == text.replace(old, new)


def test_half_a_surrogate_pair_in_code_is_a_syntax_error(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.ipynb"
    path.write_text(dump(notebook(code(source='s = "\ud800"'), code(id="c2"))))
    result = modlint("check", "m.ipynb")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "m.ipynb:cell 1:1:1: CEL008 cell 1 does not parse: 'utf-8' codec"
    )
    assert "m.ipynb:cell 2:1:1: IMP002 [*]" in result.stdout


def test_raw_cells_and_text_are_no_code() -> None:
    raw = {"cell_type": "raw", "id": "r", "metadata": {}, "source": SOURCE}
    file = read(dump(notebook(raw, raw | {"cell_type": "markdown", "id": "m"})).encode(), "m.ipynb")
    assert [cell.kind for cell in file.cells] == [CellKind.RAW, CellKind.MARKDOWN]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
        {"kernelspec": {"language": "python"}},
        {"kernelspec": {"language": "sage"}, "language_info": {"name": "python"}},
        {"language_info": {"name": "ipython"}},
        {"language_info": None, "kernelspec": 5},
        {"language_info": {"name": 5}},
    ],
)
def test_what_may_be_python_is_read(metadata: Json) -> None:
    assert len(read(dump(notebook(code(), metadata=metadata)).encode(), "m.ipynb").cells) == 1


def test_errors_tell_cell_and_row() -> None:
    with pytest.raises(UnreadableModule) as caught:
        read(dump(notebook(code(), 5)).encode(), "m.ipynb")
    assert (caught.value.cell, caught.value.row) == (2, None)


def test_a_fresh_id_is_the_same_each_time_and_new() -> None:
    taken = {"x"}
    first = fresh_id("a", taken)
    assert first == fresh_id("a", set())
    assert fresh_id("a", taken) not in {first, "x"}
    assert len(taken) == 3


def test_a_hundred_megabytes_of_outputs_cost_no_more_than_reading_them(tmp_path: Path) -> None:
    """Memory, measured in child processes: within four times that of ``json.load`` alone.

    (Time is not asserted; it is within a few times that of ``json.load``.)
    """
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 10**6}}
    cells = [
        code(id=f"c{n}", outputs=[picture], source=[f"x{n} = 1\n", SOURCE]) for n in range(100)
    ]
    path = tmp_path / "m.ipynb"
    path.write_text(dump(notebook(*cells)))
    floor = _peak("import json, sys; json.load(open(sys.argv[-1]))", str(path))
    script = "import sys; from modlint.cli import main; main()"
    assert (
        _peak(script, "check", "--kind", "module", "--select", "IMP,CEL", str(path)) < 1.5 * floor
    )
    before = path.read_text()
    assert (
        _peak(script, "fix", "--kind", "module", "--apply", "--select", "IMP,CEL", str(path))
        < 4 * floor
    )
    new = f'{json.dumps(GUARDED.splitlines()[0] + chr(10))},\n    "    print(\\"hi\\")"'
    assert path.read_text() == before.replace(json.dumps(SOURCE), new)


def _peak(script: str, *arguments: str) -> int:
    """The most memory that a child process held, in kilobytes.

    Linux counts in ``ru_maxrss`` what the parent held before it started the child; its own
    ``VmHWM`` begins anew.
    """
    told = """
def tell():
    from pathlib import Path
    status = Path("/proc/self/status")
    if status.exists():
        print(status.read_text().partition("VmHWM:")[2].split()[0], file=sys.stderr)
    else:
        import resource
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
import atexit
atexit.register(tell)
"""
    command = [sys.executable, "-c", f"import sys\n{told}{script}", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(result.stderr.splitlines()[-1])
