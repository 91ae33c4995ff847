"""One line a diagnostic, clickable in editors, then a summary a person can act on."""

from __future__ import annotations

from collections.abc import Iterable

import click

from modlint.diagnostics import Applicability, Diagnostic
from modlint.modules import Checked
from modlint.notebook.cell import ModuleFile

_MARKS = {Applicability.SAFE: "[*] ", Applicability.UNSAFE: "[-] ", Applicability.DISPLAY: "[?] "}


def render(results: Iterable[Checked]) -> str:
    """The diagnostics of all files, a line each, and the summary."""
    checked = list(results)
    lines = [line(result.path, d, result.file) for result in checked for d in result.diagnostics]
    return "\n".join([*lines, summary(checked)])


def line(path: str, diagnostic: Diagnostic, file: ModuleFile) -> str:
    """``path:row:column: CODE [*] message``; in a notebook file ``path:cell 3:row:column: …``."""
    start = diagnostic.start
    cell = "" if file.store is None else f"cell {diagnostic.cell + 1}:"
    mark = _MARKS[diagnostic.fix.applicability] if diagnostic.fix else ""
    colon = click.style(":", fg="cyan")
    return "".join(
        [
            click.style(printable(path), bold=True),
            colon,
            f"{cell}{start.row}{colon}{start.column}{colon} ",
            click.style(diagnostic.code, fg="red", bold=True),
            " ",
            click.style(mark, fg="cyan"),
            printable(diagnostic.message),
        ]
    )


def summary(checked: list[Checked]) -> str:
    """How much was found, and what to type next."""
    found = [d for result in checked for d in result.diagnostics]
    files = sum(1 for result in checked if result.diagnostics)
    if not found:
        return f"All checks passed in {_count(len(checked), 'file')}."
    parts = [f"Found {_count(len(found), 'problem')} in {_count(files, 'file')}."]
    by = {a: sum(1 for d in found if d.fix and d.fix.applicability is a) for a in Applicability}
    if by[Applicability.SAFE]:
        parts.append(f"[*] {by[Applicability.SAFE]} fixable with `modlint fix --apply`.")
    if by[Applicability.UNSAFE]:
        parts.append(f"[-] {by[Applicability.UNSAFE]} with `--unsafe-fixes`.")
    if by[Applicability.DISPLAY]:
        parts.append(f"[?] {by[Applicability.DISPLAY]} for you to decide: `modlint fix` shows how.")
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """``text`` with control characters escaped: a file's name cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
