"""Statement rules: what they visit, in which order, and that their candidates miss nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings

from generated.modules import courses, scripts
from modlint.analysis import acts, nominate, syntax
from modlint.analysis.module import CodeUnit, DefinitionNode, Module, Statement
from modlint.diagnostics import Diagnostic, Severity
from modlint.linting import judged, lint
from modlint.linting.asking import found_by
from modlint.notebook.reading import read
from modlint.pages import page_of
from modlint.rules import all_rules
from modlint.rules.base import StatementRule
from modlint.settings import Settings
from support import how_many

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures").rglob("*.py"))
STATEMENT_RULES = [rule for rule in all_rules() if isinstance(rule, StatementRule)]
EVERY_KIND = """
x = a if b else c
class A(B, k=1):
    @d(1)
    # above
    async def f(self, a, /, *b, c: int = 3, **k) -> int:  # behind
        try: await x[1:2, ...]
        except E as e: pass
        else: y = {1: 2, **z, 3: [i async for i in q if i]}
        finally: f(*a, k=lambda x: x)
        # below
match a:
    case [1, {"a": x, **r}, C(y=2) as c, *_] if z: pass
from .. import (a as b, c,)
with (a as b, c): pass
for i in range(3):
    while not i: break
else:
    del a, b; assert c, d; global e
print(f"{a!r:{b}}" 'c', file=g, *h, **i)
"""


def _both(text: str) -> tuple[list[Diagnostic], list[Diagnostic]]:
    wanted, everywhere = (
        found_by(STATEMENT_RULES, Module(read(text.encode()), Settings()), everywhere=switch)
        for switch in (False, True)
    )
    return wanted, everywhere


def _told(found: list[Diagnostic]) -> list[str]:
    return sorted(
        f"{d.code} {d.start} {d.end} {d.message} {d.fix and (d.fix.message, d.fix.applicability)}"
        for d in found
    )


def test_rules_of_code_are_visitors() -> None:
    assert {"NBG001", "SIG001", "SIG003"} <= {rule.code for rule in STATEMENT_RULES}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_to_visit_everything_finds_no_more_in_the_fixtures(path: Path) -> None:
    wanted, everywhere = _both(path.read_text())
    assert _told(wanted) == _told(everywhere)


@pytest.mark.parametrize("rule", STATEMENT_RULES, ids=lambda rule: rule.code)
def test_to_visit_everything_finds_no_more_on_the_pages(rule: StatementRule) -> None:
    found = 0
    for text in re.findall(r"^```python[^\n]*\n(.*?)^```", page_of(rule), re.M | re.S):
        wanted, everywhere = _both(text)
        assert _told(wanted) == _told(everywhere)
        found += len(wanted)
    assert found > 0


@settings(deadline=None, max_examples=how_many(40, 400), suppress_health_check=list(HealthCheck))
@given(courses() | scripts())
def test_to_visit_everything_finds_no_more_in_generated_modules(text: str) -> None:
    wanted, everywhere = _both(text)
    assert _told(wanted) == _told(everywhere)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_a_closer_look_at_quiet_statements_finds_no_more_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IMP rules look at statements that may act; at all, they find the same."""

    def found() -> list[Diagnostic]:
        return lint(read(path.read_bytes()), Settings(select=("IMP",)))

    wanted = found()
    for home in (acts, nominate):
        monkeypatch.setattr(home, "may_act", lambda node: True)
    assert _told(found()) == _told(wanted)


class _Entered(cst.CSTVisitor):
    def __init__(self) -> None:
        self.nodes: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.nodes.append(node)
        return True


def _is_code(node: cst.CSTNode) -> bool:
    return not re.search(
        r"White|Line$|Comment|Paren$|Brace$|Bracket$|Comma|Colon|Dot$|Equal|Async|NewLine",
        type(node).__name__,
        re.I,
    )


@pytest.mark.parametrize(
    "text", [EVERY_KIND, *(path.read_text() for path in FIXTURES)], ids=lambda text: len(text)
)
def test_nodes_are_entered_in_the_order_of_libcst(text: str) -> None:
    tree = cst.parse_module(text)
    visitor = _Entered()
    tree.visit(visitor)
    entered = syntax.walk(tree)
    assert {*map(id, entered)} == {*map(id, visitor.nodes)}
    # White space and punctuation stand beside what it stands at.
    own, theirs = ([n for n in nodes if _is_code(n)] for nodes in (entered, visitor.nodes))
    assert [type(node) for node in own] == [type(node) for node in theirs]
    assert [*map(id, own)] == [*map(id, theirs)]


class _Calls(StatementRule):
    """Reports calls outside functions, and counts what it enters and leaves."""

    code, name, severity = "XXX001", "calls", Severity.INFO

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.report(node.name, "not entered")
        return False

    def leave_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.report(node.name, "left")

    def visit_Call(self, node: cst.Call) -> None:
        self.report(node, "called")

    def leave_cell(self) -> None:
        """Nothing is there to be visited any more."""


class _Names(StatementRule):
    """Reports all names, in the same walk."""

    code, name, severity = "XXX002", "names", Severity.INFO

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[Statement | DefinitionNode]:
        yield from (s for s in unit.block if s.names.binds == {"f"})

    def visit_Name(self, node: cst.Name) -> None:
        self.report(node, node.value)


def _found(text: str, *rules: StatementRule) -> list[tuple[str, int, int, str]]:
    module = Module(read(text.encode()), Settings())
    found = found_by(rules, module)
    assert module.faults == []
    return [(d.code, d.start.row, d.start.column, d.message) for d in found]


def test_a_visitor_that_says_no_does_not_enter_and_others_do() -> None:
    text = "# %%\ndef f(a=g()):\n    h()\n# %%\nx = [h('é', k())]\n"
    assert _found(text, _Calls(), _Names()) == [
        ("XXX001", 2, 5, "not entered"),
        ("XXX001", 2, 5, "left"),
        ("XXX001", 5, 6, "called"),
        ("XXX001", 5, 13, "called"),
        ("XXX002", 2, 5, "f"),
        ("XXX002", 2, 7, "a"),
        ("XXX002", 2, 9, "g"),
        ("XXX002", 3, 5, "h"),
    ]


class _Headers(StatementRule):
    """Visits the headers of all definitions, wherever they stand."""

    code, name, severity = "XXX003", "headers", Severity.INFO

    def candidates(self, module: Module, unit: CodeUnit) -> Iterator[Statement | DefinitionNode]:
        assert unit.tree is not None
        yield from (node for node in ast.walk(unit.tree) if isinstance(node, DefinitionNode))

    def visit_Name(self, node: cst.Name) -> None:
        self.report(node, node.value)

    def visit_Annotation(self, node: cst.Annotation) -> None:
        self.report(node.annotation, "annotation")


def test_of_a_header_the_body_is_not_there() -> None:
    text = (
        "# %%\n@d\nclass A(B):\n    def f(\n  self,\n        a: 'int' = '''x\ny''',\n"
        "    ) -> C:  # c\n        # d\n        g()\n\n    async def h(self): return é(i)\n"
    )
    assert _found(text, _Headers()) == [
        ("XXX003", 2, 2, "d"),
        ("XXX003", 3, 7, "A"),
        ("XXX003", 3, 9, "B"),
        ("XXX003", 4, 9, "f"),
        ("XXX003", 5, 3, "self"),
        ("XXX003", 6, 9, "a"),
        ("XXX003", 6, 12, "annotation"),
        ("XXX003", 8, 10, "annotation"),
        ("XXX003", 8, 10, "C"),
        ("XXX003", 12, 15, "h"),
        ("XXX003", 12, 17, "self"),
    ]


class _Fails(_Calls):
    """Fails at the second call."""

    def visit_Call(self, node: cst.Call) -> None:
        if self.found:
            raise LookupError("two of them")
        super().visit_Call(node)


def test_a_visitor_that_fails_finds_nothing_and_the_others_go_on() -> None:
    module = Module(read(b"# %%\na()\n# %%\nf = g()\n"), Settings())
    assert [d.code for d in found_by([_Fails(), _Names()], module)] == ["XXX002", "XXX002"]
    (fault,) = module.faults
    assert (fault.code, fault.cell) == ("XXX001", 1)
    assert fault.message.startswith("LookupError: two of them")
    assert "visit_Call" in fault.traceback


UNREADABLE = "LibCST cannot read it"


def test_what_libcst_cannot_read_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that acts is reported all the same; a rule that must look says that it cannot."""

    def refuses(text: str) -> cst.Module:
        raise ValueError(UNREADABLE)

    monkeypatch.setattr(syntax, "_concrete", refuses)
    text = "# %%\nprint(1)\nfor i in f():\n    pass\ndef test_a():\n    pass\n"
    module = Module(read(text.encode()), Settings(select=("IMP", "NBG001")))
    found = judged(module)
    assert [(d.code, d.start.row) for d in found] == [("IMP004", 2)]
    assert [(f.code, f.cell) for f in module.faults] == [("NBG001", 0)]
    assert module.faults[0].message.startswith(f"ValueError: {UNREADABLE}")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("print(1);\\\nprint(2)\n", ["IMP002", "IMP002"]),
        ("\x0cprint(1)\nx = 1\n\x0cprint(2)\n", ["IMP002", "IMP002"]),
        ("if 1: print(1); \\\n  print(2)\n", ["IMP004"]),
        ("if 1:\n\tprint(1, [\n2\n]);  # b\n\tprint(2)\n", ["IMP004"]),
        ("print(é := 1); print(é)\n", ["IMP002", "IMP002"]),
    ],
)
def test_statements_are_cut_out_as_they_stand(text: str, codes: list[str]) -> None:
    module = Module(read(f"# %%\n{text}".encode()), Settings(select=("IMP",)))
    assert [d.code for d in judged(module)] == codes
    assert module.faults == []


def test_statements_that_a_backslash_joins_are_read_one_by_one() -> None:
    text = (
        "# %%\nf = g(); \\\n   f = h()\n\n# %%\nf = g() \\\n\nk()\n# %%\nx = 1\\\n; f = é(k)\n"
        "# %%\ndef f(): return 1; \\\n  g()\n"
    )
    assert _found(text, _Names()) == [
        ("XXX002", 2, 1, "f"),
        ("XXX002", 2, 5, "g"),
        ("XXX002", 3, 4, "f"),
        ("XXX002", 3, 8, "h"),
        ("XXX002", 6, 1, "f"),
        ("XXX002", 6, 5, "g"),
        ("XXX002", 11, 3, "f"),
        ("XXX002", 11, 7, "é"),
        ("XXX002", 11, 9, "k"),
        ("XXX002", 13, 5, "f"),
        ("XXX002", 14, 3, "g"),
    ]


@pytest.mark.parametrize("refused", ["(f): int = 1", "if a:\n  \\\n  f = b()"])
def test_what_libcst_alone_refuses_is_a_fault_of_the_rules_that_look_there(refused: str) -> None:
    ast.parse(refused)
    module = Module(read(f"# %%\ndef g(): a()\n# %%\n{refused}\n".encode()), Settings())
    assert [d.code for d in found_by([_Headers(), _Names()], module)] == ["XXX003"]
    assert {(fault.code, fault.cell) for fault in module.faults} == {("XXX002", 1)}
    assert module.faults[0].message.startswith("ValueError: LibCST cannot read it")
