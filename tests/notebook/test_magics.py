"""IPython's own lines: what is no Python is masked, line for line, and IPython is the judge."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from modlint.notebook.magics import masked, unmasked
from support import how_many

#: Cells that are Python but for lines of IPython.
CELLS = [
    "%matplotlib inline\nimport numpy as np\n",
    "!pip install numpy\nx = 1",
    "!echo it's \"here\nx = 1\n",
    "x = 1\nx?\n",
    "?x\nx = 1",
    "np.zeros??",
    "??np.zeros",
    "%timeit?",
    "%%timeit?",
    "a.b[0]?",
    "*int*?",
    "files = !ls\nprint(files)",
    "a, b = !ls",
    "here = %pwd\n",
    "x.y = %pwd",
    "x[0] = !ls",
    "def f():\n    %time g()\n    return 1\n",
    "def f():\n    x = !ls\n    return x\n",
    "if True:\n\t!ls\n",
    "!ls \\\n  -l\nx = 1\n",
    "%run a.py \\\n  --deep \\\n  --more\nx = 1",
    'x = """\n%matplotlib inline\n!ls\n"""\n!ls\n',
    "x = [\n    1,\n    5\n    %3,\n]\n!ls\n",
    "x = 5 \\\n  %3\n!ls\n",
    "# %matplotlib inline\n# what?\nx = 1\n!ls",
    "x = 1  # why?\n!ls\n",
    "x = 'why?'\n!ls\n",
    's = "don\'t"\n!ls\n',
    "%lsmagic",
    "%load_ext autoreload\n%autoreload 2\n\nimport a\n",
    "!!ls\nx = 1",
    "%config InlineBackend.figure_format = 'retina'\n",
    "%%time\nx = 1\n",
    "x = {\n 'a': 1}\nx?\n",
    "for i in range(3):\n    !echo {i}\n    print(i)\n",
    "@dec\ndef f(): pass\n%time f()\n",
    "x = 1; y = 2\n%time x\n",
    "x = 1\r\n!ls\r\ny = 2\r\n",
    "print(1)\n\n\n%time\n\n",
    "r = !ls -la | grep 'x'\n",
    "!cat <<EOF\nx = 1\n",
    "f'{x}'\n!ls\n",
    "x = '''a\\'''b'''\n!ls\n",
    "y = (7\n%3)\n!ls\n",
    "!echo (\nx = 1\n",
    "if True:\n    %%time\nx = 1\n",
]
#: Statements and magics of one line that may follow one another in any order.
LINES = st.sampled_from(
    [
        "x = 1", "print('hi')", "# a comment?", "", "s = \"it's\"", "t = '''a\n%b\n!c\n'''",
        "y = [1,\n    2]", "z = 5 \\\n    + 3", "def f():\n    return 1", "if x:\n    %time f()",
        "if x:\n    y = !ls\n    print(y)", "for i in x:\n    !echo $i", "class A:\n    b = 1",
        "%time f()", "%matplotlib inline", "!ls -l", "!echo it's", "!ls \\\n  -a",
        "x?", "?print", "np.zeros??", "files = !ls", "p = %pwd", "%timeit -n 3 f(x)  # why?",
        "!!ls", "w = x % 3", "v = x\n", "q = (x\n  % 3)", "n = not x != 1", "a, b = !ls",
        "%run a.py \\\n   b", "g = \"\"\"x?\"\"\"", "!echo \"\"\"", "h = f\"{x!r}\"", "u = x # %",
    ]
)  # fmt: skip


def statements(source: str) -> list[str]:
    """The statements as syntax trees, IPython's own made plain: ``pass``, or a bound None."""
    tree = _Plain().visit(ast.parse(source))
    return [ast.dump(node) for node in tree.body]


class _Plain(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return ast.Pass() if _is_ipython(node.value) else node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if _is_ipython(node.value):
            node.value = ast.Constant(None)
        return node


def _is_ipython(node: ast.expr) -> bool:
    return ast.unparse(node).startswith("get_ipython()")


def judged(source: str) -> list[str] | None:
    """What IPython makes of a cell; None where even that is no Python."""
    try:
        return statements(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return None


def assert_as_ipython_reads(source: str) -> None:
    shown = masked(source)
    assert unmasked(shown) == source
    assert shown.count("\n") == source.count("\n")
    meant = judged(source)
    if meant is not None:
        assert statements(shown) == meant


@pytest.mark.parametrize("source", [c for c in CELLS if not c.startswith("%%")])
def test_a_cell_is_read_as_ipython_reads_it(source: str) -> None:
    assert judged(source) is not None
    assert_as_ipython_reads(source)


@pytest.mark.parametrize(
    ("magic", "is_python"),
    [
        ("%%time", True),
        ("%%timeit -n 3", True),
        ("%%capture out", True),
        ("\n%%time", True),
        ("%%bash", False),
        ("%%html", False),
        ("%%writefile a.py", False),
        ("%%javascript", False),
    ],
)
def test_the_cell_of_a_cell_magic_is_python_or_it_is_not(magic: str, is_python: bool) -> None:
    source = f"{magic}\nx = 1\n%time y\nprint(x)\n"
    shown = masked(source)
    assert unmasked(shown) == source
    meant = statements("x = 1\npass\nprint(x)\n") if is_python else []
    assert statements(shown) == meant


def test_a_text_that_holds_the_mask_already_is_left_alone() -> None:
    source = "x = 1  # ipython: !ls\n!ls\n"
    assert masked(source) == source


@settings(max_examples=how_many(100, 1000), deadline=None)
@given(st.lists(LINES, min_size=1, max_size=8), st.sampled_from(["\n", "\n\n"]), st.booleans())
def test_any_mixture_is_read_as_ipython_reads_it(
    lines: list[str], between: str, is_ended: bool
) -> None:
    assert_as_ipython_reads(between.join(lines) + "\n" * is_ended)


@settings(max_examples=how_many(100, 1000), deadline=None)
@given(st.text(alphabet="ab =%!?#'\"\\()[]{}\n\t,.:\r", max_size=40))
def test_no_text_is_lost(source: str) -> None:
    assert unmasked(masked(source)) == source
    assert len(masked(source).split("\n")) == len(source.split("\n"))
