"""Who needs the names that acting statements bind, and what the handlers around them do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from modlint.analysis.acts import ActKind, Role, Step
from modlint.analysis.flow import flow_of
from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, block_of
from modlint.analysis.needs import named_in_strings, place_of
from modlint.analysis.scopes import names_of
from modlint.analysis.trees import dotted, walk
from modlint.patterns import matches

if TYPE_CHECKING:
    from modlint.analysis.runs import Run

Try = ast.Try | ast.TryStar
With = ast.With | ast.AsyncWith
#: What no print raises.
_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")
#: Managers that let every exception through.
_LETS_THROUGH = (
    "open", "*.open", "warnings.catch_warnings", "catch_warnings", "contextlib.redirect_*",
    "redirect_*", "contextlib.closing", "closing", "nullcontext", "contextlib.nullcontext",
    "np.errstate", "numpy.errstate", "np.printoptions", "torch.no_grad", "torch.inference_mode",
    "tempfile.*", "TemporaryDirectory", "NamedTemporaryFile", "ThreadPoolExecutor", "Pool",
    "ProcessPoolExecutor", "*.Lock", "Lock", "zipfile.ZipFile", "gzip.open", "tarfile.open",
    "plt.*", "tqdm",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Use:
    """Somebody else's need of a name that a run binds.

    ``node`` is the statement that reads it, ``top`` the one of the top level
    that it stands in; both are None in a cell that does not parse, and where another file
    imports the name (``imported``). ``changed``: the run does not bind the name, but changes
    what it stands for.
    """

    name: str
    unit: CodeUnit
    guarded: bool = False
    node: ast.stmt | None = None
    top: ast.stmt | None = None
    run: Run | None = None  # the run it stands in, which may be guarded too
    imported: bool = False
    changed: bool = False


class Uses:
    """The statements of a module's top level, asked which of them need what a run binds."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.order: dict[int, int] = {}  # id of a top-level ast statement → its place
        self.statements: list[tuple[CodeUnit, Statement]] = []
        #: Where in that list those stand that mention a name.
        self.mentioning: dict[str, list[int]] = {}
        for unit in module.parsed_units:
            for statement in unit.block:
                self.order[id(statement.first)] = len(self.order)
                names = statement.names
                mentioned = names.binds | names.uses | named_in_strings(statement)
                for name in mentioned:
                    self.mentioning.setdefault(name, []).append(len(self.statements))
                self.statements.append((unit, statement))

    def of(self, run: Run) -> Iterator[Use]:
        """Every use, outside the run, of a name that it binds."""
        yield from self._uses_of(run, run.names.binds - self._imported_anyway(run), run.siblings)

    def of_changes(self, run: Run, changes: set[str]) -> Iterator[Use]:
        """Every need, while the module is imported, of what the run changes and does not bind.

        What a function reads later is left out: whether it minds nobody can tell.
        """
        changes = changes & self.module.variables & self.mentioning.keys()
        if not changes:
            return
        inside = {id(node) for node in run.nodes}
        place = self.order[id(run.top.first)]
        mentioning = set[int]().union(*(self.mentioning[name] for name in changes))
        for number in sorted(mentioning):
            unit, statement = self.statements[number]
            is_apart = number <= place or id(statement.first) in inside
            if is_apart or isinstance(statement.first, FunctionNode | ast.ClassDef):
                continue
            needed = changes & statement.names.loads
            if needed and not self._runs_in_script_only(unit, statement):
                for name in sorted(needed):
                    node = place_of(name, statement)
                    yield Use(name, unit, node=node, top=statement.first, changed=True)
        for name in sorted(changes):
            if self.module.settings.purpose.is_wanted(name):
                yield Use(name, run.unit, imported=True, changed=True)

    def of_handlers(self, run: Run) -> Iterator[Use]:
        """Every need of what is done around the run only if it raises, or only if it does not."""
        handled = {id(node) for part in run.tries for h in _handlers(part) for node in h.body}
        others = [s for s in run.siblings if id(s.first) not in handled]
        for part in self._deciding(run):
            bodies = [block_of(handler.body) for handler in _handlers(part)]
            for statement in (s for body in bodies for s in body):
                if self.changes_others(statement):
                    yield Use("its exception", run.unit, node=statement.first)
            by_handlers = names_of(_handlers(part)).binds
            for use in self._uses_of(run, _decided(part, run), others):
                what = "its handler binds" if use.name in by_handlers else "waits for it"
                use.name += f", which {what}"
                yield use

    def decided(self, run: Run) -> set[str]:
        """Names that are bound around the run only if it raises, or only if it does not."""
        return set[str]().union(*(_decided(part, run) for part in self._deciding(run)))

    def _deciding(self, run: Run) -> Iterator[Try | With]:
        """The statements around the run that may go on otherwise where it raises."""
        acting = [step for step in run.steps if step.role is Role.ACT]
        for part in run.tries:
            if not all(_only_prints(step, part) for step in acting):
                yield part

    def _uses_of(self, run: Run, binds: set[str], siblings: list[Statement]) -> Iterator[Use]:
        """Every use, outside the run, of names that are not bound where it does not run."""
        if not binds:
            return
        inside = {id(node) for node in run.nodes}
        place = self.order[id(run.top.first)]
        pending = set(binds)  # names whose value from the run may still be read
        mentioning = {place}.union(*(self.mentioning.get(name, ()) for name in binds))
        for unit, statement in (self.statements[number] for number in sorted(mentioning)):
            if id(statement.first) in inside:
                continue
            if statement is run.top:
                yield from self._uses_by(unit, siblings, binds, binds)
                continue
            after = self.order[id(statement.first)] > place
            now = pending if after else set()
            yield from self._uses_by(unit, [statement], now, binds)
            if after and not self._runs_in_script_only(unit, statement):
                pending -= flow_of(statement.nodes).certain
        for name in sorted(pending):
            if self.module.settings.purpose.is_wanted(name):
                yield Use(name, run.unit, imported=True)
        for name in sorted(binds & self.module.words_of_unparsed):
            broken = next(u for u in self.module.units if u.tree is None and name in u.text)
            yield Use(name, broken)

    def _imported_anyway(self, run: Run) -> set[str]:
        """Names that the run imports although the module has them from the same place already."""
        found: set[str] = set()
        imported = run.names.binds & self.module.imports.keys()
        if not imported:
            return found
        inside = {id(node) for top in run.nodes for node in walk(top)}
        place = self.order[id(run.top.first)]
        for name in imported:
            imports = self.module.imports[name]
            own = {(i.module, i.original) for i in imports if id(i.node) in inside}
            before = {
                (i.module, i.original)
                for i in imports
                if not i.conditional and self.order.get(id(i.node), place) < place
            }
            if own and own <= before and not _binds_otherwise(run, name):
                found.add(name)
        return found

    def _uses_by(
        self,
        unit: CodeUnit,
        statements: Iterable[Statement],
        now: set[str],
        later: set[str],
    ) -> Iterator[Use]:
        for statement in statements:
            names = statement.names
            needed = names.deferred & later
            if now & names.loads:
                needed |= flow_of(statement.nodes).exposed & now
            needed |= named_in_strings(statement) & later
            guarded = bool(needed) and (
                self._is_guarded(statement) or not self.module.is_importable(unit)
            )
            for name in sorted(needed):
                yield Use(name, unit, guarded, place_of(name, statement), statement.first)

    def _is_guarded(self, statement: Statement) -> bool:
        """Whether a statement runs, or is called, only when the file is the script."""
        node = statement.first
        if isinstance(node, FunctionNode):
            is_local = node.name.startswith("demo_") or self.module.settings.is_test_name(node.name)
            return is_local and node.name not in self._used_unguarded
        return is_main_guard(node) and not node.orelse  # type: ignore[attr-defined]

    def _runs_in_script_only(self, unit: CodeUnit, statement: Statement) -> bool:
        """Whether no import runs a statement of the top level."""
        return not self.module.is_importable(unit) or is_main_guard(statement.first)

    @cached_property
    def _used_unguarded(self) -> set[str]:
        """Names that something outside every guard reads, now or later."""
        return {
            name
            for unit in self.module.parsed_units
            for statement in unit.block
            if not self._runs_in_script_only(unit, statement)
            for name in statement.names.uses
        }

    def changes_others(self, statement: Statement) -> bool:
        """Whether a statement itself changes what the module defines, imports or reads."""
        others = self.module.definitions.keys() | self.module.imports.keys() | self._read_later
        for node in statement.nodes:
            for part in walk(node):
                if isinstance(part, ast.Call) and dotted(part.func).startswith("sys.path."):
                    return True
                if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(
                    part.ctx, ast.Load
                ):
                    root = ast.unparse(part).split(".")[0].split("[")[0]
                    if root in others - statement.names.binds:
                        return True
        return False

    @cached_property
    def _read_later(self) -> set[str]:
        """Names that functions of the module read when they are called."""
        return {
            name
            for unit in self.module.parsed_units
            for statement in unit.block
            if isinstance(statement.first, FunctionNode | ast.ClassDef)
            for name in statement.names.deferred
        }


def may_swallow(node: ast.stmt) -> bool:
    """Whether a ``with`` may end, and the module go on, where its body raises."""
    if not isinstance(node, With):
        return False
    managers = [item.context_expr for item in node.items]
    paths = [dotted(m.func) if isinstance(m, ast.Call) else dotted(m) for m in managers]
    return not all(matches(path, _LETS_THROUGH) for path in paths)


def _handlers(part: Try | With) -> list[ast.ExceptHandler]:
    return [] if isinstance(part, With) else part.handlers


def _decided(part: Try | With, run: Run) -> set[str]:
    """Names that ``part`` binds only if the run in its body raises, or only if it does not.

    What stands above the run is bound anyway, but a handler may bind it again.
    """
    places = [index for index, node in enumerate(part.body) if _holds(node, run)]
    below = part.body[max(places) + 1 :] if places else []
    otherwise = [] if isinstance(part, With) else part.orelse
    return names_of([*below, *_handlers(part), *otherwise]).binds - run.names.binds


def _holds(node: ast.stmt, run: Run) -> bool:
    first, last = run.nodes[0].lineno, run.nodes[-1].lineno
    return node.lineno <= last and first <= (node.end_lineno or node.lineno)


def _only_prints(step: Step, within: Try | With) -> bool:
    """Whether a step prints, and does not raise what the handlers of ``within`` are for."""
    if step.kind is not ActKind.PRINT:
        return False
    handlers = _handlers(within)
    if handlers and all(h.type and dotted(h.type) in _IMPORT_ERRORS for h in handlers):
        return True
    return not any(
        isinstance(part, ast.Attribute | ast.Subscript | ast.BinOp)
        or (isinstance(part, ast.Call) and dotted(part.func) != "print")
        for node in step.statement.nodes
        for part in walk(node)
    )


def _binds_otherwise(run: Run, name: str) -> bool:
    """Whether the run binds ``name`` by anything but an import."""
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for top in run.nodes
        for node in walk(top)
    )
