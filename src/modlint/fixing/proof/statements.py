"""Promise 1, the script: every statement is there, in its order, and runs when it ran.

Statements are compared as syntax trees. Guards may be put round them, and they may come into a
demo function that such a guard calls; beyond that only what the fix declares may differ.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import zip_longest

from modlint.analysis.guards import never_in_script
from modlint.analysis.trees import (
    COMPOUND,
    blocks_of,
    first_line,
    last_line,
    own_nodes,
    remembered,
    walk,
)
from modlint.diagnostics import Applicability, Change, Fix

_LINE_ENDING = re.compile(r"\r\n|\r|\n")


def statements_objection(
    source: str, before: ast.Module, texts: list[str], after: list[ast.Module], fix: Fix
) -> str | None:
    """Why the trees ``after`` may not take the place of ``before``: other statements."""
    if fix.change is Change.CODE:
        is_unsafe = fix.applicability is Applicability.UNSAFE
        return None if is_unsafe else "changes code, and is not unsafe"
    known = functions_in(before)
    old_body, new_body = before.body, [node for tree in after for node in tree.body]
    if fix.change is not Change.CALLS:
        # Most statements are written as before: only the others are worth a look at their trees.
        olds = _written(source, before)
        news = [_written(text, tree) for text, tree in zip(texts, after, strict=True)]
        common = set(olds.values()) & set().union(*(new.values() for new in news))
        same = {n: text for part in (olds, *news) for n, text in part.items() if text in common}
        old, new = (_essence(body, fix, known, same) for body in (old_body, new_body))
        if _is_kept(old, new):
            return None
    old, new = (_essence(body, fix, known, {}) for body in (old_body, new_body))
    if fix.change is Change.CALLS:
        added = new[len(old) :]
        new = new[: len(old)]
        if not added or not all(guarded and _is_bare_call(text) for text, guarded in added):
            return "adds more than guarded calls"
    return None if _is_kept(old, new) else "would change a statement that it does not declare"


def _written(source: str, tree: ast.Module) -> dict[ast.stmt, str]:
    """The statements of a cell, those right below an ``if`` included, that have lines of their own.

    With the same lines they are the same.
    """
    lines = _LINE_ENDING.split(source)
    found: dict[ast.stmt, str] = {}
    for top in tree.body:
        for node in (top, *top.body) if isinstance(top, ast.If) else (top,):
            last = last_line(node)
            behind = lines[last - 1].encode()[node.end_col_offset or 0 :].strip()
            if not lines[node.lineno - 1][: node.col_offset].strip() and behind[:1] in (b"", b"#"):
                found[node] = "\n".join(lines[first_line(node) - 1 : last])
    return found


_BARE_CALL = re.compile(r"Expr\(value=Call\(func=Name\(id='\w+', ctx=Load\(\)\)(?:, \w+=\[\])*\)\)")


def _is_bare_call(statement: str) -> bool:
    return _BARE_CALL.fullmatch(statement) is not None


#: A statement as a syntax tree, and whether it runs only when the file is the script.
_Essence = list[tuple[str, bool]]
_DEFINITIONS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom,
)  # fmt: skip


def _essence(
    body: list[ast.stmt], fix: Fix, known: set[str], same: Mapping[ast.stmt, str]
) -> _Essence:
    """What the statements are, but for guards and for what the fix declares to change.

    ``same`` are those that are written the same before and after: they stand for themselves.
    """
    flat = list(opened(body, known))
    if fix.change is Change.ANNOTATIONS:
        return [
            (same.get(node) or _unannotated(node), guarded)
            for node, guarded in flat
            if not is_typing_import(node)
        ]
    essence = [(same.get(node) or _dumped(node), guarded) for node, guarded in flat]
    if fix.change is not Change.CELLS:
        return essence
    # A definition may move past others: none of them runs the other.
    defines = [isinstance(node, _DEFINITIONS) for node, _ in flat]
    moved = sorted(
        part for part, is_definition in zip(essence, defines, strict=True) if is_definition
    )
    rest = [part for part, is_definition in zip(essence, defines, strict=True) if not is_definition]
    return moved + rest


@remembered
def _dumped(node: ast.stmt) -> str:
    """A statement as text, guards inside blocks opened; most are the same in the next proof."""
    if any(map(is_plain_guard, (part for part in walk(node) if isinstance(part, ast.If)))):
        return ast.dump(_Opened().visit(deepcopy(node)))
    return ast.dump(node)


def _is_kept(old: _Essence, new: _Essence) -> bool:
    """Whether the statements are the same, in the same order, and no guard was taken away."""
    return [text for text, _ in old] == [text for text, _ in new] and all(
        after or not before for (_, before), (_, after) in zip(old, new, strict=True)
    )


def opened(body: list[ast.stmt], known: set[str]) -> list[tuple[ast.stmt, bool]]:
    """The statements of ``body`` with plain guards opened, and new demo functions called there.

    A demo function is new where its name is not ``known``; it takes nothing, and the
    guard right below it calls it and does nothing else.
    """
    found: list[tuple[ast.stmt, bool]] = []
    skip = False
    for node, below in zip_longest(body, body[1:]):
        if skip:
            skip = False
        elif isinstance(node, ast.FunctionDef) and is_new_demo(node, below, known):
            skip = True
            found += [(inner, True) for inner in node.body]
        elif isinstance(node, ast.If) and is_plain_guard(node):
            found += [(inner, True) for inner, _ in opened(node.body, known)]
        else:
            found.append((node, False))
    return found


def is_plain_guard(node: ast.stmt | None) -> bool:
    """``if __name__ == "__main__":`` and nothing else in the condition, and no ``else``."""
    return isinstance(node, ast.If) and not node.orelse and _is_script(node.test)


@remembered
def _is_script(test: ast.expr) -> bool:
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")


def is_new_demo(node: ast.FunctionDef, below: ast.stmt | None, known: set[str]) -> bool:
    """Whether a fix has made the function: it takes nothing, and the guard below calls just it."""
    return (
        node.name not in known
        and not node.decorator_list
        and ast.unparse(node.args) == ""
        and is_plain_guard(below)
        and [ast.unparse(n) for n in below.body] == [f"{node.name}()"]  # type: ignore[union-attr]
        and not _has_result(node)
    )


@remembered
def _has_result(node: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Return | ast.Yield | ast.YieldFrom) for n in own_nodes(node.body))


class _Opened(ast.NodeTransformer):
    """Takes guards inside blocks away, where a fix may have put them; never inside a function."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.body if is_plain_guard(node) else node


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


def _unannotated(node: ast.stmt) -> str:
    return ast.dump(_Unannotated().visit(ast.parse(ast.unparse(node))))


def is_typing_import(node: ast.stmt) -> bool:
    """Whether a fix of annotations may have put the statement there."""
    return isinstance(node, ast.ImportFrom) and node.module in ("typing", "collections.abc")


def functions_in(tree: ast.Module) -> set[str]:
    """The functions that a cell defines at its top level: none of these is a new demo."""
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def has_new_demo(tree: ast.Module, known: set[str]) -> bool:
    """Whether statements of the cell have come into a function that a guard calls."""
    return any(
        isinstance(node, ast.FunctionDef) and is_new_demo(node, below, known)
        for node, below in zip_longest(tree.body, tree.body[1:])
    )


def statement_rows(body: list[ast.stmt], known: set[str]) -> list[int]:
    """The line of each statement, those in blocks included, in their order.

    Guards count for nothing, nor do new demo functions and their calls.
    """
    rows: list[int] = []
    skip = False
    for node, below in zip_longest(body, body[1:]):
        if skip:
            skip = False
            continue
        if not isinstance(node, COMPOUND):
            rows.append(node.lineno)
            continue
        if isinstance(node, ast.FunctionDef) and is_new_demo(node, below, known):
            skip = True
        elif not is_plain_guard(node):
            rows.append(node.lineno)
        for block in blocks_of(node):
            rows += statement_rows(block, known)
    return rows


#: A code cell that parses: its text and its tree.
Code = tuple[str, ast.Module]


def newly_guarded(before: Code, after: Sequence[Code], known: set[str]) -> list[ast.stmt]:
    """The statements at the top level that ran on import, and no longer do; as they are now."""
    lines = _LINE_ENDING.split(before[0])
    was = Counter(
        written_lines(lines, n) for n, is_guarded in opened(before[1].body, known) if is_guarded
    )
    found: list[ast.stmt] = []
    for text, tree in after:
        lines = _LINE_ENDING.split(text) if was else []
        for node, is_guarded in opened(tree.body, known):
            if not is_guarded:
                continue
            if was and was[own := written_lines(lines, node)]:
                was[own] -= 1
            else:
                found.append(node)
    return found


def written_lines(lines: Sequence[str], node: ast.stmt) -> str:
    """The lines of a statement, wherever they are indented: to tell it from others of its cell."""
    return "\n".join(map(str.strip, lines[first_line(node) - 1 : last_line(node)]))


def dead_objection(nodes: list[ast.stmt]) -> str | None:
    """Why ``nodes`` may not come under a guard: some of it is for the import alone."""
    if any(never_in_script(part) for node in nodes for part in walk(node)):
        return "would guard what is there for the import: it would never run"
    return None
