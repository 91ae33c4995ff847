"""What a solution cell without a region holds, and the ways out of it (NBG006).

Three kinds of cell come without a region: set-up that no student writes, demos and
analyses, and answers. Only the first two may become read-only; an answer gets a
region, because a locked answer is a released one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from modlint.analysis.depth import has_room
from modlint.analysis.guards import Truth, is_main_guard, truth_on_import
from modlint.analysis.module import CodeUnit, FunctionNode, Module, fact
from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.analysis.scopes import names_of
from modlint.analysis.testing import is_test
from modlint.analysis.trees import (
    blocks_of,
    children,
    compounds,
    dotted,
    first_line,
    last_line,
    walk,
)
from modlint.analysis.vocabulary import GUIDANCE, PRINTERS, QUIET_SETUP, SEEDS
from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.notebook.cell import Cell, editor_lines, end_of_block, indentation
from modlint.notebook.directives import is_exported, leading
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import (
    completed,
    grading_of,
    is_graded,
    is_solution,
)
from modlint.notebook.regions import RegionKind, as_comment, delimiters, is_delimiter, release
from modlint.patterns import matches
from modlint.rules.grading._answers import answer_shown, answers, released
from modlint.rules.grading._family import invented_id, metadata_fix
from modlint.rules.grading._regions import stub_problem

Definition = FunctionNode | ast.ClassDef

#: Words by which a course tells the student what to write.
_TASK = re.compile(r"\b(?:TODO|APPROACH|HINTS?)\b")
_SETTINGS_CALLS = (*PRINTERS, *QUIET_SETUP, *SEEDS, "logging.getLogger", "getLogger", "TypeVar")


def fix_of(module: Module, unit: CodeUnit) -> Fix | None:
    """The way out of a wiped code cell; None where only the author can tell which one."""
    cell = unit.cell
    if not unit.is_one_cell or unit.tree is None or unit.text != cell.source:
        return None
    if is_delimiter(cell.source, module.grader):
        return None
    contents = _Contents(module, unit)
    if contents.answers:
        return _region_fix(module, unit, contents.answers)
    if is_graded(cell) or contents.may_answer or not (unit.tree.body or leading(cell)):
        return None
    trust = Applicability.SAFE if contents.only_sets_up else Applicability.UNSAFE
    return metadata_fix(
        module, unit.index, _read_only(module, unit), "Make the cell read-only", trust
    )


def _read_only(module: Module, unit: CodeUnit) -> dict[str, object]:
    """The cell's metadata in the role of a read-only cell."""
    old = grading_of(unit.cell)
    kept = {k: v for k, v in old.items() if k not in ("points", "task")}
    role = {"grade": False, "locked": True, "solution": False}
    return completed({**kept, **role}, invented_id(module, unit.index))


class _Contents:
    """What the top level of a cell says about who is to write it.

    ``answers``: the functions whose bodies the release must not show. ``may_answer``:
    there is something that may be an answer and that no region can hide.
    ``only_sets_up``: no definition, and nothing that does more than set up or run.
    """

    def __init__(self, module: Module, unit: CodeUnit) -> None:
        assert unit.tree is not None
        self._module = module
        self._unit = unit
        self._exported = is_exported(unit.cell)
        self._others = [a for a in answers(module) if a.code.unit is not unit]
        codes = [] if self._exported else released(module, unit)  # all of it is an answer
        self._codes = {id(code.function): code for code in codes if code.function is not None}
        definitions = list(_definitions(unit.tree.body))
        hidden = [d for d in definitions if self._is_answer(d)]
        self.answers = [f for d in hidden for f in _functions(d) if not _is_trivial(f)]
        rest = [node for node in unit.tree.body if not isinstance(node, Definition)]
        self.only_sets_up = not definitions and self._is_no_answer(rest)
        self.may_answer = (
            self._has_lambda(rest)
            or (
                not self.answers
                and (
                    any(_has_task(unit, d) or _is_bare_stub(d) for d in hidden)
                    or not (definitions or self._only_runs(rest))
                )
            )
            or any(answer_shown(code, self._others) for code in codes if code.function is None)
            or self._is_asked_for(rest)
        )
        if self.may_answer:
            self.answers = []

    def _is_answer(self, node: Definition) -> bool:
        """Whether the student is to write what ``node`` defines."""
        if _has_task(self._unit, node):
            return True
        if is_test(node, self._module):
            return False
        if self._exported:
            return True
        evidence = _evidence(self._module)
        names = {node.name, *(f.name for f in _functions(node))}
        if node.name in evidence.needed or names & evidence.stubbed:
            return True
        if any(self._is_copy(f) for f in _functions(node)):
            return True
        if self._module.settings.is_demo_name(node.name) or _asserts(node):
            return False
        gives = any(_gives_value(f) for f in _functions(node)) or isinstance(node, ast.ClassDef)
        if node.name in evidence.tested and gives:
            return True
        return not (evidence.has_exports or _prints(node))

    def _is_copy(self, function: FunctionNode) -> bool:
        """Whether the answer of another cell can be read in ``function``."""
        code = self._codes.get(id(function))
        return code is not None and answer_shown(code, self._others) is not None

    def _has_lambda(self, rest: list[ast.stmt]) -> bool:
        """Whether a name is bound to a lambda: a body that no region can go round."""
        return any(
            isinstance(part, ast.Lambda)
            for node in rest
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for part in walk(node)
        )

    def _is_no_answer(self, rest: list[ast.stmt]) -> bool:
        """Whether everything sets up, and something says that it is no student's work.

        ``answer = 42`` and ``print("hello")`` set up, too, and are what a first exercise asks for.
        """
        says_so = self._exported or bool(leading(self._unit.cell))
        return all(map(_sets_up, rest)) and (
            says_so or not rest or any(not _is_assigned_or_printed(node) for node in rest)
        )

    def _is_asked_for(self, rest: list[ast.stmt]) -> bool:
        """Whether a graded test reads a variable that a cell of no export gives its value.

        A constant (``LIMIT``) is no answer beside imports.
        """
        if self._exported:
            return False
        names = {name for node in rest for name in _assigned(node)}
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in rest):
            names = {name for name in names if not name.isupper()}
        return not names.isdisjoint(_evidence(self._module).graded) if names else False

    def _only_runs(self, rest: list[ast.stmt]) -> bool:
        """Whether everything sets up, or calls what the module defines."""
        return all(_sets_up(node) or is_main_guard(node) or _is_call(node) for node in rest)


class _Evidence(NamedTuple):
    """What the module says about the names of its cells.

    ``needed``: exported cells use them. ``stubbed``: the region of a solution cell
    hides their bodies. ``tested``: a test names them. ``graded``: a graded cell reads them, or
    asks nbgrader for a test of them.
    """

    has_exports: bool
    needed: set[str]
    stubbed: set[str]
    tested: set[str]
    graded: set[str]


@fact
def _evidence(module: Module) -> _Evidence:
    exported = [u for u in module.parsed_units if is_exported(u.cell)]
    needed = {n for u in exported for s in u.block for n in s.names.uses}
    tests = [
        node
        for unit in module.parsed_units
        for node in (unit.tree.body if unit.tree else [])
        if is_test(node, module)
    ]
    stubbed = {name for unit in module.parsed_units for name in _stubbed_in(module, unit)}
    tested = names_of(tests).uses
    graded = {name for unit in module.units for name in _read_in_a_test(module, unit)}
    return _Evidence(bool(exported), needed, stubbed, tested, graded)


def _read_in_a_test(module: Module, unit: CodeUnit) -> Iterator[str]:
    """The names that the tests of a graded cell read, and those that its ``AUTOTEST`` lines do."""
    if not is_graded(unit.cell) or is_solution(unit.cell):
        return
    for statement in unit.block:
        yield from statement.names.uses
    for line in unit.text.splitlines():
        if line.lstrip().startswith("#") and module.grader.autotest in line:
            yield from re.findall(r"\w+", line)


def _stubbed_in(module: Module, unit: CodeUnit) -> Iterator[str]:
    """The functions of the top level that hold a region, and exported ones that will."""
    if not is_solution(unit.cell) or unit.tree is None:
        return
    begins = [
        mark.line
        for mark in delimiters(unit.text, module.grader)
        if mark.kind is RegionKind.SOLUTION and mark.begins
    ]
    for node in unit.tree.body:
        if isinstance(node, FunctionNode) and (
            any(node.lineno <= line <= (node.end_lineno or 0) for line in begins)
            or (not begins and is_exported(unit.cell) and not _is_trivial(node))
        ):
            yield node.name


# --- what a statement is ----------------------------------------------------------------------


def _definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """The functions and classes of a block and of the blocks in it, guards left out."""
    for node in body:
        if isinstance(node, Definition):
            yield node
        elif not is_main_guard(node):
            for part in children(node):
                if isinstance(part, ast.stmt):
                    yield from _definitions([part])
                elif isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from _definitions(part.body)


def _functions(node: Definition) -> Iterator[FunctionNode]:
    """The function itself, or the methods of a class and of the classes in it."""
    if isinstance(node, FunctionNode):
        yield node
    else:
        for inner in _definitions(node.body):
            yield from _functions(inner)


def _is_trivial(function: FunctionNode) -> bool:
    """Whether the body says nothing: a docstring, ``pass``, ``...``, ``NotImplementedError``."""
    return all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node))
        for node in function.body
    )


def _is_bare_stub(node: Definition) -> bool:
    """Whether it is a function that is still to be written."""
    return isinstance(node, FunctionNode) and _is_trivial(node)


def _has_task(unit: CodeUnit, node: Definition) -> bool:
    """Whether a docstring or a comment of ``node`` tells the student what to do."""
    parts = (part for part in _with_inner(node) if isinstance(part, Definition))
    if any(_TASK.search(ast.get_docstring(part, clean=False) or "") for part in parts):
        return True
    lines = editor_lines(unit.text)[node.lineno - 1 : node.end_lineno]
    return any(GUIDANCE.match(line.strip()) for line in lines)


def _with_inner(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and all in its blocks that have blocks of their own."""
    yield node
    for block in blocks_of(node):
        for part in compounds(block):
            yield from _with_inner(part)


def _sets_up(node: ast.stmt) -> bool:
    """Whether a statement is no student's work: imports, constants, settings, guarded calls."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _calls(node, _SETTINGS_CALLS)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is None or _is_setting(node.value)
    if isinstance(node, ast.If) and truth_on_import(node.test) is Truth.FALSE:  # or TYPE_CHECKING
        inner = [*node.body, *node.orelse]
        runs = is_main_guard(node)
        return all(_sets_up(part) or (runs and _is_call(part)) for part in inner)
    if isinstance(node, ast.Try):
        blocks = [node.body, node.orelse, node.finalbody, *(h.body for h in node.handlers)]
        return all(_sets_up(part) for block in blocks for part in block)
    return False


def _is_assigned_or_printed(node: ast.stmt) -> bool:
    """Whether a statement gives a variable a value, shows one or says nothing."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _calls(node, PRINTERS)
    return isinstance(node, ast.Assign | ast.AnnAssign | ast.Pass)


def _assigned(node: ast.stmt) -> Iterator[str]:
    """The variables that an assignment binds."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (n.id for n in walk(target) if isinstance(n, ast.Name))


def _is_call(node: ast.stmt) -> bool:
    """Whether a statement is nothing but the call of a function by its plain name."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name)


def _calls(node: ast.AST, patterns: tuple[str, ...]) -> bool:
    value = node.value if isinstance(node, ast.Expr) else node
    return isinstance(value, ast.Call) and matches(dotted(value.func), patterns)


def _is_setting(value: ast.expr) -> bool:
    """Whether a value is written down, or comes from a call that only sets up."""
    return not any(
        (isinstance(part, ast.Call) and not _calls(part, _SETTINGS_CALLS))
        or isinstance(part, ast.Lambda | ast.comprehension | ast.Await | ast.NamedExpr)
        for part in walk(value)
    )


def _prints(node: ast.AST) -> bool:
    return any(_calls(part, (*PRINTERS, "plt.*")) for part in walk(node))


def _asserts(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Assert) for part in walk(node))


def _gives_value(function: FunctionNode) -> bool:
    return any(
        isinstance(part, ast.Return | ast.Yield) and part.value is not None
        for part in walk(function)
    )


# --- regions ----------------------------------------------------------------------------------


def _region_fix(module: Module, unit: CodeUnit, answers: list[FunctionNode]) -> Fix | None:
    """A fix that hides the bodies of ``answers``; None where the release would be no good."""
    by = module.grader
    source = _with_regions(unit.cell, answers, by)
    if source is None:
        return None
    cell = replace(unit.cell, source=source)
    released = release(cell, by)
    if released.refusal or released.is_wiped or stub_problem(cell, by) is not None:
        return None
    if isinstance(parse(released.source), SyntaxProblem):
        return None

    def rewrite() -> Patch:
        return Patch({unit.index: (cell,)})

    what = "the body" if len(answers) == 1 else f"each of {len(answers)} bodies"
    names = ", ".join(f.name for f in answers[:3]) + (", …" if len(answers) > 3 else "")
    message = f"Put a solution region round {what} ({names})"
    return Fix(Applicability.UNSAFE, message, rewrite, Change.REGIONS)


def _with_regions(cell: Cell, answers: list[FunctionNode], by: GraderConfig) -> str | None:
    """The cell's text with a region in each function; None where one cannot take it."""
    from modlint.analysis.fragment import Folder, Fragment  # and with it LibCST
    from modlint.codemods.base import CodemodContext
    from modlint.codemods.solution_region import PutSolutionRegion

    begin, end = as_comment(by.marks.begin_solution), as_comment(by.marks.end_solution)
    text, ending = cell.source, cell.line_ending
    if not text.endswith(("\n", "\r")):
        text += ending
    lines = editor_lines(text)
    folder = Folder(text)
    for function in sorted(answers, key=lambda f: f.lineno, reverse=True):
        margin = indentation(lines[function.lineno - 1])
        last = end_of_block(lines, last_line(function), margin)
        indent = "\t" if margin.startswith("\t") else "    "
        command = PutSolutionRegion(CodemodContext(), begin=begin, end=end, indent=indent)
        if (hidden := _hidden_lines(function, lines)) is not None:
            first, end_ = hidden
            folded = folder.fold(lines[first:end_], indentation(lines[first]))
            text = "".join([*lines[:first], *folded, *editor_lines(text)[end_:]])
            last -= end_ - first - len(folded)
        try:
            text = Fragment(text, first_line(function), last, ending).rewritten(command)
        except (ValueError, RecursionError) as error:
            if isinstance(error, RecursionError) and not has_room():
                raise
            return None
    return folder.unfolded(text)


def _hidden_lines(function: FunctionNode, lines: list[str]) -> tuple[int, int] | None:
    """The lines (0-based, the end left out) of a body without its docstring.

    None where they are not its alone.
    """
    has_docstring = ast.get_docstring(function, clean=False) is not None
    shown, body = function.body[:has_docstring], function.body[has_docstring:]
    if not body:
        return None
    first, end = first_line(body[0]) - 1, last_line(body[-1])
    above = last_line(shown[0]) if shown else function.lineno
    is_apart = first >= above and not lines[first][: body[0].col_offset].strip()
    if not is_apart or lines[first - 1].rstrip().endswith("\\"):
        return None
    return first, end
