"""``modlint fix``: the diff, what is written, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import Run

TEXT = '# %%\nprint("hi")\n'
FIXED = '# %%\nif __name__ == "__main__":\n    print("hi")\n'


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "m.py"
    path.write_text(TEXT)
    return path


def test_without_apply_a_diff_is_shown_and_nothing_is_written(modlint: Run, module: Path) -> None:
    result = modlint("fix", "m.py")
    assert result.exit_code == 1
    assert result.stdout == (
        "--- m.py\n"
        "+++ m.py\n"
        "@@ -1,2 +1,3 @@\n"
        " # %%\n"
        '-print("hi")\n'
        '+if __name__ == "__main__":\n'
        '+    print("hi")\n'
    )
    assert result.stderr == (
        "Would apply 1 fix in 1 file; write them with `modlint fix --apply`.\n"
    )
    assert module.read_text() == TEXT


def test_apply_writes_and_exits_0_when_nothing_is_left(modlint: Run, module: Path) -> None:
    result = modlint("fix", "--apply", "m.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Applied 1 fix in 1 file.\n"
    assert module.read_text() == FIXED


def test_apply_tells_what_is_left_and_exits_1(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\ndef enable():\n    global on\n    on = 1\n\nenable()\n")
    result = modlint("fix", "--apply", "m.py")
    assert result.exit_code == 1
    assert result.stdout == "m.py:6:1: IMP003 [-] enable() runs on import; it changes on\n"
    assert result.stderr == ("Nothing to fix. 1 problem left, 1 fixable with `--unsafe-fixes`.\n")


def test_one_fix_for_several_problems_is_told_with_their_number(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.py").write_text("# %%\nprint('a')\nprint('b')\n")
    assert "Found 2 problems in 1 file. [*] 2 fixable" in modlint("check", "m.py").stdout
    result = modlint("fix", "--apply", "m.py")
    assert result.stderr == "Applied 1 fix in 1 file for 2 problems.\n"


def test_what_could_not_be_written_is_not_called_nothing_to_fix(modlint: Run, module: Path) -> None:
    module.with_name("other.py").hardlink_to(module)
    result = modlint("fix", "--apply", "m.py")
    assert result.exit_code == 2
    assert result.stderr.endswith("1 file was not fixed. 1 problem left.\n")


def test_unsafe_fixes_are_applied_when_asked_for(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("# %%\ndef enable():\n    global on\n    on = 1\n\nenable()\n")
    assert modlint("fix", "--apply", "--unsafe-fixes", "m.py").exit_code == 0
    assert path.read_text().endswith('if __name__ == "__main__":\n    enable()\n')


def test_a_clean_file_is_not_touched(modlint: Run, module: Path) -> None:
    module.write_text(FIXED)
    before = module.stat().st_mtime_ns
    assert modlint("fix", "--apply", "m.py").exit_code == 0
    assert module.stat().st_mtime_ns == before


def test_stdin_is_fixed_to_stdout(modlint: Run) -> None:
    result = modlint("fix", "--apply", "-", stdin=TEXT)
    assert (result.exit_code, result.stdout) == (0, FIXED)


def test_stdin_that_cannot_be_fixed_comes_out_unchanged(modlint: Run) -> None:
    text = "# %%\nx = (\n"
    result = modlint("fix", "--apply", "-", stdin=text)
    assert (result.exit_code, result.stdout) == (1, text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), b"\xef\xbb\xbf" + FIXED.encode()),
        (TEXT.replace("\n", "\r\n").encode(), FIXED.replace("\n", "\r\n").encode()),
        (TEXT.rstrip("\n").encode(), FIXED.rstrip("\n").encode()),
        (
            b'# -*- coding: latin-1 -*-\n# %%\nprint("\xe9")\n',
            b'# -*- coding: latin-1 -*-\n# %%\nif __name__ == "__main__":\n    print("\xe9")\n',
        ),
    ],
    ids=["byte order mark", "CRLF", "no final newline", "latin-1"],
)
def test_bytes_outside_the_fix_stay(
    modlint: Run, module: Path, before: bytes, after: bytes
) -> None:
    module.write_bytes(before)
    modlint("fix", "--apply", "m.py")
    assert module.read_bytes() == after


def test_ways_out_are_shown_as_diffs(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\ndef f(x) -> None:\n    x.append(1)\n\n# %%\ndef f(x) -> int:\n    return 1\n"
    )
    result = modlint("fix", "m.py")
    assert result.exit_code == 0  # no fix that could be applied
    assert "1. Keep both" in result.stdout
    assert "-def f(x) -> int:" in result.stdout
    assert "+def f(x) -> None:" in result.stdout


def test_quiet_means_no_summary(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text('# %%\nprint("hi")\n')
    shown = modlint("fix", "m.py")
    quiet = modlint("fix", "-q", "m.py")
    assert shown.stderr.startswith("Would apply 1 fix")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (1, shown.stdout, "")
    applied = modlint("fix", "--apply", "--quiet", "m.py")
    assert (applied.exit_code, applied.output) == (0, "")
    assert "__main__" in (tmp_path / "m.py").read_text()
