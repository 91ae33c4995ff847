"""Files shared out over processes, told in the order in which they were given."""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from modlint.discovery import Failure, Task
from modlint.memory import Spent, settled, uncollected

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")


class Job(Protocol[T]):
    """What is done with each file. It goes to other processes, and so does what comes of it."""

    def __call__(self, task: Task) -> T | Failure:
        """What comes of a file, or why nothing does."""

    def pack(self, result: T) -> bytes:
        """What came of a file, on its way between processes."""

    def unpack(self, data: bytes) -> T:
        """The same where it arrives."""


#: Below this many bytes a second process costs more than it saves.
WORTH_SHARING = 200_000


def cores() -> int:
    """How many processes can run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work_off(
    tasks: Sequence[Task], job: Job[T], jobs: int | None
) -> Generator[T | Failure, None, None]:
    """What comes of each file, in their order.

    ``jobs`` is the most processes at work; by default one a core.
    """
    sizes = [_size(task.path) for task in tasks]
    jobs = min(jobs or cores(), len(tasks))
    if jobs < 2 or sum(sizes) < WORTH_SHARING:
        spent = Spent()
        with uncollected(), settled():
            for task, size in zip(tasks, sizes, strict=True):
                yield job(task)
                spent.on(size)
        return
    # The longest first: no process is left with one while the others have nothing to do.
    order = sorted(range(len(tasks)), key=lambda index: -sizes[index])
    done: dict[int, T | Failure] = {}
    arriving = _shared(tasks, order, job, jobs)
    with settled(), closing(arriving):
        for index in range(len(tasks)):
            while index not in done:
                number, outcome = next(arriving)
                done[number] = outcome
            yield done.pop(index)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except (OSError, ValueError):
        return 0


def _shared(
    tasks: Sequence[Task], order: Sequence[int], job: Job[T], jobs: int
) -> Generator[tuple[int, T | Failure], None, None]:
    """The outcomes as they come, with the numbers of their tasks."""
    from multiprocessing.connection import wait

    import modlint.modules  # noqa: F401
    from modlint.rules import rules_in_force

    for settings in {id(task.settings): task.settings for task in tasks}.values():
        rules_in_force(settings)  # imported once, not by each process
    waiting = list(reversed(order))
    at_work: dict[Any, _Worker[T]] = {}
    started: list[_Worker[T]] = []
    try:
        while waiting or at_work:
            while waiting and len(at_work) < jobs:
                worker = _Worker(list(at_work), tasks, job)
                started.append(worker)
                at_work[worker.connection] = worker
                worker.take(waiting.pop())
            for connection in wait(list(at_work)):
                worker = at_work[connection]
                number, outcome = worker.number, worker.outcome()
                if outcome is not None and waiting:
                    worker.take(waiting.pop())
                else:
                    del at_work[connection]
                    worker.connection.close()  # which ends the process
                if outcome is None:
                    outcome = Failure(tasks[number].path, worker.death())
                yield number, outcome
    finally:
        for left in at_work.values():
            left.process.terminate()
            # A rule may catch the exit that this asks for: then nothing more must come to be done.
            left.connection.close()
        for worker in started:
            worker.process.join()


class _Worker(Generic[T]):
    """A process that does one file after another, as seen from the process that shares out."""

    def __init__(self, others: list[Connection], tasks: Sequence[Task], job: Job[T]) -> None:
        from multiprocessing import get_all_start_methods, get_context

        self.job = job
        self.number = -1
        if "fork" in get_all_start_methods():
            context: Any = get_context("fork")
            self.connection, theirs = context.Pipe()
            # While a fork holds our ends too, no process would see that we are gone.
            ours = [*others, self.connection]
        else:
            context = get_context("spawn")
            # The new Python looks into the current folder first, which may be anybody's.
            os.environ["PYTHONSAFEPATH"] = "1"
            self.connection, theirs = context.Pipe()
            ours = []
        self.process = context.Process(target=_work, args=(theirs, ours, tasks, job))
        self.process.start()
        theirs.close()

    def take(self, number: int) -> None:
        """Do the file of a task."""
        self.number = number
        with suppress(OSError):  # it has died: its end of the pipe tells that, too
            self.connection.send_bytes(marshal.dumps(number))

    def outcome(self) -> T | Failure | None:
        """What came of the task; None where the process has died of it."""
        try:
            data = self.connection.recv_bytes()
        except (EOFError, OSError):
            return None
        failure, result = marshal.loads(data)
        return Failure(*failure) if failure else self.job.unpack(result)

    def death(self) -> str:
        """How the process has ended, in words."""
        self.process.join()
        code = self.process.exitcode
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        return f"not checked: the process at work on it ended with {how}"


def _work(
    connection: Connection, ours: list[Connection], tasks: Sequence[Task], job: Job[T]
) -> None:
    """Do the tasks whose numbers come through the pipe until nothing comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who shares out ends all
    for other in ours:
        other.close()
    try:
        _work_through(connection, tasks, job)
    except Exception:
        raise
    except BaseException as end:  # what a signal raises, with the exit status; no words are due
        sys.exit(*end.args)


def _work_through(connection: Connection, tasks: Sequence[Task], job: Job[T]) -> None:
    spent = Spent()
    with suppress(EOFError, OSError), uncollected():
        while True:
            task = tasks[marshal.loads(connection.recv_bytes())]
            outcome = job(task)
            if isinstance(outcome, Failure):
                failure = (
                    outcome.path,
                    outcome.message,
                    outcome.row,
                    outcome.cell,
                    outcome.traceback,
                )
                said: tuple[Any, bytes | None] = (failure, None)
            else:
                said = (None, job.pack(outcome))
            connection.send_bytes(marshal.dumps(said))
            spent.on(_size(task.path))
