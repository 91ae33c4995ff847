"""``modlint check``: output, formats, selection, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import REFERENCE, Run

FAULTY = '# %%\ndef test_x():\n    pass\n\ntest_x()\nprint("hi")\n'
CLEAN = '# %%\nX = 1\n\nif __name__ == "__main__":\n    print(X)\n'


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.py"
    path.write_text(FAULTY)
    return path


def test_diagnostics_go_to_stdout_one_a_line_with_a_summary(modlint: Run, faulty: Path) -> None:
    result = modlint("check", "faulty.py")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "faulty.py:2:1: NBG001 [*] test_x is not graded: its cell has no test metadata",
        "faulty.py:5:1: IMP001 [*] test_x() runs on import",
        "faulty.py:6:1: IMP002 [*] print() runs on import",
        "Found 3 problems in 1 file. [*] 3 fixable with `modlint fix --apply`.",
    ]


def test_a_clean_module_exits_0(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    result = modlint("check", "clean.py")
    assert (result.exit_code, result.stdout) == (0, "All checks passed in 1 file.\n")


def test_no_path_means_the_current_folder(modlint: Run, faulty: Path) -> None:
    assert "faulty.py:5:1: IMP001" in modlint("check").stdout


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--select", "IMP"], ["IMP001", "IMP002"]),
        (["--select", "IMP", "--ignore", "IMP002"], ["IMP001"]),
        (["--ignore", "IMP", "--select", "IMP002"], ["IMP002"]),
        (["--select", "imp001,NBG001"], ["NBG001", "IMP001"]),
        (["--ignore", "IMP,NBG"], []),
    ],
)
def test_selection(modlint: Run, faulty: Path, options: list[str], codes: list[str]) -> None:
    result = modlint("check", faulty, "--output-format", "json", *options)
    assert [d["code"] for d in json.loads(result.stdout)] == codes
    assert result.exit_code == bool(codes)


def test_an_unknown_code_is_a_usage_error(modlint: Run, faulty: Path) -> None:
    result = modlint("check", faulty, "--select", "XYZ")
    assert result.exit_code == 2
    assert "no rule begins with 'XYZ'" in result.stderr


def test_json_has_the_keys_of_ruff(modlint: Run, faulty: Path) -> None:
    result = modlint("check", "faulty.py", "--output-format", "json", "--select", "IMP001")
    assert json.loads(result.stdout) == [
        {
            "filename": "faulty.py",
            "cell": 1,
            "code": "IMP001",
            "name": "unguarded-test-call",
            "message": "test_x() runs on import",
            "severity": "error",
            "location": {"row": 5, "column": 1},
            "end_location": {"row": 5, "column": 9},
            "fix": {
                "applicability": "safe",
                "message": 'Put under `if __name__ == "__main__":`',
                "edits": [
                    {
                        "content": 'if __name__ == "__main__":\n    test_x()\n    print("hi")\n',
                        "location": {"row": 5, "column": 1},
                        "end_location": {"row": 7, "column": 1},
                    }
                ],
            },
            "url": None,
        }
    ]


def test_json_edits_make_the_fixed_file(modlint: Run, reference: Path) -> None:
    entries = json.loads(modlint("check", reference, "--output-format", "json").stdout)
    lines = reference.read_text("utf-8").splitlines(keepends=True)
    printed = next(e for e in entries if e["code"] == "IMP002")
    for edit in reversed(printed["fix"]["edits"]):
        start, end = edit["location"]["row"] - 1, edit["end_location"]["row"] - 1
        lines[start:end] = [edit["content"]]
    guard = lines[76].splitlines()[0]
    assert guard == 'if __name__ == "__main__":'


def test_json_of_nothing_is_an_empty_list(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    result = modlint("check", "clean.py", "--output-format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_plain_python_file_has_no_cell_number(modlint: Run) -> None:
    result = modlint("check", "-", "--output-format", "json", stdin="print(1)\n")
    assert json.loads(result.stdout)[0]["cell"] is None


def test_stdin_takes_the_given_name(modlint: Run) -> None:
    result = modlint("check", "-", "--stdin-filename", "m.py", stdin=FAULTY)
    assert result.stdout.startswith("m.py:2:1: NBG001")


def test_stdin_stands_alone(modlint: Run, faulty: Path) -> None:
    assert modlint("check", "-", faulty, stdin="").exit_code == 2


def test_colour_only_where_it_is_wanted(
    modlint: Run, faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in modlint("check", faulty).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in modlint("check", faulty).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in modlint("check", faulty).stdout


def test_check_runs_no_code_of_the_module(modlint: Run, tmp_path: Path) -> None:
    canary = tmp_path / "sung"
    text = f"# %%\nopen({str(canary)!r}, 'w').close()\n"
    (tmp_path / "bird.py").write_text(text)
    assert modlint("check", "bird.py").exit_code == 1
    assert modlint("fix", "bird.py", "--apply").exit_code in (0, 1)
    assert not canary.exists()


def test_the_reference_module_summary(modlint: Run) -> None:
    last = modlint("check", REFERENCE).stdout.splitlines()[-1]
    assert last.startswith("Found 28 problems in 1 file. [*] 23 fixable with")


@pytest.mark.parametrize(
    "arguments", [["-h"], ["check", "-h"], ["fix", "-h"], ["verify", "-h"], ["rule", "-h"]]
)
def test_help(modlint: Run, arguments: list[str]) -> None:
    result = modlint(*arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_version(modlint: Run) -> None:
    assert modlint("--version").stdout == "modlint, version 0.1.0\n"


def test_shell_completion_offers_commands(modlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    from modlint.cli import main

    offered = ShellComplete(main, {}, "modlint", "_MODLINT_COMPLETE").get_completions([], "")
    assert {"check", "fix", "verify", "rule"} <= {item.value for item in offered}


def test_a_cell_that_no_rule_can_read_is_clean_to_none(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nx = (\n")
    for choice in (["--select", "IMP"], ["--select", "SIG001"], ["--select", "CEL001"]):
        result = modlint("check", *choice, "m.py")
        assert result.exit_code == 1
        assert "m.py:2:5: CEL008 " in result.stdout
    for choice in (["--ignore", "CEL"], ["--select", "IMP", "--ignore", "CEL008"]):
        assert modlint("check", *choice, "m.py").exit_code == 0
