"""NBG009: what nbgrader releases is no valid Python, or its stub falls out of a function."""

from __future__ import annotations

import pytest

from exporting import found, notebook, rows
from real_tools.regions import released_module

CODE = "NBG009"
ROLE = {"grade": False, "grade_id": "f", "locked": False, "schema_version": 3, "solution": True}
SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "f", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
GRADED = (
    '# %% nbgrader={"grade": true, "grade_id": "t", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)

BROKEN = {
    "if without its else": (
        "# BEGIN SOLUTION\nif 1:\n    x = 1\n# END SOLUTION\nelse:\n    x = 2\n",
        (2, 5),
    ),
    "header of a loop": (
        "def f():\n    # BEGIN SOLUTION\n    for i in 'ä':\n        # END SOLUTION\n        pass\n",
        (3, 5),
    ),
    "half of a call": ("print(\n    # BEGIN SOLUTION\n    1,\n    # END SOLUTION\n)\n", (3, 5)),
    "end of a string": ('x = """\n# BEGIN SOLUTION\n"""\n# END SOLUTION\n', (3, 5)),
    "return left alone": (
        "# BEGIN SOLUTION\ndef f():\n    x = 1\n    # END SOLUTION\n    return x\n",
        (2, 5),
    ),
    "second region": (
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n"
        "def f():\n    x = 1\n# BEGIN SOLUTION\n    y = 2\n# END SOLUTION\n    return x\n",
        (7, 9),
    ),
    "decorator left alone": (
        "@property\n# BEGIN SOLUTION\ndef f(self):\n    return 1\n# END SOLUTION\n",
        (3, 6),
    ),
}
SOUND = {
    "body": "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
    "tabs": "def f():\n\t# BEGIN SOLUTION\n\treturn 1\n\t# END SOLUTION\n",
    "branch": "if 1:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\nelse:\n    x = 2\n",
    "definitions": "# BEGIN SOLUTION\ndef f():\n    return 1\n# END SOLUTION\n",
    "top level": "x = 1\n# BEGIN SOLUTION\ny = 2\n# END SOLUTION\n",
    "await": "# BEGIN SOLUTION\nawait f()\n# END SOLUTION\nawait g()\n",
    "END further out": "def f():\n    # BEGIN SOLUTION\n    return 1\n# END SOLUTION\n",
    "cell that does not parse": "# BEGIN SOLUTION\nx = \n# END SOLUTION\ny = (\n",
    "cell that is refused": "# BEGIN SOLUTION\nif 1:\n    x = 1\nelse:\n    x = 2\n",
}


def compiles(source: str) -> bool:
    try:
        compile(source, "<cell>", "exec", flags=0x2000)  # PyCF_ALLOW_TOP_LEVEL_AWAIT
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("cell", "span"), BROKEN.values(), ids=BROKEN)
def test_what_nbgrader_releases_is_no_python(cell: str, span: tuple[int, int], ending: str) -> None:
    text = (SOLUTION + cell).replace("\n", ending)
    assert compiles(cell)
    assert not compiles(released_module(text)[0])
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.start.row, diagnostic.end.row) == span
    assert "does not parse: " in diagnostic.message
    assert diagnostic.fix is None


@pytest.mark.parametrize("cell", SOUND.values(), ids=SOUND)
def test_a_sound_stub_is_not_reported(cell: str) -> None:
    assert found(SOLUTION + cell, CODE) == []


def test_a_stub_outside_its_function_raises_where_the_function_is_defined() -> None:
    cell = 'def f():\n    """Gives 1."""\n# BEGIN SOLUTION\n    return 1\n# END SOLUTION\n'
    (diagnostic,) = found(SOLUTION + cell, CODE)
    assert diagnostic.start.row == 4
    assert "falls out of its function" in diagnostic.message
    with pytest.raises(NotImplementedError):
        exec(released_module(SOLUTION + cell)[0], {})


def test_a_test_that_is_nothing_but_hidden() -> None:
    text = (
        f"{GRADED}def test_f():\n    # BEGIN HIDDEN TESTS\n    assert 1\n    # END HIDDEN TESTS\n"
    )
    assert rows(text, CODE) == [3]
    assert not compiles(released_module(text)[0])


def test_a_notebook_file() -> None:
    cell = BROKEN["if without its else"][0]
    text = notebook("x = 1", cell, metadata={1: {"nbgrader": ROLE}})
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.cell, diagnostic.start.row, diagnostic.end.row) == (1, 1, 4)
    assert not compiles(released_module(text)[1])


def test_a_plain_python_file_is_none_of_its_business() -> None:
    assert found(BROKEN["if without its else"][0], CODE) == []
