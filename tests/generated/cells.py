"""A grammar of course cells: what teachers write, with every fault that a rule knows.

Each strategy gives the text of one cell, marker included. What it binds is new to the
module where its ``k`` is, so that cells can stand in any order; what runs does not fail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import strategies as st

Grading = Mapping[str, object]

_ROLES: dict[str, Grading] = {
    "solution": {"grade": False, "locked": False, "schema_version": 3, "solution": True},
    "test": {"grade": True, "locked": True, "points": 5, "schema_version": 3, "solution": False},
    "read-only": {"grade": False, "locked": True, "schema_version": 3, "solution": False},
    "manual": {"grade": True, "locked": False, "points": 3, "schema_version": 3, "solution": True},
    "nothing": {"grade": False, "locked": False, "schema_version": 3, "solution": False},
}
#: What people leave out, or write, instead of what the schema asks for.
_FLAWS: tuple[Grading, ...] = (
    {"schema_version": None},
    {"schema_version": None, "locked": None},
    {"locked": None},
    {"solution": None, "schema_version": None},
    {"points": None},
    {"points": "5"},
    {"points": -1},
    {"grade_id": "has a blank"},
    {"grade_id": "test-one"},  # the id of a cell of the prelude
    {"grade_id": "test-one"},
    {"grade": "true"},
    {"name": "unknown"},
    {"schema_version": 1},
    {"locked": False},
    {"locked": True},
    {"checksum": "short"},
    {"task": True},
)
_OTHER_OPTIONS = ("", "", "", ' tags=["a"]', ' name="cell"')
_ENDS = ("\n", "\n", "\n\n", "\n# the end\n", "\n\n    # deep\n\n")


@st.composite
def metadata(draw: st.DrawFn, role: str, k: int) -> str:
    """The ``nbgrader=…`` of a marker, right half of the time."""
    grading: dict[str, object] = {"grade_id": f"{role}-{k}", **_ROLES[role]}
    if draw(st.booleans()):
        grading |= draw(st.sampled_from(_FLAWS))
    grading = {key: value for key, value in grading.items() if value is not None}
    text = json.dumps(grading)
    spelling = draw(st.integers(0, 19))
    if spelling == 0:
        text = repr(grading)  # Python's literals, which jupytext reads too
    elif spelling == 1:
        text = text.replace('"', "'")  # neither JSON nor Python
    elif spelling == 2:
        text = text[:-1] + ",}"
    return f"nbgrader={text}"


@st.composite
def marker(draw: st.DrawFn, role: str, k: int, kind: str = "") -> str:
    """A marker line with grading metadata; now and then one that jupytext reads otherwise."""
    options = draw(metadata(role, k)) + draw(st.sampled_from(_OTHER_OPTIONS))
    spelling = draw(st.integers(0, 29))
    if spelling == 0 and not kind:
        return f"# %%{options}\n"
    if spelling == 1 and kind:
        return f"# %% {options} {kind}\n"
    if spelling == 2 and kind:
        return f"# %% {kind.upper()} {options}\n"
    start = draw(st.sampled_from(("# %%", "# %%", "# %%", "#%%", "# %% A title")))
    return " ".join(part for part in (start, kind, options) if part) + "\n"


#: An answer that is long enough to be known again where it stands elsewhere.
_LONG = (
    "low = min(n, 3)\n    high = max(n, 5)\n    total = low * high + n\n"
    "    return total // 2 if total > low else high"
)
#: Bodies of solution functions; each returns a number, and holds comments and strings.
_BODIES = (
    f"{{B}}\n    {_LONG}\n{{E}}",
    "{B}\n    # the answer é\n    return 2 * n\n{E}",
    "{B}\n    size = '''two\n  lines'''\n    return n + len(size)\n{E}",
    "{B}\n    # TODO: think of zero\n    return n\n{E}",
    "if n < 0:\n        {B}\n        return -n\n        {E}\n    return n",
    "{B}\n    if n:\n        return n\n    {E}\n    else:\n        return 0",
    "{B}\n    # HINT: look it up\n    half = n // 2\n    return half\n    {E}\n    return 1",
    "{B}\n    return n\n{E}\n    {B}\n    return n + 1\n{E}",
    "{B}\n    {B}\n    return n\n{E}",
    "{B}\n    return n",
    "return n\n{E}",
    "{B} {E}\n    return n",
    "x = n  {B}\n    return x\n{E}",
    "return n  # no region",
    "return n",
)
_BEGINS = ("### BEGIN SOLUTION",) * 6 + (
    "# begin solution",
    "### BEGIN_SOLUTION",
    "# BEGIN SOLUTON",
)
_SIGNATURES = (
    "(n)",
    "(n)",
    "(n: int) -> int",
    "(n: int) -> None",
    "(n: any) -> any",
    "(n, show: callable = print)",
    "(n: int = 3) -> str",
)
_DOCSTRINGS = (
    "",
    '    """Twice n."""\n',
    '    """\n    Twice n.\n\n    TODO: Implement it.\n\n    HINTS:\n    - multiply\n    """\n',
)
_DIRECTIVES = (
    "",
    "",
    "",
    "#| export\n",
    "#| export\n",
    "#| exprot\n",
    "#|export\n",
    "# a note\n#| export\n",
)


@st.composite
def solution(draw: st.DrawFn, k: int) -> str:
    """A cell in which the student is to write a function; often its test stands behind it."""
    body = draw(st.sampled_from(_BODIES + _BODIES[:6] * 2 + _BODIES[:1] * 8))
    begin = draw(st.sampled_from(_BEGINS))
    end = begin.replace("BEGIN", "END").replace("begin", "end").replace("SOLUTON", "SOLUTION")
    # The region of a body that begins at the left stands at the body's own indent.
    body = body.replace("\n{E}", "\n    {E}").replace("{B}", begin).replace("{E}", end)
    if "SOLUTION SOLUTION" in body:
        body = "return n"
    role = draw(st.sampled_from(("solution",) * 6 + ("test", "read-only", "nothing", "manual")))
    text: str = draw(marker(role, k)) if draw(st.integers(0, 5)) else "# %%\n"
    text += draw(st.sampled_from(_DIRECTIVES))
    text += f"def answer_{k}{draw(st.sampled_from(_SIGNATURES))}:\n"
    text += draw(st.sampled_from(_DOCSTRINGS)) + f"    {body}\n"
    behind = f"\n\n{draw(_test(k))}" if draw(st.integers(0, 3)) == 0 else ""
    if _LONG in body and draw(st.booleans()):
        behind += f"\n\n# %%\ndef renamed_{k}(n):\n    {_LONG}\n"
    return f"{text}{behind}{draw(st.sampled_from(_ENDS[:3]))}"


_TEST_BODIES = (
    "    assert callable(answer_{k})\n",
    "    # checks é\n    assert callable(answer_{k}), '''not\n  there'''\n"
    "    print('✅ test {k}')\n",
    "    print('🔬 Unit test: {k}')\n    assert answer_{k}\n    return True\n",
)
_CALLS = ("",) * 7 + (
    "\nunit_{k}()\n",
    "\nunit_{k}()  # run it\n",
    "\n# Run at once\nunit_{k}()\nprint('done')\n",
    "\nif __name__ == '__main__':\n    unit_{k}()\n",
    "\nif __name__ == '__main__':\n    unit_{k}()\n    print('all well')\n",
    "\ntry:\n    unit_{k}()\nexcept AssertionError:\n    print('no')\n",
)


@st.composite
def _test(draw: st.DrawFn, k: int) -> str:
    body = draw(st.sampled_from(_TEST_BODIES))
    call = draw(st.sampled_from(_CALLS))
    return f"def test_unit_{k}():\n{body}{call}".replace("unit_{k}()", "test_unit_{k}()").replace(
        "{k}", str(k)
    )


@st.composite
def graded(draw: st.DrawFn, k: int) -> str:
    """A cell with a test, mostly graded; what it tests may be missing."""
    role = draw(st.sampled_from(("test",) * 5 + ("nothing", "read-only", "solution")))
    text: str = draw(marker(role, k)) if draw(st.integers(0, 4)) else "# %%\n"
    text += draw(st.sampled_from(("", "", "", "", "#| export\n")))
    text += f"answer_{k} = globals().get('answer_{k}', len)\n" * draw(st.integers(0, 1))
    text += draw(_test(k))
    text += draw(st.sampled_from(("", "", "\n1\n", "\nfloat('0.5')\n", "\nTrue\n")))
    return text + draw(st.sampled_from(_ENDS))


_SETUPS = (
    "import math\nimport sys\n",
    "#| default_exp core.module_{k}\n#| export\nimport math\n",
    "import math\n#| export\n",
    "#| export\n# %matplotlib inline\nimport math\n",
    "#| export\n# !pip install x\nimport math\n",
    "#| export\nimport math\n\n#| default_exp core.late_{k}\n",
    "LIMIT_{k} = 3\n",
    "#| default_exp core/path_{k}.py\n#| export\nimport math\n",
    "import math\nfrom typing import List\n\nprint('✅ imports complete')\n",
    "import os\nos.environ.setdefault('COURSE_{k}', '1')\n",
)


@st.composite
def setup(draw: st.DrawFn, k: int) -> str:
    """Imports and constants, as solution cells (which nbgrader wipes), graded or plain."""
    role = draw(st.sampled_from(("solution", "read-only", "nothing", "")))
    start: str = draw(marker(role, k)) if role else "# %%\n"
    body = draw(st.sampled_from(_SETUPS)).replace("{k}", str(k))
    return f"{start}{body}{draw(st.sampled_from(_ENDS[:3]))}"


_DEFINITIONS = (
    "def show_{k}(n) -> None:\n    print('shows', n)\n\nvalue_{k} = show_{k}(3)\n",
    "def prints_{k}(n):\n    print('prints', n)\n\nprint(prints_{k}(3) is None)\n",
    "def pair_{k}() -> int:\n    return 1, 2\n",
    "def noted_{k}() -> None:\n    return 'a string'\n",
    f"def answer_{{j}}(n):\n    {_LONG}\n",
    "def late_{k}():\n    return missing_{k}\n",
    "def same_{k}(n):\n    return n\n\ndef same_{k}(n, m):\n    return n, m\n",
    "def wide_{k}(n: any) -> any:\n    # keeps é\n    return n\n",
    "def takes_{k}(n):\n    return n\n\ndef calls_{k}():\n    return takes_{k}(1, 2)\n",
    "def told_{k}(n):\n    '''Told.\n\n    Args:\n        m: what\n    '''\n    return n\n",
    "#| export\nclass Box_{k}:\n    def get(self):\n        return helper(2)\n",
    "#| export\ndef lends_{k}():\n    return answer_{k}\n",
    "# copy the weights\nrow_{k} = [1]\n",
    "#| export\n# cat one two\nrow_{k} = [1]\n",
    "# ls all files\nrow_{k} = [1]\n# Why?\n",
    "def block_{k}():\n    total = 0\n    # %% the loop\n    return total\n",
    "def block_{k}():\n    total = 0\n    # %% the loop\n    return total\n",
    "def analyze_{k}():\n    print('analysis {k}')\n\nanalyze_{k}()\n",
    "def demo_{k}():\n    '''Shows.'''\n    print('demo {k}')\n\n\ndemo_{k}()\n",
    "print('🚀 starting {k}')\n",
    "#| export\ndef test_shipped_{k}():\n    assert True\n",
    "answer_{k} = globals().get('answer_{k}')\n",
)


@st.composite
def definitions(draw: st.DrawFn, k: int) -> str:
    """A plain cell that holds one more thing that teachers write."""
    start = draw(st.sampled_from(("# %%\n", "# %%\n", "# %% [code]\n", "# %% Part\n")))
    body = (
        draw(
            st.sampled_from(
                _DEFINITIONS + _DEFINITIONS[:5] + _DEFINITIONS[8:10] + _DEFINITIONS[15:17]
            )
        )
        .replace("{k}", str(k))
        .replace("{j}", str(k - 1))
    )
    return f"{start}{body}\n"


_TEXTS = (
    '"""\n## Part {k}: the é of it\n\nWords, and `code`.\n"""\n',
    "# ## Part {k}\n#\n# Words.\n",
    '"""\nA text.\n"""\nhidden_{k} = 3\n',
    "# A question: what is {k}?\n",
    "hidden_{k} = [1, 2]\nprint(hidden_{k})\n",
)
_TEXT_MARKERS = ("# %% [markdown]\n",) * 5 + (
    "# %%[markdown]\n",
    "# %% [Markdown]\n",
    "# %% [md]\n",
)


@st.composite
def text(draw: st.DrawFn, k: int) -> str:
    """A Markdown cell, with a role now and then."""
    body = draw(st.sampled_from(_TEXTS[:2] * 4 + _TEXTS)).replace("{k}", str(k))
    start: str = draw(st.sampled_from(_TEXT_MARKERS))
    if draw(st.integers(0, 5)) == 0:
        role = draw(st.sampled_from(("manual", "solution", "test", "read-only")))
        start = draw(marker(role, k, "[markdown]"))
    return f"{start}{body}\n"


#: Cells that Python cannot read: nothing of the module runs then.
BROKEN = ("# %%\ndef broken(:\n    pass\n", "# %%\nprint('open'\n", "# %%\nreturn 3\n")
HEADERS = (
    "",
    "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       extension: .py\n"
    "#       format_name: percent\n#   kernelspec:\n#     name: python3\n# ---\n\n",
    "# a course\n# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n",
    "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       extension: .py\n"
    "#       format_name: light\n# ---\n\n",
    "#| default_exp core.above\n\n",
)


def course_cell(k: int) -> st.SearchStrategy[str]:
    """Any cell of a course; ``k`` makes its names its own."""
    return st.one_of(solution(k), solution(k), graded(k), setup(k), definitions(k), text(k))
