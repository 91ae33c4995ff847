"""``--output-file``: all of the result in the file, a word on the terminal, nothing by halves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from modlint.cli.telling import FOR_READERS, FORMATS
from support import ROOT, Run

LOUD = '# %%\nprint("é🔥")\n'
SUMMARY = "Found 1 problem in 1 file. [*] 1 fixable with `modlint fix --apply`.\n"


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    path = tmp_path / "loud.py"
    path.write_text(LOUD, "utf-8")
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_the_file_has_what_would_be_shown(modlint: Run, loud: Path, name: str) -> None:
    shown = modlint("check", "loud.py", "--output-format", name)
    result = modlint("check", "loud.py", "--output-format", name, "-o", "out")
    assert (result.exit_code, result.stdout, result.stderr) == (1, SUMMARY, "")
    assert Path("out").read_text("utf-8") == shown.stdout


def test_quiet_means_nothing_on_the_terminal(modlint: Run, loud: Path) -> None:
    result = modlint("check", "loud.py", "-o", "out", "--quiet")
    assert (result.exit_code, result.output) == (1, "")
    for name in FOR_READERS:
        text = modlint("check", "loud.py", "--output-format", name, "--quiet").stdout
        assert text.rstrip("\n") + "\n" == text
    assert Path("out").read_text("utf-8").startswith("loud.py:2:1: IMP002")
    assert "Found" not in Path("out").read_text("utf-8")


def test_an_old_file_is_replaced_also_where_nothing_is_found(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("# %%\nX = 1\n")
    for name in FORMATS:
        Path("out").write_text("what was there")
        assert modlint("check", "clean.py", "--output-format", name, "-o", "out").exit_code == 0
        text = Path("out").read_text()
        assert "what was there" not in text
        assert text == modlint("check", "clean.py", "--output-format", name).stdout


def test_the_file_has_no_colour(modlint: Run, loud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for name in FORMATS:
        modlint("check", "loud.py", "--output-format", name, "-o", "out")
        assert "\x1b" not in Path("out").read_text("utf-8")


@pytest.mark.parametrize("name", FOR_READERS)
def test_what_could_not_be_checked_is_in_the_file(modlint: Run, loud: Path, name: str) -> None:
    result = modlint("check", "loud.py", "gone.py", "--output-format", name, "-o", "out")
    assert result.exit_code == 2
    assert result.stderr == "error: gone.py: no such file or folder\n"
    text = Path("out").read_text("utf-8")
    assert text.startswith("error: gone.py: no such file or folder\n")
    assert text.endswith("1 could not be checked.\n")


def test_a_run_without_modules_leaves_no_clean_file(modlint: Run, tmp_path: Path) -> None:
    result = modlint("check", ".", "-o", "out")
    assert result.exit_code == 2
    assert "no module files found" in Path("out").read_text()


@pytest.mark.parametrize("command", ["check", "verify", "report"])
def test_what_is_not_modlints_is_never_overwritten(modlint: Run, loud: Path, command: str) -> None:
    kept = {
        "loud.py": "is the name of a module",
        "others/m.py": "is the name of a module",
        "notes.ipynb": "is the name of a module",
        "link": "is the name of a module",
        "modlint.toml": "holds settings",
        "others/pyproject.toml": "holds settings",
        "base.json": "is a baseline",
    }
    Path("others").mkdir()
    Path("link").symlink_to("others/m.py")
    for name in kept:
        if name not in ("link", "loud.py"):
            Path(name).write_text("")
    Path("base.json").write_text('{"version": 1, "files": {}}')
    before = {name: Path(name).read_bytes() for name in kept}
    for name, why in kept.items():
        result = modlint(command, "loud.py", "--output-file", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert why in " ".join(result.stderr.split())
    assert {name: Path(name).read_bytes() for name in kept} == before
    assert Path("link").is_symlink()


def test_what_the_run_goes_by_is_never_overwritten(modlint: Run, loud: Path) -> None:
    """A baseline that cannot be read is one all the same."""
    Path("modlint.toml").write_text('baseline = "base.json"\n')
    Path("base.json").write_text("<<<<<<< ours\n")
    result = modlint("check", "loud.py", "-o", "base.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: base.json: was read by this run, not written" in result.stderr
    assert Path("base.json").read_text() == "<<<<<<< ours\n"


def test_a_file_that_cannot_be_written(modlint: Run, loud: Path) -> None:
    result = modlint("check", "loud.py", "-o", "gone/out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: gone/out: cannot be written: no such file or directory\n"


def test_a_stream_is_written_to(modlint: Run, loud: Path) -> None:
    assert modlint("check", "loud.py", "-o", "/dev/null").exit_code == 1


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize("command", ["check", "report"])
def test_standard_output_has_what_it_has_without_it(
    modlint: Run, loud: Path, command: str, name: str
) -> None:
    shown = modlint(command, "loud.py", "--output-format", "json")
    result = modlint(command, "loud.py", "--output-format", "json", "--output-file", name)
    assert (result.exit_code, result.stdout) == (shown.exit_code, shown.stdout)
    assert not Path("-").exists()


@pytest.mark.parametrize("name", ["/dev/stderr", "/dev/fd/2", "link"])
def test_the_file_behind_a_stream_is_gone_on_with(loud: Path, name: str) -> None:
    (loud.parent / "link").symlink_to("/dev/stderr")
    with (loud.parent / "log").open("w+") as log:
        log.write("before\n")
        log.flush()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "modlint",
                "check",
                "--kind",
                "module",
                "loud.py",
                "gone.py",
                "-o",
                name,
            ],
            cwd=loud.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stderr=log,
            check=False,
        )
        log.write("after\n")
    lines = (loud.parent / "log").read_text("utf-8").splitlines()
    assert lines[:2] == ["before", "error: gone.py: no such file or folder"]
    assert any(line.startswith("loud.py:2:1: IMP002") for line in lines)
    assert lines[-1] == "after"


def test_a_process_of_the_shell_reads_it(loud: Path) -> None:
    result = subprocess.run(
        [
            "bash",
            "-c",
            f"{sys.executable} -m modlint check --kind module loud.py -q -o >(cat >&2) | cat",
        ],
        cwd=loud.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr[:20]) == ("", "loud.py:2:1: IMP002 ")


def test_verify_writes_files_too(modlint: Run, loud: Path) -> None:
    result = modlint("verify", "loud.py", "--output-format", "junit", "-o", "out.xml")
    assert (result.exit_code, result.stdout) == (1, "Found 1 problem in 1 file.\n")
    assert 'failures="1"' in Path("out.xml").read_text("utf-8")


def test_statistics_are_for_readers_and_json(modlint: Run, loud: Path) -> None:
    for options in (["--output-format", "sarif"], ["-o", "out"]):
        result = modlint("check", "loud.py", "--statistics", *options)
        assert (result.exit_code, Path("out").exists()) == (2, False)
        assert "`--statistics` is written as text or as json" in result.stderr
    text = modlint("check", "loud.py", "--statistics", "--output-format", "grouped").stdout
    assert click.unstyle(text).startswith("1  IMP002")
