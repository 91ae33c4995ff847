"""A result is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modlint.writing import NotWritten, write_whole


def test_a_new_file_gets_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "new"), b"text")
    (tmp_path / "other").write_bytes(b"")
    new, other = (tmp_path / name for name in ("new", "other"))
    assert new.read_bytes() == b"text"
    assert new.stat().st_mode == other.stat().st_mode


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_whole(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(str(pipe), b"text")
        assert os.read(reader, 10) == b"text"
    finally:
        os.close(reader)


def test_what_cannot_be_written_stays_without_litter(tmp_path: Path) -> None:
    (tmp_path / "locked").write_bytes(b"old")
    (tmp_path / "locked").chmod(0o444)
    with pytest.raises(NotWritten, match="read-only"):
        write_whole(str(tmp_path / "locked"), b"new")
    with pytest.raises(NotWritten, match="no such file"):
        write_whole(str(tmp_path / "no" / "such"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["locked"]
    assert (tmp_path / "locked").read_bytes() == b"old"


def test_an_interruption_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(str(tmp_path / "file"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"
