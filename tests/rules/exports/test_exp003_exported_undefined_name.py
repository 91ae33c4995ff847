"""EXP003: the package lacks what an unexported cell binds; Python itself is the oracle."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporting import DEFAULT, fixed, found, notebook, rows, sources
from real_tools.package import exported

CODE = "EXP003"


def module(unexported: str, code: str) -> str:
    """A cell that is not exported in line 4, and one that is."""
    return f"{DEFAULT}# %%\n{unexported}\n\n# %%\n#| export\n{code}\n"


#: What is bound in the unexported cell, exported code that the import needs it for.
ON_IMPORT = {
    "decorator": ("from dataclasses import dataclass", "@dataclass\nclass A:\n    b: int = 1"),
    "annotation": ("from typing import List", "def f(a: List) -> int:\n    return 1"),
    "default": ("BITS = 8", "def f(bits=BITS):\n    return bits"),
    "base": ("class Base:\n    pass", "class A(Base):\n    pass"),
    "class body": ("BITS = 8", "class A:\n    bits = BITS"),
    "statement": ("import math", "HALF_PI = math.pi / 2"),
    "comprehension": ("BITS = 8", "ALL = [BITS for _ in range(2)]"),
    "condition": ("FAST = True", "if FAST:\n    X = 1"),
    "conditional binding": (
        "try:\n    import json\nexcept ImportError:\n    json = None",
        "X = json",
    ),
    "bound below as well": ("import math", "X = math.pi\n\n# %%\n#| export\nimport math"),
}
#: The same for code that a call of f() needs it for.
ON_CALL = {
    "function": ("import math", "def f():\n    return math.pi"),
    "method": ("BITS = 8", "class A:\n    def g(self):\n        return BITS\n"
        "def f():\n    A().g()"),
    "lambda": ("BITS = 8", "f = lambda: BITS"),
    "nested": ("BITS = 8", "def f():\n    def g():\n        return BITS\n    return g()"),
    "class name in a method": ("BITS = 8", "class A:\n    BITS = 1\n    def g(self):\n"
        "        return BITS\ndef f():\n    A().g()"),
    "caught in vain": ("import math", "def f():\n    try:\n        return math.pi\n"
        "    except ValueError:\n        return 3"),
}  # fmt: skip
#: Exported code that works without the unexported cell.
FINE = {
    "exported too": ("BITS = 8", "BITS = 4\nX = BITS"),
    "local": ("BITS = 8", "def f(BITS=1):\n    return BITS"),
    "comprehension's own": ("x = 8", "X = [x for x in range(2)]"),
    "local annotation": ("from typing import List", "def f():\n    a: List = [1]\n    return a"),
    "quoted annotation": ("from typing import List", "def f(a: 'List' = ()):\n    return a"),
    "lazy annotations": (
        "from typing import List",
        "from __future__ import annotations\ndef f(a: List = ()):\n    return a",
    ),
    "guarded": ("import json", 'def f():\n    return 1\n'
        'if __name__ == "__main__":\n    json.dumps(1)'),
    "caught": ("import math", "try:\n    X = math\nexcept NameError:\n    X = None"),
    "asked for": ("import math", "if 'math' in globals():\n    X = math.pi"),
    "star import": ("pi = 3", "from math import *\nX = pi"),
    "global": ("count = 0", "def f():\n    global count\n    count = 1\n    return count"),
    "builtin": ("print = print", "def f():\n    return print"),
    "file": ("__file__ = 'x'", "X = __file__"),
    "walrus": ("n = 8", "X = [n for _ in range(2) if (n := 3)]"),
    "except": ("e = 8", "try:\n    X = 1\nexcept ValueError as e:\n    print(e)"),
    "loop": ("i = 8", "for i in range(2):\n    X = i"),
    "class's own": ("b = 8", "class A:\n    b = 1\n    c = b"),
}  # fmt: skip


@pytest.mark.parametrize(("unexported", "code"), ON_IMPORT.values(), ids=ON_IMPORT)
def test_a_name_that_the_import_needs(unexported: str, code: str, tmp_path: Path) -> None:
    text = module(unexported, code)
    (diagnostic,) = found(text, CODE)
    assert diagnostic.start.row == 4
    assert "`core` cannot be imported (NameError: " in diagnostic.message
    assert exported(tmp_path / "before", text).imported("core").startswith("NameError: ")
    assert exported(tmp_path / "after", fixed(text, CODE)).imported("core") == ""
    assert found(fixed(text, CODE), CODE) == []


@pytest.mark.parametrize(("unexported", "code"), ON_CALL.values(), ids=ON_CALL)
def test_a_name_that_a_call_needs(unexported: str, code: str, tmp_path: Path) -> None:
    text = module(unexported, code)
    (diagnostic,) = found(text, CODE)
    assert "a call in `core` raises NameError" in diagnostic.message
    before = exported(tmp_path / "before", text)
    assert before.imported("core") == ""
    assert before.run("import course.core; course.core.f()")[1].startswith("NameError: ")
    after = exported(tmp_path / "after", fixed(text, CODE))
    assert after.run("import course.core; course.core.f()")[0] == 0


@pytest.mark.parametrize(("unexported", "code"), FINE.values(), ids=FINE)
def test_what_works_is_not_reported(unexported: str, code: str, tmp_path: Path) -> None:
    text = module(unexported, code)
    assert found(text, CODE) == []
    package = exported(tmp_path, text)
    assert package.run("import course.core as c; getattr(c, 'f', int)()")[0] == 0


def test_one_diagnostic_for_each_cell_with_its_names() -> None:
    text = (
        DEFAULT
        + "# %%\nimport math\nfrom typing import List\n\n# %%\ndef helper():\n    return 1\n\n"
        + "# %%\n#| export\ndef f(a: List):\n    return math.pi + helper()\n"
    )
    first, second = found(text, CODE)
    assert (first.start.row, second.start.row) == (4, 8)
    assert "uses List and math of this cell" in first.message
    assert "(NameError: List, line 14)" in first.message
    assert "(helper, line 15)" in second.message


def test_a_cell_brings_what_it_needs_in_turn(tmp_path: Path) -> None:
    text = (
        DEFAULT
        + "# %%\nimport math\n\n# %%\ndef a():\n    return math.pi\n\n"
        + "# %%\ndef b():\n    return a()\n\n# %%\n#| export\ndef f():\n    return b()\n"
    )
    assert rows(text, CODE) == [11]
    new = fixed(text, CODE)
    assert new.count("#| export") == 4
    assert exported(tmp_path, new).run("from course.core import f; f()")[0] == 0


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("BITS = 8\nprint(BITS)", "does more than define"),
        ("BITS = 8\nif BITS:\n    open('x')", "does more than define"),
        ("BITS = 8\ndef test_bits():\n    assert BITS", "holds a test"),
        ("# %matplotlib inline\nBITS = 8", "holds a magic"),
        ("BITS = len(input())", "does more than define"),
    ],
)
def test_no_fix_exports_what_acts(cell: str, why: str) -> None:
    (diagnostic,) = found(module(cell, "X = BITS"), CODE)
    assert diagnostic.fix is None
    assert why in diagnostic.message


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    BITS = 8\nexcept ImportError:\n    sys.path.append('.')\n    BITS = 4",
        "class A:\n    b = dict(c=1)\nBITS = 8",
        'BITS = 8\nif __name__ == "__main__":\n    print(BITS)',
        "from pathlib import Path\nBITS = Path('x')",
    ],
)
def test_what_merely_defines_can_be_exported(cell: str) -> None:
    (diagnostic,) = found(module(cell, "X = BITS"), CODE)
    assert diagnostic.fix is not None


def test_a_test_in_its_way_goes_first() -> None:
    solution = (
        '# %% nbgrader={"grade": false, "grade_id": "a", "locked": false, '
        '"schema_version": 3, "solution": true}\n'
    )
    text = (
        DEFAULT
        + solution
        + "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION\n\n"
        + "def test_unit_add():\n    assert add(1, 2) == 3\n\n"
        + "# %%\n#| export\ndef f():\n    return add(1, 2)\n"
    )
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is None
    new = fixed(text, CODE, "NBG001")
    assert found(new, CODE, "NBG001", "EXP004") == []
    assert f"{solution}#| export\ndef add" in new


def test_a_cell_that_exp001_would_export_is_not_reported_twice() -> None:
    text = DEFAULT + "# %%\nimport os\n#| export\nBITS = 8\n\n# %%\n#| export\nX = BITS\n"
    assert [d.code for d in found(text, "EXP")] == ["EXP001"]


def test_what_nobody_binds_is_exp006s() -> None:
    text = DEFAULT + "# %%\n#| export\nX = UNKNOWN\n"
    assert [d.code for d in found(text, "EXP")] == ["EXP006"]


def test_a_cell_exported_elsewhere_is_left_alone() -> None:
    text = DEFAULT + "# %%\n#| export other\nBITS = 8\n\n# %%\n#| export\nX = BITS\n"
    assert found(text, CODE) == []


def test_a_notebook_file_and_its_places(tmp_path: Path) -> None:
    text = notebook("#| default_exp core", "#| hide\nimport math", "#| export\nX = math.pi")
    (diagnostic,) = found(text, CODE)
    assert diagnostic.cell == 1
    assert "(NameError: math, cell 3, line 2)" in diagnostic.message
    new = fixed(text, CODE)
    assert sources(new)[1] == "#| hide\n#| export\nimport math"
    assert exported(tmp_path, new).imported("core") == ""
