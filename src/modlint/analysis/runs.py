"""Neighbouring statements that act at import, taken together as they must be fixed.

A *run* is what a reader sees as one thing: a test call, a few prints, a demo.
Whether it can be kept from running on import depends on who else needs the
names that it binds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from modlint.analysis.acts import Act, ActKind, Classifier, Role, Step
from modlint.analysis.calls import CallSite
from modlint.analysis.effects import effects_of_statements
from modlint.analysis.guards import Flags, runs_only_on_import
from modlint.analysis.left import is_constant, names_left
from modlint.analysis.module import CodeUnit, Module, Statement, cell_at, fact
from modlint.analysis.nominate import acting_units, may_act
from modlint.analysis.scopes import Names, names_of
from modlint.analysis.standing import (
    binds_by_text,
    obstacle,
    script_flags,
    shows_value,
    split_by_regions,
    waits_for_import,
)
from modlint.analysis.trees import walk
from modlint.analysis.uses import Try, Use, Uses, With, may_swallow
from modlint.analysis.vocabulary import SEEDS
from modlint.notebook.directives import is_exported
from modlint.patterns import matches

#: What a step is reported as outside a demo.
_OWN_CODES: dict[ActKind | None, str] = {
    ActKind.TEST: "IMP001",
    ActKind.PRINT: "IMP002",
    ActKind.CALL: "IMP003",
    ActKind.OBJECT: "IMP005",
}


@dataclass(slots=True, eq=False)
class Run:
    """Neighbouring steps of one block that act at import, to be guarded together.

    ``is_demo``: at least one does more than print or call. ``unsafe`` says why
    guarding it may be missed by importers (empty: it cannot). ``blocked`` is the
    unguarded use that forbids guarding it, ``barred`` says why it must stay as it is, whoever
    needs it. ``shared``: others, all guarded, use its names, so they must stay names of the
    module. ``tries`` are the statements around it that go on in another way if the run raises.
    """

    unit: CodeUnit
    steps: list[Step]
    top: Statement
    siblings: list[Statement]  # the other statements of the block, where it is a nested one
    is_demo: bool = False
    tries: tuple[Try | With, ...] = ()
    unsafe: str = ""
    barred: str = ""
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
        return any(not use.changed for use in self.uses)

    @property
    def can_be_guarded(self) -> bool:
        """Whether there is a fix of it."""
        return self.blocked is None and not self.barred and self.stands_alone

    @property
    def stands_alone(self) -> bool:
        """Whether it stands on lines of its own, in a cell that is one text: it can be guarded."""
        statements = [step.statement for step in self.steps]
        return (
            self.unit.is_one_cell
            and self.unit.leads_line(statements[0].first)
            and not self.unit.goes_on(statements[0].first_line - 1)
            and not any(self.unit.goes_on(statement.last_line) for statement in statements)
        )

    @property
    def codes(self) -> set[str]:
        """The IMP codes of its acting steps."""
        return {self.code_of(step) for step in self.steps if step.acts}

    def code_of(self, step: Step) -> str:
        """The IMP code of an acting step: calls first, then a demo, then prints and objects."""
        if self.is_demo and step.kind not in (ActKind.TEST, ActKind.CALL):
            return "IMP004"
        return _OWN_CODES.get(step.kind, "IMP002")


@fact
def runs_of(module: Module) -> list[Run]:
    """All runs of the module, in order; computed once a module."""
    acting = [unit for unit in acting_units(module) if module.is_importable(unit)]
    return _Finder(module).find(acting) if acting else []


@dataclass(frozen=True, slots=True)
class _Block:
    """The steps of one block that runs at import.

    ``top`` is the statement of the top level that the block stands in, None for that level
    itself; ``siblings`` are the other statements in there, ``tries`` the statements that go on
    in another way if the block raises. ``barred`` says why all of it stays as it is.
    """

    unit: CodeUnit
    steps: list[Step]
    top: Statement | None = None
    siblings: list[Statement] = field(default_factory=list)
    tries: tuple[Try | With, ...] = ()
    barred: str = ""

    def around(self, part: list[Step]) -> list[Statement]:
        """The siblings of ``part``, which is some of the steps."""
        if self.top is None:
            return self.siblings
        return self.siblings + [s.statement for s in self.steps if s not in part]

    def run(self, part: list[Step], siblings: list[Statement], *, is_demo: bool = False) -> Run:
        """A run of some of the steps."""
        top = self.top or part[0].statement
        return Run(self.unit, part, top, siblings, is_demo, self.tries, barred=self.barred)

    def inside(self, step: Step, flags: Flags) -> Iterator[_Block]:
        """The blocks in a compound statement."""
        node = step.statement.first
        outside = [s.statement for s in self.steps if s is not step]
        for steps in step.blocks:
            others = [s.statement for block in step.blocks if block is not steps for s in block]
            handled = isinstance(node, Try) and steps is step.blocks[0]
            handled = handled or may_swallow(node)
            tries = (*self.tries, cast("Try", node)) if handled else self.tries
            siblings = self.siblings + outside + others
            barred = self.barred or _only_for_importers(node, steps, flags)
            yield _Block(self.unit, steps, self.top or step.statement, siblings, tries, barred)


class _Finder:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.runs: list[Run] = []
        self.owner: dict[int, Run] = {}  # id of an ast statement → its run
        self.acting: set[int] = set()  # ids of the ast statements that act
        self.changes: dict[int, set[str]] = {}  # id of a run → what it changes, and did not make
        self.uses = Uses(module)

    def find(self, acting: list[CodeUnit]) -> list[Run]:
        classifier = Classifier(self.module)
        steps = {id(unit): classifier.steps(unit) for unit in acting}
        self.acting = {id(n) for block in steps.values() for n in _acting_nodes(block)}
        for unit in acting:
            self._collect(_Block(unit, steps[id(unit)]))
        for run in self.runs:
            changes = self.changes.get(id(run), set())
            run.uses = [
                *self.uses.of(run),
                *self.uses.of_handlers(run),
                *self.uses.of_changes(run, changes),
            ]
        self._settle()
        return self.runs

    # Forming runs

    def _collect(self, block: _Block) -> None:
        """Add the runs of one block; a compound statement that others need is opened."""
        opened: list[Step] = []
        for stretch in self._stretches(block, opened):
            self._add_run(block, stretch)
        for step in opened:
            self._add_header(block, step)
            for inner in block.inside(step, script_flags(self.module)):
                self._collect(inner)

    def _add_header(self, block: _Block, step: Step) -> None:
        """Add what the head of an opened statement does: `if probe():`. It has no fix."""
        acts = step.acts[: step.heads]
        if not acts or step.role is Role.DEFINITION:
            return
        kind = ActKind.TEST if acts[0].kind is ActKind.TEST else ActKind.CALL
        acts = [Act(kind, act.node, act.label) for act in acts]
        head = Step(step.unit, step.statement, Role.ACT, kind, acts)
        run = block.run([head], block.around([step]))
        run.barred = run.barred or "it stays where it is, since it decides what else is done"
        self.runs.append(run)

    def _stretches(self, block: _Block, opened: list[Step]) -> Iterator[list[Step]]:
        """Maximal stretches of acting steps and what belongs between them."""
        apart: set[int] = set()
        for step in block.steps:
            if not step.acts or step.role is Role.DEFINITION:
                if step.acts:
                    opened.append(step)
                continue
            if step.is_compound and (
                step.is_branch
                or step.is_fallback
                or waits_for_import(self.module, step.statement)
                or binds_by_text(step.statement)
                or self.uses.changes_others(step.statement)
                or self._is_needed(block, step, [step])
            ):
                opened.append(step)
                apart.add(id(step))
            elif self._stays(block, step.statement):
                apart.add(id(step))
        begins = _begins_of_regions(block)
        changed = True
        while changed:
            changed = False
            stretches = list(_split(block.steps, apart, begins))
            for stretch in stretches:
                for step in stretch:
                    loose = step.role is not Role.ACT or step.kind is ActKind.OBJECT
                    if not loose or len(stretch) == 1 or id(step) in apart:
                        continue
                    if not _belongs(step, stretch) or self._is_needed(block, step, stretch):
                        apart.add(id(step))
                        changed = True
        for stretch in stretches:
            yield stretch
        # An object that others need stands alone: it is reported, and nothing else waits for it.
        for step in block.steps:
            if id(step) in apart and step.role is Role.ACT and not step.is_compound:
                yield [step]

    def _stays(self, block: _Block, statement: Statement) -> bool:
        """Whether a statement stays where it stands, whatever becomes of its neighbours."""
        if shows_value(self.module, block.unit, [statement]):
            return True
        return binds_by_text(statement) or waits_for_import(self.module, statement)

    def _is_needed(self, block: _Block, step: Step, within: list[Step]) -> bool:
        """Whether something that does not act itself needs, unguarded, a name of ``step``."""
        run = block.run(within, block.around(within))
        return any(
            use.name in step.statement.names.binds
            and not use.guarded
            # What a broken cell needs is only guessed.
            and (use.top is not None or use.imported)
            and id(use.top) not in self.acting
            for use in self.uses.of(run)
        )

    def _add_run(self, block: _Block, stretch: list[Step]) -> None:
        siblings = block.around(stretch)
        for part in self._by_trust(stretch):
            is_demo = _is_demo(part)
            if is_demo:
                part = self._with_preamble(block, part, siblings)
            run = block.run(part, siblings, is_demo=is_demo)
            if is_demo:
                own = run.names.binds
                found = effects_of_statements(self.module, run.nodes, own)
                self.changes[id(run)] = found.changes
                if found.changes:
                    run.unsafe = found.reason
            elif part[0].kind in (ActKind.CALL, ActKind.OBJECT):
                run.unsafe = self._distrust(part[0])
            elif taken := _taken_along(part):
                run.unsafe = f"importers would lose {', '.join(taken)}, on the same line"
            if not run.unsafe and (lost := self._lost_by(run)):
                run.unsafe = f"importers may use {', '.join(sorted(lost)[:2])}"
                run.unsafe += " and more" if len(lost) > 2 else ""
            statements = [step.statement for step in part]
            if not run.unsafe and shows_value(self.module, block.unit, statements):
                run.unsafe = "the notebook would no longer show its value"
            run.barred = run.barred or obstacle(self.module, block.unit, statements)
            self.runs.append(run)
            for node in run.nodes:
                for inner_node in walk(node):
                    self.owner[id(inner_node)] = run

    def _lost_by(self, run: Run) -> set[str]:
        """Names that the run binds, or decides, and nobody in the module reads.

        They are for importers, if for anybody.
        """
        decided = self.uses.decided(run)
        if not run.names.binds:
            return decided
        lost = set(names_left(step.statement for step in run.steps if step.acts))
        if run.is_demo and _only_binds(run):
            lost |= run.names.binds
        if lost:
            lost -= {use.name for use in self.uses.of(run)}
            lost -= {name for name in run.names.uses if not is_constant(name)}
        return decided | lost

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
        self, block: _Block, part: list[Step], siblings: list[Statement]
    ) -> list[Step]:
        """The run with the imports, constants and seeds directly above that only it uses."""
        start = block.steps.index(part[0])
        begins = _begins_of_regions(block)
        while start > 0 and id(block.steps[start]) not in begins:
            above = block.steps[start - 1]
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
            run = block.run(widened, siblings)
            if any(use.name in binds for use in self.uses.of(run)):
                break
            if binds and is_exported(block.unit.cell):
                break
            part = widened
            start -= 1
        return part

    # Runs that cannot be guarded

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
        if other is None or not other.can_be_guarded:
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


def _acting_nodes(steps: list[Step]) -> Iterator[ast.stmt]:
    """The statements that act, those inside blocks included."""
    for step in steps:
        if step.acts:
            yield from step.statement.nodes
        for block in step.blocks:
            yield from _acting_nodes(block)


def _only_for_importers(node: ast.stmt, steps: list[Step], flags: Flags) -> str:
    """Why a block of ``node`` stays as it is, where its author has written it for imports."""
    if steps and runs_only_on_import(node, steps[0].statement.first, flags):
        return "it stays as it is, since it never runs in the script"
    return ""


def _begins_of_regions(block: _Block) -> set[int]:
    """The ids of the steps between which and the one above a region of nbgrader begins or ends."""
    pairs = zip(block.steps, block.steps[1:], strict=False)
    return {
        id(below)
        for above, below in pairs
        if split_by_regions(block.unit, above.statement, below.statement)
    }


def _only_binds(run: Run) -> bool:
    """Whether all that the run does is to bind names: these are what it is for."""
    return all(
        isinstance(node, ast.Assign | ast.AnnAssign)
        for step in run.steps
        if step.acts
        for node in step.statement.nodes
    )


def _split(steps: list[Step], apart: set[int], begins: set[int]) -> Iterator[list[Step]]:
    stretch: list[Step] = []
    for step in steps:
        if id(step) in begins:
            yield from filter(None, [_trimmed(stretch)])
            stretch = []
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
