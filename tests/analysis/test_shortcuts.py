"""What a rule passes over at a glance, it would not report at a closer look either."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated.modules import courses, scripts
from modlint.analysis import exports, runs, scopes, trees
from modlint.analysis.calls import calls_in
from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.parsing import SyntaxProblem, is_prose, parse
from modlint.linting import lint
from modlint.notebook import directives, reading, regions
from modlint.rules.cells import cel006_code_in_markdown, cel008_syntax_error
from modlint.rules.grading import (
    _answers,
    _labels,
    _regions,
    _tests,
    nbg007_unbalanced_region,
    nbg008_region_outside_solution,
    nbg013_score_hazard,
    nbg014_hint_in_solution,
    nbg018_hidden_definition,
)
from modlint.rules.signatures import _targets, sig003_builtin_as_type, sig005_none_result_used
from modlint.settings import Settings
from support import how_many

ROOT = Path(__file__).parents[2]
#: The lines of a solution cell, each at a depth of its own.
LINES = (
    "### BEGIN SOLUTION", "### END SOLUTION", "# begin solution", "# END_SOLUTION",
    "#BEGN SOLUTION", "x = 1  ### END SOLUTION", "'''### BEGIN SOLUTION", "### END SOLUTION'''",
    "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "def f(a):", "async def g():", "class C:",
    "for i in range(3):",
    "while True:", "try:", "except ValueError:", "finally:", "else:", "if x:", "elif y:",
    "return 1", "return", "yield x", "break", "continue", "nonlocal x", "global x", "pass", "x = 1",
    "x = (", ")", "# TODO: think", "'''HINTS'''", "", "@decorated", "y = f(x)", "self.f(1)", "f(2)",
    "match x:", "case 1:", "case _:", "from __future__ import annotations", "#| export",
)  # fmt: skip
METADATA = (
    '# %% nbgrader={"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, '
    '"solution": true}'
)


def examples() -> Iterator[str]:
    """The code of every page, and the modules of the fixtures."""
    for page in sorted((ROOT / "rules").glob("*.md")):
        yield from re.findall(r"^```python[^\n]*\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    for path in sorted((ROOT / "fixtures").rglob("*_dev.py")):
        yield path.read_text("utf-8")


#: Python that a region may be put into, anywhere.
PYTHON = (
    'def f(a):\n    """Do.\n\n    TODO: more\n    """\n    for i in a:\n        if i:\n'
    "            continue\n        # about\n        yield i\n    else:\n        return\n",
    "class C:\n    async def g(self, x):\n        try:\n            await x\n"
    "        except E:\n            return 1\n        finally:\n            x = 2\n\n"
    "    @property\n    def h(self): return 3\n",
    "x = 1\nwhile x:\n    match x:\n        case 1:\n            break\n        case _:\n"
    "            x = [\n                2,\n            ]\nelse:\n    pass\n",
    "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2; y = 3\n    return g\n",
    "if a:\n    b = '''one\n    two'''\nelif c:\n    d()\nelse:\n    with e() as b:\n        b()\n",
)


@st.composite
def solutions(draw: st.DrawFn) -> str:
    """A solution cell: lines that may or may not make Python, or Python with a region in it."""
    if draw(st.booleans()):
        parts = draw(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(LINES)), max_size=14))
        lines = ["    " * depth + line for depth, line in parts]
    else:
        lines = draw(st.sampled_from(PYTHON)).splitlines()
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
        depths = st.integers(0, 3).map(lambda depth: "    " * depth)
        lines.insert(last, draw(depths) + "### END SOLUTION")
        lines.insert(first, draw(depths) + "### BEGIN SOLUTION")
    return "\n".join([METADATA, *lines, ""])


def found(text: str) -> list[tuple[object, ...]]:
    """All that is reported of a module; nothing is remembered from before."""
    for remembered in (regions._near_misses_in, regions._delimiters, directives._leading):
        remembered.cache_clear()
    trees.forget()
    return [
        (d.code, d.start, d.end, d.message, d.fix and (d.fix.message, d.fix.applicability))
        for d in lint(reading.read(text.encode()), Settings())
    ]


def found_the_long_way(text: str) -> list[tuple[object, ...]]:
    """The same with every shortcut closed."""
    anything = re.compile("^", re.MULTILINE)
    any_line = re.compile("\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regions, "_MAY_BE_MEANT", any_line)
        patch.setattr(regions, "_TEXT_MAY_BE_MEANT", any_line)
        patch.setattr(regions, "is_delimiter", lambda t, *_: bool(regions._DELIMITER.search(t)))
        patch.setattr(directives, "_ANY_DIRECTIVE", anything)
        patch.setattr(_regions, "_hide_statements", lambda *_: False)
        patch.setattr(nbg007_unbalanced_region, "_is_comment", lambda _: False)
        patch.setattr(nbg014_hint_in_solution, "_MAY_GUIDE", anything)
        patch.setattr(nbg007_unbalanced_region, "misses_of", lambda *_: True)
        patch.setattr(nbg008_region_outside_solution, "is_delimiter", lambda *_: True)
        patch.setattr(nbg018_hidden_definition, "is_delimiter", lambda *_: True)
        patch.setattr(nbg013_score_hazard, "may_write", lambda _: True)
        patch.setattr(_answers, "shape_of", lambda _: ())
        patch.setattr(_tests, "_RUNNERS_SAY", ("",))
        patch.setattr(sig003_builtin_as_type, "_WORDS", (anything,))
        patch.setattr(_targets, "_may_assign", lambda *_: True)
        patch.setattr(sig005_none_result_used, "_may_use", lambda *_: True)
        patch.setattr(scopes, "_COMPILES", ())
        patch.setattr(scopes, "_METHODS", scopes._Methods())
        for module in (cel006_code_in_markdown, cel008_syntax_error, exports):
            patch.setattr(module, "is_prose", lambda _: False)
        patch.setattr(runs, "acting_units", lambda module: module.parsed_units)
        return found(text)


def test_the_examples_say_the_same_the_long_way() -> None:
    texts = list(examples())
    assert len(texts) > 50
    for text in texts:
        assert found(text) == found_the_long_way(text), text


@settings(deadline=None, max_examples=how_many(40, 100), suppress_health_check=list(HealthCheck))
@given(st.one_of(scripts(), courses()))
def test_generated_modules_say_the_same_the_long_way(text: str) -> None:
    assert found(text) == found_the_long_way(text)


@settings(deadline=None, max_examples=how_many(120, 500), suppress_health_check=list(HealthCheck))
@given(solutions())
def test_generated_solutions_say_the_same_the_long_way(text: str) -> None:
    assert found(text) == found_the_long_way(text)


@pytest.mark.parametrize(
    ("inside", "hides"),
    [
        ("    ### BEGIN SOLUTION\n    y = 1\n    return y\n    ### END SOLUTION\n", True),
        ("    # why\n    ### BEGIN SOLUTION\n    # so\n    return 1\n    ### END SOLUTION\n", True),
        ("    ### BEGIN SOLUTION\n    for y in x:\n    ### END SOLUTION\n        pass\n", False),
        ("  ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n", False),
        ("    try:\n        y = 1\n        ### BEGIN SOLUTION\n    except E:\n        y = 2\n"
         "        ### END SOLUTION\n", False),
        ("    y = 1  ### BEGIN SOLUTION\n    return y\n    ### END SOLUTION\n", False),
        ("    '''### BEGIN SOLUTION\n    '''\n    return 1\n    ### END SOLUTION\n", False),
        ("    ### BEGIN SOLUTION\n    nonlocal x\n    return 1\n    ### END SOLUTION\n", False),
    ],
)  # fmt: skip
def test_which_regions_surely_leave_valid_python(inside: str, hides: bool) -> None:
    text = f"def f(x):\n{inside}"
    pairs = _regions.structure_of(text, regions.RegionKind.SOLUTION, {}).regions
    tree = ast.parse(text.replace("nonlocal", "global z,"))
    assert _regions._hide_statements(text, tree, pairs) is hides


@pytest.mark.parametrize(
    ("line", "may"),
    [
        ("a.fit = b", True),
        ("a.b, a.fit = c", True),
        ("del a.fit, a.b", True),
        ("(a.  # why\n  fit) = b", True),
        ("a. \\\n  fit: int = 1", True),
        ("for a.fit in b(c): pass", True),
        ("setattr(a, 'fit', b)", True),
        ("a.\N{LATIN SMALL LIGATURE FI}t = b", True),
        ("a.fit(b)\nfit = a.other", False),
        ("a.fit_all = a.refit", False),
    ],
)
def test_which_code_may_assign_an_attribute(line: str, may: bool) -> None:
    ast.parse(line)
    assert _targets._may_assign(line, {"fit"}) is may


def _statements(depth: int) -> st.SearchStrategy[str]:
    """Statements of few words, so that many are alike."""
    leaf = st.sampled_from(["a", "b", "List", "Call", "1", "None", "'s'", "[]", "str"])
    parts = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({' '.join(p)})"),
            st.tuples(inner, st.sampled_from(["<", "==", "< 1 <"]), inner).map(
                lambda p: f"({' '.join(p)})"
            ),
            inner.map(lambda p: f"({p}).x"),
            st.lists(inner, max_size=2).map(lambda p: f"f({', '.join(p)})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}]"),
            st.lists(inner, max_size=2).map(lambda p: f"[{', '.join(p)}]"),
            inner.map(lambda p: f"g(k={p})"),
            inner.map(lambda p: f"(-{p})"),
        ),
        max_leaves=depth,
    )
    return st.one_of(
        st.tuples(st.sampled_from(["a = ", "a = b = ", "a.x = ", "a += ", "return ", ""]), parts)
        .map("".join),
        parts.map(lambda p: f"if {p}: pass"),
        parts.map(lambda p: f"for a in {p}: pass"),
        parts.map(lambda p: f"assert {p}"),
    )  # fmt: skip


@settings(deadline=None, max_examples=how_many(100, 300))
@given(st.lists(_statements(3), min_size=1, max_size=8))
def test_statements_of_the_same_labels_have_the_same_shape(lines: list[str]) -> None:
    nodes = ast.parse("\n".join(lines)).body
    for known in (set(), {"a"}, {"a", "b", "List", "Call", "str", "f", "g"}):
        shapes: dict[str, tuple[object, ...]] = {}
        for node in nodes:
            line = _labels.line_of(node, known)
            assert shapes.setdefault(line.text, _labels.shape_of(node)) == _labels.shape_of(node)
            assert _labels.size_of(node) == line.size
            if _labels.shape_of(node) in _labels.SMALL:
                assert line.size <= _labels.SMALL_SIZE


def test_a_walk_finds_what_ast_finds() -> None:
    for text in examples():
        for unit in Module(reading.read(text.encode()), Settings()).parsed_units:
            assert unit.tree is not None
            for node in ast.walk(unit.tree):
                below = [
                    n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr_context)
                ]
                assert trees.children(node) == below
            everything = [n for n in ast.walk(unit.tree) if not isinstance(n, ast.expr_context)]
            assert list(trees.walk(unit.tree)) == everything


def test_the_names_of_a_function_tell_its_calls_and_yields() -> None:
    texts = 0
    for text in (*examples(), *PYTHON):
        tree = parse(text)
        if isinstance(tree, SyntaxProblem):
            continue
        texts += 1
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert sorted(map(id, scopes.names_of(tree.body).calls)) == sorted(map(id, calls))
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                own = trees.own_nodes(node.body)
                yields = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own)
                assert scopes.is_generator(node) is yields, text
    assert texts > 50


@settings(deadline=None, max_examples=how_many(200, 500))
@given(
    st.lists(
        st.sampled_from(
            [
                "# a",
                "#",
                "a",
                '"""',
                "'''",
                '"',
                " ",
                "\t",
                "\f",
                "\n",
                "\r",
                "\\",
                "\0",
                "\ud800",
                "é",
            ]
        ),
        max_size=9,
    ).map("".join)
)
def test_what_is_prose_at_a_glance_is_prose_to_python(text: str) -> None:
    tree = parse(text)
    if is_prose(text):
        assert isinstance(tree, ast.Module)
        assert all(isinstance(node, ast.Expr) for node in tree.body)
        assert all(isinstance(node.value, ast.Constant) for node in tree.body)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("# a\n\n  # b\n", True),
        ('\n"""\na\n"""\n\n', True),
        ("'''a\"'''", True),
        ("# a\nb", False),
        ("# a\n  b", False),
        (' """a"""', False),
        ('""""a""""', False),
        ('"""a"""\n"""b"""', False),
        ("# a\rb", False),
        ("# \ud800", False),
    ],
)
def test_what_a_glance_takes_for_prose(text: str, prose: bool) -> None:
    assert is_prose(text) is prose
    assert isinstance(parse(text), ast.Module | SyntaxProblem)


@pytest.mark.parametrize("text", ["a.b.c", "a", "f(x).b", "a[1].b", "'x'.join", "1 .real", "-a"])
def test_a_dotted_path_is_what_ast_writes(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert trees.dotted(node) == ast.unparse(node)


def test_the_blocks_of_a_statement_from_top_to_bottom() -> None:
    (node,) = ast.parse("try:\n  a\nexcept E:\n  b\nelse:\n  c\nfinally:\n  d\n").body
    assert [ast.unparse(block[0]) for block in trees.blocks_of(node)] == list("abcd")
    (function,) = ast.parse("@d\n@e\ndef f():\n  a\n  b\n").body
    assert isinstance(function, FunctionNode)
    assert (trees.first_line(function), trees.last_line(function)) == (1, 5)


class _Calls(cst.CSTVisitor):
    """The callees of calls that run, each with the names given to it, as LibCST meets them."""

    def __init__(self) -> None:
        self.found: list[tuple[str, set[str]]] = []

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        given = _Given()
        for argument in node.args:
            argument.value.visit(given)
        self.found.append((cst.Module([]).code_for_node(node.func), given.names))
        return True

    def visit_IfExp(self, node: cst.IfExp) -> bool:
        for part in (node.body, node.test, node.orelse):  # LibCST begins with the test
            part.visit(self)
        return False


class _Given(_Calls):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Call(self, node: cst.Call) -> bool:
        return False


@pytest.mark.parametrize(
    "text",
    [
        "a() if b() else c()", "a(b(), *c(), k=d(e()))", "{a(): b(), **c(), d(): e()}",
        "a(k=b(), *c(), **d())", "a(k=b(c(x), y), *d(z))",
        "[a() for b in c() if d()]", "a(x for x in b(y) if z)",
        "{a(): b() for c in d() for e in f()}", "a() < b() < c()", "x[a():b():c()]",
        "f'{a()} {b():{c()}}'", "print(f'{x} {y.z:{w}}')",
        "(y := a()) and not b()", "a().b(c)[d()]", "await a(b())", "lambda: a()", "a() + b() * c()",
        "'x' 'y'.join(a())", "(a(), [b()], {c()})", "print(*a(), sep=b())",
        "a(b.c, d[e], lambda x: y, f(g), [h, *i], {j: k, **m}, n if o else p, q := r)",
        "a[b()](c)(d).e(f)", "x = y = a(b)", "x: a() = b()", "x[a()] += b()", "assert a(), b()",
        "raise a() from b()", "del a()[b()], c().d",
    ],
)  # fmt: skip
def test_calls_are_found_in_the_order_of_the_text(text: str) -> None:
    node = cst.parse_module(text)
    visitor = _Calls()
    node.visit(visitor)
    assert [found.arguments for found in calls_in(node)] == [names for _, names in visitor.found]
    assert len(visitor.found) > 0 or "lambda" in text
    for found, (callee, _) in zip(calls_in(node), visitor.found, strict=True):
        if found.is_plain:
            assert found.path == callee


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Trainer().fit(model)", ["Trainer().fit", "Trainer"]),
        ("a[0].b(c)(d)", ["a[].b()", "a[].b"]),
        ("'x'.join(a)", [".join"]),
        ("(a or b)()", [""]),
    ],
)
def test_a_callee_is_told_as_a_path(text: str, paths: list[str]) -> None:
    assert [call.path for call in calls_in(cst.parse_expression(text))] == paths
