"""What a course had when it began with modlint: how many diagnostics of each rule in each file.

Counts survive shifted lines. They cannot tell an old diagnostic from a new one of the same
rule in the same file: where there are more than were recorded, all of them are shown.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from modlint.reports import Finding, Report
from modlint.settings import Settings
from modlint.writing import write_atomically, write_whole

#: The file where no other is named.
BASELINE_FILE = "modlint-baseline.json"
_VERSION = 1
#: File, relative to the baseline and with ``/``, and code → how many.
Counts = Counter[tuple[str, str]]


class BaselineError(ValueError):
    """A baseline that cannot be used; ``place`` is the file."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(slots=True)
class Held:
    """What is left of a file's findings when those of the baseline are taken away.

    ``hidden`` is how many were; ``fewer`` how many of the recorded ones are mended;
    ``grown`` the codes, found more often than recorded, with both numbers.
    """

    shown: list[Finding]
    hidden: int = 0
    fewer: int = 0
    grown: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Baseline:
    """A baseline as it stands in its file; ``data`` are the bytes, empty where there is none."""

    path: str
    counts: Counts
    data: bytes = b""

    def name_of(self, path: str) -> str:
        """A module file as the baseline names it."""
        folder = os.path.dirname(os.path.abspath(self.path))
        return os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")

    def hold(self, report: Report, settings: Settings) -> Held:
        """Hold the baseline against what is found in a file under ``settings``."""
        name = self.name_of(report.path)
        found = Counter(f.code for f in report.findings)
        recorded = {code: n for (file, code), n in self.counts.items() if file == name}
        known = {code for code, n in found.items() if n <= recorded.get(code, 0)}
        held = Held([f for f in report.findings if f.code not in known])
        held.hidden = sum(found[code] for code in known)
        for code, number in sorted(recorded.items()):
            if found[code] > number:
                held.grown.append((code, found[code], number))
            elif _is_looked_for(code, settings):
                held.fewer += number - found[code]
        return held

    def of(self, results: Iterable[tuple[Report, Settings]]) -> Counts:
        """What the baseline is to hold now; of files that were not checked, what it held.

        So it is with rules that were not in force. Files that are gone are forgotten.
        """
        checked = {self.name_of(report.path): (report, by) for report, by in results}
        folder = os.path.dirname(os.path.abspath(self.path))
        now: Counts = Counter()
        for (name, code), number in self.counts.items():
            looked_for = name in checked and _is_looked_for(code, checked[name][1])
            if not looked_for and os.path.exists(os.path.join(folder, name)):
                now[name, code] = number
        for name, (report, _) in checked.items():
            now.update((name, finding.code) for finding in report.findings)
        return now

    def write(self, counts: Counts) -> None:
        """Write the file anew. Raises ``NotWritten``, with nothing changed.

        So it is where somebody else has written it since it was read, or found to be missing.
        """
        files: dict[str, dict[str, int]] = {}
        for (name, code), number in sorted(counts.items()):
            files.setdefault(name, {})[code] = number
        text = json.dumps({"version": _VERSION, "files": files}, indent=1, ensure_ascii=False)
        data = f"{text}\n".encode()
        if self.data:
            write_atomically(self.path, self.data, data)
        else:
            write_whole(self.path, data, is_first=True)


def read_baseline(path: str, *, may_be_new: bool = False) -> Baseline:
    """The baseline of a file; an empty one where there is none and that ``may_be_new``.

    Raises :class:`BaselineError` for a file that cannot be read or is none.
    """
    if may_be_new and not os.path.lexists(path):
        return Baseline(path, Counter())
    try:
        if not os.path.isfile(path) and os.path.exists(path):
            raise BaselineError(path, "is not a file")
        data = Path(path).read_bytes()
        raw = json.loads(data)
    except FileNotFoundError as error:
        message = "no such baseline; `modlint baseline write` makes it"
        raise BaselineError(path, message) from error
    except OSError as error:
        raise BaselineError(path, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(path, f"is not JSON: {error}") from error
    files = raw.get("files") if isinstance(raw, dict) and raw.get("version") == _VERSION else None
    counts: Counts = Counter()
    if not isinstance(files, dict) or not all(isinstance(v, dict) for v in files.values()):
        raise BaselineError(path, "is no baseline of modlint")
    for name, codes in files.items():
        for code, number in codes.items():
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise BaselineError(path, f"{name}: {code} must be a number from 1")
            counts[name, code] = number
    return Baseline(path, counts, data)


def _is_looked_for(code: str, settings: Settings) -> bool:
    from modlint.rules import is_in_force  # most baselines never ask

    return is_in_force(code, settings)
