"""The fixes of the IMP rules, proven by running the module before and after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fixing.running import diagnostics, fixed, found, prove_by_execution, run
from modlint.notebook.reading import read
from modlint.settings import Settings

#: name → (module, fixed module); every one is executed too.
EXACT: dict[str, tuple[str, str]] = {
    "neighbours share one guard": (
        "def test_a():\n    print('a')\n\ntest_a()\ntest_a()\nprint('b')\n",
        "def test_a():\n    print('a')\n\nif __name__ == \"__main__\":\n    test_a()\n"
        "    test_a()\n    print('b')\n",
    ),
    "a comment above stays above": (
        "# one\n\n# two\nprint('x')  # three\n# four\nprint('y')\n# five\n",
        '# one\n\n# two\nif __name__ == "__main__":\n'
        "    print('x')  # three\n    # four\n    print('y')\n# five\n",
    ),
    "a demo is named after the heading": (
        "# %% [markdown]\n# ## 🎯 A Demo of the Layers!\n\n# %%\nfor i in [1]:\n    print(i)\n",
        "# %% [markdown]\n# ## 🎯 A Demo of the Layers!\n\n# %%\ndef demo_layers():\n"
        "    for i in [1]:\n        print(i)\n\n\n"
        'if __name__ == "__main__":\n    demo_layers()\n',
    ),
    "two demos under one heading": (
        "# %% [markdown]\n# # Sums\n# %%\nassert 1\n# %%\nassert 2\n",
        "# %% [markdown]\n# # Sums\n# %%\ndef demo_sums():\n    assert 1\n\n\n"
        'if __name__ == "__main__":\n    demo_sums()\n'
        "# %%\ndef demo_sums_2():\n    assert 2\n\n\n"
        'if __name__ == "__main__":\n    demo_sums_2()\n',
    ),
    "strings keep their lines": (
        "# %%\nfor i in [1]:\n    print('''a\n  b\n''', f\"\"\"\n{i}\n\"\"\")\n",
        "# %%\ndef demo():\n    for i in [1]:\n"
        "        print('''a\n  b\n''', f\"\"\"\n{i}\n\"\"\")\n"
        '\n\nif __name__ == "__main__":\n    demo()\n',
    ),
    "tabs": (
        "# %%\nfor i in [1]:\n\tprint(i)\n",
        "# %%\ndef demo():\n\tfor i in [1]:\n\t\tprint(i)\n\n\n"
        'if __name__ == "__main__":\n\tdemo()\n',
    ),
    "Windows lines": (
        "# %%\r\nprint('a')\r\n\r\n# note\r\nprint('b')\r\n",
        (
            '# %%\r\nif __name__ == "__main__":\r\n'
            "    print('a')\r\n\r\n    # note\r\n    print('b')\r\n"
        ),
    ),
    "no final newline": ("print('a')", "if __name__ == \"__main__\":\n    print('a')"),
    "an exported cell is only guarded": (
        "# %%\n#| export\nfor i in [1]:\n    print(i)\n",
        '# %%\n#| export\nif __name__ == "__main__":\n    for i in [1]:\n        print(i)\n',
    ),
    "names that a guarded use needs stay the module's": (
        (
            "# %%\nfor i in [1]:\n    y = i\n    print(y)\n"
            "# %%\nif __name__ == '__main__':\n    print(y)\n"
        ),
        '# %%\nif __name__ == "__main__":\n    for i in [1]:\n        y = i\n        print(y)\n'
        "# %%\nif __name__ == '__main__':\n    print(y)\n",
    ),
    "what a backslash continues": (
        "print('a' + \\\n  'b')\n",
        "if __name__ == \"__main__\":\n    print('a' + \\\n  'b')\n",
    ),
    "a string that a backslash continues": (
        "print('a\\\nb', 'c')\n",
        "if __name__ == \"__main__\":\n    print('a\\\nb', 'c')\n",
    ),
    "comments at the end of a block, and one at the left, which stays there": (
        "# %%\n#| export\nfor i in [1]:\n# left\n    print(i)\n\n    # in the block\n"
        "# below\nx = 1\n",
        '# %%\n#| export\nif __name__ == "__main__":\n    for i in [1]:\n# left\n'
        "        print(i)\n\n        # in the block\n# below\nx = 1\n",
    ),
    "a nested statement below a blank line": (
        "# %%\nfor i in [1]:\n    x = i\n\n    # é\n    print(i)\n    if i:\n\n        print(1)\n"
        "y = x\n",
        '# %%\nfor i in [1]:\n    x = i\n\n    # é\n    if __name__ == "__main__":\n'
        "        print(i)\n        if i:\n\n            print(1)\ny = x\n",
    ),
    "lines of blanks lose those of their block": (
        "# %%\n#| export\nfor i in [1]:\n    print(i)\n    \n      \n    print(i)\n    \nx = 1\n",
        '# %%\n#| export\nif __name__ == "__main__":\n    for i in [1]:\n        print(i)\n\n  \n'
        "        print(i)\n    \nx = 1\n",
    ),
    "a string above that ends like a comment": (
        "# %%\nx = '''\n# y'''\nassert x\ndef f():\n    return x\n",
        "# %%\nx = '''\n# y'''\n\n\ndef demo():\n    assert x\n\n\n"
        'if __name__ == "__main__":\n    demo()\ndef f():\n    return x\n',
    ),
    "the indent of the cell": (
        "match 3:\n  case 3:\n        n = 3\nprint('a')\ndef f():\n  return n\n",
        "match 3:\n  case 3:\n        n = 3\nif __name__ == \"__main__\":\n  print('a')\n"
        "def f():\n  return n\n",
    ),
    "semicolons": (
        "print('a'); print('b')\n",
        ("if __name__ == \"__main__\":\n    print('a'); print('b')\n"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), EXACT.values(), ids=EXACT)
def test_the_fixed_text(text: str, expected: str) -> None:
    assert fixed(text) == expected
    prove_by_execution(text)


C = "class C:\n    def f(self):\n        return 1\n\n"
T = "def test_x():\n    print('test ran')\n    return True\n\n"

PROVEN: dict[str, str] = {
    # tests, called in every way
    "try": T + "try:\n    test_x()\nexcept Exception as error:\n    print(error)\n",
    "in globals": T + "if 'test_x' in globals():\n    test_x()\n",
    "loop": T + "for t in [test_x]:\n    print(t.__name__)\n    t()\n",
    "table": T + "TESTS = {'x': test_x}\nfor n, t in TESTS.items():\n    print(n, t())\n",
    "success": T + "success = True\nsuccess = test_x() and success\nprint(success)\n",
    "tally": T + "ok = 0\nfor t in [test_x]:\n    ok += t()\nprint(f'{ok} passed')\n",
    "runner": T + "def run_all_tests():\n    test_x()\n\nrun_all_tests()\n",
    "class": "class TestX:\n    def test_y(self):\n        print('y')\n\nTestX().test_y()\n",
    "object of a test class": (
        "class TestX:\n    def test_y(self):\n        print('y')\n\nt = TestX()\nt.test_y()\n"
    ),
    "exit": T + "import sys\nprint('end')\nsys.exit(0 if test_x() else 1)\n",
    "result used in the next cell": T + "# %%\nok = test_x()\n# %%\nprint(ok)\n",
    "class body": T + "class A:\n    x = 1\n    print('in A')\n    test_x()\n    y = 2\nB = A.y\n",
    # guards that let something through
    "else of a guard": "if __name__ == '__main__':\n    print('a')\nelse:\n    print('b')\n",
    "unequal": "if __name__ != '__main__':\n    print('imported')\n",
    "guard and more": "import sys\nif __name__ == '__main__' or not sys:\n    print('x')\n",
    # essential code with prints in it
    "import and print": (
        "try:\n    import json\n    print('loaded')\nexcept ImportError:\n    json = None\n\n"
        "def f():\n    return json\n"
    ),
    "fallback": (
        "try:\n    import no_such_module\nexcept ImportError:\n    no_such_module = None\n"
        "print('x')\n\ndef f():\n    return no_such_module\n"
    ),
    "else of an import": (
        "try:\n    import json\nexcept ImportError:\n"
        "    json = None\nelse:\n    print('got it')\n\n"
        "def f():\n    return json\n"
    ),
    "branches that define": (
        "import sys\nif sys.version_info > (3,):\n"
        "    def g():\n        return 3\n    print('new')\n"
        "else:\n    def g():\n        return 2\n    print('old')\n\ndef f():\n    return g()\n"
    ),
    "elif": (
        "n = 2\nif n == 1:\n    J = 1\nelif n == 2:\n    J = 2\n    print('two')\nelse:\n"
        "    J = 3\n\ndef f():\n    return J\n"
    ),
    "elif without the name": (
        "n = 2\nJ = 0\nif n == 1:\n    J = 1\nelif n == 2:\n    print('two')\nelse:\n"
        "    print('more')\n\ndef f():\n    return J\n"
    ),
    "loop that fills a table": (
        "TABLE = {}\nfor i in range(3):\n    TABLE[i] = i\n    print(i)\n\n"
        "def f():\n    return TABLE\n"
    ),
    "loop variable that a function needs": (
        "for i in range(3):\n    y = i\n    print(y)\n\ndef f():\n    return y\n"
    ),
    "with": (
        "import io\nwith io.StringIO('a') as f:\n    TEXT = f.read()\n    print(TEXT)\n\n"
        "def g():\n    return TEXT\n"
    ),
    # names
    "later cell, open": "# %%\nassert 1\nx = 3\nprint(x)\n# %%\nprint(x + 1)\n",
    "later cell, guarded": (
        "# %%\nx = 3\nassert x\n# %%\nif __name__ == '__main__':\n    print(x)\n"
    ),
    "function needs it": (
        "# %%\nassert 1\nx = 3\nprint(x)\n# %%\ndef f():\n    return x\nprint(f())\n"
    ),
    "two demos, one name": (
        "# %%\nfor i in [1]:\n    x = i\n    print(x)\n"
        "# %%\nfor i in [2]:\n    x = x + i\n    print(x)\n"
    ),
    "helper only for the demo": C + "c = C()\ndef helper():\n    return c.f()\nprint(helper())\n",
    "helper that a test needs": (
        C + "c = C()\nprint(c.f())\ndef helper():\n    return C().f()\nprint(helper())\n"
        "def test_h():\n    assert helper()\n"
    ),
    "import only for the demo": "import json\nfor i in [1]:\n    print(json.dumps(i))\n",
    "import for others too": (
        "import json\nfor i in [1]:\n    print(json.dumps(i))\n\ndef f():\n    return json\n"
    ),
    "import in the middle": (
        "print('a')\nimport json\nprint(json.dumps(1))\n# %%\nprint(json)\n"
    ).replace("print(json)", "print(json.dumps(2))"),
    "builtin rebound": "print(list('ab'))\nlist = [1]\nfor i in list:\n    print(i)\n",
    "outer name rebound": "# %%\nx = 1\n# %%\nfor i in [1]:\n    print(x)\nx = 2\nprint(x)\n",
    "augmented": "# %%\nx = 1\n# %%\nfor i in [1]:\n    x += i\nassert x == 2\nprint(x)\n",
    "name of the demo is taken": "def demo():\n    pass\n\nassert 1\nprint('x')\n",
    "lambda": "n = 2\nf = lambda: n\nassert f() == 2\nn = 3\nprint(f())\n",
    "comprehension": "data = [1, 2]\nassert [d for d in data if d]\nprint(sum(d for d in data))\n",
    "walrus": "if (n := 3) > 2:\n    print(n)\nprint(n)\n",
    "global at the top": "for i in [1]:\n    global y\n    y = i\nprint(y)\n",
    "star import": "from math import *\nfor i in [1]:\n    print(floor(1.5))\n",
    "star import in the demo": "assert 1\nfrom math import *\nprint(floor(1.5))\nassert pi > 3\n",
    "globals": "for i in [1]:\n    z = i\n    print('z' in globals(), 'z' in locals())\n",
    "exec": "assert 1\nexec('q = 3')\nprint(q)\n",
    "eval of a later name": "for i in [1]:\n    z = i\n    print(z)\nprint(eval('z'))\n",
    "del": (
        "# %%\ndata = [1]\n# %%\nfor i in data:\n    print(i)\ndel data\nprint('data' in dir())\n"
    ),
    "except name": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(e)\nprint('e' in dir())\n"
    ),
    "match": (
        "for v in [1, [2, 3]]:\n    match v:\n        case [a, *b]:\n"
        "            print(a, b)\n        case n:\n            print(n)\n"
    ),
    "non-ASCII names": "größe = 3\nfor ä in range(größe):\n    print(ä, 'ü')\nassert größe == 3\n",
    "annotated": "x: int = 3\nassert x\nprint(x)\n",
    "docstring": '"""Doc."""\nfor i in [1]:\n    print(__doc__)\n',
    "decorated": "def d(f):\n    return f\n@d\ndef g():\n    return 1\nprint(g())\n",
    "backslash": "x = 1 + \\\n    2\nassert x == 3, \\\n  'no'\nprint(x, \\\n  x)\n",
    "brackets": "print((1,\n# inside\n   2))\nassert [\n    1,\n\n    # more\n]\n",
    "two-space indent": "for i in [1]:\n  if i:\n    print(i)\n",
    "mixed indents": (
        "for i in [1]:\n\tprint(i)\nfor j in [2]:\n  print(j)\nif j:\n    print('x')\n"
    ),
    "form feed": "print('a')\n\x0c\nprint('b')\nassert 1\n",
    "plain file": "import os\n\nassert os\nprint('x')\n",
    "bare blocks on a line": "for i in [1]: print(i)\nif i: print('x'); print('y')\n",
    "error in the middle": "assert 1\nprint('a')\nraise ValueError('end')\nprint('b')\n",
    "failing assert": "x = 3\nprint('a')\nassert x == 4, f'{x} is not 4'\n",
    "solution region": (
        "# %%\n### BEGIN SOLUTION\nfor i in [1]:\n    print(i)\n### END SOLUTION\n"
    ),
    "directives": "# %%\n#| hide\n#| eval: false\n\nfor i in [1]:\n    print(i)\n",
    "constants between prints": "print('a')\nSIZE = 3\nprint('b')\ndef f():\n    return SIZE\n",
    "async": "import asyncio\nasync def main():\n    print('x')\nasyncio.run(main())\n",
    "generator": "def g():\n    yield 1\nfor i in g():\n    print(i)\n",
    "object used by the next cell": (
        "# %%\n" + C + "# %%\nc = C()\nprint(c.f())\n# %%\nprint(c.f() + 1)\nassert c\n"
    ),
}


@pytest.mark.parametrize("text", PROVEN.values(), ids=PROVEN)
def test_the_script_does_the_same_and_the_import_nothing(text: str) -> None:
    # What binds a name that others need, or what importers may miss, stays and is reported.
    blocked = any(d.fix is None or d.fix.applicability != "safe" for d in diagnostics(text))
    new = prove_by_execution(text, silent=False)
    if not blocked:
        imported = run(new, "some_module")
        assert imported.printed == "", new
        # A `raise` in the open is the module's own word to its importers.
        assert imported.error == ("ValueError: end" if "raise ValueError('end')" in text else "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name)
        for name, text in PROVEN.items()
        if name not in ("loop variable that a function needs",)
    ],
)
def test_importers_keep_every_name_of_definitions(text: str) -> None:
    keeps = {
        name
        for name in ("f", "g", "test_x", "test_h", "TestX", "C", "A", "run_all_tests", "d")
        if f"\ndef {name}(" in f"\n{text}" or f"\nclass {name}" in f"\n{text}"
    }
    assert keeps <= run(fixed(text), "some_module").names


def test_windows_lines_and_the_byte_order_mark_stay() -> None:
    data = b"\xef\xbb\xbf# %%\r\nprint('a')\r\n# c\r\nprint('''x\r\ny''')\r\n"
    from fixing.running import IMP
    from modlint.fixing.engine import fix
    from modlint.linting import lint

    file = read(data)
    outcome = fix(file, lint(file, IMP), IMP)
    assert outcome.fault == ""
    assert outcome.file.to_bytes() == (
        b"\xef\xbb\xbf# %%\r\nif __name__ == \"__main__\":\r\n    print('a')\r\n    # c\r\n"
        b"    print('''x\r\ny''')\r\n"
    )


BLOCKED: dict[str, tuple[str, int, str]] = {
    "statement": ("# %%\nfor i in [1]: y = i; print(y)\n# %%\nZ = [y, 1]\n", 4, "y"),
    "function": ("# %%\nfor i in [1]: y = i; print(y)\n# %%\ndef f():\n    return y\n", 5, "y"),
    "same line": ("import os; print(os.sep)\ndef f():\n    return os\n", 3, "os"),
    "class body": ("x = 3; print(x)\nclass A:\n    size = x\n", 3, "x"),
    "default": ("x = 3; print(x)\ndef f(n=x):\n    return n\n", 2, "x"),
    "__all__": ("x = 3; print(x)\n__all__ = ['x']\n", 2, "x"),
    "lambda": ("x = 3; print(x)\nf = lambda: x\n", 2, "x"),
    "method": ("x = 3; print(x)\nclass A:\n    def f(self):\n        return x\n", 4, "x"),
    "function above": ("def f():\n    return x\nx = 3; print(x)\n", 2, "x"),
}


@pytest.mark.parametrize(("text", "row", "name"), BLOCKED.values(), ids=BLOCKED)
def test_a_use_elsewhere_blocks_the_fix_and_is_named(text: str, row: int, name: str) -> None:
    found_here = [d for d in diagnostics(text) if d.code in ("IMP002", "IMP004")]
    assert [d.fix for d in found_here] == [None] * len(found_here)
    assert f"line {row} needs {name}" in found_here[0].message
    assert fixed(text) == text


NO_USE: dict[str, str] = {
    "a local of the same name": (
        "def f():\n    x = 1\n    return x\nfor i in [1]:\n    x = i\n    print(x)\n"
    ),
    "a parameter": "def f(x):\n    return x\nfor i in [1]:\n    x = i\n    print(x)\n",
    "an attribute": (
        "import os\nfor i in [1]:\n    sep = i\n    print(sep)\ndef f():\n    return os.sep\n"
    ),
    "a comprehension's": (
        "def f():\n    return [x for x in 'ab']\nfor i in [1]:\n    x = i\n    print(x)\n"
    ),
    "bound again before": "for i in [1]:\n    x = i\n    print(x)\nx = 3\nY = [x]\n",
    "keyword": (
        "def f(**k):\n    return k\nfor i in [1]:\n    x = i\n"
        "    print(x)\ndef g():\n    return f(x=1)\n"
    ),
}


@pytest.mark.parametrize("text", NO_USE.values(), ids=NO_USE)
def test_another_thing_of_the_same_name_is_no_use(text: str) -> None:
    new = prove_by_execution(text)
    assert "def demo():" in new


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    text = "class T:\n    pass\ndef enable():\n    T.on = True\nenable()\nprint(T.on)\n"
    assert "    enable()\n" not in fixed(text)
    guarded = fixed(text, unsafe=True)
    assert guarded.endswith('if __name__ == "__main__":\n    enable()\n    print(T.on)\n') or (
        guarded.count('if __name__ == "__main__":') == 2 and "    enable()\n" in guarded
    )
    assert run(guarded).printed == run(text).printed


#: Names that the demo reads before, or without, binding them.
OUTER = "# %%\nx = 0\ne = 5\n# %%\nassert True\n"

DIFFERENT: dict[str, str] = {
    "A1 suppressed": (
        "# %%\nx = 0\n# %%\nfrom contextlib import suppress\nwith suppress(ValueError):\n"
        "    int('a')\n    x = 1\nprint(x)\n"
    ),
    "A2 star import": (
        "# %%\nfrom math import *\n# %%\nfor i in [1]:\n    print(pi)\npi = 3\nprint(pi)\n"
    ),
    "A3 global": (
        "# %%\ndef setup():\n    global data\n    data = 5\n"
        "if __name__ == '__main__':\n    setup()\n"
        "# %%\nfor i in [1]:\n    print(data)\ndata = 0\nprint(data)\n"
    ),
    "A4 class": "# %%\nfor i in [1]:\n    class C:\n        v = i\n    print(C.v, C)\n",
    "A4 function": "# %%\nfor i in [1]:\n    def g():\n        pass\n    print(g.__qualname__)\n",
    "A5 annotations": "# %%\nx: int = 3\nassert x\nprint(__annotations__)\n",
    "A6 exec": (
        "# %%\ncode = 'print(xx)'\nfor i in [1]:\n    xx = 20\n    print(xx)\n"
        "if __name__ == '__main__':\n    exec(code)\n"
    ),
    "A4 function handed on": (
        "# %%\nfor i in [1]:\n    def g():\n        pass\n    h = g\n    print(h.__qualname__)\n"
    ),
    "A4 lambda": "# %%\nfor i in [1]:\n    f = lambda: i\n    print(f.__qualname__)\n",
    "A4 pickled": (
        "# %%\nimport pickle\nfor i in [1]:\n    def g():\n        pass\n"
        "    try:\n        print(len(pickle.dumps(g)) > 0)\n"
        "    except Exception as error:\n        print(type(error))\n"
    ),
    "A7 frame": "# %%\nimport sys\nfor i in [1]:\n    print(sys._getframe().f_code.co_name)\n",
    "A7 frame of a caller": (
        "# %%\nimport sys\ndef where():\n    return sys._getframe(1).f_code.co_name\n"
        "# %%\nfor i in [1]:\n    print(where())\n"
    ),
    "A7 inspect": (
        "# %%\nfrom inspect import currentframe\nfor i in [1]:\n"
        "    print(currentframe().f_code.co_name)\n"
    ),
    "A7 logging": (
        "# %%\nimport logging, sys\n"
        "logging.basicConfig(stream=sys.stdout, format='%(funcName)s', force=True)\n"
        "# %%\nfor i in [1]:\n    logging.error(i)\n"
    ),
    "A7 traceback": (
        "# %%\nimport traceback\ndef caller():\n    return traceback.extract_stack()[-2].name\n"
        "# %%\nfor i in [1]:\n    print(caller())\n"
    ),
    "A9 own module": (
        "# %%\nimport sys\nfor n in [1]:\n    print(hasattr(sys.modules[__name__], 'no'), n)\n"
    ),
    "A9 code in a string": (
        "# %%\nimport timeit\nfor n in [1]:\n"
        "    print(timeit.timeit('n', 'from __main__ import __name__ as n', number=1) > 0)\n"
    ),
    "A8 message of a NameError": (
        "# %%\nfor i in []:\n    z = 1\ntry:\n    print(z)\nexcept NameError as e:\n    print(e)\n"
    ),
    "G1 except": OUTER
    + "print(e)\ntry:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(e)\n",
    "G1 after": OUTER + "try:\n    pass\nexcept ZeroDivisionError as e:\n    print(e)\nprint(e)\n",
    "G2 lambda": OUTER + "f = lambda: x\nprint(f())\nx = 1\nprint(x)\n",
    "G3 else of for": OUTER + "for i in []:\n    x = 1\nelse:\n    print(x)\n",
    "G3 else of while": OUTER + "n = 0\nwhile n:\n    x = 1\nelse:\n    print(x)\n",
    "G4 finally": (
        OUTER
        + "try:\n    int('a')\n    x = 1\nexcept KeyError:\n    x = 2\nfinally:\n    print(x)\n"
    ),
    "G5 del": OUTER + "del x\nx = 3\nprint(x)\n",
    "G6 annotation": OUTER + "x: int\nprint(x)\n",
    "walrus": OUTER + "c = 0\nc and (x := 1)\nprint(x)\n",
    "walrus, conditional": OUTER + "c = 1\ny = 1 if c else (x := 2)\nprint(x)\n",
    "walrus, comprehension": OUTER + "c = []\n[x := i for i in c]\nprint(x)\n",
    "inner function": OUTER + "def g():\n    return x\nprint(g())\nx = 1\nprint(x)\n",
    "inner class": OUTER + "class K:\n    y = x\nprint(K.y)\nx = 1\nprint(x)\n",
    "match": OUTER + "match 3:\n    case 4:\n        x = 2\nprint(x)\n",
    "match, or": OUTER
    + "match 3:\n    case 4 | 5 as x:\n        pass\n    case _:\n        print(x)\n",
    "own range": OUTER + "for x in range(x, 2):\n    print(x)\n",
    "continue": OUTER + "for i in [1]:\n    if i:\n        continue\n    x = 1\nprint(x)\n",
    "swap": OUTER + "x, y = 2, x\nprint(x, y)\n",
    "handler of a loop": (
        OUTER + "try:\n    for i in [1]:\n        x = int('z')\nexcept ValueError:\n    print(x)\n"
    ),
}


@pytest.mark.parametrize(
    "text",
    DIFFERENT.values(),
    ids=DIFFERENT,
)
def test_a_demo_that_means_something_else_in_a_function_is_only_guarded(text: str) -> None:
    prove_by_execution(text)


@pytest.mark.parametrize(
    "text",
    [
        "# %%\n#| export\nprint('a')\nSIZE = 10\nprint('b')\n",
        "# %%\nprint('a')\nSIZE = 10\nprint('b')\n",
        "# %%\nprint('a')\nimport json as SIZE\nprint('b')\n",
        "# %%\nassert 1\nSIZE = 10\nassert 2\n",
    ],
)
def test_a_constant_that_no_act_reads_stays_for_importers(text: str) -> None:
    new = prove_by_execution(text)
    assert "SIZE" in run(new, "some_module").names


def test_a_real_script_in_a_child_process(tmp_path: Path) -> None:
    text = (
        "# %% [markdown]\n# # Layers\n\n# %%\nimport json\n\ndef test_x():\n    print('test')\n\n"
        "# %%\ntry:\n    test_x()\nexcept Exception as error:\n    print(error)\n\n"
        "# %%\ndata = {'a': [1, 2]}\nfor key, values in data.items():\n"
        "    print(key, json.dumps(values))\nassert data, 'no data'\n\n"
        "# %%\ntest_x()\nprint('''all\n  done''')\n"
    )
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text(text)
    after.write_text(fixed(text))
    outputs = [_output(str(path)) for path in (before, after)]
    assert outputs[0] == outputs[1] == "test\na [1, 2]\ntest\nall\n  done\n"
    assert _output("-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import after") == ""
    assert found(after.read_text()) == []


def _output(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


OPEN = {
    "J1 a new function is no new need": (
        "# %%\nS = []\n# %%\na = 3\n# %%\nprint('a')\nassert True, 'never'\nprint(a)\n"
        "# %%\nfor i in range(2):\n    print('a')\n    S.append('a')\n    a = a\n"
    ),
    "J3 the name of a handler goes away": (
        "# %%\na = 0\n# %%\ntry:\n    int('x')\nexcept ValueError as a:\n    print('a')\n"
        "# %%\nprint('a' in globals())\n"
    ),
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_the_generated_modules_found(text: str) -> None:
    prove_by_execution(text, silent=False)


@pytest.mark.parametrize("text", ["# %%\r\nprint('a')", "# %%\r\nx = 1\r\n# %%\r\nassert 1"])
def test_a_last_line_without_an_end_keeps_the_file_s_line_endings(text: str) -> None:
    new = prove_by_execution(text)
    assert "\n" not in new.replace("\r\n", "")
    assert not new.endswith("\n")


WAITING = "# %%\ndef test_a():\n    return 1\n\n# %%\nok = test_a()\n\n# %%\n"


def test_a_name_is_kept_for_a_use_that_no_selected_rule_will_guard() -> None:
    text = WAITING + "assert ok\n"
    only_calls = Settings(select=("IMP001",))
    assert fixed(text, only_calls) == text
    (diagnostic,) = diagnostics(text, only_calls)
    assert "line 9 needs ok" in diagnostic.message
    prove_by_execution(text)


@pytest.mark.parametrize(
    "torn",
    [
        "print('a') \\\n   ;y=3\n",
        "print('a'); \\\ny=3\n",
        "print('a'); \\\nprint('b')\n",
        "x=1; \\\nprint('a')\n",
        "print('a') \\\n\n",
    ],
    ids=ascii,
)
def test_what_a_backslash_continues_is_left_and_the_rest_is_mended(torn: str) -> None:
    assert fixed(f"{torn}\n# %%\nprint('c')\n") == (
        f"{torn}\n# %%\nif __name__ == \"__main__\":\n    print('c')\n"
    )


@pytest.mark.parametrize(
    "use",
    ["if ok: N = 1; assert ok\nM = N\n", "if ok:\n    # %% torn\n    assert ok\n"],
    ids=["on the line of its block", "in a torn cell"],
)
def test_a_name_is_kept_for_a_use_that_cannot_be_guarded(use: str) -> None:
    text = WAITING + use
    assert fixed(text) == text
    assert run(fixed(text), "some_module").error == ""
