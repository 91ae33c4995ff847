"""What a run has found: all that an output is written from."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modlint.cache import Trace, digest
from modlint.discovery import Failure
from modlint.output.text import printable
from modlint.reports import Finding, Place, Report

#: The width of a text that no terminal shows.
WIDTH = 80


@dataclass(frozen=True)
class Results:
    """The reports of all checked files, and what could not be checked.

    Whatever an output reads besides is noted in ``trace``. ``width``: how many columns wide a
    text may be.
    """

    reports: list[Report]
    failures: list[Failure]
    trace: Trace
    width: int = WIDTH

    @cached_property
    def root(self) -> str:
        """The folder from which services count paths.

        The work tree of git that the current folder is in, or else that folder itself.
        """
        here = folder = os.getcwd()
        while self.trace.look(os.path.join(folder, ".git")) is None:
            above = os.path.dirname(folder)
            if above == folder:
                return here
            folder = above
        return folder

    def path(self, path: str) -> str:
        """A path as services know it: below :attr:`root`, with ``/``; else a whole one."""
        whole = os.path.abspath(path)
        inside = os.path.relpath(whole, self.root) if _is_below(whole, self.root) else whole
        return inside.replace(os.sep, "/")

    def uri(self, path: str) -> str:
        """:meth:`path` as a reference relative to :attr:`root`, or a whole ``file`` URI."""
        from urllib.parse import quote

        found = self.path(path)
        return Path(found).as_uri() if os.path.isabs(found) else quote(os.fsencode(found))

    def fingerprints(self) -> Iterator[tuple[Report, Finding, Place, str]]:
        """Each finding with what tells it from all others, in this run and in later ones.

        It stays where lines move and messages change: it is made of the path, the code and
        the text of the first line, and counts those that are alike.
        """
        seen: Counter[tuple[str, ...]] = Counter()
        for report in self.reports:
            path = self.path(report.path)
            for finding, place in report.placed:
                text = dict(place.lines).get(finding.start.row, "").strip()
                key = (path, finding.code, text)
                yield report, finding, place, fingerprint(*key, str(seen[key]))
                seen[key] += 1


def fingerprint(*parts: str) -> str:
    """Hexadecimal digits that only the same parts have."""
    return digest(*(part.encode("utf-8", "surrogatepass") for part in parts)).hex()


def told(report: Report, finding: Finding) -> str:
    """The message; that of a notebook names the cell and its row, which the file's line hides."""
    message = printable(finding.message)
    if not report.counts_in_cells:
        return message
    return f"cell {finding.cell + 1}, line {finding.start.row}: {message}"


def failed(failure: Failure) -> str:
    """Why a file could not be checked, with the cell where that is known."""
    inside = "" if failure.cell is None else f"cell {failure.cell}: "
    return f"not checked: {inside}{printable(failure.message)}"


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))
