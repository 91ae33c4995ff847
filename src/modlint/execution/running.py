"""Run a module in child processes, within limits, and collect what is seen.

Each child gets a scratch folder, no standard input and a process group of its own, which
is killed when it ends: nothing that it started stays behind.
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modlint.analysis.module import Module, imported_names
from modlint.diagnostics import Position
from modlint.execution import child
from modlint.execution.child.job import Job
from modlint.execution.observation import (
    Acting,
    CellRun,
    Limits,
    Observation,
    Place,
    Script,
    Trouble,
)
from modlint.execution.scratch import Scratch, scratch_for, surroundings_of
from modlint.execution.tests import tests_of
from modlint.notebook.cell import CellKind

#: The script that a child runs.
_CHILD = Path(child.__file__).with_name("__main__.py")
#: How much of what a module prints is kept, and how much it may print before it is stopped.
_KEPT, _FLOOD = 1_000_000, 50_000_000
#: Seconds between two looks at a child that runs.
_PAUSE = 0.02
#: Where an object stands in memory says nothing of it.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
#: Marks the processes of one run, whatever group they make for themselves.
_MARK = "MODLINT_SCRATCH"


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a child ended: its events, what it wrote, its exit status.

    ``stopped`` says why it was stopped ("" if it was not).
    """

    events: list[dict[str, Any]]
    stdout: str
    stderr: str
    status: int
    stopped: str


def observe(
    module: Module, path: str, limits: Limits | None = None, *, mock_missing: bool = False
) -> Observation:
    """Import the module, run its tests, run it as a script: what was seen of it.

    ``path`` says where the module stands; what runs is ``module.file``.
    """
    return Subject(module, path, limits or Limits(), mock_missing=mock_missing).observed()


class Subject:
    """One module that is to be run."""

    def __init__(
        self, module: Module, path: str, limits: Limits, *, mock_missing: bool = False
    ) -> None:
        self.module = module
        self.limits = limits
        self.mock_missing = mock_missing
        self.surroundings = surroundings_of(path, _first_party_roots(module))
        self.tests = tests_of(module)
        #: The cells whose text the child gets; a Python file is one text.
        self.cells = [
            index
            for index, cell in enumerate(module.file.cells)
            if module.file.store is not None and cell.kind is CellKind.CODE
        ]

    def observed(self) -> Observation:
        """Everything that is seen of the module."""
        seen = self.imported()
        trouble = seen.import_trouble
        if trouble is None or not trouble.is_final:
            seen.script = self.script()
            seen.mocked = tuple(dict.fromkeys((*seen.mocked, *seen.script.mocked)))
        return seen

    def imported(self, *, tests: bool = True) -> Observation:
        """What the import shows, and each of the tests after it."""
        seen = Observation()
        pending = list(self.tests) if tests else []
        while True:
            ended = self._run("import", pending)
            if not seen.tests:
                self._take_import(seen, ended)
            begun = self._take_tests(seen, ended)
            if not begun or seen.import_trouble:
                return seen
            pending = pending[pending.index(begun[-1]) + 1 :]
            if not ended.events or ended.events[-1]["event"] == "end" or not pending:
                return seen  # else the test that was running took the process with it

    def script(self) -> Script:
        """What a run as a script shows."""
        ended = self._run("script", list(self.tests))
        called = frozenset(e["name"] for e in ended.events if e["event"] == "called")
        broken = frozenset(e["name"] for e in ended.events if e["event"] == "broken")
        trouble = next((self._trouble(e) for e in ended.events if e["event"] == "error"), None)
        if trouble is None and (ended.status != 0 or ended.stopped):
            top = self._place(0, 1)
            trouble = Trouble(_ending(ended), top, top, is_final=True)
        mocked = tuple(e["name"] for e in ended.events if e["event"] == "mocked")
        is_cut = bool(ended.stopped)
        return Script(
            ended.stdout, ended.stderr, ended.status, is_cut, trouble, called, broken, mocked
        )  # fmt: skip

    def kernel(self, texts: Mapping[int, str]) -> dict[int, CellRun]:
        """What the kernel of a notebook shows of these cells, given by their index, in order.

        A cell that is not there did not come to its end.
        """
        order = sorted(texts)
        ended = self._run("kernel", [], [texts[index] for index in order])
        return {
            order[e["index"]]: CellRun(
                _ADDRESS.sub("", e["shown"][0]) if e["shown"] else None, e["error"], e["printed"]
            )
            for e in ended.events
            if e["event"] == "cell"
        }

    def _take_import(self, seen: Observation, ended: _Ended) -> None:
        begun = {"text": 0, "row": 1}
        for event in ended.events:
            if event["event"] == "begin":
                begun = event
            elif event["event"] == "acts":
                cell = self._place(event["text"], event["row"]).cell
                start = Position(event["row"], event["column"])
                end = Position(event["end_row"], event["end_column"])
                acts = tuple((kind, words) for kind, words in event["acts"])
                seen.acting.append(Acting(cell, start, end, acts))
            elif event["event"] == "mocked":
                seen.mocked += (event["name"],)
            elif event["event"] == "error":
                seen.import_trouble = self._trouble(event)
            elif event["event"] == "imported":
                seen.names = {
                    name: (kind, _ADDRESS.sub("", words))
                    for name, (kind, words) in event["names"].items()
                }
        ends = {event["event"] for event in ended.events}
        if ends.isdisjoint(("imported", "error")):
            place = self._place(begun["text"], begun["row"])
            seen.import_trouble = Trouble(_ending(ended), place, place, is_final=True)

    def _take_tests(self, seen: Observation, ended: _Ended) -> list[str]:
        """Note how the tests ended; the names of those that were begun."""
        begun = [e["name"] for e in ended.events if e["event"] == "test"]
        for event in ended.events:
            if event["event"] == "passed":
                seen.tests[event["name"]] = None
            elif event["event"] == "failed":
                seen.tests[event["name"]] = self._trouble(event)
        if begun and begun[-1] not in seen.tests:
            place = self.tests[begun[-1]]
            seen.tests[begun[-1]] = Trouble(_ending(ended), place, place)
        return begun

    def _trouble(self, event: Mapping[str, Any]) -> Trouble:
        first = next(iter(event["message"].strip().splitlines()), "")
        words = f"{event['type']}: {first}" if first else event["type"]
        if event["type"] == "SystemExit":
            status = f" with status {first}" if first.isdigit() else f": {first}" if first else ""
            words = f"it exits{status}"
        outer, inner = self._place(event["text"], event["row"]), self._place(*event["inner"])
        is_final = event["type"] in ("SyntaxError", "IndentationError", "TabError")
        return Trouble(words, outer, inner, tuple(event.get("missing", ())), is_final)

    def _place(self, text: int, row: int) -> Place:
        if self.module.file.store is not None:
            return Place(self.cells[text] if self.cells else 0, row)
        cells = self.module.file.cells
        above = [i for i, cell in enumerate(cells) if cell.marker_row <= row]
        return Place(above[-1] if above else 0, row)

    # The child

    def _run(self, mode: str, tests: list[str], cells: list[str] | None = None) -> _Ended:
        with scratch_for(self.surroundings, self.module.file.to_bytes()) as scratch:
            job = self._job(mode, tests, scratch, cells)
            receiver, sender = os.pipe()
            os.set_blocking(receiver, False)
            try:
                job_file = scratch.root / "job.json"
                whole = json.dumps(asdict(job) | {"results": sender})
                job_file.write_text(whole, "utf-8")
                return _watched(job_file, scratch, (receiver, sender), self.limits.timeout)
            finally:
                os.close(receiver)

    def _job(self, mode: str, tests: list[str], scratch: Scratch, cells: list[str] | None) -> Job:
        where = self.surroundings
        settings = self.module.settings
        stem = where.path.stem
        path = str(scratch.twin(where.path))
        texts = [(f"{path}#cell{i + 1}", self.module.file.cells[i].source) for i in self.cells]
        if self.module.file.store is None:
            texts = [(path, self.module.file.text)]
        if cells is not None:
            texts = [(f"{path}#cell{number}", text) for number, text in enumerate(cells, 1)]
        taken = stem in sys.stdlib_module_names and not where.package
        return Job(
            mode=mode,
            # Under the name of one of Python's own modules it would take that one's place.
            name=".".join(filter(None, (where.package, f"{stem}_module" if taken else stem))),
            package=where.package,
            path=path,
            scratch=str(scratch.root),
            search=[str(scratch.twin(folder)) for folder in where.search],
            texts=texts,
            is_notebook=cells is not None or self.module.file.store is not None,
            first_party=list(settings.first_party),
            allowed=list(settings.allow_calls),
            tests=tests,
            mock_missing=self.mock_missing,
            memory=self.limits.memory * 2**20,
            cpu=math.ceil(self.limits.timeout * (os.cpu_count() or 1) * (len(tests) + 1)) + 1,
            results=-1,
            parent=os.getpid(),
        )


def _watched(job: Path, scratch: Scratch, pipe: tuple[int, int], timeout: float) -> _Ended:
    """Start a child and watch it until it ends, or must be stopped."""
    receiver, sender = pipe
    received = b""
    stopped = ""
    with open(scratch.root / "stdout", "wb+") as out, open(scratch.root / "stderr", "wb+") as err:
        process = subprocess.Popen(
            [sys.executable, "-P", "-B", str(_CHILD), job],
            cwd=scratch.twin(scratch.surroundings.path).parent,
            env=_environment(scratch),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            pass_fds=[sender],
            start_new_session=True,
        )
        os.close(sender)
        try:
            deadline = time.monotonic() + timeout
            while process.poll() is None:
                time.sleep(_PAUSE)
                new = _pending(receiver)
                received += new
                if b'"event": "test"' in new or b'"event": "imported"' in new:
                    deadline = time.monotonic() + timeout  # a new part of the run
                if os.fstat(out.fileno()).st_size + os.fstat(err.fileno()).st_size > _FLOOD:
                    stopped = f"it prints more than {_FLOOD // 1_000_000} MB"
                elif time.monotonic() > deadline:
                    stopped = f"it does not end within {timeout:g} seconds"
                if stopped:
                    break
        finally:
            _kill(process, scratch)
        received += _pending(receiver)
        lines = received[: received.rfind(b"\n") + 1].splitlines()
        events = [json.loads(line) for line in lines]
        for event in events:
            if event["event"] == "temporary":
                _remove(Path(event["path"]))
        status = process.returncode
        return _Ended(events, _kept(out, scratch), _kept(err, scratch), status, stopped)


def _remove(path: Path) -> None:
    """Take away what the module has made in the system's temporary folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _pending(pipe: int) -> bytes:
    parts = []
    with contextlib.suppress(BlockingIOError):
        while part := os.read(pipe, 65536):
            parts.append(part)
    return b"".join(parts)


def _kept(stream: Any, scratch: Scratch) -> str:
    """The first part of an output file; the scratch folder's own name says nothing."""
    stream.seek(0)
    text: str = stream.read(_KEPT).decode("utf-8", "backslashreplace")
    real = str(scratch.surroundings.top)
    return text.replace(str(scratch.top), real).replace(str(scratch.root), "scratch")


def _environment(scratch: Scratch) -> dict[str, str]:
    """The environment of a child: files go to the scratch folder, runs can be compared."""
    return os.environ | {
        _MARK: str(scratch.root),
        "HOME": str(scratch.root / "home"),
        "TMPDIR": str(scratch.root / "tmp"),
        "MPLBACKEND": "Agg",  # no window waits for anybody
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
    }


def _kill(process: subprocess.Popen[bytes], scratch: Scratch) -> None:
    """End the child and all that it started, in its process group or out of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while left := list(_left_behind(scratch)):  # one may start another before it dies
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(_PAUSE)


def _left_behind(scratch: Scratch) -> Iterable[int]:
    """Processes that left the group: the system lists them by the mark that they inherit."""
    mark = f"{_MARK}={scratch.root}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def _ending(ended: _Ended) -> str:
    """How a child ended that said nothing of it."""
    if ended.stopped:
        return ended.stopped
    if ended.status < 0:
        return f"{signal.Signals(-ended.status).name} ends the process"
    return f"the process ends with status {ended.status}"


def _first_party_roots(module: Module) -> list[str]:
    """The first-party packages that the module imports anywhere."""
    roots = {
        name.split(".")[0]
        for unit in module.parsed_units
        if unit.tree is not None
        for node in ast.walk(unit.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for _, name, _ in imported_names(node)
    }
    return sorted(root for root in roots if root and module.settings.is_first_party(root))
