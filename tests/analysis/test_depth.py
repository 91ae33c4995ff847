"""Code that is nested deeply and that Python compiles: it is checked, fixed and reviewed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exporting import notebook
from modlint.analysis.depth import with_room
from support import Run


def chain(count: int, annotation: str = "") -> str:
    functions = (f"def f{n}(){annotation}:\n    return f{n + 1}()\n\n\n" for n in range(count))
    return (
        "".join(functions) + f"def f{count}(){annotation}:\n    print(1)\n    return 1\n\n\nf0()\n"
    )


def branches(count: int, body: str, indent: str = "") -> str:
    first = f"{indent}if x == 0:\n{indent}    {body}\n"
    return first + "".join(f"{indent}elif x == {n}:\n{indent}    {body}\n" for n in range(1, count))


def methods(count: int) -> str:
    called = (
        f"    def m{n}(self) -> int:\n        return self.m{n + 1}()\n\n" for n in range(count)
    )
    last = f"    def m{count}(self) -> int:\n        return 1\n\n\nprint(A().m0())\n"
    return "class A:\n" + "".join(called) + last


def heirs(count: int) -> str:
    first = "class A0:\n    def f(self) -> int:\n        return 1\n\n\n"
    rest = (f"class A{n}(A{n - 1}):\n    pass\n\n\n" for n in range(1, count))
    return f"{first}{''.join(rest)}A{count - 1}().f()\n"


def handlers(count: int) -> str:
    each = (f"    except KeyError:\n        return {n}\n" for n in range(count))
    return f"def f() -> int:\n    try:\n        return x\n{''.join(each)}\n\nf()\n"


def blocks(count: int) -> str:
    """``try`` in ``try``, as deep as Python takes them."""
    opened = "".join("    " * n + "try:\n" for n in range(count))
    closed = (
        "    " * n + "except OSError:\n" + "    " * (n + 1) + "pass\n"
        for n in reversed(range(count))
    )
    return opened + "    " * count + "print(x)\n" + "".join(closed)


CASES = "".join(f"        case {n}:\n            return {n}\n" for n in range(2000))
DEEP = {
    "2000 elif and no else": "def f(x: int) -> int:\n" + branches(2000, "return 1", "    "),
    "2000 cases": f"def f(x: int) -> int:\n    match x:\n{CASES}    return 0\n\n\nprint(f(3))\n",
    "1000 methods": methods(1000),
    "500 heirs": heirs(500),
    "1000 handlers": handlers(1000),
    "19 blocks": blocks(19),
    "900 comparisons": "y = " + " < ".join(["x"] * 900) + "\nprint(y)\n",
    "3000 and": "y = " + " and ".join(["x"] * 3000) + "\nprint(y)\n",
    "3000 strings": "y = (\n" + "    'a'\n" * 3000 + ")\nprint(y)\n",
    "2000 f-strings": "y = " + " + ".join(["f'{x}'"] * 2000) + "\nprint(y)\n",
    "900 choices": "y = " + "".join(f"{n} if x else " for n in range(900)) + "0\nprint(y)\n",
    "180 calls in calls": "y = " + "abs(" * 180 + "x" + ")" * 180 + "\nprint(y)\n",
    "900 signs": "y = " + "-" * 900 + "x\nprint(y)\n",
    "2000 elif": branches(2000, "y = 1"),
    "2000 elif in a function": "def f(x: int) -> int:\n"
    + branches(2000, "return 1", "    ")
    + "    return 0\n\n\nprint(f(3))\n",
    "2000 elif in a test": "def test_f():\n    x = 1\n"
    + branches(2000, "assert x", "    ")
    + "\n\ntest_f()\n",
    "300 elif that print": branches(300, "print(x)"),
    "1000 functions": chain(1000),
    "1000 functions with types": chain(1000, " -> int"),
    "1000 functions in a ring": chain(1000).replace("print(1)\n    return 1", "return f0()"),
    "2000 additions": "y = " + " + ".join(["x"] * 2000) + "\nprint(y)\n",
    "500 attributes": "def f():\n    return x" + ".real" * 500 + "\n",
    "300 calls": "x" + ".copy()" * 300 + "\n",
    "900 not": "y = " + "not " * 900 + "x\nprint(y)\n",
    "900 lambdas": "y = " + "lambda: " * 900 + "x\nprint(y)\n",
    "190 brackets": "y = " + "[" * 190 + "x" + "]" * 190 + "\nprint(y)\n",
    "95 blocks": "".join("    " * n + "if x:\n" for n in range(95)) + "    " * 95 + "print(x)\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_what_python_compiles_is_checked_fixed_and_reviewed(
    name: str, modlint: Run, tmp_path: Path
) -> None:
    text = f"# %%\nx = 1\n\n# %%\n{DEEP[name]}"
    compile(text, "deep.py", "exec")
    path = tmp_path / "deep.py"
    path.write_text(text)
    limit = sys.getrecursionlimit()
    for command in (("check",), ("fix",), ("report",), ("check", "--output-format", "json")):
        result = modlint(*command, "deep.py")
        assert result.exit_code < 2, result.output
        assert "nested" not in result.output
        assert "error" not in result.stderr
    assert sys.getrecursionlimit() == limit
    assert path.read_text() == text


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_notebook_is_checked(name: str, modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "deep.ipynb").write_text(notebook("x = 1", DEEP[name]))
    result = modlint("check", "deep.ipynb")
    assert result.exit_code < 2, result.output
    assert "nested" not in result.output


TOO_DEEP = {
    "10000 additions": "y = " + " + ".join(["1"] * 10_000),
    "300 brackets": "y = " + "[" * 300 + "]" * 300,
    "101 blocks": "".join("    " * n + "if 1:\n" for n in range(101)) + "    " * 101 + "pass",
    "21 loops": "".join("    " * n + "for i in 'a':\n" for n in range(21)) + "    " * 21 + "pass",
}


@pytest.mark.parametrize("name", TOO_DEEP)
@pytest.mark.parametrize("ending", ["py", "ipynb"])
def test_what_python_cannot_compile_is_a_syntax_error(
    name: str, ending: str, modlint: Run, tmp_path: Path
) -> None:
    with pytest.raises((SyntaxError, RecursionError, MemoryError)):
        compile(TOO_DEEP[name], "deep.py", "exec")
    text = f"# %%\n{TOO_DEEP[name]}\n" if ending == "py" else notebook(TOO_DEEP[name])
    (tmp_path / f"deep.{ending}").write_text(text)
    result = modlint("check", "--select", "CEL,EXP", f"deep.{ending}")
    assert result.exit_code == 1, result.output
    *found, last = result.stdout.splitlines()
    assert [" CEL008 " in line for line in found] == [True]
    assert last.startswith("Found 1 problem")


def test_a_deep_file_is_judged_as_its_shallow_twin(modlint: Run, tmp_path: Path) -> None:
    found = []
    for count in (3, 1000):
        (tmp_path / "a.py").write_text(f"# %%\n{chain(count)}")
        found.append(modlint("check", "a.py").stdout.split()[1:4])
    assert found[0] == found[1]


def test_a_fix_of_a_deep_file_is_written(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"# %%\n{chain(1000)}\nprint('done')\n")
    assert modlint("fix", "--apply", "a.py").exit_code < 2
    assert 'if __name__ == "__main__":' in path.read_text()


#: Recursions without end: through C and not, by what the standard library does with deep data.
ENDLESS = [
    "def f(): return f()",
    "def f(): return sorted([1], key=lambda x: f())",
    "def f(): return any(f() for _ in [1])",
    "def f(): return list(map(lambda x: f(), [1]))",
    "class A:\n    def __repr__(self): return repr(A())\ndef f(): return repr(A())",
    "class A:\n    def __eq__(self, o): return A() == o\ndef f(): return A() == 1",
    "import re\ndef f(): return re.sub('a', lambda m: f(), 'a')",
    "import functools\n@functools.lru_cache(None)\ndef g(n): return g(n + 1)\ndef f(): return g(0)",
    "deep = []\nfor _ in range(10**5): deep = [deep]\ndef f(): return repr(deep)",
    "import json\ndef f(): return json.loads('[' * 10**5 + ']' * 10**5)",
    "import ast\ndef f(): return ast.unparse(ast.parse('x' + '+x' * 30_000))",
]
RUN = """
from modlint.analysis.depth import with_room
try:
    with_room(f)
except RecursionError:
    print("stopped")
"""


@pytest.mark.parametrize("code", ENDLESS)
def test_no_recursion_ends_the_process(code: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code + RUN], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "stopped\n"), result.stderr


def test_what_is_raised_and_returned_comes_through() -> None:
    def deep(count: int) -> int:
        return count and 1 + deep(count - 1)

    def fails() -> int:
        return deep(5000) // 0

    assert with_room(lambda: deep(5000)) == 5000
    assert with_room(lambda: with_room(lambda: deep(5000))) == 5000
    with pytest.raises(ZeroDivisionError):
        with_room(fails)
    with pytest.raises(RecursionError):
        deep(5000)
