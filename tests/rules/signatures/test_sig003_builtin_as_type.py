"""SIG003: ``any`` and ``callable`` as types, and where the import goes.

Each fix is executed: the annotations must find their names.
"""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

from modlint.diagnostics import Applicability, Diagnostic
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.notebook.reading import read
from modlint.settings import Settings

SIG003 = Settings(select=("SIG003",))


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG003)


def fixed(text: str) -> str:
    """The module after the fix: silent, at rest, and its annotations can be evaluated."""
    file = read_text(text)
    outcome = fix(file, lint(file, SIG003), SIG003)
    assert outcome.fault == ""
    after = outcome.file.text
    assert outcome.remaining == []
    exec(compile(after, "module", "exec"), {"__name__": "module"})
    return after


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


# --- what is reported -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("def f(x: any): pass\n", [10]),
        ("def f(*a: any, **k: callable): pass\n", [11, 21]),
        ("def f(x, /, y: any, *, z: any = 1): pass\n", [16, 27]),
        ("def f() -> any: pass\n", [12]),
        ("async def f() -> callable: pass\n", [18]),
        ("x: any = 1\n", [4]),
        ("def f(x: Dict[str, List[Tuple[any, callable]]]): pass\n", [31, 36]),
        ("def f(x: int | any): pass\n", [16]),
        ("def f(x: 'any'): pass\n", [10]),
        ("def f(x: 'Dict[str, any]'): pass\n", [10]),
        ("def f(x: Optional['any']): pass\n", [19]),
        ("def f(x: callable[[int], any]): pass\n", [10, 26]),
        ("def f(x: Annotated[any, 'of any kind']): pass\n", [20]),
        ("class A:\n    x: any\n", [8]),
        ("def f():\n    x: any = 1\n", [8]),
        ("def f():\n    def g(x: any): pass\n", [14]),
        ("try:\n    x: any = 1\nexcept ValueError:\n    pass\n", [8]),
    ],
)
def test_each_place_is_reported(text: str, columns: list[int]) -> None:
    found = check(text)
    assert [d.start.column for d in found] == columns
    assert {d.start.row for d in found} == {max(1, text.rstrip().count("\n") and 2)}
    assert all(d.fix and d.fix.applicability is Applicability.SAFE for d in found)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: Any, y: Callable): pass\n",
        "def f(x): return any(x) and callable(x)\n",
        "def f(x=any, y=callable): pass\n",
        "def f(x: np.any): pass\n",
        "def f(x: 'np.any'): pass\n",
        "def f(x: anything, y: many): pass\n",
        "def f(x: Literal['any', 'all']): pass\n",
        "def f(x: t.Literal['any']): pass\n",
        "def f(x: Annotated[int, 'any number']): pass\n",
        "def f(x: Annotated[int, any]): pass\n",
        "def f(x: 'any number of things'): pass\n",
        "def f(x: g(any)): pass\n",
        "def f(x: b'any'): pass\n",
        "def any(x): return x\ndef f(x: any): pass\n",
        "class callable: pass\ndef f(x: callable): pass\n",
        "from m import any\ndef f(x: any): pass\n",
        "any = int\ndef f(x: any): pass\n",
        "f = lambda any: any\n",
        "x = {'any': 1}  # x: any\n",
        'def f(x):\n    """x: any"""\n',
    ],
)
def test_what_is_no_type_is_silent(text: str) -> None:
    ast.parse(text)
    assert check(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "def g():\n    any = int\n    def f(x: any): pass\n    return f\n",
        "class A:\n    any = int\n    def f(self, x: any): pass\n",
    ],
)
def test_a_name_of_an_inner_scope_is_silent(text: str) -> None:
    assert check(text) == []


# --- the import -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from typing import List\n", "from typing import List, Any\n"),
        ("from typing import List  # types\n", "from typing import List, Any  # types\n"),
        ("from typing import (List, Dict)\n", "from typing import (List, Dict, Any)\n"),
        ("from typing import List as L\n", "from typing import List as L, Any\n"),
        ("from typing import List, \\\n    Dict\n", "from typing import List, \\\n    Dict, Any\n"),
        ("from typing import Any\n", "from typing import Any\n"),
        ("from typing import *\n", "from typing import Any\n\nfrom typing import *\n"),
        ("import typing\n", "from typing import Any\n\nimport typing\n"),
        ("import os; import sys\n", "from typing import Any\n\nimport os; import sys\n"),
        ("", "from typing import Any\n\n"),
        (
            "from __future__ import annotations\n",
            "from __future__ import annotations\nfrom typing import Any\n\n",
        ),
        ("#!/usr/bin/env python\n", "#!/usr/bin/env python\nfrom typing import Any\n\n"),
        ("# -*- coding: utf-8 -*-\n", "# -*- coding: utf-8 -*-\nfrom typing import Any\n\n"),
        (
            "if True:\n    from typing import List\n",
            "from typing import Any\n\nif True:\n    from typing import List\n",
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import Any\n",
            "from typing import TYPE_CHECKING, Any\n"
            "if TYPE_CHECKING:\n    from typing import Any\n",
        ),
        (
            "def g():\n    from typing import Any\n    return Any\n",
            "from typing import Any\n\ndef g():\n    from typing import Any\n    return Any\n",
        ),
        (
            "from typing import List\nfrom typing import Dict\n",
            "from typing import List, Any\nfrom typing import Dict\n",
        ),
    ],
)
def test_the_import_is_there_once_and_above_the_use(before: str, after: str) -> None:
    assert fixed(before + "def f(x: any): pass\n") == after + "def f(x: Any): pass\n"


@pytest.mark.parametrize(
    "header",
    [
        '"""Doc."""\n',
        '"""Doc.\n\nMore.\n"""\n\nimport os\n',
        '"""Doc."""\nfrom __future__ import annotations\nimport os\n',
        "# Copyright\n# Somebody\n\nimport os\n",
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n'''Doc.'''\nimport os\n",
        "from typing import (\n    List,\n    Dict,  # dicts\n)\n",
        "from typing import (\n    List,\n    Dict  # dicts\n)\n",
        "from typing import (  # names\n    List, Dict\n)\n",
    ],
)
def test_nothing_of_the_top_of_a_module_is_lost(header: str) -> None:
    after = fixed(header + "def f(x: any): pass\n")
    assert ast.get_docstring(ast.parse(after)) == ast.get_docstring(ast.parse(header))
    assert "Any" in after
    assert comments(after) == comments(header)
    imported = [ast.unparse(n) for n in ast.parse(header).body if isinstance(n, ast.Import)]
    assert all(line in after for line in imported)


def test_a_coding_line_stays_where_python_looks_for_it() -> None:
    data = "# -*- coding: latin-1 -*-\nx = 'é'\ndef f(x: any): pass\n".encode("latin-1")
    file = read(data)
    outcome = fix(file, lint(file, SIG003), SIG003)
    assert outcome.fault == ""
    new = outcome.file.to_bytes()
    assert "é" in ast.unparse(ast.parse(new))
    assert new.startswith(b"# -*- coding: latin-1 -*-\n")


def test_two_missing_names_come_with_one_import() -> None:
    assert fixed("def f(x: any, y: callable): pass\n") == (
        "from typing import Any, Callable\n\ndef f(x: Any, y: Callable): pass\n"
    )


@pytest.mark.parametrize("below", ["from typing import Any\n", "from typing import List\n"])
def test_an_import_below_the_use_is_of_no_help(below: str) -> None:
    after = fixed("def f(x: any): pass\n\n" + below)
    assert after.index("import Any") < after.index("def f(x: Any)")


def test_windows_line_ends_stay() -> None:
    text = "import os\ndef f(x: any): pass\n".replace("\n", "\r\n")
    assert fixed(text) == (
        "from typing import Any\n\nimport os\ndef f(x: Any): pass\n".replace("\n", "\r\n")
    )


# --- cells ------------------------------------------------------------------------------------


def test_an_import_of_an_earlier_cell_takes_the_name() -> None:
    text = "# %%\nfrom typing import List\n\n# %%\nx = 1\n\n# %%\ndef f(x: any): pass\n"
    assert fixed(text) == text.replace("List", "List, Any").replace("any", "Any")


def test_an_import_of_a_later_cell_comes_too_late() -> None:
    text = "# %%\ndef f(x: any): pass\n\n# %%\nfrom typing import Any, List\n"
    assert fixed(text) == text.replace("def f(x: any", "from typing import Any\n\ndef f(x: Any")


@pytest.mark.parametrize("names", ["List", "Any", "List, Any"])
def test_an_exported_cell_needs_an_exported_import(names: str) -> None:
    head = f"# %%\nfrom typing import {names}\n\n# %%\n#| export\n"
    assert fixed(head + "def f(x: any): pass\n") == (
        head + "from typing import Any\n\ndef f(x: Any): pass\n"
    )


def test_an_exported_import_serves_every_later_cell() -> None:
    head = "# %%\n#| export\nfrom typing import Any\n\n"
    text = head + "# %%\n#| export\ndef f(x: any): pass\n\n# %%\ndef g(x: any): pass\n"
    assert fixed(text) == text.replace(": any", ": Any")


def test_directives_stay_first_in_their_cell() -> None:
    text = "# %%\n#| default_exp core\n#| export\n\nimport os\ndef f(x: any): pass\n"
    after = fixed(text)
    assert after.startswith("# %%\n#| default_exp core\n#| export\n")
    assert after.index("#| export") < after.index("import Any") < after.index("def f")


def test_an_import_never_goes_into_a_solution_region() -> None:
    text = (
        '# %% nbgrader={"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, '
        '"solution": true}\n### BEGIN SOLUTION\ndef f(x: any): pass\n### END SOLUTION\n'
    )
    after = fixed(text)
    assert (
        after.index("import Any")
        < after.index("### BEGIN")
        < after.index("def f(x: Any)")
        < after.index("### END")
    )


def test_strings_inside_values_keep_every_letter() -> None:
    text = (
        "from typing import Annotated, Literal\n"
        "def f(x: any, y: Literal['any'], z: Annotated[int, 'any']) -> 'list[any]': return 'any'\n"
    )
    assert fixed(text) == (
        "from typing import Annotated, Literal, Any\n"
        "def f(x: Any, y: Literal['any'], z: Annotated[int, 'any']) -> 'list[Any]': return 'any'\n"
    )


@pytest.mark.parametrize(
    "taken",
    [
        "Any = 7",
        "Any, other = 7, 8",
        "class Any: pass",
        "def Any(*values): return any(values)",
        "from argparse import ArgumentParser as Any",
        "import typing as Any",
        "if 1:\n    from unittest.mock import ANY as Any",
        "for Any in range(2): pass",
    ],
)
def test_a_name_that_the_module_gives_to_something_else_is_not_taken_over(taken: str) -> None:
    """The import would change what the name means below it, and what that displays."""
    below = f"# %%\n{taken}\n\n# %%\ndef f(x: any): return x\n\nprint(Any)\n"
    above = f"# %%\ndef f(x: any): return x\n\n# %%\n{taken}\n"
    for text in (below, above):
        assert [diagnostic.fix for diagnostic in check(text)] == [None]


@pytest.mark.parametrize("home", ["typing", "typing_extensions", "collections.abc"])
def test_the_same_type_from_another_home_serves(home: str) -> None:
    name, function = ("Callable", "callable") if home == "collections.abc" else ("Any", "any")
    (diagnostic,) = check(f"# %%\nfrom {home} import {name}\n\ndef f(x: {function}): return x\n")
    assert diagnostic.fix is not None
