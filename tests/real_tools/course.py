"""A real nbgrader course in a temporary folder.

nbgrader 0.9. Modules become notebooks by jupytext; nbgrader releases them, and grades
submissions in kernels that see no network where ``unshare`` is permitted. A release runs in
this process, since it starts no kernel and reads no file outside the course. Grading and
validating run in a child process with a home of its own.

One assignment holds one notebook of the same name.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, is_solution
from traitlets.config import Config

#: Kernels talk through sockets in the file system: the loopback device is cut off as well.
_SETTINGS = """import os
c = get_config()
c.CourseDirectory.root = {root!r}
c.Execute.timeout = {timeout}
c.KernelManager.transport = "ipc"
c.KernelManager.ip = os.environ["JUPYTER_RUNTIME_DIR"] + "/kernel"
"""


class Refused(Exception):
    """nbgrader refused: the exception's class and first line; ``log`` is all that it said."""

    def __init__(self, text: str, log: str) -> None:
        super().__init__(text)
        self.log = log


@dataclass(frozen=True)
class Score:
    """What a submission got: points and the maximum by grade_id.

    ``None`` in ``points`` is a cell that waits for a person.
    """

    points: Mapping[str, float | None]
    maximum: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum of the points that are given."""
        return sum(p or 0.0 for p in self.points.values())

    @property
    def possible(self) -> float:
        """The sum of the points that can be had."""
        return sum(self.maximum.values())


class Course:
    """A course in ``root``, an empty folder; kernels find packages in ``pythonpath``.

    ``timeout`` is what a cell may take, in seconds.
    """

    def __init__(self, root: Path, pythonpath: Sequence[Path] = (), timeout: int = 30) -> None:
        self.root = root.resolve()
        self.pythonpath = tuple(pythonpath)
        self._config = Config()
        self._config.CourseDirectory.root = str(self.root)
        (self.root / "source").mkdir(parents=True)
        (self.root / "gradebook.db").write_bytes(empty_gradebook())
        (self.root / "nbgrader_config.py").write_text(
            _SETTINGS.format(root=str(self.root), timeout=timeout),
            "utf-8",
        )

    def add(self, assignment: str, module: str | Path) -> NotebookNode:
        """The notebook that jupytext makes of a module, now the source of ``assignment``.

        ``module`` is the text of a percent module, or the path of a ``.py`` or ``.ipynb``.
        Whatever jupytext raises is raised.
        """
        notebook = converted(module)
        _write(notebook, self.source(assignment))
        return notebook

    def release(self, assignment: str) -> NotebookNode:
        """The student's notebook, by ``nbgrader generate_assignment``; ``Refused`` if refused.

        An older release of the assignment is replaced.
        """
        directory = CourseDirectory(config=self._config)
        directory.assignment_id = assignment
        converter = _Generate(coursedir=directory, config=self._config, force=True)
        with _quiet(converter.log), programs_on_path():
            result = capture_log(converter)
        if not result["success"]:
            raise Refused(converter.refusal or _reason(result["error"]), result.get("log", ""))
        return self._notebook("release", assignment)

    def answers(self, assignment: str) -> dict[str, str]:
        """The teacher's own answers: the text of each solution cell by grade_id."""
        cells = self._notebook("source", assignment).cells
        return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells if is_solution(cell)}

    def submit(
        self, assignment: str, student: str, answers: Mapping[str, str] | None = None
    ) -> NotebookNode:
        """The released notebook, handed in with the text of the cells ``answers`` names.

        Without answers it is handed in untouched. ``KeyError``: no released cell has that id.
        """
        notebook = self._notebook("release", assignment)
        cells = {
            cell.metadata.nbgrader.grade_id: cell
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        }
        for grade_id, source in (answers or {}).items():
            cells[grade_id].source = source
        _write(notebook, self.root / "submitted" / student / assignment / f"{assignment}.ipynb")
        return notebook

    def autograde(self, assignment: str, student: str = "*") -> str:
        """Grade what was handed in (by all students), and give nbgrader's log.

        ``Refused``: nbgrader could not grade it. What a student's code raises is no refusal.
        """
        done = self._run("autograde", assignment, "--student", student, "--force", "--create")
        if done.returncode:
            raise Refused(_reason(done.stderr), done.stderr)
        return done.stderr

    def score(self, assignment: str, student: str) -> Score:
        """What the gradebook says; nbgrader's ``MissingEntry`` where nothing was graded."""
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            notebooks = gradebook.find_submission(assignment, student).notebooks
            grades = [grade for notebook in notebooks for grade in notebook.grades]
            return Score(
                {g.name: None if g.needs_manual_grade else g.score for g in grades},
                {g.name: g.max_score for g in grades},
            )

    def outputs(self, assignment: str, student: str) -> NotebookNode:
        """The graded notebook with what its cells put out."""
        return self._notebook("autograded", assignment, student)

    def validate(self, path: Path) -> str:
        """What ``nbgrader validate`` says of a notebook; ``Refused`` where it ends with an error.

        It ends well when tests fail: only the text ``Success!`` says that they pass.
        """
        done = self._run("validate", str(path))
        if done.returncode:
            raise Refused(_reason(done.stderr), done.stderr)
        return done.stdout

    def source(self, assignment: str) -> Path:
        """Where the teacher's notebook lies."""
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def _notebook(self, step: str, assignment: str, student: str = ".") -> NotebookNode:
        return converted(self.root / step / student / assignment / f"{assignment}.ipynb")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``nbgrader`` in a child process that leaves this user's home alone."""
        # A short path: the sockets of a kernel lie in it, and a socket's path has 108 bytes.
        with tempfile.TemporaryDirectory(prefix="nb") as home:
            environment = {
                **{k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")},
                "PATH": _path(),
                "HOME": home,
                "IPYTHONDIR": home,
                "JUPYTER_RUNTIME_DIR": home,
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": os.pathsep.join(map(str, self.pythonpath)),
            }
            return subprocess.run(
                [*offline(), sys.executable, "-m", "nbgrader", *arguments],
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )


@cache
def empty_gradebook() -> bytes:
    """The database that nbgrader makes of nothing.

    To know the version of its tables it starts ``alembic`` in a process of its own for each new
    one, which takes longer than a release: courses begin with a copy.
    """
    with tempfile.TemporaryDirectory() as folder, programs_on_path():
        path = Path(folder) / "gradebook.db"
        Gradebook(f"sqlite:///{path}").close()
        return path.read_bytes()


def converted(module: str | Path) -> NotebookNode:
    """The notebook of a percent module (its text or path) or of an ``.ipynb``'s path."""
    if isinstance(module, Path) and module.suffix == ".ipynb":
        notebook: NotebookNode = nbformat.read(module, as_version=4)  # type: ignore[no-untyped-call]
    else:
        text = module.read_text("utf-8") if isinstance(module, Path) else module
        notebook = jupytext.reads(text, fmt={"extension": ".py"})
    return notebook


def hidden_answers(source: NotebookNode) -> list[tuple[str, list[str]]]:
    """What stands in the solution regions of a teacher's notebook: grade_id and lines of each."""
    cells = [cell for cell in source.cells if is_solution(cell)]
    return [(c.metadata.nbgrader.grade_id, body) for c in cells for body in _hidden(c.source)]


def answers_shown(
    answers: Iterable[tuple[str, list[str]]], released: NotebookNode, least: int = 3
) -> list[tuple[str, int]]:
    """Which answers a release shows: grade_id, and index of the cell that shows it.

    Lines are compared without indentation, comments and blank lines; a cell shows an answer
    where it has all its lines one after another. Answers of fewer than ``least`` lines are
    passed over: they stand anywhere. An answer in other words is not found.
    """
    cells = [_code(cell.source.splitlines()) for cell in released.cells]
    return [
        (grade_id, index)
        for grade_id, body in answers
        if len(lines := _code(body)) >= least
        for index, text in enumerate(cells)
        if _contains(text, lines)
    ]


def _hidden(source: str) -> Iterator[list[str]]:
    """The lines of each solution region of a cell that nbgrader accepts."""
    body: list[str] | None = None
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line:
            body = []
        elif "END SOLUTION" in line and body is not None:
            yield body
            body = None
        elif body is not None:
            body.append(line)


def _code(lines: Iterable[str]) -> list[str]:
    return [text for line in lines if (text := line.strip()) and not text.startswith("#")]


def _contains(text: list[str], part: list[str]) -> bool:
    size = len(part)
    return any(text[n : n + size] == part for n in range(len(text) - size + 1))


def _write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


class _Generate(GenerateAssignment):  # type: ignore[misc]
    """The converter of ``nbgrader generate_assignment``, which keeps what went wrong.

    nbgrader writes it to its log and raises something general.
    """

    refusal = ""

    def convert_single_notebook(self, notebook_filename: str) -> None:
        try:
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            self.refusal = _told(error)
            raise


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep a logger from writing to stderr; handlers added meanwhile get everything."""
    handlers, propagate = list(logger.handlers), logger.propagate
    logger.handlers.clear()
    logger.propagate = False
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.propagate = propagate


def _path() -> str:
    """PATH with the programs of this interpreter first: nbgrader runs ``alembic``."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


@contextmanager
def programs_on_path() -> Iterator[None]:
    before = dict(os.environ)
    os.environ["PATH"] = _path()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@cache
def offline() -> tuple[str, ...]:
    """What to put before a command to cut it off from the network; nothing where not permitted."""
    command = ("unshare", "--net", "--map-root-user")
    if shutil.which("unshare") is None:
        return ()
    done = subprocess.run([*command, "true"], capture_output=True, check=False)
    return () if done.returncode else command


def _told(error: BaseException) -> str:
    """Class and first line of an exception, and the first line of what it came from."""
    text = f"{type(error).__name__}: {_first_line(str(error))}"
    cause = error.__cause__ or error.__context__
    return f"{text} {_first_line(str(cause))}" if cause else text


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _reason(log: str) -> str:
    """The last line of a log that names an exception, or else its last line."""
    lines = log.strip().splitlines() or [""]
    named = [line for line in lines if re.match(r"\s*[\w.]+(Error|Exception): ", line)]
    return (named or lines)[-1].strip()
