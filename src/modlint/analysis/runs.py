"""Neighbouring statements that act at import, taken together as they must be fixed.

A *run* is what a reader sees as one thing: a test call, a few prints, a demo.
Whether it can be kept from running on import depends on who else needs the
names that it binds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from modlint.analysis.acts import Act, ActKind, Classifier, Role, Step
from modlint.analysis.calls import CallSite
from modlint.analysis.effects import effects_of_statements
from modlint.analysis.guards import is_main_guard
from modlint.analysis.module import CodeUnit, FunctionNode, Module, Statement, block_of, cell_at
from modlint.analysis.needs import named_in_strings, place_of
from modlint.analysis.nominate import acting_units, may_act
from modlint.analysis.scopes import Names, flow_of, names_of
from modlint.analysis.trees import dotted, walk
from modlint.analysis.vocabulary import SEEDS, matches
from modlint.notebook.directives import is_exported

#: What a step is reported as outside a demo.
_OWN_CODES: dict[ActKind | None, str] = {
    ActKind.TEST: "IMP001",
    ActKind.PRINT: "IMP002",
    ActKind.CALL: "IMP003",
    ActKind.OBJECT: "IMP005",
}


_Try = ast.Try | ast.TryStar
#: What no print raises.
_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")


@dataclass(slots=True, eq=False)
class Use:
    """Somebody else's need of a name that a run binds.

    ``node`` is the statement that reads it, ``top`` the one of the top level
    that it stands in; both are None in a cell that does not parse.
    """

    name: str
    unit: CodeUnit
    guarded: bool = False
    node: ast.stmt | None = None
    top: ast.stmt | None = None
    run: Run | None = None  # the run it stands in, which may be guarded too


@dataclass(slots=True, eq=False)
class Run:
    """Neighbouring steps of one block that act at import, to be guarded together.

    ``is_demo``: at least one does more than print or call. ``unsafe`` says why
    guarding it may be missed by importers (empty: it cannot). ``blocked`` is the
    unguarded use that forbids guarding it. ``shared``: others, all guarded, use
    its names, so they must stay names of the module. ``tries`` are the statements whose
    handlers run if the run raises, and do not once it is guarded.
    """

    unit: CodeUnit
    steps: list[Step]
    top: Statement
    siblings: list[Statement]  # the other statements of the block, where it is a nested one
    is_demo: bool = False
    tries: tuple[_Try, ...] = ()
    unsafe: str = ""
    blocked: Use | None = None
    uses: list[Use] = field(default_factory=list)

    @property
    def nodes(self) -> list[ast.stmt]:
        """Every statement of the run."""
        return [node for step in self.steps for node in step.statement.nodes]

    @property
    def acts(self) -> list[Act]:
        """Everything that happens at import in the run, in order."""
        return [act for step in self.steps for act in step.acts]

    @property
    def names(self) -> Names:
        """What the run does with the module's names."""
        names = Names()
        for step in self.steps:
            names.add(step.statement.names)
        return names

    @property
    def shared(self) -> bool:
        """Whether anybody else, guarded or not, uses a name that the run binds."""
        return bool(self.uses)

    @property
    def stands_alone(self) -> bool:
        """Whether it stands on lines of its own, in a cell that is one text: it can be guarded."""
        return self.unit.is_one_cell and self.unit.leads_line(self.steps[0].statement.first)

    @property
    def codes(self) -> set[str]:
        """The IMP codes of its acting steps."""
        return {self.code_of(step) for step in self.steps if step.acts}

    def code_of(self, step: Step) -> str:
        """The IMP code of an acting step: calls first, then a demo, then prints and objects."""
        if self.is_demo and step.kind not in (ActKind.TEST, ActKind.CALL):
            return "IMP004"
        return _OWN_CODES.get(step.kind, "IMP002")


def runs_of(module: Module) -> list[Run]:
    """All runs of the module, in order; computed once a module."""
    if "runs" not in module.cache:
        module.cache["runs"] = _Finder(module).find()
    return cast("list[Run]", module.cache["runs"])


class _Finder:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.runs: list[Run] = []
        self.owner: dict[int, Run] = {}  # id of an ast statement → its run
        self.acting: set[int] = set()  # ids of the ast statements that act
        self.order: dict[int, int] = {}  # id of a top-level ast statement → its place
        #: The statements of the top level, each with all names that it mentions.
        self.mentions: list[tuple[CodeUnit, Statement, set[str]]] = []

    def find(self) -> list[Run]:
        acting = acting_units(self.module)
        if not acting:
            return []
        for unit in self.module.parsed_units:
            for statement in unit.block:
                self.order[id(statement.first)] = len(self.order)
                named = named_in_strings(statement)
                names = statement.names
                self.mentions.append((unit, statement, names.binds | names.uses | named))
        classifier = Classifier(self.module)
        steps = {id(unit): classifier.steps(unit) for unit in acting}
        self.acting = {id(n) for block in steps.values() for n in _acting_nodes(block)}
        for unit in acting:
            self._collect(unit, steps[id(unit)], None, [])
        for run in self.runs:
            run.uses = [*self._uses(run), *self._uses_of_handlers(run)]
        self._settle()
        return self.runs

    # Forming runs

    def _collect(
        self,
        unit: CodeUnit,
        steps: list[Step],
        top: Statement | None,
        siblings: list[Statement],
        tries: tuple[_Try, ...] = (),
    ) -> None:
        """Add the runs of one block; a compound statement that others need is opened."""
        opened: list[Step] = []
        for stretch in self._stretches(unit, steps, top, siblings, opened):
            self._add_run(unit, stretch, steps, top, siblings, tries)
        for step in opened:
            outside = [s.statement for s in steps if s is not step]
            node = step.statement.first
            for block in step.blocks:
                around = outside + [s.statement for b in step.blocks if b is not block for s in b]
                handled = isinstance(node, _Try) and block is step.blocks[0]
                within = (*tries, cast(_Try, node)) if handled else tries
                self._collect(unit, block, top or step.statement, siblings + around, within)

    def _stretches(
        self,
        unit: CodeUnit,
        steps: list[Step],
        top: Statement | None,
        siblings: list[Statement],
        opened: list[Step],
    ) -> Iterator[list[Step]]:
        """Maximal stretches of acting steps and what belongs between them."""
        apart: set[int] = set()
        for step in steps:
            if not step.acts or step.role is Role.DEFINITION:
                if step.acts:
                    opened.append(step)
                continue
            if step.is_compound and (
                step.is_branch
                or step.is_fallback
                or self._changes_others(step.statement)
                or self._is_needed(unit, [step], steps, top, siblings)
            ):
                opened.append(step)
                apart.add(id(step))
        changed = True
        while changed:
            changed = False
            stretches = list(_split(steps, apart))
            for stretch in stretches:
                for step in stretch:
                    loose = step.role is not Role.ACT or step.kind is ActKind.OBJECT
                    if not loose or len(stretch) == 1 or id(step) in apart:
                        continue
                    if not _belongs(step, stretch) or self._is_needed(
                        unit, [step], steps, top, siblings, stretch
                    ):
                        apart.add(id(step))
                        changed = True
        for stretch in stretches:
            yield stretch
        # An object that others need stands alone: it is reported, and nothing else waits for it.
        for step in steps:
            if id(step) in apart and step.role is Role.ACT and not step.is_compound:
                yield [step]

    def _changes_others(self, statement: Statement) -> bool:
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

    def _is_needed(
        self,
        unit: CodeUnit,
        part: list[Step],
        steps: list[Step],
        top: Statement | None,
        siblings: list[Statement],
        within: list[Step] | None = None,
    ) -> bool:
        """Whether something that does not act itself needs, unguarded, a name of ``part``."""
        run = Run(unit, within or part, top or part[0].statement, siblings)
        if top is not None:
            run.siblings = siblings + [s.statement for s in steps if s not in run.steps]
        binds = set().union(*(s.statement.names.binds for s in part))
        return any(
            use.name in binds
            and not use.guarded
            and use.top is not None  # what a broken cell needs is only guessed
            and id(use.top) not in self.acting
            for use in self._uses(run)
        )

    def _add_run(
        self,
        unit: CodeUnit,
        stretch: list[Step],
        steps: list[Step],
        top: Statement | None,
        siblings: list[Statement],
        tries: tuple[_Try, ...],
    ) -> None:
        inner = siblings + [s.statement for s in steps if s not in stretch] if top else siblings
        for part in self._by_trust(stretch):
            is_demo = _is_demo(part)
            if is_demo:
                part = self._with_preamble(unit, part, steps, top, inner)
            run = Run(unit, part, top or part[0].statement, inner, is_demo, tries)
            if is_demo:
                own = run.names.binds
                found = effects_of_statements(self.module, run.nodes, own)
                if found.changes:
                    run.unsafe = found.reason
            elif part[0].kind in (ActKind.CALL, ActKind.OBJECT):
                run.unsafe = self._distrust(part[0])
            elif taken := _taken_along(part):
                run.unsafe = f"importers would lose {', '.join(taken)}, on the same line"
            self.runs.append(run)
            for node in run.nodes:
                for inner_node in walk(node):
                    self.owner[id(inner_node)] = run

    def _by_trust(self, stretch: list[Step]) -> Iterator[list[Step]]:
        """A call that importers might miss stands alone; so does an object outside a demo.

        So does what its author has told modlint to leave as it is.
        """
        part: list[Step] = []
        is_demo = _is_demo(stretch)
        for step in stretch:
            alone = self._is_left_alone(step, is_demo) or (
                (step.kind is ActKind.CALL and self._distrust(step))
                or (not is_demo and _taken_along([step]))
            )
            if alone:
                yield from self._objects_apart(part)
                part = []
                yield [step]
            else:
                part.append(step)
        yield from self._objects_apart(part)

    def _is_left_alone(self, step: Step, is_demo: bool) -> bool:
        """Whether a suppression is about the step itself, and not the demo that it may belong to.

        A call has its code in a demo too; a print or an object must be meant by its line.
        """
        code = _OWN_CODES.get(step.kind)
        if code is None or not step.acts:
            return False
        line_only = is_demo and step.kind not in (ActKind.TEST, ActKind.CALL)
        return self._is_hidden(code, step, line_only=line_only)

    def _is_reported(self, run: Run, step: Step) -> bool:
        """Whether a rule in force says something of an acting step, and has a fix for its run."""
        code = run.code_of(step)
        steps = run.steps if code == "IMP004" else [step]  # reported on its first line
        return self.module.settings.is_enabled(code) and not any(
            self._is_hidden(code, part) for part in steps
        )

    def _is_hidden(self, code: str, step: Step, *, line_only: bool = False) -> bool:
        row = step.unit.start(step.statement.first).row
        cell = cell_at(step.unit, row)
        return self.module.suppressions.hides(code, cell, row, line_only=line_only)

    def _objects_apart(self, part: list[Step]) -> Iterator[list[Step]]:
        part = _trimmed(part)
        if not part:
            return
        if _is_demo(part):
            yield part
            return
        rest: list[Step] = []
        for step in part:
            if step.kind is ActKind.OBJECT:
                yield from filter(None, [_trimmed(rest)])
                rest = []
                yield [step]
            else:
                rest.append(step)
        yield from filter(None, [_trimmed(rest)])

    def _distrust(self, step: Step) -> str:
        """Why importers might miss a call or an object; empty where they cannot."""
        if step.kind is ActKind.OBJECT:
            return "importers may use the name that it binds"
        found = effects_of_statements(self.module, step.statement.nodes, set())
        return found.reason

    def _with_preamble(
        self,
        unit: CodeUnit,
        part: list[Step],
        steps: list[Step],
        top: Statement | None,
        siblings: list[Statement],
    ) -> list[Step]:
        """The run with the imports, constants and seeds directly above that only it uses."""
        start = steps.index(part[0])
        while start > 0:
            above = steps[start - 1]
            if (
                above.role not in (Role.IMPORT, Role.VALUE)
                or id(above.statement.first) in self.owner
            ):
                break
            binds = above.statement.names.binds
            uses = set().union(*(s.statement.names.uses for s in part))
            if not (binds and binds <= uses) and not _is_seed(above):
                break
            widened = [above, *part]
            run = Run(unit, widened, top or above.statement, siblings)
            if any(use.name in binds for use in self._uses(run)):
                break
            if binds and is_exported(unit.cell):
                break
            part = widened
            start -= 1
        return part

    # Who needs the names

    def _uses(self, run: Run) -> Iterator[Use]:
        """Every use, outside the run, of a name that it binds."""
        yield from self._uses_of(run, run.names.binds - self._imported_anyway(run), run.siblings)

    def _uses_of_handlers(self, run: Run) -> Iterator[Use]:
        """Every need of what the handlers around the run do, which they do only if it raises."""
        handled = {id(node) for part in run.tries for h in part.handlers for node in h.body}
        others = [s for s in run.siblings if id(s.first) not in handled]
        acting = [step for step in run.steps if step.role is Role.ACT]
        for part in run.tries:
            if all(_only_prints(step, part) for step in acting):
                continue
            bodies = [block_of(handler.body) for handler in part.handlers]
            for statement in (s for body in bodies for s in body):
                if self._changes_others(statement):
                    yield Use("its exception", run.unit, node=statement.first)
            rest = [node for node in part.body if node not in run.nodes]
            binds = names_of(part.handlers).binds - flow_of(rest).certain - run.names.binds
            for use in self._uses_of(run, binds, others):
                use.name += ", which its handler binds"
                yield use

    def _uses_of(self, run: Run, binds: set[str], siblings: list[Statement]) -> Iterator[Use]:
        """Every use, outside the run, of names that are not bound where it does not run."""
        if not binds:
            return
        inside = {id(node) for node in run.nodes}
        place = self.order[id(run.top.first)]
        pending = set(binds)  # names whose value from the run may still be read
        for unit, statement, mentioned in self.mentions:
            if id(statement.first) in inside:
                continue
            if statement is run.top:
                yield from self._uses_by(run, unit, siblings, binds, binds)
                continue
            if binds.isdisjoint(mentioned):
                continue
            after = self.order[id(statement.first)] > place
            now = pending if after else set()
            yield from self._uses_by(run, unit, [statement], now, binds)
            if after and not is_main_guard(statement.first):
                pending -= flow_of(statement.nodes).certain
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
        run: Run,
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
            guarded = self._is_guarded(statement)
            for name in sorted(needed):
                yield Use(name, unit, guarded, place_of(name, statement), statement.first)

    def _is_guarded(self, statement: Statement) -> bool:
        """Whether a statement runs, or is called, only when the file is the script."""
        node = statement.first
        if isinstance(node, FunctionNode):
            is_local = node.name.startswith("demo_") or self.module.settings.is_test_name(node.name)
            return is_local and node.name not in self._used_unguarded
        return is_main_guard(node) and not node.orelse  # type: ignore[attr-defined]

    @cached_property
    def _used_unguarded(self) -> set[str]:
        """Names that something outside every guard reads, now or later."""
        return {
            name
            for unit in self.module.parsed_units
            for statement in unit.block
            if not is_main_guard(statement.first)
            for name in statement.names.uses
        }

    def _settle(self) -> None:
        """Find the runs that cannot be guarded, and those that fall with them.

        A safe fix may count only on guards that safe fixes put up.
        """
        for run in self.runs:
            for use in run.uses:
                use.run = self.owner.get(id(use.node))
        changed = True
        while changed:
            changed = False
            for run in self.runs:
                if run.blocked is None:
                    run.blocked = next((u for u in run.uses if self._forbids(run, u)), None)
                    changed |= run.blocked is not None

    def _forbids(self, run: Run, use: Use) -> bool:
        if use.guarded:
            return False
        other = use.run
        if other is None or other.blocked is not None or not other.stands_alone:
            return True
        if not any(self._is_reported(other, step) for step in other.steps if step.acts):
            return True  # nobody is going to guard it
        return bool(other.unsafe) and not run.unsafe


def _taken_along(steps: list[Step]) -> list[str]:
    """Names that quiet statements bind on the lines of acting ones: `LIMIT = 3; print(LIMIT)`."""
    quiet = (
        node
        for step in steps
        if len(step.statement.nodes) > 1
        for node in step.statement.nodes
        if not may_act(node)
    )
    return sorted(names_of(quiet).binds)


def _only_prints(step: Step, within: _Try) -> bool:
    """Whether a step prints, and does not raise what the handlers of ``within`` are for."""
    if step.kind is not ActKind.PRINT:
        return False
    if all(h.type and dotted(h.type) in _IMPORT_ERRORS for h in within.handlers):
        return True
    return not any(
        isinstance(part, ast.Attribute | ast.Subscript | ast.BinOp)
        or (isinstance(part, ast.Call) and dotted(part.func) != "print")
        for node in step.statement.nodes
        for part in walk(node)
    )


def _acting_nodes(steps: list[Step]) -> Iterator[ast.stmt]:
    """The statements that act, those inside blocks included."""
    for step in steps:
        if step.acts:
            yield from step.statement.nodes
        for block in step.blocks:
            yield from _acting_nodes(block)


def _binds_otherwise(run: Run, name: str) -> bool:
    """Whether the run binds ``name`` by anything but an import."""
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for top in run.nodes
        for node in walk(top)
    )


def _split(steps: list[Step], apart: set[int]) -> Iterator[list[Step]]:
    stretch: list[Step] = []
    for step in steps:
        joins = step.role in (Role.ACT, Role.VALUE, Role.IMPORT) or (
            step.role is Role.DEFINITION and not step.acts
        )
        if joins and id(step) not in apart:
            stretch.append(step)
        else:
            yield from filter(None, [_trimmed(stretch)])
            stretch = []
    yield from filter(None, [_trimmed(stretch)])


def _trimmed(stretch: list[Step]) -> list[Step]:
    """From the first acting step to the last."""
    acting = [i for i, step in enumerate(stretch) if step.role is Role.ACT]
    return stretch[acting[0] : acting[-1] + 1] if acting else []


def _belongs(step: Step, stretch: list[Step]) -> bool:
    """Whether a step that does not act belongs to the acting ones around it."""
    if step.role is Role.ACT:
        return True
    binds = step.statement.names.binds
    if binds and step.role in (Role.VALUE, Role.IMPORT):
        # What no act reads says nothing of belonging to them; what is exported is the package's.
        below = stretch[stretch.index(step) + 1 :]
        used = set().union(*(s.statement.names.uses for s in below if s.role is Role.ACT))
        if not binds & used or is_exported(step.unit.cell):
            return False
    others = [s for s in stretch if s is not step]
    if step.touches is not None:
        return any(step.touches in s.statement.names.binds for s in others)
    if step.role is Role.DEFINITION:
        # A helper of the demo: it works on what the demo has made so far.
        made = set().union(
            *(s.statement.names.binds for s in stretch[: stretch.index(step)] if s.role is Role.ACT)
        )
        return bool(made & step.statement.names.deferred)
    return True


def _is_demo(part: list[Step]) -> bool:
    """Whether some step does more than print or call: work, or something done to an object."""
    if any(step.kind is ActKind.WORK for step in part):
        return True
    made = set().union(*(s.statement.names.binds for s in part if s.kind is ActKind.OBJECT))
    return any(
        step.acts and step.kind is not ActKind.OBJECT and made & step.statement.names.uses
        for step in part
    )


def _is_seed(step: Step) -> bool:
    calls: list[CallSite] = step.calls
    return bool(calls) and all(matches(call.path, SEEDS) for call in calls)
