"""What the package gets of a module: which cells nbdev exports, which names they lack.

nbdev copies exported cells, and nothing else, into one file: a name that another cell
binds is not there. What stands under a ``__main__`` guard never runs in a package.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, fact
from modlint.analysis.needs import named_in_strings
from modlint.analysis.nominate import may_act
from modlint.analysis.parsing import SyntaxProblem, is_prose, parse
from modlint.analysis.scopes import names_of
from modlint.analysis.trees import COMPOUND, blocks_of, children, dotted, walk
from modlint.analysis.unread import default_exps, unread
from modlint.analysis.vocabulary import PRINTERS
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.directives import EXPORTS, export_of
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.grading import is_graded, is_solution
from modlint.notebook.magics import cell_magic, is_masked
from modlint.notebook.tags import may_raise
from modlint.notebook.uncommented import uncommented_in
from modlint.patterns import matches

#: Names that Python gives to every module, class body or method; ``__file__`` is one in a
#: script and in a package, and what a notebook does without it is usually a ``try``.
_GIVEN = frozenset(
    "__annotations__ __builtins__ __cached__ __class__ __dict__ __doc__ __file__ __loader__"
    " __module__ __name__ __package__ __path__ __qualname__ __spec__".split()
)
#: Builtins of later Pythons and of Windows, and those that the interpreter's start adds.
_BUILTINS = frozenset(dir(builtins)) | frozenset(
    "PythonFinalizationError WindowsError copyright credits exit license quit".split()
)
#: Calls that end a cell, or the kernel.
_EXITS = frozenset(("sys.exit", "exit", "quit", "os._exit", "os.abort"))
#: What IPython puts into a notebook's namespace.
_IPYTHON = frozenset("In Out _ __ ___ _dh _i _ih _ii _iii _oh display get_ipython".split())
#: What stands for an answer, in nbgrader's stub and in those that courses write.
_STUB = re.compile(r"raise NotImplementedError\b")
_HISTORY = re.compile(r"_i?\d+")
#: Magics that may bind any name.
_BINDING_MAGIC = re.compile(
    r"(?:%|# ipython: )(?:run|pylab|store|load|macro|loadpy|rerun|recall)\b"
)
#: Cell magics whose cell binds nothing for the others: it runs in a function, or elsewhere.
_OWN_NAMESPACES = frozenset(("timeit", "python", "python3"))


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """The first read of a name in one statement.

    ``at_import``: it is read when the statement runs, not when a function is called
    that the statement defines. ``place`` is 0-based in the order of all statements.
    """

    name: str
    unit: CodeUnit
    node: ast.Name
    at_import: bool
    place: int


@dataclass(slots=True, eq=False)
class Shortage:
    """Names that exported code reads and that one unexported unit binds; first uses, in order."""

    unit: CodeUnit
    uses: list[Use] = field(default_factory=list)

    @property
    def at_import(self) -> list[Use]:
        """The uses that keep the package from being imported."""
        return [use for use in self.uses if use.at_import]


def is_meant_for_export(module: Module, unit: CodeUnit) -> bool:
    """Whether the unit goes into the module's own file, or would if its directive were read."""
    own = export_of(unit.cell)
    if own is not None:
        return not own.arguments  # ``#| export other.module`` goes elsewhere
    meant = [found.directive for found in unread(module, unit)]
    return any(d.name in EXPORTS and not d.arguments for d in meant)


def package_module(module: Module) -> str | None:
    """The module of the package that nbdev writes: the last ``default_exp`` counts."""
    found = [d.arguments[0] for _, d in default_exps(module) if d.arguments]
    return found[-1] if found else None


@fact
def shortages(module: Module) -> list[Shortage]:
    """What the exported cells lack and other cells of the module have, by cell."""
    exported = [unit for unit in module.parsed_units if is_meant_for_export(module, unit)]
    return _lacking(module, exported) if exported else []


def needed_by(module: Module, unit: CodeUnit) -> list[CodeUnit]:
    """The cells to export together with ``unit``: it, and what it lacks in the package in turn."""
    found = [unit]
    exported = [u for u in module.parsed_units if is_meant_for_export(module, u)]
    while True:
        more = [
            s.unit for s in _lacking(module, [*exported, *found]) if s.unit not in found
            and any(use.unit in found for use in s.uses)
        ]  # fmt: skip
        if not more:
            return sorted(found, key=lambda u: u.index)
        found += more


def undefined(module: Module) -> list[list[Use]]:
    """The uses of each name that no cell binds, by name; empty where anything may bind names.

    In a release or a submission, an answer that is still to be written may bind any name for its
    cell and those below.
    """
    if any(_binds_anything(unit) for unit in module.units):
        return []
    own = {unit.index: unit.binds for unit in module.parsed_units if _is_apart(module, unit)}
    bound = set().union(*(u.binds for u in module.parsed_units if u.index not in own))
    known = bound | _BUILTINS | _GIVEN | _IPYTHON
    found: dict[str, list[Use]] = {}

    unreached: dict[int, list[Statement]] = {}
    end = _first_open_answer(module)

    def wanted(_: int, unit: CodeUnit, statement: Statement) -> set[str]:
        if end is not None and unit.index >= end:
            return set()
        names = statement.names.uses - known
        if names and unit.index not in unreached:
            unreached[unit.index] = unit.block if may_raise(unit.cell) else _behind_the_end(unit)
        if names and statement in unreached[unit.index]:
            return set()
        return names - own[unit.index] if unit.index in own else names

    for use in _uses(module, module.parsed_units, wanted):
        found.setdefault(use.name, []).append(use)
    if not found:
        return []
    elsewhere = module.words_of_unparsed | _bound_outside_code(module)
    for unit in module.units:
        magic = cell_magic(unit.cell)
        if magic is None:
            continue
        if magic.name in _OWN_NAMESPACES:
            # The setup of ``%%timeit`` binds for its own cell alone.
            for name in magic.names & found.keys():
                found[name] = [use for use in found[name] if use.unit is not unit]
        else:
            elsewhere |= magic.names
        if not magic.is_known:
            elsewhere |= set(re.findall(r"\w+", unit.text))
    found = {name: uses for name, uses in found.items() if uses}
    return [u for n, u in found.items() if n not in elsewhere and not _HISTORY.fullmatch(n)]


def _first_open_answer(module: Module) -> int | None:
    """The first cell in which a student has an answer to write; None in what is not released."""
    if not module.settings.purpose.is_released:
        return None
    for index, cell in enumerate(module.file.cells):
        if cell.kind is CellKind.CODE and is_solution(cell) and _is_open(cell, module.grader):
            return index
    return None


def _is_open(cell: Cell, by: GraderConfig) -> bool:
    """Whether nobody has written an answer: there is no code, or nbgrader's stub still stands."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith("#") and line not in ("pass", "...")]
    stub = [line.strip() for line in by.code_lines if line.strip()]
    has_stub = bool(stub) and all(line in lines for line in stub)
    return not code or has_stub or any(_STUB.match(line) for line in code)


def _behind_the_end(unit: CodeUnit) -> list[Statement]:
    """The statements of a cell that never run: something above them ends the cell for sure."""
    for at, statement in enumerate(unit.block):
        if any(map(_is_end, statement.nodes)):
            return unit.block[at + 1 :]
    return []


def _is_end(node: ast.AST) -> bool:
    """Whether nothing below a statement in its block runs."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return dotted(node.value.func) in _EXITS
    if isinstance(node, ast.If):
        return all(any(map(_is_end, block)) for block in (node.body, node.orelse))
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and not node.test.value
    return isinstance(node, ast.Raise | ast.Return)


def _is_apart(module: Module, unit: CodeUnit) -> bool:
    """Whether what a cell of a notebook binds is bound for that cell alone.

    The magic of a percent file is a comment to the script, which has the names.
    """
    magic = cell_magic(unit.cell) if module.file.store is not None else None
    return magic is not None and magic.name in _OWN_NAMESPACES


def obstacle(module: Module, unit: CodeUnit) -> str | None:
    """Why a cell should not be exported as it is; None where nothing speaks against it.

    Only imports, definitions and plain values go into a package: a test would be shipped,
    what acts would act on import.
    """
    assert unit.tree is not None
    if is_graded(unit.cell) or any(_looks_like_test(node, module) for node in unit.tree.body):
        return "it holds a test"
    if not unit.is_one_cell or not all(_only_defines(node) for node in unit.tree.body):
        return "it does more than define"
    if uncommented_in(unit.cell.source) or is_masked(unit.cell.source):
        return "it holds a magic"
    return None


def _looks_like_test(node: ast.stmt, module: Module) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Test")
    return isinstance(node, FunctionNode) and module.settings.is_test_name(node.name)


def _only_defines(node: ast.stmt, in_fallback: bool = False) -> bool:
    """Whether a statement imports, defines or sets plain values, in whatever branch.

    ``in_fallback``: it stands in an ``except``, where the other imports of a fallback are,
    with the paths they need and a word about it.
    """
    if isinstance(node, ast.If):
        body = [] if is_main_guard(node) else node.body
        return all(_only_defines(n, in_fallback) for n in [*body, *node.orelse])
    if isinstance(node, ast.Try):
        blocks = [*node.body, *node.orelse, *node.finalbody]
        handled = [n for handler in node.handlers for n in handler.body]
        return all(_only_defines(n, in_fallback) for n in blocks) and all(
            _only_defines(n, True) for n in handled
        )
    if isinstance(node, ast.ClassDef):
        values = (ast.Assign, ast.AnnAssign)  # fields and members: calls that make the class
        return all(isinstance(n, values) or _only_defines(n) for n in node.body)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not _calls_unknown(node)
    if in_fallback and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return matches(dotted(node.value.func), (*PRINTERS, "sys.path.*"))
    return not may_act(node)


def _calls_unknown(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a value comes from a call, other than one that merely makes a type or a logger."""
    return any(
        isinstance(part, ast.Call | ast.Await)
        and dotted(part.func if isinstance(part, ast.Call) else part) not in _QUIET_CALLS
        for part in walk(node)
    )


_QUIET_CALLS = frozenset(
    "TypeVar NewType typing.TypeVar namedtuple collections.namedtuple logging.getLogger getLogger"
    " frozenset set dict list tuple range int float object re.compile Path pathlib.Path"
    " np.dtype np.float32 np.float64 np.int8 np.iinfo np.finfo".split()
)


def _lacking(module: Module, exported: list[CodeUnit]) -> list[Shortage]:
    others = [unit for unit in module.parsed_units if unit not in exported]
    if any(_binds_anything(unit) for unit in exported):
        return []
    in_package = set().union(*(unit.binds for unit in exported))
    unread = {
        word
        for unit in module.units
        if unit.tree is None and export_of(unit.cell) is not None
        for word in re.findall(r"\w+", unit.text)
    }
    known = _BUILTINS | _GIVEN | unread | in_package
    first_bound = _first_bound(module, exported)

    def wanted(place: int, unit: CodeUnit, statement: Statement) -> set[str]:
        if is_main_guard(statement.first):
            return set()
        too_early = {n for n in statement.names.loads & in_package if first_bound[n] > place}
        return (statement.names.uses - known) | too_early

    found: dict[int, Shortage] = {}
    seen: set[str] = set()
    uses = list(_uses(module, exported, wanted))
    for use in sorted(uses, key=lambda use: not use.at_import):
        if use.name in seen:
            continue
        owner = _owner(module, use, others, only_above=use.name in in_package)
        if owner is not None:
            seen.add(use.name)
            found.setdefault(owner.index, Shortage(owner)).uses.append(use)
    for shortage in found.values():
        shortage.uses.sort(key=lambda use: (use.place, use.node.lineno, use.node.col_offset))
    return [found[index] for index in sorted(found)]


def _owner(
    module: Module, use: Use, others: list[CodeUnit], *, only_above: bool
) -> CodeUnit | None:
    """The unexported unit whose binding of the name is meant: one that can be exported first."""
    binders = [unit for unit in others if use.name in unit.binds]
    above = [unit for unit in binders if unit.index < use.unit.index]
    if only_above or (use.at_import and above):
        binders = above
    if not binders or any(export_of(unit.cell) is not None for unit in binders):
        return None  # exported to another module, from where it may be imported
    return next((unit for unit in binders if obstacle(module, unit) is None), binders[0])


def _first_bound(module: Module, units: list[CodeUnit]) -> dict[str, int]:
    """The place of the first statement of ``units`` that binds each name."""
    first: dict[str, int] = {}
    for place, unit, statement in _statements(module):
        if unit in units:
            for name in statement.names.binds | statement.names.rebinds:
                first.setdefault(name, place)
    return first


def _statements(module: Module) -> Iterator[tuple[int, CodeUnit, Statement]]:
    place = 0
    for unit in module.parsed_units:
        for statement in unit.block:
            yield place, unit, statement
            place += 1


def _uses(
    module: Module, units: list[CodeUnit], wanted: Callable[[int, CodeUnit, Statement], set[str]]
) -> Iterator[Use]:
    """The first read in each statement of ``units`` of the names wanted of it, in order."""
    lazy = any(_makes_annotations_lazy(s.first) for unit in units for s in unit.block)
    for place, unit, statement in _statements(module):
        if unit not in units:
            continue
        names = wanted(place, unit, statement)
        if not names:
            continue
        names -= named_in_strings(statement)
        for node in _first_reads(names, statement, lazy):
            yield Use(node.id, unit, node, node.id in statement.names.loads, place)


def _makes_annotations_lazy(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
    )


#: What a read that is never evaluated, or whose NameError is caught, stands in or below.
_EXCUSING = frozenset((ast.Try, ast.AnnAssign))
#: What may end a block above its last statement, beside a call that ends the program.
_ENDS = frozenset((ast.Assert, ast.Raise, ast.Return))
_EXIT_ROOTS = frozenset(path.partition(".")[0] for path in _EXITS)


def _first_reads(names: set[str], statement: Statement, lazy: bool) -> list[ast.Name]:
    """Where each of ``names`` is first read in the statement, from top to bottom."""
    parts = [part for node in statement.nodes for part in walk(node)]
    reads = [read for read in map(_read, parts) if read is not None and read.id in names]
    kinds = {part.__class__ for part in parts}
    if lazy or not kinds.isdisjoint(_EXCUSING):
        excused = {id(n) for node in statement.nodes for n in _excused(node, lazy, False)}
        reads = [read for read in reads if id(read) not in excused]
    if reads and not (kinds.isdisjoint(_ENDS) and statement.names.uses.isdisjoint(_EXIT_ROOTS)):
        dead = _never_run(parts)
        reads = [read for read in reads if id(read) not in dead]
    first: dict[str, ast.Name] = {}
    for read in sorted(reads, key=lambda n: (n.lineno, n.col_offset)):
        first.setdefault(read.id, read)
    return list(first.values())


def _read(node: ast.AST) -> ast.Name | None:
    """The name that a node reads: itself, or the target of ``x += 1``."""
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target
    return node if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else None


def _never_run(parts: list[ast.AST]) -> set[int]:
    """The ids of all nodes that stand in a block below what ends it."""
    dead: set[int] = set()
    for part in parts:
        if not isinstance(part, COMPOUND):
            continue
        for block in blocks_of(part):
            end = next((at for at, node in enumerate(block[:-1]) if _is_end(node)), None)
            if end is not None:
                dead.update(id(n) for node in block[end + 1 :] for n in walk(node))
    return dead


def _excused(node: ast.AST, lazy: bool, in_function: bool) -> Iterator[ast.AST]:
    """What is never evaluated (annotations of locals), or whose NameError is caught."""
    if isinstance(node, ast.Try) and any(_catches_name_error(h) for h in node.handlers):
        for statement in node.body:
            yield from walk(statement)
    for child in children(node):
        unevaluated = lazy or (in_function and isinstance(node, ast.AnnAssign))
        if unevaluated and child in (
            getattr(node, "annotation", None),
            getattr(node, "returns", 0),
        ):
            yield from walk(child)
        else:
            inside = isinstance(node, FunctionNode) or (
                in_function and not isinstance(node, ast.ClassDef)
            )
            yield from _excused(child, lazy, inside)


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(n, ast.Name) and n.id == "NameError" for n in names)


def _binds_anything(unit: CodeUnit) -> bool:
    """Whether names may come from something that does not name them: a star import, ``exec``."""
    if _BINDING_MAGIC.search(unit.text):
        return True
    dynamic = unit.tree is not None and any(s.names.dynamic for s in unit.block)
    return dynamic and any(_is_binder(node) for node in walk(cast("ast.Module", unit.tree)))


def _is_binder(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "exec":
            return True
        if isinstance(node.func, ast.Attribute) and _is_globals(node.func.value):
            return node.func.attr in ("update", "setdefault", "__setitem__")
        return any(_is_globals(argument) for argument in node.args)
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and _is_globals(node.value)
    )


def _is_globals(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "globals"


def _bound_outside_code(module: Module) -> set[str]:
    """Names bound by Python text in cells that are no code: the script has them."""
    bound: set[str] = set()
    for cell in module.file.cells:
        is_text = cell.kind is not CellKind.CODE and cell.marker is not None
        if is_text and not is_prose(cell.source):
            tree = parse(cell.source)
            if not isinstance(tree, SyntaxProblem):
                bound |= names_of(tree.body).binds
    return bound
