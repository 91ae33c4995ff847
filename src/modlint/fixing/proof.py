"""What must hold before a fix may be written.

The proof knows nothing of how a fix was made: it compares the cells before and
after. Every changed cell parses and compiles; its statements are the same as
syntax trees, but for guards put round them and for what the fix declares; no
comment and no string is lost; what nbgrader would release still parses.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import SyntaxProblem, parse
from modlint.analysis.returns import own_nodes
from modlint.diagnostics import Change, Fix, Patch
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grading import problems_of, released_source

_COMPILE_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def objection(file: ModuleFile, patch: Patch, fix: Fix) -> str | None:
    """Why ``patch`` may not be written; None where every check holds.

    The words continue the sentence "the fix of IMP001 at line 12 …".
    """
    for index, new in patch.items():
        old = file.cells[index]
        if fix.change is Change.METADATA:
            same = [c.source for c in new] == [old.source] and [c.kind for c in new] == [old.kind]
            if not same:
                return "changes more than metadata"
        elif fix.change is Change.MARKER:
            # Every line but the marker itself is still there.
            lines = [line for cell in new for line in cell.source.splitlines()]
            if not set(old.source.splitlines()) - set(lines) <= _near_markers(new):
                return "changes more than a marker"
        else:
            why = _code_objection(old, new, fix)
            if why is not None:
                return why
        worse = _grading_objection(old, new) if fix.change is not Change.MARKER else None
        if worse is not None:
            return worse
    return None


def _near_markers(cells: tuple[Cell, ...]) -> set[str]:
    """The lines that markers of ``cells`` may have been, before a blank was put in."""
    markers = [(cell.marker or "").rstrip("\r\n") for cell in cells]
    return {marker.replace("%% ", "%%", 1) for marker in markers}


def _code_objection(old: Cell, new: tuple[Cell, ...], fix: Fix) -> str | None:
    before = parse(old.source)
    trees = [parse(cell.source) for cell in new if cell.kind is CellKind.CODE]
    broken = [t for t in trees if isinstance(t, SyntaxProblem)]
    if broken or isinstance(before, SyntaxProblem):
        return "would leave a cell that does not parse"
    after = [tree for tree in trees if isinstance(tree, ast.Module)]
    if _compiles(before) and not all(_compiles(tree) for tree in after):
        return "would leave a cell that does not compile"
    known = {n.name for n in before.body if isinstance(n, ast.FunctionDef)}
    new_body = [node for tree in after for node in tree.body]
    if _essence(before.body, fix, known) != _essence(new_body, fix, known):
        return "would change a statement that it does not declare"
    text = "".join(cell.source for cell in new)
    lost = _comments(old.source) - _comments(text)
    if lost:
        return f"would lose the comment {min(lost)!r}"
    if fix.change is not Change.ANNOTATIONS and _strings(old.source) - _strings(text):
        return "would change the text of a string"
    return None


def _compiles(tree: ast.Module) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<cell>", "exec", flags=_COMPILE_FLAGS, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _essence(body: list[ast.stmt], fix: Fix, known: set[str]) -> tuple[list[str], list[str]]:
    """The statements as syntax trees without guards: definitions and imports, then the rest."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    defined: list[str] = []
    others: list[str] = []
    flat = list(_unguarded(body, known))
    if fix.change is Change.ANNOTATIONS:
        flat = [node for node in flat if not _is_typing_import(node)]
        for node in flat:
            node = _Unannotated().visit(ast.parse(ast.unparse(node)))
            (defined if isinstance(node, kinds) else others).append(ast.dump(node))
    else:
        for node in flat:
            (defined if isinstance(node, kinds) else others).append(
                ast.dump(_Opened().visit(_copy(node)))
            )
    # A definition may move past others: none of them runs the other.
    return sorted(defined) if fix.change is Change.CELLS else defined, others


def _copy(node: ast.stmt) -> ast.stmt:
    import copy

    return copy.deepcopy(node)


def _unguarded(body: list[ast.stmt], known: set[str]) -> Iterator[ast.stmt]:
    """The statements of ``body``; guards, and demo functions not ``known`` before, opened up."""
    called = {
        call.func.id
        for node in body
        if is_main_guard(node)
        for statement in node.body  # type: ignore[attr-defined]
        if isinstance(statement, ast.Expr)
        and isinstance(call := statement.value, ast.Call)
        and isinstance(call.func, ast.Name)
        and not call.args
    }
    demos = {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("demo_")
        and node.name in called - known
        and not any(isinstance(n, ast.Return | ast.Yield | ast.YieldFrom) for n in own_nodes(node))
    }
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name in demos:
            yield from _unguarded(node.body, known)
        elif is_main_guard(node) and not node.orelse:  # type: ignore[attr-defined]
            for inner in node.body:  # type: ignore[attr-defined]
                if not _is_call_of(inner, demos):
                    yield from _unguarded([inner], known)
        else:
            yield node


def _is_call_of(node: ast.stmt, names: Iterable[str]) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in names
    )


class _Opened(ast.NodeTransformer):
    """Takes guards inside blocks away, where a fix may have put them."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.body if is_main_guard(node) and not node.orelse else node


class _Unannotated(ast.NodeTransformer):
    """Takes annotations away: they are what the fix declares to change."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(None)
        return node


def _is_typing_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module in ("typing", "collections.abc")


def _comments(source: str) -> Counter[str]:
    return _tokens(source, tokenize.COMMENT)


def _strings(source: str) -> Counter[str]:
    return _tokens(source, tokenize.STRING)


def _tokens(source: str, kind: int) -> Counter[str]:
    readline = io.StringIO(source, newline="").readline
    try:
        return Counter(t.string for t in tokenize.generate_tokens(readline) if t.type == kind)
    except (tokenize.TokenError, SyntaxError):
        return Counter()


def _grading_objection(old: Cell, new: tuple[Cell, ...]) -> str | None:
    allowed = len(problems_of(old))
    if sum(len(problems_of(cell)) for cell in new) > allowed:
        return "would leave metadata that nbgrader refuses"
    if _releases(old) and not all(_releases(cell) for cell in new):
        return "would leave a cell that nbgrader cannot release"
    return None


def _releases(cell: Cell) -> bool:
    """Whether what nbgrader makes of a code cell for the release is valid Python."""
    if cell.kind is not CellKind.CODE:
        return True
    text = released_source(cell)
    return text is not None and not isinstance(parse(text), SyntaxProblem)
