"""A grammar of statements: whatever may stand at the top level of a cell, and never fails there."""

from __future__ import annotations

import io
import tokenize

from hypothesis import strategies as st

NAMES = ("a", "b", "größe", "data", "results")
#: Statements that never fail, whatever ran before them; ``{n}`` and ``{m}`` are names.
SIMPLE = (
    "print('{n}')",
    "print('é', '''two\n  lines of {n}''')  # about {n}",
    "{n} = 3",
    "{n} = [1, 2]  # a list",
    "{n}: int = 4",
    "{n} = ('one',\n    # inside\n    'two')",
    "x = 1; print('x is', x)",
    "assert True, 'never'",
    "import json",
    "import math as {n}",
    "'a string'",
    "pass",
    "test_one()",
    "ok = test_one()",
    "ok = helper(2) == 4",
    "helper(3)",
    "show()",
    "thing = Thing(5)",
    "thing = Thing(7); print(thing.double())",
    "Thing(1).double()",
    "print('n' + \\\n  'm')",
    "print(f'{{1 + 1}} {n}')",
    "[print(i) for i in (1, 2)]",
    "print('{n}' in globals())",
    "SEEN.append('{n}')",
    "SETTINGS['{n}'] = 1",
    "print(len(SEEN), sorted(SETTINGS))",
    "print(globals().get('{n}', 'no {m}') is None)",
    "{n}, {m} = 1, 2",
    "f = lambda: SEEN",
    # The names below all stand in the first cell, so that reading them is no error at first.
    "print({n})",
    "print({n}, {m})",
    "{n} = {m}",
    "{n}, {m} = {m}, {n}",
    "{n} = [{n}]",
    "del {n}",
    "{n}: int",
    "{n} or ({m} := 4)",
    "[({m} := i) for i in [{n}]]",
    "g = lambda: {n}",
    "print(callable(g))",
    "print((lambda: {n})())",
    "print(callable(helper), Thing(3).double())",
)
BLOCKS = (
    "for i in range(2):\n{body}",
    "for {n} in [1, 2]:  # loop\n{body}",
    "if 1 < 2:\n{body}\nelse:\n    {m} = 5",
    "if 2 < 1:\n    pass\nelif True:\n{body}",
    "try:\n{body}\nexcept ValueError as error:\n    print(error)\nfinally:\n    pass",
    "try:\n    {n} = int('7')\n{body}\nexcept ValueError:\n    {n} = 0",
    "try:\n    import json\n{body}\nexcept ImportError:\n    json = None",
    "import contextlib\nwith contextlib.suppress(KeyError):\n{body}",
    "with open(__file__) if False else __import__('io').StringIO('t') as stream:\n{body}",
    "while True:\n{body}\n    break",
    "if __name__ == '__main__':\n{body}",
    "if '__main__' == __name__ and True:\n{body}",
    "if __name__ != '__main__':\n    pass\nelse:\n{body}",
    "if 'test_one' in globals():\n{body}",
    "for t in [test_one]:\n    t()\n{body}",
    "for {n} in []:\n    pass\nelse:\n{body}",
    "while not SEEN:\n    break\nelse:\n{body}",
    "try:\n    int('x')\nexcept ValueError as {n}:\n{body}",
    "try:\n{body}\nfinally:\n    print({m})",
    "def g():\n    return {n}\n{flat}",
    "class Inner{k}:\n    size = 3\n{body}",
    "match 3:\n    case 3:\n        {n} = 'three'\n{deeper}",
)
DEFINITIONS = (
    "def function_{k}():\n    # says something\n    print('in {k}')\n    return SEEN",
    "def function_{k}(x=len('abc')):\n    '''Doc\n      of {k}.\n    '''\n    return x",
    "def function_{k}():\n    return {n}",
    "def test_{k}():\n    print('test {k}')\n    assert helper(1) == 2",
    "@decorate\ndef function_{k}():\n    {n} = 3\n    return {n}",
    "class Class{k}:\n    '''Doc.'''\n\n    def method(self):\n        print('method')",
    "def function_{k}():\n    global {n}\n    {n} = 8",
    "async def function_{k}():\n    print('never')",
)
LEADING = ("", "", "# a comment\n", "\n", "\n\n# é: ✓\n# two\n", "#\n\n")
HEADINGS = ("", "# %% [markdown]\n# ## Überblick of it\n\n", "# %% [markdown]\n# text\n")
MARKERS = ("# %%\n", "# %%\n", "# %% [code]\n", "# %%\n#| export\n", "# %% title\n", "#%%\n")
PRELUDE = """\
# %%
SEEN = []
SETTINGS = {}
a = b = größe = data = results = 0
g = print
def helper(n):
    return n * 2
def show():
    # shows
    print('shown')
def decorate(f):
    return f
def test_one():
    print('test one')
    return True
class Thing:
    def __init__(self, size):
        self.size = size
    def double(self):
        return self.size * 2

"""
#: The same with the test in a graded cell of its own.
GRADED_PRELUDE = PRELUDE.replace(
    "def test_one",
    '\n# %% nbgrader={"grade": true, "grade_id": "test-one", "locked": true, "points": 5,'
    ' "schema_version": 3, "solution": false}\ndef test_one',
).replace("class Thing", "if __name__ == '__main__':\n    test_one()\n\n# %%\nclass Thing")


def _indented(text: str, by: str) -> str:
    """``text`` one level deeper; lines that continue a string keep theirs."""
    starts = logical_starts(text)
    lines = text.split("\n")
    return "\n".join(by + line if n in starts and line else line for n, line in enumerate(lines, 1))


def logical_starts(text: str) -> set[int]:
    """The lines of ``text`` that may be indented: those outside strings; none of a broken one."""
    free = set(range(1, len(text.split("\n")) + 1))
    try:
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            if token.type == tokenize.STRING:
                free -= set(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        return set()
    return free


def _named(draw: st.DrawFn, template: str, **parts: str) -> str:
    for key, value in parts.items():
        template = template.replace("{" + key + "}", value)
    for key in ("n", "m"):
        template = template.replace("{" + key + "}", draw(st.sampled_from(NAMES)))
    return template.replace("{{", "{").replace("}}", "}")


@st.composite
def simple(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(LEADING)) + _named(draw, draw(st.sampled_from(SIMPLE)))


@st.composite
def block(draw: st.DrawFn, depth: int = 0) -> str:
    inner = simple() if depth else st.one_of(simple(), simple(), block(depth=1))
    body = "\n".join(draw(st.lists(inner, min_size=1, max_size=3)))
    indent = "    "
    return draw(st.sampled_from(LEADING)) + _named(
        draw,
        draw(st.sampled_from(BLOCKS)),
        body=_indented(body, indent),
        flat=body,
        deeper=_indented(_indented(body, indent), indent),
        k=str(draw(st.integers(1, 3))),
    )


@st.composite
def definition(draw: st.DrawFn) -> str:
    return _named(draw, draw(st.sampled_from(DEFINITIONS)), k=str(draw(st.integers(1, 4))))
