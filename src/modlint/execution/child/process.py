"""The child process itself: its limits, its one job."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys

from .job import Job, Report
from .kernel import Kernel, words_of
from .runner import Runner


def _limit(job: Job) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, limit in ((resource.RLIMIT_CPU, job.cpu), (resource.RLIMIT_AS, job.memory)):
        most = resource.getrlimit(what)[1]
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(what, (limit, limit))


def _end_with_parent(job: Job) -> None:
    """Let no run outlive the program that watches over it, however that one ends (Linux)."""
    set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    if os.getppid() != job.parent:  # it ended before that
        os._exit(1)


def main(path: str) -> None:
    """Do the job that is described in the file ``path``."""
    with open(path, encoding="utf-8") as stream:
        job = Job(**json.load(stream))
    report = Report(job.results)
    sys.argv[:] = [job.path]
    sys.path[:0] = job.search
    _limit(job)
    _end_with_parent(job)
    runner = Runner(job, report)
    if job.mode == "kernel":
        sys.addaudithook(runner.watch.hook)
        Kernel(job, report, runner.space).run()
        report.send("end")
        os._exit(0)
    if runner.all_parsed():
        sys.addaudithook(runner.watch.hook)
        if job.mode == "script":
            runner.script()
            report.send("end")
            return  # its threads and what it registered for the exit are its own
        runner.watch.threads()
        if runner.imported():
            report.send("imported", names=words_of(runner.space))
            runner.tests()
    report.send("end")
    os._exit(0)  # threads that the module left running have nothing more to say
