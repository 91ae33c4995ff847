"""What a statement does beside binding names."""

from __future__ import annotations

import contextlib
import errno
import inspect
import os
import sys
import threading
import types
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from .job import Job, Report

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: Functions that Python makes of an expression, and lambdas: no function of the module.
_ANONYMOUS = frozenset(("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
#: Audit events that change a file or a folder: the verb for it.
_CHANGES = {
    "os.remove": "removes", "os.rmdir": "removes", "shutil.rmtree": "removes",
    "os.mkdir": "makes", "os.rename": "renames", "os.link": "makes", "os.symlink": "makes",
    "os.truncate": "writes", "os.chmod": "changes", "os.chown": "changes", "os.utime": "changes",
}  # fmt: skip
_STARTS = ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn",
           "os.spawn", "pty.spawn")  # fmt: skip


class Watch:
    """Sees what the statement that is running does beside binding names.

    ``space`` is the module's namespace, ``files`` are the names of its code objects'
    files, ``quiet`` the lines (file, row) on which calls are no acts.
    """

    def __init__(self, job: Job, space: dict[str, Any], report: Report) -> None:
        self.report = report
        self.patterns = job.first_party
        self.space = space
        self.scratch = job.scratch
        self.quiet: set[tuple[str, int]] = set()
        self.acts: list[tuple[str, str]] = []
        self.is_fallback = False
        self.is_on = False
        self.is_copying = False
        self.temporary: set[str] = set()
        self._streams = (os.dup(1), os.dup(2))
        self._printed = 0

    def begin(self) -> None:
        """A new statement is going to run."""
        self._flushed()
        self.acts, self.is_fallback, self.is_on = [], False, True
        self._printed = self._output()
        sys.setprofile(self._profile)

    def end(self) -> list[tuple[str, str]]:
        """The acts of the statement, as (kind, words)."""
        sys.setprofile(None)
        self.is_on = False
        self._flushed()
        if self._output() > self._printed and not self.is_fallback:
            self.acts.insert(0, ("print", "prints"))
        return self.acts

    def note(self, kind: str, words: str) -> None:
        """An act, if it is the running statement's own and not that of a module it imports."""
        if self.is_on and (kind, words) not in self.acts and self._own_frame() is not None:
            self.acts.append((kind, words))

    def called(self, callee: Any, words: str, in_fallback: bool) -> Any:
        """``callee``, which is going to be called at module level."""
        if in_fallback:
            self.is_fallback = True
        elif self.is_on and self._is_first_party(callee):
            sys.setprofile(None)
            if ("call", words) not in self.acts:
                self.acts.append(("call", words))
        return callee

    def _profile(self, frame: types.FrameType, event: str, _: Any) -> None:
        """Functions that are called by other ways than a call that is written there."""
        code = frame.f_code
        if event != "call" or not code.co_flags & inspect.CO_OPTIMIZED:
            return
        if code.co_name in _ANONYMOUS or not self.is_ours(frame.f_globals.get("__name__")):
            return
        own = self._own_frame(frame)
        if own is None or (own.f_code.co_filename, own.f_lineno) in self.quiet:
            return
        sys.setprofile(None)
        self.acts.append(("call", f"{code.co_qualname.removesuffix('.__init__')}()"))

    def _own_frame(self, frame: types.FrameType | None = None) -> types.FrameType | None:
        """The frame of the module, or of a class body in it, that led here; None if another did."""
        frame = frame or sys._getframe(1)
        while frame is not None:
            if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
                if frame.f_globals is self.space:
                    return frame
                if frame.f_code.co_name == "<module>":
                    return None
            frame = frame.f_back
        return None

    def _is_first_party(self, callee: Any) -> bool:
        made = callee if isinstance(callee, type) else getattr(callee, "__func__", callee)
        if not isinstance(made, type | types.FunctionType):
            made = type(getattr(callee, "__self__", callee))
        if made.__name__ in _ANONYMOUS:
            return False
        return self.is_ours(getattr(made, "__module__", None))

    def is_ours(self, module: object) -> bool:
        """Whether a module of this name is the one that runs, or another of the course."""
        if not isinstance(module, str):
            return False
        root = module.partition(".")[0]
        return module == self.space["__name__"] or any(fnmatchcase(root, p) for p in self.patterns)

    def _output(self) -> int:
        return sum(os.fstat(stream).st_size for stream in self._streams)

    def _flushed(self) -> None:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):  # it may be closed, or anything
                stream.flush()  # type: ignore[union-attr]

    # Files, processes, threads

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python's audit hook: sees what reaches outside, and keeps files outside as they are."""
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") if mode else (flags or 0) & _WRITES
            if writes and isinstance(path, str | bytes | os.PathLike):
                self._changes("writes", os.fsdecode(path))
        elif event in _CHANGES:
            paths = [p for p in arguments[:2] if isinstance(p, str | bytes | os.PathLike)]
            for path in paths if event == "os.rename" else paths[:1]:
                self._changes(_CHANGES[event], os.fsdecode(path))
        elif event in _STARTS:
            self.note("start", "starts a process")
        elif event == "socket.connect":
            self.note("connect", "connects to the network")
        elif event == "os.chdir":
            self.note("change", "changes the working folder")

    def _changes(self, verb: str, path: str) -> None:
        if self.is_copying or path.startswith("/dev/"):
            return
        self.note("write", f"{verb} {os.path.basename(path.rstrip(os.sep))}")
        path = os.path.abspath(path)
        if self._is_new_in_tmp(path):
            return
        self.is_copying = True  # what makes the copy is seen by the hook too
        try:
            own(path, self.scratch)
        finally:
            self.is_copying = False

    def _is_new_in_tmp(self, path: str) -> bool:
        """Whether ``path`` is new in the system's temporary folder; the parent takes it away."""
        steps = path.split(os.sep)
        top = os.sep.join(steps[:3])
        if steps[1] != "tmp" or len(steps) < 3:
            return False
        if top not in self.temporary and not os.path.lexists(top):
            self.temporary.add(top)
            self.report.send("temporary", path=top)
        return top in self.temporary

    def threads(self) -> None:
        """See threads being started, which Python does not audit."""
        import _thread

        def watched(start: Callable[..., Any]) -> Callable[..., Any]:
            def started(*arguments: Any, **named: Any) -> Any:
                self.note("start", "starts a thread")
                return start(*arguments, **named)

            return started

        threading.Thread.start = watched(threading.Thread.start)  # type: ignore[method-assign]
        _thread.start_new_thread = watched(_thread.start_new_thread)


def own(path: str, scratch: str) -> None:
    """Make ``path`` in the scratch folder a file of its own, where it is a link to the real one.

    Raises ``PermissionError`` for a path outside.
    """
    steps = os.path.relpath(path, scratch).split(os.sep)
    if steps[0] == os.pardir:
        raise PermissionError(errno.EACCES, "verify lets nothing outside be changed", path)
    here = scratch
    for step in steps:
        here = os.path.join(here, step)
        if not os.path.islink(here):
            continue
        real = os.path.realpath(here)
        if os.path.commonpath([real, scratch]) == scratch:
            continue
        os.unlink(here)
        if os.path.isdir(real):
            os.mkdir(here)
            for entry in os.scandir(real):
                os.symlink(entry.path, os.path.join(here, entry.name))
        elif os.path.exists(real):
            import shutil

            shutil.copyfile(real, here)
