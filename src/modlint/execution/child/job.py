"""What the child is told to do, and how it tells what it sees."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """What the child is to do.

    ``texts``: the code, each with the name of its file (a notebook has one for each cell);
    ``tests``: functions, and methods as ``Class.method``; ``memory`` in bytes, ``cpu`` in
    seconds; ``results``: the number of the pipe; ``parent``: the process that waits for it.
    """

    mode: str  # "import" (and run the tests), "script" or "kernel" (cell by cell)
    name: str
    package: str
    path: str
    scratch: str
    search: list[str]
    texts: list[tuple[str, str]]
    is_notebook: bool
    first_party: list[str]
    allowed: list[str]
    tests: list[str]
    mock_missing: bool
    memory: int
    cpu: int
    results: int
    parent: int


class Report:
    """What goes to the parent; a forked copy of this process has nothing to say."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.process = os.getpid()
        os.set_inheritable(descriptor, False)

    def send(self, event: str, **facts: Any) -> None:
        """Send one event."""
        if os.getpid() == self.process:
            data = (json.dumps({"event": event, **facts}) + "\n").encode()
            while data:
                data = data[os.write(self.descriptor, data) :]
