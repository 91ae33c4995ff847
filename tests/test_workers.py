"""Files shared out over processes: the same output as from one, and nothing hidden."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modlint import modules, workers
from modlint.cli import mending
from modlint.reports import Report
from support import ROOT, Run

FAULTY = '# %%\ndef test_x():\n    pass\n\ntest_x()\nprint("hi")\n'

pytestmark = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="needs fork"
)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten modules that are worth sharing out, one of which cannot be read."""
    monkeypatch.setattr(workers, "WORTH_SHARING", 0)
    for number in range(10):
        (tmp_path / f"m{number}.py").write_text(FAULTY * (1 + 7 * number % 10))
    (tmp_path / "m3.py").write_bytes(b"# %%\n\xff\n")
    return tmp_path


def test_the_order_is_that_of_the_files(modlint: Run, course: Path) -> None:
    for options in ([], ["--output-format", "json"]):
        one = modlint("check", "--no-cache", "--jobs", "1", *options)
        many = modlint("check", "--no-cache", "--jobs", "4", *options)
        assert (many.exit_code, many.stdout, many.stderr) == (2, one.stdout, one.stderr)
        assert "m9.py" in one.stdout


def _fixes(course: Path) -> None:
    """More to mend: what only the author can decide, a link, a pair."""
    (course / "ways.py").write_text(
        "# %%\ndef f(x):\n    return x\n\n# %%\ndef f(x):\n    return x, 1\n"
    )
    (course / "link.py").symlink_to("m0.py")


@pytest.mark.parametrize(
    "options",
    [(), ("--diff",), ("--unsafe-fixes",), ("--select", "IMP", "--quiet"), ("--add-ignores",)],
)
def test_fixes_are_shown_in_the_order_of_the_files(
    modlint: Run, course: Path, options: tuple[str, ...]
) -> None:
    _fixes(course)
    one = modlint("fix", "--jobs", "1", *options)
    many = modlint("fix", "--jobs", "4", *options)
    assert (many.exit_code, many.stdout, many.stderr) == (2, one.stdout, one.stderr)
    assert "+" in one.stdout
    assert not multiprocessing.active_children()


def test_fixes_are_written_as_by_one_process(modlint: Run, course: Path) -> None:
    _fixes(course)
    before = {path: path.read_bytes() for path in course.glob("*.py")}
    one = modlint("fix", "--apply", "--jobs", "1")
    alone = {path: path.read_bytes() for path in before}
    for path, data in before.items():
        path.write_bytes(data)
    many = modlint("fix", "--apply", "--jobs", "4")
    assert (many.exit_code, many.stdout, many.stderr) == (2, one.stdout, one.stderr)
    assert {path: path.read_bytes() for path in before} == alone != before


def test_the_pair_of_a_mended_file_is_compared_as_it_will_be(modlint: Run, course: Path) -> None:
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [],
        "source": "x = 1",
    }  # fmt: skip
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (course / "m0.ipynb").write_text(json.dumps(notebook))
    one = modlint("fix", "--jobs", "1", "m0.py", "m0.ipynb", "m1.py")
    many = modlint("fix", "--jobs", "3", "m0.py", "m0.ipynb", "m1.py")
    assert "MET002" in one.stdout
    assert (many.exit_code, many.stdout, many.stderr) == (1, one.stdout, one.stderr)


def test_a_fix_that_ends_its_process_costs_its_file_alone(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "m3.py").unlink()
    monkeypatch.setattr(mending, "fix", lambda *_, **__: os._exit(3))
    result = modlint("fix", "--apply", "--jobs", "2", "m0.py", "m1.py")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[:2] == [
        f"error: {name}: not checked: the process at work on it ended with exit status 3"
        for name in ("m0.py", "m1.py")
    ]
    assert (course / "m0.py").read_text() == FAULTY


def test_each_file_is_checked_under_its_own_settings(modlint: Run, course: Path) -> None:
    ignores = "{'m[0-4].py' = ['NBG'], 'm5.py' = ['IMP']}"
    (course / "modlint.toml").write_text(f"per-file-ignores = {ignores}\n")
    one = modlint("check", "--no-cache", "--jobs", "1")
    many = modlint("check", "--no-cache", "--jobs", "4")
    assert many.stdout == one.stdout
    assert not re.search(r"^m[0-4].py:.*NBG|^m5.py:.*IMP", many.stdout, re.MULTILINE)
    assert re.search(r"^m5.py:.*NBG", many.stdout, re.MULTILINE)


def test_spawned_processes_do_the_same(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "modlint.toml").write_text("per-file-ignores = {'m0.py' = ['NBG']}\n")
    one = modlint("check", "--no-cache", "--jobs", "1", "m0.py", "m1.py")
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    (course / "multiprocessing.py").write_text("open('trapped', 'w').close()\n")
    many = modlint("check", "--no-cache", "--jobs", "2", "m0.py", "m1.py")
    assert (many.exit_code, many.stdout, many.stderr) == (1, one.stdout, "")
    assert not (course / "trapped").exists()


def _hit(path: str, blow: Callable[[], object]) -> Callable[..., object]:
    """Report files, and do something else at one of them."""
    real = modules.report_path

    def report(given: str, *others: object, **options: object) -> object:
        return blow() if given == path else real(given, *others, **options)  # type: ignore[arg-type]

    return report


@pytest.mark.parametrize(
    ("blow", "how"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "signal 9"),
        (lambda: os._exit(3), "exit status 3"),
    ],
)
def test_a_process_that_dies_is_told_for_its_file(
    modlint: Run,
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    blow: Callable[[], object],
    how: str,
) -> None:
    (course / "m3.py").unlink()
    monkeypatch.setattr(modules, "report_path", _hit("m5.py", blow))
    result = modlint("check", "--jobs", "2")
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: m5.py: not checked: the process at work on it ended with {how}\n"
    )
    found = {line.split(":")[0] for line in result.stdout.splitlines()[:-1]}
    assert found == {f"m{number}.py" for number in (0, 1, 2, 4, 6, 7, 8, 9)}
    assert not multiprocessing.active_children()


def test_an_error_is_told_for_its_file(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: object, *others: object) -> list[object]:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(modules, "lint_module", fail)
    result = modlint("check", "m0.py", "m1.py", "--jobs", "2")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"error: {name}: internal error of modlint: ZeroDivisionError: by nought"
        for name in ("m0.py", "m1.py")
    ]


HANG = """
import os, time
from modlint import modules, workers
workers.WORTH_SHARING = 0
def hang(*arguments, **options):
    os.write(1, b"at work\\n")  # whole, whoever else writes
    time.sleep(60)
modules.report_path = hang
from modlint.cli import main
main(["check", "--no-cache", "--jobs", "2"])
"""


def test_an_interruption_ends_all(course: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", HANG],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert [run.stdout.readline() for _ in range(2)] == ["at work\n"] * 2
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert (run.returncode, said.strip()) == (130, "interrupted")
    for _ in range(100):  # what was ended may take a moment to go
        if not _is_alive(run.pid):
            break
        time.sleep(0.05)
    assert not _is_alive(run.pid)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_report_says_all_of_itself(course: Path) -> None:
    from modlint.settings import Settings

    report = modules.report_path(str(course / "m0.py"), Settings(), with_changes=True)
    assert isinstance(report, Report)
    assert len(report.findings) == 3
    assert all(finding.fix and finding.fix.changes for finding in report.findings)
    assert Report.from_data(report.to_data()) == report


#: Two files are worked on at once; the first is done when the second, which takes every exit for
#: its own, has begun.
STUBBORN = """
import os, signal, sys, time
from pathlib import Path
from modlint import workers
from modlint.discovery import Task
from modlint.settings import Settings

class Job:
    def __call__(self, task):
        if task.path == "second":
            try:
                Path("begun").touch()
                time.sleep(300)
            except SystemExit:
                Path("caught").touch()
        while not Path("begun").exists():
            time.sleep(0.01)
        return task.path

    def pack(self, result):
        return result.encode()

    unpack = staticmethod(bytes.decode)

signal.signal(signal.SIGTERM, lambda number, _: sys.exit(number))
workers.WORTH_SHARING = 0
arriving = workers.work_off([Task(p, None, Settings()) for p in ("first", "second")], Job(), 2)
print(next(arriving))
arriving.close()
print(os.path.exists("caught"))
"""


def test_who_no_longer_listens_waits_for_nobody(tmp_path: Path) -> None:
    """``modlint fix | head``: a process at work is asked to end while a rule catches exits."""
    done = subprocess.run(
        [sys.executable, "-c", STUBBORN],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["first", "True"]
