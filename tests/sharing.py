"""What costs seconds to set up, made once in a run of the tests, for all of its processes."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Shared:
    """Set-ups by name in ``folder``, which all processes of the run have in common.

    Whoever asks first makes it; others wait, and are given an equal value. Nobody changes what
    lies in the folder of a set-up that others use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def made(self, name: str, make: Callable[[Path], T]) -> T:
        """What ``make`` returned, which was given a new folder; it must be fit for ``pickle``.

        Whatever ``make`` raises is raised, and the next one who asks tries anew.
        """
        kept = self._folder / f"{name}.pickle"
        with _locked(self._folder / f"{name}.lock"):
            if not kept.exists():
                folder = _fresh(self._folder, name)
                kept.write_bytes(pickle.dumps(make(folder)))
            value: T = pickle.loads(kept.read_bytes())
        return value


def _fresh(around: Path, name: str) -> Path:
    """A folder that is not there yet: an attempt that failed may have left one."""
    number = sum(1 for _ in around.glob(f"{name}-*"))
    folder = around / f"{name}-{number}"
    folder.mkdir()
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, also by a crash
        yield
