"""What must hold before a fix may be written.

The proof knows nothing of how a fix was made: it compares the cells before and
after. Every changed cell parses and compiles; its statements are the same as
syntax trees, but for guards put round them and for what the fix declares; no
comment and no string is lost; what nbgrader would release still parses.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest

from modlint.analysis.parsing import SyntaxProblem, parse, refusal
from modlint.analysis.returns import own_nodes
from modlint.analysis.suppressions import without_suppressions
from modlint.analysis.trees import first_line, last_line, remembered, walk
from modlint.diagnostics import Change, Fix, Patch
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grader_config import DEFAULT, GraderConfig
from modlint.notebook.grading import is_graded, is_solution, is_task, problems_of
from modlint.notebook.kinds import Purpose
from modlint.notebook.percent import markdown_text
from modlint.notebook.regions import is_delimiter, near_miss, release, text_near_miss

ANY_PURPOSE = Purpose()
_NEAR_MARKER = re.compile(r"#\s*%%")
#: What a fix may put into other words: near misses of what nbdev reads.
_REWORDED = {
    Change.DIRECTIVES: re.compile(
        r"#\s*\|\s*[\w-]+:?(?:\s+[\w./]+)?\s*$|#\s*+\|?\s*+\w*exp", re.IGNORECASE
    ),
}


def objection(
    file: ModuleFile,
    patch: Patch,
    fix: Fix,
    by: GraderConfig = DEFAULT,
    purpose: Purpose = ANY_PURPOSE,
) -> str | None:
    """Why ``patch`` may not be written; None where every check holds.

    The words continue the sentence "the fix of IMP001 at line 12 …". Regions are read as nbgrader
    reads them, ``by`` its configuration.
    """
    if patch.header is not None or fix.change is Change.HEADER:
        why = _header_objection(file, patch)
        if why is not None:
            return why
    for index, new in patch.cells.items():
        old = file.cells[index]
        if fix.change is Change.HEADER:
            pass  # its lines were looked at above, with those of the header
        elif fix.change is Change.METADATA:
            same = [c.source for c in new] == [old.source] and [c.kind for c in new] == [old.kind]
            if not same:
                return "changes more than metadata"
        elif fix.change is Change.STRUCTURE:
            if [(c.source, c.kind, c.metadata) for c in new] != [
                (old.source, old.kind, old.metadata)
            ]:
                return "changes more than what the notebook stores beside the cell"
        elif fix.change is Change.MARKER:
            lines = {line for cell in new for line in cell.source.splitlines()}
            lost = set(old.source.splitlines()) - lines
            if not all(_NEAR_MARKER.match(line) for line in lost):
                return "changes more than a marker"
        elif fix.change is Change.SUPPRESSIONS and _besides_suppressions(new) != (
            _besides_suppressions((old,))
        ):
            return "changes more than suppressions"
        elif fix.change is Change.SUPPRESSIONS and old.kind is not CellKind.CODE:
            pass  # its text is the same, as was just seen
        elif fix.change is Change.REGIONS and old.kind is not CellKind.CODE:
            if not _is_respelt(old, new, by):
                return "changes more than regions"
        else:
            why = _code_objection(old, new, fix, by)
            if why is None and fix.change is Change.REGIONS:
                why = _region_objection(old, new, by)
            if why is not None:
                return why
        worse = _grading_objection(old, new, by) if fix.change is not Change.MARKER else None
        if worse is not None:
            return worse
    return None


def file_objection(old: ModuleFile, new: ModuleFile) -> str | None:
    """Why the whole of a fixed file may not be written: nbformat's schema finds new faults."""
    if new.store is None or old.store is None or new.text == old.text:
        return None
    from modlint.notebook.ipynb import structure_faults

    more = Counter(structure_faults(new.store.raw)) - Counter(structure_faults(old.store.raw))
    return f"the fixes would leave a notebook that nbformat refuses: {min(more)}" if more else None


#: The lines of a header that a fix may put anew, and the rule and the blank line it may add.
_HEADER_LINE = re.compile(
    r"#\s*(?:format_name|format_version):|#.*?coding[:=]\s*[\w.-]+|#\s*---$|$"
)


def _header_objection(file: ModuleFile, patch: Patch) -> str | None:
    """A header may move and its few lines may be mended: all others stay, code in its order."""
    old = [file.prefix, *((file.cells[i].marker or "") + file.cells[i].source for i in patch.cells)]
    new = [file.prefix if patch.header is None else patch.header]
    new += [(cell.marker or "") + cell.source for i in patch.cells for cell in patch.cells[i]]
    before, after = "".join(old).splitlines(), "".join(new).splitlines()
    changed = Counter(before)
    changed.subtract(after)
    if not all(_HEADER_LINE.match(line.strip()) for line, count in changed.items() if count):
        return "changes more than the header"
    code = [[line for line in lines if _is_code(line)] for lines in (before, after)]
    return None if code[0] == code[1] else "would put lines of code in another order"


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _code_objection(old: Cell, new: tuple[Cell, ...], fix: Fix, by: GraderConfig) -> str | None:
    before = parse(old.source)
    texts = [cell.source for cell in new if cell.kind is CellKind.CODE]
    trees = [parse(text) for text in texts]
    broken = [t for t in trees if isinstance(t, SyntaxProblem)]
    if broken or isinstance(before, SyntaxProblem):
        return "would leave a cell that does not parse"
    after = [tree for tree in trees if isinstance(tree, ast.Module)]
    if refusal(before) is None and any(refusal(tree) for tree in after):
        return "would leave a cell that does not compile"
    if (why := _statements_objection(old.source, before, texts, after, fix)) is not None:
        return why
    text = "".join(cell.source for cell in new)
    lost = [c for c in _comments(old.source) - _comments(text) if not _may_go(c, fix, by)]
    if fix.change is Change.COMMENTS and _comments(text).total() < _comments(old.source).total():
        return "would lose a comment"
    if lost:
        return f"would lose the comment {min(lost)!r}"
    if fix.change is not Change.ANNOTATIONS and _strings(old.source) - _strings(text):
        return "would change the text of a string"
    return None


def _statements_objection(
    source: str, before: ast.Module, texts: list[str], after: list[ast.Module], fix: Fix
) -> str | None:
    known = {n.name for n in before.body if isinstance(n, ast.FunctionDef)}
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
    lines = re.split(r"\r\n|\r|\n", source)
    found: dict[ast.stmt, str] = {}
    for top in tree.body:
        for node in (top, *top.body) if isinstance(top, ast.If) else (top,):
            last = last_line(node)
            behind = lines[last - 1].encode()[node.end_col_offset or 0 :].strip()
            if not lines[node.lineno - 1][: node.col_offset].strip() and behind[:1] in (b"", b"#"):
                found[node] = "\n".join(lines[first_line(node) - 1 : last])
    return found


def _besides_suppressions(cells: tuple[Cell, ...]) -> list[Cell]:
    return [replace(cell, source=without_suppressions(cell)) for cell in cells]


def _region_objection(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> str | None:
    """Of comments only delimiters may come; a cell may get the role of its region, if it had none.

    The cell stays one, and what it is worth stays.
    """
    if len(new) != 1:
        return "changes more than regions"
    (cell,) = new
    if not all(is_delimiter(c, by) for c in _comments(cell.source) - _comments(old.source)):
        return "would add a comment that is no delimiter"
    gained = {key for key in cell.metadata if cell.metadata[key] != old.metadata.get(key)}
    if not gained and len(cell.metadata) == len(old.metadata):
        return None
    is_answer = is_solution(cell) and not (is_graded(cell) or is_task(cell))
    has_region = is_delimiter(cell.source, by) and not release(cell, by).refusal
    fits = gained == {"nbgrader"} and "nbgrader" not in old.metadata and is_answer and has_region
    return None if fits else "changes more than regions"


def _is_respelt(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> bool:
    """Whether a text cell is the same but for lines that were meant as delimiters, and now are."""
    if len(new) != 1 or replace(new[0], source=old.source) != old:
        return False
    before, after = markdown_text(old).split("\n"), markdown_text(new[0]).split("\n")
    return len(before) == len(after) and all(
        was == now or ((miss := text_near_miss(was, by)) is not None and miss.mended == now)
        for was, now in zip(before, after, strict=True)
    )


_BARE_CALL = re.compile(r"Expr\(value=Call\(func=Name\(id='\w+', ctx=Load\(\)\)(?:, \w+=\[\])*\)\)")


def _is_bare_call(statement: str) -> bool:
    return _BARE_CALL.fullmatch(statement) is not None


def _may_go(comment: str, fix: Fix, by: GraderConfig) -> bool:
    """Whether a comment is one that the fix says it puts into other words."""
    if fix.change is Change.COMMENTS:
        return True
    if fix.change is Change.REGIONS:
        return near_miss(comment, by) is not None
    if fix.change is Change.SUPPRESSIONS:
        return True  # all but the suppression in it was seen to be the same
    pattern = _REWORDED.get(fix.change)
    return pattern is not None and pattern.match(comment) is not None


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
    flat = list(_opened(body, known))
    if fix.change is Change.ANNOTATIONS:
        return [
            (same.get(node) or _unannotated(node), guarded)
            for node, guarded in flat
            if not _is_typing_import(node)
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
    if any(isinstance(part, ast.If) and _is_plain_guard(part) for part in walk(node)):
        return ast.dump(_Opened().visit(deepcopy(node)))
    return ast.dump(node)


def _is_kept(old: _Essence, new: _Essence) -> bool:
    """Whether the statements are the same, in the same order, and no guard was taken away."""
    return [text for text, _ in old] == [text for text, _ in new] and all(
        after or not before for (_, before), (_, after) in zip(old, new, strict=True)
    )


def _opened(body: list[ast.stmt], known: set[str]) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of ``body`` with plain guards opened, and new demo functions called there.

    A demo function is new where its name is not ``known``; it takes nothing, and the
    guard right below it calls it and does nothing else.
    """
    skip = False
    for node, below in zip_longest(body, body[1:]):
        if skip:
            skip = False
        elif isinstance(node, ast.FunctionDef) and _is_new_demo(node, below, known):
            skip = True
            yield from ((inner, True) for inner in node.body)
        elif _is_plain_guard(node):
            for inner, _ in _opened(node.body, known):  # type: ignore[union-attr]
                yield inner, True
        else:
            yield node, False


def _is_plain_guard(node: ast.stmt | None) -> bool:
    """``if __name__ == "__main__":`` and nothing else in the condition, and no ``else``."""
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")
    )


def _is_new_demo(node: ast.FunctionDef, below: ast.stmt | None, known: set[str]) -> bool:
    return (
        node.name not in known
        and not node.decorator_list
        and ast.unparse(node.args) == ""
        and _is_plain_guard(below)
        and [ast.unparse(n) for n in below.body] == [f"{node.name}()"]  # type: ignore[union-attr]
        and not any(isinstance(n, ast.Return | ast.Yield | ast.YieldFrom) for n in own_nodes(node))
    )


class _Opened(ast.NodeTransformer):
    """Takes guards inside blocks away, where a fix may have put them; never inside a function."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.body if _is_plain_guard(node) else node


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


def _is_typing_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module in ("typing", "collections.abc")


def _comments(source: str) -> Counter[str]:
    return _found(source)[0]


def _strings(source: str) -> Counter[str]:
    return _found(source)[1]


#: A comment, or a string with its prefix: in code that parses, what comes first is one.
_COMMENT_OR_STRING = re.compile(
    r"""\#[^\r\n]*
    |(?:\b[A-Za-z]{1,2})?
     (?:\'\'\'(?:[^\\]|\\.)*?\'\'\'|"""
    r'''"""(?:[^\\]|\\.)*?"""|'(?:[^'\\\n]|\\(?:\r\n|.))*'|"(?:[^"\\\n]|\\(?:\r\n|.))*")''',
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=256)
def _found(source: str) -> tuple[Counter[str], Counter[str]]:
    """How often each comment, and each string, stands in code that parses.

    ``tokenize`` finds the same, and takes ten times as long.
    """
    comments: Counter[str] = Counter()
    strings: Counter[str] = Counter()
    for text in _COMMENT_OR_STRING.findall(source):
        (comments if text[0] == "#" else strings)[text] += 1
    return comments, strings


def _grading_objection(old: Cell, new: tuple[Cell, ...], by: GraderConfig) -> str | None:
    allowed = len(problems_of(old))
    if sum(len(problems_of(cell)) for cell in new) > allowed:
        return "would leave metadata that nbgrader refuses"
    if _releases(old, by) and not all(_releases(cell, by) for cell in new):
        return "would leave a cell that nbgrader cannot release"
    return None


def _releases(cell: Cell, by: GraderConfig) -> bool:
    """Whether what nbgrader makes of a code cell for the release is valid Python."""
    if cell.kind is not CellKind.CODE:
        return True
    released = release(cell, by)
    return not released.refusal and not isinstance(parse(released.source), SyntaxProblem)
