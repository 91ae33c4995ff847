"""What must hold before a fix may be written: the five promises of a safe fix.

The proof knows nothing of how a fix was made: it compares the cells before and after. Every
changed cell parses and compiles, and changes no more than the fix declares. Then, each in a file
of its own: the script does the same (:mod:`.statements`), importers find what they found
(:mod:`.importers`), the notebook displays what it displayed (:mod:`.notebook`), the release and
the scores are the same (:mod:`.grading`), and no comment and no string is lost (:mod:`.comments`).
An unsafe fix may take names from importers, and values from the notebook and the scores: that is
what makes it unsafe.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace

from modlint.analysis.parsing import SyntaxProblem, parse, refusal
from modlint.analysis.showing import Values
from modlint.analysis.suppressions import without_suppressions
from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.fixing.proof.comments import comments_objection
from modlint.fixing.proof.grading import (
    grading_objection,
    is_respelt,
    metadata_objection,
    region_objection,
)
from modlint.fixing.proof.importers import importers_objection
from modlint.fixing.proof.notebook import magic_objection
from modlint.fixing.proof.statements import (
    dead_objection,
    functions_in,
    newly_guarded,
    statements_objection,
)
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grader_config import DEFAULT, GraderConfig
from modlint.notebook.kinds import Purpose

ANY_PURPOSE = Purpose()
_NEAR_MARKER = re.compile(r"#\s*%%")
#: Changes that leave the statements of a cell, and what nbgrader makes of it, to what they declare.
_OF_NO_CODE = (Change.METADATA, Change.STRUCTURE, Change.MARKER, Change.HEADER, Change.REGIONS)


def objection(
    file: ModuleFile,
    patch: Patch,
    fix: Fix,
    by: GraderConfig = DEFAULT,
    purpose: Purpose = ANY_PURPOSE,
) -> str | None:
    """Why ``patch`` may not be written; None where every check holds.

    The words continue the sentence "the fix of IMP001 at line 12 …". Regions are read as nbgrader
    reads them, ``by`` its configuration; ``purpose`` is what the file is for.
    """
    if patch.header is not None or fix.change is Change.HEADER:
        why = _header_objection(file, patch)
        if why is not None:
            return why
    values = Values(file)
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
            if not is_respelt(old, new, by):
                return "changes more than regions"
        else:
            why = _code_objection(old, new, fix, by)
            if why is None and fix.change is Change.REGIONS:
                why = region_objection(old, new, by)
            if why is None and fix.change not in _OF_NO_CODE:
                why = magic_objection(old, fix.change) or grading_objection(
                    old, new, fix, values, by
                )
            if why is not None:
                return why
        worse = metadata_objection(old, new, by) if fix.change is not Change.MARKER else None
        if worse is not None:
            return worse
    if fix.applicability is Applicability.SAFE and fix.change not in _OF_NO_CODE:
        return importers_objection(file, patch, purpose)
    return None


def file_objection(old: ModuleFile, new: ModuleFile) -> str | None:
    """Why the whole of a fixed file may not be written: nbformat's schema finds new faults."""
    if new.store is None or old.store is None or new.text == old.text:
        return None
    from modlint.notebook.ipynb import structure_faults

    more = Counter(structure_faults(new.store.raw)) - Counter(structure_faults(old.store.raw))
    return f"the fixes would leave a notebook that nbformat refuses: {min(more)}" if more else None


#: The lines of a header that a fix may write again, and the rule and the blank line it may add.
_HEADER_LINE = re.compile(
    r"#\s*(?:format_name|format_version):|#.*?coding[:=]\s*[\w.-]+|#\s*---$|$"
)


def _header_objection(file: ModuleFile, patch: Patch) -> str | None:
    """A header may move and its few lines may be fixed: all others stay, code in its order."""
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


def _besides_suppressions(cells: tuple[Cell, ...]) -> list[Cell]:
    return [replace(cell, source=without_suppressions(cell)) for cell in cells]


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
    if (why := statements_objection(old.source, before, texts, after, fix)) is not None:
        return why
    if "__name__" in old.source:
        codes = list(zip(texts, after, strict=True))
        guarded = newly_guarded((old.source, before), codes, functions_in(before))
        if (why := dead_objection(guarded)) is not None:
            return why
    return comments_objection(old.source, "".join(cell.source for cell in new), fix, by)
