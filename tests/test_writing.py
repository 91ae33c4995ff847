"""Writing: all of the new text or none of it, and no litter."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from modlint.writing import NotWritten, write_atomically

OLD, NEW = b"old\n", b"new\r\n\xff"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "m.py"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def _is_untouched(path: Path) -> bool:
    return path.read_bytes() == OLD and os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_the_new_bytes_take_the_place_of_the_old_and_the_mode_stays(
    module: Path, mode: int
) -> None:
    module.chmod(mode)
    write_atomically(str(module), OLD, NEW)
    assert module.read_bytes() == NEW
    assert stat.S_IMODE(module.stat().st_mode) == mode
    assert os.listdir(module.parent) == ["m.py"]


def test_a_path_without_a_folder(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(module.parent)
    write_atomically("m.py", OLD, NEW)
    assert module.read_bytes() == NEW


def test_a_file_changed_meanwhile_is_kept(module: Path) -> None:
    module.write_bytes(b"changed\n")
    with pytest.raises(NotWritten, match="was changed by another program meanwhile"):
        write_atomically(str(module), OLD, NEW)
    assert module.read_bytes() == b"changed\n"
    assert os.listdir(module.parent) == ["m.py"]


def test_a_file_that_went_away_meanwhile(module: Path) -> None:
    module.unlink()
    with pytest.raises(NotWritten, match="no such file"):
        write_atomically(str(module), OLD, NEW)
    assert os.listdir(module.parent) == []


def test_a_folder_in_its_place(module: Path) -> None:
    module.unlink()
    module.mkdir()
    with pytest.raises(NotWritten):
        write_atomically(str(module), OLD, NEW)
    assert os.listdir(module.parent) == ["m.py"]


def test_a_read_only_file(module: Path) -> None:
    module.chmod(0o444)
    with pytest.raises(NotWritten, match="is read-only"):
        write_atomically(str(module), OLD, NEW)
    assert _is_untouched(module)


def test_a_read_only_folder(module: Path) -> None:
    module.parent.chmod(0o555)
    try:
        with pytest.raises(NotWritten, match="read-only folder"):
            write_atomically(str(module), OLD, NEW)
        assert _is_untouched(module)
    finally:
        module.parent.chmod(0o755)


def test_a_link_is_not_replaced_by_a_file(module: Path) -> None:
    link = module.parent.parent / "link.py"
    link.symlink_to(module)
    with pytest.raises(NotWritten, match="is a link"):
        write_atomically(str(link), OLD, NEW)
    assert link.is_symlink()
    assert _is_untouched(module)


@pytest.mark.parametrize("call", ["replace", "fsync", "chmod", "open"])
def test_a_failure_of_the_system_leaves_the_file_and_no_litter(
    module: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(NotWritten, match="cannot be written: no space left on device"):
        write_atomically(str(module), OLD, NEW)
    monkeypatch.undo()
    assert _is_untouched(module)


def test_an_interruption_leaves_the_file_and_no_litter(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(str(module), OLD, NEW)
    monkeypatch.undo()
    assert _is_untouched(module)


def test_a_change_while_the_new_text_is_written_is_seen(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def meanwhile(handle: int) -> None:
        sync(handle)
        module.write_bytes(b"mine\n")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(NotWritten, match="meanwhile"):
        write_atomically(str(module), OLD, NEW)
    assert module.read_bytes() == b"mine\n"
    assert os.listdir(module.parent) == ["m.py"]


def test_a_folder_that_cannot_be_synced_is_no_failure(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, calls = os.fsync, []

    def only_files(handle: int) -> None:
        calls.append(handle)
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_atomically(str(module), OLD, NEW)
    assert module.read_bytes() == NEW
    assert len(calls) == 2
