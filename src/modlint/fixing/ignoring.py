"""Suppress what is found, each diagnostic at its place: to begin with modlint in an old course."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import replace

from modlint.analysis.module import Module
from modlint.analysis.suppressions import (
    Scope,
    Suppression,
    is_about_cell,
    layout_of,
    with_codes,
)
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch
from modlint.edits import patched
from modlint.fixing.engine import Applied, Outcome, shape_of
from modlint.fixing.proof import file_objection, objection
from modlint.linting import judged
from modlint.notebook.cell import Cell, CellKind, ModuleFile, editor_lines
from modlint.notebook.directives import lead_length, with_directive
from modlint.notebook.magics import is_masked
from modlint.notebook.reading import reread
from modlint.rules import about_suppressions
from modlint.settings import Settings

#: How far the suppressions of each pass reach: what is still there is to be hidden with more.
#: A statement that is left alone no longer belongs to the demo around it, which may be reported
#: anew at another statement: only what stays in spite of several passes needs more than its line.
_PASSES = (*[Scope.LINE] * 8, Scope.CELL, Scope.FILE)
#: From here on a line is too long for a comment behind it.
_LONGEST_LINE = 100
_QUOTES = ('"""', "'''")


def with_suppressions(file: ModuleFile, settings: Settings, reason: str = "") -> Outcome:
    """``file`` with a suppression, and the ``reason`` behind it, for all that is found in it.

    What is wrong with the suppressions that are there is left, and so are they: codes are
    only added. ``Outcome.remaining`` holds that, and what cannot be suppressed, as in a cell
    that does not parse: nobody can tell its comments from its strings. Where
    ``Outcome.failure`` is set, nothing is to be written.
    """
    module = Module(file, settings)
    outcome = Outcome(file, judged(module), origins=list(range(len(file.cells))))
    first = outcome.remaining
    for scope in _PASSES:
        unread = _unread(module)
        wanted = [
            d
            for d in outcome.remaining
            if d.code not in about_suppressions() and d.cell not in unread
        ]
        if not wanted:
            break
        cells = _Pass(module, wanted, scope, reason).cells()
        if not cells:
            continue
        patch = Patch({index: (cell,) for index, cell in cells.items()})
        if (why := _objection(outcome.file, patch, settings)) is not None:
            return Outcome(file, first, failure=f"suppressing what is found {why}")
        outcome.file = reread(patched(outcome.file, patch))
        module = Module(outcome.file, settings)
        outcome.remaining = judged(module)
    if (why := file_objection(file, outcome.file)) is not None:
        return Outcome(file, first, failure=why)
    left = Counter(d.code for d in outcome.remaining)
    if left.total() >= len(first):
        return Outcome(file, first, origins=outcome.origins)
    for diagnostic in first:
        if left[diagnostic.code]:
            left[diagnostic.code] -= 1
        else:
            place = file.where(diagnostic.cell, diagnostic.start.row)
            outcome.applied.append(Applied(diagnostic.code, place, "Suppress it"))
    return outcome


def _unread(module: Module) -> set[int]:
    """The code cells that do not parse."""
    return {
        unit.index + number
        for unit in module.units
        if unit.tree is None
        for number in range(len(unit.cells))
    }


def with_suppression(file: ModuleFile, one: Diagnostic, settings: Settings) -> Outcome:
    """``file`` with a suppression for one diagnostic: on its line, or where it can stand.

    ``Outcome.failure`` says why there can be none.
    """
    module = Module(file, settings)
    first = judged(module)
    idle = _idle(module)
    for scope in Scope:
        cells = _Pass(module, [one], scope, "").cells()
        patch = Patch({index: (cell,) for index, cell in cells.items()})
        if not cells or _objection(file, patch, settings) is not None:
            continue
        new = reread(patched(file, patch))
        after = Module(new, settings)
        left = judged(after)
        if _idle(after) <= idle and file_objection(file, new) is None:
            place = file.where(one.cell, one.start.row)
            return Outcome(new, left, [Applied(one.code, place, "Suppress it")])
    return Outcome(file, first, failure=f"{one.code} cannot be suppressed here")


def _idle(module: Module) -> int:
    """How many codes are named by suppressions that hide nothing of theirs."""
    return sum(len({*s.codes} - s.used) for s in module.suppressions.found if not s.fault)


def _objection(file: ModuleFile, patch: Patch, settings: Settings) -> str | None:
    """Why a patch may not be written; None where every check of a fix holds."""
    fix = Fix(Applicability.SAFE, "Suppress it", lambda: patch, Change.SUPPRESSIONS)
    meant = patched(file, patch)
    if shape_of(reread(meant).cells) != shape_of(meant.cells):
        return "does not read back as the cells that were meant"
    return objection(file, patch, fix, settings.grader)


class _Pass:
    """One pass over a module: what is to be written where."""

    def __init__(
        self, module: Module, diagnostics: list[Diagnostic], scope: Scope, reason: str
    ) -> None:
        self.module = module
        self.file = module.file
        self.reason = reason
        self.units = {
            index: unit
            for unit in module.units
            for index in range(unit.index, unit.index + len(unit.cells))
        }
        self.written = {s.key: s for s in module.suppressions.found if s.codes and not s.fault}
        touched = {self.units[d.cell].index for d in diagnostics if d.cell in self.units}
        self.layouts = {index: layout_of(self.units[index].text) for index in touched}
        #: Cell → row → codes to name on that row, behind the code or on a line above.
        self.behind: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.above: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.more: dict[Suppression, set[str]] = {}
        self.whole: dict[int, set[str]] = defaultdict(set)
        self.everywhere: set[str] = set()
        for diagnostic in diagnostics:
            self._take(diagnostic, scope)

    def _take(self, diagnostic: Diagnostic, scope: Scope) -> None:
        index, code = diagnostic.cell, diagnostic.code
        if scope is Scope.FILE or self.file.cells[index].kind is CellKind.RAW:
            if not self._name(None, code):
                self.everywhere.add(code)
        elif scope is Scope.LINE and self._on_line(diagnostic):
            pass
        elif not self._name(index, code):
            self.whole[index].add(code)

    def _name(self, key: tuple[int, int] | int | None, code: str) -> bool:
        """Add the code to the suppression that is there already, if one is."""
        if (there := self.written.get(key)) is None:
            return False
        self.more.setdefault(there, set()).add(code)
        return True

    def _on_line(self, diagnostic: Diagnostic) -> bool:
        """Name the code at its statement; False where no comment can stand there."""
        index, code, row = diagnostic.cell, diagnostic.code, diagnostic.start.row
        if is_about_cell(self.file, diagnostic) or index not in self.units:
            return False
        unit = self.units[index]
        layout = self.layouts[unit.index]
        line = row - unit.row + 1
        block = bisect_left([last for _, last in layout.blocks], line)
        begins = layout.blocks[block][0] if block < len(layout.blocks) else line + 1
        if begins <= line and self._name((unit.index, unit.row + begins - 1), code):
            return True
        at = bisect_left([last for _, last in layout.heads], line)
        lines = editor_lines(unit.text)
        if at < len(layout.heads) and layout.heads[at][0] <= line:
            first, last = layout.heads[at]
            text = f"{lines[last - 1].rstrip()}  {self._comment(Scope.LINE, [code])}"
            if len(text) <= _LONGEST_LINE and not is_masked(text):
                self.behind[index][unit.row + last - 1].add(code)
                return True
            line = first
        cell = self.file.cells[index]
        row = unit.row + line - 1
        if line > len(lines) or row - cell.row < lead_length(
            editor_lines(cell.source), cell.origin is None
        ):
            return False  # a comment above a directive makes a comment of it
        self.above[index][row].add(code)
        return True

    def cells(self) -> dict[int, Cell]:
        """The cells as they are to be."""
        touched = {s.cell for s in self.more}.union(self.behind, self.above, self.whole)
        changed = {index: self._changed(index) for index in touched}
        if self.everywhere:
            kinds = [cell.kind for cell in self.file.cells]
            for kind in (CellKind.CODE, CellKind.MARKDOWN):
                if kind in kinds:
                    index = kinds.index(kind)
                    cell = changed.get(index, self.file.cells[index])
                    changed[index] = self._with_line(cell, Scope.FILE, self.everywhere)
                    break
        return {i: cell for i, cell in changed.items() if cell != self.file.cells[i]}

    def _changed(self, index: int) -> Cell:
        cell = self.file.cells[index]
        edits: list[tuple[int, int, set[str], Suppression | None]] = []
        edits += [(row, 0, codes, None) for row, codes in self.behind[index].items()]
        edits += [(row, 1, codes, None) for row, codes in self.above[index].items()]
        edits += [(s.start.row, 2, codes, s) for s, codes in self.more.items() if s.cell == index]
        # From the bottom up: rows above stay what they are.
        for row, way, codes, there in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            if there is not None:
                cell = with_codes(cell, there, [*there.codes, *sorted(codes - {*there.codes})])
                continue
            lines = editor_lines(cell.source)
            text = lines[row - cell.row]
            body = text.rstrip("\r\n")
            comment = self._comment(Scope.LINE, codes)
            if way == 1:
                indent = body[: len(body) - len(body.lstrip())]
                lines.insert(row - cell.row, f"{indent}{comment}{cell.line_ending}")
            else:
                lines[row - cell.row] = f"{body.rstrip()}  {comment}{text[len(body) :]}"
            cell = replace(cell, source="".join(lines))
        if self.whole[index]:
            cell = self._with_line(cell, Scope.CELL, self.whole[index])
        return cell

    def _comment(self, scope: Scope, codes: set[str] | list[str]) -> str:
        return f"# modlint: {scope}[{', '.join(sorted(codes))}] {self.reason}".rstrip()

    def _with_line(self, cell: Cell, scope: Scope, codes: set[str]) -> Cell:
        """The cell with a suppression on a line of its own."""
        ending = cell.line_ending
        comment = self._comment(scope, codes)
        if cell.kind is CellKind.CODE:
            source = with_directive(cell, cell.source, comment)
            if cell.source == "" and cell.marker is None:
                source = source.rstrip("\r\n")
            return replace(cell, source=source)
        lines = editor_lines(cell.source)
        at = max((n for n, line in enumerate(lines, 1) if line.strip()), default=0)
        sign = "# " if cell.marker is not None else ""
        if cell.marker is not None and at and lines[at - 1].strip() in _QUOTES:
            at, sign = at - 1, ""
        elif cell.marker is not None and cell.source.lstrip().lower().lstrip("r")[:3] in _QUOTES:
            return cell  # the string ends behind text: no line of the text is free
        if at and not lines[at - 1].endswith(("\n", "\r")):
            lines[at - 1] += ending
            ending = ""
        lines.insert(at, f"{sign}<!-- {comment.removeprefix('# ')} -->{ending}")
        return replace(cell, source="".join(lines))
