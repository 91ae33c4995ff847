"""Promise 2, importers: what they can import is there, with the value that it had.

A statement that comes under a guard does nothing on import any more: what it binds or changes is
not there, or not as it was. That is nobody's loss where it is local to a demo: no statement that
still runs on import, no function, and no other file of the run uses it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modlint.analysis.flow import flow_of
from modlint.analysis.guards import is_main_guard
from modlint.analysis.parsing import parse
from modlint.analysis.scopes import names_in
from modlint.analysis.trees import COMPOUND, dotted, walk
from modlint.analysis.vocabulary import PRINTERS
from modlint.diagnostics import Patch
from modlint.fixing.proof.statements import functions_in, newly_guarded, opened
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.directives import is_exported
from modlint.notebook.kinds import Purpose
from modlint.patterns import matches

_Try = ast.Try | ast.TryStar
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Statements whose names nbdev puts into ``__all__``: what a loop binds is none of these.
_MAKE_NAMES = (*_DEFINITIONS, ast.Assign, ast.AnnAssign)
#: Functions of Python that leave what they are given as it is.
_LEAVE_ALONE = frozenset(
    "abs all any ascii bin bool bytes callable chr complex dict dir divmod enumerate filter float "
    "format frozenset getattr hasattr hash help hex id int isinstance issubclass len list map max "
    "min oct ord pow print range repr reversed round set slice sorted str sum tuple type vars "
    "zip".split()
)
#: Methods that leave what they are called on as it is, whatever that is.
_READ_ONLY = frozenset(
    "all any argmax argmin argsort astype capitalize ceil copy count cpu decode detach dot encode "
    "endswith find flatten floor format get index is_integer isalpha isdigit item items join keys "
    "lower lstrip max mean min ndim norm numel numpy ravel replace reshape rfind round rsplit "
    "rstrip size sqrt split splitlines squeeze startswith std strip sum swapcase title tolist "
    "transpose upper values var zfill".split()
)
#: Methods of a namespace that bind names in it.
_BINDERS = frozenset(("update", "setdefault", "__setitem__"))


@dataclass(slots=True)
class _Taken:
    """What a statement takes from importers: the names that it binds, the objects it changes."""

    node: ast.stmt
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)


def importers_objection(file: ModuleFile, patch: Patch, purpose: Purpose) -> str | None:
    """Why the cells of ``patch`` may not take the place of those of ``file``."""
    if not purpose.is_importable:
        return None
    guarded: dict[ast.stmt, _Taken] = {}
    for index, new in patch.cells.items():
        old = file.cells[index]
        if purpose.only_exports and not is_exported(old):
            continue
        before = parse(old.source) if old.kind is CellKind.CODE else None
        if not isinstance(before, ast.Module):
            continue
        known = functions_in(before)
        trees = list(_trees(new))
        codes = [(c.source, t) for c in new for t in _trees((c,))]
        for node in newly_guarded((old.source, before), codes, known):
            guarded[node] = _taken(node)
            if isinstance(node, _MAKE_NAMES) and is_exported(old) and guarded[node].binds:
                return f"would take {min(guarded[node].binds)} from the package"
        if (why := _nested_objection(before, trees, known)) is not None:
            return why
    if not guarded:
        return None
    for taken in guarded.values():
        if (why := _own_objection(taken.node)) is not None:
            return why
    return _use_objection(_sequence(file, patch), guarded, purpose)


def _trees(cells: Iterable[Cell]) -> Iterator[ast.Module]:
    for cell in cells:
        tree = parse(cell.source) if cell.kind is CellKind.CODE else None
        if isinstance(tree, ast.Module):
            yield tree


def _sequence(file: ModuleFile, patch: Patch) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of the fixed file in their order, and whether each is guarded."""
    for index, old in enumerate(file.cells):
        if index not in patch.cells:
            for tree in _trees((old,)):
                yield from ((node, is_main_guard(node)) for node in tree.body)
            continue
        known = {name for tree in _trees((old,)) for name in functions_in(tree)}
        for tree in _trees(patch.cells[index]):
            yield from opened(tree.body, known)


def _use_objection(
    sequence: Iterable[tuple[ast.stmt, bool]], guarded: dict[ast.stmt, _Taken], purpose: Purpose
) -> str | None:
    """Why the statements ``guarded`` may not be: somebody uses what they bind or change."""
    statements = list(sequence)
    made_there = set().union(*(taken.binds for taken in guarded.values()))
    read: set[str] = set()
    deferred: set[str] = set()
    bound: set[str] = set()  # on import
    objects: set[str] = set()  # those of them that are no modules and what is imported from them
    for node, is_guarded in statements:
        if not is_guarded and node not in guarded:
            names = names_in(node)
            read |= names.uses
            deferred |= names.deferred
            bound |= names.binds
            objects |= names.binds - _only_imported(node)
    if any(_may_bind_others(taken.node) for taken in guarded.values()):
        unknown = read - bound - made_there - set(dir(builtins))
        if unknown or purpose.importers:
            return "would take names that a star import or exec() may bind"
    needed: set[str] = set()  # by what runs on import below
    certain: set[str] = set()  # what is surely bound below
    for node, is_guarded in reversed(statements):
        taken = guarded.get(node)
        if taken is None:
            if not is_guarded:
                flow = flow_of([node])
                needed = (needed - flow.certain) | flow.exposed
                certain |= flow.certain
            continue
        users = needed | (deferred - certain)
        # A method may change what it is called on: of use to nobody where that is new here.
        changes = (taken.changes & objects) - made_there
        # What others import, too, is the same there.
        binds = taken.binds - (_only_imported(taken.node) & bound)
        for name in sorted(binds | changes):
            if purpose.is_wanted(name) and (name not in certain or name in changes):
                return f"would take {name} from those who import it"
            if name in users:
                what = "take" if name in binds else "leave"
                whose = (
                    "that other code uses" if what == "take" else "as other code does not expect it"
                )
                return f"would {what} {name} {whose}"
    return None


def _only_imported(node: ast.stmt) -> set[str]:
    """Names that nothing but imports binds in a statement."""
    imports = [part for part in walk(node) if isinstance(part, ast.Import | ast.ImportFrom)]
    if not imports:
        return set()
    stored = {
        part.id
        for part in walk(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }
    return set().union(*(names_in(part).binds for part in imports)) - stored


def _taken(node: ast.stmt) -> _Taken:
    found = _Taken(node, set(names_in(node).binds) | names_in(node).rebinds)
    if isinstance(node, _DEFINITIONS):
        return found
    for part in walk(node):
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(
            part.ctx, ast.Store | ast.Del
        ):
            found.changes |= _root(part)
        elif isinstance(part, ast.Call):
            found.changes |= _changed_by(part)
    return found


def _changed_by(call: ast.Call) -> set[str]:
    """The names whose objects a call may change."""
    changed: set[str] = set()
    if isinstance(call.func, ast.Attribute):
        if call.func.attr in _READ_ONLY or matches(dotted(call.func), PRINTERS):
            return changed
        changed |= _root(call.func)
    elif isinstance(call.func, ast.Name) and call.func.id in _LEAVE_ALONE:
        return changed
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        part = argument.value if isinstance(argument, ast.Starred) else argument
        if isinstance(part, ast.Name):
            changed.add(part.id)
    return changed


def _root(node: ast.expr) -> set[str]:
    """The name that a path begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _own_objection(node: ast.stmt) -> str | None:
    """Why a statement may not come under a guard, whoever uses what it binds."""
    if _fills_namespace(node):
        return "would take names that are bound by globals()"
    for part in walk(node):
        if isinstance(part, _Try) and (flags := _decided(part)):
            return f"would take {min(flags)}, which a try decides, from importers"
    return None


def _fills_namespace(node: ast.stmt) -> bool:
    """Whether a statement binds names by ``globals()[…] = …`` and the like."""
    for part in walk(node):
        if isinstance(part, ast.Subscript):
            if isinstance(part.ctx, ast.Store) and _is_namespace(part.value):
                return True
        elif (
            isinstance(part, ast.Attribute) and part.attr in _BINDERS and _is_namespace(part.value)
        ):
            return True
    return False


def _may_bind_others(node: ast.stmt) -> bool:
    """Whether a statement may bind names that do not stand in it: a star import, ``exec``."""
    return any(
        (isinstance(part, ast.ImportFrom) and part.names[0].name == "*")
        or (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Name)
            and part.func.id == "exec"
        )
        for part in walk(node)
    )


def _is_namespace(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("globals", "vars", "locals")
        and not node.args
    ) or (isinstance(node, ast.Attribute) and node.attr == "__dict__")


def _decided(node: ast.stmt) -> set[str]:
    """Flags that a ``try`` sets: which of its ways was taken is kept for others to know."""
    assert isinstance(node, _Try)
    blocks = [node.body, node.orelse, *(handler.body for handler in node.handlers)]
    return {
        target.id
        for block in blocks
        for part in block
        if isinstance(part, ast.Assign)
        and isinstance(part.value, ast.Constant)
        and isinstance(part.value.value, bool)
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def _nested_objection(before: ast.Module, after: list[ast.Module], known: set[str]) -> str | None:
    """Why a guard may not come into a block: what it guards decides where the block goes."""
    was: set[str] | None = None
    for tree in after:
        for node, is_guarded in opened(tree.body, known):
            is_simple = not isinstance(node, COMPOUND) or isinstance(node, _DEFINITIONS)
            if is_guarded or is_simple or not any(isinstance(p, _Try) for p in walk(node)):
                continue
            was = was if was is not None else {ast.dump(node) for node in before.body}
            if ast.dump(node) in was:
                continue
            for part in walk(node):
                if not isinstance(part, _Try) or not part.handlers:
                    continue
                for place, guard in enumerate(part.body):
                    decides = is_main_guard(guard) and not _only_prints(guard)
                    if decides and _binds_by_way(part, place):
                        return "would guard what a try decides by"
    return None


def _binds_by_way(node: _Try, place: int) -> bool:
    """Whether the way that a ``try`` takes, from a place in its body on, binds names."""
    below = node.body[place + 1 :]
    blocks = [*below, *node.orelse, *(n for h in node.handlers for n in h.body)]
    return any(names_in(n).binds for n in blocks if not is_main_guard(n))


def _only_prints(guard: ast.stmt) -> bool:
    assert isinstance(guard, ast.If)
    return all(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and matches(dotted(node.value.func), PRINTERS)
        for node in guard.body
    )
