"""What is left to the author: a diagnostic, and the ways out of it, each as a diff."""

from __future__ import annotations

from modlint.cli.telling import show
from modlint.diagnostics import Diagnostic, Fix
from modlint.edits import patched
from modlint.notebook.cell import ModuleFile
from modlint.output import diff
from modlint.output.text import line, printable
from modlint.reports import finding_of


def tell(path: str, diagnostic: Diagnostic, file: ModuleFile, *, err: bool = False) -> None:
    """Show a diagnostic as `check` does."""
    show(line(path, finding_of(diagnostic), file.store is not None), err=err)


def show_ways_out(path: str, file: ModuleFile, diagnostic: Diagnostic, first: Fix) -> None:
    """Show what the author can choose between, each as a diff."""
    tell(path, diagnostic, file)
    for number, way in enumerate((first, *first.alternatives), 1):
        show(f"  {number}. {printable(way.message)}:")
        try:
            new = patched(file, way.rewrite())
        except ValueError as error:
            show(f"     cannot be made: {printable(str(error))}")
            continue
        text = diff.render_files(path, file, new, [cell.origin for cell in new.cells])
        shown = text.splitlines()[0 if file.store else 2 :]
        show("\n".join(f"     {part}" for part in shown))
