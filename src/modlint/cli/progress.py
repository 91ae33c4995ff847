"""How far a run is, shown on a terminal once it has taken longer than a second."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from modlint.output.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

#: Seconds after which somebody who waits wants to see that something goes on.
_PATIENCE = 1.0


class HasPath(Protocol):
    """What is about a file."""

    @property
    def path(self) -> str:
        """The file."""


_T = TypeVar("_T", bound=HasPath)


def tracked(items: Sequence[_T]) -> Iterator[_T]:
    """``items``, with a line on standard error that tells which one it is.

    Only on a terminal, and not in CI, whatever that has in the place of one. The line is gone
    when the items have ended, or the command has.
    """
    context = click.get_current_context(silent=True)
    if context is None or not _is_watched():
        yield from items
        return
    line = _Line(len(items))
    context.call_on_close(line.end)  # however the command ends, the cursor is to be seen again
    for number, item in enumerate(items):
        line.tell(number, item.path)
        yield item
    line.end()


@contextmanager
def hidden() -> Iterator[None]:
    """Take the line away while something else is written, which may go to the same terminal."""
    line = _Line.current
    if line is None:
        yield
        return
    with _lock:
        line.hide()
        try:
            yield
        finally:
            line.show()


def _is_watched() -> bool:
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return is_terminal and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


#: Held while the line changes; and while a process is forked, which would else inherit rich
#: half imported.
_lock = Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


class _Line:
    """The line. A thread shows it when it is time, and only then imports rich."""

    current: _Line | None = None

    def __init__(self, total: int) -> None:
        self.total = total
        self.number, self.path = 0, ""
        self.progress: Progress | None = None
        _Line.current = self
        self.timer = Timer(_PATIENCE, self._begin)
        self.timer.daemon = True
        self.timer.start()

    def tell(self, number: int, path: str) -> None:
        """The ``number``-th of the items is at work, that of ``path``."""
        with _lock:
            self.number, self.path = number, printable(path)
            self._update()

    def end(self) -> None:
        """Take the line away for good."""
        self.timer.cancel()
        with _lock:
            self.hide()
            self.progress = None
            if _Line.current is self:
                _Line.current = None

    def hide(self) -> None:
        """Take the line away, if it is shown. The lock is held."""
        if self.progress:
            self.progress.stop()

    def show(self) -> None:
        """Show the line again, if it was shown. The lock is held."""
        if self.progress:
            self.progress.start()

    def _update(self) -> None:
        if self.progress:
            self.progress.update(
                self.progress.task_ids[0], completed=self.number, description=self.path
            )

    def _begin(self) -> None:
        with _lock:
            if _Line.current is not self:
                return
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
            from rich.table import Column

            name = Column(no_wrap=True, overflow="ellipsis")
            self.progress = Progress(
                TimeElapsedColumn(),
                BarColumn(20),
                TextColumn("{task.completed}/{task.total}", markup=False),
                TextColumn("{task.description}", markup=False, table_column=name),
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self.progress.add_task("", total=self.total)
            self._update()
            self.progress.start()
