"""Faults while a file is written: it is the old one or the new one, whole, and nothing else."""

from __future__ import annotations

import ast
import errno
import functools
import io
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from modlint import writing
from modlint.writing import NotWritten, write_atomically
from support import ROOT, Run

OLD, NEW = b"# %%\nprint(1)\n", b'# %%\nif __name__ == "__main__":\n    print(1)\n'
#: Every call of the system on the way to a file, but for those of the stream.
_CALLS = (
    "lstat stat fstat open access urandom fchown listxattr getxattr setxattr removexattr chmod "
    "fsync replace unlink close"
).split()
_KILLED = 77


class _Steps:
    """Counts the system calls of a write, and lets the one numbered ``at`` go wrong."""

    def __init__(self, at: int | None, fail: Callable[[], object]) -> None:
        self.names: list[str] = []
        self.at = at
        self.fail = fail

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.at:
            self.fail()


@contextmanager
def stepping(at: int | None, fail: Callable[[], object]) -> Iterator[_Steps]:
    """The system calls of ``write_atomically``, one of them failing."""
    step = _Steps(at, fail)

    class Raw(io.FileIO):
        def readall(self) -> bytes:
            step("read")
            return super().readall()

        def write(self, data: Any) -> Any:
            step("write")
            return super().write(data)

    def open_(path: str, mode: str, opener: Any) -> Any:
        raw = Raw(path, mode, opener=opener)
        return io.BufferedReader(raw) if mode == "rb" else io.BufferedWriter(raw)

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            step(name)
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "open", open_, raising=False)
        for name in _CALLS:
            patch.setattr(os, name, watched(name, getattr(os, name)))
        yield step


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "m.py"
    path.parent.mkdir()
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


@functools.cache
def _steps(folder: Path) -> list[str]:
    path = folder / "steps.py"
    path.write_bytes(OLD)
    with stepping(None, lambda: None) as step:
        write_atomically(str(path), OLD, NEW)
    path.unlink()
    return step.names


def _is_whole(path: Path, *, littered: bool = False) -> bytes:
    """The file's text, one of two; beside it stands nothing, or one hidden file of no module."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    beside = [name for name in os.listdir(path.parent) if name != path.name]
    if littered:
        assert len(beside) <= 1
        assert all(n.startswith(".modlint-") and not n.endswith(".py") for n in beside)
    else:
        assert beside == []
    text = path.read_bytes()
    assert text in (OLD, NEW)
    return text


def test_the_steps_are_those_of_a_real_write(tmp_path: Path) -> None:
    names = _steps(tmp_path)
    for name in ("lstat", "open", "read", "access", "write", "chmod", "fsync", "replace", "unlink"):
        assert name in names
    assert names.index("fsync") < names.index("replace")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
def test_an_error_at_any_step(module: Path, code: int) -> None:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    for at, name in enumerate(_steps(module.parent)):
        module.write_bytes(OLD)
        failed = ""
        with stepping(at, fail):
            try:
                write_atomically(str(module), OLD, NEW)
            except NotWritten as error:
                failed = str(error)
        # Whoever is told "not written" has the old file, and nobody else has.
        assert (_is_whole(module) == OLD) is bool(failed), name
        # Where a link cannot be asked about, the opening finds it out.
        if not failed:
            assert at > _steps(module.parent).index("replace") or name == "lstat"


def test_an_interruption_at_any_step(module: Path) -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    for at, name in enumerate(_steps(module.parent)):
        module.write_bytes(OLD)
        with stepping(at, fail), pytest.raises(KeyboardInterrupt):
            write_atomically(str(module), OLD, NEW)
        is_done = at > _steps(module.parent).index("replace")
        assert _is_whole(module) == (NEW if is_done else OLD), name


def test_an_interruption_on_any_line(module: Path) -> None:
    """Ctrl-C comes between calls too; the way is short enough to try each line of it."""
    seen, at = 0, -1

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if frame.f_code.co_filename != writing.__file__:
            return None
        if event == "line":
            seen += 1
            if seen == at:
                raise KeyboardInterrupt
        return trace

    def write() -> None:
        nonlocal seen
        seen = 0
        old = sys.gettrace()
        sys.settrace(trace)
        try:
            write_atomically(str(module), OLD, NEW)
        finally:
            sys.settrace(old)

    write()
    count = seen
    assert count > 40
    for at in range(1, count + 1):  # noqa: B007 - the tracer reads it
        module.write_bytes(OLD)
        with pytest.raises(KeyboardInterrupt):
            write()
        _is_whole(module)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_kill_at_any_step_and_the_next_run(module: Path, modlint: Run) -> None:
    ends = set()
    for at, name in enumerate(_steps(module.parent)):
        module.write_bytes(OLD)
        child = os.fork()
        if not child:
            with stepping(at, lambda: os._exit(_KILLED)):
                write_atomically(str(module), OLD, NEW)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == _KILLED, name
        ends.add(_is_whole(module, littered=True))
        # What was left behind is no module to the next run, and does not stop it.
        result = modlint("fix", "--apply", module.parent)
        assert (result.exit_code, result.stdout) == (0, ""), name
        assert module.read_bytes() == NEW
        for litter in module.parent.glob(".modlint-*"):
            litter.unlink()
    assert ends == {OLD, NEW}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize("limit", [0, 1, len(NEW) - 1])
def test_a_write_that_stops_half_way(module: Path, limit: int) -> None:
    """A limit of the size of files stops the real call where a full disk would."""
    import resource

    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            write_atomically(str(module), OLD, NEW)
        except NotWritten as error:
            os._exit(_KILLED if "file too large" in str(error) else 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == _KILLED
    assert _is_whole(module) == OLD


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "modlint", str(folder)]
    try:
        mounted = subprocess.run(["mount", *options], capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small file system is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, modlint: Run) -> None:
    text = b"# %%\n" + b"# words\n" * 5_000 + b"print(1)\n"  # more than half of the disk
    path = small_disk / "m.py"
    path.write_bytes(text)
    result = modlint("fix", "--apply", path)
    assert result.exit_code == 2
    assert f"error: {path}: cannot be written: no space left on device" in result.stderr
    assert path.read_bytes() == text
    assert os.listdir(small_disk) == ["m.py"]


def _meanwhile(
    monkeypatch: pytest.MonkeyPatch, module: Path, replace: Callable[[], object]
) -> None:
    """Call ``replace`` when the new text is already on the disk."""
    sync = os.fsync

    def synced(handle: int) -> None:
        sync(handle)
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            module.unlink()
            replace()

    monkeypatch.setattr(os, "fsync", synced)


def test_a_link_put_in_its_place_meanwhile(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = module.parent.parent / "other.py"
    other.write_bytes(OLD)
    _meanwhile(monkeypatch, module, lambda: module.symlink_to(other))
    with pytest.raises(NotWritten, match="is a link"):
        write_atomically(str(module), OLD, NEW)
    assert module.is_symlink()
    assert other.read_bytes() == OLD
    assert os.listdir(module.parent) == ["m.py"]


def test_a_pipe_put_in_its_place_meanwhile(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _meanwhile(monkeypatch, module, lambda: os.mkfifo(module))
    with pytest.raises(NotWritten, match="is a pipe"):
        write_atomically(str(module), OLD, NEW)
    assert os.listdir(module.parent) == ["m.py"]


def test_a_folder_put_in_its_place_meanwhile(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _meanwhile(monkeypatch, module, lambda: module.mkdir())
    with pytest.raises(NotWritten, match="is a directory"):
        write_atomically(str(module), OLD, NEW)
    assert os.listdir(module.parent) == ["m.py"]


def test_a_mode_changed_meanwhile_is_not_undone(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again() -> None:
        module.write_bytes(OLD)
        module.chmod(0o600)

    _meanwhile(monkeypatch, module, again)
    with pytest.raises(NotWritten, match="was changed by another program meanwhile"):
        write_atomically(str(module), OLD, NEW)
    assert module.read_bytes() == OLD
    assert stat.S_IMODE(module.stat().st_mode) == 0o600


def test_a_file_with_a_second_name_is_refused(module: Path, modlint: Run) -> None:
    other = module.parent.parent / "other.txt"
    os.link(module, other)
    result = modlint("fix", "--apply", module)
    assert result.exit_code == 2
    assert f"error: {module}: has a second name (a hard link)" in result.stderr
    assert module.samefile(other)
    assert _is_whole(module) == OLD


def test_a_folder_that_is_a_link_is_the_users_word(module: Path, modlint: Run) -> None:
    link = module.parent.parent / "link"
    link.symlink_to(module.parent, target_is_directory=True)
    assert modlint("fix", "--apply", link / "m.py").exit_code == 0
    assert link.is_symlink()
    assert _is_whole(module) == NEW


@pytest.mark.parametrize("mode", [0o4755, 0o2750, 0o6777, 0o1644])
def test_all_bits_of_the_mode_stay(module: Path, mode: int) -> None:
    module.chmod(mode)
    wanted = stat.S_IMODE(module.stat().st_mode)  # some systems refuse some bits
    write_atomically(str(module), OLD, NEW)
    assert stat.S_IMODE(module.stat().st_mode) == wanted


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_file_stays_theirs(module: Path) -> None:
    os.chown(module, 12345, 54321)
    module.chmod(0o4640)
    write_atomically(str(module), OLD, NEW)
    status = module.stat()
    assert (status.st_uid, status.st_gid) == (12345, 54321)
    assert stat.S_IMODE(status.st_mode) == 0o4640
    assert module.read_bytes() == NEW


def test_another_users_file_is_not_taken_over(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    real = os.fstat
    opened: list[int] = []

    def theirs(handle: int) -> os.stat_result:
        status = real(handle)
        if not opened:  # the first file asked about is the old one
            opened.append(handle)
            return os.stat_result((*status[:4], status.st_uid + 1, *status[5:]))
        return status

    monkeypatch.setattr(os, "fstat", theirs)
    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(NotWritten, match="belongs to another user or group"):
        write_atomically(str(module), OLD, NEW)
    assert _is_whole(module) == OLD


def _attributes(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except (OSError, AttributeError):
        pytest.skip("the file system of the tests has no such attributes")


def test_extended_attributes_stay(module: Path) -> None:
    _attributes(module, "user.course", b"mlsys\x00\xff")
    write_atomically(str(module), OLD, NEW)
    assert os.getxattr(module, "user.course") == b"mlsys\x00\xff"


#: An access list in the kernel's form: the owner rw, user 12345 rw, the group r, mask rw, others -.
_LIST = bytes.fromhex(
    "02000000 01000600ffffffff 0200060039300000 04000400ffffffff 10000600ffffffff 20000000ffffffff"
)


def test_an_access_list_stays(module: Path) -> None:
    _attributes(module, "system.posix_acl_access", _LIST)
    mode = module.stat().st_mode
    write_atomically(str(module), OLD, NEW)
    assert os.getxattr(module, "system.posix_acl_access") == _LIST
    assert module.stat().st_mode == mode


def test_the_folders_access_list_is_not_put_on_the_file(module: Path) -> None:
    _attributes(module.parent, "system.posix_acl_default", _LIST)
    write_atomically(str(module), OLD, NEW)
    assert "system.posix_acl_access" not in os.listxattr(module)
    assert _is_whole(module) == NEW


#: Starts the command by fork, once a line: what it imports is there, and two begin together.
_BY_FORK = """
import os, sys, tempfile
import modlint.cli.fix, modlint.fixing.engine, modlint.rules.imports._guard
from modlint.cli import main
from modlint.rules import all_rules
all_rules()
print(flush=True)
for _ in sys.stdin:
    with tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(errors.fileno(), 2)
            main(["fix", "--apply", "--kind", "module", "."])
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        errors.seek(0)
        print(repr((status, errors.read().decode())), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_two_at_once(tmp_path: Path) -> None:
    """Both runs start together, many times; whoever comes too late says so or finds it done."""
    names = [f"m{number}.py" for number in range(4)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    runs = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", _BY_FORK],
            cwd=tmp_path, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for run in runs:
        assert _answer(run) == "\n"
    said = set()
    for _ in range(12):
        for name in names:
            (tmp_path / name).write_bytes(OLD)
        for run in runs:
            assert run.stdin is not None
            run.stdin.write("\n")
            run.stdin.flush()
        for run in runs:
            status, error = ast.literal_eval(_answer(run))
            assert status in (0, 2), error
            assert "Traceback" not in error
            wrong = [line for line in error.splitlines() if line.startswith("error: ")]
            assert (status == 2) is bool(wrong)
            assert all("was changed by another program meanwhile" in line for line in wrong)
            said.add(status)
        assert sorted(os.listdir(tmp_path)) == names
        assert {(tmp_path / name).read_bytes() for name in names} == {NEW}
    for run in runs:
        run.communicate()
        assert run.returncode == 0
    assert 0 in said


def _answer(run: subprocess.Popen[str]) -> str:
    assert run.stdout is not None
    return run.stdout.readline()
