"""What is left to the author: a diagnostic, and the ways out of it, each as a diff."""

from __future__ import annotations

from modlint.diagnostics import Diagnostic, Fix
from modlint.edits import patched
from modlint.notebook.cell import ModuleFile
from modlint.output import diff
from modlint.output.text import line, printable
from modlint.reports import finding_of


def told(path: str, diagnostic: Diagnostic, file: ModuleFile) -> str:
    """A diagnostic as `check` shows it."""
    return line(path, finding_of(diagnostic), file.store is not None)


def render(path: str, file: ModuleFile, diagnostic: Diagnostic, first: Fix) -> str:
    """What the author can choose between, each as a diff."""
    shown = [told(path, diagnostic, file)]
    for number, way in enumerate((first, *first.alternatives), 1):
        shown.append(f"  {number}. {printable(way.message)}:")
        try:
            new = patched(file, way.rewrite())
        except ValueError as error:
            shown.append(f"     cannot be made: {printable(str(error))}")
            continue
        text = diff.render_files(path, file, new, [cell.origin for cell in new.cells])
        shown += [f"     {part}" for part in text.splitlines()[0 if file.store else 2 :]]
    return "\n".join(shown)
