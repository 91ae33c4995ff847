"""``modlint check --watch``: check again whenever the answer may have become another."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Never

import click

from modlint.cache import Signature, Trace, signature
from modlint.cli.telling import say
from modlint.discovery import SUFFIXES

#: Milliseconds without a further change before the next check: editors save in several steps.
_SETTLED = 50
#: Milliseconds after which all is looked at, whatever the system has told: it tells nothing of
#: changes between a check and the watch that follows it, nor of some file systems.
_LOOK = 1000


def check_forever(check: Callable[[Trace], object]) -> Never:
    """Call ``check``, and call it again once anything that it has noted in its trace differs.

    The trace knows the modules, the folders that they are looked for in, and each file of
    settings, even one that is not there yet. What is excluded is not in it. Ends with
    KeyboardInterrupt, or SystemExit where watchfiles is not installed.
    """
    try:
        import watchfiles
    except ModuleNotFoundError:
        say("error: --watch needs watchfiles: pip install watchfiles")
        sys.exit(2)
    while True:
        if sys.stdout.isatty():
            click.clear()
        trace = _Trace()
        check(trace)
        say(f"Checked at {datetime.now():%H:%M:%S}; watching for changes, until Ctrl-C.")
        changes = watchfiles.watch(
            *_folders(trace),
            watch_filter=None,
            step=_SETTLED,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            recursive=False,
            ignore_permission_denied=True,
        )
        with closing(changes):
            while not trace.differs():
                next(changes)


class _Trace(Trace):
    """A trace that knows what stands in a folder.

    Its times change with every file in it: with the result and the cache, too, where the check
    itself writes them there, and then it would follow itself for ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listings: dict[str, frozenset[str] | None] = {}

    def look(self, path: str) -> Signature:
        """Note ``path``, and what stands in it, before it is read."""
        if path not in self.seen:
            self.listings[path] = _listing(path)
        return super().look(path)

    def differs(self) -> bool:
        """Whether anything is not as it was when it was looked at."""
        return any(
            _listing(path) != self.listings[path]
            or (self.listings[path] is None and signature(path) != was)
            for path, was in self.seen.items()
        )


def _listing(path: str) -> frozenset[str] | None:
    """The names in a folder that a check may go by; None of what is no folder, or is closed.

    Any other file that it reads is looked at by its own path.
    """
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return None
        with os.scandir(path) as entries:
            return frozenset(e.name for e in entries if e.name.endswith(SUFFIXES) or e.is_dir())
    except (OSError, ValueError):
        return None


def _folders(trace: Trace) -> set[str]:
    """Where changes would show: a folder that was looked into, and that of each file."""
    paths = {os.path.abspath(path) for path in trace.seen}
    folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in paths}
    return {folder for folder in folders if os.path.isdir(folder)}
