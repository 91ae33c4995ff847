"""When memory is given back.

A syntax tree is thousands of objects, and Python's collector looks at all that live again and
again for garbage that is not there: a quarter of the time of a check. While modules are checked
it is off, and what was made of them goes all at once when it has become much. Most of it
goes by itself: parts of a module that know one another are parted when it has been told of.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from modlint.analysis.trees import forget

#: Bytes of modules; what is made of one byte takes about forty. To tidy up more seldom takes
#: more memory and gains no time.
_MUCH = 500_000
#: Objects that are left then, beyond which the collector looks for those that hold one another.
_MANY = 20_000


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector away."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def settled() -> Iterator[None]:
    """Leave out of the collector's searches what lives now, which is all that was imported."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Spent:
    """What the modules that were checked so far have left in memory."""

    def __init__(self) -> None:
        self.bytes = 0

    def on(self, size: int) -> None:
        """A module of ``size`` bytes was checked, and nothing of it is needed any more."""
        self.bytes += size
        if self.bytes > _MUCH:
            self.bytes = 0
            forget()
            if gc.get_count()[0] > _MANY:
                gc.collect()
