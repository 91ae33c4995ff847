"""A module file understood: its code cells parsed, its names resolved."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.analysis.scopes import Names, names_in, names_of
from modlint.analysis.trees import COMPOUND, children, first_line, last_line, remembered
from modlint.diagnostics import Position, RuleFault
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.directives import is_exported
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.kinds import Kind
from modlint.settings import Settings

if TYPE_CHECKING:
    from modlint.analysis.suppressions import Suppressions
    from modlint.execution.observation import Observation

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = FunctionNode | ast.ClassDef

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class Statement:
    """One statement of a block: a compound statement, or the simple ones of one line.

    ``first`` is the node that gives the statement its place; it is asked for again and again.
    """

    nodes: tuple[ast.stmt, ...]
    names: Names
    first: ast.stmt = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.nodes[0]

    @property
    def last_line(self) -> int:
        """The last line of the statement in its cell."""
        return last_line(self.nodes[-1])

    @property
    def first_line(self) -> int:
        """The first line of the statement in its cell, decorators included."""
        return first_line(self.first)


def block_of(body: list[ast.stmt]) -> list[Statement]:
    """The statements of ``body``, with those joined by semicolons taken as one, as LibCST does."""
    grouped: list[list[ast.stmt]] = []
    for node in body:
        if grouped and grouped[-1][-1].end_lineno == node.lineno:
            grouped[-1].append(node)
        else:
            grouped.append([node])
    return [
        Statement(tuple(nodes), names_of(nodes) if nodes[1:] else names_in(nodes[0]))
        for nodes in grouped
    ]


@remembered
def _top_level(tree: ast.Module) -> list[Statement]:
    """The statements of a cell, remembered with its tree."""
    return block_of(tree.body)


@dataclass(eq=False)
class CodeUnit:
    """Code that runs as one text: a code cell, or cells that an indented marker tore apart.

    ``index`` is the first of its ``cells``; ``text`` is the raw text from there to
    the end of the last one.
    """

    index: int
    cells: tuple[Cell, ...]
    text: str
    tree: ast.Module | None
    problem: SyntaxProblem | None

    @property
    def row(self) -> int:
        """The row of the file where ``text`` begins."""
        return self.cells[0].row

    @property
    def is_one_cell(self) -> bool:
        """Whether the unit is a whole cell, which a fix can rewrite."""
        return len(self.cells) == 1

    @property
    def cell(self) -> Cell:
        """The (first) cell."""
        return self.cells[0]

    @cached_property
    def block(self) -> list[Statement]:
        """The statements at the top level."""
        return _top_level(self.tree) if self.tree else []

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that the unit binds in the module's namespace, now or in a function.

        ``x += 1`` and ``del x`` need an ``x`` that is there.
        """
        return frozenset().union(
            *(
                statement.names.binds | statement.names.rebinds
                for statement in self.block
                if not all(isinstance(node, ast.AugAssign | ast.Delete) for node in statement.nodes)
            )
        )

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text as Python counts them, without their endings."""
        return re.split(r"\r\n|\r|\n", self.text)

    def segment(self, node: ast.stmt | ast.expr) -> str:
        """The text of ``node``, from its first character to its last."""
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: _characters(lines[-1], node.end_col_offset or 0)]
        lines[0] = lines[0][_characters(lines[0], node.col_offset) :]
        return "\n".join(lines)

    def leads_line(self, node: ast.stmt) -> bool:
        """Whether nothing stands before ``node`` on its line."""
        return not self.lines[node.lineno - 1].encode()[: node.col_offset].strip()

    def goes_on(self, line: int) -> bool:
        """Whether a line that ends a statement is continued by a backslash all the same."""
        text = self.lines[line - 1].rstrip() if line else ""
        return text.endswith("\\") and not text.lstrip().startswith("#")

    def position(self, line: int, byte_column: int) -> Position:
        """The place in the file of an ``ast`` location in this unit."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Position(self.row + line - 1, _characters(text, byte_column) + 1)

    def start(self, node: ast.stmt | ast.expr | ast.arg) -> Position:
        """Where ``node`` begins in the file."""
        return self.position(node.lineno, node.col_offset)

    def end(self, node: ast.stmt | ast.expr | ast.arg) -> Position:
        """Where ``node`` ends in the file."""
        return self.position(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def _characters(text: str, byte_column: int) -> int:
    """The column in characters of one in bytes, as ``ast`` counts them."""
    if text.isascii():
        return byte_column
    return len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "replace"))


def cell_at(unit: CodeUnit, row: int) -> int:
    """The index of the cell of ``unit`` that holds ``row`` of the file."""
    index = unit.index
    for offset, cell in enumerate(unit.cells):
        if cell.row <= row:
            index = unit.index + offset
    return index


class Definition(NamedTuple):
    """A function or class defined at the top level of a cell (or in a block there)."""

    unit: CodeUnit
    node: FunctionNode | ast.ClassDef
    conditional: bool  # inside if, try, with, for or while


class ImportedName(NamedTuple):
    """A name that an import statement binds."""

    unit: CodeUnit
    node: ast.Import | ast.ImportFrom
    module: str
    original: str | None  # the name in that module; None for `import module`
    conditional: bool


class Twin(NamedTuple):
    """The other file of a pair, a module and its notebook: where it is and what it holds."""

    path: str
    file: ModuleFile


class Module:
    """One module file, understood. Everything in it is computed when first asked for.

    ``observed`` is what was seen of it while it ran; None while it has not run. ``faults``
    are the rules of the course's own that failed on it.
    """

    def __init__(self, file: ModuleFile, settings: Settings, twin: Twin | None = None) -> None:
        self.file = file
        self.settings = settings
        self.twin = twin
        self.observed: Observation | None = None
        self.faults: list[RuleFault] = []
        self.units = list(_units(file.cells))
        self.facts: dict[Hashable, Any] = {}

    @property
    def kind(self) -> Kind:
        """What the file is for."""
        return self.settings.purpose.kind

    @cached_property
    def grader(self) -> GraderConfig:
        """What nbgrader goes by when it makes the release of the module."""
        return self.settings.grader

    def is_importable(self, unit: CodeUnit) -> bool:
        """Whether ``unit`` runs when somebody imports the module, or the package made of it."""
        purpose = self.settings.purpose
        if not purpose.is_importable:
            return False
        return not purpose.only_exports or any(map(is_exported, unit.cells))

    @cached_property
    def parsed_units(self) -> list[CodeUnit]:
        """The units that are valid Python."""
        return [unit for unit in self.units if unit.tree is not None]

    @cached_property
    def unit_at(self) -> dict[int, CodeUnit]:
        """The units that are valid Python, by the index of their first cell."""
        return {unit.index: unit for unit in self.parsed_units}

    @cached_property
    def suppressions(self) -> Suppressions:
        """What the author has told modlint to leave alone."""
        from modlint.analysis.suppressions import Suppressions

        return Suppressions(self)

    @cached_property
    def definitions(self) -> dict[str, list[Definition]]:
        """Functions and classes that run at module level, by name, in order."""
        found: dict[str, list[Definition]] = {}
        for unit, node, conditional in self._module_level:
            if isinstance(node, FunctionNode | ast.ClassDef):
                found.setdefault(node.name, []).append(Definition(unit, node, conditional))
        return found

    @cached_property
    def imports(self) -> dict[str, list[ImportedName]]:
        """Names bound by imports at module level."""
        found: dict[str, list[ImportedName]] = {}
        for unit, node, conditional in self._module_level:
            for name, module, original in imported_names(node):
                entry = ImportedName(unit, node, module, original, conditional)  # type: ignore[arg-type]
                found.setdefault(name, []).append(entry)
        return found

    @cached_property
    def variables(self) -> set[str]:
        """Names bound at module level by anything but a definition or an import."""
        bound: set[str] = set()
        for _, node, _ in self._module_level:
            if isinstance(node, FunctionNode | ast.ClassDef | ast.Import | ast.ImportFrom):
                continue
            bound |= (names_of(_headers(node)) if _blocks(node) else names_in(node)).binds
        return bound

    def is_first_party(self, name: str) -> bool:
        """Whether ``name`` is a function, class or module of the course itself."""
        if name in self.definitions:
            return True
        return any(self.settings.is_first_party(i.module) for i in self.imports.get(name, ()))

    @cached_property
    def words_of_unparsed(self) -> set[str]:
        """Every word of the code cells that do not parse: any of them may be a use of a name."""
        words: set[str] = set()
        for unit in self.units:
            if unit.tree is None:
                words.update(re.findall(r"\w+", unit.text))
        return words

    def take_apart(self) -> None:
        """Let go of all that was computed, when nobody asks any more: its parts hold one another,
        and would wait for Python's collector.
        """
        self.__dict__.clear()

    def where(self, cell: int, row: int | None = None) -> str:
        """A place in words, as :meth:`ModuleFile.where` says it."""
        return self.file.where(cell, row)

    @cached_property
    def _module_level(self) -> list[tuple[CodeUnit, ast.stmt, bool]]:
        return [
            (unit, node, conditional)
            for unit in self.parsed_units
            for node, conditional in _flat(unit.tree.body if unit.tree else [], False)
        ]


def fact(compute: Callable[Concatenate[Module, _P], _T]) -> Callable[Concatenate[Module, _P], _T]:
    """A fact about a module, and maybe a part of it: computed when first asked for, and kept."""

    @wraps(compute)
    def known(module: Module, /, *parts: _P.args, **named: _P.kwargs) -> _T:
        key = (compute, *parts)
        if key not in module.facts:
            module.facts[key] = compute(module, *parts, **named)
        found: _T = module.facts[key]
        return found

    return known


def imported_names(node: ast.stmt) -> Iterator[tuple[str, str, str | None]]:
    """What an import statement binds: name, module (a leading dot for relative), original name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0], alias.name, None
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name, module, alias.name


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """The statement lists inside a compound statement that is not a definition."""
    if not isinstance(node, COMPOUND) or isinstance(node, FunctionNode | ast.ClassDef):
        return []
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(node, "handlers", [])]
    blocks += [case.body for case in getattr(node, "cases", [])]
    return [block for block in blocks if block]


def _headers(node: ast.stmt) -> list[ast.AST]:
    """The parts of a compound statement outside its blocks."""
    return [
        child
        for child in children(node)
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
    ]


def _flat(body: list[ast.stmt], conditional: bool) -> Iterator[tuple[ast.stmt, bool]]:
    # A generator in a generator would hand on each statement through all blocks around it.
    left = [(node, conditional) for node in reversed(body)]
    while left:
        node, conditional = left.pop()
        yield node, conditional
        for block in reversed(_blocks(node)):
            left += ((inner, True) for inner in reversed(block))


def _units(cells: tuple[Cell, ...]) -> Iterator[CodeUnit]:
    seen: set[str] = set()
    index = 0
    while index < len(cells):
        cell = cells[index]
        if cell.kind is not CellKind.CODE:
            index += 1
            continue
        result = parse(cell.source)
        joined: tuple[Cell, ...] = (cell,)
        if index + 1 < len(cells) and has_indented_marker(cells[index + 1]):
            joined, result = _joined(cells, index, result)
        text = cell.source + "".join((c.marker or "") + c.source for c in joined[1:])
        if text in seen:  # two cells alike: a node is known by what it is, and stands once
            result = parse.__wrapped__(text)
        seen.add(text)
        if isinstance(result, SyntaxProblem):
            yield CodeUnit(index, joined, text, None, result)
        else:
            yield CodeUnit(index, joined, text, result, None)
        index += len(joined)


def has_indented_marker(cell: Cell) -> bool:
    """Whether the cell's marker stands inside an indented block of the cell above."""
    return cell.marker is not None and cell.marker[:1] in (" ", "\t")


def _joined(
    cells: tuple[Cell, ...], index: int, alone: ast.Module | SyntaxProblem
) -> tuple[tuple[Cell, ...], ast.Module | SyntaxProblem]:
    """Cells torn apart by indented markers, read as the one text they are to Python."""
    end = index + 1
    while end < len(cells) and has_indented_marker(cells[end]):
        end += 1
    text = cells[index].source + "".join(
        (c.marker or "") + c.source for c in cells[index + 1 : end]
    )
    result = parse(text)
    if isinstance(result, SyntaxProblem):
        return (cells[index],), alone
    return cells[index:end], result
