"""Room for code that is nested deeply: thousands of ``elif``, chains of functions.

Python compiles such code, so it is checked. Most files never come near the limit of Python's
own stack; one that does is looked at once more, in a thread with a stack so large that the
raised limit is reached long before its end: no recursion can end the process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

#: Calls that may be in one another. With the costliest that were tried (through C, with a frame of
#: LibCST's each) they take 70 MB of the stack.
LIMIT = 40_000
_STACK = 512 * 1024 * 1024
#: Limit and size of stacks are those of the whole process: one at a time changes them.
_LOCK = threading.Lock()
_HERE = threading.local()


def with_room(function: Callable[[], _T]) -> _T:
    """What ``function`` returns or raises; it is called again where the stack was too small.

    It must begin again then: whatever it fills has to be made by it. Raises RecursionError where
    there is not room enough for any stack.
    """
    try:
        return function()
    except RecursionError:
        if has_room():
            raise
        found = _in_thread(function)
    if not found:
        raise RecursionError("there is no room for a larger stack")
    return found[0]()


def has_room() -> bool:
    """Whether all the room that there is has been given: to ask for more would be in vain."""
    return getattr(_HERE, "has_room", False)


def _in_thread(function: Callable[[], _T]) -> list[Callable[[], _T]]:
    """What gives or raises the result of ``function``; nothing where no thread can be started."""
    found: list[Callable[[], _T]] = []

    def run() -> None:
        _HERE.has_room = True
        try:
            result = function()
            found.append(lambda: result)
        except BaseException as error:
            failure = error

            def throw() -> _T:
                raise failure

            found.append(throw)

    with _LOCK:
        limit, size = sys.getrecursionlimit(), threading.stack_size()
        try:
            threading.stack_size(_STACK)
            thread = threading.Thread(target=run, daemon=True)
            sys.setrecursionlimit(max(limit, LIMIT))
            thread.start()
            thread.join()
        except (RuntimeError, ValueError, MemoryError):
            return []
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
    return found
